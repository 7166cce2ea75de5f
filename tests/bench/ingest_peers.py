"""Reads the same files with peil and with its peers, all columns as text, and prints one table: ingest_peers.py PROGRAMS FOLDER [csv|parquet|xlsx …]

Three kinds of work: a CSV read (`csv`), a CSV written to Parquet (`parquet`, zstd), a workbook read (`xlsx`). "In batches" lets go of every
batch; "whole" keeps all of it; "records" cuts each record into its fields and makes no columns. Every reading is a process of its own, bound to
one or two cores. Wall and CPU seconds are those of the reading alone, without the start of the interpreter (for `peil run` of the whole process);
memory is the peak of the whole process. Of RUNS readings (3 without that variable) the fastest counts, openpyxl reads once.
"""

import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time


def duckdb_query(path, cores):
    import duckdb

    duckdb.sql(f"SET threads TO {cores}")
    duckdb.sql("SET enable_progress_bar TO false")
    return f"SELECT * FROM read_csv('{path}', delim=';', quote='\"', header=true, all_varchar=true)"


def pyarrow_options(path, cores):
    import pyarrow
    from pyarrow import csv

    pyarrow.set_cpu_count(cores)
    with open(path, encoding="utf-8") as file:
        names = file.readline().strip().split(";")
    convert = csv.ConvertOptions(column_types={name: pyarrow.string() for name in names})
    return {"parse_options": csv.ParseOptions(delimiter=";", newlines_in_values=True), "convert_options": convert}


def polars_csv(path, cores):
    import polars

    return lambda: polars.read_csv(path, separator=";", infer_schema=False).height


def polars_batches(path, cores):
    import polars

    scan = polars.scan_csv(path, separator=";", infer_schema=False)
    return lambda: sum(batch.height for batch in scan.collect_batches(chunk_size=8192))


def polars_parquet(path, cores):
    import polars

    to = f"{path}.polars.parquet"

    def write():
        polars.scan_csv(path, separator=";", infer_schema=False).sink_parquet(to, compression="zstd", compression_level=1)
        return rows_of(to)

    return write


def duckdb_csv(path, cores):
    import duckdb

    query = duckdb_query(path, cores)
    return lambda: duckdb.sql(query).to_arrow_table().num_rows


def duckdb_batches(path, cores):
    import duckdb

    query = duckdb_query(path, cores)
    return lambda: sum(batch.num_rows for batch in duckdb.sql(query).to_arrow_reader(8192))


def duckdb_parquet(path, cores):
    import duckdb

    query, to = duckdb_query(path, cores), f"{path}.duckdb.parquet"

    def write():
        duckdb.sql("SET preserve_insertion_order TO true")
        duckdb.sql(f"COPY ({query}) TO '{to}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
        return rows_of(to)

    return write


def pyarrow_csv(path, cores):
    from pyarrow import csv

    options = pyarrow_options(path, cores)
    return lambda: csv.read_csv(path, **options).num_rows


def pyarrow_batches(path, cores):
    from pyarrow import csv

    options = pyarrow_options(path, cores)
    return lambda: sum(batch.num_rows for batch in csv.open_csv(path, **options))


def pyarrow_parquet(path, cores):
    from pyarrow import csv, parquet

    options, to = pyarrow_options(path, cores), f"{path}.pyarrow.parquet"

    def write():
        reader = csv.open_csv(path, **options)
        with parquet.ParquetWriter(to, reader.schema, compression="zstd", compression_level=1) as writer:
            for batch in reader:
                writer.write_batch(batch)
        return rows_of(to)

    return write


def rows_of(path):
    from pyarrow import parquet

    return parquet.read_metadata(path).num_rows


def calamine_xlsx(path, cores):
    from python_calamine import CalamineWorkbook

    return lambda: sum(1 for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())


def fastexcel_xlsx(path, cores):
    import fastexcel

    return lambda: fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_arrow().num_rows


def polars_xlsx(path, cores):
    import polars

    return lambda: polars.read_excel(path, engine="calamine", infer_schema_length=0).height


def openpyxl_xlsx(path, cores):
    import openpyxl

    return lambda: sum(1 for _ in openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True))


# A text is a program of ours beside the folder, with its last argument.
# Not read in Python: the crate itself, by our own example.
EXAMPLE = "example"
PEERS = {
    "csv": {
        "Polars, whole": polars_csv,
        "DuckDB, whole": duckdb_csv,
        "pyarrow, whole": pyarrow_csv,
        "arrow-csv, whole": "whole",
        "Polars, in batches": polars_batches,
        "DuckDB, in batches": duckdb_batches,
        "pyarrow, in batches": pyarrow_batches,
        "arrow-csv, in batches": "batches",
        "simd-csv, records": "records",
    },
    "parquet": {"Polars": polars_parquet, "DuckDB": duckdb_parquet, "pyarrow": pyarrow_parquet},
    "xlsx": {"calamine, streaming": EXAMPLE, "python-calamine": calamine_xlsx, "fastexcel": fastexcel_xlsx, "Polars": polars_xlsx, "openpyxl": openpyxl_xlsx},
}
ONCE = {"openpyxl"}
# It does less than the others: listed, and not taken for the fastest.
WITHOUT_COLUMNS = {"simd-csv, records"}
# python-calamine and openpyxl count the header too.
WITH_HEADER = {"python-calamine", "openpyxl"}


def read_here(kind, name, path, cores):
    """In a process of its own: one peer in Python."""
    reading = PEERS[kind][name](path, cores)
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    rows = reading()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "rows": rows}))


def measure(command, cores):
    """Wall, CPU, rows as the process says, else as the kernel says; its peak memory in MB as the kernel says."""
    bound = ["taskset", "--cpu-list", f"0-{cores - 1}"]
    threads = {name: str(cores) for name in ["RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS"]}
    start = time.perf_counter()
    process = subprocess.Popen(bound + command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | threads, text=True)
    with process.stdout:
        said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: ended with {process.returncode}")
    of_all = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rows": None}
    return of_all | (json.loads(said) if said else {}) | {"memory": usage.ru_maxrss / 1024}


def best(command, cores, runs, before=lambda: None):
    measured = []
    for _ in range(runs):
        before()
        measured.append(measure(command, cores))
    rows = {run["rows"] for run in measured}
    return {key: min(run[key] for run in measured) for key in ["wall", "cpu", "memory"]} | {"rows": rows}


def survey(folder, path):
    """A survey of one delivery, for `peil run --until ingest`."""
    root = pathlib.Path(__file__).resolve().parents[2]
    survey = pathlib.Path(folder) / "survey"
    shutil.rmtree(survey, ignore_errors=True)
    shutil.copytree(root / "tests/base", survey)
    shutil.copytree(root / "config/exports", survey / "config/exports")
    # Its questions are those of the file: headers are looked for by the columns that the codebook names.
    items = survey / "config/codebook/items.csv"
    items.write_text(re.sub(r",V(\d),", r",q\1,", items.read_text()).replace(",respnr,", ",id,"))
    text = (survey / "pipeline.toml").read_text().split("[[delivery]]")
    delivery = text[1].replace("input/gp_2024.csv", os.path.abspath(path))
    (survey / "pipeline.toml").write_text(f"{text[0]}[limits]\nmemory_mib = 256\n\n[[delivery]]{delivery}")
    return survey


def ours_of(kind, programs, folder, path, cores, runs):
    example = [f"{programs}/examples/bench_ingest", folder, kind]
    if kind != "parquet":
        return {f"peil, {how}": best(example + [what], cores, runs) for how, what in [("in batches", "batches"), ("whole", "whole")]}
    project = survey(folder, path)
    command = [f"{programs}/peil", "run", f"{project}/pipeline.toml", "--until", "ingest", "--threads", str(cores)]
    return {"peil run --until ingest": best(command, cores, runs, lambda: shutil.rmtree(project / "store", ignore_errors=True))}


def main():
    if sys.argv[1] == "--one":
        return read_here(*sys.argv[2:5], int(sys.argv[5]))
    programs, folder, *kinds = sys.argv[1:]
    runs = int(os.environ.get("RUNS", "3"))
    lines, summary = [], []
    for kind in kinds or list(PEERS):
        file = "xlsx" if kind == "xlsx" else "csv"
        path = f"{folder}/bench.{file}"
        subprocess.run([f"{programs}/examples/bench_ingest", folder, file, "write"], check=True)
        for cores in [1, 2]:
            found = {}
            for name, peer in PEERS[kind].items():
                if peer is EXAMPLE:
                    command = [f"{programs}/examples/bench_ingest", folder, kind, "calamine"]
                elif isinstance(peer, str):
                    command = [f"{folder}/../csv-peers/release/csv-peers", path, peer]
                else:
                    command = [sys.executable, __file__, "--one", kind, name, path, str(cores)]
                found[name] = best(command, cores, 1 if name in ONCE else runs)
            ours = ours_of(kind, programs, folder, path, cores, runs)
            with_columns = [peer for name, peer in found.items() if name not in WITHOUT_COLUMNS]
            fastest = {key: min(peer[key] for peer in with_columns) for key in ["wall", "cpu"]}
            rows = {row - (name in WITH_HEADER) for name, peer in (ours | found).items() for row in peer["rows"] if row is not None}
            if len(rows) != 1:
                raise SystemExit(f"{kind}: the readers do not agree on the number of rows")
            for name, one in (ours | found).items():
                lines.append(
                    f"| {kind} | {cores} | {name} | {one['wall']:.2f} | {one['cpu']:.2f} | {one['memory']:,.0f} "
                    f"| {fastest['wall'] / one['wall']:.2f} | {fastest['cpu'] / one['cpu']:.2f} |"
                )
                print(lines[-1], file=sys.stderr, flush=True)
            for name, one in ours.items():
                summary.append(
                    f"{kind}, {cores} core{'s' if cores > 1 else ''}: {name} is {fastest['wall'] / one['wall']:.2f} × as fast as the fastest peer "
                    f"({fastest['cpu'] / one['cpu']:.2f} × by CPU seconds)"
                )
    print("\n| work | cores | reader | wall s | CPU s | peak MB | × fastest peer, wall | CPU |\n|---|---|---|---|---|---|---|---|")
    print("\n".join(lines + [""] + summary))


if __name__ == "__main__":
    main()

"""Reads the same files with peil and with its peers, all columns as text, and prints one table: ingest_peers.py PROGRAMS FOLDER [csv|xlsx …]

Every reading is a process of its own, bound to one or two cores. Wall and CPU seconds are those of the reading alone, without the start of the
interpreter; memory is the peak of the whole process. Of RUNS readings (3 without that variable) the fastest counts, openpyxl reads once.
"""

import json
import os
import resource
import subprocess
import sys
import time


def polars_csv(path, cores):
    import polars

    return lambda: polars.read_csv(path, separator=";", infer_schema=False).height


def duckdb_csv(path, cores):
    import duckdb

    duckdb.sql(f"SET threads TO {cores}")
    query = f"SELECT * FROM read_csv('{path}', delim=';', quote='\"', header=true, all_varchar=true)"
    return lambda: duckdb.sql(query).to_arrow_table().num_rows


def pyarrow_csv(path, cores):
    import pyarrow
    from pyarrow import csv

    pyarrow.set_cpu_count(cores)
    with open(path, encoding="utf-8") as file:
        names = file.readline().strip().split(";")
    convert = csv.ConvertOptions(column_types={name: pyarrow.string() for name in names})
    parse = csv.ParseOptions(delimiter=";", newlines_in_values=True)
    return lambda: csv.read_csv(path, parse_options=parse, convert_options=convert).num_rows


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


PEERS = {
    "csv": {"Polars": polars_csv, "DuckDB": duckdb_csv, "pyarrow": pyarrow_csv, "arrow-csv": "arrow-csv/release/arrow-csv-peer"},
    "xlsx": {"python-calamine": calamine_xlsx, "fastexcel": fastexcel_xlsx, "Polars": polars_xlsx, "openpyxl": openpyxl_xlsx},
}
ONCE = {"openpyxl"}


def read_here(kind, name, path, cores):
    """In a process of its own: one peer in Python."""
    reading = PEERS[kind][name](path, cores)
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    rows = reading()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "rows": rows}))


def measure(command, cores):
    """Wall, CPU, rows as the process says; its peak memory in MB as the kernel says."""
    bound = ["taskset", "--cpu-list", f"0-{cores - 1}"]
    threads = {name: str(cores) for name in ["RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS"]}
    process = subprocess.Popen(bound + command, stdout=subprocess.PIPE, env=os.environ | threads, text=True)
    with process.stdout:
        said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: ended with {process.returncode}")
    return json.loads(said) | {"memory": usage.ru_maxrss / 1024}


def best(command, cores, runs):
    measured = [measure(command, cores) for _ in range(runs)]
    rows = {run["rows"] for run in measured}
    return {key: min(run[key] for run in measured) for key in ["wall", "cpu", "memory"]} | {"rows": rows}


def main():
    if sys.argv[1] == "--one":
        return read_here(*sys.argv[2:5], int(sys.argv[5]))
    programs, folder, *kinds = sys.argv[1:]
    runs = int(os.environ.get("RUNS", "3"))
    lines, summary = [], []
    for kind in kinds or list(PEERS):
        path = f"{folder}/bench.{kind}"
        example = f"{programs}/examples/bench_ingest"
        subprocess.run([example, folder, kind, "write"], check=True)
        for cores in [1, 2]:
            found = {}
            for name, peer in PEERS[kind].items():
                if isinstance(peer, str):
                    command = [f"{folder}/../{peer}", path]
                else:
                    command = [sys.executable, __file__, "--one", kind, name, path, str(cores)]
                found[name] = best(command, cores, 1 if name in ONCE else runs)
            ours = {
                "peil": best([example, folder, kind, "whole"], cores, runs),
                "peil, in batches": best([example, folder, kind, "batches"], cores, runs),
            }
            fastest = {key: min(peer[key] for peer in found.values()) for key in ["wall", "cpu"]}
            rows = {next(iter(peer["rows"])) for peer in ours.values()}
            # python-calamine and openpyxl count the header too.
            if len(rows) != 1 or any(not peer["rows"] <= rows | {max(rows) + 1} for peer in found.values()):
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
    print("\n| file | cores | reader | wall s | CPU s | peak MB | × fastest peer, wall | CPU |\n|---|---|---|---|---|---|---|---|")
    print("\n".join(lines + [""] + summary))


if __name__ == "__main__":
    main()

"""Times other readers on the files that `bench_ingest` made, all columns as text: ingest_peers.py FOLDER csv|xlsx [PEER …]

Each peer runs in a process of its own, so that CPU seconds and peak memory are its own.
"""

import resource
import subprocess
import sys
import time


def polars_csv(path):
    import polars

    return polars.read_csv(path, separator=";", infer_schema=False).height


def duckdb_csv(path):
    import duckdb

    query = f"select * from read_csv('{path}', delim=';', quote='\"', header=true, all_varchar=true)"
    return duckdb.sql(query).to_arrow_table().num_rows


def pyarrow_csv(path):
    import pyarrow
    from pyarrow import csv

    with open(path, encoding="utf-8") as file:
        names = file.readline().strip().split(";")
    convert = csv.ConvertOptions(column_types={name: pyarrow.string() for name in names})
    parse = csv.ParseOptions(delimiter=";", newlines_in_values=True)
    return csv.read_csv(path, parse_options=parse, convert_options=convert).num_rows


def calamine_xlsx(path):
    from python_calamine import CalamineWorkbook

    return sum(1 for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())


def fastexcel_xlsx(path):
    import fastexcel

    return fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_arrow().num_rows


def polars_xlsx(path):
    import polars

    return polars.read_excel(path, engine="calamine", infer_schema_length=0).height


def openpyxl_xlsx(path):
    import openpyxl

    return sum(1 for _ in openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True))


PEERS = {
    "csv": [polars_csv, duckdb_csv, pyarrow_csv],
    "xlsx": [calamine_xlsx, fastexcel_xlsx, polars_xlsx, openpyxl_xlsx],
}


def main():
    folder, kind, *names = sys.argv[1:]
    if names[:1] == ["--one"]:
        peer = next(peer for peer in PEERS[kind] if peer.__name__ == names[1])
        start = time.perf_counter()
        rows = peer(f"{folder}/bench.{kind}")
        wall = time.perf_counter() - start
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu = usage.ru_utime + usage.ru_stime
        print(f"{peer.__name__}: {wall:.2f} s wall, {cpu:.2f} s CPU, {usage.ru_maxrss / 1024:.0f} MB, {rows} rows")
        return
    for peer in PEERS[kind]:
        if not names or peer.__name__ in names:
            subprocess.run([sys.executable, __file__, folder, kind, "--one", peer.__name__], check=False)


if __name__ == "__main__":
    main()

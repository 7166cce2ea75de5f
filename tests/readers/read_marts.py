"""Opens every mart of a release with DuckDB, Polars, pandas and pyarrow; types, labels and row counts must agree."""

import json
import sys
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet

release = Path(sys.argv[1])
manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
rows_said = {entry["path"]: entry["rows"] for entry in manifest["files"] if entry["path"].endswith(".parquet")}
problems = []

# What a column is for people, whatever the reader calls it.
KINDS = {
    "duckdb": {"VARCHAR": "text", "BIGINT": "integer", "INTEGER": "integer", "SMALLINT": "integer", "TINYINT": "integer", "DOUBLE": "number", "BOOLEAN": "bool", "DOUBLE[]": "numbers", "DATE": "date"},
    "polars": {"String": "text", "Int64": "integer", "Int32": "integer", "Int16": "integer", "Int8": "integer", "Float64": "number", "Boolean": "bool", "List(Float64)": "numbers", "Date": "date"},
    "pyarrow": {"string": "text", "int64": "integer", "int32": "integer", "int16": "integer", "int8": "integer", "double": "number", "bool": "bool", "list<element: double not null>": "numbers", "date32[day]": "date"},
}


def kinds(reader, types):
    return {name: KINDS[reader].get(str(found), f"unexpected {found}") for name, found in types.items()}


def check(path):
    name = path.relative_to(release).as_posix()
    source = f"read_parquet('{path}')"
    described = duckdb.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    frame = polars.read_parquet(path)
    table = pyarrow.parquet.read_table(path)
    wide = pandas.read_parquet(path)
    columns = {
        "duckdb": kinds("duckdb", {row[0]: row[1] for row in described}),
        "polars": kinds("polars", frame.schema),
        "pyarrow": kinds("pyarrow", {field.name: field.type for field in table.schema}),
    }
    if not columns["duckdb"] == columns["polars"] == columns["pyarrow"]:
        problems.append(f"{name}: readers see other columns or types: {columns}")
    for column, kind in columns["pyarrow"].items():
        if kind.startswith("unexpected"):
            problems.append(f"{name}: column {column} has the {kind}")
    counts = {duckdb.execute(f"SELECT count(*) FROM {source}").fetchone()[0], frame.height, table.num_rows, len(wide), rows_said.get(name)}
    if len(counts) != 1:
        problems.append(f"{name}: row counts differ: {counts}")
    if list(wide.columns) != table.column_names:
        problems.append(f"{name}: pandas sees other columns")
    if "run_id" not in table.column_names:
        problems.append(f"{name}: no run_id")
    # Labels must be the same text in every reader, accents included.
    for column in [column for column in table.column_names if column.startswith("label")]:
        texts = {
            "duckdb": sorted(str(value[0]) for value in duckdb.execute(f'SELECT DISTINCT "{column}" FROM {source}').fetchall()),
            "polars": sorted(str(value) for value in frame[column].unique().to_list()),
            "pyarrow": sorted(str(value) for value in set(table[column].to_pylist())),
        }
        if not texts["duckdb"] == texts["polars"] == texts["pyarrow"]:
            problems.append(f"{name}: labels in {column} differ between readers")
    for group in range(pyarrow.parquet.ParquetFile(path).metadata.num_row_groups):
        metadata = pyarrow.parquet.ParquetFile(path).metadata.row_group(group)
        for position in range(metadata.num_columns):
            encodings = set(metadata.column(position).encodings)
            if any("DELTA" in encoding for encoding in encodings):
                problems.append(f"{name}: DELTA encoding, which older BI readers cannot open")


paths = sorted(release.rglob("*.parquet"))
for path in paths:
    check(path)
if set(rows_said) != {path.relative_to(release).as_posix() for path in paths}:
    problems.append("the manifest does not name exactly the files that are there")
for problem in problems:
    print(problem)
print(f"{len(paths)} marts read by DuckDB, Polars, pandas and pyarrow, {len(problems)} problems")
sys.exit(1 if problems or not paths else 0)

"""Runs the SQL of config/marts in other engines over the public tables of a release; it must give what the release holds.

    check_sql_marts.py [--spark] RELEASE FOLDER_OF_MARTS

The release is what DataFusion made of the same SQL. Compared are the columns of the contract with their types, the order of the rows, and
every value; floating-point numbers bit by bit. DuckDB runs in this process. `--spark` adds Sail, an engine that speaks Spark's SQL over Spark
Connect, on the loopback address.
"""

import argparse
import json
import os
import sys
import tomllib
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet

TYPES = {"string": "text", "int32": "int32", "int64": "int64", "double": "float64", "bool": "boolean", "date32[day]": "date"}


class DuckDB:
    name = f"DuckDB {duckdb.__version__}"

    def table(self, name, path):
        duckdb.execute(f"CREATE VIEW {name} AS SELECT * EXCLUDE (run_id) FROM read_parquet('{path}')")

    def rows(self, sql):
        return duckdb.sql(sql).to_arrow_table()


class Sail:
    def __init__(self):
        os.environ.setdefault("RUST_LOG", "error")
        import pysail
        import pyspark
        from pysail.spark import SparkConnectServer
        from pyspark.sql import SparkSession

        self.name = f"Sail {pysail.__version__} (pyspark-client {pyspark.__version__})"
        self.server = SparkConnectServer("127.0.0.1", 0)
        self.server.start()
        host, port = self.server.listening_address
        assert host == "127.0.0.1", host
        self.spark = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()

    def table(self, name, path):
        self.spark.read.parquet(str(path)).drop("run_id").createOrReplaceTempView(name)

    def rows(self, sql):
        return self.spark.sql(sql).toArrow()


def columns(schema):
    def of(kind):
        if pyarrow.types.is_dictionary(kind):
            kind = kind.value_type
        if pyarrow.types.is_large_string(kind) or pyarrow.types.is_string_view(kind):
            return "text"
        return TYPES.get(str(kind), f"unexpected {kind}")

    return [(field.name, of(field.type)) for field in schema]


def difference(ours, theirs):
    """The first one; None where there is none. repr of a number tells every bit but those of NaN, and 0.0 from -0.0."""
    if columns(ours.schema) != columns(theirs.schema):
        found = [pair for pair in zip(columns(ours.schema), columns(theirs.schema)) if pair[0] != pair[1]]
        return f"columns: {found[0] if found else (len(ours.schema), len(theirs.schema))}"
    if ours.num_rows != theirs.num_rows:
        return f"{ours.num_rows} rows in the release, {theirs.num_rows} there"
    for name in ours.schema.names:
        pairs = zip(ours[name].to_pylist(), theirs[name].to_pylist())
        for row, (our, their) in enumerate(pairs):
            if repr(our) != repr(their):
                return f"row {row}, {name}: {our!r} in the release, {their!r} there"
    return None


arguments = argparse.ArgumentParser()
arguments.add_argument("--spark", action="store_true")
arguments.add_argument("release", type=Path)
arguments.add_argument("folder", type=Path)
arguments = arguments.parse_args()
release = arguments.release.resolve()

tables = sorted((release / "public").glob("*.parquet"))
marts = sorted(arguments.folder.glob("*.sql"))
engines = [DuckDB()] + ([Sail()] if arguments.spark else [])
problems = values = 0
for engine in engines:
    for path in tables:
        engine.table(path.stem, path)
for mart in marts:
    ours = pyarrow.parquet.read_table(release / "public" / f"{mart.stem}.parquet").drop_columns("run_id")
    contract = tomllib.loads(mart.with_suffix(".toml").read_text(encoding="utf-8"))
    promised = [(column["name"], column["type"]) for column in contract["columns"]]
    if columns(ours.schema) != promised:
        print(f"{mart.stem}: the release does not have the columns of the contract")
        problems += 1
    for engine in engines:
        try:
            theirs = engine.rows(mart.read_text(encoding="utf-8"))
            if contract.get("leaves_out_others"):
                theirs = theirs.select([name for name, _ in promised])
            found = difference(ours, theirs)
        except Exception as error:  # whatever an engine says, it did not run the mart
            found = str(error).strip().split("\n")[0]
        said = f"DIFFERENT: {found}" if found else "equal"
        print(f"{mart.stem}: {engine.name}: {ours.num_rows} rows, {ours.num_columns} columns: {said}")
        problems += found is not None
        values += 0 if found else ours.num_rows * ours.num_columns

manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
names = " and ".join(engine.name for engine in engines)
print(
    f"compared with release {manifest['release']}, which DataFusion made: columns, types, order of rows and {values:,} values;"
    f" {len(marts)} SQL marts over {len(tables)} tables in {names}: {problems} problems"
)
sys.exit(1 if problems or not marts else 0)

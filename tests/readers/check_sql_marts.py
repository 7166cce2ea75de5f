"""Runs the SQL of config/marts in DuckDB over the public tables of a release; it must give what the release holds.

    check_sql_marts.py RELEASE FOLDER_OF_MARTS
"""

import sys
import tomllib
from pathlib import Path

import duckdb

release, folder = Path(sys.argv[1]), Path(sys.argv[2])
for path in sorted((release / "public").glob("*.parquet")):
    duckdb.execute(f"CREATE VIEW {path.stem} AS SELECT * EXCLUDE (run_id) FROM read_parquet('{path}')")

problems = []
marts = sorted(folder.glob("*.sql"))
for path in marts:
    contract = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    columns = ", ".join(f'"{column["name"]}"' for column in contract["columns"])
    ours = duckdb.sql(f"SELECT {columns} FROM {path.stem} ORDER BY ALL").fetchall()
    theirs = duckdb.sql(f"SELECT {columns} FROM ({path.read_text(encoding='utf-8')}) ORDER BY ALL").fetchall()
    if ours != theirs:
        first = next((pair for pair in zip(ours, theirs) if pair[0] != pair[1]), (len(ours), len(theirs)))
        problems.append(f"{path.stem}: {len(ours)} rows here, {len(theirs)} in DuckDB; first difference: {first}")
for problem in problems:
    print(problem)
print(f"{len(marts)} SQL marts, {len(problems)} problems")
sys.exit(1 if problems or not marts else 0)

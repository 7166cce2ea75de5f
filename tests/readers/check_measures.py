"""Asks the measures of an exported model for every figure of the figure marts, by SQL over the same marts.

usage: check_measures.py RELEASE MODEL [--malloy]

Without --malloy the measures are those of measures.sql; with it those that the Malloy model compiles to.
"""

import asyncio
import pathlib
import sys

import duckdb

release, model = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
public = release / "public"
connection = duckdb.connect()
KEYS = ("indicator", "panel", "wave", "breakdown", "level")


def rows(query):
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def by_sql():
    connection.execute((model / "measures.sql").read_text())
    return rows("SELECT * FROM measures")


async def compiled(query):
    import malloy
    from absl import flags
    from malloy.data.duckdb import DuckDbConnection

    flags.FLAGS(["check_measures"])
    (source,) = model.glob("*.malloy")
    with malloy.Runtime() as runtime:
        runtime.add_connection(DuckDbConnection(home_dir=str(model)))
        runtime.load_source(source.read_text())
        sql = (await runtime.get_sql(query=query))[0]
    # Its service ends a little later.
    await asyncio.sleep(0.5)
    return sql


def by_malloy():
    keys = ", ".join(f"`{key}`" for key in KEYS)
    sql = asyncio.run(compiled(f"run: `estimate` -> {{ group_by: {keys} aggregate: figure, low, high, n_shown, `call` }}"))
    names = {"figure": "Figure", "low": "Low", "high": "High", "n_shown": "n", "call": "Call"}
    return [{names.get(name, name): value for name, value in row.items()} for row in rows(sql)]


measures = {tuple(row[key] for key in KEYS): row for row in (by_malloy() if "--malloy" in sys.argv else by_sql())}
problems, compared, marts = [], 0, []


def compare(mart, key, expected):
    global compared
    found = measures.get(key)
    for measure, value in expected.items():
        compared += 1
        if found is None or found[measure] != value:
            problems.append(f"{mart}, {key}: {measure} is {found and found[measure]!r}, expected {value!r}")


def narrow(mart, row):
    """One figure a row; where the row is about a difference, the interval is the difference's."""
    key = tuple(row.get(name, "total") for name in KEYS)
    expected = {"Figure": row["value"]}
    if "difference" not in row or "difference_ci_lower" in row:
        expected |= {"Low": row["ci_lower"], "High": row["ci_upper"]}
    if "n" in row:
        expected["n"] = row["n"]
    # Its own name says where a call is not against the wave before.
    if "call" in row and "reference_level" not in row:
        expected["Call"] = row["call"]
    compare(mart, key, expected)


def wide(mart, row):
    """Two figures a row, each with its own columns."""
    for side in [name.removesuffix("_percent") for name in row if f"{name.removesuffix('_percent')}_status" in row]:
        key = (indicator_of[row[f"{side}_label_nl"]], row["panel"], row["wave"], "total", "total")
        names = {"Figure": "percent", "Low": "ci_lower", "High": "ci_upper", "n": "n"}
        compare(mart, key, {measure: row[f"{side}_{name}"] for measure, name in names.items()})


indicator_of = {row["label_nl"]: row["indicator"] for row in rows(f"SELECT * FROM read_parquet('{public}/dim_indicator.parquet')")}
for path in sorted(public.glob("*.parquet")):
    found = rows(f"SELECT * FROM read_parquet('{path}')")
    if not found or path.stem.startswith("dim_") or not any("_label_" in name for name in found[0]):
        continue
    marts.append(path.stem)
    for row in found:
        if "value" in row:
            narrow(path.stem, row)
        else:
            wide(path.stem, row)
for problem in problems[:40]:
    print(problem)
print(f"{len(measures)} figures of the model, {len(marts)} figure marts, {compared} values compared, {len(problems)} problems")
sys.exit(1 if problems or not marts or not compared else 0)

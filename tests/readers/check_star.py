"""Holds the public tables of a release to each other: keys that lead somewhere, codes that have labels, NULL where there is nothing.

    check_star.py RELEASE
"""

import json
import sys
from pathlib import Path

import duckdb

release = Path(sys.argv[1])
schemas = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["schemas"]
public = {name.split("/")[1]: schema for name, schema in schemas.items() if name.startswith("public/")}
columns = {mart: {column["name"]: column for column in schema["columns"]} for mart, schema in public.items()}
for mart in public:
    duckdb.execute(f"CREATE VIEW {mart} AS SELECT * FROM read_parquet('{release}/public/{mart}.parquet')")

# Column → the dimension and its column.
KEYS = {
    "indicator": ("dim_indicator", "indicator"),
    "minus": ("dim_indicator", "indicator"),
    "panel": ("dim_panel", "panel"),
    "member": ("dim_panel", "panel"),
    "other_panel": ("dim_panel", "panel"),
    "reference": ("dim_panel", "panel"),
    "wave": ("dim_wave", "wave"),
    "reference_wave": ("dim_wave", "wave"),
    "previous_wave": ("dim_wave", "wave"),
    "cell": ("dim_breakdown", "cell"),
    "cell_a": ("dim_breakdown", "cell"),
    "cell_b": ("dim_breakdown", "cell"),
    "breakdown": ("dim_breakdown", "breakdown"),
    "concept": ("dim_concept", "concept"),
    "routed_by": ("dim_concept", "concept"),
    "outcome": ("dim_status", "outcome"),
    "figure": ("dim_figure", "figure"),
    "gap": ("dim_gap", "gap"),
    "panel_wave": ("panel_wave", "panel_wave"),
}
# Column → the kind of its codes in dim_code; `call` of contrast and panel_contrast is of another kind than that of change.
CODES = {"status": "status", "reason": "reason", "call": "call", "comparability": "comparability", "overlap": "overlap", "form": "form", "unit": "unit"}
OTHER = {("contrast", "call"): "contrast_call", ("gap", "call"): "contrast_call", ("panel_contrast", "call"): "contrast_call", ("dim_item", "comparability"): None, ("dim_status", "reason"): None, ("dim_panel", "unit"): None, ("dim_concept", "unit"): None}

problems = []
checked = 0


def astray(what, sql):
    global checked
    checked += 1
    rows = duckdb.sql(sql + " LIMIT 1").fetchall()
    if rows:
        problems.append(f"{what}: {rows[0]}")


for mart, own in columns.items():
    for column, about in own.items():
        if column in KEYS and KEYS[column] != (mart, column):
            dimension, key = KEYS[column]
            astray(f"{mart}.{column} is not in {dimension}", f'SELECT "{column}" FROM {mart} WHERE "{column}" IS NOT NULL AND "{column}" NOT IN (SELECT "{key}" FROM {dimension})')
        kind = OTHER.get((mart, column), CODES.get(column))
        if kind and mart != "dim_code":
            astray(f"{mart}.{column} has no label", f"SELECT \"{column}\" FROM {mart} WHERE \"{column}\" IS NOT NULL AND \"{column}\" NOT IN (SELECT code FROM dim_code WHERE kind = '{kind}')")
        if about["type"] == "text":
            astray(f"{mart}.{column} holds the empty text", f"SELECT 'nothing' FROM {mart} WHERE \"{column}\" = ''")
            if column not in ("base", "derivation", "column") and not column.startswith("question_"):
                astray(f"{mart}.{column} joins several values", f"SELECT \"{column}\" FROM {mart} WHERE \"{column}\" LIKE '%|%'")
for dimension, key in set(KEYS.values()) - {("dim_breakdown", "breakdown"), ("dim_gap", "gap")}:
    astray(f"{dimension}.{key} is no key by itself", f'SELECT "{key}" FROM {dimension} GROUP BY 1 HAVING count(*) > 1')
# Every series has a row in every wave.
astray("a series without a row in some wave", "SELECT indicator, panel, cell FROM estimate GROUP BY ALL HAVING count(*) <> (SELECT count(*) FROM dim_wave)")
# A line breaks where the series does, and nowhere else.
astray("a segment that does not follow the breaks", "SELECT * FROM (SELECT indicator, panel, cell, wave, comparability, segment - lag(segment) OVER (PARTITION BY indicator, panel, cell ORDER BY wave) AS step FROM estimate) WHERE step <> CASE WHEN comparability = 'break' THEN 1 ELSE 0 END")
for problem in problems:
    print(problem)
print(f"{checked} checks, {len(problems)} problems")
sys.exit(1 if problems or checked < 100 else 0)

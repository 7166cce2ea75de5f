"""Builds every figure of the publication from dim_figure and its bridges, with SQL that names nothing of the monitor, and compares
it with the mart of the figure.

    check_figures.py RELEASE
"""

import sys
from pathlib import Path

import duckdb

release = Path(sys.argv[1])
for path in sorted((release / "public").glob("*.parquet")):
    duckdb.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM read_parquet('{path}')")

CELLS = """
    SELECT e.*, f.gap, f.measure
    FROM dim_figure AS f
    JOIN figure_indicator AS i USING (figure)
    JOIN figure_panel AS p USING (figure)
    JOIN figure_breakdown AS b USING (figure)
    JOIN figure_wave AS w USING (figure)
    JOIN estimate AS e ON e.indicator = i.indicator AND e.panel = p.panel AND e.breakdown = b.breakdown AND e.wave = w.wave
    WHERE f.figure = $figure
"""
VALUES = f"SELECT indicator, panel, wave, cell, estimate, ci_lower, ci_upper, n, status, reason, segment FROM ({CELLS}) ORDER BY ALL"
PAIRS = f"""
    WITH cells AS ({CELLS})
    SELECT d.subject, a.panel, a.wave, a.estimate, a.ci_lower, a.ci_upper, b.estimate, b.ci_lower, b.ci_upper, g.difference
    FROM cells AS a
    JOIN dim_gap AS d ON d.gap = a.gap AND d.indicator = a.indicator
    JOIN cells AS b ON b.indicator = d.minus AND b.panel = a.panel AND b.wave = a.wave AND b.cell = a.cell
    LEFT JOIN gap AS g ON g.gap = d.gap AND g.subject = d.subject AND g.panel = a.panel AND g.wave = a.wave AND g.cell = a.cell
    ORDER BY ALL
"""
DIFFERENCES = f"""
    WITH cells AS ({CELLS})
    SELECT e.indicator, e.panel, e.wave, e.cell, 0 - c.difference, 0 - c.ci_upper, 0 - c.ci_lower, c.p_adjusted
    FROM cells AS e
    JOIN dim_breakdown AS r ON r.breakdown = e.breakdown AND r.is_reference
    LEFT JOIN contrast AS c
        ON c.indicator = e.indicator AND c.panel = e.panel AND c.wave = e.wave AND c.cell_a = e.cell AND c.cell_b = r.cell
    WHERE e.level <> 'background_unknown'
    ORDER BY ALL
"""
CALLS = f"""
    SELECT e.indicator, e.panel, e.wave, e.estimate, c.reference_wave, c.difference, c.p_adjusted, c.call
    FROM ({CELLS}) AS e
    LEFT JOIN change AS c
        ON c.indicator = e.indicator AND c.panel = e.panel AND c.wave = e.wave AND c.cell = e.cell
        AND c.against = 'previous_wave'
    ORDER BY ALL
"""

# The mart of each figure, and its columns in the order of the query.
OF_CELLS = ["indicator", "panel", "wave", "cell", "value", "ci_lower", "ci_upper", "n", "status", "reason", "segment"]
IN_TOTAL = [column if column != "cell" else "'total'" for column in OF_CELLS]
SIDES = [f"{{}}_{column}" for column in ("percent", "ci_lower", "ci_upper")]


def pair(subject, first, second):
    sides = [side.format(name) for name in (first, second) for side in SIDES]
    return [subject, "panel", "wave", *sides, "gap_percentage_points"]


MARTS = {
    "F1": ("usage_users", VALUES, IN_TOTAL),
    "F2": ("usage_providers", VALUES, IN_TOTAL),
    "F3": ("process_gap", PAIRS, pair("process", "suitable", "carried_out")),
    "F4": ("received_wanted", PAIRS, pair("contact", "wanted", "received")),
    "F5": ("impact_rating", VALUES, IN_TOTAL),
    "F6": ("impact_statement", VALUES, IN_TOTAL),
    "F7": ("education_age", VALUES, OF_CELLS),
    "F8": ("user_contrast", DIFFERENCES, ["indicator", "panel", "wave", "cell", "difference", "difference_ci_lower", "difference_ci_upper", "p_adjusted"]),
    "F9": ("trend_call", CALLS, ["indicator", "panel", "wave", "value", "reference_wave", "difference", "p_adjusted", "call"]),
    "F10": ("demand_supply", VALUES, OF_CELLS),
}

names = {row[0] for table in ("dim_indicator", "dim_panel", "dim_breakdown", "dim_concept", "dim_figure", "dim_gap")
         for row in duckdb.sql(f"SELECT * FROM {table}").fetchall()}
figures = [row[0] for row in duckdb.sql("SELECT figure FROM dim_figure ORDER BY sort_order").fetchall()]
assert figures == list(MARTS), figures
problems = []
for sql in (VALUES, PAIRS, DIFFERENCES, CALLS):
    problems += [f"`{name}` stands in the SQL" for name in names if f"'{name}'" in sql]
for figure, (mart, sql, columns) in MARTS.items():
    built = duckdb.execute(sql, {"figure": figure}).fetchall()
    published = duckdb.sql(f"SELECT {', '.join(columns)} FROM {mart} WHERE is_drawn ORDER BY ALL").fetchall()
    if not built or built != published:
        first = next((pair for pair in zip(built, published) if pair[0] != pair[1]), None)
        problems.append(f"{figure}: {len(built)} rows built, {len(published)} in {mart}; first difference: {first}")
for problem in problems:
    print(problem)
print(f"{len(MARTS)} figures, {len(problems)} problems")
sys.exit(1 if problems else 0)

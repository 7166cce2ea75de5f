"""Compares every cell of every figure page with its mart, and looks for exact values of withheld cells: SITE RELEASE."""

import csv
import html.parser
import pathlib
import sys

import duckdb

site, release = map(pathlib.Path, sys.argv[1:3])


class Figures(html.parser.HTMLParser):
    """Rows of the table (`tr data-of`) and marks of the chart (`g data-of`) of a page."""

    def __init__(self):
        super().__init__()
        self.drawn, self.rows, self.row, self.depth = {}, {}, None, None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "g" and "data-value" in attributes:
            bounds = [attributes.get(name) for name in ("data-low", "data-high")]
            self.drawn[attributes["data-of"]] = [float(attributes["data-value"]), *(b and float(b) for b in bounds)]
        if tag == "tr" and "data-of" in attributes:
            self.row = self.rows.setdefault(attributes["data-of"], [])
        if self.row is not None and tag in ("td", "th"):
            self.row.append("")

    def handle_data(self, data):
        if self.row:
            self.row[-1] += data

    def handle_endtag(self, tag):
        if tag == "tr":
            self.row = None


def number(text):
    return float(text) if text else None


marts = {
    f"{i}|{p}|{w}|{'total' if b == 'total' else f'{b}:{l}'}": (value, low, high, status)
    for i, p, w, b, l, value, low, high, status in duckdb.sql(
        f"SELECT indicator, panel, wave, breakdown, level, estimate, ci_lower, ci_upper, status FROM '{release}/public/estimate.parquet'"
    ).fetchall()
}
cells = failed = 0


def claim(holds, text):
    global cells, failed
    cells += 1
    if not holds:
        failed += 1
        print(f"failed: {text}", file=sys.stderr)


for page in sorted(site.glob("*/figure/*.html")):
    found = Figures()
    found.feed(page.read_text(encoding="utf-8"))
    decimal = "," if page.parts[-3] == "nl" else "."
    for of, row in found.rows.items():
        value, low, high, status = marts[of]
        shown = [text for text in row if text.rstrip("%").replace(decimal, ".", 1).replace(".", "", 1).lstrip("−").isdigit()]
        written = [float(text.rstrip("%").replace(decimal, ".")) for text in shown]
        if value is None or status != "published":
            claim(of not in found.drawn and "–" in row, f"{page}: {of} is not shown")
        else:
            claim(value in written, f"{page}: {of} is {value} in the table: {row}")
    for of, (value, low, high) in found.drawn.items():
        claim(marts[of][:3] == (value, low, high), f"{page}: {of} is {marts[of]} in the chart: {value}, {low}, {high}")
    with open(page.with_suffix(".csv"), encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            if "estimate" not in line:
                continue
            of = f"{line['indicator']}|{line['panel']}|{line['wave']}|{line['cell']}"
            figures = tuple(number(line[name]) for name in ("estimate", "ci_lower", "ci_upper"))
            claim(figures == marts[of][:3], f"{page}: {of} is {marts[of]} in the download: {figures}")

for path in sorted(path for path in site.glob("data/*.csv") if path.name != "labels.csv"):
    with open(path, encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            of = f"{line['indicator']}|{line['panel']}|{line['wave']}|{line['cell']}"
            figures = tuple(number(line[name]) for name in ("estimate", "ci_lower", "ci_upper"))
            claim(figures == marts[of][:3], f"{path}: {of} is {marts[of]}: {figures}")

# What is withheld has an exact value in the restricted marts; where this user may read them, no file may have it.
exact = release / "restricted/estimate_exact.parquet"
try:
    withheld = duckdb.sql(
        f"""SELECT DISTINCT e.estimate FROM '{exact}' e JOIN '{release}/public/estimate.parquet' p USING (indicator, panel, wave, breakdown, level)
        WHERE p.status = 'withheld' AND e.estimate IS NOT NULL"""
    ).fetchall()
except duckdb.Error:
    withheld = []
texts = [repr(value) for (value,) in withheld if len(repr(value)) > 8]
for path in sorted(path for path in site.rglob("*") if path.suffix in (".html", ".csv", ".js", ".json", ".svg")):
    content = path.read_text(encoding="utf-8")
    claim(not any(text in content for text in texts), f"{path}: holds the exact value of a withheld cell")
print(f"{cells - failed} passed, {failed} failed")
sys.exit(failed > 0)

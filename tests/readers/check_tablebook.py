"""Reads a table book back and compares every cell with the marts it was made from; recomputes the letters.

usage: check_tablebook.py RELEASE BOOKS [--restricted] [--every-book-in-libreoffice]
"""

import csv
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import duckdb
import openpyxl

release, books = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
restricted = "--restricted" in sys.argv
problems = []
counted = {"workbooks": 0, "sheets": 0, "cells": 0, "letters": 0, "changes": 0, "withheld": 0}
connection = duckdb.connect()


def rows(mart, part="public"):
    path = release / part / f"{mart}.parquet"
    if not path.is_file():
        return []
    result = connection.execute(f"SELECT * FROM read_parquet('{path}')")
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


ending, part = ("_exact", "restricted") if restricted else ("", "public")
indicators = {row["indicator"]: row for row in rows("dim_indicator")}
if "codes" not in next(iter(indicators.values()), {}):
    for row in indicators.values():
        row["codes"] = "|".join(bridge["code"] for bridge in rows("indicator_code") if bridge["indicator"] == row["indicator"])
waves = {row[name]: row["wave"] for row in rows("dim_wave") for name in row if name.startswith("label")}
levels = {(row["breakdown"], row["level"]): row for row in rows("dim_breakdown")}
place = {cell: number for number, cell in enumerate(levels)}


def key(row):
    return row["indicator"], row["panel"], row["wave"], row["breakdown"], row["level"]


estimates = {key(row): row for row in rows("estimate")}
if restricted:
    # Nothing rounded among what is exact.
    for row in estimates.values():
        row |= dict.fromkeys(("estimate", "ci_lower", "ci_upper", "n"))
    for row in rows("estimate_exact", part):
        if key(row) in estimates:
            about = indicators[row["indicator"]]
            scale = 100 if about["unit"] == "percent" and about["kind"] != "mean" else 1
            for name in ("estimate", "ci_lower", "ci_upper"):
                row[name] = None if row[name] is None else row[name] * scale
            estimates[key(row)] |= {name: row[name] for name in ("estimate", "ci_lower", "ci_upper", "n", "sum_of_weights", "n_eff")}
calls = {key(row): row["call"] for row in rows(f"change{ending}", part) if row["against"] == "previous_wave"}
# Who is significantly lower than whom: the call is of the second level against the first.
lower, compared = {}, set()
for row in rows(f"contrast{ending}", part):
    if row["call"] == "no_test":
        continue
    a, b = (key(row | {"level": row[side]}) for side in ("level_a", "level_b"))
    compared |= {a, b}
    if row["call"] == "higher":
        lower.setdefault(b, set()).add(row["level_a"])
    if row["call"] == "lower":
        lower.setdefault(a, set()).add(row["level_b"])
answers = {}
for row in rows(f"answer_distribution{ending}", part):
    if "breakdown" not in row:
        row["breakdown"], _, row["level"] = row.get("cell", "total").partition(":")
        row["level"] = row["level"] or row["breakdown"]
    scale = 1 if "percent" in row else 100
    row["estimate"] = row.get("percent", row.get("estimate"))
    for name in ("estimate", "ci_lower", "ci_upper"):
        row[name] = None if row.get(name) is None else row[name] * scale
    answers[row["concept"], row["code"], row["panel"], row["wave"], row["breakdown"], row["level"]] = row


def same(found, expected):
    return found is not None and not isinstance(found, (str, bool)) and abs(found - expected) < 1e-9


def mark(figure, is_total):
    status = figure["status"] if figure else None
    if status == "withheld":
        return "[c]"
    if status == "not_asked" or (status is None and is_total):
        return "[x]"
    return "[z]"


def sheet_values(sheet):
    (table,) = sheet.tables.values()
    cells = [[cell.value for cell in row] for row in sheet[table.ref]]
    return cells[0], cells[1:]


def check_structure(name, workbook):
    for sheet in workbook:
        counted["sheets"] += 1
        where = f"{name}, {sheet.title}"
        if len(sheet.title) > 31:
            problems.append(f"{where}: the name is too long")
        if sheet.merged_cells.ranges:
            problems.append(f"{where}: merged cells")
        if len(sheet.tables) != (0 if sheet is workbook.worksheets[0] else 1):
            problems.append(f"{where}: {len(sheet.tables)} tables")
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    problems.append(f"{where}, {cell.coordinate}: a formula")
                if cell.data_type == "e":
                    problems.append(f"{where}, {cell.coordinate}: an error")
    names = [sheet.title.lower() for sheet in workbook]
    if len(set(names)) != len(names):
        problems.append(f"{name}: two sheets of one name")
    contents = workbook.worksheets[1]
    targets = [cell.hyperlink.location for row in contents.iter_rows() for cell in row if cell.hyperlink]
    known = {f"'{sheet.title}'!A1" for sheet in workbook}
    if not targets or set(targets) - known:
        problems.append(f"{name}: links of the contents lead nowhere")
    linked = {target.split("'")[1] for target in targets}
    unlinked = {sheet.title for sheet in workbook if re.match(r"[TD]\d", sheet.title)} - linked
    if unlinked:
        problems.append(f"{name}: not in the contents: {sorted(unlinked)}")


def long_rows(workbook):
    for sheet in workbook:
        if re.match(r"D\d+_", sheet.title):
            header, body = sheet_values(sheet)
            yield from (dict(zip(header, row)) for row in body)


def check_long(name, panel, found):
    """Every figure of the panel is there once, with what the marts say of it."""
    letters = {}
    for row in found:
        if row["letter"]:
            letters[row["breakdown"], row["level"]] = row["letter"]
    seen = set()
    for row in found:
        cell = row["wave"], row["breakdown"], row["level"]
        if row["statistic"] == "answer":
            figure = answers[(row["concept"], row["code"], panel, *cell)]
            expected_letters, call = None, None
        else:
            at = (row["indicator"], panel, *cell)
            figure = estimates[at]
            seen.add(at)
            named = sorted(lower.get(at, ()), key=lambda level: place[row["breakdown"], level])
            expected_letters = " ".join(letters[row["breakdown"], level] for level in named) or None
            call = calls.get(at)
        for column, source in (("value", "estimate"), ("ci_lower",) * 2, ("ci_upper",) * 2, ("n",) * 2):
            expected = figure.get(source)
            counted["cells"] += 1
            if (row[column] is None) != (expected is None) or (expected is not None and not same(row[column], expected)):
                problems.append(f"{name}: {row['indicator']} {cell}: {column} {row[column]}, expected {expected}")
        if row["higher_than"] != expected_letters or row["change"] != call:
            problems.append(f"{name}: {row['indicator']} {cell}: letters {row['higher_than']}, call {row['change']}, expected {expected_letters}, {call}")
    shown = {table_row["concept"] for table_row in found}
    missing = {at for at in estimates if at[1] == panel and indicators[at[0]]["concept"] in shown} - seen
    if missing:
        problems.append(f"{name}: {len(missing)} figures are not in the data sheets, such as {min(missing)}")
    never = {at for at in estimates if at[1] == panel and indicators[at[0]]["concept"] not in shown and estimates[at]["status"] != "not_asked"}
    if never:
        problems.append(f"{name}: {len(never)} figures have no table, such as {min(never)}")
    return letters


STEPS = {"increased": "▲", "decreased": "▼", "stable": "▬", "withheld": "[c]"}


def expected_row(number, at, figures, letters):
    """What stands in the given row of a block: figure, low, high, letters, change."""
    figure = figures.get(at)
    is_total = at[-2] == "total"
    value = figure["estimate"] if figure else None
    if number < 3:
        value = figure[("estimate", "ci_lower", "ci_upper")[number]] if figure else None
        return mark(figure, is_total) if value is None else value
    if value is None:
        return mark(figure, is_total)
    if number == 3:
        if at not in compared:
            return "[z]"
        named = sorted(lower.get(at, ()), key=lambda level: place[at[3], level])
        return " ".join(letters[at[3], level] for level in named) or "–"
    call = calls.get(at, "")
    return STEPS.get(call) or ("[b]" if figure["comparability"] == "break" else "[z]")


def check_table(name, panel, sheet, found, letters):
    header, body = sheet_values(sheet)
    number = sheet["A1"].value.split(" ")[0]
    mine = [row for row in found if row["table"] == number]
    cell_of = {letter: cell for cell, letter in letters.items()}
    wave = next(wave for label, wave in waves.items() if header[2].endswith(f" {label}"))
    columns = []
    for text in header[2:]:
        letter = text.split("  ")[0]
        if text == header[2]:
            columns.append((wave, "total", "total"))
        elif text in waves:
            columns.append((waves[text], "total", "total"))
        else:
            columns.append((wave, *cell_of[letter]))
    blocks = []
    for row in body:
        if not blocks or blocks[-1][0] != row[0]:
            blocks.append((row[0], []))
        blocks[-1][1].append(row)
    concept = mine[0]["concept"]
    by_label = {row["label"]: row["indicator"] for row in mine if row["indicator"]}
    codes = {row["label"]: row["code"] for row in mine if row["statistic"] == "answer"}
    first = None
    for label, block in blocks[:-1]:
        code = codes.get(label)
        indicator = by_label.get(label) or next((it for text, it in by_label.items() if label.endswith(f": {text}")), None)
        if code is not None:
            only = [it for it in by_label.values() if indicators[it]["codes"] == code and not indicators[it]["base"]]
            indicator = only[0] if only else None
        if indicator is None:
            keys = [(concept, code, panel, *column) for column in columns]
            figures = answers
        else:
            keys = [(indicator, panel, *column) for column in columns]
            figures = estimates
        bases = sum((figures.get(key) or {}).get("n") is not None for key in keys)
        # The base below the table is that of the answer or figure that has one in most columns.
        if first is None or bases > first[2]:
            first = figures, keys, bases
        for number_of_row, row in enumerate(block[:5]):
            for at, value in zip(keys, row[2:]):
                counted["cells"] += 1
                counted["withheld"] += value == "[c]"
                counted["letters"] += number_of_row == 3 and value not in ("–", "[z]", "[c]", "[x]")
                counted["changes"] += number_of_row == 4 and value in ("▲", "▼")
                expected = expected_row(number_of_row, at, figures, letters)
                if value != expected and not same(value, expected if not isinstance(expected, str) else float("nan")):
                    problems.append(f"{name}, {sheet.title}: {label}, row {number_of_row}, {at[-3:]}: {value!r}, expected {expected!r}")
    figures, keys, _ = first
    wanted = ("n", "sum_of_weights", "n_eff") if restricted else ("n",)
    base = blocks[-1][1]
    if len(base) != len(wanted):
        problems.append(f"{name}, {sheet.title}: {len(base)} rows of bases")
    for row, source in zip(base, wanted):
        for at, value in zip(keys, row[2:]):
            figure = figures.get(at)
            expected = figure.get(source) if figure else None
            is_right = value == mark(figure, at[-2] == "total") if expected is None else same(value, expected)
            if not is_right:
                problems.append(f"{name}, {sheet.title}: {source} of {at[-3:]}: {value!r}, expected {expected!r}")


def check_in_libreoffice(name, path, workbook):
    """LibreOffice reads the same values from every sheet; it writes fifteen digits."""
    program = shutil.which("soffice")
    if program is None:
        return "LibreOffice is not there: not compared"
    with tempfile.TemporaryDirectory() as folder:
        form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [program, profile, "--headless", "--convert-to", form, "--outdir", folder, str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        for sheet in workbook:
            texts = pathlib.Path(folder) / f"{path.stem}-{sheet.title}.csv"
            with open(texts, encoding="utf-8", newline="") as file:
                read = list(csv.reader(file))
            for row in sheet.iter_rows():
                for cell in row:
                    line = read[cell.row - 1] if cell.row <= len(read) else []
                    text = line[cell.column - 1] if cell.column <= len(line) else ""
                    value = "" if cell.value is None else cell.value
                    is_same = text == value if isinstance(value, str) else math.isclose(float(text or "nan"), value, rel_tol=1e-12)
                    if not is_same:
                        problems.append(f"{name}, {sheet.title}, {cell.coordinate}: LibreOffice reads {text!r}, expected {value!r}")
    return "one book read by LibreOffice"


mark_file = json.loads((books / "export.json").read_text())
panels = {row["panel"] for row in rows("dim_panel")}
said = ""
for path in sorted(books.glob("*.xlsx")):
    panel = max((panel for panel in panels if path.name.startswith(f"{panel}_")), key=len)
    counted["workbooks"] += 1
    workbook = openpyxl.load_workbook(path)
    check_structure(path.name, workbook)
    found = list(long_rows(workbook))
    letters = check_long(path.name, panel, found)
    for sheet in workbook:
        if re.match(r"T\d+_", sheet.title):
            check_table(path.name, panel, sheet, found, letters)
    if restricted and path.stat().st_mode & 0o077:
        problems.append(f"{path.name}: others than its owner may read it")
    if not said or "--every-book-in-libreoffice" in sys.argv:
        said = check_in_libreoffice(path.name, path, workbook)
if sorted(mark_file["files"]) != sorted(path.name for path in books.glob("*.xlsx")):
    problems.append("export.json does not name exactly the workbooks that are there")
for problem in problems[:50]:
    print(problem)
print(", ".join(f"{number} {what}" for what, number in counted.items()) + f"; {said}; {len(problems)} problems")
sys.exit(1 if problems or not counted["workbooks"] or not counted["letters"] else 0)

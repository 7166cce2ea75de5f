"""Asks DuckDB the questions of the README; what it answers must stand below each.

    check_readme.py README FOLDER [--write]     FOLDER holds marts/current; --write puts the answers of today in the README
"""

import os
import re
import sys

import duckdb

QUESTION = re.compile(r"(```sql\n(.*?)```\n```\n)(.*?)(```)", re.DOTALL)


def shown(value):
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def table(answer):
    """Columns padded as psql does: numbers to the right."""
    columns = answer.columns
    rows = [[shown(value) for value in row] for row in answer.fetchall()]
    is_number = [str(kind) != "VARCHAR" for kind in answer.types]
    widths = [max(len(name), *(len(row[at]) for row in rows)) for at, name in enumerate(columns)]

    def line(cells):
        padded = [cell.rjust(width) if number else cell.ljust(width) for cell, width, number in zip(cells, widths, is_number)]
        return " | ".join(padded).rstrip()

    rule = "-+-".join("-" * width for width in widths)
    return "\n".join([line(columns), rule, *map(line, rows)]) + "\n"


def main():
    path, folder, *write = sys.argv[1:]
    path = os.path.abspath(path)
    text = open(path).read()
    os.chdir(folder)
    assert len(QUESTION.findall(text)) >= 3, "the README asks fewer than three questions"
    today = QUESTION.sub(lambda found: found[1] + table(duckdb.sql(found[2])) + found[4], text)
    if write:
        open(path, "w").write(today)
    elif today != text:
        wrong = [line for line in today.splitlines() if line not in text.splitlines()]
        sys.exit("the README answers something else; `tests/readers/check_readme.py` with --write puts it right:\n" + "\n".join(wrong))


main()

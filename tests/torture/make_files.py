"""Makes the workbooks of `files/` that other writers write: openpyxl, xlsxwriter, polars, xlwt, msoffcrypto.

Their content is synthetic. Run once with those packages installed; the files are kept, as writers change.
"""

import datetime
import io
import pathlib

import msoffcrypto.format.ooxml
import openpyxl
import polars
import xlsxwriter
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

FOLDER = pathlib.Path(__file__).parent / "files"
ROWS = [["respnr", "datum", "getal", "tekst"], [1, datetime.date(2025, 3, 1), 3.5, "ja"], [2, None, 0.1, "0001"]]


def save(name, change=lambda book, sheet: None, rows=ROWS, **options):
    book = openpyxl.Workbook(**options)
    sheet = book.create_sheet("Data") if options.get("write_only") else book.active
    for row in rows:
        sheet.append(row)
    change(book, sheet)
    book.save(FOLDER / f"openpyxl-{name}.xlsx")


def formulas(_, sheet):
    sheet["C2"], sheet["C3"] = "=1+1", '=""'


def errors(_, sheet):
    for row, value in enumerate(["#N/A", "#DIV/0!", "#REF!", "#VALUE!"], 2):
        sheet.cell(row, 1, row), sheet.cell(row, 3, value)


def merged(_, sheet):
    sheet.insert_rows(1)
    sheet["C1"] = "Samen"
    sheet.merge_cells("C1:D1")


def hidden(book, sheet):
    book.create_sheet("Verborgen").sheet_state = "hidden"
    book.create_sheet("Zeer").sheet_state = "veryHidden"
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True


def epoch_1904(book, _):
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904


def rich(_, sheet):
    sheet["D2"] = CellRichText("half ", TextBlock(InlineFont(b=True), "vet"))


def times(_, sheet):
    sheet["C2"], sheet["C3"] = datetime.time(14, 5), datetime.timedelta(hours=36, minutes=30)
    sheet["B3"] = datetime.datetime(2025, 12, 31, 23, 59, 59)


def far_right(_, sheet):
    sheet.cell(2, 16384, "ver weg")


def control_signs(_, sheet):
    sheet["D2"] = "regel 1\nregel 2\ttab & <haak> \"aanhaling\""


save("plain")
save("write-only", write_only=True)
save("formulas", formulas)
save("errors", errors)
save("merged", merged)
save("hidden", hidden)
save("1904", epoch_1904)
save("rich", rich)
save("times", times)
save("far-right", far_right)
save("control-signs", control_signs)
save("long-numbers", rows=[["respnr", "lang"], [1234567890123456789, 9007199254740993], [2, 123456789012345]])
save("booleans", rows=[["respnr", "waar"], [1, True], [2, False]])
save("empty", rows=[])
save("header-only", rows=ROWS[:1])

plain = (FOLDER / "openpyxl-plain.xlsx").read_bytes()
with open(FOLDER / "msoffcrypto-protected.xlsx", "wb") as out:
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain)).encrypt("geheim", out)
(FOLDER / "openpyxl-half.xlsx").write_bytes(plain[: len(plain) // 2])

polars.DataFrame({"respnr": [1, 2], "datum": [datetime.date(2025, 3, 1), None], "getal": [3.5, 0.1]}).write_excel(FOLDER / "polars-plain.xlsx")

book = xlsxwriter.Workbook(FOLDER / "xlsxwriter-plain.xlsx", {"default_date_format": "d mmmm yyyy"})
sheet = book.add_worksheet("Gegevens")
sheet.write_row(3, 2, ["respnr", "datum", "formule"])
sheet.write_row(4, 2, [1])
sheet.write_datetime(4, 3, datetime.datetime(2025, 3, 1))
sheet.write_formula(4, 4, "=1+1", None, 2)
book.close()

for name, protect in (("plain", False), ("protected", True)):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Blad1")
    for row, cells in enumerate([["respnr", "oordeel", "getal"], [1, "goed", 3.5], [2, "0001", 12]]):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    if protect:
        book.add_sheet("Leeg").visibility = 1
    book.save(str(FOLDER / f"xlwt-{'hidden-sheet' if protect else name}.xls"))

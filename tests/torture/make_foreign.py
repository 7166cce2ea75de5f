"""Makes the files of `files/` that LibreOffice, R, pandas, Polars and DuckDB write, and an xlsb by its own small writer of BIFF12.

Their content is synthetic. Run once with openpyxl, pandas, xlsxwriter, polars, duckdb and odfpy installed, and `soffice` and `Rscript` on
the path; the files are kept, as writers change. `files/README.md` tells which version wrote them.
"""

import datetime
import gzip
import pathlib
import struct
import subprocess
import tempfile
import zipfile

import duckdb
import openpyxl
import pandas
import polars

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "files"
DAY, MOMENT = datetime.date(2025, 3, 1), datetime.datetime(2025, 12, 31, 23, 59, 58)


# ---- LibreOffice

def types(book):
    sheet = book.active
    sheet.title = "Gegevens"
    sheet.append(["respnr", "datum", "tijdstip", "getal", "waar", "tekst", "formule", "fout"])
    sheet.append([1, DAY, MOMENT, 3.5, True, "ja", "=D2*2", "=1/0"])
    sheet.append([2, None, None, -0.1, False, "0001", '=IF(D3<0,"laag","hoog")', "=NA()"])
    sheet.append([3, datetime.date(1899, 12, 31), None, 12345678.9, None, " spatie ", "=B2", None])
    sheet["D3"].number_format = "0.00%"
    sheet["D4"].number_format = "#,##0.00"


def hidden(book):
    types(book)
    sheet = book.active
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    book.create_sheet("Verborgen").append(["respnr", "geheim"])
    book["Verborgen"].sheet_state = "hidden"


def merged(book):
    sheet = book.active
    sheet.append(["Levering van een bureau", None, None, None])
    sheet.merge_cells("A1:D1")
    sheet.append([])
    sheet.append([None, "Blok A", None, "Blok B"])
    sheet.merge_cells("B3:C3")
    sheet.append(["respnr", "v1", "v2", "v3"])
    for number in range(1, 4):
        sheet.append([number, "ja", "nee", number / 4])
    sheet.append([])
    sheet.append(["Bron: bureau"])


def offset(book):
    sheet = book.active
    for row, cells in enumerate([["respnr", "a", "b"], [1, "x", None], [2, None, "y"], [None, None, None], [3, "z", "z"]], 5):
        for column, cell in enumerate(cells, 3):
            sheet.cell(row, column, cell)


def many_empty(book):
    sheet = book.active
    sheet.append(["respnr", "a"])
    sheet.append([1, "x"])
    sheet.cell(40, 1, 2), sheet.cell(40, 2, "y"), sheet.cell(2, 30, "ver")


def signs(book):
    sheet = book.active
    sheet.append(["respnr", "één", "twee"])
    sheet.append([1, 'zeg "ja"; of, nee', "regel 1\nregel 2"])
    sheet.append([2, "€ 5 – ënde", "=tekst"])
    sheet["C3"].data_type = "s"


def office(source, target, folder):
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", target, "--outdir", folder, source]
    subprocess.run(command, check=True, capture_output=True)


CSV = 'csv:Text - txt - csv (StarCalc):{separator},{quote},{charset},1,,{language},{quote_all},false,{shown},{formulas}'


def csv_filter(separator=59, quote=34, charset=76, language=1033, quote_all="false", shown="false", formulas="false"):
    return CSV.format(**locals())


def libreoffice():
    with tempfile.TemporaryDirectory() as folder:
        for make in (types, hidden, merged, offset, many_empty, signs):
            book = openpyxl.Workbook()
            make(book)
            name = make.__name__.replace("_", "-")
            source = pathlib.Path(folder) / f"{name}.xlsx"
            book.save(source)
            # openpyxl calculates nothing: the ods of the first pass has the values.
            office(source, "ods", folder)
            own = source.with_suffix(".ods")
            (FOLDER / f"libreoffice-{name}.ods").write_bytes(own.read_bytes())
            source.unlink()
            for kind, target in (("xlsx", "xlsx"), ("xls", "xls:MS Excel 97")):
                office(own, target, folder)
                made = own.with_suffix(f".{kind}")
                (FOLDER / f"libreoffice-{name}.{kind}").write_bytes(made.read_bytes())
                made.unlink()
            csvs = {
                "semicolon": csv_filter(),
                "comma-quoted": csv_filter(separator=44, quote_all="true"),
            }
            if make in (types, signs):
                csvs |= {
                    "semicolon-shown-nl": csv_filter(language=1043, shown="true"),
                    "comma-formulas": csv_filter(separator=44, formulas="true"),
                    "semicolon-1252": csv_filter(charset=1),
                    "tab-utf16": csv_filter(separator=9, charset=65535),
                    "semicolon-single-quotes": csv_filter(quote=39, quote_all="true"),
                }
            for kind, target in csvs.items():
                office(own, target, folder)
                made = own.with_suffix(".csv")
                (FOLDER / f"libreoffice-{name}-{kind}.csv").write_bytes(made.read_bytes())


# ---- pandas, Polars, DuckDB

def frames():
    frame = pandas.DataFrame({
        "respnr": [1, 2, 3],
        "datum": pandas.to_datetime(["2025-03-01", None, "2025-12-31"]),
        "getal": [3.5, None, 1e-7],
        "waar": [True, False, True],
        "tekst": ["ja", None, 'zeg "nee"\nen meer'],
    })
    frame.to_csv(FOLDER / "pandas-index-comma.csv")
    frame.to_csv(FOLDER / "pandas-semicolon-decimal-comma.csv", sep=";", decimal=",", index=False)
    frame.to_csv(FOLDER / "pandas-mark-comma.csv", index=False, encoding="utf-8-sig", lineterminator="\r\n")
    frame.to_csv(FOLDER / "pandas-na-comma.csv", index=False, na_rep="NA")
    frame.to_csv(FOLDER / "pandas-tab.tsv", sep="\t", index=False)
    frame.to_csv(FOLDER / "pandas-comma.csv.gz", index=False, compression={"method": "gzip", "mtime": 1})
    frame.to_csv(FOLDER / "pandas-comma.csv.zip", index=False, compression={"method": "zip", "archive_name": "export.csv"})
    frame.to_excel(FOLDER / "pandas-openpyxl.xlsx", index=False)
    frame.to_excel(FOLDER / "pandas-index.xlsx")
    with pandas.ExcelWriter(FOLDER / "pandas-xlsxwriter.xlsx", engine="xlsxwriter") as writer:
        frame.to_excel(writer, sheet_name="Data", index=False, startrow=2, startcol=1)
    frame.to_excel(FOLDER / "pandas-odf.ods", index=False, engine="odf")
    columns = pandas.MultiIndex.from_tuples([("respnr", ""), ("Blok A", "v1"), ("Blok A", "v2")])
    pandas.DataFrame([[1, "ja", "nee"], [2, "nee", "ja"]], columns=columns).to_csv(FOLDER / "pandas-two-headers-comma.csv", index=False)

    same = polars.DataFrame({
        "respnr": [1, 2],
        "datum": [DAY, None],
        "moment": [MOMENT, None],
        "getal": [0.1, float("nan")],
        "waar": [True, None],
        "tekst": ["a,b", ""],
    })
    same.write_csv(FOLDER / "polars-comma.csv")
    same.write_csv(FOLDER / "polars-semicolon-always-quoted.csv", separator=";", quote_style="always", include_bom=True)
    same.write_csv(FOLDER / "polars-tab-null.tsv", separator="\t", null_value="NULL", line_terminator="\r\n")

    query = "SELECT 1 AS respnr, DATE '2025-03-01' AS datum, 3.50::DECIMAL(9,2) AS getal, true AS waar, ['a','b'] AS lijst, NULL AS leeg"
    duckdb.execute(f"COPY ({query}) TO '{FOLDER}/duckdb-comma.csv' (HEADER)")
    duckdb.execute(f"COPY ({query}) TO '{FOLDER}/duckdb-semicolon.csv' (HEADER, DELIMITER ';', FORCE_QUOTE *)")
    duckdb.execute(f"COPY ({query}) TO '{FOLDER}/duckdb-comma.csv.gz' (HEADER, COMPRESSION gzip)")


# ---- wrappers

def wrapped():
    plain = (FOLDER / "openpyxl-plain.xlsx").read_bytes()
    (FOLDER / "gzip-plain.xlsx.gz").write_bytes(gzip.compress(plain, mtime=0))
    with zipfile.ZipFile(FOLDER / "zip-plain.xlsx.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("levering/data.xlsx", (2025, 3, 1, 0, 0, 0))
        archive.writestr(entry, plain, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("__MACOSX/._data.xlsx", (2025, 3, 1, 0, 0, 0)), b"x")
    old = (FOLDER / "xlwt-plain.xls").read_bytes()
    (FOLDER / "gzip-plain.xls.gz").write_bytes(gzip.compress(old, mtime=0))
    macro = openpyxl.Workbook()
    macro.active.append(["respnr", "a"]), macro.active.append([1, "x"])
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        macro.save(file.name)
        with zipfile.ZipFile(file.name) as source, zipfile.ZipFile(FOLDER / "macros.xlsm", "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                text = source.read(name)
                if name == "[Content_Types].xml":
                    text = text.replace(b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml").replace(
                        b"application/vnd.openxmlformats-officedocument.sheet.macroEnabled", b"application/vnd.ms-excel.sheet.macroEnabled"
                    )
                target.writestr(zipfile.ZipInfo(name, (2025, 3, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
            target.writestr(zipfile.ZipInfo("xl/vbaProject.bin", (2025, 3, 1, 0, 0, 0)), b"no macros in here")


# ---- xlsb: records of [MS-XLSB]

def record(kind, payload=b""):
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(payload), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if size == 0:
            return head + length + payload


def text(value):
    return struct.pack("<I", len(value.encode("utf-16le")) // 2) + value.encode("utf-16le")


def row(number, cells, first_column=0):
    out = record(0, struct.pack("<IIHBBBII", number, 0, 300, 0, 0, 0, 1, 0) + struct.pack("<I", len(cells)))
    for column, cell in enumerate(cells, first_column):
        style = 1 if isinstance(cell, datetime.date) else 0
        place = struct.pack("<II", column, style)
        match cell:
            case None:
                continue
            case bool():
                out += record(4, place + bytes([cell]))
            case datetime.datetime():
                out += record(5, place + struct.pack("<d", (cell - datetime.datetime(1899, 12, 30)).total_seconds() / 86400))
            case datetime.date():
                out += record(5, place + struct.pack("<d", (cell - datetime.date(1899, 12, 30)).days))
            case int():
                out += record(2, place + struct.pack("<i", cell << 2 | 2))
            case float():
                out += record(5, place + struct.pack("<d", cell))
            case bytes():
                out += record(3, place + cell)
            case str() if cell.startswith("shared:"):
                out += record(7, place + struct.pack("<I", int(cell[7:])))
            case str():
                out += record(6, place + text(cell))
    return out


def sheet(rows, first_row=0, first_column=0):
    width = max(map(len, rows))
    extent = struct.pack("<IIII", first_row, first_row + len(rows) - 1, first_column, first_column + width - 1)
    data = b"".join(row(number, cells, first_column) for number, cells in enumerate(rows, first_row))
    return record(129) + record(148, extent) + record(145) + data + record(146) + record(130)


def xlsb(name, sheets, shared=(), is_1904=False):
    """`sheets`: name, state (0 visible, 1 hidden, 2 very hidden), part."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    bundle = b"".join(
        record(156, struct.pack("<II", state, number) + text(f"rId{number}") + text(title)) for number, (title, state, _) in enumerate(sheets, 1)
    )
    book = record(131) + record(153, struct.pack("<III", int(is_1904), 0, 0)) + record(143) + bundle + record(144) + record(132)
    strings = record(159, struct.pack("<II", len(shared), len(shared)))
    strings += b"".join(record(19, b"\0" + text(value)) for value in shared) + record(160)
    formats = b"".join(record(47, struct.pack("<HHHHHBBH", 0, number, 0, 0, 0, 0, 0, 0) + b"\x3f\0") for number in (0, 14))
    styles = record(278) + record(617, struct.pack("<I", 2)) + formats + record(618) + record(279)
    relation = '<Relationship Id="{0}" Type="{1}/{2}" Target="{3}"/>'.format
    relations = [relation(f"rId{number}", office, "worksheet", f"worksheets/sheet{number}.bin") for number in range(1, len(sheets) + 1)]
    relations += [relation("rId90", office, "sharedStrings", "sharedStrings.bin"), relation("rId91", office, "styles", "styles.bin")]
    types = '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    types += "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.bin" ContentType="application/vnd.ms-excel.worksheet"/>' for number in range(1, len(sheets) + 1)
    )
    types += '<Override PartName="/xl/sharedStrings.bin" ContentType="application/vnd.ms-excel.sharedStrings"/><Override PartName="/xl/styles.bin" ContentType="application/vnd.ms-excel.styles"/>'
    parts = {
        "[Content_Types].xml": f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{package}/content-types">{types}</Types>',
        "_rels/.rels": f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{package}/relationships">{relation("rId1", office, "officeDocument", "xl/workbook.bin")}</Relationships>',
        "xl/_rels/workbook.bin.rels": f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{package}/relationships">{"".join(relations)}</Relationships>',
        "xl/workbook.bin": book,
        "xl/sharedStrings.bin": strings,
        "xl/styles.bin": styles,
    }
    parts |= {f"xl/worksheets/sheet{number}.bin": part for number, (_, _, part) in enumerate(sheets, 1)}
    with zipfile.ZipFile(FOLDER / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in parts.items():
            archive.writestr(zipfile.ZipInfo(path, (2025, 3, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def binary():
    header = ["respnr", "datum", "getal", "waar", "tekst", "fout"]
    rows = [header, [1, DAY, 3.5, True, "shared:0", b"\x2a"], [2, MOMENT, -7, False, "0001", b"\x07"], [3, None, 0.1, None, "shared:1", None]]
    xlsb("biff12-plain.xlsb", [("Gegevens", 0, sheet(rows))], ["gedeeld", "één & twee"])
    xlsb("biff12-hidden.xlsb", [("Toelichting", 1, sheet([["geheim"]])), ("Data", 0, sheet(rows)), ("Zeer", 2, sheet([["x"]]))], ["a", "b"])
    xlsb("biff12-offset.xlsb", [("Data", 0, sheet([["respnr", "a"], [1, "x"], [None, None], ["Totaal", 2]], 3, 2))])
    xlsb("biff12-header-only.xlsb", [("Data", 0, sheet([header]))])
    xlsb("biff12-no-header.xlsb", [("Data", 0, sheet([["nummer van wie", "a"], [1, "x"]]))])
    whole = (FOLDER / "biff12-plain.xlsb").read_bytes()
    (FOLDER / "biff12-half.xlsb").write_bytes(whole[: len(whole) // 2])
    (FOLDER / "biff12-plain.xlsb.gz").write_bytes(gzip.compress(whole, mtime=0))


if __name__ == "__main__":
    libreoffice()
    frames()
    wrapped()
    binary()
    subprocess.run(["Rscript", HERE / "make_foreign.R", FOLDER], check=True)

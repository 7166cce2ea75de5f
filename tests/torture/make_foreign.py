"""Makes the files of `files/` that LibreOffice, R, pandas, Polars and DuckDB write.

Their content is synthetic. Run once with openpyxl, pandas, xlsxwriter, polars, duckdb and odfpy installed, and `soffice` and `Rscript` on
the path; the files are kept, as writers change. `files/README.md` tells which version wrote them.
"""

import datetime
import gzip
import pathlib
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


if __name__ == "__main__":
    libreoffice()
    frames()
    wrapped()
    subprocess.run(["Rscript", HERE / "make_foreign.R", FOLDER], check=True)

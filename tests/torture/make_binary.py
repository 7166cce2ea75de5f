"""Makes the old workbooks of `files/`: xls, record by record by its own small writer, and by xlwt, Perl and LibreOffice.

Their content is synthetic. Run once with openpyxl and xlwt installed, and `soffice` and `perl` (Spreadsheet::WriteExcel) on the path; the
files are kept, as writers change. `files/README.md` tells which version wrote them.
"""

import datetime
import io
import pathlib
import struct
import subprocess
import tempfile

import openpyxl
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from xlwt.CompoundDoc import XlsDoc

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "files"
DAY, MOMENT = datetime.date(2025, 3, 1), datetime.datetime(2025, 12, 31, 23, 59, 58)


# ---- xls: records of [MS-XLS]


def old(kind, payload=b""):
    """What is too long goes on in further records."""
    return struct.pack("<HH", kind, len(payload)) + payload


def units(value, lead="<H"):
    wide = any(ord(sign) > 255 for sign in value)
    coded = value.encode("utf-16le" if wide else "latin-1")
    return struct.pack(lead, len(coded) // (2 if wide else 1)) + bytes([wide]) + coded


def cell(kind, row, column, payload, style=0):
    return old(kind, struct.pack("<HHH", row, column, style) + payload)


def label(row, column, value):
    return cell(0x204, row, column, units(value))


def number(row, column, value, style=0):
    return cell(0x203, row, column, struct.pack("<d", value), style)


def formula(row, column, value, flags=0, rgce=b"\x1e\x01\x00", following=b""):
    match value:
        case None:
            result = b"\3\0\0\0\0\0\xff\xff"
        case bool():
            result = bytes([1, 0, value, 0, 0, 0, 255, 255])
        case bytes():
            result = b"\2\0" + value + b"\0\0\0\xff\xff"
        case str():
            result, following = b"\0\0\0\0\0\0\xff\xff", following + old(0x207, units(value))
        case _:
            result = struct.pack("<d", value)
    return cell(0x006, row, column, result + struct.pack("<HIH", flags, 0, len(rgce)) + rgce) + following


def old_row(number, hidden=False):
    return old(0x208, struct.pack("<HHHHHHI", number, 0, 256, 255, 0, 0, 0x100 | (0x20 if hidden else 0)))


def old_sheet(cells, extent=(0, 9, 0, 9), version=0x600):
    start = struct.pack("<HHHHII", version, 0x10, 0, 0, 0, 0)
    return old(0x809, start if version == 0x600 else start[:8]) + old(0x200, struct.pack("<IIHHH", *extent, 0)) + cells + old(0x00A)


FORMATS = {0: None, 1: (164, "dd\\-mm\\-yyyy;@"), 2: (46, None), 3: (14, None), 4: (165, "0.00\" dagen\"")}


def xls(name, sheets, shared=b"", version=0x600, code_page=1200, before=b"", stream="Workbook"):
    """`sheets`: name, state, records; `shared`: the records of the shared texts."""
    text = units if version == 0x600 else lambda value, lead="<H": struct.pack(lead, len(value.encode("cp1252"))) + value.encode("cp1252")
    start = struct.pack("<HHHHII", version, 0x05, 0, 0, 0, 0)
    head = old(0x809, start if version == 0x600 else start[:8]) + before + old(0x042, struct.pack("<H", code_page))
    own = [(number, code) for number, code in filter(None, FORMATS.values()) if code]
    head += b"".join(old(0x41E, struct.pack("<H", number) + text(code, "<H" if version == 0x600 else "<B")) for number, code in own)
    for style in FORMATS.values():
        head += old(0x0E0, struct.pack("<HHH", 0, style[0] if style else 0, 0) + b"\0" * (14 if version == 0x600 else 10))
    ends = [old(0x085, struct.pack("<IBB", 0, state, 0) + text(title, "<B")) for title, state, _ in sheets]
    at = len(head) + sum(map(len, ends)) + len(shared) + 4
    for number, (_, _, records) in enumerate(sheets):
        ends[number] = ends[number][:4] + struct.pack("<I", at) + ends[number][8:]
        at += len(records)
    book = head + b"".join(ends) + shared + old(0x00A) + b"".join(records for _, _, records in sheets)
    target = io.BytesIO()
    XlsDoc().save(target, book)
    whole = target.getvalue()
    if stream != "Workbook":
        named = lambda name: name.encode("utf-16le").ljust(64, b"\0") + struct.pack("<H", len(name) * 2 + 2)
        whole = whole.replace(named("Workbook"), named(stream))
    (FOLDER / name).write_bytes(whole)


def header(*names):
    return b"".join(label(0, column, name) for column, name in enumerate(names))


def binary8():
    long = "lang " * 1800 + "€ " * 10
    shared = struct.pack("<II", 4, 4) + units("gedeeld") + struct.pack("<HBH", 4, 8, 1) + b"half" + struct.pack("<HH", 0, 1)
    shared += struct.pack("<HBI", 4, 4, 5) + b"kana" + b"XXXXX" + struct.pack("<H", len(long)) + b"\0" + long[:3000].encode("latin-1")
    # The text goes on twice, the second time in wide signs.
    sst = old(0x0FC, shared) + old(0x03C, b"\0" + long[3000:8000].encode("latin-1")) + old(0x03C, b"\1" + long[8000:].encode("utf-16le"))
    rows = old_row(0) + old_row(1) + old_row(2, True)
    rows += old(0x07D, struct.pack("<HHHHHH", 3, 4, 2000, 0, 1, 0))
    names = ["respnr", "heel", "honderdste", "breuk", "tekst", "waar", "fout", "datum", "duur", "formule"]
    first = old(0x0BD, struct.pack("<HH", 1, 0) + b"".join(struct.pack("<Hi", 0, rk) for rk in (1 << 2 | 2, -7 << 2 | 2, 1234 << 2 | 3, 0x3FF80000)) + struct.pack("<H", 3))
    first += label(1, 4, "€ één") + cell(0x205, 1, 5, b"\1\0") + cell(0x205, 1, 6, b"\x2a\1") + number(1, 7, 45717, 1) + number(1, 8, 1.5, 2)
    first += cell(0x006, 1, 9, b"\0\0\0\0\0\0\xff\xff" + struct.pack("<HIH", 8, 0, 5) + b"\1\0\0\0\0") + old(0x4BC, b"\0" * 10)
    first += old(0x207, struct.pack("<H", len(long)) + b"\0" + long[:8000].encode("latin-1")) + old(0x03C, b"\1" + long[8000:].encode("utf-16le"))
    second = cell(0x27E, 2, 0, struct.pack("<i", 2 << 2 | 2)) + formula(2, 1, 7.5) + formula(2, 2, True) + formula(2, 3, b"\x07") + formula(2, 4, None)
    second += formula(2, 9, "kort") + number(2, 7, 45717.75, 3) + number(2, 8, 12, 4)
    third = cell(0x0FD, 3, 0, struct.pack("<I", 0)) + cell(0x0FD, 3, 1, struct.pack("<I", 1)) + cell(0x0FD, 3, 2, struct.pack("<I", 2)) + cell(0x0FD, 3, 4, struct.pack("<I", 99))
    third += cell(0x0D6, 3, 5, units("half vet") + struct.pack("<HHH", 1, 5, 1)) + cell(0x205, 3, 6, b"\x2d\1") + number(3, 7, 60, 3) + cell(0x0FD, 3, 9, struct.pack("<I", 3))
    chart = old(0x809, struct.pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 0)) + number(0, 0, 99) + old(0x00A)
    # Rows in the order in which somebody filled them; a cell twice; a chart inside.
    xls("biff8-cells.xls", [("Grafiek", 2, old_sheet(b"")), ("Data", 0, old_sheet(rows + third + first + chart + header(*names) + second + number(2, 8, 13)))], sst)
    volatile = b"\x19\x01\x00\x00\x1e\x00\x00"
    never = header("respnr", "a", "b", "c") + number(1, 0, 1) + formula(1, 1, 0, 3) + formula(1, 2, None) + formula(1, 3, 0, 2)
    xls("biff8-uncalculated.xls", [("Data", 0, old_sheet(never))])
    xls("biff8-calculated.xls", [("Data", 0, old_sheet(never + number(2, 0, 2) + formula(2, 1, 7, 3) + formula(2, 2, 0, 1, volatile)))])
    xls("biff8-text-not-there.xls", [("Data", 0, old_sheet(header("respnr", "a") + number(1, 0, 1) + formula(1, 1, "x")[:-8]))])
    far = header("respnr", "a") + number(1, 0, 1) + label(1, 1, "x") + number(65535, 0, 2) + label(65535, 255, "ver")
    xls("biff8-far.xls", [("Data", 0, old_sheet(far, (0, 0xFFFFFFFF, 0, 0xFFFF)))])
    xls("biff8-1904.xls", [("Data", 0, old_sheet(header("respnr", "datum") + number(1, 0, 1) + number(1, 1, 45717 - 1462, 1)))], before=old(0x022, b"\1\0"))
    xls("biff8-protected.xls", [("Data", 0, old_sheet(header("respnr")))], before=old(0x02F, b"\0" * 6))
    merged = label(0, 1, "Blok A") + label(0, 3, "Blok B") + b"".join(label(1, column, name) for column, name in enumerate(["respnr", "v1", "v2", "v3"])) + number(2, 0, 1) + label(2, 1, "ja")
    xls("biff8-merged.xls", [("Data", 0, old_sheet(merged + old(0x0E5, struct.pack("<HHHHHHHHH", 2, 0, 0, 1, 2, 5, 4, 0, 0))))])
    hostile = {
        "text-beyond": old(0x204, struct.pack("<HHHHB", 0, 0, 0, 0xFFFF, 1) + b"r"),
        "column-beyond": label(0, 65535, "respnr"),
        "numbers-cut": header("respnr", "a") + old(0x0BD, struct.pack("<HHHiH", 1, 0xFFFF, 0, 6, 9) + b"\0" * 6),
        "number-cut": header("respnr", "a") + old(0x203, struct.pack("<HHH", 1, 0, 0) + b"\0"),
    }
    for name, records in hostile.items():
        xls(f"biff8-{name}.xls", [("Data", 0, old_sheet(records))])
    # In bytes of a code page.
    plain = lambda row, column, value, page="cp1252": cell(0x204, row, column, struct.pack("<H", len(value.encode(page))) + value.encode(page))
    for name, page, value in (("plain", 1252, "€ één"), ("cyrillic", 1251, "да"), ("unknown", 437, "ja")):
        cells = old_row(2, True) + plain(0, 0, "respnr") + plain(0, 1, "tekst") + plain(0, 2, "datum") + plain(0, 3, "formule") + number(1, 0, 1) + plain(1, 1, value, f"cp{page}")
        cells += number(1, 2, 45717, 1) + formula(1, 3, 7) + number(2, 0, 2) + cell(0x006, 2, 3, b"\0\0\0\0\0\0\xff\xff" + struct.pack("<HIH", 0, 0, 3) + b"\x1e\1\0") + old(0x207, b"\4\0laag")
        xls(f"biff5-{name}.xls", [("Gegevens é", 0, old_sheet(cells, version=0x500))], version=0x500, code_page=page, stream="Book")
    xls("biff5-older.xls", [("Data", 0, old_sheet(b"", version=0x400))], version=0x400)


# ---- xlwt, Perl, LibreOffice


def by_xlwt():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for column, name in enumerate(["respnr", "datum", "waar", "formule", "tekst", "groot"]):
        sheet.write(0, column, name)
    date = xlwt.easyxf(num_format_str="dd-mm-yyyy hh:mm")
    for row in range(1, 4):
        sheet.write(row, 0, row), sheet.write(row, 1, MOMENT, date), sheet.write(row, 2, row == 1), sheet.write(row, 3, xlwt.Formula(f"A{row}*2"))
    sheet.write_rich_text(1, 4, [("half ", xlwt.easyfont("bold on")), ("vet", xlwt.easyfont(""))])
    sheet.write(2, 4, "é" * 20000), sheet.write(3, 4, "€" * 20000), sheet.write(3, 5, 12345678901234567890.0)
    sheet.row(2).hidden = True
    sheet.col(2).hidden = True
    book.save(FOLDER / "xlwt-hidden.xls")


def by_libreoffice():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["respnr", "kort", "lang", "rijk", "formule", "fout", "duur"])
    sheet.append([1, "ja", "é" * 9000, None, "=REPT(\"ab\",5000)", "=NA()", datetime.timedelta(hours=36, minutes=30)])
    sheet.append([2, "€ ënde", "€" * 9000, "x", "=1=1", "=1/0", None])
    sheet["D2"] = CellRichText("half ", TextBlock(InlineFont(b=True), "vet"), " en € ", TextBlock(InlineFont(i=True), "schuin"))
    for number in range(3, 9):
        sheet.append([number, f"tekst {number} " * 300])
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "long.xlsx"
        book.save(source)
        for kind, target in (("ods", "ods"), ("xlsx", "xlsx"), ("xls", "xls:MS Excel 97")):
            made = pathlib.Path(folder) / kind
            command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", target, "--outdir", made, source]
            subprocess.run(command, check=True, capture_output=True)
            (FOLDER / f"libreoffice-long.{kind}").write_bytes((made / f"long.{kind}").read_bytes())


if __name__ == "__main__":
    binary8()
    by_xlwt()
    by_libreoffice()
    subprocess.run(["perl", HERE / "make_foreign.pl", FOLDER], check=True)

// Makes the xlsb workbooks of `files/` by SheetJS: `npm install xlsx@0.18.5`, then `node make_foreign.mjs files`. Their content is synthetic.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createRequire } from "node:module";

const XLSX = createRequire(join(process.cwd(), "package.json"))("xlsx");
const folder = process.argv[2];
const day = (serial) => ({ t: "n", v: serial, z: "dd-mm-yyyy" });
const error = (code) => ({ t: "e", v: code });
const formula = (of, cell) => ({ ...cell, f: of });

function book(sheets, options = {}) {
  const book = XLSX.utils.book_new();
  book.Workbook = { Sheets: [] };
  for (const [name, rows, hidden, origin] of sheets) {
    const sheet = XLSX.utils.aoa_to_sheet(rows, { origin: origin ?? "A1" });
    for (const area of options.merged ?? []) (sheet["!merges"] ??= []).push(XLSX.utils.decode_range(area));
    if (options.hidden_row) (sheet["!rows"] ??= [])[options.hidden_row] = { hidden: true };
    XLSX.utils.book_append_sheet(book, sheet, name);
    book.Workbook.Sheets.push({ name, Hidden: hidden ?? 0 });
  }
  return XLSX.write(book, { type: "buffer", bookType: "xlsb", bookSST: options.shared ?? true });
}

const header = ["respnr", "datum", "getal", "waar", "tekst", "fout"];
const rows = [
  header,
  [1, day(45717), 3.5, true, "één & twee", error(0x2a)],
  [2, day(46022.999976851855), -7, false, "0001", error(0x07)],
  [3, null, 0.1, null, " spatie ", null],
];
const plain = book([["Gegevens", rows]]);
const files = {
  "plain.xlsb": plain,
  "in-place.xlsb": book([["Gegevens", rows]], { shared: false }),
  "hidden.xlsb": book([["Toelichting", [["geheim"]], 1], ["Data", rows], ["Zeer", [["x"]], 2]], { hidden_row: 2 }),
  "merged.xlsb": book([["Data", [[null, "Blok A", null, "Blok B"], ["respnr", "v1", "v2", "v3"], [1, "ja", "nee", "ja"]]]], { merged: ["B1:C1"] }),
  "offset.xlsb": book([["Data", [["respnr", "a"], [1, "x"], [null, null], [2, "y"]], 0, "C4"]]),
  "header-only.xlsb": book([["Data", [header]]]),
  "no-header.xlsb": book([["Data", [["nummer van wie", "a"], [1, "x"]]]]),
  "formulas.xlsb": book([["Data", [
    ["respnr", "som", "waar", "tekst", "fout"],
    [1, formula("A2*7", { t: "n", v: 7 }), formula("A2=1", { t: "b", v: true }), formula('"la"&"ag"', { t: "s", v: "laag" }), formula("NA()", error(0x2a))],
    [2, formula("A3*0", { t: "n", v: 0 }), formula("A3=1", { t: "b", v: false }), formula('""', { t: "s", v: "" }), formula("1/0", error(0x07))],
  ]]]),
  "half.xlsb": plain.subarray(0, plain.length / 2),
  "plain.xlsb.gz": gzipSync(plain),
};
for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, `sheetjs-${name}`), bytes);

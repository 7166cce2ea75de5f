//! Workbooks cell by cell and sheet by sheet, sound and broken.

use config::export::SheetChoice;

use super::{Case, check};
use crate::support::profile;
use crate::workbook::of_xml;

const SHARED: &str = "<sst uniqueCount=\"3\"><si><t>respnr</t></si><si><t>a</t></si><si><r><t>ge</t></r><r><t>deeld</t></r></si></sst>";

/// A sheet with the header `respnr`, `a` and one cell below `a`.
fn sheet_of_cell(cell: &str) -> String {
    format!(
        "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c>{cell}</row></sheetData>"
    )
}

#[test]
fn quirks_of_sheets_end_as_expected() {
    check("workbook.txt", cases());
}

pub fn cases() -> Vec<Case> {
    let xlsx = |name: &str, bytes: Vec<u8>| Case {
        name: name.to_owned(),
        file: "a.xlsx",
        bytes,
        profile: profile("excel_xlsx"),
    };
    let mut cases = Vec::new();
    for (name, cell) in CELLS {
        cases.push(xlsx(&format!("cell: {name}"), of_xml(&sheet_of_cell(cell), SHARED, "")));
    }
    for (name, sheet) in SHEETS {
        cases.push(xlsx(&format!("sheet: {name}"), of_xml(sheet, SHARED, "")));
    }
    let data = sheet_of_cell("<c r=\"B2\"><v>1</v></c>");
    for (name, shared) in [
        ("more shared texts stated than can be", "<sst uniqueCount=\"100000000000\"/>"),
        ("a number of shared texts that is none", "<sst uniqueCount=\"veel\"/>"),
        ("shared texts that break off", "<sst uniqueCount=\"2\"><si><t>respnr</t></si><si><t"),
        ("fewer shared texts than cells refer to", "<sst><si><t>respnr</t></si></sst>"),
        ("no shared texts at all", ""),
    ] {
        cases.push(xlsx(name, of_xml(&data, shared, "")));
    }
    cases.push(xlsx(
        "counted from 1904",
        of_xml(
            &sheet_of_cell("<c r=\"B2\" s=\"1\"><v>0</v></c>"),
            SHARED,
            "<workbookPr date1904=\"1\"/>",
        ),
    ));
    let mut named = xlsx("a sheet by a name that is not there", of_xml(&data, SHARED, ""));
    named.profile.workbook.sheet = SheetChoice::Named("Gegevens".to_owned());
    let mut like = xlsx("a sheet by a pattern", of_xml(&data, SHARED, ""));
    like.profile.workbook.sheet = SheetChoice::Like("d*a".to_owned());
    let mut only = xlsx("the only visible sheet", of_xml(&data, SHARED, ""));
    only.profile.workbook.sheet = SheetChoice::OnlyVisible;
    cases.extend([named, like, only]);
    cases.push(xlsx("text named xlsx", b"respnr;a\n1;x\n".to_vec()));
    cases
        .push(xlsx("a zip archive of something else", zip_of(&[("a/b.txt", "x"), ("c.txt", "y")])));
    cases.push(xlsx("an empty zip archive", zip_of(&[])));
    cases.push(xlsx(
        "a zip archive that only looks like a workbook",
        zip_of(&[("[Content_Types].xml", "<Types/>")]),
    ));
    cases.push(xlsx(
        "a compound file of nothing",
        [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat(),
    ));
    cases
}

fn zip_of(parts: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Style 1 shows a date.
const CELLS: [(&str, &str); 44] = [
    ("whole number", "<c r=\"B2\"><v>7</v></c>"),
    ("number with spaces around", "<c r=\"B2\"><v> 7 </v></c>"),
    ("negative number", "<c r=\"B2\"><v>-7</v></c>"),
    ("leading zeros", "<c r=\"B2\"><v>007</v></c>"),
    ("binary noise", "<c r=\"B2\"><v>0.30000000000000004</v></c>"),
    ("seventeen digits of a typed number", "<c r=\"B2\"><v>2.2999999999999998</v></c>"),
    ("exponent", "<c r=\"B2\"><v>1.5E-3</v></c>"),
    ("beyond a double", "<c r=\"B2\"><v>1E400</v></c>"),
    ("twenty digits", "<c r=\"B2\"><v>12345678901234567890</v></c>"),
    ("sixteen digits as Excel writes them", "<c r=\"B2\"><v>1.2345678901234501E+16</v></c>"),
    ("not a number", "<c r=\"B2\"><v>NaN</v></c>"),
    ("text in a number cell", "<c r=\"B2\"><v>weet niet</v></c>"),
    ("decimal comma in a number cell", "<c r=\"B2\"><v>3,5</v></c>"),
    ("date", "<c r=\"B2\" s=\"1\"><v>45717</v></c>"),
    ("date and time", "<c r=\"B2\" s=\"1\"><v>45717.75</v></c>"),
    ("time alone", "<c r=\"B2\" s=\"1\"><v>0.5</v></c>"),
    ("serial 59", "<c r=\"B2\" s=\"1\"><v>59</v></c>"),
    ("serial 60", "<c r=\"B2\" s=\"1\"><v>60</v></c>"),
    ("serial 61", "<c r=\"B2\" s=\"1\"><v>61</v></c>"),
    ("negative date", "<c r=\"B2\" s=\"1\"><v>-1</v></c>"),
    ("date beyond 9999", "<c r=\"B2\" s=\"1\"><v>3000000</v></c>"),
    ("style that is not there", "<c r=\"B2\" s=\"99\"><v>45717</v></c>"),
    ("iso date", "<c r=\"B2\" t=\"d\"><v>2025-03-01</v></c>"),
    ("iso date that does not exist", "<c r=\"B2\" t=\"d\"><v>2025-02-30</v></c>"),
    ("true", "<c r=\"B2\" t=\"b\"><v>1</v></c>"),
    ("neither true nor false", "<c r=\"B2\" t=\"b\"><v>2</v></c>"),
    ("error", "<c r=\"B2\" t=\"e\"><v>#N/A</v></c>"),
    ("error of newer releases", "<c r=\"B2\" t=\"e\"><v>#SPILL!</v></c>"),
    ("shared text in runs", "<c r=\"B2\" t=\"s\"><v>2</v></c>"),
    ("shared text beyond the list", "<c r=\"B2\" t=\"s\"><v>3</v></c>"),
    ("shared text whose number is none", "<c r=\"B2\" t=\"s\"><v>x</v></c>"),
    ("text in place", "<c r=\"B2\" t=\"inlineStr\"><is><t>hier &amp; nu</t></is></c>"),
    (
        "text in place with phonetics",
        "<c r=\"B2\" t=\"inlineStr\"><is><t>hier</t><rPh><t>weg</t></rPh></is></c>",
    ),
    ("text number", "<c r=\"B2\" t=\"inlineStr\"><is><t>0001</t></is></c>"),
    ("spaces only", "<c r=\"B2\" t=\"inlineStr\"><is><t xml:space=\"preserve\">  </t></is></c>"),
    ("escaped control sign", "<c r=\"B2\" t=\"str\"><v>a_x000D_b</v></c>"),
    ("formula with text", "<c r=\"B2\" t=\"str\"><f>A1</f><v>x</v></c>"),
    ("formula with number", "<c r=\"B2\"><f>1+1</f><v>2</v></c>"),
    ("formula without value", "<c r=\"B2\"><f>1+1</f></c>"),
    ("shared formula without value", "<c r=\"B2\"><f t=\"shared\" si=\"0\"/></c>"),
    ("formula with empty text", "<c r=\"B2\" t=\"str\"><f>\"\"</f><v></v></c>"),
    ("unknown kind", "<c r=\"B2\" t=\"zz\"><v>7</v></c>"),
    ("the same address twice", "<c r=\"B2\"><v>7</v></c><c r=\"B2\"><v>8</v></c>"),
    ("without address", "<c><v>7</v></c>"),
];

const SHEETS: [(&str, &str); 22] = [
    ("no rows", "<sheetData/>"),
    ("rows without cells", "<sheetData><row r=\"1\"/><row r=\"2\"/></sheetData>"),
    ("header only", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row></sheetData>"),
    ("no header", "<sheetData><row r=\"1\"><c><v>1</v></c></row></sheetData>"),
    (
        "header with a near name",
        "<sheetData><row r=\"1\"><c t=\"inlineStr\"><is><t>respnummer</t></is></c></row><row r=\"2\"><c><v>1</v></c></row></sheetData>",
    ),
    (
        "rows without numbers",
        "<sheetData><row><c t=\"s\"><v>0</v></c></row><row><c><v>1</v></c></row></sheetData>",
    ),
    (
        "rows in the wrong order",
        "<sheetData><row r=\"2\"><c t=\"s\"><v>0</v></c></row><row r=\"1\"><c><v>1</v></c></row></sheetData>",
    ),
    (
        "a row twice",
        "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row><row r=\"1\"><c><v>1</v></c></row></sheetData>",
    ),
    (
        "cells in the wrong order",
        "<sheetData><row r=\"1\"><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"B2\"><v>2</v></c><c r=\"A2\"><v>1</v></c></row></sheetData>",
    ),
    ("row 0", "<sheetData><row r=\"0\"/></sheetData>"),
    ("row beyond the last", "<sheetData><row r=\"1048577\"/></sheetData>"),
    (
        "column beyond the last",
        "<sheetData><row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row></sheetData>",
    ),
    (
        "the last corner",
        "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c><c r=\"XFD1048576\"><v>2</v></c></row></sheetData>",
    ),
    (
        "an address that is none",
        "<sheetData><row r=\"1\"><c r=\"?\"><v>1</v></c></row></sheetData>",
    ),
    ("breaks off in a row", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c>"),
    ("breaks off between rows", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row>"),
    ("breaks off in a tag", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row><row r=\"2"),
    ("a cell that does not end", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></row></sheetData>"),
    (
        "comments and data sections",
        "<sheetData><!-- <row> --><row r=\"1\"><!-- </row> --><c t=\"inlineStr\"><is><t><![CDATA[respnr]]></t></is></c></row><row r=\"2\"><c t=\"inlineStr\"><is><t><![CDATA[</row>]]></t></is></c></row></sheetData>",
    ),
    (
        "a lying dimension",
        "<dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row><row r=\"2\"><c><v>1</v></c></row></sheetData>",
    ),
    (
        "prefixed names",
        "<x:sheetData xmlns:x=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><x:row r=\"1\"><x:c t=\"s\"><x:v>0</x:v></x:c></x:row><x:row r=\"2\"><x:c><x:v>1</x:v></x:c></x:row></x:sheetData>",
    ),
    ("no sheet but a chart", "<chart/>"),
];

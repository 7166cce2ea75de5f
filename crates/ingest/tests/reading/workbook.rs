//! Workbooks of today and of old: cells, what is hidden, and what lies about itself.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::write::SimpleFileOptions;

use crate::support::{findings, headers, profile, read, rows};

/// A workbook of texts in its first sheet.
pub fn simple(cells: &[&[&str]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, texts) in (0..).zip(cells) {
        for (column, text) in (0..).zip(*texts) {
            sheet.write_string(row, column, *text).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// A workbook whose only sheet has this XML between `<worksheet>` and its end; style 1 shows a date.
pub fn of_xml(sheet: &str, shared: &str, workbook_extra: &str) -> Vec<u8> {
    let styles = "<cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>";
    of_sheets(&[("Data", sheet)], styles, shared, workbook_extra)
}

/// A workbook of sheets, each with its name and its XML between `<worksheet>` and its end.
pub fn of_sheets(
    sheets: &[(&str, &str)],
    styles: &str,
    shared: &str,
    workbook_extra: &str,
) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, text: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |inside: &str| {
        format!("<Relationships xmlns=\"{package}/relationships\">{inside}</Relationships>")
    };
    part("[Content_Types].xml", &format!("<Types xmlns=\"{package}/content-types\"/>"));
    part("_rels/.rels", &relations(&relation("rId1", "officeDocument", "xl/workbook.xml")));
    let (mut of_workbook, mut listed) = (String::new(), String::new());
    for (number, (name, xml)) in (1..).zip(sheets) {
        let path = format!("worksheets/sheet{number}.xml");
        of_workbook += &relation(&format!("rId{number}"), "worksheet", &path);
        listed += &format!("<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
        let sheet = format!("<worksheet xmlns=\"{main}\">{xml}</worksheet>");
        part(&format!("xl/{path}"), &sheet);
    }
    of_workbook += &relation("rIdT", "sharedStrings", "sharedStrings.xml");
    of_workbook += &relation("rIdS", "styles", "styles.xml");
    part("xl/_rels/workbook.xml.rels", &relations(&of_workbook));
    part(
        "xl/workbook.xml",
        &format!(
            "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\">{workbook_extra}<sheets>{listed}</sheets></workbook>"
        ),
    );
    part("xl/styles.xml", &format!("<styleSheet xmlns=\"{main}\">{styles}</styleSheet>"));
    part("xl/sharedStrings.xml", shared);
    zip.finish().unwrap().into_inner()
}

const NO_SHARED: &str = "<sst count=\"0\" uniqueCount=\"0\"/>";

#[test]
fn every_cell_comes_as_text_with_its_class() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let date = Format::new().set_num_format("dd-mm-yyyy hh:mm");
    for (column, header) in
        (0..).zip(["id", "text", "number", "date", "bool", "formula", "textnumber"])
    {
        sheet.write(0, column, header).unwrap();
    }
    sheet.write(1, 0, 1001).unwrap();
    sheet.write(1, 1, "één & <twee>").unwrap();
    sheet.write(1, 2, 0.1).unwrap();
    let moment = ExcelDateTime::from_ymd(2025, 10, 13).unwrap().and_hms(12, 59, 2).unwrap();
    sheet.write_with_format(1, 3, &moment, &date).unwrap();
    sheet.write(1, 4, true).unwrap();
    sheet.write(1, 5, Formula::new("=1+1").set_result("2")).unwrap();
    sheet.write_string(1, 6, "0001").unwrap();
    let raw = read("a.xlsx", &workbook.save_to_buffer().unwrap(), &profile("excel_xlsx")).unwrap();
    assert_eq!(
        rows(&raw),
        ["1 2 n:id t:één & <twee> n:0.1 d:2025-10-13T12:59:02 b:TRUE n:2 t:0001"]
    );
    assert_eq!(findings(&raw), Vec::<String>::new());
    assert_eq!(raw.about.used_range.as_deref(), Some("A1:G2"));
    assert_eq!(raw.about.sheets, [("Sheet1".to_owned(), "visible".to_owned())]);
}

#[test]
fn what_the_sheet_says_of_its_cells_is_kept_to_the_letter() {
    let sheet = r#"<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="s"><v>0</v></c></row>
        <row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>12345678901234567890</v></c></row>
        <row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>SUM(A1)</f></c></row>
        <row r="4"><c r="A4"><v>3</v></c><c r="B4"><f>SUM(A1)</f><v/></c></row>
        <row r="5"><c r="A5"><v>4</v></c><c r="B5" t="e"><v>#SPILL!</v></c></row>
        <row r="6"><c r="A6"><v>5</v></c><c r="B6" s="1"><v>60</v></c></row>
        <row r="7"><c r="A7"><v>6</v></c><c r="B7" t="s"><v>99</v></c></row>
        <row r="8"><c r="A8"><v>7</v></c><c r="B8" t="n"><v>abc</v></c></row>
        <row r="9"><c r="A9"><v>8</v></c><c r="B9" t="d"><v>2024-02-30</v></c></row>
        <row r="10"><c r="A10"><v>9</v></c><c r="B10" t="str"><f>""</f><v></v></c></row>
        <row r="11"><c><v>10</v></c><c s="1"><v>45943</v></c></row>
        <row r="12"><c r="A12" t="inlineStr"><is><t>11</t></is></c><c r="B12" t="inlineStr"><is><r><t>a</t></r><r><t><![CDATA[</row>]]></t></r></is></c></row>
        <row><c><v>12</v></c><c><v>1E+20</v></c></row></sheetData>"#;
    let raw = read(
        "a.xlsx",
        &of_xml(sheet, "<sst uniqueCount=\"1\"><si><t>answer</t></si></sst>", ""),
        &profile("excel_xlsx"),
    )
    .unwrap();
    assert_eq!(
        rows(&raw),
        [
            "1 2 n:id n:12345678901234567890",
            "2 3 n:id f:",
            "3 4 n:id f:",
            "4 5 n:id e:#SPILL!",
            "5 6 n:id n:60",
            "6 7 n:id e:",
            "7 8 n:id t:abc",
            "8 9 n:id t:2024-02-30",
            "9 10 n:id -:",
            "10 11 n:id d:2025-10-13",
            "11 12 t:id t:a</row>",
            "12 13 n:id n:100000000000000000000",
        ]
    );
    assert_eq!(
        findings(&raw),
        [
            "long_number B2 1 2 x1",
            "uncalculated_formula B3 2 3 x1",
            "uncalculated_formula B4 3 4 x1",
            "error_cell B5 4 5 x1",
            "impossible_date B6 5 6 x1",
            "broken_cell B7 6 7 x1",
            "broken_cell B8 7 8 x1",
            "broken_cell B9 8 9 x1",
            "long_number B13 12 13 x1",
        ]
    );
}

#[test]
fn dates_of_a_1904_workbook_are_counted_from_1904() {
    let sheet = r#"<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>d</t></is></c></row>
        <row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1"><v>44481</v></c></row></sheetData>"#;
    let raw = read(
        "a.xlsx",
        &of_xml(sheet, NO_SHARED, "<workbookPr date1904=\"1\"/>"),
        &profile("excel_xlsx"),
    )
    .unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id d:2025-10-13"]);
}

#[test]
fn data_may_start_anywhere_below_question_texts_and_merged_cells() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let format = Format::new();
    sheet.write(0, 0, "Levering van het bureau").unwrap();
    sheet.merge_range(3, 2, 4, 2, "respnr", &format).unwrap();
    sheet.merge_range(3, 3, 3, 4, "Welke gebruikt u?", &format).unwrap();
    sheet.write(4, 3, "q1_1").unwrap();
    sheet.write(4, 4, "q1_2").unwrap();
    sheet.write(5, 2, 1).unwrap();
    sheet.write(5, 3, "ja").unwrap();
    sheet.write(7, 2, 2).unwrap();
    sheet.write(7, 4, "nee").unwrap();
    sheet.write(9, 2, "Bron: bureau").unwrap();
    let raw =
        read("a.xlsx", &workbook.save_to_buffer().unwrap(), &profile("excel_two_headers_xlsx"))
            .unwrap();
    assert_eq!(headers(&raw), ["respnr", "q1_1", "q1_2"]);
    assert_eq!(raw.about.columns[2].header_rows, ["Welke gebruikt u?", "q1_2"]);
    assert_eq!(rows(&raw), ["1 6 n:id t:ja -:", "2 8 n:id -: t:nee"]);
    assert_eq!((raw.about.first_column, raw.about.header_row), (2, 4));
    assert_eq!(raw.about.address(6, 1).to_string(), "D6");
    assert_eq!((raw.about.blank_rows, raw.about.rows_cut["footer:Bron:"]), (2, 1));
}

#[test]
fn hidden_sheets_rows_and_columns_are_reported() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Voorblad").unwrap().set_hidden(true);
    let sheet = workbook.add_worksheet().set_name("Data").unwrap();
    sheet.set_active(true);
    for (row, cells) in (0..).zip([["id", "a"], ["1", "x"], ["2", "y"]]) {
        sheet.write_row(row, 0, cells).unwrap();
    }
    sheet.set_row_hidden(2).unwrap();
    sheet.set_column_hidden(1).unwrap();
    workbook.add_worksheet().set_name("Codes").unwrap().set_very_hidden(true);
    let raw = read("a.xlsx", &workbook.save_to_buffer().unwrap(), &profile("excel_xlsx")).unwrap();
    assert_eq!(raw.about.sheet.as_deref(), Some("Data"));
    assert_eq!(rows(&raw), ["1 2 t:id t:x", "2 3 t:id t:y"]);
    assert_eq!(
        findings(&raw),
        [
            "hidden_sheet - - - x1",
            "hidden_sheet - - - x1",
            "hidden_columns - - - x1",
            "hidden_rows - - - x1"
        ]
    );
    assert_eq!(raw.about.sheets[2], ("Codes".to_owned(), "very hidden".to_owned()));
}

#[test]
fn a_workbook_that_lies_about_its_shared_texts_ends_in_an_error() {
    let sheet = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>";
    for stated in ["100000000000", "1000000", "99999999999999999999999"] {
        let bytes =
            of_xml(sheet, &format!("<sst uniqueCount=\"{stated}\"><si><t>a</t></si></sst>"), "");
        assert!(read("a.xlsx", &bytes, &profile("excel_xlsx")).is_err(), "{stated}");
    }
}

#[test]
fn rows_beyond_a_sheet_and_wild_addresses_end_in_an_error() {
    for sheet in [
        "<sheetData><row r=\"1048577\"><c><v>1</v></c></row></sheetData>",
        "<sheetData><row r=\"1\"><c r=\"ZZZ1\"><v>1</v></c></row></sheetData>",
        "<sheetData><row r=\"0\"><c><v>1</v></c></row></sheetData>",
        "<sheetData><row r=\"1\"><c r=\"1\"><v>1</v></c></row></sheetData>",
        "<sheetData><row r=\"2\"/><row r=\"1\"/></sheetData>",
        "<sheetData><row r=\"1\"><c><v>1</v></c>",
        "<sheetData><row r=\"1\"><c><v>1</v></row></sheetData>",
        "<chart/>",
    ] {
        assert!(
            read("a.xlsx", &of_xml(sheet, NO_SHARED, ""), &profile("excel_xlsx")).is_err(),
            "{sheet}"
        );
    }
}

#[test]
fn a_row_split_over_reads_is_read_whole() {
    let long = "é".repeat(70_000);
    let mut sheet = String::from(
        "<sheetData><row r=\"1\"><c t=\"inlineStr\"><is><t>id</t></is></c><c t=\"inlineStr\"><is><t>a</t></is></c></row>",
    );
    for row in 2..200 {
        let text = if row % 50 == 0 { long.as_str() } else { "short" };
        sheet.push_str(&format!("<row r=\"{row}\"><c><v>{row}</v></c><c t=\"inlineStr\"><is><t>{text}</t></is></c></row>"));
    }
    sheet.push_str("</sheetData>");
    let raw = read("a.xlsx", &of_xml(&sheet, NO_SHARED, ""), &profile("excel_xlsx")).unwrap();
    assert_eq!(raw.about.rows_out, 198);
    assert_eq!(crate::support::cell(&raw, 1, 48).0, long);
    assert_eq!(crate::support::cell(&raw, 1, 49).0, "short");
}

#[test]
fn xlsx_in_a_zip_wrapper_reads_as_it_stands() {
    let bytes = simple(&[&["id", "a"], &["1", "x"]]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&bytes).unwrap();
    let raw = read("a.xlsx.gz", &gzip.finish().unwrap(), &profile("excel_xlsx")).unwrap();
    assert_eq!(rows(&raw), ["1 2 t:id t:x"]);
}

/// Both files were found by fuzzing.
#[test]
fn sectors_that_are_not_there_and_a_header_that_is_cut_short_are_an_error() {
    let files: [&[u8]; 2] = [
        include_bytes!("../files/sectors_beyond_the_end.xls"),
        include_bytes!("../files/short_header.xls"),
    ];
    for bytes in files {
        let error = read("a.xls", bytes, &profile("excel_xlsx")).unwrap_err().to_string();
        assert!(error.contains("the workbook is damaged"), "{error}");
    }
}

#[test]
fn an_old_xls_whose_sectors_run_in_a_circle_is_an_error() {
    let mut bytes = include_bytes!("../files/old.xls").to_vec();
    let number = |bytes: &[u8], at: usize| {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    };
    let (table, directory) = (number(&bytes, 76), number(&bytes, 48));
    let next = (table + 1) * 512 + directory * 4;
    bytes[next..next + 4].copy_from_slice(&(directory as u32).to_le_bytes());
    let error = read("a.xls", &bytes, &profile("excel_xlsx")).unwrap_err().to_string();
    assert!(error.contains("its sectors do not follow one another"), "{error}");
}

#[test]
fn an_old_xls_reads_as_a_workbook() {
    // Made with xlwt 1.3.0: a title, a header in row 3 from column B, two rows with a date, a blank row, a source line.
    let raw = read("a.xls", include_bytes!("../files/old.xls"), &profile("excel_xlsx")).unwrap();
    assert_eq!(headers(&raw), ["respnr", "oordeel", "datum"]);
    assert_eq!(rows(&raw), ["1 4 n:id t:goed d:2025-03-01", "2 5 n:id t:0001 d:2025-03-02"]);
    assert_eq!(raw.about.rows_cut["footer:Bron:"], 1);
    assert_eq!(raw.about.address(4, 1).to_string(), "C4");
}

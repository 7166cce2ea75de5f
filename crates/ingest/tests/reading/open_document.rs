//! OpenDocument spreadsheets: what they hide, merge, repeat and never calculated.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::support::{findings, profile, read, rows};

/// An OpenDocument sheet of these rows; a cell `=…` is a number, any other a text.
fn ods(rows: &[&[&str]]) -> Vec<u8> {
    ods_of_xml(&ods_rows(rows))
}

fn ods_rows(rows: &[&[&str]]) -> String {
    let cell = |text: &&str| match text.strip_prefix('=') {
        Some(number) => format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{number}\"><text:p>{number}</text:p></table:table-cell>"
        ),
        None => format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        ),
    };
    rows.iter()
        .map(|row| {
            format!(
                "<table:table-row>{}</table:table-row>",
                row.iter().map(cell).collect::<String>()
            )
        })
        .collect()
}

/// An OpenDocument file whose only sheet has this XML between `<table:table>` and its end.
fn ods_of_xml(body: &str) -> Vec<u8> {
    let names = ["office", "table", "text"]
        .map(|name| format!("xmlns:{name}=\"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0\""))
        .join(" ");
    let content = format!(
        "<office:document-content {names}><office:body><office:spreadsheet><table:table table:name=\"Blad1\">{body}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        (
            "META-INF/manifest.xml",
            "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>",
        ),
        ("content.xml", &content),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_open_document_sheet_reads_as_a_workbook() {
    let bytes =
        ods(&[&["Levering"], &["id", "a", "b"], &["=1", "x", "=3.5"], &["=2", "0001", "=12"]]);
    let raw = read("a.ods", &bytes, &profile("excel_xlsx")).unwrap();
    assert_eq!(rows(&raw), ["1 3 n:id t:x n:3.5", "2 4 n:id t:0001 n:12"]);
    assert_eq!(raw.about.header_row, 2);
    assert_eq!(raw.about.sheets, [("Blad1".to_owned(), "visible".to_owned())]);
}

#[test]
fn what_an_open_document_sheet_hides_merges_and_never_calculated_is_seen() {
    let text = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let merged = "<table:table-cell table:number-columns-spanned=\"2\" office:value-type=\"string\"><text:p>Welke?</text:p></table:table-cell><table:covered-table-cell/>";
    let formula = "<table:table-cell table:formula=\"of:=1+1\"/>";
    let body = format!(
        "<table:table-column table:number-columns-repeated=\"2\"/><table:table-column table:visibility=\"collapse\"/>
        <table:table-row><table:table-cell/>{merged}</table:table-row>
        <table:table-row>{}{}{}</table:table-row>
        <table:table-row table:visibility=\"filter\">{}{}</table:table-row>
        <table:table-row>{}{formula}</table:table-row><table:table-row>{}{}{formula}</table:table-row>",
        text("respnr"), text("q1"), text("q2"), text("1"), text("ja"), text("2"), text("3"), text("nee")
    );
    let raw = read("a.ods", &ods_of_xml(&body), &profile("excel_two_headers_xlsx")).unwrap();
    assert_eq!(raw.about.columns[2].header_rows, ["Welke?", "q2"]);
    assert_eq!(rows(&raw), ["1 3 t:id t:ja -:", "2 4 t:id f: -:", "3 5 t:id t:nee f:"]);
    assert_eq!(
        findings(&raw),
        [
            "hidden_columns - - - x1",
            "hidden_rows - - - x1",
            "uncalculated_formula B4 2 4 x1",
            "uncalculated_formula C5 3 5 x1"
        ]
    );
}

#[test]
fn an_open_document_sheet_that_repeats_a_cell_without_end_is_refused() {
    let body = "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell table:number-columns-repeated=\"16384\" office:value-type=\"float\" office:value=\"1\"/></table:table-row>";
    let error = read("a.ods", &ods_of_xml(body), &profile("excel_xlsx")).unwrap_err();
    assert!(error.to_string().contains("cells, repeated ones counted"), "{error}");
}

//! A visible sheet with respondents that is not read is found.

use ingest::Delivery;
use rust_xlsxwriter::Workbook;

use crate::support::{delivery, findings, key, profile, read};

/// Sheets by name: header, rows.
fn book(sheets: &[(&str, &[&str], u32)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, header, rows) in sheets {
        let sheet = workbook.add_worksheet().set_name(*name).unwrap();
        sheet.write_row(0, 0, header.iter().copied()).unwrap();
        for row in 1..=*rows {
            sheet.write_row(row, 0, (0..header.len() as u32).map(|column| row + column)).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn unread(bytes: &[u8], by: &str) -> Vec<(String, u64)> {
    let raw = read("a.xlsx", bytes, &profile(by)).unwrap();
    let unread = raw.findings.into_iter().filter(|finding| finding.code == "unread_sheet");
    unread.map(|finding| (finding.found, finding.count)).collect()
}

#[test]
fn a_second_visible_sheet_with_the_same_headers_is_a_finding() {
    let header: &[&str] = &["respnr", "leeftijd", "oordeel"];
    let bytes = book(&[("deel1", header, 2), ("deel2", header, 4), ("deel3", header, 0)]);
    let found = "visible sheet `deel2` with the same headers and 4 rows".to_owned();
    assert_eq!(unread(&bytes, "excel_xlsx"), [(found, 4)]);
}

#[test]
fn a_sheet_with_more_than_half_of_the_headers_is_a_finding_and_another_is_not() {
    let header: &[&str] = &["respnr", "a", "b", "c"];
    let moved: &[&str] = &["x", "b", "respnr", "a"];
    let labels: &[&str] = &["respnr", "omschrijving"];
    let other: &[&str] = &["code", "betekenis"];
    let bytes =
        book(&[("data", header, 1), ("meer", moved, 3), ("uitleg", labels, 3), ("x", other, 3)]);
    let found = "visible sheet `meer` with 3 of the 4 headers and 3 rows".to_owned();
    assert_eq!(unread(&bytes, "excel_xlsx"), [(found, 3)]);
}

#[test]
fn a_delivery_that_names_its_sheet_leaves_the_others_alone() {
    let header: &[&str] = &["respnr", "a"];
    let (_folder, delivery) = delivery("a.xlsx", &book(&[("een", header, 2), ("twee", header, 4)]));
    let named = Delivery { sheet: Some("twee".to_owned()), ..delivery };
    let raw = ingest::read(&named, &profile("excel_xlsx"), &key()).unwrap();
    assert_eq!((raw.about.rows_out, findings(&raw)), (4, Vec::new()));
}

#[test]
fn a_hidden_sheet_is_told_as_hidden_only() {
    let mut workbook = Workbook::new();
    for name in ["data", "oud"] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, ["respnr", "a"]).unwrap();
        sheet.write_row(1, 0, [1, 2]).unwrap();
        sheet.set_hidden(name == "oud");
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let raw = read("a.xlsx", &bytes, &profile("excel_xlsx")).unwrap();
    assert_eq!(findings(&raw), ["hidden_sheet - - - x1"]);
}

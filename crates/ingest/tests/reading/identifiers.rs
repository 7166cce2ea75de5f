//! An id has one form before it is hashed; what is none makes no respondent.

use ingest::Delivery;
use survey::Raw;

use crate::support::{cell, delivery, findings, key, plain_csv, profile, read};

fn pseudonyms(raw: &Raw) -> Vec<String> {
    (0..raw.table.num_rows()).map(|row| cell(raw, 0, row).0).collect()
}

fn sheet(id: &str) -> Vec<u8> {
    crate::workbook::of_xml(
        &format!(
            "<sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>respnr</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>q</t></is></c></row><row r=\"2\"><c r=\"A2\"><v>{id}</v></c><c r=\"B2\"><v>1</v></c></row></sheetData>"
        ),
        "<sst/>",
        "",
    )
}

#[test]
fn the_same_number_has_one_pseudonym_in_every_kind_of_file() {
    let one = |bytes: &[u8], file: &str, name: &str| {
        pseudonyms(&read(file, bytes, &profile(name)).unwrap())[0].clone()
    };
    let expected = one(b"respnr;q\n1001;1\n", "a.csv", "excel_nl_csv");
    assert_eq!(expected.len(), 32);
    for id in ["1001.0", "1001,0", " 1001 "] {
        assert_eq!(
            one(format!("respnr;q\n{id};1\n").as_bytes(), "a.csv", "excel_nl_csv"),
            expected
        );
    }
    // Excel writes 1001, Apache POI 1001.0, and from ten million on a power of ten.
    for id in ["1001", "1001.0"] {
        assert_eq!(one(&sheet(id), "a.xlsx", "excel_xlsx"), expected);
    }
    let large = one(b"respnr;q\n12345678;1\n", "a.csv", "excel_nl_csv");
    assert_eq!(one(&sheet("1.2345678E7"), "a.xlsx", "excel_xlsx"), large);
    assert_ne!(one(b"respnr;q\n01001;1\n", "a.csv", "excel_nl_csv"), expected);
}

#[test]
fn a_spoilt_id_is_a_finding_and_no_respondent() {
    let text = "id,a\n1,x\n\"1,23457E+12\",x\n2025-03-01,x\nNA,x\n#N/B,x\n#N/A,x\n,x\n-,x\n2,x\n";
    let mut profile = plain_csv();
    profile.values.date_orders = vec![survey::date::DateOrder::Ymd];
    let raw = read("a.csv", text.as_bytes(), &profile).unwrap();
    let filled: Vec<usize> = (0..9).filter(|row| !cell(&raw, 0, *row).0.is_empty()).collect();
    assert_eq!(filled, [0, 8]);
    let spoilt: Vec<String> =
        findings(&raw).into_iter().filter(|text| text.contains("spoilt_id")).collect();
    assert_eq!(spoilt.len(), 6, "{spoilt:?}");
    assert_eq!(spoilt[0], "spoilt_id A3 2 3 x1");
    assert!(!findings(&raw).iter().any(|text| text.starts_with("error_cell")));
    for finding in &raw.findings {
        assert!(!finding.found.contains("1,23457"), "{finding:?}");
    }
}

#[test]
fn a_spoilt_id_of_a_workbook_is_told_by_its_cell() {
    let bytes = crate::workbook::simple(&[
        &["respnr", "q"],
        &["1", "x"],
        &["1,23457E+12", "y"],
        &["NA", "z"],
    ]);
    let raw = read("a.xlsx", &bytes, &profile("excel_xlsx")).unwrap();
    assert_eq!(findings(&raw), ["spoilt_id A3 2 3 x1", "spoilt_id A4 3 4 x1"]);
    assert_eq!(pseudonyms(&raw)[1..], ["", ""]);
}

#[test]
fn an_id_has_one_pseudonym_in_a_space_and_another_in_the_next() {
    let (_folder, delivery) = delivery("a.csv", b"id,a\n1001,x\n");
    let of = |space: &str| {
        let raw = ingest::read(&delivery, &plain_csv(), &key().within(space)).unwrap();
        assert_eq!(raw.about.id_space, space);
        pseudonyms(&raw)[0].clone()
    };
    assert_eq!(of("doctors"), of("doctors"));
    assert_ne!(of("doctors"), of("nurse"));
    let _: &Delivery = &delivery;
}

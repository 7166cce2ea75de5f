//! A copy for the supplier has the marks, and is otherwise what was delivered.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use ingest::{Annotated, Delivery};
use survey::{Code, Finding, Severity};

use crate::support::{delivery, profile};

fn finding(code: Code, severity: Severity, sheet: Option<&str>, cell: &str) -> Finding {
    Finding {
        sheet: sheet.map(str::to_owned),
        cell: (!cell.is_empty()).then(|| cell.to_owned()),
        found: "text of 9 characters".to_owned(),
        expected: "a number <= 10 & no text".to_owned(),
        hint: "correct the cell".to_owned(),
        ..Finding::new(code, severity, "test")
    }
}

fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut part = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            (part.name().unwrap().to_string(), bytes)
        })
        .collect()
}

fn torture_file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/torture/files/");
    std::fs::read(folder.to_owned() + name).unwrap()
}

fn annotated(file: &str, bytes: &[u8], profile_name: &str, findings: &[Finding]) -> Annotated {
    let (_folder, delivery): (_, Delivery) = delivery(file, bytes);
    ingest::annotate(&delivery, &profile(profile_name), findings).unwrap()
}

fn cells(bytes: &[u8], sheet: &str) -> Vec<Vec<Data>> {
    let mut workbook = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    let range = workbook.worksheet_range(sheet).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

fn text(part: &[u8]) -> &str {
    std::str::from_utf8(part).unwrap()
}

#[test]
fn a_marked_workbook_has_the_same_cells_formulas_and_hidden_sheets() {
    let own = torture_file("openpyxl-hidden.xlsx");
    let findings = [
        finding(Code::UnknownAnswer, Severity::Error, Some("Sheet"), "D2"),
        finding(Code::NotANumber, Severity::Warning, Some("Sheet"), "B3"),
        finding(Code::ColumnNotInCodebook, Severity::Info, Some("Sheet"), ""),
    ];
    let copy = annotated("a.xlsx", &own, "excel_xlsx", &findings);
    assert_eq!((copy.cells, copy.findings, copy.extension), (2, 3, "xlsx"));
    assert_eq!(cells(&copy.bytes, "Sheet"), cells(&own, "Sheet"));
    let (before, after) = (parts(&own), parts(&copy.bytes));
    let changed: Vec<&str> = before
        .iter()
        .filter(|(name, bytes)| after[*name] != **bytes)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        changed,
        [
            "[Content_Types].xml",
            "xl/_rels/workbook.xml.rels",
            "xl/styles.xml",
            "xl/workbook.xml",
            "xl/worksheets/sheet1.xml"
        ]
    );
    let added: Vec<&str> =
        after.keys().filter(|name| !before.contains_key(*name)).map(String::as_str).collect();
    assert_eq!(
        added,
        [
            "xl/drawings/peilNotes1.vml",
            "xl/peilComments1.xml",
            "xl/worksheets/_rels/sheet1.xml.rels",
            "xl/worksheets/peilFindings.xml"
        ]
    );
    let workbook = text(&after["xl/workbook.xml"]);
    assert!(workbook.contains("state=\"veryHidden\"") && workbook.contains("peil findings"));
    let notes = text(&after["xl/peilComments1.xml"]);
    assert!(notes.contains("<comment ref=\"D2\""), "{notes}");
    assert!(
        notes.contains(
            "expected: a number &lt;= 10 &amp; no text&#10;to correct it: correct the cell"
        )
    );
}

#[test]
fn a_marked_cell_keeps_the_format_of_its_number() {
    let own = torture_file("openpyxl-plain.xlsx");
    let copy = annotated(
        "a.xlsx",
        &own,
        "excel_xlsx",
        &[finding(Code::OutOfRange, Severity::Error, Some("Sheet"), "B2")],
    );
    let before = crate::support::read("a.xlsx", &own, &profile("excel_xlsx")).unwrap();
    let after = crate::support::read("a.xlsx", &copy.bytes, &profile("excel_xlsx")).unwrap();
    assert_eq!(before.table, after.table, "the date is still shown as a date");
    let styles = |bytes: &[u8]| text(&parts(bytes)["xl/styles.xml"]).matches("<xf ").count();
    assert_eq!(styles(&copy.bytes), styles(&own) + 1);
}

#[test]
fn the_list_of_findings_leads_to_each_cell() {
    let own = torture_file("xlsxwriter-plain.xlsx");
    let findings = [
        finding(Code::NotANumber, Severity::Warning, Some("Gegevens"), "C5"),
        finding(Code::UnknownAnswer, Severity::Error, Some("Gegevens"), "D5"),
    ];
    let copy = annotated("a.xlsx", &own, "excel_xlsx", &findings);
    let rows = cells(&copy.bytes, "peil findings");
    let line = |row: &[Data]| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    assert_eq!(
        line(&rows[1]),
        "error|unknown_answer|Gegevens|D5|||text of 9 characters|a number <= 10 & no text||correct the cell|1"
    );
    assert_eq!(rows.len(), 3);
    let sheet = parts(&copy.bytes)["xl/worksheets/peilFindings.xml"].clone();
    assert!(text(&sheet).contains("<hyperlink ref=\"D2\" location=\"'Gegevens'!D5\"/>"));
}

#[test]
fn a_place_without_a_cell_gets_one_and_a_supplier_s_own_note_stays() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "respnr").unwrap();
    sheet.write_number(1, 0, 1).unwrap();
    sheet.write_number(1, 3, 2).unwrap();
    sheet.insert_note(1, 0, &rust_xlsxwriter::Note::new("van de leverancier")).unwrap();
    let own = workbook.save_to_buffer().unwrap();
    let findings = [
        finding(Code::MissingId, Severity::Error, Some("Sheet1"), "A2"),
        finding(Code::UnknownAnswer, Severity::Error, Some("Sheet1"), "C2"),
        finding(Code::UnknownAnswer, Severity::Error, Some("Sheet1"), "F2"),
        finding(Code::UnknownAnswer, Severity::Error, Some("Sheet1"), "A9"),
    ];
    let copy = annotated("a.xlsx", &own, "excel_xlsx", &findings);
    let parts = parts(&copy.bytes);
    let sheet = text(&parts["xl/worksheets/sheet1.xml"]);
    let places: Vec<usize> =
        ["A2", "C2", "D2", "F2"].map(|cell| sheet.find(&format!("r=\"{cell}\"")).unwrap()).into();
    assert!(places.is_sorted(), "{sheet}");
    let notes = text(&parts["xl/comments1.xml"]);
    assert!(
        notes.contains("van de leverancier") && notes.contains("ref=\"C2\" authorId=\"1\""),
        "{notes}"
    );
    assert_eq!(notes.matches("ref=\"A2\"").count(), 1);
    assert_eq!(sheet.matches("legacyDrawing").count(), 1);
}

#[test]
fn a_csv_comes_back_as_a_workbook_of_texts_with_its_marks_in_their_rows() {
    let text = "sep=;\r\nrespnr;a;b\r\n0001;\"twee\nregels\";3,5\r\n0002;x;weet niet\r\n";
    let mut marked = finding(Code::NotANumber, Severity::Warning, None, "C5");
    marked.line = Some(5);
    let copy = annotated("a.csv", text.as_bytes(), "excel_nl_csv", &[marked]);
    let rows = cells(&copy.bytes, "Data");
    let texts: Vec<String> = rows[2].iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["0001", "twee\nregels", "3,5"]);
    assert!(rows.iter().flatten().all(|cell| matches!(cell, Data::String(_) | Data::Empty)));
    let list = cells(&copy.bytes, "peil findings");
    assert_eq!(
        (list[1][2].to_string(), list[1][3].to_string()),
        ("Data".to_owned(), "C4".to_owned())
    );
    assert!(copy.note.unwrap().contains("every cell is text"));
    let again = annotated("a.csv", text.as_bytes(), "excel_nl_csv", &[]);
    assert_eq!(again.bytes, annotated("a.csv", text.as_bytes(), "excel_nl_csv", &[]).bytes);
}

#[test]
fn an_old_workbook_comes_back_as_a_new_one_of_texts() {
    let copy = annotated(
        "a.xls",
        &torture_file("xlwt-plain.xls"),
        "excel_xlsx",
        &[finding(Code::UnknownAnswer, Severity::Error, Some("Blad1"), "B2")],
    );
    assert_eq!(cells(&copy.bytes, "Blad1")[1][1], Data::String("goed".to_owned()));
    assert_eq!(copy.cells, 1);
}

#[test]
fn a_copy_of_every_workbook_of_the_torture_set_can_be_read_again() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/torture/files");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.contains(".xls") && !name.contains(".ods") {
            continue;
        }
        let known = profile("excel_xlsx");
        let Ok(raw) = ingest::read(&Delivery::new("test", &path), &known, &crate::support::key())
        else {
            continue;
        };
        let findings: Vec<Finding> = raw
            .about
            .columns
            .iter()
            .map(|column| {
                let cell = raw.about.address(raw.about.header_row + 1, column.position).to_string();
                finding(Code::UnknownAnswer, Severity::Error, raw.about.sheet.as_deref(), &cell)
            })
            .collect();
        let copy = ingest::annotate(&Delivery::new("test", &path), &known, &findings).unwrap();
        let again = crate::support::read("a.xlsx", &copy.bytes, &known);
        let again = again.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(again.about.rows_out, raw.about.rows_out, "{name}");
        if copy.note.is_none() {
            assert_eq!(again.table, raw.table, "{name}");
        }
    }
}

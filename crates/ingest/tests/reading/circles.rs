//! Workbooks whose parts lead to one another in a circle, or are nested without end: each ends in an error or a reading.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::support::{profile, read, rows};
use crate::workbook::of_xml;

const SHARED: &str = "<sst><si><t>respnr</t></si><si><t>a</t></si></sst>";
const ROWS: &str = "<row r=\"1\"><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row><row r=\"2\"><c><v>1</v></c><c><v>7</v></c></row>";
/// Deeper than any stack that is used once a level.
const DEEP: usize = 300_000;

fn nested(open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(DEEP), close.repeat(DEEP))
}

fn check(sheet: &str, shared: &str, extra: &str, expected: Option<&str>) {
    let read = read("a.xlsx", &of_xml(sheet, shared, extra), &profile("excel_xlsx"));
    assert_eq!(read.ok().and_then(|raw| rows(&raw).pop()).as_deref(), expected);
}

#[test]
fn tags_that_are_nested_without_end_are_passed_over() {
    let data = format!("<sheetData>{ROWS}</sheetData>");
    let plain = Some("1 2 n:id n:7");
    check(&format!("{}{data}", nested("<a>", "", "</a>")), SHARED, "", plain);
    check(&format!("{data}{}", nested("<a>", "", "</a>")), SHARED, "", plain);
    check(&data, SHARED, &nested("<a b=\"c\">", "", "</a>"), plain);
    check(&data, &SHARED.replace("<t>a</t>", &nested("<r>", "<t>a</t>", "</r>")), "", plain);
    let phonetic = format!("<t>a</t>{}", nested("<rPh>", "<t>x</t>", "</rPh>"));
    check(&data, &SHARED.replace("<t>a</t>", &phonetic), "", plain);
    let cell = nested("<is>", "<t>7</t>", "</is>");
    let inline = data.replace("<c><v>7</v></c>", &format!("<c t=\"inlineStr\">{cell}</c>"));
    check(&inline, SHARED, "", Some("1 2 n:id t:7"));
    // What is opened and never closed.
    check(&data.replace("<v>7</v>", &"<f>".repeat(DEEP)), SHARED, "", None);
    check(&format!("<sheetData>{ROWS}{}", "<row>".repeat(DEEP)), SHARED, "", None);
}

#[test]
fn ends_of_rows_inside_a_text_are_no_ends_and_take_no_time() {
    let text = "</row>".repeat(DEEP);
    for (open, close) in [("<![CDATA[", "]]>"), ("<!--", "-->")] {
        let cell = format!("<c t=\"inlineStr\"><is><t>7{open}{text}{close}</t></is></c>");
        let sheet = format!("<sheetData>{}</sheetData>", ROWS.replace("<c><v>7</v></c>", &cell));
        let raw = read("a.xlsx", &of_xml(&sheet, SHARED, ""), &profile("excel_xlsx")).unwrap();
        assert_eq!(raw.about.rows_out, 1);
        // Neither one that never ends.
        let sheet = sheet.replace(close, "");
        assert!(read("a.xlsx", &of_xml(&sheet, SHARED, ""), &profile("excel_xlsx")).is_err());
    }
}

#[test]
fn an_entity_that_is_declared_by_itself_stays_as_it_stands() {
    let bomb = "<!DOCTYPE a [<!ENTITY a \"&b;&b;&b;\"><!ENTITY b \"&a;&a;&a;\">]>";
    let sheet = format!("<sheetData>{ROWS}</sheetData>");
    check(
        &sheet,
        &format!("{bomb}{}", SHARED.replace("<t>a<", "<t>&a;<")),
        "",
        Some("1 2 n:id n:7"),
    );
}

/// A workbook of parts in which each relation leads to where `targets` say.
fn related(targets: [&str; 4]) -> Vec<u8> {
    let [book, sheet, shared, styles] = targets;
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
    };
    let of = |relations: String| format!("<Relationships>{relations}</Relationships>");
    let parts = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        ("_rels/.rels", of(relation("rId1", "officeDocument", book))),
        (
            "xl/_rels/workbook.xml.rels",
            of(relation("rId1", "worksheet", sheet)
                + &relation("rId2", "sharedStrings", shared)
                + &relation("rId3", "styles", styles)),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns:r=\"{office}\"><sheets><sheet name=\"Data\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        ("xl/sharedStrings.xml", SHARED.to_owned()),
        ("xl/sheet.xml", format!("<worksheet><sheetData>{ROWS}</sheetData></worksheet>")),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn relations_that_lead_back_end_in_an_error_or_a_reading() {
    let whole = ["xl/workbook.xml", "sheet.xml", "sharedStrings.xml", "styles.xml"];
    assert!(read("a.xlsx", &related(whole), &profile("excel_xlsx")).is_ok());
    let back = [
        "_rels/.rels",
        "workbook.xml",
        "/xl/workbook.xml",
        "_rels/workbook.xml.rels",
        "../_rels/.rels",
        "sheet.xml",
        "../../../xl/sheet.xml",
        "",
        ".",
        "..",
    ];
    for target in back {
        for place in 0..4 {
            let mut targets = whole;
            targets[place] = target;
            // The sheet's own rows are all that can be read, by whatever way.
            if let Ok(raw) = read("a.xlsx", &related(targets), &profile("excel_xlsx")) {
                assert_eq!(raw.about.rows_out, 1, "{targets:?}");
            }
        }
    }
    // All of them at once.
    let turned = ["xl/sheet.xml", "workbook.xml", "sheet.xml", "workbook.xml"];
    assert!(read("a.xlsx", &related(turned), &profile("excel_xlsx")).is_err());
}

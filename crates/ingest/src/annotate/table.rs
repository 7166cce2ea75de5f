//! The list of findings: its columns, and the sheet that holds it.

use std::fmt::Write;

use survey::Finding;
use survey::cell::column_letters;
use survey::spreadsheet::neutral;

use super::edits::{MAIN, escaped};

pub(super) const COLUMNS: [(&str, f64); 11] = [
    ("severity", 10.0),
    ("code", 24.0),
    ("sheet", 14.0),
    ("cell", 10.0),
    ("row in file", 11.0),
    ("column", 24.0),
    ("found", 44.0),
    ("expected", 36.0),
    ("what was done", 36.0),
    ("how to correct it", 56.0),
    ("count", 8.0),
];
/// Where the address stands, which leads to the cell.
const CELL: u32 = 3;

/// The texts of one line of the list.
pub(super) fn fields(finding: &Finding, cell: Option<&str>) -> [String; 11] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = [
        finding.severity.name().to_owned(),
        finding.code.name().to_owned(),
        text(&finding.sheet),
        cell.unwrap_or_default().to_owned(),
        finding.line.map_or(String::new(), |line| line.to_string()),
        text(&finding.column),
        finding.found.clone(),
        finding.expected.clone(),
        finding.action.clone(),
        finding.hint.clone(),
        finding.count.to_string(),
    ];
    // Saved as CSV the list would be run by a spreadsheet.
    fields.map(|field| neutral(&field).into_owned())
}

/// The sheet; texts stand in place, so that no other part of the package changes.
pub(super) fn sheet(findings: &[&Finding]) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>"
    );
    for (number, (_, width)) in (1..).zip(COLUMNS) {
        let _ = write!(
            xml,
            "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
        );
    }
    xml.push_str("</cols><sheetData>");
    row(&mut xml, 1, &COLUMNS.map(|(name, _)| name.to_owned()));
    let mut links = String::new();
    for (number, finding) in (2..).zip(findings) {
        row(&mut xml, number, &fields(finding, finding.cell.as_deref()));
        if let (Some(sheet), Some(cell)) = (&finding.sheet, &finding.cell) {
            let location = escaped(&format!("'{}'!{cell}", sheet.replace('\'', "''")));
            let letters = column_letters(CELL);
            let _ = write!(links, "<hyperlink ref=\"{letters}{number}\" location=\"{location}\"/>");
        }
    }
    let last = column_letters(COLUMNS.len() as u32 - 1);
    let _ = write!(xml, "</sheetData><autoFilter ref=\"A1:{last}{}\"/>", findings.len() + 1);
    if !links.is_empty() {
        let _ = write!(xml, "<hyperlinks>{links}</hyperlinks>");
    }
    xml.push_str("</worksheet>");
    xml
}

fn row(xml: &mut String, number: usize, fields: &[String; 11]) {
    let _ = write!(xml, "<row r=\"{number}\">");
    for (column, field) in (0..).zip(fields) {
        let address = format!("{}{number}", column_letters(column));
        let is_count = column as usize == COLUMNS.len() - 1 && number > 1;
        if is_count {
            let _ = write!(xml, "<c r=\"{address}\"><v>{field}</v></c>");
        } else if !field.is_empty() {
            let _ = write!(
                xml,
                "<c r=\"{address}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                escaped(field)
            );
        }
    }
    xml.push_str("</row>");
}

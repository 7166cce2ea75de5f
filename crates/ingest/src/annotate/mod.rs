//! A copy of a delivery with the cells of its findings marked, for the supplier: it holds the raw answers.

mod comments;
mod copied;
mod marked_sheet;
mod package;
mod styles;
mod table;

use std::collections::BTreeMap;

use config::ExportProfile;
use config::export::Container;
use survey::header::visible;
use survey::{Finding, Severity};

use crate::delivery::Delivery;
use crate::error::Error;
use crate::limits::Limits;
use crate::{csv, workbook};

/// Name of the sheet with the list of findings.
pub(crate) const FINDINGS_SHEET: &str = "peil findings";

/// A workbook with marks.
#[derive(Debug)]
pub struct Annotated {
    pub bytes: Vec<u8>,
    /// `xlsx` or `xlsm`.
    pub extension: &'static str,
    /// Cells with a mark.
    pub cells: usize,
    /// Findings in the list.
    pub findings: usize,
    /// What is other than in the delivered file; none where only the marks are.
    pub note: Option<String>,
}

/// What stands at one cell: its place counted from zero, and the findings about it.
#[derive(Debug, Clone)]
pub(crate) struct Mark<'a> {
    pub(crate) findings: Vec<&'a Finding>,
}

impl Mark<'_> {
    pub(crate) fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    }

    /// The note at the cell.
    pub(crate) fn text(&self) -> String {
        let notes: Vec<String> = self
            .findings
            .iter()
            .map(|finding| {
                let mut lines = vec![format!("{} ({})", finding.code, finding.severity.name())];
                let parts = [
                    ("found", &finding.found),
                    ("expected", &finding.expected),
                    ("done", &finding.action),
                    ("to mend it", &finding.hint),
                ];
                let parts = parts.iter().filter(|(_, text)| !text.is_empty());
                lines.extend(parts.map(|(name, text)| format!("{name}: {text}")));
                lines.join("\n")
            })
            .collect();
        notes.join("\n\n")
    }
}

/// Row and column, from zero, of marked cells.
pub(crate) type Marks<'a> = BTreeMap<(u32, u32), Mark<'a>>;

/// Marks the cells of the findings in a copy of the delivery.
pub fn annotate(
    delivery: &Delivery,
    profile: &ExportProfile,
    findings: &[Finding],
) -> Result<Annotated, Error> {
    let limits = Limits::default();
    let opened = delivery.open(&limits)?;
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| {
        (std::cmp::Reverse(finding.severity), finding.cell.as_deref().and_then(place_of), *finding)
    });
    sorted.dedup();
    if profile.container == Container::Csv {
        let rows = csv::whole(&opened, profile, &limits)?;
        return copied::of_csv(&opened.place, &rows, &sorted);
    }
    match workbook::bytes_of_xlsx(&opened, &limits)? {
        Some(bytes) => package::marked(&opened.place, &bytes, &sorted),
        None => copied::of_sheets(&opened.place, &workbook::sheets_of(&opened, &limits)?, &sorted),
    }
}

/// `B3` as row 2, column 1.
pub(crate) fn place_of(address: &str) -> Option<(u32, u32)> {
    let letters = address.bytes().take_while(u8::is_ascii_alphabetic).count();
    let row: u32 = address.get(letters..)?.parse().ok()?;
    let column = address.as_bytes().get(..letters).filter(|letters| !letters.is_empty())?;
    let column = column.iter().try_fold(0_u32, |column, letter| {
        let digit = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        column.checked_mul(26)?.checked_add(digit)
    })?;
    Some((row.checked_sub(1)?, column - 1))
}

/// The marks of one sheet.
pub(crate) fn marks_of<'a>(
    findings: &[&'a Finding],
    sheet: Option<&str>,
    place: impl Fn(&Finding) -> Option<(u32, u32)>,
) -> Marks<'a> {
    let mut marks: Marks<'a> = BTreeMap::new();
    let sheet = sheet.map(visible);
    for finding in findings.iter().filter(|finding| finding.sheet.as_deref() == sheet.as_deref()) {
        if let Some(place) = place(finding) {
            let mark = marks.entry(place).or_insert_with(|| Mark { findings: Vec::new() });
            mark.findings.push(finding);
        }
    }
    marks
}

/// Text in XML; signs that XML cannot hold are left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(' '),
            control if control.is_control() => {}
            '\u{fffe}' | '\u{ffff}' => {}
            sign => out.push(sign),
        }
    }
    out
}

/// Fill of a marked cell, red green blue.
pub(crate) fn color(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "FFC7CE",
        Severity::Warning => "FFEB9C",
        Severity::Info => "DDEBF7",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_row_and_a_column() {
        assert_eq!(place_of("A1"), Some((0, 0)));
        assert_eq!(place_of("AB10"), Some((9, 27)));
        assert_eq!(place_of("XFD1048576"), Some((1_048_575, 16_383)));
        for none in ["", "A", "1", "A0", "1A"] {
            assert_eq!(place_of(none), None, "{none}");
        }
    }
}

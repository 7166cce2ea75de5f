//! The findings at each cell, and how a marked cell looks.

use std::collections::BTreeMap;

use survey::header::visible;
use survey::{Finding, Severity};
use workbook::Address;

/// Name of the sheet with the list of findings.
pub(super) const FINDINGS_SHEET: &str = "peil findings";

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
pub(super) struct Mark<'a> {
    pub(super) findings: Vec<&'a Finding>,
}

impl Mark<'_> {
    pub(super) fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    }

    /// The note at the cell.
    pub(super) fn text(&self) -> String {
        let notes: Vec<String> = self
            .findings
            .iter()
            .map(|finding| {
                let mut lines = vec![format!("{} ({})", finding.code, finding.severity.name())];
                let parts = [
                    ("found", &finding.found),
                    ("expected", &finding.expected),
                    ("done", &finding.action),
                    ("to correct it", &finding.hint),
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
pub(super) type Marks<'a> = BTreeMap<(u32, u32), Mark<'a>>;

/// The marks of one sheet.
pub(super) fn marks_of<'a>(
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

/// The row and column that a finding's address names.
pub(super) fn place_of(address: &str) -> Option<(u32, u32)> {
    Address::parse(address).map(|found| (found.row, found.column))
}

/// Fill of a marked cell, red green blue.
pub(super) fn color(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "FFC7CE",
        Severity::Warning => "FFEB9C",
        Severity::Info => "DDEBF7",
    }
}

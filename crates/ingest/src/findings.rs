//! Findings of ingest: each with its location, what was found (its class, never the value), what was expected, and what was done.

use std::collections::BTreeMap;

use survey::handoff::{RawAbout, Treatment};
use survey::{Class, Code, Finding, Severity};

use crate::chunk::Event;
use crate::column::filled;
use crate::error::Place;
use crate::layout::{Layout, TAIL_RULE};
use crate::met::AllMet;
use crate::tally::Tally;

pub(crate) struct Report<'a> {
    place: &'a Place,
    findings: Vec<Finding>,
    cap: usize,
}

/// A finding with the parts that ingest fills in.
pub(crate) fn finding(
    place: &Place,
    code: Code,
    severity: Severity,
    [found, expected, action, hint]: [&str; 4],
) -> Finding {
    Finding {
        sheet: place.sheet.as_deref().map(str::to_owned),
        found: found.to_owned(),
        expected: expected.to_owned(),
        action: action.to_owned(),
        hint: hint.to_owned(),
        ..Finding::new(code, severity, &place.delivery)
    }
}

impl<'a> Report<'a> {
    pub(crate) fn new(place: &'a Place, findings: Vec<Finding>, cap: usize) -> Self {
        Self { place, findings, cap }
    }

    /// What was met in the rows; `skip` leading columns of the sheet are no columns of the table.
    pub(crate) fn rows(&mut self, about: &RawAbout, layout: &Layout, all: AllMet, skip: u32) {
        let mut listed: BTreeMap<Event, u64> = BTreeMap::new();
        for (event, spot, number) in all.met {
            let count = listed.entry(event).or_default();
            if *count == self.cap as u64 {
                continue;
            }
            *count += 1;
            let position = spot.position.and_then(|position| position.checked_sub(skip));
            let (code, severity, words) = describe(event, number, about, layout);
            let mut finding =
                finding(self.place, code, severity, words.each_ref().map(String::as_str));
            finding.record = spot.record;
            finding.line = spot.line;
            finding.cell = spot
                .sheet_row
                .zip(position)
                .map(|(row, position)| about.address(row, position).to_string());
            finding.column = position
                .and_then(|position| {
                    about.columns.iter().find(|column| column.position == position)
                })
                .map(|column| column.header.clone());
            self.findings.push(finding);
        }
        for (event, count) in all.counts {
            let rest = count - listed.get(&event).copied().unwrap_or(0);
            if rest > 0 {
                let (code, severity, words) = describe(event, u32::MAX, about, layout);
                let mut finding =
                    finding(self.place, code, severity, words.each_ref().map(String::as_str));
                finding.found = format!("{rest} more, not listed one by one");
                finding.count = rest;
                self.findings.push(finding);
            }
        }
        if about.blank_rows > 0 {
            let words = ["blank rows", "one respondent per row", "left out", ""];
            let mut finding = finding(self.place, Code::BlankRows, Severity::Info, words);
            finding.count = about.blank_rows;
            self.findings.push(finding);
        }
    }

    /// Columns in which some numbers are shown as percent and others are not.
    pub(crate) fn percents(&mut self, about: &RawAbout, tally: &Tally, skip: u32) {
        for (position, (cells, of_respondents, spot)) in &tally.percents {
            let position = position.checked_sub(skip);
            let column = about.columns.iter().find(|column| Some(column.position) == position);
            let Some(column) = column.filter(|column| column.treatment == Treatment::Kept) else {
                continue;
            };
            let numbers = column.classes[Class::Number as usize];
            if *of_respondents == 0 || *cells >= numbers {
                continue;
            }
            let found = format!("{cells} of {numbers} numbers shown as percent");
            let words = [
                found.as_str(),
                "one number format per column",
                "kept as stored: 45% is 0.45, next to a plain 45",
                "give the whole column one format in the workbook, and correct the numbers",
            ];
            let mut mixed = finding(self.place, Code::PercentBesideNumbers, Severity::Error, words);
            mixed.record = spot.record;
            mixed.line = spot.line;
            let row = spot.sheet_row.unwrap_or_default();
            mixed.cell = Some(about.address(row, column.position).to_string());
            mixed.column = Some(column.header.clone());
            mixed.count = *of_respondents;
            self.findings.push(mixed);
        }
    }

    /// Rows at the end that were cut.
    pub(crate) fn tail(&mut self, rows: u64) {
        let found = "rows without an id at the end, below a blank row".to_owned();
        let action = format!("cut by rule `{TAIL_RULE}`");
        let words = [
            &found,
            "one respondent per row",
            &action,
            "keep notes and totals out of the data sheet",
        ];
        let mut finding = finding(self.place, Code::RowCut, Severity::Info, words);
        finding.count = rows;
        self.findings.push(finding);
    }

    /// What the headers tell; their first row as a spreadsheet shows it.
    pub(crate) fn columns(&mut self, about: &RawAbout, header_row: u64) {
        let mut listed: BTreeMap<Code, (usize, Option<Finding>)> = BTreeMap::new();
        for column in &about.columns {
            let filled = filled(&column.classes);
            let mut add = |code: Code, severity, words: [&str; 4], count: u64| {
                let mut finding = finding(self.place, code, severity, words);
                finding.count = count;
                let (so_far, rest) = listed.entry(code).or_default();
                *so_far += 1;
                if *so_far <= self.cap {
                    finding.cell = Some(about.address(header_row, column.position).to_string());
                    finding.column = Some(column.header.clone());
                    self.findings.push(finding);
                } else if let Some(rest) = rest {
                    rest.count += count;
                    rest.found =
                        format!("{} more columns, not listed one by one", *so_far - self.cap);
                } else {
                    "1 more column, not listed".clone_into(&mut finding.found);
                    *rest = Some(finding);
                }
            };
            if column.treatment == Treatment::DroppedPersonal {
                let words = [
                    "a personal column",
                    "no personal data",
                    "dropped while reading",
                    "leave it out of the delivery",
                ];
                add(Code::PersonalColumn, Severity::Info, words, filled);
            }
            if column.header.is_empty() && filled > 0 {
                let words = [
                    "values below an empty header",
                    "a header for every column",
                    "kept, identified by position",
                    "give the column a header",
                ];
                add(Code::NamelessColumn, Severity::Warning, words, filled);
            }
            if column.occurrence > 1 && !column.header.is_empty() {
                let found = format!("occurrence {} of the same header", column.occurrence);
                let action = format!("kept as occurrence {}", column.occurrence);
                let words = [
                    &found,
                    "unique headers",
                    &action,
                    "choose the column with `occurrence` in items.csv",
                ];
                add(Code::DuplicateHeader, Severity::Info, words.map(|word| word as &str), 1);
            }
        }
        self.findings.extend(listed.into_values().filter_map(|(_, rest)| rest));
    }

    pub(crate) fn finish(self) -> Vec<Finding> {
        self.findings
    }
}

type Described = (Code, Severity, [String; 4]);

fn words(found: &str, expected: &str, action: &str, hint: &str) -> [String; 4] {
    [found, expected, action, hint].map(str::to_owned)
}

fn as_class(class: Class) -> String {
    format!("kept, as class {}", class.name())
}

/// A cell that says itself that it has no value.
fn without_value(code: Code, found: &str, class: Class, hint: &str) -> Described {
    let action = format!("{}; items that read it have no answer there", as_class(class));
    (code, Severity::Error, words(found, "a value", &action, hint))
}

/// Code, severity and the four texts: found, expected, action, hint.
fn describe(event: Event, number: u32, about: &RawAbout, layout: &Layout) -> Described {
    match event {
        Event::SpoiltId => spoilt_id(),
        Event::ShortRow => ragged_row(
            Severity::Warning,
            [number, layout.width() as u32],
            "the missing cells are empty",
            "look for an unquoted line break in the row before",
        ),
        Event::LongRow => ragged_row(
            Severity::Error,
            [number, layout.width() as u32],
            "kept; cells beyond the last header go to nameless columns",
            "look for an unquoted delimiter in the row",
        ),
        Event::StrayQuote => (
            Code::StrayQuote,
            Severity::Warning,
            words(
                "a quotation mark inside an unquoted field, or text after a closing quotation mark",
                "quotation marks only inside quoted fields, doubled",
                "kept as delivered",
                "export again with all fields quoted",
            ),
        ),
        Event::RowsInQuotes => (
            Code::RowsInQuotes,
            Severity::Warning,
            words(
                &format!("a quoted cell of {number} lines, some of which look like rows"),
                "an answer",
                "kept as one cell",
                "check these lines of the file: a pair of quotation marks may enclose whole rows",
            ),
        ),
        Event::RowCut => {
            let rule = layout.rules.get(number as usize).map_or("several", String::as_str);
            (
                Code::RowCut,
                Severity::Info,
                words(
                    "not a respondent",
                    "one respondent per row",
                    &format!("cut by rule `{rule}`"),
                    "",
                ),
            )
        }
        Event::ErrorValue => without_value(
            Code::ErrorCell,
            "an error value",
            Class::Error,
            "repair the formula in the workbook and save it again",
        ),
        Event::FormulaWithoutValue => without_value(
            Code::UncalculatedFormula,
            "a formula that was never calculated",
            Class::FormulaWithoutValue,
            "open the workbook in Excel, calculate (F9) and save it",
        ),
        Event::ImpossibleDate => (
            Code::ImpossibleDate,
            Severity::Warning,
            words(
                "a number formatted as a date that does not exist",
                "a date from 1900-01-01 to 9999-12-31",
                &as_class(Class::Number),
                "correct the cell or its format",
            ),
        ),
        Event::LongNumber => (
            Code::LongNumber,
            Severity::Warning,
            words(
                "a number of more than 15 digits",
                "at most 15 digits, or text",
                "kept digit by digit",
                "Excel rounds such numbers when it saves: format the column as text before entering data",
            ),
        ),
        Event::BrokenCell => (
            Code::BrokenCell,
            Severity::Error,
            words(
                "a cell that contradicts its declared type",
                "a value of its declared type",
                &format!(
                    "kept as {}",
                    if about.container == "csv" { "text" } else { "text or error value" }
                ),
                "open the workbook in Excel and save it again",
            ),
        ),
    }
}

fn ragged_row(
    severity: Severity,
    [found, expected]: [u32; 2],
    action: &str,
    hint: &str,
) -> Described {
    let (found, expected) = (format!("{found} cells"), format!("{expected} cells"));
    (Code::RaggedRow, severity, words(&found, &expected, action, hint))
}

fn spoilt_id() -> Described {
    let words = [
        "something a spreadsheet or another program wrote in place of an id: a rounded number, a date, an error value, a word for `missing`",
        "a respondent id",
        "the row is quarantined",
        "format the id column as text before entering data, and deliver the file again",
    ];
    (Code::SpoiltId, Severity::Error, words.map(str::to_owned))
}

//! Why a delivery cannot be read.

use std::fmt;
use std::sync::Arc;

use crate::suggest::listed;

/// Which file, and which sheet of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub delivery: Arc<str>,
    pub file: Arc<str>,
    pub sheet: Option<Arc<str>>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: `{}`", self.delivery, self.file)?;
        self.sheet.iter().try_for_each(|sheet| write!(formatter, ", sheet `{sheet}`"))
    }
}

/// What a caller may do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The file is not there, or what the configuration names is not in it.
    NotFound,
    /// The file is there and cannot be read.
    Unreadable,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{place}: no such file in `{folder}`{}", hint(&nearest(similar, "file")))]
    FileNotFound { place: Place, folder: String, similar: Vec<String> },
    #[error("{place}: cannot be opened: {source}")]
    Unopened { place: Place, source: std::io::Error },
    #[error("{place}: the file is empty (0 bytes)\nhint: ask for the delivery again")]
    EmptyFile { place: Place },
    #[error("{place}: the rows cannot be passed on: {source}")]
    NotPassedOn { place: Place, source: std::io::Error },
    #[error(
        "{place}: the file changed while it was read\nhint: read it again when nobody writes it"
    )]
    Changed { place: Place },
    #[error(
        "{place}: it was changed {found} s ago, expected at least {expected} s (`minimum_age`)\nhint: run again when its writer is done"
    )]
    TooYoung { place: Place, found: u64, expected: u64 },
    #[error(
        "{place}: {found} rows, expected {expected} (`expected_rows` in the pipeline file)\nhint: ask whether the delivery is whole, or correct the number; blank rows and those that the profile cuts do not count"
    )]
    UnexpectedRows { place: Place, found: u64, expected: u64 },
    #[error("{place}: reading broke off: {source}")]
    Broken { place: Place, source: std::io::Error },
    #[error("{place}: found {found}, expected {expected}{}", hint(advice))]
    WrongContainer { place: Place, found: String, expected: &'static str, advice: String },
    #[error(
        "{place}: the workbook is damaged: {what}\nhint: open it in Excel, let it be mended, save it under another name; or ask for it again"
    )]
    Damaged { place: Place, what: String },
    #[error(
        "{place}: the workbook is protected by a password\nhint: ask for it without a password, over a safe channel"
    )]
    PasswordProtected { place: Place },
    #[error("{place}: {what}: found {found}, the limit is {limit}{}", hint(advice))]
    Limit { place: Place, what: String, found: u64, limit: u64, advice: String },
    #[error("{place}: no sheet {wanted}; the workbook has {}{}", listed(sheets), hint(advice))]
    SheetNotFound { place: Place, wanted: Box<str>, sheets: Vec<String>, advice: String },
    #[error(
        "{place}: no header row: none of the first {searched} rows has an id column; expected {}{}",
        listed(expected),
        hint(advice)
    )]
    HeaderNotFound { place: Place, searched: usize, expected: Vec<String>, advice: String },
    #[error(
        "{place}: {}\nhint: ask for the delivery again, or name another sheet",
        no_rows(*header_row)
    )]
    NoRows { place: Place, header_row: u64 },
    #[error("{place}: line {line}: found {found}, expected {expected}{}", hint(advice))]
    WrongEncoding {
        place: Place,
        line: u64,
        found: Box<str>,
        expected: &'static str,
        advice: String,
    },
    #[error(
        "{place}: line {line}: a quoted field opens in this record and is never closed\nhint: a quotation mark inside a quoted field must be doubled"
    )]
    QuoteNeverClosed { place: Place, line: u64 },
    #[error(
        "{place}: lines {first} to {last} stand inside one pair of quotation marks, and each has the delimiters of a row\nhint: double the quotation mark that opens line {first} too early, or ask for an export with all fields quoted"
    )]
    RowsInQuotes { place: Place, first: u64, last: u64 },
    #[error(
        "{place}: line {line}: each line stands in quotation marks as a whole, so that it is one cell\nhint: a spreadsheet saved one column that was never split: split it (Data, Text to Columns) and save it again, or ask for the file as it was exported"
    )]
    LinesInQuotes { place: Place, line: u64 },
    #[error(
        "{place}: no copy with marks can be written: {what}\nhint: the list alone: `peil findings --format csv`"
    )]
    Unmarked { place: Place, what: String },
    #[error("{place}: the profile `{profile}` {what}\nhint: mend config/exports/{profile}.toml")]
    Profile { place: Place, profile: String, what: String },
}

impl Error {
    pub fn kind(&self) -> Kind {
        match self {
            Self::FileNotFound { .. }
            | Self::SheetNotFound { .. }
            | Self::HeaderNotFound { .. } => Kind::NotFound,
            _ => Kind::Unreadable,
        }
    }
}

fn hint(advice: &str) -> String {
    if advice.is_empty() { String::new() } else { format!("\nhint: {advice}") }
}

fn no_rows(header_row: u64) -> String {
    match header_row {
        0 => "nothing but blank rows".to_owned(),
        row => format!("no data rows below the header in row {row}"),
    }
}

fn nearest(similar: &[String], what: &str) -> String {
    if similar.is_empty() {
        format!("the folder has no {what} with a name like it")
    } else {
        format!("the folder has {}", listed(similar))
    }
}

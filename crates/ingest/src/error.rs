//! Why a delivery cannot be read.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::sync::Arc;

use survey::header::visible;
use survey::{Hinted, Message};

use crate::names::listed;
use crate::why::Why;

/// Which file, and which sheet of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub delivery: Arc<str>,
    pub file: Arc<str>,
    pub sheet: Option<Arc<str>>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: `{}`", self.delivery, visible(&self.file))?;
        let sheet = self.sheet.iter();
        sheet
            .map(|sheet| visible(sheet))
            .try_for_each(|sheet| write!(formatter, ", sheet `{sheet}`"))
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

/// Its text has the place first, then what was found and expected.
#[derive(Debug)]
pub enum Error {
    FileNotFound {
        place: Place,
        folder: String,
        similar: Vec<String>,
    },
    Unopened {
        place: Place,
        source: io::Error,
    },
    EmptyFile {
        place: Place,
    },
    NotPassedOn {
        place: Place,
        source: io::Error,
    },
    Changed {
        place: Place,
    },
    /// Seconds since it was changed, and at least expected.
    TooYoung {
        place: Place,
        found: u64,
        expected: u64,
    },
    UnexpectedRows {
        place: Place,
        found: u64,
        expected: u64,
    },
    Broken {
        place: Place,
        source: io::Error,
    },
    WrongContainer {
        place: Place,
        found: String,
        expected: &'static str,
        advice: String,
    },
    Damaged {
        place: Place,
        what: String,
    },
    PasswordProtected {
        place: Place,
    },
    Limit {
        place: Place,
        what: String,
        found: u64,
        limit: u64,
        advice: String,
    },
    SheetNotFound {
        place: Place,
        wanted: Box<str>,
        sheets: Vec<String>,
        advice: String,
    },
    HeaderNotFound {
        place: Place,
        searched: usize,
        expected: Vec<String>,
        advice: String,
    },
    HeaderNotRecognised {
        place: Place,
        profile: Box<str>,
        /// The row where the header may begin, from 1.
        row: u64,
        why: Box<Why>,
        advice: String,
    },
    NoRows {
        place: Place,
        header_row: u64,
    },
    WrongEncoding {
        place: Place,
        line: u64,
        found: Box<str>,
        expected: &'static str,
        advice: String,
    },
    QuoteNeverClosed {
        place: Place,
        line: u64,
    },
    RowsInQuotes {
        place: Place,
        first: u64,
        last: u64,
    },
    LinesInQuotes {
        place: Place,
        line: u64,
    },
    Unmarked {
        place: Place,
        what: String,
    },
    Profile {
        place: Place,
        profile: String,
        what: String,
    },
}

const LOOK_FIRST: &str =
    "survey data is far smaller; inspect the file before you raise `[limits]` of the pipeline file";

impl Error {
    /// What is wrong with a workbook's file.
    pub(crate) fn of_workbook(place: &Place, error: workbook::Error) -> Self {
        let place = place.clone();
        match error {
            workbook::Error::Unopened(source) => Self::Unopened { place, source },
            workbook::Error::Unread(source) => Self::Broken { place, source },
            error @ workbook::Error::Unpacked(_) => {
                Self::Damaged { place, what: error.to_string() }
            }
            workbook::Error::Damaged(what) => Self::Damaged { place, what },
            workbook::Error::Limit { what, found, limit } => {
                Self::Limit { place, what, found, limit, advice: LOOK_FIRST.to_owned() }
            }
            workbook::Error::PasswordProtected => Self::PasswordProtected { place },
            workbook::Error::NotAWorkbook => Self::WrongContainer {
                place,
                found: "neither a zip archive nor a compound file".to_owned(),
                expected: WORKBOOK,
                advice: "ask for the workbook again".to_owned(),
            },
        }
    }

    /// What is wrong with a zip archive around a delivery.
    pub(crate) fn of_archive(place: &Place, error: workbook::Error) -> Self {
        let mut error = Self::of_workbook(place, error);
        if let Self::Limit { advice, .. } = &mut error {
            "survey data is far smaller; do not open it before you know where it comes from"
                .clone_into(advice);
        }
        error
    }

    pub fn place(&self) -> &Place {
        match self {
            Self::FileNotFound { place, .. }
            | Self::Unopened { place, .. }
            | Self::EmptyFile { place }
            | Self::NotPassedOn { place, .. }
            | Self::Changed { place }
            | Self::TooYoung { place, .. }
            | Self::UnexpectedRows { place, .. }
            | Self::Broken { place, .. }
            | Self::WrongContainer { place, .. }
            | Self::Damaged { place, .. }
            | Self::PasswordProtected { place }
            | Self::Limit { place, .. }
            | Self::SheetNotFound { place, .. }
            | Self::HeaderNotFound { place, .. }
            | Self::HeaderNotRecognised { place, .. }
            | Self::NoRows { place, .. }
            | Self::WrongEncoding { place, .. }
            | Self::QuoteNeverClosed { place, .. }
            | Self::RowsInQuotes { place, .. }
            | Self::LinesInQuotes { place, .. }
            | Self::Unmarked { place, .. }
            | Self::Profile { place, .. } => place,
        }
    }

    /// What was found and what was expected, without the place and without the hint.
    pub fn fact(&self) -> String {
        match self {
            Self::FileNotFound { folder, .. } => format!("no such file in `{folder}`"),
            Self::Unopened { source, .. } => format!("cannot be opened: {source}"),
            Self::EmptyFile { .. } => "the file is empty (0 bytes)".to_owned(),
            Self::NotPassedOn { source, .. } => format!("the rows cannot be passed on: {source}"),
            Self::Changed { .. } => "the file changed while it was read".to_owned(),
            Self::TooYoung { found, expected, .. } => {
                format!("changed {found} s ago, expected at least {expected} s (`minimum_age`)")
            }
            Self::UnexpectedRows { found, expected, .. } => {
                format!("{found} rows, expected {expected} (`expected_rows` in the pipeline file)")
            }
            Self::Broken { source, .. } => format!("reading failed: {source}"),
            Self::WrongContainer { found, expected, .. } => {
                format!("found {found}, expected {expected}")
            }
            Self::Damaged { what, .. } => format!("the workbook is damaged: {what}"),
            Self::PasswordProtected { .. } => "the workbook is protected by a password".to_owned(),
            Self::Limit { what, found, limit, .. } => {
                format!("{what}: found {found}, the limit is {limit}")
            }
            Self::SheetNotFound { wanted, sheets, .. } => {
                format!("no sheet {wanted}; the workbook has {}", listed(sheets))
            }
            Self::HeaderNotFound { searched, expected, .. } => format!(
                "no header row: none of the first {searched} rows has an id column; expected {}",
                listed(expected)
            ),
            Self::HeaderNotRecognised { profile, row, why, .. } => unrecognised(profile, *row, why),
            Self::NoRows { header_row, .. } => no_rows(*header_row),
            Self::WrongEncoding { line, found, expected, .. } => {
                format!("line {line}: found {found}, expected {expected}")
            }
            Self::QuoteNeverClosed { line, .. } => {
                format!("line {line}: a quoted field opens in this record and is never closed")
            }
            Self::RowsInQuotes { first, last, .. } => format!(
                "lines {first} to {last} are inside one pair of quotation marks, and each has the delimiters of a row"
            ),
            Self::LinesInQuotes { line, .. } => {
                format!("line {line}: each line is quoted as a whole, so that it is a single cell")
            }
            Self::Unmarked { what, .. } => format!("no marked copy can be written: {what}"),
            Self::Profile { profile, what, .. } => format!("the profile `{profile}` {what}"),
        }
    }

    /// What may help.
    pub fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: Cow<'_, str> = match self {
            Self::FileNotFound { similar, .. } if similar.is_empty() => {
                "the folder has no file with a similar name".into()
            }
            Self::FileNotFound { similar, .. } => format!("the folder has {}", listed(similar)).into(),
            Self::EmptyFile { .. } => "ask for the delivery again".into(),
            Self::Changed { .. } => "read it again once nobody is writing to it".into(),
            Self::TooYoung { .. } => "run again when its writer has finished".into(),
            Self::UnexpectedRows { .. } => {
                "ask whether the delivery is complete, or correct the number; blank rows and rows that the profile cuts do not count".into()
            }
            Self::Damaged { .. } => {
                "repair it in Excel and save it under another name, or ask for it again".into()
            }
            Self::PasswordProtected { .. } => {
                "ask for it without a password, over a secure channel".into()
            }
            Self::NoRows { .. } => "ask for the delivery again, or name another sheet".into(),
            Self::QuoteNeverClosed { .. } => {
                "a quotation mark inside a quoted field must be doubled".into()
            }
            Self::RowsInQuotes { first, .. } => format!(
                "double the quotation mark that opens too early in line {first}, or ask for an export with all fields quoted"
            )
            .into(),
            Self::LinesInQuotes { .. } => {
                "a spreadsheet saved one column that was never split: split it (Data, Text to Columns) and save it again, or ask for the original export".into()
            }
            Self::Unmarked { .. } => ONLY_THE_LIST.into(),
            Self::Profile { profile, .. } => format!("correct config/exports/{profile}.toml").into(),
            Self::WrongContainer { advice, .. }
            | Self::Limit { advice, .. }
            | Self::SheetNotFound { advice, .. }
            | Self::HeaderNotFound { advice, .. }
            | Self::HeaderNotRecognised { advice, .. }
            | Self::WrongEncoding { advice, .. } => advice.as_str().into(),
            Self::NotPassedOn { source, .. } => {
                let known = source.get_ref().and_then(|inner| inner.downcast_ref::<Message>());
                known?.hint.as_deref()?.into()
            }
            Self::Unopened { .. } | Self::Broken { .. } => return None,
        };
        (!hint.is_empty()).then_some(hint)
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::FileNotFound { .. }
            | Self::SheetNotFound { .. }
            | Self::HeaderNotFound { .. }
            | Self::HeaderNotRecognised { .. } => Kind::NotFound,
            _ => Kind::Unreadable,
        }
    }
}

/// Where a copy of a delivery cannot be written.
pub(crate) const ONLY_THE_LIST: &str = "for the list alone: `peil findings --format csv`";
pub(crate) const WORKBOOK: &str = "a workbook (xlsx, xlsm, xlsb, xls or ods)";

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place(), self.fact())
    }
}

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        self.hint().map(Cow::into_owned)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unopened { source, .. }
            | Self::NotPassedOn { source, .. }
            | Self::Broken { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// A column whose text is too long for one array.
pub(crate) fn too_long(place: &Place) -> Error {
    Error::Limit {
        place: place.clone(),
        what: "bytes of text in one column".to_owned(),
        found: u64::from(u32::MAX),
        limit: i32::MAX as u64,
        advice: "split the delivery".to_owned(),
    }
}

/// What was expected of the header and what was found, without a word of the rows.
fn unrecognised(profile: &str, first: u64, why: &Why) -> String {
    match why {
        Why::Rows(rows) => {
            let found = rows.iter().filter(|recognised| **recognised).count();
            let missing: Vec<String> = (first..)
                .zip(rows)
                .filter(|(_, recognised)| !**recognised)
                .map(|(row, _)| row.to_string())
                .collect();
            let rows_of = |count: usize| match count {
                1 => "1 header row".to_owned(),
                count => format!("{count} header rows"),
            };
            format!(
                "found {} of the {} that the profile `{profile}` has: row {} is not recognised as a header",
                rows_of(found),
                rows.len(),
                missing.join(" and row ")
            )
        }
        Why::OneMore => format!(
            "found one header row more than the profile `{profile}` has; the header begins in row {first}"
        ),
        Why::RowAbove(row) => format!(
            "the header of the profile `{profile}` begins in row {first}, below a row that is as full and is not part of the header: row {}",
            row + 1
        ),
    }
}

fn no_rows(header_row: u64) -> String {
    match header_row {
        0 => "only blank rows".to_owned(),
        row => format!("no data rows below the header in row {row}"),
    }
}

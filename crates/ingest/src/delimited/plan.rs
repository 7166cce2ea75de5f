//! What reading a piece of a text needs to know, and why a piece may not fit.

use workbook::text::Dialect;

use crate::classify::Classifier;
use crate::key::Key;
use crate::layout::Layout;
use crate::limits::Limits;

/// All that reading a piece needs to know.
pub(crate) struct Plan<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) layout: &'a Layout,
    pub(crate) classifier: &'a Classifier,
    pub(crate) key: &'a Key,
    pub(crate) limits: &'a Limits,
}

/// Why a piece cannot be read as it was cut; lines from the piece's start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// With the bytes of the record so far.
    InsideQuotes {
        line: u64,
        bytes: usize,
    },
    NotUtf8 {
        line: u64,
    },
    RecordTooLong {
        line: u64,
    },
    TooManyColumns {
        line: u64,
        found: usize,
    },
    /// From this line to that one.
    RowsInQuotes {
        first: u64,
        last: u64,
    },
    LineInQuotes {
        line: u64,
    },
}

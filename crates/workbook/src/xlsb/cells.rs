//! The rows of an xlsb as calamine streams its cells, with the error values that it does not know.

use std::borrow::Cow;

use calamine::{Data, DataRef};

use super::caught::caught;
use super::scan::NewerErrors;
use crate::error::Error;
use crate::limits::Limits;
use crate::number_format::Shows;
use crate::row::{Kind, Oddity, Row, Rows};
use crate::value::{Shown, Value, put};

/// The next cell: its row and column from 0, and its value.
pub(super) type Next<'a> = Result<Option<((u32, u32), DataRef<'a>)>, Error>;

pub(super) struct Cells<'a, R> {
    read: R,
    /// The cell that begins the next row.
    next: Option<((u32, u32), DataRef<'a>)>,
    has_begun: bool,
    newer_errors: NewerErrors,
    is_1904: bool,
    limits: Limits,
    seen: u64,
}

impl<'a, R: FnMut() -> Next<'a>> Cells<'a, R> {
    pub(super) fn new(read: R, newer_errors: NewerErrors, is_1904: bool, limits: Limits) -> Self {
        let (next, has_begun, seen) = (None, false, 0);
        Self { read, next, has_begun, newer_errors, is_1904, limits, seen }
    }

    fn advance(&mut self) -> Result<(), Error> {
        self.next = caught(&mut self.read)?;
        self.seen += u64::from(self.next.is_some());
        if self.seen > self.limits.cells {
            return Err(Error::limit("cells", self.seen, self.limits.cells));
        }
        Ok(())
    }

    fn put(&self, column: u32, value: &DataRef<'_>, row: &mut Row) {
        let by = match value {
            DataRef::DateTime(date) if date.is_duration() => Shows::Elapsed,
            DataRef::DateTime(_) => Shows::DateTime,
            _ => Shows::Number,
        };
        let text: Cow<'_, str>;
        let value = match value {
            DataRef::Empty => Value::Blank,
            DataRef::Int(number) => Value::Number(*number as f64),
            DataRef::Float(number) => Value::Number(*number),
            DataRef::DateTime(date) => Value::Number(date.as_f64()),
            DataRef::Bool(truth) => Value::Bool(*truth),
            DataRef::SharedString(shared) => Value::Text(shared.as_bytes()),
            DataRef::Error(_) => {
                text = Data::from(value.clone()).to_string().into();
                row.put(column, |out| {
                    out.extend_from_slice(text.as_bytes());
                    Kind::Error
                });
                return row.meet(column, Oddity::ErrorValue);
            }
            // An xlsb holds no dates as text.
            DataRef::String(own) | DataRef::DateTimeIso(own) | DataRef::DurationIso(own) => {
                Value::Text(own.as_bytes())
            }
        };
        put(value, Shown { by, is_1904: self.is_1904 }, column, row);
    }
}

impl<'a, R: FnMut() -> Next<'a>> Rows for Cells<'a, R> {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        if !self.has_begun {
            self.has_begun = true;
            self.advance()?;
        }
        let read = self.next.as_ref().map(|((number, _), _)| *number);
        let newer_errors = self.newer_errors.first_key_value().map(|((number, _), _)| *number);
        let Some(number) = read.into_iter().chain(newer_errors).min() else { return Ok(false) };
        row.start(number, false);
        while let Some(((at, column), value)) = self.next.take_if(|((at, _), _)| *at == number) {
            debug_assert_eq!(at, number);
            self.limits.check_column(column)?;
            self.put(column, &value, row);
            self.limits.check_row_bytes(number, row.bytes())?;
            self.advance()?;
        }
        while let Some(cell) = self.newer_errors.first_entry().filter(|cell| cell.key().0 == number)
        {
            let ((_, column), code) = cell.remove_entry();
            put(
                Value::Error(code),
                Shown { by: Shows::Number, is_1904: self.is_1904 },
                column,
                row,
            );
        }
        Ok(true)
    }
}

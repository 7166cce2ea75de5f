//! The typed value of a cell in a binary workbook (xls, xlsb), and the kind and text that it becomes.

use std::io::Write;

use crate::number_format::Shows;
use crate::row::{Kind, Oddity, Row};
use crate::serial;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    Blank,
    Number(f64),
    /// UTF-8.
    Text(&'a [u8]),
    Bool(bool),
    Error(u8),
    /// A formula that was never calculated.
    Uncalculated,
    /// It refers to a text that is not there, or is of an unknown kind.
    Broken,
}

/// How a number is shown, and from which year days are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) by: Shows,
    pub(crate) is_1904: bool,
}

/// Puts the value into the row.
pub(crate) fn put(value: Value<'_>, shown: Shown, column: u32, row: &mut Row) {
    let mut push = |text: &[u8], class: Kind| {
        row.put(column, |out| {
            out.extend_from_slice(text);
            class
        });
    };
    match value {
        Value::Blank => {}
        Value::Number(number) => put_number(number, shown, column, row),
        Value::Text(text) if text.trim_ascii().is_empty() => push(text, Kind::Empty),
        Value::Text(text) => push(text, Kind::Text),
        Value::Bool(true) => push(b"TRUE", Kind::Bool),
        Value::Bool(false) => push(b"FALSE", Kind::Bool),
        Value::Error(code) => {
            push(error_text(code).as_bytes(), Kind::Error);
            row.meet(column, Oddity::ErrorValue);
        }
        Value::Uncalculated => {
            push(b"", Kind::FormulaWithoutValue);
            row.meet(column, Oddity::FormulaWithoutValue);
        }
        Value::Broken => {
            push(b"", Kind::Error);
            row.meet(column, Oddity::BrokenCell);
        }
    }
}

/// From here on a whole number has more than fifteen digits.
const LONG: f64 = 1e15;

fn put_number(number: f64, shown: Shown, column: u32, row: &mut Row) {
    let mut push = |class: Kind, write: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        row.put(column, |out| write(out).map_or(Kind::Error, |()| class));
    };
    if !number.is_finite() {
        push(Kind::Text, &|out| write!(out, "{number}"));
        return row.meet(column, Oddity::BrokenCell);
    }
    let iso = match shown.by {
        Shows::Number | Shows::Percent => None,
        Shows::DateTime => serial::from_serial(number, shown.is_1904),
        Shows::Elapsed => serial::elapsed(number),
    };
    if let Some(iso) = iso {
        return push(Kind::Date, &|out| out.write_all(iso.as_bytes()));
    }
    push(Kind::Number, &|out| write!(out, "{number}"));
    if shown.by == Shows::Percent {
        row.percents.push(column);
    }
    if shown.by.is_date() {
        row.meet(column, Oddity::ImpossibleDate);
    } else if number.abs() >= LONG && number.fract() == 0.0 {
        row.meet(column, Oddity::LongNumber);
    }
}

/// As Excel shows it.
fn error_text(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        0x2b => "#GETTING_DATA",
        0x2d => "#SPILL!",
        0x2e => "#CONNECT!",
        0x2f => "#BLOCKED!",
        0x31 => "#FIELD!",
        0x32 => "#CALC!",
        _ => "#UNKNOWN!",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value<'_>, style: usize, kind: Kind, text: &str, oddities: usize) {
        let by = [Shows::Number, Shows::DateTime, Shows::Elapsed][style];
        let mut row = Row::default();
        put(value, Shown { by, is_1904: false }, 1, &mut row);
        assert_eq!(String::from_utf8_lossy(row.text(1)), text);
        assert_eq!((row.kind(1), row.oddities.len()), (kind, oddities), "{text}");
    }

    #[test]
    fn each_value_gets_its_kind_and_text() {
        check(Value::Number(0.1), 0, Kind::Number, "0.1", 0);
        check(Value::Number(45_943.0), 1, Kind::Date, "2025-10-13", 0);
        check(Value::Number(1.5), 2, Kind::Date, "36:00:00", 0);
        check(Value::Number(60.0), 1, Kind::Number, "60", 1);
        check(Value::Number(1e15), 0, Kind::Number, "1000000000000000", 1);
        check(Value::Number(-999_999_999_999_999.0), 0, Kind::Number, "-999999999999999", 0);
        check(Value::Number(f64::NAN), 0, Kind::Text, "NaN", 1);
        check(Value::Text(b" "), 0, Kind::Empty, " ", 0);
        check(Value::Bool(false), 0, Kind::Bool, "FALSE", 0);
        check(Value::Error(0x2a), 0, Kind::Error, "#N/A", 1);
        check(Value::Error(0xee), 0, Kind::Error, "#UNKNOWN!", 1);
        check(Value::Uncalculated, 0, Kind::FormulaWithoutValue, "", 1);
        check(Value::Broken, 0, Kind::Error, "", 1);
    }
}

//! What a cell of a binary workbook (xls, xlsb) holds, and the class and text that become of it.

use std::io::Write;

use survey::Class;

use super::row::Row;
use crate::chunk::Event;
use crate::date::{self, Shows};

/// How numbers of each style are shown.
#[derive(Debug, Default)]
pub(super) struct Formats {
    pub(super) shows: Vec<Shows>,
    pub(super) is_1904: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
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

pub(super) fn put(value: Value<'_>, style: usize, column: u32, row: &mut Row, formats: &Formats) {
    let mut push = |text: &[u8], class: Class| {
        row.put(column, |out| {
            out.extend_from_slice(text);
            class
        });
    };
    match value {
        Value::Blank => {}
        Value::Number(number) => put_number(number, style, column, row, formats),
        Value::Text(text) if text.trim_ascii().is_empty() => push(text, Class::Empty),
        Value::Text(text) => push(text, Class::Text),
        Value::Bool(true) => push(b"TRUE", Class::Bool),
        Value::Bool(false) => push(b"FALSE", Class::Bool),
        Value::Error(code) => {
            push(error_text(code).as_bytes(), Class::Error);
            row.meet(column, Event::ErrorValue);
        }
        Value::Uncalculated => {
            push(b"", Class::FormulaWithoutValue);
            row.meet(column, Event::FormulaWithoutValue);
        }
        Value::Broken => {
            push(b"", Class::Error);
            row.meet(column, Event::BrokenCell);
        }
    }
}

/// From here on a whole number has more than fifteen digits.
const LONG: f64 = 1e15;

fn put_number(number: f64, style: usize, column: u32, row: &mut Row, formats: &Formats) {
    let mut push = |class: Class, write: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        row.put(column, |out| write(out).map_or(Class::Error, |()| class));
    };
    if !number.is_finite() {
        push(Class::Text, &|out| write!(out, "{number}"));
        return row.meet(column, Event::BrokenCell);
    }
    let shows = formats.shows.get(style).copied().unwrap_or(Shows::Number);
    let iso = match shows {
        Shows::Number | Shows::Percent => None,
        Shows::DateTime => date::from_serial(number, formats.is_1904),
        Shows::Elapsed => date::elapsed(number),
    };
    if let Some(iso) = iso {
        return push(Class::Date, &|out| out.write_all(iso.as_bytes()));
    }
    push(Class::Number, &|out| write!(out, "{number}"));
    if shows == Shows::Percent {
        row.percents.push(column);
    }
    if shows.is_date() {
        row.meet(column, Event::ImpossibleDate);
    } else if number.abs() >= LONG && number.fract() == 0.0 {
        row.meet(column, Event::LongNumber);
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

/// A number in four bytes: the upper 30 bits of a double, or a whole number, perhaps a hundred times too large.
pub(super) fn of_rk(rk: u32) -> f64 {
    let number = if rk & 2 == 0 {
        f64::from_bits(u64::from(rk & !3) << 32)
    } else {
        f64::from(rk.cast_signed() >> 2)
    };
    if rk & 1 == 0 { number } else { number / 100.0 }
}

/// `A1:C9` of first and last row, first and last column.
pub(super) fn range_text([first_row, last_row, first_column, last_column]: [u32; 4]) -> String {
    let corner = |row: u32, column: u32| {
        format!("{}{}", survey::cell::column_letters(column), u64::from(row) + 1)
    };
    format!("{}:{}", corner(first_row, first_column), corner(last_row, last_column))
}

/// The volatile mark at the beginning of a formula: it is calculated whenever anything is.
const VOLATILE: [u8; 2] = [0x19, 0x01];

pub(super) fn is_volatile(formula: &[u8]) -> bool {
    formula.starts_with(&VOLATILE)
}

/// Appends UTF-16 as UTF-8; half a pair becomes the replacement sign.
pub(super) fn push_units(units: impl Iterator<Item = u16>, out: &mut Vec<u8>) {
    let mut bytes = [0; 4];
    for sign in char::decode_utf16(units) {
        let sign = sign.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(sign.encode_utf8(&mut bytes).as_bytes());
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

pub(super) fn f64_at(bytes: &[u8], at: usize) -> Option<f64> {
    bytes.get(at..)?.first_chunk().map(|chunk| f64::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value<'_>, style: usize, class: Class, text: &str, events: usize) {
        let shows = vec![Shows::Number, Shows::DateTime, Shows::Elapsed];
        let mut row = Row::default();
        put(value, style, 1, &mut row, &Formats { shows, is_1904: false });
        assert_eq!(String::from_utf8_lossy(row.text(1)), text);
        assert_eq!((row.class(1), row.events.len()), (class, events), "{text}");
    }

    #[test]
    fn each_value_gets_its_class_and_text() {
        check(Value::Number(0.1), 0, Class::Number, "0.1", 0);
        check(Value::Number(45_943.0), 1, Class::Date, "2025-10-13", 0);
        check(Value::Number(1.5), 2, Class::Date, "36:00:00", 0);
        check(Value::Number(60.0), 1, Class::Number, "60", 1);
        check(Value::Number(1e15), 0, Class::Number, "1000000000000000", 1);
        check(Value::Number(-999_999_999_999_999.0), 0, Class::Number, "-999999999999999", 0);
        check(Value::Number(f64::NAN), 0, Class::Text, "NaN", 1);
        check(Value::Number(7.0), 99, Class::Number, "7", 0);
        check(Value::Text(b" "), 0, Class::Empty, " ", 0);
        check(Value::Bool(false), 0, Class::Bool, "FALSE", 0);
        check(Value::Error(0x2a), 0, Class::Error, "#N/A", 1);
        check(Value::Error(0xee), 0, Class::Error, "#UNKNOWN!", 1);
        check(Value::Uncalculated, 0, Class::FormulaWithoutValue, "", 1);
        check(Value::Broken, 0, Class::Error, "", 1);
    }

    #[test]
    fn numbers_in_four_bytes_are_those_that_were_typed() {
        for (rk, expected) in [
            (7 << 2 | 2, 7.0),
            ((-7_i32).cast_unsigned() << 2 | 2, -7.0),
            (1234 << 2 | 3, 12.34),
            (0x3ff8_0000, 1.5),
            (0x4028_8000 | 1, 0.1225),
        ] {
            assert!((of_rk(rk) - expected).abs() < 1e-12, "{rk:x}: {}", of_rk(rk));
        }
    }
}

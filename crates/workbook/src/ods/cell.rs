//! A cell of an OpenDocument sheet: what its tag says and what it shows become a kind and a text.

use std::borrow::Cow;

use crate::row::{Kind, Oddity, Row};
use crate::xml::{attribute_value, attributes, digits};
use crate::{iso, number, serial};

/// What a cell's tag says, and the text that it shows.
#[derive(Default)]
pub(super) struct Cell<'a> {
    kind: &'a [u8],
    is_error: bool,
    formula: bool,
    value: Option<Cow<'a, [u8]>>,
    shown: &'a [u8],
}

impl<'a> Cell<'a> {
    pub(super) fn new(tag: &'a [u8], shown: &'a [u8]) -> Self {
        let mut cell = Self { shown, ..Self::default() };
        for (name, value) in attributes(tag) {
            match name {
                // An error is a text to OpenDocument itself; an extension of it says so.
                b"value-type" if value == b"error" => cell.is_error = true,
                b"value-type" if cell.kind.is_empty() => cell.kind = value,
                b"formula" => cell.formula = true,
                b"value" | b"string-value" | b"date-value" | b"time-value" | b"boolean-value"
                    if cell.value.is_none() =>
                {
                    cell.value = Some(attribute_value(value));
                }
                _ => {}
            }
        }
        cell
    }

    pub(super) fn is_blank(&self) -> bool {
        self.kind.is_empty() && !self.formula && !self.is_error && self.shown.is_empty()
    }

    pub(super) fn put(&self, column: u32, row: &mut Row) {
        let value = self.value.as_deref().unwrap_or(self.shown);
        match self.kind {
            _ if self.is_error => {
                push(self.shown, Kind::Error, column, row);
                row.meet(column, Oddity::ErrorValue);
            }
            b"" if self.formula => {
                push(b"", Kind::FormulaWithoutValue, column, row);
                row.meet(column, Oddity::FormulaWithoutValue);
            }
            b"float" | b"percentage" | b"currency" => self.put_number(value, column, row),
            b"date" => {
                let iso = iso::date(value.trim_ascii());
                push_or_broken(iso, value, column, row);
            }
            b"time" => push_or_broken(clock(value), value, column, row),
            b"boolean" => match value {
                b"true" => push(b"TRUE", Kind::Bool, column, row),
                b"false" => push(b"FALSE", Kind::Bool, column, row),
                _ => broken(value, column, row),
            },
            _ => {
                let blank = value.trim_ascii().is_empty();
                push(value, if blank { Kind::Empty } else { Kind::Text }, column, row);
            }
        }
    }

    fn put_number(&self, value: &[u8], column: u32, row: &mut Row) {
        let plain = std::str::from_utf8(value.trim_ascii()).ok().and_then(number::plain);
        let Some(plain) = plain else { return broken(value, column, row) };
        // A formula is a number to OpenDocument, whatever it shows.
        if self.formula && matches!(&*plain, "0" | "1") && is_truth(self.shown) {
            let text: &[u8] = if plain == "1" { b"TRUE" } else { b"FALSE" };
            return push(text, Kind::Bool, column, row);
        }
        if self.formula
            && let Some(iso) = shown_date(&plain, self.shown)
        {
            return push(iso.as_bytes(), Kind::Date, column, row);
        }
        push(plain.as_bytes(), Kind::Number, column, row);
        if self.kind == b"percentage" {
            row.percents.push(column);
        }
        if number::is_long(&plain) {
            row.meet(column, Oddity::LongNumber);
        }
    }
}

fn push(text: &[u8], class: Kind, column: u32, row: &mut Row) {
    let text = String::from_utf8_lossy(text);
    row.put(column, |out| {
        out.extend_from_slice(text.as_bytes());
        class
    });
}

/// Kept as text, whatever the sheet says it is.
fn broken(text: &[u8], column: u32, row: &mut Row) {
    push(text, Kind::Text, column, row);
    row.meet(column, Oddity::BrokenCell);
}

fn push_or_broken(iso: Option<String>, text: &[u8], column: u32, row: &mut Row) {
    match iso {
        Some(iso) => push(iso.as_bytes(), Kind::Date, column, row),
        None => broken(text, column, row),
    }
}

fn is_truth(shown: &[u8]) -> bool {
    matches!(shown, b"TRUE" | b"FALSE" | b"WAAR" | b"ONWAAR")
}

/// The date of a serial number, if the text that is shown has its year, month and day in any order.
fn shown_date(serial: &str, shown: &[u8]) -> Option<String> {
    let iso = serial::from_serial(serial.parse().ok()?, false)?;
    let numbers = |text: &str| -> Option<Vec<u32>> {
        let parts = text.split(['-', '/', '.', ':', ' ', 'T']).filter(|part| !part.is_empty());
        parts.map(|part| digits(part.as_bytes())).collect()
    };
    let (mut wanted, mut found) = (numbers(&iso)?, numbers(std::str::from_utf8(shown).ok()?)?);
    if wanted.len() < 3 || found.len() < 3 {
        return None;
    }
    let (time, shown_time) = (wanted.split_off(3), found.split_off(3));
    if found.iter().all(|number| *number < 100) {
        wanted[0] %= 100;
    }
    wanted.sort_unstable();
    found.sort_unstable();
    (wanted == found && time.starts_with(&shown_time)).then_some(iso)
}

/// `PT36H30M00S` as `36:30:00`.
fn clock(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |text| (-1.0, text));
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0.0;
    for (unit, length) in [('H', 3600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, following)) = rest.split_once(unit) {
            seconds += number.replace(',', ".").parse::<f64>().ok()? * length;
            rest = following;
        }
    }
    if rest.is_empty() { serial::elapsed(sign * seconds / 86_400.0) } else { None }
}

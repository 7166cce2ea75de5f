//! One cell of a sheet: its kind, text and style become a class and a text.

use super::context::{CellTag, Context};
use crate::error::Error;
use crate::number_format::Shows;
use crate::row::{Kind, Oddity, Row};
use crate::xml::{digits, without_excel_escapes};
use crate::{iso, number, serial};

#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) cell: CellTag<'a>,
    pub(super) formula: bool,
    pub(super) value: bool,
}

pub(super) fn put(
    found: Found<'_>,
    column: u32,
    text: &mut Vec<u8>,
    row: &mut Row,
    context: &Context,
) -> Result<(), Error> {
    if !found.value {
        if found.formula {
            row.put(column, |_| Kind::FormulaWithoutValue);
            row.meet(column, Oddity::FormulaWithoutValue);
        }
        return Ok(());
    }
    let kind_of_text =
        |text: &[u8]| if text.trim_ascii().is_empty() { Kind::Empty } else { Kind::Text };
    let utf8 = |text: &[u8], row: &Row| {
        if std::str::from_utf8(text).is_ok() {
            Ok(())
        } else {
            Err(Error::damaged(format!("row {}: text that is not UTF-8", row.number + 1)))
        }
    };
    match found.cell.kind {
        b"s" => {
            if let Some(shared) =
                digits(text.trim_ascii()).and_then(|index| context.strings.get(index as usize))
            {
                row.put(column, |out| {
                    out.extend_from_slice(shared);
                    kind_of_text(shared)
                });
            } else {
                row.put(column, |_| Kind::Error);
                row.meet(column, Oddity::BrokenCell);
            }
        }
        b"str" | b"inlineStr" => {
            utf8(text, row)?;
            without_excel_escapes(text, 0);
            row.put(column, |out| {
                out.extend_from_slice(text);
                kind_of_text(text)
            });
        }
        b"b" => match text.trim_ascii() {
            b"1" | b"true" => row.put(column, |out| push(out, b"TRUE", Kind::Bool)),
            b"0" | b"false" => row.put(column, |out| push(out, b"FALSE", Kind::Bool)),
            _ => broken(column, text, row),
        },
        b"e" => {
            utf8(text, row)?;
            row.put(column, |out| push(out, text, Kind::Error));
            row.meet(column, Oddity::ErrorValue);
        }
        b"d" => match iso_of(text.trim_ascii()) {
            Some(iso) => row.put(column, |out| push(out, iso.as_bytes(), Kind::Date)),
            None => broken(column, text, row),
        },
        b"" | b"n" => put_number(found.cell.style, column, text, row, context),
        _ => broken(column, text, row),
    }
    Ok(())
}

/// A date, a date and time, or a time alone.
fn iso_of(text: &[u8]) -> Option<String> {
    iso::date(text).or_else(|| iso::time(text))
}

fn push(out: &mut Vec<u8>, text: &[u8], class: Kind) -> Kind {
    out.extend_from_slice(text);
    class
}

/// Kept as text, whatever the workbook says it is.
fn broken(column: u32, text: &[u8], row: &mut Row) {
    let text = String::from_utf8_lossy(text);
    row.put(column, |out| push(out, text.as_bytes(), Kind::Text));
    row.meet(column, Oddity::BrokenCell);
}

#[inline]
fn put_number(style: usize, column: u32, text: &[u8], row: &mut Row, context: &Context) {
    let shows = context.shows.get(style).copied().unwrap_or(Shows::Number);
    let trimmed = text.trim_ascii();
    if shows == Shows::Number
        && trimmed.len() <= 15
        && !trimmed.is_empty()
        && trimmed.iter().all(u8::is_ascii_digit)
    {
        row.put(column, |out| push(out, trimmed, Kind::Number));
        return;
    }
    let Some(plain) = std::str::from_utf8(trimmed).ok().and_then(number::plain) else {
        broken(column, text, row);
        return;
    };
    let iso = match (shows, plain.parse::<f64>()) {
        (Shows::DateTime, Ok(serial)) => serial::from_serial(serial, context.is_1904),
        (Shows::Elapsed, Ok(days)) => serial::elapsed(days),
        _ => None,
    };
    if let Some(iso) = iso {
        row.put(column, |out| push(out, iso.as_bytes(), Kind::Date));
        return;
    }
    if shows == Shows::Percent {
        row.percents.push(column);
    }
    if shows.is_date() {
        row.meet(column, Oddity::ImpossibleDate);
    } else if number::is_long(&plain) {
        row.meet(column, Oddity::LongNumber);
    }
    row.put(column, |out| push(out, plain.as_bytes(), Kind::Number));
}

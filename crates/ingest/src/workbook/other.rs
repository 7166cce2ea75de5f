//! ods as calamine reads them; a number comes with the digits of its double.

use std::collections::BTreeSet;

use calamine::{Data, Ods, OdsError, Range, Reader};
use survey::Class;
use survey::config::export::DateOrder;

use super::choose::Chosen;
use super::ods::{self, Around};
use super::parts::Wrong;
use super::row::Row;
use super::sink::{Full, Sink};
use super::{Filled, Task, number, parts};
use crate::assemble::Assembly;
use crate::chunk::Event;
use crate::date;
use crate::error::Error;

/// What the receipt must not pass over in silence.
const NOT_TOLD: &str = "ods: numbers have the digits of a double";

pub(crate) fn read(task: &Task<'_>, assembly: &mut Assembly<'_>) -> Result<Filled, Error> {
    // calamine holds all sheets, with every repeated cell: none may be too large.
    let content = parts::part(&mut task.archive()?, "content.xml", task.room());
    let content = content.map_err(|wrong| task.wrong(wrong))?.unwrap_or_default();
    for (rows, columns) in ods::extents(&content).map_err(|what| task.damaged(what))? {
        check_area(task, rows.saturating_mul(columns))?;
    }
    let workbook = Ods::new(task.reader()?).map_err(|error| match error {
        OdsError::Password => task.wrong(Wrong::Password),
        error => task.damaged(error.to_string()),
    })?;
    let chosen = task.choose(workbook.sheets_metadata())?;
    let around = ods::around(&content, &chosen).map_err(|what| task.damaged(what))?;
    read_sheet(task, workbook, &around, assembly)
}

/// Largest area of cells that is held as calamine gives it.
const LARGEST_AREA: u64 = 100_000_000;

fn check_area(task: &Task<'_>, area: u64) -> Result<(), Error> {
    let limit = LARGEST_AREA.min(task.limits.cells);
    if area > limit {
        Err(task.limit("cells between the first and the last one", area, limit))
    } else {
        Ok(())
    }
}

fn read_sheet<RS, R>(
    task: &Task<'_>,
    mut workbook: R,
    around: &Around,
    assembly: &mut Assembly<'_>,
) -> Result<Filled, Error>
where
    RS: std::io::Read + std::io::Seek,
    R: Reader<RS>,
    R::Error: std::fmt::Display,
{
    let mut chosen = task.chosen(workbook.sheets_metadata(), false)?;
    chosen.about.notes.push(NOT_TOLD.to_owned());
    chosen.hides(&around.hidden_columns);
    let range =
        workbook.worksheet_range(&chosen.name).map_err(|error| task.damaged(error.to_string()))?;
    let merged = Box::new(|| around.merged.clone());
    let Chosen { place, about, findings, .. } = chosen;
    let mut sink = Sink::new(task.profile, task.key, task.limits, &place, assembly, merged);
    feed(&range, around, &mut sink).or_else(|full| match full {
        Full::NoHeader => Ok(()),
        full => Err(task.full(&place, full)),
    })?;
    let cells = sink.cells;
    let outcome = sink.finish()?;
    Ok(Filled { place, about, findings, outcome, cells })
}

fn feed(range: &Range<Data>, around: &Around, sink: &mut Sink<'_, '_>) -> Result<(), Full> {
    let (first_row, first_column) = range.start().unwrap_or((0, 0));
    let mut row = Row::default();
    let end = first_row + range.height() as u32;
    let below = around.uncalculated.iter().map(|(row, _)| *row).filter(|row| *row >= end);
    let below: BTreeSet<u32> = below.collect();
    let above = around.uncalculated.iter().map(|(row, _)| *row).filter(|row| *row < first_row);
    let above: BTreeSet<u32> = above.collect();
    for number in above.into_iter().chain(first_row..end).chain(below) {
        row.start(number, around.is_hidden(number));
        let cells = number.checked_sub(first_row).map(|at| at as usize);
        let cells = cells.filter(|at| *at < range.height()).map(|at| &range[at]);
        for (cell, column) in cells.unwrap_or_default().iter().zip(first_column..) {
            put(cell, column, &mut row);
        }
        for (_, column) in around.uncalculated.range((number, 0)..=(number, u32::MAX)) {
            if row.class(*column as usize) == Class::Empty {
                row.put(*column, |_| Class::FormulaWithoutValue);
                row.meet(*column, Event::FormulaWithoutValue);
            }
        }
        if row.width() > 0 {
            sink.take(&row)?;
        }
    }
    Ok(())
}

fn put(cell: &Data, column: u32, row: &mut Row) {
    let mut push = |text: &str, class: Class| {
        row.put(column, |out| {
            out.extend_from_slice(text.as_bytes());
            class
        });
    };
    match cell {
        Data::Empty => {}
        Data::String(text) if text.trim().is_empty() => push(text, Class::Empty),
        Data::String(text) | Data::DurationIso(text) => push(text, Class::Text),
        Data::Bool(value) => push(if *value { "TRUE" } else { "FALSE" }, Class::Bool),
        Data::Int(value) => push(&value.to_string(), Class::Number),
        Data::Float(value) => {
            let text = format!("{value}");
            push(&text, Class::Number);
            if number::is_long(&text) {
                row.meet(column, Event::LongNumber);
            }
        }
        Data::DateTime(value) => {
            let iso =
                if value.is_duration() { date::elapsed(value.as_f64()) } else { date_of(value) };
            if let Some(iso) = iso {
                push(&iso, Class::Date);
            } else {
                push(&format!("{}", value.as_f64()), Class::Number);
                row.meet(column, Event::ImpossibleDate);
            }
        }
        Data::DateTimeIso(text) => match date::iso_date(text.as_bytes(), &[DateOrder::Ymd]) {
            Some(iso) => push(&iso, Class::Date),
            None => push(text, Class::Text),
        },
        Data::Error(error) => {
            push(&error.to_string(), Class::Error);
            row.meet(column, Event::ErrorValue);
        }
    }
}

/// By calamine's own calendar, which knows whether the workbook counts from 1904.
fn date_of(value: &calamine::ExcelDateTime) -> Option<String> {
    let serial = value.as_f64();
    let (year, month, day, ..) = value.to_ymd_hms_milli();
    let by_1900 = date::from_serial(serial, false)?;
    let shown = format!("{year:04}-{month:02}-{day:02}");
    if serial < 1.0 || by_1900.starts_with(&shown) {
        Some(by_1900)
    } else {
        date::from_serial(serial, true)
    }
}

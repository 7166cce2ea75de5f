//! xlsb, xls and ods as calamine reads them; a number comes with the digits of its double.

use std::collections::BTreeSet;

use calamine::{Data, Ods, OdsError, Range, Reader, Xls, XlsError, Xlsb, XlsbError};
use survey::Class;
use survey::config::export::DateOrder;

use super::choose::{hidden_columns, hidden_sheets, sheets};
use super::ods::{self, Around};
use super::row::Row;
use super::sink::{Full, Merged, Sink};
use super::{Filled, Task, number, parts};
use crate::assemble::Assembly;
use crate::chunk::Event;
use crate::date;
use crate::error::{Error, Place};
use crate::receipt::about;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Xls,
    Xlsb,
    Ods,
}

impl Format {
    /// What the receipt must not pass over in silence.
    fn not_told(self) -> &'static str {
        match self {
            Self::Xls => {
                "xls: numbers have the digits of a double; hidden rows and columns and formulas without a value were not looked at"
            }
            Self::Xlsb => {
                "xlsb: numbers have the digits of a double; hidden rows and columns, merged headers and formulas without a value were not looked at"
            }
            Self::Ods => "ods: numbers have the digits of a double",
        }
    }
}

pub(crate) fn read(
    task: &Task<'_>,
    format: Format,
    assembly: &mut Assembly<'_>,
) -> Result<Filled, Error> {
    let reader = task.reader()?;
    let password = || Error::PasswordProtected { place: task.opened.place.clone() };
    match format {
        Format::Xls => {
            let workbook = Xls::new(reader).map_err(|error| match error {
                XlsError::Password => password(),
                error => task.damaged(error.to_string()),
            })?;
            let chosen = task.choose(workbook.sheets_metadata())?;
            let merged = workbook.merge_cells_by_sheet_name(&chosen).unwrap_or_default();
            let merged = merged.iter().map(|area| Merged { first: area.start, last: area.end });
            let around = Around { merged: merged.collect(), ..Around::default() };
            read_sheet(task, workbook, &around, format, assembly)
        }
        Format::Xlsb => {
            let mut workbook = Xlsb::new(reader).map_err(|error| match error {
                XlsbError::Password => password(),
                error => task.damaged(error.to_string()),
            })?;
            check_extent(task, &mut workbook)?;
            read_sheet(task, workbook, &Around::default(), format, assembly)
        }
        Format::Ods => {
            // calamine holds all sheets, with every repeated cell: none may be too large.
            let content = parts::part(&mut task.archive()?, "content.xml", task.room());
            let content = content.map_err(|wrong| task.wrong(wrong))?.unwrap_or_default();
            for (rows, columns) in ods::extents(&content).map_err(|what| task.damaged(what))? {
                check_area(task, rows.saturating_mul(columns))?;
            }
            let workbook = Ods::new(reader).map_err(|error| match error {
                OdsError::Password => password(),
                error => task.damaged(error.to_string()),
            })?;
            let chosen = task.choose(workbook.sheets_metadata())?;
            let around = ods::around(&content, &chosen).map_err(|what| task.damaged(what))?;
            read_sheet(task, workbook, &around, format, assembly)
        }
    }
}

/// Largest area of cells that is held as calamine gives it.
const LARGEST_AREA: u64 = 100_000_000;

/// Two cells far apart would claim all cells between them at once.
fn check_extent<RS>(task: &Task<'_>, workbook: &mut Xlsb<RS>) -> Result<(), Error>
where
    RS: std::io::Read + std::io::Seek,
{
    let chosen = task.choose(workbook.sheets_metadata())?;
    let damaged = |error: XlsbError| task.damaged(error.to_string());
    let mut cells = workbook.worksheet_cells_reader(&chosen).map_err(damaged)?;
    let (mut first, mut last) = ((u32::MAX, u32::MAX), (0, 0));
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        first = (first.0.min(row), first.1.min(column));
        last = (last.0.max(row), last.1.max(column));
    }
    let side = |first: u32, last: u32| u64::from(last.saturating_sub(first)) + 1;
    check_area(task, side(first.0, last.0) * side(first.1, last.1))
}

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
    format: Format,
    assembly: &mut Assembly<'_>,
) -> Result<Filled, Error>
where
    RS: std::io::Read + std::io::Seek,
    R: Reader<RS>,
    R::Error: std::fmt::Display,
{
    let chosen = task.choose(workbook.sheets_metadata())?;
    let place = Place { sheet: Some(chosen.as_str().into()), ..task.opened.place.clone() };
    let mut about = about(task.opened, task.profile, "workbook");
    about.blake3 = task.opened.hash()?;
    about.sheet = Some(chosen.clone());
    about.sheets = sheets(workbook.sheets_metadata());
    about.notes.push(format.not_told().to_owned());
    let mut findings = hidden_sheets(&place, &about);
    if !around.hidden_columns.is_empty() {
        findings.push(hidden_columns(&place, &around.hidden_columns));
    }
    let range =
        workbook.worksheet_range(&chosen).map_err(|error| task.damaged(error.to_string()))?;
    let merged = Box::new(|| around.merged.clone());
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

//! xlsb, xls and ods as calamine reads them; a number comes with the digits of its double.

use calamine::{Data, Ods, OdsError, Range, Reader, Xls, XlsError, Xlsb, XlsbError};
use survey::Class;
use survey::config::export::DateOrder;

use super::choose::{hidden_sheets, sheets};
use super::row::Row;
use super::sink::{Full, Sink};
use super::{Filled, Task, number};
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
    fn name(self) -> &'static str {
        match self {
            Self::Xls => "xls",
            Self::Xlsb => "xlsb",
            Self::Ods => "ods",
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
            read_sheet(task, workbook, format, assembly)
        }
        Format::Xlsb => {
            let mut workbook = Xlsb::new(reader).map_err(|error| match error {
                XlsbError::Password => password(),
                error => task.damaged(error.to_string()),
            })?;
            check_extent(task, &mut workbook)?;
            read_sheet(task, workbook, format, assembly)
        }
        Format::Ods => {
            let workbook = Ods::new(reader).map_err(|error| match error {
                OdsError::Password => password(),
                error => task.damaged(error.to_string()),
            })?;
            read_sheet(task, workbook, format, assembly)
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
    let area = side(first.0, last.0) * side(first.1, last.1);
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
    about.notes.push(format!("{}: numbers have the digits of a double, formulas without a value cannot be told from empty cells", format.name()));
    let findings = hidden_sheets(&place, &about);
    let range =
        workbook.worksheet_range(&chosen).map_err(|error| task.damaged(error.to_string()))?;
    let mut sink =
        Sink::new(task.profile, task.key, task.limits, &place, assembly, Box::new(Vec::new));
    feed(&range, &mut sink).or_else(|full| match full {
        Full::NoHeader => Ok(()),
        full => Err(task.full(&place, full)),
    })?;
    let cells = sink.cells;
    let outcome = sink.finish()?;
    Ok(Filled { place, about, findings, outcome, cells })
}

fn feed(range: &Range<Data>, sink: &mut Sink<'_, '_>) -> Result<(), Full> {
    let Some((first_row, first_column)) = range.start() else { return Ok(()) };
    let mut row = Row::default();
    for (cells, number) in range.rows().zip(first_row..) {
        row.start(number, false);
        for (cell, column) in cells.iter().zip(first_column..) {
            put(cell, column, &mut row);
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

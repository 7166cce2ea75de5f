//! A workbook read twice: what calamine, which shares no code with the reading here, has at each cell.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::AsArray;
use arrow::datatypes::{Int8Type, Int64Type};
use calamine::{Data, Range, Reader, open_workbook_auto_from_rs};
use config::ExportProfile;
use serde::{Deserialize, Serialize};
use survey::handoff::{RawColumn, Treatment};
use survey::{Class, Raw, columns};

use crate::delivery::Delivery;
use crate::error::Error;
use crate::key::Key;
use crate::limits::Limits;
use crate::read::read_within;

/// How two readings of a workbook compare, over the cells that are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondReading {
    /// The second reader cannot read the workbook.
    pub gave_up: bool,
    pub cells_alike: u64,
    pub otherwise: Vec<Otherwise>,
}

/// Cells that the two see otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Otherwise {
    /// Class of the cells here.
    pub here: String,
    /// What the second reader calls them.
    pub there: String,
    pub cells: u64,
    pub first: String,
}

/// Reads a workbook whole, and lets calamine read it too.
pub fn read_twice(
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
) -> Result<SecondReading, Error> {
    let raw = read_within(delivery, profile, key, limits)?;
    if area(&raw) > LARGEST_AREA {
        return Ok(SecondReading { gave_up: true, cells_alike: 0, otherwise: Vec::new() });
    }
    let opened = delivery.open(limits)?;
    let (content, _) = opened.content(limits)?;
    let mut bytes = Vec::new();
    let most = limits.uncompressed_bytes;
    content.take(most).read_to_end(&mut bytes).map_err(|source| opened.broken(source))?;
    let sheet = raw.about.sheet.as_deref().unwrap_or_default();
    // It may panic where a file is damaged.
    let range = catch_unwind(AssertUnwindSafe(|| {
        open_workbook_auto_from_rs(Cursor::new(bytes)).ok()?.worksheet_range(sheet).ok()
    }));
    Ok(match range.ok().flatten() {
        Some(range) => compare(&raw, &range),
        None => SecondReading { gave_up: true, cells_alike: 0, otherwise: Vec::new() },
    })
}

/// It holds a cell for every place between the first and the last one.
const LARGEST_AREA: u64 = 50_000_000;

fn area(raw: &Raw) -> u64 {
    let rows = raw.table.column_by_name(columns::SHEET_ROW);
    let rows = rows.and_then(|rows| rows.as_primitive_opt::<Int64Type>());
    let last_row = rows.and_then(|rows| rows.values().last().copied()).unwrap_or_default();
    let last_column = raw.about.columns.last().map_or(0, |column| column.position);
    last_row as u64 * (u64::from(raw.about.first_column) + u64::from(last_column) + 1)
}

fn compare(raw: &Raw, range: &Range<Data>) -> SecondReading {
    let mut cells_alike = 0;
    let mut others: BTreeMap<(String, String), (u64, String)> = BTreeMap::new();
    for column in raw.about.columns.iter().filter(|column| column.treatment == Treatment::Kept) {
        for (sheet_row, class, text) in cells(raw, column) {
            let place = (sheet_row as u32 - 1, raw.about.first_column + column.position);
            let other = range.get_value(place).unwrap_or(&Data::Empty);
            if is_alike(class, text, other) {
                cells_alike += 1;
                continue;
            }
            let names = (class.name().to_owned(), kind(other).to_owned());
            let first = || raw.about.address(sheet_row, column.position).to_string();
            others.entry(names).or_insert_with(|| (0, first())).0 += 1;
        }
    }
    let otherwise = others.into_iter().map(|((here, there), (cells, first))| Otherwise {
        here,
        there,
        cells,
        first,
    });
    SecondReading { gave_up: false, cells_alike, otherwise: otherwise.collect() }
}

/// Row of the sheet, class and text of each cell of a column.
fn cells<'a>(raw: &'a Raw, column: &RawColumn) -> impl Iterator<Item = (u64, Class, &'a str)> {
    let part = |name: fn(u32) -> String| raw.table.column_by_name(&name(column.position));
    let rows = raw.table.column_by_name(columns::SHEET_ROW);
    let rows = rows.and_then(|rows| rows.as_primitive_opt::<Int64Type>());
    let texts = part(columns::text).and_then(|texts| texts.as_string_opt::<i32>());
    let classes = part(columns::class).and_then(|classes| classes.as_primitive_opt::<Int8Type>());
    let texts = texts.into_iter().flat_map(|texts| texts.iter().flatten());
    let classes = classes.into_iter().flat_map(|classes| classes.values().iter());
    let rows = rows.into_iter().flat_map(|rows| rows.values().iter());
    let class = |code: &i8| Class::from_code(*code).unwrap_or(Class::Text);
    rows.zip(classes).zip(texts).map(move |((row, code), text)| (*row as u64, class(code), text))
}

/// Texts but for space around them, numbers by their double, dates as such: each reader has a calendar of its own.
fn is_alike(class: Class, text: &str, other: &Data) -> bool {
    match (class, other) {
        (Class::Empty, Data::String(other)) => other.trim().is_empty(),
        (Class::Text, Data::String(other)) => text.trim() == other.trim(),
        (Class::Number, Data::Float(other)) => text.parse() == Ok(*other),
        (Class::Number, Data::Int(other)) => text.parse() == Ok(*other),
        (Class::Bool, Data::Bool(other)) => text == if *other { "TRUE" } else { "FALSE" },
        (Class::Error, Data::Error(other)) => text == other.to_string(),
        (Class::Empty, Data::Empty)
        | (Class::Date, Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_)) => true,
        _ => false,
    }
}

fn kind(other: &Data) -> &'static str {
    match other {
        Data::Empty => "empty",
        Data::String(_) => "text",
        Data::Float(_) | Data::Int(_) => "number",
        Data::Bool(_) => "boolean",
        Data::Error(_) => "error value",
        Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_) => "date",
    }
}

impl fmt::Display for SecondReading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.gave_up {
            return writeln!(formatter, "  calamine cannot read the sheet");
        }
        writeln!(formatter, "  {} cells alike", self.cells_alike)?;
        for Otherwise { here, there, cells, first } in &self.otherwise {
            let same = if here == there { ", not the same one" } else { "" };
            writeln!(
                formatter,
                "  {cells} cells: {here} here, {there} there{same}; the first is {first}"
            )?;
        }
        Ok(())
    }
}

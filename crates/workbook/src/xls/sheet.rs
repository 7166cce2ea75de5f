//! The cells of one sheet of an xls, in the order of their rows, whatever order they were written in.

use std::collections::BTreeSet;

use super::bytes::{of_rk, u16_at, u32_at};
use super::formula::FORMULA;
use super::globals::Globals;
use super::records::{BEGIN, Record, Records, record};
use super::stored::{
    BOOL_OR_ERROR, FORMATTED_LABEL, LABEL, NUMBER, SHARED_LABEL, SHORT_NUMBER, stored,
};
use crate::address::Area;
use crate::error::Error;
use crate::limits::Limits;
use crate::row::{Row, Rows};
use crate::value::{Value, put};

const COLUMNS: u16 = 0x007d;
const NUMBERS: u16 = 0x00bd;
const MERGED: u16 = 0x00e5;
const EXTENT: u16 = 0x0200;
const ROW: u16 = 0x0208;
/// Where the record of a cell begins.
#[derive(Debug, Clone, Copy)]
struct Cell {
    row: u16,
    column: u16,
    at: u32,
}

pub(super) struct SheetCells<'a> {
    globals: &'a Globals,
    cells: Vec<Cell>,
    /// Rows that the sheet speaks of, with cells or without; the last one is the next.
    rows: Vec<u16>,
    hidden_rows: BTreeSet<u16>,
    /// Of the next row.
    next: usize,
    limits: Limits,
    pub(super) hidden_columns: Vec<(u32, u32)>,
    pub(super) merged: Vec<Area>,
    pub(super) used_range: Option<String>,
    text: Vec<u8>,
}

impl<'a> SheetCells<'a> {
    /// Finds the cells of a sheet; of two of one name the first is read.
    pub(super) fn new(globals: &'a Globals, name: &str, limits: Limits) -> Result<Self, Error> {
        let place = globals.sheets.iter().position(|sheet| sheet.name == name);
        let at = place.map_or(usize::MAX, |place| globals.offsets[place]);
        if record(&globals.stream, at).is_none_or(|first| first.kind != BEGIN) {
            return Err(Error::damaged("its records are not where the workbook says"));
        }
        let mut sheet = Self {
            globals,
            cells: Vec::new(),
            rows: Vec::new(),
            hidden_rows: BTreeSet::new(),
            next: 0,
            limits,
            hidden_columns: Vec::new(),
            merged: Vec::new(),
            used_range: None,
            text: Vec::new(),
        };
        let mut records = Records::new(&globals.stream, at);
        while let Some(found) = records.next() {
            sheet.look_at(found?)?;
        }
        if let Some(last) = sheet.cells.iter().map(|cell| cell.column).max() {
            limits.check_column(u32::from(last))?;
        }
        if !sheet.cells.is_sorted_by_key(|cell| (cell.row, cell.column)) {
            sheet.cells.sort_by_key(|cell| (cell.row, cell.column));
        }
        sheet.rows.extend(sheet.cells.iter().map(|cell| cell.row));
        sheet.rows.sort_unstable_by(|one, other| other.cmp(one));
        sheet.rows.dedup();
        Ok(sheet)
    }

    fn look_at(&mut self, found: Record<'a>) -> Result<(), Error> {
        let body = found.body;
        let at = |place| u16_at(body, place).unwrap_or(0);
        match found.kind {
            ROW => {
                self.rows.push(at(0));
                if body.get(12).is_some_and(|flags| flags & 0x20 != 0) {
                    self.hidden_rows.insert(at(0));
                }
            }
            COLUMNS if at(8) & 1 != 0 => {
                // Some writers name one column more than there are.
                let (first, last) = (u32::from(at(0).min(255)), u32::from(at(2).min(255)));
                self.hidden_columns.push((first, last.max(first)));
            }
            MERGED => self
                .merged
                .extend(body.get(2..).unwrap_or_default().chunks_exact(8).filter_map(area)),
            EXTENT => self.used_range = extent(body).map(|area| area.to_string()),
            NUMBERS => {
                let cut_short = || broken_cell(u32::from(at(0)));
                let numbers = body.len().checked_sub(6).ok_or_else(cut_short)? / 6;
                for place in 0..numbers {
                    let column = at(2).checked_add(place as u16).ok_or_else(cut_short)?;
                    self.cells.push(Cell { row: at(0), column, at: offset(found)? });
                }
            }
            FORMULA | FORMATTED_LABEL | SHARED_LABEL | NUMBER | LABEL | BOOL_OR_ERROR
            | SHORT_NUMBER => {
                self.cells.push(Cell { row: at(0), column: at(2), at: offset(found)? });
            }
            _ => {}
        }
        Ok(())
    }

    fn put(&mut self, cell: Cell, row: &mut Row) -> Option<()> {
        let found = record(&self.globals.stream, cell.at as usize)?;
        self.text.clear();
        let (style, value) = if found.kind == NUMBERS {
            let place = usize::from(cell.column - u16_at(found.body, 2)?) * 6 + 4;
            let number = of_rk(u32_at(found.body, place + 2)?);
            (u16_at(found.body, place)?, Value::Number(number))
        } else {
            (u16_at(found.body, 4)?, stored(found, self.globals, &mut self.text)?)
        };
        put(value, self.globals.shown(style), u32::from(cell.column), row);
        Some(())
    }
}

impl Rows for SheetCells<'_> {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let Some(number) = self.rows.pop() else { return Ok(false) };
        row.start(u32::from(number), self.hidden_rows.contains(&number));
        while let Some(cell) = self.cells.get(self.next).filter(|cell| cell.row == number) {
            self.put(*cell, row).ok_or_else(|| broken_cell(u32::from(number)))?;
            self.next += 1;
            self.limits.check_row_bytes(row.number, row.bytes())?;
        }
        Ok(true)
    }
}

fn offset(found: Record<'_>) -> Result<u32, Error> {
    u32::try_from(found.at).map_err(|_| Error::damaged("a stream of more than 4 GB"))
}

fn broken_cell(row: u32) -> Error {
    Error::damaged(format!("row {}: a cell that is cut short", row + 1))
}

/// First and last row, first and last column.
fn area(bytes: &[u8]) -> Option<Area> {
    let number = |at| u16_at(bytes, at).map(u32::from);
    Area::new((number(0)?, number(4)?), (number(2)?, number(6)?))
}

/// The range of its cells as the sheet states it; its last row and column are one further.
fn extent(body: &[u8]) -> Option<Area> {
    let short = |at| u16_at(body, at).map(u32::from);
    let [first_row, end_row, first_column, end_column] = if body.len() < 14 {
        [short(0)?, short(2)?, short(4)?, short(6)?]
    } else {
        [u32_at(body, 0)?, u32_at(body, 4)?, short(8)?, short(10)?]
    };
    let last = (end_row.checked_sub(1)?, end_column.checked_sub(1)?);
    Some(Area { first: (first_row, first_column), last })
}

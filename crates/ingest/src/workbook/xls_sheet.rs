//! The cells of one sheet of an xls, in the order of their rows, whatever order they were written in.

use std::collections::BTreeSet;

use super::biff8::{BEGIN, CONTINUE, Cursor, Record, Records, record};
use super::binary::{Value, f64_at, is_volatile, of_rk, put, range_text, u16_at, u32_at};
use super::row::Row;
use super::sheet::{Broken, Rows};
use super::sink::Merged;
use super::xls::Book;

const FORMULA: u16 = 0x0006;
const COLUMNS: u16 = 0x007d;
const NUMBERS: u16 = 0x00bd;
const FORMATTED_LABEL: u16 = 0x00d6;
const MERGED: u16 = 0x00e5;
const SHARED_LABEL: u16 = 0x00fd;
const EXTENT: u16 = 0x0200;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOL_OR_ERROR: u16 = 0x0205;
const TEXT_OF_FORMULA: u16 = 0x0207;
const ROW: u16 = 0x0208;
const SHORT_NUMBER: u16 = 0x027e;
/// What may stand between a formula and its text: an array, a table, a formula that others share.
const BETWEEN: [u16; 4] = [CONTINUE, 0x0221, 0x0236, 0x04bc];

/// Where the record of a cell begins.
#[derive(Debug, Clone, Copy)]
struct Cell {
    row: u16,
    column: u16,
    at: u32,
}

pub(super) struct Sheet<'a> {
    book: &'a Book,
    cells: Vec<Cell>,
    /// Rows that the sheet speaks of, with cells or without; the last one is the next.
    rows: Vec<u16>,
    hidden_rows: BTreeSet<u16>,
    /// Of the next row.
    next: usize,
    row_bytes_limit: usize,
    pub(super) hidden_columns: Vec<(u32, u32)>,
    pub(super) merged: Vec<Merged>,
    pub(super) used_range: Option<String>,
    text: Vec<u8>,
}

impl<'a> Sheet<'a> {
    /// Finds the cells of a sheet; of two of one name the first is read.
    pub(super) fn new(
        book: &'a Book,
        name: &str,
        (columns_limit, row_bytes_limit): (usize, usize),
    ) -> Result<Self, Broken> {
        let place = book.sheets.iter().position(|sheet| sheet.name == name);
        let at = place.map_or(usize::MAX, |place| book.offsets[place]);
        if record(&book.stream, at).is_none_or(|first| first.kind != BEGIN) {
            return Err(Broken::Damaged("its records are not where the workbook says".to_owned()));
        }
        let mut sheet = Self {
            book,
            cells: Vec::new(),
            rows: Vec::new(),
            hidden_rows: BTreeSet::new(),
            next: 0,
            row_bytes_limit,
            hidden_columns: Vec::new(),
            merged: Vec::new(),
            used_range: None,
            text: Vec::new(),
        };
        let mut records = Records::new(&book.stream, at);
        while let Some(found) = records.next() {
            sheet.look_at(found.map_err(Broken::Damaged)?)?;
        }
        if let Some(far) = sheet.cells.iter().map(|cell| cell.column).max()
            && usize::from(far) >= columns_limit
        {
            return Err(Broken::TooManyColumns(u32::from(far)));
        }
        if !sheet.cells.is_sorted_by_key(|cell| (cell.row, cell.column)) {
            sheet.cells.sort_by_key(|cell| (cell.row, cell.column));
        }
        sheet.rows.extend(sheet.cells.iter().map(|cell| cell.row));
        sheet.rows.sort_unstable_by(|one, other| other.cmp(one));
        sheet.rows.dedup();
        Ok(sheet)
    }

    fn look_at(&mut self, found: Record<'a>) -> Result<(), Broken> {
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
            EXTENT => self.used_range = extent(body).map(range_text),
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
        let found = record(&self.book.stream, cell.at as usize)?;
        self.text.clear();
        let (style, value) = if found.kind == NUMBERS {
            let place = usize::from(cell.column - u16_at(found.body, 2)?) * 6 + 4;
            let number = of_rk(u32_at(found.body, place + 2)?);
            (u16_at(found.body, place)?, Value::Number(number))
        } else {
            (u16_at(found.body, 4)?, value(found, self.book, &mut self.text)?)
        };
        put(value, usize::from(style), u32::from(cell.column), row, &self.book.formats);
        Some(())
    }
}

impl Rows for Sheet<'_> {
    fn next(&mut self, row: &mut Row) -> Result<bool, Broken> {
        let Some(number) = self.rows.pop() else { return Ok(false) };
        row.start(u32::from(number), self.hidden_rows.contains(&number));
        while let Some(cell) = self.cells.get(self.next).filter(|cell| cell.row == number) {
            self.put(*cell, row).ok_or_else(|| broken_cell(u32::from(number)))?;
            self.next += 1;
            if row.bytes() > self.row_bytes_limit {
                return Err(Broken::RowTooLong(u32::from(number)));
            }
        }
        Ok(true)
    }
}

fn offset(found: Record<'_>) -> Result<u32, Broken> {
    u32::try_from(found.at).map_err(|_| Broken::RecordTooLong(found.at as u64))
}

fn broken_cell(row: u32) -> Broken {
    Broken::Damaged(format!("row {}: a cell that is cut short", row + 1))
}

/// First and last row, first and last column.
fn area(bytes: &[u8]) -> Option<Merged> {
    let number = |at| u16_at(bytes, at).map(u32::from);
    let area = Merged { first: (number(0)?, number(4)?), last: (number(2)?, number(6)?) };
    (area.first.0 <= area.last.0 && area.first.1 <= area.last.1).then_some(area)
}

/// First and last row, first and last column, as the sheet states them; the last ones stand one further.
fn extent(body: &[u8]) -> Option<[u32; 4]> {
    let short = |at| u16_at(body, at).map(u32::from);
    let [first_row, end_row, first_column, end_column] = if body.len() < 14 {
        [short(0)?, short(2)?, short(4)?, short(6)?]
    } else {
        [u32_at(body, 0)?, u32_at(body, 4)?, short(8)?, short(10)?]
    };
    Some([first_row, end_row.checked_sub(1)?, first_column, end_column.checked_sub(1)?])
}

/// What a cell that is alone in its record holds.
fn value<'a>(found: Record<'_>, book: &'a Book, text: &'a mut Vec<u8>) -> Option<Value<'a>> {
    let body = found.body;
    Some(match found.kind {
        SHARED_LABEL => {
            book.strings.get(u32_at(body, 6)? as usize).map_or(Value::Broken, Value::Text)
        }
        LABEL | FORMATTED_LABEL => {
            Cursor::new(&book.stream, found, 6).led_text(2, book.texts, text)?;
            Value::Text(text)
        }
        NUMBER => Value::Number(f64_at(body, 6)?),
        SHORT_NUMBER => Value::Number(of_rk(u32_at(body, 6)?)),
        BOOL_OR_ERROR if *body.get(7)? != 0 => Value::Error(*body.get(6)?),
        BOOL_OR_ERROR => Value::Bool(*body.get(6)? != 0),
        _ if !book.is_calculated && may_be_uncalculated(body) && !is_empty_text(book, body) => {
            Value::Uncalculated
        }
        _ => of_formula(found, book, text)?,
    })
}

/// An empty text of an office program was calculated, also where no formula has another value.
fn is_empty_text(book: &Book, body: &[u8]) -> bool {
    book.is_described && u16_at(body, 12) == Some(NO_NUMBER)
}

/// The value of a formula as it was saved.
fn of_formula<'a>(found: Record<'_>, book: &Book, text: &'a mut Vec<u8>) -> Option<Value<'a>> {
    let body = found.body;
    if u16_at(body, 12)? != NO_NUMBER {
        return f64_at(body, 6).map(Value::Number);
    }
    Some(match body[6] {
        0 => match text_of_formula(found, book) {
            Some(following) => {
                Cursor::new(&book.stream, following, 0).led_text(2, book.texts, text)?;
                Value::Text(text)
            }
            None => Value::Uncalculated,
        },
        1 => Value::Bool(body[8] != 0),
        2 => Value::Error(body[8]),
        3 => Value::Text(b""),
        _ => Value::Broken,
    })
}

fn text_of_formula<'a>(formula: Record<'_>, book: &'a Book) -> Option<Record<'a>> {
    let mut following = record(&book.stream, formula.end)?;
    while BETWEEN.contains(&following.kind) {
        following = record(&book.stream, following.end)?;
    }
    (following.kind == TEXT_OF_FORMULA).then_some(following)
}

/// Where the exponent of a double would stand: the value is no number.
const NO_NUMBER: u16 = 0xffff;

/// Whether a formula has the value that writers give who calculate nothing: an empty text, or a zero and the mark
/// that it is to be calculated. Those who do calculate write both too.
pub(super) fn may_be_uncalculated(body: &[u8]) -> bool {
    if u16_at(body, 12) == Some(NO_NUMBER) {
        return body.get(6) == Some(&3);
    }
    let marked = u16_at(body, 14).is_some_and(|flags| flags & 3 != 0);
    f64_at(body, 6) == Some(0.0) && marked && !body.get(22..).is_some_and(is_volatile)
}

//! One row of a sheet, cell by cell; its memory is reused from row to row.

use crate::error::Error;

/// What is in a cell, as the workbook says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Empty,
    Text,
    Number,
    Date,
    Bool,
    Error,
    FormulaWithoutValue,
}

/// What is odd about a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    ErrorValue,
    FormulaWithoutValue,
    /// A number with a date format that is no date.
    ImpossibleDate,
    /// More digits than a workbook keeps.
    LongNumber,
    /// Text where the workbook says number, a text that is not in its list, an unknown kind of cell.
    BrokenCell,
}

/// The rows of a sheet, one by one.
pub trait Rows {
    /// Reads the next row into `row`; false after the last one.
    fn next(&mut self, row: &mut Row) -> Result<bool, Error>;
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    kind: Kind,
    start: usize,
    end: usize,
}

const NOTHING: Cell = Cell { kind: Kind::Empty, start: 0, end: 0 };

/// The cells of one row.
#[derive(Debug, Default)]
pub struct Row {
    /// From 0.
    pub number: u32,
    pub hidden: bool,
    cells: Vec<Cell>,
    text: Vec<u8>,
    /// Columns with something odd.
    pub oddities: Vec<(u32, Oddity)>,
    /// Columns with a number that is shown as percent: a hundred times what the cell holds.
    pub percents: Vec<u32>,
}

impl Row {
    pub(crate) fn start(&mut self, number: u32, hidden: bool) {
        self.number = number;
        self.hidden = hidden;
        self.cells.clear();
        self.text.clear();
        self.oddities.clear();
        self.percents.clear();
    }

    /// Columns up to the last one that has something in it.
    pub fn width(&self) -> usize {
        self.cells.len()
    }

    /// Of all its texts.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    #[inline]
    pub fn text(&self, column: usize) -> &[u8] {
        self.cells.get(column).map_or(b"", |cell| &self.text[cell.start..cell.end])
    }

    #[inline]
    pub fn kind(&self, column: usize) -> Kind {
        self.cells.get(column).map_or(Kind::Empty, |cell| cell.kind)
    }

    /// Puts a cell whose text `write` appends.
    #[inline]
    pub(crate) fn put(&mut self, column: u32, write: impl FnOnce(&mut Vec<u8>) -> Kind) {
        let start = self.text.len();
        let kind = write(&mut self.text);
        let cell = Cell { kind, start, end: self.text.len() };
        let column = column as usize;
        if column == self.cells.len() {
            self.cells.push(cell);
            return;
        }
        if column > self.cells.len() {
            self.cells.resize(column + 1, NOTHING);
        }
        if self.cells[column].kind == Kind::Empty {
            self.cells[column] = cell;
        } else {
            // The same address twice: the first stays.
            self.oddities.push((column as u32, Oddity::BrokenCell));
        }
    }

    pub(crate) fn meet(&mut self, column: u32, event: Oddity) {
        self.oddities.push((column, event));
    }

    /// Its cells as texts.
    pub fn texts(&self) -> Vec<String> {
        let text = |column| String::from_utf8_lossy(self.text(column)).into_owned();
        (0..self.width()).map(text).collect()
    }
}

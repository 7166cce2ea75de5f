//! One row of a sheet, cell by cell, reused from row to row.

use survey::Class;

use crate::chunk::Event;

#[derive(Debug, Clone, Copy)]
struct Cell {
    class: Class,
    start: usize,
    end: usize,
}

const NOTHING: Cell = Cell { class: Class::Empty, start: 0, end: 0 };

#[derive(Debug, Default)]
pub(crate) struct Row {
    /// From 0.
    pub(crate) number: u32,
    pub(crate) hidden: bool,
    cells: Vec<Cell>,
    text: Vec<u8>,
    /// Column and what was met there.
    pub(crate) events: Vec<(u32, Event)>,
    /// Columns with a number that is shown as percent: a finding only where others of the column are not.
    pub(crate) percents: Vec<u32>,
}

impl Row {
    pub(crate) fn start(&mut self, number: u32, hidden: bool) {
        self.number = number;
        self.hidden = hidden;
        self.cells.clear();
        self.text.clear();
        self.events.clear();
        self.percents.clear();
    }

    /// Columns up to the last one that has something in it.
    pub(crate) fn width(&self) -> usize {
        self.cells.len()
    }

    /// Of all its texts.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    #[inline]
    pub(crate) fn text(&self, column: usize) -> &[u8] {
        self.cells.get(column).map_or(b"", |cell| &self.text[cell.start..cell.end])
    }

    #[inline]
    pub(crate) fn class(&self, column: usize) -> Class {
        self.cells.get(column).map_or(Class::Empty, |cell| cell.class)
    }

    /// Puts a cell whose text `write` appends.
    #[inline]
    pub(crate) fn put(&mut self, column: u32, write: impl FnOnce(&mut Vec<u8>) -> Class) {
        let start = self.text.len();
        let class = write(&mut self.text);
        let cell = Cell { class, start, end: self.text.len() };
        let column = column as usize;
        if column == self.cells.len() {
            self.cells.push(cell);
            return;
        }
        if column > self.cells.len() {
            self.cells.resize(column + 1, NOTHING);
        }
        if self.cells[column].class == Class::Empty {
            self.cells[column] = cell;
        } else {
            // The same address twice: the first stays.
            self.events.push((column as u32, Event::BrokenCell));
        }
    }

    pub(crate) fn meet(&mut self, column: u32, event: Event) {
        self.events.push((column, event));
    }
}

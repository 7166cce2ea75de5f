//! A run of rows as read, before it is joined with the others.

use std::collections::BTreeMap;

use survey::Class;

use crate::column::{Cells, Column};

/// What was met on the way; becomes a finding once the row's place in the file is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    ErrorValue,
    FormulaWithoutValue,
    /// Fewer cells than headers.
    ShortRow,
    /// More cells than headers, with something in them.
    LongRow,
    StrayQuote,
    /// A quoted cell of which some lines look like rows.
    RowsInQuotes,
    RowCut,
    /// A number with a date format that is no date.
    ImpossibleDate,
    /// More digits than a workbook keeps.
    LongNumber,
    /// Text where the workbook says number, a text that is not in its list, an unknown kind of cell.
    BrokenCell,
}

/// Numbers of a column that are shown as percent, and the first of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Percents {
    pub(crate) cells: u64,
    /// In rows with an id: those at the end may be no data.
    pub(crate) of_respondents: u64,
    /// From the chunk's start.
    pub(crate) record: u32,
    pub(crate) line: u32,
    pub(crate) sheet_row: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Met {
    pub(crate) event: Event,
    /// All three counted from the chunk's start.
    pub(crate) record: u32,
    pub(crate) line: u32,
    pub(crate) sheet_row: u32,
    pub(crate) position: Option<u32>,
    /// Cells found in a ragged row, or the place of the rule that cut the row.
    pub(crate) number: u32,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Chunk {
    pub(crate) columns: Vec<Cells>,
    /// Of each kept row, from the chunk's start.
    pub(crate) records: Vec<u32>,
    pub(crate) lines: Vec<u32>,
    /// Row in which a spreadsheet shows it: one a record of a CSV, blank ones too.
    pub(crate) sheet_rows: Vec<u32>,
    /// All rows that are not blank, cut ones included.
    pub(crate) records_seen: u32,
    pub(crate) lines_seen: u32,
    pub(crate) sheet_rows_seen: u32,
    pub(crate) blank_rows: u64,
    /// Rows cut by each rule of the layout.
    pub(crate) cut: Vec<u64>,
    pub(crate) last_with_id: Option<usize>,
    /// Kept rows before the first blank row after the last row with an id.
    pub(crate) blank_after_id: Option<usize>,
    pub(crate) met: Vec<Met>,
    pub(crate) met_counts: BTreeMap<Event, u64>,
    /// By column.
    pub(crate) percents: BTreeMap<u32, Percents>,
}

/// A chunk that takes no more rows.
#[derive(Debug)]
pub(crate) struct Closed {
    /// Without its cells.
    pub(crate) chunk: Chunk,
    /// None where a text is too long for one column.
    pub(crate) columns: Option<Vec<Column>>,
}

impl Chunk {
    pub(crate) fn new(width: usize, rules: usize) -> Self {
        Self { columns: vec![Cells::default(); width], cut: vec![0; rules], ..Self::default() }
    }

    pub(crate) fn rows(&self) -> usize {
        self.records.len()
    }

    /// About the text that it came from: two signs around each cell.
    pub(crate) fn bytes(&self) -> usize {
        self.columns.iter().map(|cells| cells.bytes() + 2 * cells.rows()).sum()
    }

    /// Its columns, each as long as there are rows.
    pub(crate) fn close(mut self) -> Closed {
        let rows = self.rows();
        let columns = std::mem::take(&mut self.columns);
        let columns = columns.into_iter().map(|cells| cells.close(rows)).collect();
        Closed { chunk: self, columns }
    }

    /// Takes in a kept row; its cells come after.
    pub(crate) fn keep(&mut self, line: u32, sheet_row: u32, has_id: bool) {
        if has_id {
            self.last_with_id = Some(self.records.len());
            self.blank_after_id = None;
        }
        self.records.push(self.records_seen);
        self.lines.push(line);
        self.sheet_rows.push(sheet_row);
        self.records_seen += 1;
    }

    pub(crate) fn blank(&mut self) {
        self.blank_rows += 1;
        let rows = self.records.len();
        self.blank_after_id.get_or_insert(rows);
    }

    pub(crate) fn cut(&mut self, rule: usize, line: u32, sheet_row: u32, cap: usize) {
        self.cut[rule] += 1;
        let met = Met {
            event: Event::RowCut,
            record: self.records_seen,
            line,
            sheet_row,
            position: None,
            number: rule as u32,
        };
        self.meet(met, cap);
        self.records_seen += 1;
    }

    pub(crate) fn meet(&mut self, met: Met, cap: usize) {
        let count = self.met_counts.entry(met.event).or_default();
        *count += 1;
        if *count <= cap as u64 {
            self.met.push(met);
        }
    }

    /// A number of the row that was kept last is shown as percent.
    pub(crate) fn percent(&mut self, position: u32, has_id: bool) {
        let last = |of: &[u32]| of.last().copied().unwrap_or_default();
        let (record, line) = (last(&self.records), last(&self.lines));
        let first = Percents {
            cells: 0,
            of_respondents: 0,
            record,
            line,
            sheet_row: last(&self.sheet_rows),
        };
        let percents = self.percents.entry(position).or_insert(first);
        percents.cells += 1;
        percents.of_respondents += u64::from(has_id);
    }

    /// A cell of the row that was kept last, wherever it stands.
    pub(crate) fn put(&mut self, position: usize, class: Class, text: &[u8]) {
        if position >= self.columns.len() {
            self.columns.resize(position + 1, Cells::default());
        }
        let row = self.records.len() - 1;
        let cells = &mut self.columns[position];
        cells.pad_to(row);
        cells.push(class, text);
    }
}

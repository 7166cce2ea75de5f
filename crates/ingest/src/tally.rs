//! What is known of a delivery's rows so far, without their cells.

use std::collections::BTreeMap;

use crate::chunk::Chunk;
use crate::column::Column;
use crate::layout::Layout;
use crate::met::{AllMet, Spot};

/// Where the first row of a chunk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) record: u64,
    pub(crate) line: u64,
    pub(crate) sheet_row: u64,
}

#[derive(Debug)]
pub(crate) struct Tally {
    next: Start,
    /// Rows that no rule has cut so far; those at the end may still be.
    pub(crate) rows: u64,
    pub(crate) blank_rows: u64,
    pub(crate) cut: Vec<u64>,
    pub(crate) width: usize,
    /// Columns without a header: the first row that has something in them.
    first_used: BTreeMap<usize, u64>,
    last_with_id: Option<u64>,
    /// Rows before the first blank one after the last with an id.
    blank_after_id: Option<u64>,
    pub(crate) met: AllMet,
    /// Numbers shown as percent, by column: all, those of respondents, and where the first stands.
    pub(crate) percents: BTreeMap<u32, (u64, u64, Spot)>,
}

impl Tally {
    pub(crate) fn new(layout: &Layout, start: Start) -> Self {
        Self {
            next: start,
            rows: 0,
            blank_rows: 0,
            cut: vec![0; layout.rules.len()],
            width: layout.width(),
            first_used: BTreeMap::new(),
            last_with_id: None,
            blank_after_id: None,
            met: AllMet::default(),
            percents: BTreeMap::new(),
        }
    }

    /// Takes a chunk into account and says where it begins.
    pub(crate) fn add(
        &mut self,
        chunk: &mut Chunk,
        columns: &[Column],
        layout: &Layout,
        cap: usize,
    ) -> Start {
        let start = self.next;
        for met in chunk.met.drain(..) {
            let spot = Spot {
                record: Some(start.record + u64::from(met.record)),
                line: Some(start.line + u64::from(met.line)),
                sheet_row: Some(start.sheet_row + u64::from(met.sheet_row)),
                position: met.position,
            };
            self.met.add(met.event, spot, met.number, cap);
        }
        for (event, count) in &chunk.met_counts {
            *self.met.counts.entry(*event).or_default() += count;
        }
        for (position, found) in &chunk.percents {
            let spot = Spot {
                record: Some(start.record + u64::from(found.record)),
                line: Some(start.line + u64::from(found.line)),
                sheet_row: Some(start.sheet_row + u64::from(found.sheet_row)),
                position: Some(*position),
            };
            let (cells, of_respondents, _) = self.percents.entry(*position).or_insert((0, 0, spot));
            *cells += found.cells;
            *of_respondents += found.of_respondents;
        }
        self.width = self.width.max(columns.len());
        for (at, column) in columns.iter().enumerate() {
            if layout.headers.get(at).is_none_or(|header| header.name.is_empty())
                && !self.first_used.contains_key(&at)
                && let Some(row) = column.first_used()
            {
                self.first_used.insert(at, self.rows + row as u64);
            }
        }
        for (sum, rows) in self.cut.iter_mut().zip(&chunk.cut) {
            *sum += rows;
        }
        self.blank_rows += chunk.blank_rows;
        let blank = chunk.blank_after_id.map(|row| self.rows + row as u64);
        if let Some(row) = chunk.last_with_id {
            (self.last_with_id, self.blank_after_id) = (Some(self.rows + row as u64), blank);
        } else {
            self.blank_after_id = self.blank_after_id.or(blank);
        }
        self.rows += chunk.rows() as u64;
        self.next.record += u64::from(chunk.records_seen);
        self.next.line += u64::from(chunk.lines_seen);
        self.next.sheet_row += u64::from(chunk.sheet_rows_seen);
        start
    }

    /// Rows that are not blank, cut ones included.
    pub(crate) fn records(&self) -> u64 {
        self.next.record - 1
    }

    /// How many rows stay when those at the end without an id, below a blank row, are cut.
    pub(crate) fn kept(&self, layout: &Layout) -> u64 {
        match (self.last_with_id, self.blank_after_id) {
            (Some(_), Some(blank)) if layout.tail_rule => blank.min(self.rows),
            _ => self.rows,
        }
    }

    /// Whether a column without a header has something in one of the first `kept` rows.
    pub(crate) fn is_used(&self, at: usize, kept: u64) -> bool {
        self.first_used.get(&at).is_some_and(|row| *row < kept)
    }
}

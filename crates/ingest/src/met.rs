//! What was met in the rows of a delivery, and where.

use std::collections::BTreeMap;

use crate::chunk::Event;

/// A row, and a cell of it where one is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) record: Option<u64>,
    pub(crate) line: Option<u64>,
    /// Row in which a spreadsheet shows it.
    pub(crate) sheet_row: Option<u64>,
    pub(crate) position: Option<u32>,
}

/// What all chunks met, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct AllMet {
    pub(crate) met: Vec<(Event, Spot, u32)>,
    pub(crate) counts: BTreeMap<Event, u64>,
    listed: BTreeMap<Event, usize>,
}

impl AllMet {
    /// Keeps the first `cap` of each kind; the others are counted only.
    pub(crate) fn add(&mut self, event: Event, spot: Spot, number: u32, cap: usize) {
        let listed = self.listed.entry(event).or_default();
        if *listed < cap {
            *listed += 1;
            self.met.push((event, spot, number));
        }
    }

    /// By row and column, however the file was cut into chunks.
    pub(crate) fn in_order(mut self) -> Self {
        self.met.sort_by_key(|(_, spot, _)| (spot.record, spot.position));
        self
    }
}

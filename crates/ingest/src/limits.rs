//! How much a delivery may ask of the machine.

use serde::{Deserialize, Serialize};

/// A file that goes beyond one of these ends in an error that names the limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Of one CSV record or one workbook cell.
    pub record_bytes: usize,
    pub columns: usize,
    pub rows: u64,
    /// Rows times columns.
    pub cells: u64,
    /// All parts of a workbook or archive, uncompressed.
    pub uncompressed_bytes: u64,
    pub archive_entries: usize,
    pub shared_strings: u64,
    /// What reading may hold in memory; half of it for the shared texts of a workbook.
    pub memory_bytes: usize,
    /// About the text of one batch of rows: read, and passed on, at a time. Batches depend on it and on nothing else.
    pub segment_bytes: usize,
    /// Rows in which a header is looked for.
    pub header_search_rows: usize,
    /// Findings of one code that are listed one by one; the rest are counted.
    pub findings_per_code: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes: 8 << 20,
            columns: 16_384,
            rows: 50_000_000,
            cells: 500_000_000,
            uncompressed_bytes: 4 << 30,
            archive_entries: 10_000,
            shared_strings: 20_000_000,
            memory_bytes: 1 << 29,
            segment_bytes: 1 << 20,
            header_search_rows: 100,
            findings_per_code: 50,
        }
    }
}

/// In lengths of a piece's text: itself, its cells, the cells that are handed over and the text that is cut meanwhile, with what the
/// allocator adds. An empty cell takes a byte of text and five of its column.
const MEMORY_OF_A_PIECE: usize = 16;
const PIECES_OF_A_THREAD: usize = 4;

impl Limits {
    /// Pieces of a text that are read side by side: several a thread where the memory is there, so that none waits long for another.
    pub(crate) fn pieces_at_once(&self) -> usize {
        let fits = self.memory_bytes / (self.segment_bytes.max(1) * MEMORY_OF_A_PIECE);
        (rayon::current_num_threads() * PIECES_OF_A_THREAD).min(fits).max(1)
    }

    /// For a workbook: a row has several records' worth of text, and half of the memory is for what all sheets share.
    pub(crate) fn workbook(&self) -> workbook::Limits {
        workbook::Limits {
            columns: self.columns,
            cells: self.cells,
            row_bytes: self.record_bytes * 8,
            uncompressed_bytes: self.uncompressed_bytes,
            archive_entries: self.archive_entries,
            threads: rayon::current_num_threads(),
            shared_strings: self.shared_strings,
            memory_bytes: self.memory_bytes as u64 / 2,
        }
    }
}

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
    /// What reading may hold in memory beside the table that it makes; half of it for the shared texts of a workbook.
    pub memory_bytes: usize,
    /// Text of one batch of rows: read, and passed on, at a time.
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
            segment_bytes: 2 << 20,
            header_search_rows: 100,
            findings_per_code: 50,
        }
    }
}

/// The text of a piece, its cells, their columns, and the text that is read meanwhile, in lengths of the text.
const MEMORY_OF_A_PIECE: usize = 6;

impl Limits {
    /// Pieces of a text that are read side by side: two a thread where the memory is there.
    pub(crate) fn pieces_at_once(&self) -> usize {
        let fits = self.memory_bytes / (self.segment_bytes.max(1) * MEMORY_OF_A_PIECE);
        (rayon::current_num_threads() * 2).min(fits).max(1)
    }
}

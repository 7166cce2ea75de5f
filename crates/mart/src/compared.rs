//! Comparisons as the marts take them.

use arrow::array::RecordBatch;

/// Comparisons with the numbers that decide each test; none for a comparison that is no test.
pub struct Compared {
    pub table: RecordBatch,
    pub tests: Vec<Option<Vec<f64>>>,
}

//! What stages ask of the SQL engine, which is handed in so that no stage compiles against it.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;

/// A mistake in a SQL text: what was found, what was expected, where in the text, and a hint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlMistake {
    pub message: String,
    /// Line and column in the SQL text, from 1.
    pub position: Option<(u64, u64)>,
    pub hint: Option<String>,
}

/// SQL conditions and expressions over one hand-off, row by row; engine columns go by their plain names (`columns::of_sql`).
pub trait Expressions: Send + Sync {
    /// Looks only: columns exist, functions are allowed, types fit. All mistakes at once.
    fn check(&self, schema: &Schema, expression: &str) -> Result<(), Vec<SqlMistake>>;

    /// The columns of the hand-off that an expression reads.
    fn columns(&self, expression: &str) -> Result<Vec<String>, SqlMistake>;

    /// Value per row; a row on which it breaks (cast, division by zero) is null.
    fn evaluate(&self, batch: &RecordBatch, expression: &str) -> Result<ArrayRef, SqlMistake>;

    /// True, false or null ("can't tell") per row.
    fn condition(&self, batch: &RecordBatch, condition: &str) -> Result<BooleanArray, SqlMistake>;
}

/// SQL over named tables.
pub trait SqlTables: Send + Sync {
    /// Runs one SELECT over the tables; rows come in the order that its ORDER BY says.
    fn query(
        &self,
        tables: &BTreeMap<String, Vec<RecordBatch>>,
        sql: &str,
    ) -> Result<RecordBatch, SqlMistake>;
}

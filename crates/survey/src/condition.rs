//! What stages ask of the SQL engine, which is handed in so that no stage compiles against it.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::{Field, Schema};
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
    /// Looks only: columns exist, functions are allowed, types fit, a category is compared with codes that it has
    /// (`with_codes`). All mistakes at once.
    fn check(&self, schema: &Schema, expression: &str) -> Result<(), Vec<SqlMistake>>;

    /// Texts that an expression may give and that are none of these codes.
    fn none_of(&self, expression: &str, codes: &[&str]) -> Vec<SqlMistake> {
        let _ = (expression, codes);
        Vec::new()
    }

    /// The columns of the hand-off that an expression reads.
    fn columns(&self, expression: &str) -> Result<Vec<String>, SqlMistake>;

    /// Value per row; a row on which it breaks (cast, division by zero) is null.
    fn evaluate(&self, batch: &RecordBatch, expression: &str) -> Result<ArrayRef, SqlMistake>;

    /// True, false or null ("can't tell") per row.
    fn condition(&self, batch: &RecordBatch, condition: &str) -> Result<BooleanArray, SqlMistake>;
}

/// SQL over named tables.
pub trait SqlTables: Send + Sync {
    /// Looks only: the columns that a SELECT over tables of these schemas gives, where that can be told, and all of its
    /// mistakes.
    fn look(
        &self,
        tables: &BTreeMap<String, Schema>,
        sql: &str,
    ) -> (Option<Schema>, Vec<SqlMistake>) {
        let _ = (tables, sql);
        (None, Vec::new())
    }

    /// Runs one SELECT over the tables; rows come in the order that its ORDER BY says.
    fn query(
        &self,
        tables: &BTreeMap<String, Vec<RecordBatch>>,
        sql: &str,
    ) -> Result<RecordBatch, SqlMistake>;
}

/// Key of a field's metadata with the codes of a category, between `SEPARATOR`.
const CODES: &str = "codes";
const SEPARATOR: char = '\u{1f}';

/// A column that holds one of these codes, so that SQL over it can be checked.
#[must_use]
pub fn with_codes<'a>(field: Field, codes: impl IntoIterator<Item = &'a str>) -> Field {
    let codes: Vec<&str> = codes.into_iter().collect();
    let codes = codes.join(&SEPARATOR.to_string());
    field.with_metadata([(CODES.to_owned(), codes)].into())
}

/// The codes that a column may hold; none where that is open.
pub fn codes_of(field: &Field) -> Option<impl Iterator<Item = String> + use<>> {
    let codes: Vec<String> = match field.metadata().get(CODES)?.as_str() {
        "" => Vec::new(),
        codes => codes.split(SEPARATOR).map(str::to_owned).collect(),
    };
    Some(codes.into_iter())
}

//! Dictionary columns as column chunks of Parquet: a text that stands in a million rows is looked at once.
//!
//! Parquet keeps such a column as its texts and, a row, a place among them, just as Arrow does; the writer of the parquet crate
//! nevertheless looks every row's text up again. Here the places are handed on; plain texts that repeat get places by a look at
//! their first bytes. Knows no survey word.

mod chunk;
mod column;
mod hybrid;
mod values;

pub use chunk::{DictionaryChunk, Encoded};
pub use column::{ColumnChunk, ColumnWriter, PlainTexts, column_writers};

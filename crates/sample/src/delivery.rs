//! A file before it is written.

use crate::questionnaire::{Content, Questionnaire};
use crate::vocabulary::concept;

/// A file before it is written: cells as text.
pub struct Delivery {
    pub questionnaire: Questionnaire,
    pub rows: Vec<Vec<String>>,
    /// What was planted that the pipeline should find, for the README.
    pub dirt: Vec<String>,
}

/// A cell that a workbook writes as text although it looks like a number.
pub const AS_TEXT: char = '\u{1}';
/// A cell with a formula's error.
pub const NOT_AVAILABLE: &str = "#N/A";

impl Delivery {
    /// Place of the column that asks a concept.
    pub fn column(&self, name: &str) -> Option<usize> {
        let wanted = concept(name);
        self.questionnaire.columns.iter().position(|column| {
            matches!(&column.content, Content::Answers(parts) if parts.iter().any(|part| part.concept == wanted))
        })
    }
}

//! What a person may begin with: a profile, and rows of the codebook's tables for the columns of a file.

mod likeness;
mod outside;
mod profile;
mod rows;

use serde::{Deserialize, Serialize};

pub(crate) use likeness::nearest;
pub use outside::Outside;
pub(crate) use outside::mark_outside;
pub(crate) use profile::{Found, profile_text};
pub(crate) use rows::codebook_rows;
pub use rows::plain_letter;

/// The concept that a column seems to be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConceptMatch {
    pub concept: String,
    /// `header`, `alias`, `question` or `new`.
    pub by: String,
    /// How alike header and item or question are, percent.
    pub likeness_percent: u32,
    /// The panel-wave whose item it is like; empty where it is new.
    pub like: String,
}

/// The panel-wave whose items have most of the file's headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    pub panel: String,
    pub wave: survey::Wave,
    /// Items whose column is in the file, by name or alias.
    pub items_found: u32,
    pub items: u32,
    /// Columns of items that are not in the file.
    pub columns_missing: Vec<String>,
}

//! Confronts a delivery with its codebook (`admit`), and harmonised answers with the rules (`confront`).

mod admit;
mod capped;
mod confront;
mod error;

pub use admit::{AdmitSettings, BROKE_OFF_MINIMUM_ITEMS, Completion, admit};
pub use confront::{ConfrontSettings, DUPLICATE_MINIMUM_ITEMS, confront};
pub use error::{BrokenGate, ColumnNotFound, Error, ErrorKind, Mistake, Place};

//! Confronts a delivery with its codebook (`admit`), and harmonised answers with the rules (`confront`).

mod admit;
mod capped;
mod confront;
mod error;

pub use admit::{AdmitSettings, Completion, admit, columns_read};
pub use confront::{ConfrontSettings, columns_before, confront};
pub use error::{BrokenGate, ColumnNotFound, Error, ErrorKind, Mistake, Place};

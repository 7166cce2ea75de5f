//! Exports of a release: workbooks of tables for people, models for BI tools. Reads a release folder and nothing else.

mod error;
mod release;
mod semantic;
mod tablebook;
mod target;
mod words;

pub use error::Error;
pub use semantic::{Model, semantic};
pub use tablebook::{Books, Wanted, tablebook};

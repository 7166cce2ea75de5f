//! What a person may begin with: a profile, and rows of the codebook's tables for the columns of a file.

mod outside;
mod profile;
mod questions;
mod rows;

pub(super) use outside::mark_outside;
pub(super) use profile::{Found, profile_text};
pub(super) use questions::nearest;
pub(super) use rows::codebook_rows;
pub use rows::plain_letter;

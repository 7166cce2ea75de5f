//! The next wave's codebook rows as a draft: what a delivery's columns seem to ask, by what earlier waves and sister panels asked.

pub mod accept;
mod answers;
mod crosswalks;
mod decide;
mod delivered;
mod draft;
mod earlier;
mod matching;
mod propose;
mod score;
mod sheet;
pub mod table;
mod unit;
mod words;

pub use delivered::{Column, Delivered, Values, read};
pub use draft::{Decision, Draft, DraftCrosswalk, DraftRow, DraftTotal};
pub use earlier::Earlier;
pub use matching::{Match, Matching, matching};
pub use propose::{Request, propose};
pub use unit::{Unit, units};

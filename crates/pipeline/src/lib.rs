//! The page: the whole run in the order in which the data flows; the store that keeps hand-offs and knows why to run again.

pub mod annotate;
pub mod audit;
mod check;
mod delivery_change;
pub mod diff;
mod difference;
pub mod error;
mod figures;
mod files;
pub mod fingerprint;
pub mod first_look;
mod json_lines;
pub mod keep;
pub mod kept;
pub mod ledger;
mod lineage;
pub mod lock;
pub mod look;
mod memo;
pub mod outcome;
pub mod page;
mod parquet_file;
mod permissions;
pub mod plan;
pub mod project;
pub mod propose;
pub mod pseudonym_key;
pub mod publish;
pub mod reading;
pub mod record;
mod records;
pub mod release;
pub mod rerun;
pub mod run;
pub mod select;
pub mod settings;
mod side_by_side;
#[cfg(test)]
mod sources;
pub mod spool;
mod stage_errors;
pub mod start;
pub mod step;
pub mod store;
mod switch;

pub use error::{End, Error};
pub use mart::Folder;
#[cfg(test)]
mod toy;

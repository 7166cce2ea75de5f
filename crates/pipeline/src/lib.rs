//! The page: the whole run in the order in which the data flows; what is selected, planned, published and looked at.

pub mod annotate;
pub mod audit;
mod check;
mod connections;
pub mod delivery_file;
pub mod diff;
mod elsewhere;
pub mod error;
mod figures;
pub mod first_look;
mod handoffs;
mod lineage;
pub mod look;
mod mart_inputs;
pub mod outcome;
mod page;
mod permissions;
pub mod plan;
mod pointer;
mod program;
pub mod project;
pub mod propose;
pub mod pseudonym_key;
pub mod publish;
mod reading;
mod reads;
pub mod release;
mod remote_marts;
pub mod run;
pub mod select;
mod settings;
pub mod side_by_side;
#[cfg(test)]
mod sources;
mod stage_errors;
pub mod start;
mod switch;
mod table_difference;
mod threshold;

pub use connections::Connect;
pub use error::{End, Error};
pub use mart::Folder;

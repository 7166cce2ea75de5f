//! What a first look found.

use serde::{Deserialize, Serialize};
use survey::Finding;
use survey::handoff::RawAbout;

use super::column::{ColumnLook, Nearest};
use super::first_rows::HeaderCandidate;
use super::recognise::Candidate;
use crate::second_reader::SecondReading;

/// What a file seems to be; headers and shapes, never a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Look {
    #[serde(flatten)]
    pub about: RawAbout,
    pub findings: Vec<Finding>,
    pub delimiter: Option<char>,
    pub read_by: ReadBy,
    /// Every known profile, the likeliest first.
    pub candidates: Vec<Candidate>,
    pub headers: Vec<HeaderCandidate>,
    pub looks: Vec<ColumnLook>,
    /// Different values of a column are counted up to this.
    pub distinct_up_to: u32,
    pub nearest: Option<Nearest>,
    /// What a second reader has at its cells, where that was asked for.
    pub second_reading: Option<SecondReading>,
    /// Text of a profile to begin with.
    pub profile_proposal: String,
    /// Rows of config/codebook/items.csv to begin with.
    pub items_proposal: String,
    /// Rows of config/codebook/concepts.csv for the new concepts among them.
    pub concepts_proposal: String,
}

/// How the profile was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadBy {
    AskedFor,
    Recognised,
    /// No profile: by what the file itself shows.
    Nothing,
}

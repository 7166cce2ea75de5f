//! What is proposed: rows, each with what speaks for it and whether somebody has to decide.

use std::fmt;

use config::PopulationTotal;
use survey::codebook::Item;

/// What is to become of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Taken where its score passes the bar.
    Proposed,
    /// Nobody but a person can tell.
    Decide,
    /// Taken whatever its score: a person wrote it.
    Accept,
    /// Not taken: a person wrote it.
    Leave,
    /// A column that no item read before either.
    Unread,
    /// An item of the wave before that no column is like.
    Dropped,
}

impl Decision {
    pub const ALL: [Self; 6] =
        [Self::Proposed, Self::Decide, Self::Accept, Self::Leave, Self::Unread, Self::Dropped];

    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Decide => "decide",
            Self::Accept => "accept",
            Self::Leave => "leave",
            Self::Unread => "unread",
            Self::Dropped => "dropped",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.name() == name)
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A row of items.csv.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftRow {
    pub decision: Decision,
    pub score: f64,
    /// The concept that comes second, with its score.
    pub runner_up: Option<(String, f64)>,
    pub reason: String,
    /// Its concept is empty where nothing is like it.
    pub item: Item,
}

/// A row of crosswalks.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftCrosswalk {
    pub decision: Decision,
    pub reason: String,
    pub crosswalk: String,
    pub value: String,
    pub code: String,
    pub missing: String,
}

/// A row of `targets/PANEL.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftTotal {
    pub decision: Decision,
    pub reason: String,
    pub total: PopulationTotal,
}

/// All that is proposed for a delivery.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub items: Vec<DraftRow>,
    pub crosswalks: Vec<DraftCrosswalk>,
    pub targets: Vec<DraftTotal>,
}

//! Where every delivered cell ended.

use serde::{Deserialize, Serialize};

use crate::MissingReason;

/// The one end of a delivered cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Stands in the harmonised data as it was delivered.
    Kept,
    /// Stands there under another code by a crosswalk.
    Recoded,
    /// Empty or coded as missing; the reason says why.
    Missing(MissingReason),
    /// Set aside with its row or alone.
    Quarantined,
    /// Left out by a filter with a name: footer, preview, personal, split, eligibility.
    Dropped,
    /// Its column is not in the codebook.
    NotInCodebook,
}

impl Fate {
    /// Compact form in a hand-off: 0 kept, 1 recoded, 2 quarantined, 3 dropped, 4 not in the codebook, 10 + reason.
    pub fn code(self) -> i8 {
        match self {
            Self::Kept => 0,
            Self::Recoded => 1,
            Self::Quarantined => 2,
            Self::Dropped => 3,
            Self::NotInCodebook => 4,
            Self::Missing(reason) => 10 + reason as i8,
        }
    }

    pub fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Kept),
            1 => Some(Self::Recoded),
            2 => Some(Self::Quarantined),
            3 => Some(Self::Dropped),
            4 => Some(Self::NotInCodebook),
            _ => MissingReason::from_code(code - 10).map(Self::Missing),
        }
    }

    /// Why such a cell has no value; none where it has one.
    pub fn missing(self) -> Option<MissingReason> {
        match self {
            Self::Missing(reason) => Some(reason),
            Self::Quarantined | Self::Dropped | Self::NotInCodebook => Some(MissingReason::Invalid),
            Self::Kept | Self::Recoded => None,
        }
    }

    /// As the mart `conservation` writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Recoded => "recoded",
            Self::Missing(_) => "missing",
            Self::Quarantined => "quarantined",
            Self::Dropped => "dropped",
            Self::NotInCodebook => "not_in_codebook",
        }
    }
}

/// How many cells of one delivered column had one fate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FateCount {
    pub delivery: String,
    /// Position of the column in the file, from 0.
    pub column: u32,
    pub header: String,
    /// None for what happened before the rows were given to a panel.
    pub panel: Option<String>,
    pub fate: Fate,
    /// The missing reason, the filter's name or the quarantine's reason; empty where the fate says all.
    pub reason: String,
    pub cells: u64,
}

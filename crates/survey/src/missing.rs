//! Why an answer is not there.

use serde::{Deserialize, Serialize};

/// The nine reasons; a cell without an answer has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i8)]
pub enum MissingReason {
    NotAsked = 1,
    NotRouted = 2,
    Unanswered = 3,
    DontKnow = 4,
    NotApplicable = 5,
    Refused = 6,
    BrokeOff = 7,
    Invalid = 8,
    Suppressed = 9,
}

impl MissingReason {
    pub const ALL: [Self; 9] = [
        Self::NotAsked,
        Self::NotRouted,
        Self::Unanswered,
        Self::DontKnow,
        Self::NotApplicable,
        Self::Refused,
        Self::BrokeOff,
        Self::Invalid,
        Self::Suppressed,
    ];

    /// The reason kept as `code` in a hand-off.
    pub fn from_code(code: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| *reason as i8 == code)
    }

    /// As the codebook tables and the marts write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::NotRouted => "not_routed",
            Self::Unanswered => "unanswered",
            Self::DontKnow => "dont_know",
            Self::NotApplicable => "not_applicable",
            Self::Refused => "refused",
            Self::BrokeOff => "broke_off",
            Self::Invalid => "invalid",
            Self::Suppressed => "suppressed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

//! What can stop a weighting step, with the margin and the cell in which it happened.

use survey::{Hinted, Message};

/// A weighting step that cannot be done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Slices of one step have different lengths.
    #[error("`{what}`: {found} rows, expected {expected}")]
    Length {
        /// Which slice.
        what: String,
        /// Rows found.
        found: usize,
        /// Rows expected.
        expected: usize,
    },
    /// A weight that is not a number or below zero.
    #[error("base weights: {rows} rows are negative or not a number")]
    BadWeight {
        /// Number of rows.
        rows: usize,
    },
    /// No row has a weight above zero.
    #[error("base weights: no row above zero, expected at least one")]
    NoWeight,
    /// An auxiliary without value.
    #[error("margin `{margin}`: {rows} rows have no value")]
    MissingAuxiliary {
        /// The margin.
        margin: String,
        /// Number of rows.
        rows: usize,
    },
    /// A level of the sample that has no population total.
    #[error("margin `{margin}`: level `{level}` has {rows} rows and no population total")]
    LevelWithoutTotal {
        /// The margin.
        margin: String,
        /// The level.
        level: String,
        /// Rows with it.
        rows: usize,
    },
    /// A level with a population total and nobody in the sample.
    #[error("margin `{margin}`: level `{level}` has total {total} and nobody in the sample")]
    EmptyLevel {
        /// The margin.
        margin: String,
        /// The level.
        level: String,
        /// Its total.
        total: f64,
    },
    /// A total of zero, below zero or not a number for a level with rows.
    #[error(
        "margin `{margin}`: level `{level}` has total {total} for {rows} rows, expected more than zero"
    )]
    BadTotal {
        /// The margin.
        margin: String,
        /// The level.
        level: String,
        /// Its total.
        total: f64,
        /// Rows with it.
        rows: usize,
    },
    /// Two margins that describe populations of different size.
    #[error(
        "margin `{margin}`: totals add up to {found}, expected {expected} as in margin `{other}`"
    )]
    UnequalTotals {
        /// The margin.
        margin: String,
        /// Its sum.
        found: f64,
        /// The margin it was compared with.
        other: String,
        /// The sum of that one.
        expected: f64,
    },
    /// No weights meet the totals (within the bounds).
    #[error(
        "margin `{margin}`: level `{level}` stays at {found}, expected {expected}, after {rounds} rounds: no weights meet all totals{within}"
    )]
    Unreachable {
        /// The margin that is furthest off.
        margin: String,
        /// Its level.
        level: String,
        /// Weighted total reached.
        found: f64,
        /// Population total.
        expected: f64,
        /// Rounds done.
        rounds: usize,
        /// " within the bounds …" or empty.
        within: String,
    },
    /// Settings that contradict themselves.
    #[error("{place}: {found}, expected {expected}")]
    Setting {
        /// Which setting.
        place: String,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A class in which nobody responded.
    #[error("nonresponse class {class}: {rows} rows and no respondent")]
    ClassWithoutRespondent {
        /// The class.
        class: String,
        /// Rows in it.
        rows: usize,
    },
    /// Replicates that this design does not allow.
    #[error("replicates {method}: stratum {stratum} has {found} units, expected {expected}")]
    Replicates {
        /// The method.
        method: &'static str,
        /// The stratum's code.
        stratum: u32,
        /// Units in it.
        found: usize,
        /// What the method needs.
        expected: &'static str,
    },
    /// The stage refuses, with panel, wave and place.
    #[error(transparent)]
    Stage(#[from] Box<crate::stage::Refusal>),
}

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::BadWeight { .. } => "drop these rows or give them a weight before this step",
            Self::NoWeight => "is everyone filtered out before this step?",
            Self::MissingAuxiliary { .. } => {
                "give the missing a level of their own with a total, impute, or drop the rows"
            }
            Self::LevelWithoutTotal { .. } => "add its total to the targets or merge the level",
            Self::EmptyLevel { .. } => "merge it with a neighbouring level",
            Self::UnequalTotals { .. } => "scale one of the margins on purpose, in the targets",
            Self::Unreachable { .. } => "widen the bounds, merge levels or drop this margin",
            Self::ClassWithoutRespondent { .. } => "merge it with a neighbouring class",
            Self::Stage(refusal) => return refusal.hint(),
            Self::Length { .. }
            | Self::BadTotal { .. }
            | Self::Setting { .. }
            | Self::Replicates { .. } => return None,
        };
        Some(hint.to_owned())
    }

    fn messages(&self) -> Vec<Message> {
        match self {
            Self::Stage(refusal) => refusal.messages(),
            other => vec![Message::new(other.to_string(), other.hint())],
        }
    }
}

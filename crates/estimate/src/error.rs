//! What can stop an estimate.

use survey::Hinted;

/// An estimate that cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Slices of one estimate have different lengths.
    #[error("`{what}`: {found} rows, expected {expected}")]
    Length {
        /// Which slice.
        what: String,
        /// Rows found.
        found: usize,
        /// Rows expected.
        expected: usize,
    },
    /// A final weight that is not a number.
    #[error("weights: {rows} rows are not a number")]
    BadWeight {
        /// Number of rows.
        rows: usize,
    },
    /// A stratum with one unit under the policy `Fail`.
    #[error("stage {stage}: stratum {stratum} has one unit, expected two or more")]
    LonelyPsu {
        /// Stage, from 1.
        stage: usize,
        /// Code of the stratum.
        stratum: u32,
    },
    /// A population smaller than the sample drawn from it.
    #[error(
        "stage {stage}: stratum {stratum} has population {population} and {units} sampled units, expected no more than the population"
    )]
    PopulationTooSmall {
        /// Stage, from 1.
        stage: usize,
        /// Code of the stratum.
        stratum: u32,
        /// Population units.
        population: f64,
        /// Sampled units.
        units: usize,
    },
    /// Rows of one stratum name different population sizes.
    #[error("stage {stage}: stratum {stratum} has populations {first} and {other}, expected one")]
    UnequalPopulation {
        /// Stage, from 1.
        stage: usize,
        /// Code of the stratum.
        stratum: u32,
        /// One value.
        first: f64,
        /// Another value.
        other: f64,
    },
    /// A unit that lies in two strata of its stage.
    #[error("stage {stage}: unit {unit} is in strata {first} and {other}, expected one")]
    UnitInTwoStrata {
        /// Stage, from 1.
        stage: usize,
        /// Code of the unit.
        unit: u32,
        /// One stratum.
        first: u32,
        /// Another stratum.
        other: u32,
    },
    /// Missing values among the rows of an estimate.
    #[error("`{what}`: {rows} rows of the domain have no value")]
    MissingValue {
        /// Which values.
        what: String,
        /// Number of rows.
        rows: usize,
    },
    /// Arguments that do not fit together.
    #[error("{place}: {found}, expected {expected}")]
    Argument {
        /// Which argument.
        place: String,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A matrix that has no inverse.
    #[error("{place}: covariance matrix is singular, expected full rank")]
    Singular {
        /// Which test.
        place: String,
    },
    /// The stage refuses, with panel, wave and place.
    #[error(transparent)]
    Stage(#[from] Box<crate::sample::Refusal>),
}

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::LonelyPsu { .. } => "merge strata or set the lonely-PSU policy",
            Self::UnitInTwoStrata { .. } => "unit codes repeat across strata: nest them",
            Self::MissingValue { .. } => "leave them out of the domain",
            Self::Singular { .. } => "a domain without variation?",
            Self::Stage(refusal) => return refusal.hint(),
            Self::Length { .. }
            | Self::BadWeight { .. }
            | Self::PopulationTooSmall { .. }
            | Self::UnequalPopulation { .. }
            | Self::Argument { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

//! One figure: its numbers, whether there is one, and how comparable it is.

use std::collections::BTreeSet;

/// Whether there is a figure; who may see it is decided with all others (`mart::disclosure`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Estimated,
    NoAnswers,
    NotAsked,
}

impl Status {
    /// The columns `status` and `reason`.
    pub(crate) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Estimated => ("estimated", ""),
            Self::NoAnswers => ("no_answers", "no_answers"),
            Self::NotAsked => ("not_asked", "not_asked"),
        }
    }

    /// Of a figure that was asked, by the respondents in its base.
    pub(crate) fn of_base(respondents: u64) -> Self {
        if respondents == 0 { Self::NoAnswers } else { Self::Estimated }
    }
}

/// Against the wave before in which it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Comparable,
    Break,
    First,
    NotAsked,
}

impl Verdict {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Comparable => "comparable",
            Self::Break => "break",
            Self::First => "first",
            Self::NotAsked => "not_asked",
        }
    }
}

/// One figure; a number that does not exist is NaN.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    pub status: Status,
    /// Respondents in the base.
    pub n: u64,
    /// Those among them who count as yes; none for a mean.
    pub n_yes: Option<u64>,
    /// Respondents in the cell, whether in the base or not.
    pub n_sample: Option<u64>,
    pub sum_of_weights: f64,
    pub n_eff: f64,
    pub deff: f64,
    pub estimate: f64,
    pub standard_error: f64,
    /// The answers differ: a mean of equal answers says nothing about its error.
    pub has_spread: bool,
    pub interval: (f64, f64),
    pub degrees_of_freedom: f64,
    pub verdict: Verdict,
    pub note: String,
    /// Panels that were asked.
    pub panels: BTreeSet<usize>,
}

impl Figure {
    pub(crate) fn empty() -> Self {
        Self {
            status: Status::NotAsked,
            n: 0,
            n_yes: None,
            n_sample: None,
            sum_of_weights: f64::NAN,
            n_eff: f64::NAN,
            deff: f64::NAN,
            estimate: f64::NAN,
            standard_error: f64::NAN,
            has_spread: false,
            interval: (f64::NAN, f64::NAN),
            degrees_of_freedom: f64::NAN,
            verdict: Verdict::NotAsked,
            note: String::new(),
            panels: BTreeSet::new(),
        }
    }

    pub(crate) fn not_asked() -> Self {
        Self::empty()
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.status != Status::NotAsked
    }
}

//! The rule of withholding, in its one place: who is confidential, what is unreliable, and what may be shown.

use config::monitor::{Disclosure, QualityScheme, Unreliable};

use super::block::Thresholds;

/// How far a figure can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    Reliable,
    /// To be used with caution.
    Caution,
    Unreliable,
}

/// What becomes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Published,
    /// Shown with a flag.
    Flagged(Grade),
    /// Too few respondents, or too few of one answer.
    Confidential,
    /// Hidden so that a confidential one cannot be found by subtraction.
    Secondary,
    /// Not reliable enough to be shown.
    Unreliable,
    /// Respondents whose background is unknown: only their number is shown.
    Counted,
    /// Nobody answered, so that there is no figure.
    NoAnswers,
    NotAsked,
}

/// What the rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub respondents: u64,
    /// None for a mean.
    pub yes: Option<u64>,
    /// Respondents in the cell, with or without an answer.
    pub sample: Option<u64>,
    pub effective: Option<f64>,
    pub value: f64,
    pub standard_error: Option<f64>,
    pub interval: Option<(f64, f64)>,
}

pub fn thresholds(settings: &Disclosure) -> Thresholds {
    Thresholds { base: settings.minimum_base_confidential, cell: settings.minimum_cell }
}

/// The verdict on a cell that was asked, by itself.
pub fn primary(facts: &Facts, settings: &Disclosure, protects: bool) -> Verdict {
    if facts.respondents == 0 || !facts.value.is_finite() {
        return Verdict::NoAnswers;
    }
    if protects && thresholds(settings).is_confidential(facts.respondents, facts.yes) {
        return Verdict::Confidential;
    }
    match grade(facts, settings) {
        Grade::Reliable => Verdict::Published,
        Grade::Unreliable if settings.unreliable == Unreliable::Hide => Verdict::Unreliable,
        grade => Verdict::Flagged(grade),
    }
}

/// Widths in shares of 1 or, for a mean, relative to it; limits as their publishers set them for proportions.
pub fn grade(facts: &Facts, settings: &Disclosure) -> Grade {
    let width = facts.interval.map(|(lower, upper)| upper - lower);
    let relative =
        |spread: f64| if facts.value == 0.0 { 0.0 } else { (spread / facts.value).abs() };
    match settings.quality {
        QualityScheme::MinimumBase => worst(facts.respondents < settings.minimum_base),
        QualityScheme::Nchs => {
            let few = facts.effective.is_none_or(|effective| effective < 30.0);
            let wide = width.is_none_or(|width| {
                let absolute = facts.yes.is_some() && width >= 0.30;
                absolute || (width > 0.05 && relative(width) > 1.30)
            });
            worst(few || wide)
        }
        QualityScheme::Statcan => match facts.standard_error.map(relative) {
            Some(variation) if variation <= 0.165 => Grade::Reliable,
            Some(variation) if variation <= 0.333 => Grade::Caution,
            _ => Grade::Unreliable,
        },
        QualityScheme::Eurostat => {
            let sample = facts.sample.unwrap_or(facts.respondents).max(facts.respondents);
            let without = 1.0 - facts.respondents as f64 / sample as f64;
            if without <= 0.10 {
                Grade::Reliable
            } else if without <= 0.30 {
                Grade::Caution
            } else {
                Grade::Unreliable
            }
        }
    }
}

fn worst(is_bad: bool) -> Grade {
    if is_bad { Grade::Unreliable } else { Grade::Reliable }
}

impl Verdict {
    pub fn is_shown(self) -> bool {
        matches!(self, Self::Published | Self::Flagged(_))
    }

    pub fn is_withheld(self) -> bool {
        matches!(self, Self::Confidential | Self::Secondary | Self::Unreliable)
    }

    /// The columns `status` and `reason`, for those who may read the exact figures.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Published => ("published", ""),
            Self::Flagged(Grade::Caution) => ("published", "caution"),
            Self::Flagged(_) => ("published", "unreliable"),
            Self::Confidential => ("withheld", "confidential"),
            Self::Secondary => ("withheld", "secondary"),
            Self::Unreliable => ("withheld", "unreliable"),
            Self::Counted => ("counted", "background_unknown"),
            Self::NoAnswers => ("no_answers", "no_answers"),
            Self::NotAsked => ("not_asked", "not_asked"),
        }
    }

    /// The verdict of these names.
    pub fn named(status: &str, reason: &str) -> Self {
        match (status, reason) {
            ("published", "") => Self::Published,
            ("published", "caution") => Self::Flagged(Grade::Caution),
            ("published", _) => Self::Flagged(Grade::Unreliable),
            ("withheld", "secondary") => Self::Secondary,
            ("withheld", "unreliable") => Self::Unreliable,
            ("withheld", _) => Self::Confidential,
            ("counted", _) => Self::Counted,
            ("no_answers", _) => Self::NoAnswers,
            _ => Self::NotAsked,
        }
    }

    /// For everybody: which cells protect others is not told, since the rule itself would tell something of them.
    pub fn public_names(self) -> (&'static str, &'static str) {
        match self {
            Self::Secondary => Self::Confidential.names(),
            other => other.names(),
        }
    }
}

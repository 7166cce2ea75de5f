//! config/indicators.csv and config/breakdowns.csv: which answers of which concept make a figure, for whom it is shown apart.

use serde::{Deserialize, Serialize};

use survey::{Labels, Line, Wave};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorKind {
    /// Share of the base with one of the codes.
    Proportion,
    /// Mean of a number.
    Mean,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    pub indicator: String,
    /// F1–F10 of the publication, joined by `|`.
    pub figures: Vec<String>,
    pub concept: String,
    pub kind: IndicatorKind,
    /// Codes that count as yes; empty for a mean.
    pub codes: Vec<String>,
    /// SQL condition in concept names: who is in the base; empty for all with an answer.
    #[serde(serialize_with = "survey::sql_text::serialize")]
    pub base: String,
    pub panels: Vec<String>,
    /// None: from the first wave on.
    pub first_wave: Option<Wave>,
    /// None: up to the last wave, whichever it will be.
    pub last_wave: Option<Wave>,
    /// percent or score: the unit in which it is published.
    pub unit: String,
    pub decimals: u32,
    pub label: Labels,
    pub line: Line,
}

impl Indicator {
    /// Whether it is made in this wave, where it is asked.
    pub fn is_made_in(&self, wave: Wave) -> bool {
        is_within((self.first_wave, self.last_wave), wave)
    }

    /// Whether it is made for this panel.
    pub fn is_for(&self, panel: &str) -> bool {
        self.panels.is_empty() || self.panels.iter().any(|named| named == panel)
    }
}

/// Whether a wave is between two others; an end that is left out is open.
pub(crate) fn is_within((first, last): (Option<Wave>, Option<Wave>), wave: Wave) -> bool {
    first.is_none_or(|first| first <= wave) && last.is_none_or(|last| wave <= last)
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// Name in the marts, e.g. `age`.
    pub breakdown: String,
    /// The category concept whose answers are the cells.
    pub concept: String,
    pub panels: Vec<String>,
    /// Indicators it is made for; empty for all of those panels.
    pub indicators: Vec<String>,
    pub label: Labels,
    pub line: Line,
}

//! config/indicators.csv and config/breakdowns.csv: which answers of which concept make a figure, for whom it is shown apart.

use serde::{Deserialize, Serialize};

use crate::{Line, Wave};

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
    pub base: String,
    pub panels: Vec<String>,
    pub first_wave: Wave,
    pub last_wave: Wave,
    /// percent or score: the unit in which it is published.
    pub unit: String,
    pub decimals: u32,
    pub label_nl: String,
    pub label_en: String,
    pub line: Line,
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
    pub label_nl: String,
    pub label_en: String,
    pub line: Line,
}

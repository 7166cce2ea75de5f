//! config/monitor.toml: names, waves, significance level, thresholds, gates.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::range;
use crate::Wave;
use crate::codebook::Codebook;

impl Monitor {
    /// What the other files can be checked against where monitor.toml cannot be read: the waves of the items.
    pub(super) fn of_waves(codebook: &Codebook) -> Self {
        let waves: BTreeSet<Wave> = codebook.items.iter().map(|item| item.wave).collect();
        Self {
            name: String::new(),
            label: Label::default(),
            notice: Label::default(),
            waves: waves.into_iter().collect(),
            significance: Significance {
                level: 0.05,
                confidence: 0.95,
                adjustment: Adjustment::None,
                equal_when_rounded_is_stable: false,
            },
            disclosure: Disclosure {
                minimum_base: 0,
                minimum_cell: 0,
                secondary: true,
                status: String::new(),
            },
            gates: Gates {
                unknown_answer_percent: 0.0,
                invalid_cell_percent: 0.0,
                quarantined_row_percent: 0.0,
            },
            quality: Quality {
                speeder_share_of_median: 0.3,
                straightliner_blocks: BTreeMap::new(),
                straightliner_minimum_items: 0,
                broke_off_minimum_items: broke_off_minimum_items(),
                duplicate_minimum_items: duplicate_minimum_items(),
                drift_percentage_points: 0.0,
            },
            groups: BTreeMap::new(),
        }
    }
}

/// A text in the monitor's two languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    pub nl: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitor {
    pub name: String,
    pub label: Label,
    /// Shown wherever a person sees the figures, e.g. that the data are synthetic.
    pub notice: Label,
    #[serde(deserialize_with = "range::years")]
    pub waves: Vec<Wave>,
    pub significance: Significance,
    pub disclosure: Disclosure,
    pub gates: Gates,
    pub quality: Quality,
    /// Totals over several panels: name → its panels.
    #[serde(default)]
    pub groups: BTreeMap<String, PanelGroup>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Significance {
    /// Alpha of the tests of change.
    #[serde(deserialize_with = "range::significance")]
    pub level: f64,
    /// Of the intervals, e.g. 0.95.
    #[serde(deserialize_with = "range::confidence")]
    pub confidence: f64,
    pub adjustment: Adjustment,
    /// No call of increase or decrease where the figures are equal as published.
    pub equal_when_rounded_is_stable: bool,
}

/// Correction of p values for multiple testing, within one panel, wave and breakdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    None,
    Bonferroni,
    Holm,
    BenjaminiHochberg,
}

/// Below these unweighted counts a figure is withheld.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    #[serde(deserialize_with = "range::threshold")]
    pub minimum_base: u64,
    #[serde(deserialize_with = "range::threshold")]
    pub minimum_cell: u64,
    /// Where one level of a breakdown is withheld, the smallest other one is too: it could be found by subtraction.
    #[serde(default = "secondary")]
    pub secondary: bool,
    /// Where the thresholds come from.
    pub status: String,
}

fn secondary() -> bool {
    true
}

/// Shares above which nothing is published, percent of the rows or cells of a panel-wave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gates {
    #[serde(deserialize_with = "range::percent")]
    pub unknown_answer_percent: f64,
    #[serde(deserialize_with = "range::percent")]
    pub invalid_cell_percent: f64,
    #[serde(deserialize_with = "range::percent")]
    pub quarantined_row_percent: f64,
}

fn broke_off_minimum_items() -> u32 {
    5
}

fn duplicate_minimum_items() -> u32 {
    10
}

/// Flags on response quality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// A speeder took less than this share of the median duration.
    #[serde(deserialize_with = "range::share")]
    pub speeder_share_of_median: f64,
    /// Concepts of one block with the same answer: a straightliner, where at least `straightliner_minimum_items` were answered.
    pub straightliner_blocks: BTreeMap<String, Vec<String>>,
    #[serde(deserialize_with = "range::several_items")]
    pub straightliner_minimum_items: u32,
    /// Who leaves at least so many asked questions empty after the last answer broke off [assumed].
    #[serde(default = "broke_off_minimum_items", deserialize_with = "range::items")]
    pub broke_off_minimum_items: u32,
    /// Two respondents with the same answers to at least so many questions and background items, and to all that were
    /// asked, are near-duplicates [assumed].
    #[serde(default = "duplicate_minimum_items", deserialize_with = "range::items")]
    pub duplicate_minimum_items: u32,
    /// Drift against the wave before: largest change of a category's share or an item's missing share, in percentage points, without a finding.
    #[serde(deserialize_with = "range::percentage_points")]
    pub drift_percentage_points: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelGroup {
    pub label: Label,
    pub panels: Vec<String>,
}

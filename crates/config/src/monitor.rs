//! config/monitor.toml: names, waves, significance level, thresholds, gates.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::range;
use survey::Wave;
use survey::codebook::Codebook;

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
                minimum_base: 30,
                minimum_base_confidential: minimum_base_confidential(),
                minimum_cell: 1,
                quality: QualityScheme::default(),
                unreliable: Unreliable::default(),
                base_multiple: base_multiple(),
                keep: Vec::new(),
                without: Vec::new(),
                quasi_identifiers: Vec::new(),
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
            bands: Vec::new(),
            gaps: Vec::new(),
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
    /// Names for ranges of a figure, the highest first.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// Pairs of indicators whose difference is published.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

/// A name for the exact values of indicators with this unit from `from` on, up to the band before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub unit: String,
    pub name: String,
    /// None for all values below the band before it.
    pub from: Option<f64>,
}

/// Two indicators are a pair where their names differ only in these endings: `indicator` less `minus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    pub name: String,
    pub indicator: String,
    pub minus: String,
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

/// Who is confidential, what is unreliable, and how public figures are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Below so many respondents a figure is unreliable, where `quality` is `minimum_base`.
    #[serde(deserialize_with = "range::threshold")]
    pub minimum_base: u64,
    /// Below so many respondents a group is confidential.
    #[serde(default = "minimum_base_confidential", deserialize_with = "range::threshold")]
    pub minimum_base_confidential: u64,
    /// A group is confidential too where fewer of it say yes, or no; exactly nobody is no small cell.
    #[serde(deserialize_with = "range::threshold")]
    pub minimum_cell: u64,
    /// Which scheme tells an unreliable figure.
    #[serde(default)]
    pub quality: QualityScheme,
    /// What becomes of an unreliable figure.
    #[serde(default)]
    pub unreliable: Unreliable,
    /// Public bases are rounded to a multiple of this; 1: not at all.
    #[serde(default = "base_multiple", deserialize_with = "range::threshold")]
    pub base_multiple: u64,
    /// Levels of breakdowns that are kept where one of several can be hidden, the first before the others.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Protections that are switched off; the release says so.
    #[serde(default)]
    pub without: Vec<Protection>,
    /// Background concepts by which a respondent may be recognised: for the report of k-anonymity.
    #[serde(default)]
    pub quasi_identifiers: Vec<String>,
    /// Where the thresholds come from.
    pub status: String,
}

/// Schemes that tell an unreliable figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityScheme {
    /// Fewer than `minimum_base` respondents.
    #[default]
    MinimumBase,
    /// Effective sample below 30, interval of 30 points or more, or wider than 130 % of the figure.
    Nchs,
    /// Coefficient of variation: above 16.5 % with caution, above 33.3 % unreliable.
    Statcan,
    /// Respondents of the cell without an answer: above 10 % with caution, above 30 % unreliable.
    Eurostat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreliable {
    /// Shown, with a status that says so.
    #[default]
    Flag,
    Hide,
}

/// What protects a confidential group, each by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Confidential cells are withheld.
    Primary,
    /// Further cells are withheld where a confidential one follows from them.
    Secondary,
    /// Figures are rounded as they are published.
    Rounding,
    /// Bases are rounded.
    Bases,
    /// Respondents whose background is unknown are protected as a level is.
    UnknownBackground,
    /// Totals over panels count among what a cell can be found by.
    Groups,
    /// What earlier releases showed counts as known.
    EarlierReleases,
    /// The release is attacked before it is published.
    Audit,
}

impl Protection {
    pub const ALL: [Self; 8] = [
        Self::Primary,
        Self::Secondary,
        Self::Rounding,
        Self::Bases,
        Self::UnknownBackground,
        Self::Groups,
        Self::EarlierReleases,
        Self::Audit,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Rounding => "rounding",
            Self::Bases => "bases",
            Self::UnknownBackground => "unknown_background",
            Self::Groups => "groups",
            Self::EarlierReleases => "earlier_releases",
            Self::Audit => "audit",
        }
    }
}

impl Disclosure {
    pub fn protects(&self, by: Protection) -> bool {
        !self.without.contains(&by)
    }

    /// What a reader must know where a protection is switched off.
    pub fn notice(&self) -> Option<Label> {
        let off: Vec<&str> = Protection::ALL
            .into_iter()
            .filter(|protection| !self.protects(*protection))
            .map(Protection::name)
            .collect();
        (!off.is_empty()).then(|| Label {
            nl: format!("Niet voor publicatie: bescherming uitgeschakeld ({})", off.join(", ")),
            en: format!("Not for publication: protection switched off ({})", off.join(", ")),
        })
    }
}

fn minimum_base_confidential() -> u64 {
    10
}

fn base_multiple() -> u64 {
    5
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

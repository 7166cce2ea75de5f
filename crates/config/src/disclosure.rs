//! Table `[disclosure]` of config/monitor.toml: who is confidential, what is unreliable, what protects them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use survey::Labels;

use super::range;
use super::words::Words;

/// Who is confidential, what is unreliable, and how public figures are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Disclosure {
    /// Below so many respondents a figure is unreliable, where `quality` is `minimum_base`.
    #[serde(deserialize_with = "range::threshold")]
    #[schemars(schema_with = "range::schema::threshold")]
    pub minimum_base: u64,
    /// Below so many respondents a group is confidential.
    #[serde(deserialize_with = "range::threshold")]
    #[schemars(schema_with = "range::schema::threshold")]
    pub minimum_base_confidential: u64,
    /// A group is confidential too where fewer of it say yes, or no; exactly nobody is no small cell.
    #[serde(deserialize_with = "range::threshold")]
    #[schemars(schema_with = "range::schema::threshold")]
    pub minimum_cell: u64,
    /// Which scheme tells an unreliable figure.
    pub quality: QualityScheme,
    /// What becomes of an unreliable figure.
    pub unreliable: Unreliable,
    /// Public bases are rounded to a multiple of this; 1: not at all.
    #[serde(deserialize_with = "range::threshold")]
    #[schemars(schema_with = "range::schema::threshold")]
    pub base_multiple: u64,
    /// Levels of breakdowns that are kept where one of several can be hidden, the first before the others.
    pub keep: Vec<String>,
    /// Protections that are switched off; the release says so.
    pub without: Vec<Protection>,
    /// Background concepts by which a respondent may be recognised: for the report of k-anonymity.
    pub quasi_identifiers: Vec<String>,
    /// Where the thresholds come from.
    pub status: String,
}

impl Default for Disclosure {
    fn default() -> Self {
        Self {
            minimum_base: 30,
            minimum_base_confidential: 10,
            minimum_cell: 5,
            quality: QualityScheme::default(),
            unreliable: Unreliable::default(),
            base_multiple: 5,
            keep: Vec::new(),
            without: Vec::new(),
            quasi_identifiers: Vec::new(),
            status: String::new(),
        }
    }
}

/// Schemes that tell an unreliable figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unreliable {
    /// Shown, with a status that says so.
    #[default]
    Flag,
    Hide,
}

/// What protects a confidential group, each by its name.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
    pub fn notice(&self) -> Option<Labels> {
        let off: Vec<&str> = Protection::ALL
            .into_iter()
            .filter(|protection| !self.protects(*protection))
            .map(Protection::name)
            .collect();
        let switched_off = Words::shipped().of("Not for publication: protection switched off");
        let which = Labels::same(format!(" ({})", off.join(", ")));
        (!off.is_empty()).then(|| switched_off.followed_by(&which))
    }
}

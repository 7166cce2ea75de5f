//! config/monitor.toml: names, waves, significance level, thresholds, gates.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use survey::{Labels, Wave};

pub use super::disclosure::{Disclosure, Protection, QualityScheme, Unreliable};
use super::range;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Monitor {
    /// A short name for files and catalogues.
    pub name: String,
    /// The survey's title.
    #[serde(default)]
    pub label: Labels,
    /// Shown wherever a person sees the figures, e.g. that the data are synthetic.
    #[serde(default)]
    pub notice: Labels,
    /// The languages in which figures are published, the first one first; empty: those of `label`, else English.
    #[serde(default, deserialize_with = "range::languages")]
    #[schemars(schema_with = "range::schema::languages")]
    pub languages: Vec<String>,
    /// The waves in rising order: a number each, or a table with its label and date; empty: those of the items.
    #[serde(default)]
    pub waves: Vec<WaveSpec>,
    /// How changes and contrasts are tested.
    #[serde(default)]
    pub significance: Significance,
    /// Who is confidential, what is unreliable, and how public figures are shown.
    #[serde(default)]
    pub disclosure: Disclosure,
    /// Shares above which nothing is published.
    #[serde(default)]
    pub gates: Gates,
    /// What marks an answer as doubtful, and when a wave drifts.
    #[serde(default)]
    pub quality: Quality,
    /// Totals over several panels: name → its panels.
    #[serde(default)]
    pub groups: BTreeMap<String, PanelGroup>,
    /// Panels in the order of lists and charts; those that are not named follow by name.
    #[serde(default)]
    pub panel_order: Vec<String>,
    /// Names for ranges of a figure, the highest first.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// Pairs of indicators whose difference is published.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// When the answers were gathered, where it is known.
    #[serde(default)]
    pub fieldwork: Vec<Fieldwork>,
    /// What may be said of a release, and from when.
    #[serde(default)]
    pub publication: Publication,
}

impl Monitor {
    /// The languages that are named, else those of the title, else English.
    pub(crate) fn languages(&self) -> Vec<String> {
        if !self.languages.is_empty() {
            return self.languages.clone();
        }
        let mut languages: Vec<String> = self.label.languages().map(str::to_owned).collect();
        if languages.is_empty() {
            languages.push(survey::labels::FALLBACK.to_owned());
        }
        languages
    }

    /// The numbers of the waves.
    pub fn waves(&self) -> impl Iterator<Item = Wave> {
        self.waves.iter().map(|spec| spec.wave)
    }

    /// Waves that are not named are those of the items.
    pub(crate) fn complete(&mut self, asked: impl Iterator<Item = Wave>) {
        if self.waves.is_empty() {
            let waves: BTreeSet<Wave> = asked.collect();
            self.waves = waves.into_iter().map(WaveSpec::from).collect();
        }
        if self.label.is_empty() {
            self.label = Labels::same(self.name.as_str());
        }
    }
}

/// A wave, as its number or with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "WrittenWave")]
pub struct WaveSpec {
    /// 1 to 2147483647, e.g. 2024 or 202411.
    pub wave: Wave,
    /// Shown in place of the number.
    pub label: Labels,
    /// The first day of its fieldwork, `yyyy-mm-dd`.
    pub date: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "the number of a wave such as 2024, or a table such as { wave = 202411, label = \"Autumn 2024\", date = \"2024-11-04\" }"
)]
enum WrittenWave {
    #[serde(deserialize_with = "range::wave")]
    #[schemars(schema_with = "range::schema::wave")]
    Number(Wave),
    Table(WaveTable),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WaveTable {
    #[serde(deserialize_with = "range::wave")]
    #[schemars(schema_with = "range::schema::wave")]
    wave: Wave,
    #[serde(default)]
    label: Labels,
    #[serde(default, deserialize_with = "range::maybe::day")]
    #[schemars(schema_with = "range::schema::day")]
    date: Option<String>,
}

impl From<WrittenWave> for WaveSpec {
    fn from(written: WrittenWave) -> Self {
        match written {
            WrittenWave::Number(wave) => Self::from(wave),
            WrittenWave::Table(WaveTable { wave, label, date }) => Self { wave, label, date },
        }
    }
}

impl From<Wave> for WaveSpec {
    fn from(wave: Wave) -> Self {
        Self { wave, label: Labels::default(), date: None }
    }
}

/// A name for the exact values of indicators with this unit from `from` on, up to the band before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The unit of the indicators that it holds for.
    pub unit: String,
    /// The band's name in the marts.
    pub name: String,
    /// What people read; the name where it is left out.
    #[serde(default)]
    pub label: Labels,
    /// None for all values below the band before it.
    pub from: Option<f64>,
}

/// Pairs of indicators about the same things, whose difference is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The gap's name in the marts.
    pub name: String,
    /// What the pairs are, for readers; empty: the name.
    #[serde(default)]
    pub label: Labels,
    /// In a word or two, what the first indicator of every pair tells.
    #[serde(default)]
    pub indicator_label: Labels,
    /// The same of the one that is subtracted.
    #[serde(default)]
    pub minus_label: Labels,
    /// The pairs.
    pub pairs: Vec<GapPair>,
}

/// `indicator` less `minus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GapPair {
    /// What both are about.
    pub subject: String,
    #[serde(default)]
    /// The subject for readers; empty: its name.
    pub label: Labels,
    /// The indicator from which is taken off.
    pub indicator: String,
    /// The indicator that is taken off.
    pub minus: String,
}

/// When the answers of a wave were gathered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fieldwork {
    /// The wave.
    pub wave: Wave,
    /// None: of all panels that have no entry of their own.
    #[serde(default)]
    pub panel: Option<String>,
    /// Its first day, `yyyy-mm-dd`.
    #[serde(deserialize_with = "range::day")]
    #[schemars(schema_with = "range::schema::day")]
    pub start: String,
    /// Its last day.
    #[serde(deserialize_with = "range::day")]
    #[schemars(schema_with = "range::schema::day")]
    pub end: String,
    /// How many were asked to take part, where it is known.
    #[serde(default)]
    pub invited: Option<u64>,
}

/// What may be said of a release, and from when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Whether its figures may still change.
    #[serde(default)]
    pub status: PublicationStatus,
    /// Nobody reads it before this moment, e.g. `2026-01-15T07:00:00+01:00`.
    #[serde(default, deserialize_with = "range::moment", skip_serializing_if = "Option::is_none")]
    pub embargo_until: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicationStatus {
    #[default]
    Draft,
    Provisional,
    Final,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Significance {
    /// Alpha of the tests of change.
    #[serde(deserialize_with = "range::significance")]
    #[schemars(schema_with = "range::schema::significance")]
    pub level: f64,
    /// Of the intervals, e.g. 0.95.
    #[serde(deserialize_with = "range::confidence")]
    #[schemars(schema_with = "range::schema::confidence")]
    pub confidence: f64,
    pub adjustment: Adjustment,
    /// No call of increase or decrease where the figures are equal as published.
    pub equal_when_rounded_is_stable: bool,
}

impl Default for Significance {
    fn default() -> Self {
        Self {
            level: 0.05,
            confidence: 0.95,
            adjustment: Adjustment::BenjaminiHochberg,
            equal_when_rounded_is_stable: true,
        }
    }
}

/// Correction of p values for multiple testing, within one panel, wave and breakdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    None,
    Bonferroni,
    Holm,
    BenjaminiHochberg,
}

/// Shares above which nothing is published, percent of the rows or cells of a panel-wave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gates {
    /// Cells with an answer that no crosswalk knows, percent of a panel-wave's cells.
    #[serde(deserialize_with = "range::percent")]
    #[schemars(schema_with = "range::schema::percent")]
    pub unknown_answer_percent: f64,
    /// Cells out of range or of the wrong type, percent of a panel-wave's cells.
    #[serde(deserialize_with = "range::percent")]
    #[schemars(schema_with = "range::schema::percent")]
    pub invalid_cell_percent: f64,
    /// Rows set aside, e.g. without an id, percent of a panel-wave's rows.
    #[serde(deserialize_with = "range::percent")]
    #[schemars(schema_with = "range::schema::percent")]
    pub quarantined_row_percent: f64,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            unknown_answer_percent: 1.0,
            invalid_cell_percent: 1.0,
            quarantined_row_percent: 2.0,
        }
    }
}

/// Flags on response quality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quality {
    /// A speeder took less than this share of the median duration.
    #[serde(deserialize_with = "range::share")]
    #[schemars(schema_with = "range::schema::share")]
    pub speeder_share_of_median: f64,
    /// Concepts of one block with the same answer: a straightliner, where at least `straightliner_minimum_items` were answered.
    pub straightliner_blocks: BTreeMap<String, Vec<String>>,
    /// So many equal answers in one block are a straight line.
    #[serde(deserialize_with = "range::several_items")]
    #[schemars(schema_with = "range::schema::several_items")]
    pub straightliner_minimum_items: u32,
    /// Who leaves at least so many asked questions empty after the last answer broke off (assumed).
    #[serde(deserialize_with = "range::items")]
    #[schemars(schema_with = "range::schema::items")]
    pub broke_off_minimum_items: u32,
    /// Two respondents with the same answers to at least so many questions and background items, and to all that were
    /// asked, are near-duplicates (assumed).
    #[serde(deserialize_with = "range::items")]
    #[schemars(schema_with = "range::schema::items")]
    pub duplicate_minimum_items: u32,
    /// Drift against the wave before: largest change of a category's share or an item's missing share, in percentage points, without a finding.
    #[serde(deserialize_with = "range::percentage_points")]
    #[schemars(schema_with = "range::schema::percentage_points")]
    pub drift_percentage_points: f64,
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            speeder_share_of_median: 0.3,
            straightliner_blocks: BTreeMap::new(),
            straightliner_minimum_items: 4,
            broke_off_minimum_items: 5,
            duplicate_minimum_items: 10,
            drift_percentage_points: 15.0,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelGroup {
    /// The group's name for readers; empty: its name.
    #[serde(default)]
    pub label: Labels,
    /// The panels that it totals.
    pub panels: Vec<String>,
    /// Of the totals in charts.
    #[serde(default, deserialize_with = "range::colour")]
    pub colour: Option<String>,
}

impl Monitor {
    /// Names of the totals over the panels of a group: all respondents pooled, and the mean of the panels.
    pub fn totals(group: &str) -> [String; 2] {
        [format!("{group}_pooled"), format!("{group}_mean_of_groups")]
    }

    /// When a panel was asked in a wave; an entry of its own goes before that of the wave.
    pub fn fieldwork(&self, panel: &str, wave: Wave) -> Option<&Fieldwork> {
        let of_wave = || self.fieldwork.iter().filter(move |entry| entry.wave == wave);
        let own = of_wave().find(|entry| entry.panel.as_deref() == Some(panel));
        own.or_else(|| of_wave().find(|entry| entry.panel.is_none()))
    }
}

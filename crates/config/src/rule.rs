//! config/rules/NAME.toml: rules beyond what the codebook implies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::figures::is_within;
use super::name::name;
use super::range;
use survey::{Labels, PanelWave, Severity, Wave};

/// config/rules/NAME.toml.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    /// Rules; a file may hold several.
    #[serde(default)]
    pub rule: Vec<Rule>,
}

/// A SQL condition in concept names that every row in its scope should meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The rule's name in findings.
    #[serde(deserialize_with = "name")]
    #[schemars(schema_with = "range::schema::name")]
    pub name: String,
    /// What the rule says; empty: its name.
    #[serde(default)]
    pub label: Labels,
    /// The SQL condition in concept names.
    #[serde(serialize_with = "survey::sql_text::serialize")]
    pub condition: String,
    /// How much a row that breaks the rule matters.
    #[serde(default)]
    pub severity: Severity,
    /// Panels it holds for; empty: all.
    #[serde(default)]
    pub panels: Vec<String>,
    /// Waves it holds for; empty: all between the first and the last one.
    #[serde(default)]
    pub waves: Vec<Wave>,
    /// Left out: from the first wave on.
    #[serde(default)]
    pub first_wave: Option<Wave>,
    /// Left out: up to the last wave, whichever it will be.
    #[serde(default)]
    pub last_wave: Option<Wave>,
    /// A gate: percent of rows that may fail before nothing is published.
    #[serde(default, deserialize_with = "range::maybe::percent")]
    #[schemars(schema_with = "range::schema::percent")]
    pub gate_percent: Option<f64>,
    /// How to correct it.
    #[serde(default)]
    pub hint: String,
}

impl Rule {
    /// Whether it holds for the answers of this panel-wave.
    pub fn holds_for(&self, of: &PanelWave) -> bool {
        (self.panels.is_empty() || self.panels.contains(&of.panel))
            && (self.waves.is_empty() || self.waves.contains(&of.wave))
            && is_within((self.first_wave, self.last_wave), of.wave)
    }
}

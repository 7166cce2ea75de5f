//! config/rules/<file>.toml: rules beyond what the codebook implies.

use serde::{Deserialize, Serialize};

use super::monitor::Label;
use crate::{Severity, Wave};

/// A SQL condition in concept names that every row in its scope should meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    pub label: Label,
    #[serde(serialize_with = "crate::sql_text::serialize")]
    pub condition: String,
    pub severity: Severity,
    /// Panels it holds for; empty: all.
    #[serde(default)]
    pub panels: Vec<String>,
    /// Waves it holds for; empty: all.
    #[serde(default)]
    pub waves: Vec<Wave>,
    /// A gate: percent of rows that may fail before nothing is published.
    #[serde(default)]
    pub gate_percent: Option<f64>,
    /// How to mend it.
    #[serde(default)]
    pub hint: String,
}

//! What is known of a step that ran: its record beside the hand-off.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fingerprint::Fingerprint;
use crate::objects::Output;
use crate::rerun::Rerun;
use crate::step::Step;

/// Everything that decides whether a step is up to date, and where its hand-off lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub step: Step,
    /// Hash of the sources of the program that made it; formerly the version of its stage.
    #[serde(alias = "version")]
    pub program: String,
    /// Input → content.
    pub inputs: BTreeMap<String, Fingerprint>,
    /// Of the settings' canonical JSON, which is kept under this name.
    pub settings: Fingerprint,
    pub output: Output,
    /// Kind of the hand-off: `raw`, `admitted`, …
    pub kind: String,
    pub summary: Summary,
    pub why: Vec<Rerun>,
}

/// Counts for the report, so that a step that is up to date need not be read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub rows: u64,
    /// By severity.
    pub findings: BTreeMap<String, u64>,
    pub warnings: Vec<String>,
    /// Single numbers of the hand-off's `about`; of a map of counts the sum, and each under `name:key`.
    pub facts: BTreeMap<String, Value>,
}

/// Facts of an `about` that the report reads.
const FACTS: [&str; 16] = [
    "release",
    "seal",
    "folder",
    "rows_in",
    "rows_out",
    "rows_kept",
    "rows_quarantined",
    "rows_unassigned",
    "rows_dropped",
    "rows_weighted",
    "rows_without_weight",
    "rows_cut",
    "deff_kish",
    "n_eff",
    "converged",
    "method",
];

impl Summary {
    /// Of a hand-off; `rows` where its table was written while it was read.
    pub fn of<K: survey::handoff::About>(handoff: &survey::Handoff<K>, rows: Option<u64>) -> Self {
        let about = serde_json::to_value(&handoff.about).unwrap_or_default();
        let facts = FACTS
            .iter()
            .filter_map(|name| Some((*name, about.get(name)?)))
            .flat_map(|(name, value)| facts(name, value))
            .collect();
        Self {
            rows: rows.unwrap_or(handoff.table.num_rows() as u64),
            findings: counts(&handoff.findings),
            warnings: handoff.warnings.iter().map(survey::Warning::with_hint).collect(),
            facts,
        }
    }

    pub fn fact_text(&self, fact: &str) -> Option<String> {
        self.facts.get(fact).and_then(Value::as_str).map(str::to_owned)
    }

    pub fn number(&self, fact: &str) -> Option<f64> {
        self.facts.get(fact).and_then(Value::as_f64)
    }
}

/// Findings by severity.
pub fn counts(findings: &[survey::Finding]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.severity.name().to_owned()).or_default() += finding.count;
    }
    counts
}

fn facts(name: &str, value: &Value) -> Vec<(String, Value)> {
    let Value::Object(counts) = value else { return vec![(name.to_owned(), value.clone())] };
    let sum = counts.values().filter_map(Value::as_u64).sum::<u64>();
    let each = counts.iter().map(|(key, count)| (format!("{name}:{key}"), count.clone()));
    each.chain([(name.to_owned(), sum.into())]).collect()
}

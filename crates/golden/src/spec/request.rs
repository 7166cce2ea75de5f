//! Requests: what every kind takes, and what each kind takes of its own.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Label;

/// One figure or test of a case, or one in each of its domains.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Request {
    pub id: String,
    pub kind: Kind,
    /// Domains, or the groups that a kind compares.
    pub by: Option<Names>,
    /// Conditions that all hold in the subpopulation.
    pub filter: Vec<Condition>,
    /// Rows with a missing value leave as a subpopulation does.
    pub na_rm: bool,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    Mean { variables: Vec<String> },
    Total { variables: Vec<String> },
    Ratio { numerator: String, denominator: String },
    Quantile { variable: String, probs: Vec<f64>, rules: Vec<String>, interval_types: Vec<String> },
    PropCi { variable: String, level: Label, methods: Vec<String> },
    Chisq { rows: String, cols: String, statistics: Vec<String> },
    Ttest { variable: String, group: String },
    TtestOneSample { variable: String, mu: f64 },
    TtestPaired { variable: String, minus: String },
    Contrast { variable: String, coefficients: Vec<f64> },
    Pairwise { variable: String },
    Trend { variable: String, scores: Vec<f64> },
    Equality { variable: String },
    Laeken { variable: String, probs: Vec<f64> },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub variable: String,
    pub op: String,
    pub value: Value,
}

/// One name or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Names {
    One(String),
    Several(Vec<String>),
}

impl Names {
    pub fn list(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

/// What every kind takes.
#[derive(Deserialize)]
struct Common {
    id: String,
    by: Option<Names>,
    #[serde(default, rename = "where")]
    filter: Vec<Condition>,
    #[serde(default)]
    na_rm: bool,
}

impl TryFrom<Map<String, Value>> for Request {
    type Error = serde_json::Error;

    /// The keys of every kind first, so that what is left belongs to the kind or is unknown.
    fn try_from(mut keys: Map<String, Value>) -> Result<Self, Self::Error> {
        let common: Map<String, Value> = ["id", "by", "where", "na_rm"]
            .into_iter()
            .filter_map(|key| keys.remove_entry(key))
            .collect();
        let Common { id, by, filter, na_rm } = serde_json::from_value(Value::Object(common))?;
        let kind = serde_json::from_value(Value::Object(keys))?;
        Ok(Self { id, kind, by, filter, na_rm })
    }
}

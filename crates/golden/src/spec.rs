//! The language of `spec.json`; an unknown key or kind is refused.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A level's name, written as text or as a number.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Label {
    Text(String),
    Number(serde_json::Number),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    #[serde(rename = "schema")]
    pub _schema: u32,
    #[serde(rename = "id")]
    pub _id: String,
    #[serde(rename = "title")]
    pub _title: String,
    #[serde(rename = "source")]
    pub _source: Option<String>,
    #[serde(rename = "notes")]
    pub _notes: Option<String>,
    pub data: Data,
    pub design: DesignSpec,
    pub replicate: Option<Replicate>,
    #[serde(default)]
    pub weighting: Vec<Step>,
    #[serde(default)]
    pub requests: Vec<Request>,
    pub tolerance: Tolerance,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub file: String,
    pub rows: usize,
    #[serde(rename = "missing")]
    pub _missing: Option<String>,
    pub columns: Vec<Column>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ColumnKind,
    pub levels: Option<Vec<Label>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    Integer,
    Double,
    Categorical,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesignSpec {
    #[serde(default)]
    pub ids: Vec<String>,
    #[serde(default)]
    pub strata: Vec<String>,
    #[serde(default)]
    pub fpc: Vec<String>,
    pub weights: String,
    #[serde(default)]
    pub nest: bool,
    #[serde(default)]
    pub lonely_psu: Lonely,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lonely {
    #[default]
    Fail,
    Remove,
    Certainty,
    Adjust,
    Average,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replicate {
    pub file: String,
    #[serde(rename = "r_type")]
    pub _r_type: Option<String>,
    pub count: usize,
    pub combined: bool,
    pub scale: f64,
    pub rscales: Vec<f64>,
    pub mse: bool,
    #[serde(rename = "variance")]
    pub _variance: Option<String>,
    #[serde(rename = "reweight_each_replicate")]
    pub reweights: bool,
}

/// A level of each variable of a margin, and `total`.
pub type Target = BTreeMap<String, Value>;

#[derive(Debug, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    Rake {
        margins: Vec<MarginSpec>,
        tolerance: f64,
        max_iterations: usize,
        #[serde(rename = "convergence")]
        _convergence: Option<String>,
    },
    Poststratify {
        variables: Vec<String>,
        targets: Vec<Target>,
    },
    Calibrate {
        distance: DistanceSpec,
        terms: Vec<Term>,
        epsilon: f64,
        max_iterations: usize,
        /// `null` = no bound on that side.
        bounds: Option<(Option<f64>, Option<f64>)>,
        variance: Option<String>,
        equal_within_stage: Option<usize>,
    },
    Trim {
        lower: Option<f64>,
        upper: Option<f64>,
        strict: bool,
    },
    NonresponseClasses {
        respondent_if_not_missing: String,
        cells: Vec<String>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarginSpec {
    pub variables: Vec<String>,
    pub targets: Vec<Target>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DistanceSpec {
    Linear,
    Raking,
    Logit,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Term {
    Intercept { total: f64 },
    Categorical { variable: String, targets: BTreeMap<String, f64> },
    Numeric { variable: String, total: f64 },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    pub relative: f64,
    pub absolute_se_or_p: f64,
    pub relative_prop_ci_logit_likelihood: f64,
    #[serde(rename = "note")]
    pub _note: Option<String>,
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

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    Mean {
        id: String,
        variables: Vec<String>,
        by: Option<Names>,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default)]
        na_rm: bool,
    },
    Total {
        id: String,
        variables: Vec<String>,
        by: Option<Names>,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default)]
        na_rm: bool,
    },
    Ratio {
        id: String,
        numerator: String,
        denominator: String,
        by: Option<Names>,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default)]
        na_rm: bool,
    },
    Quantile {
        id: String,
        variable: String,
        probs: Vec<f64>,
        rules: Vec<String>,
        interval_types: Vec<String>,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default)]
        na_rm: bool,
    },
    PropCi {
        id: String,
        variable: String,
        level: Label,
        methods: Vec<String>,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default)]
        na_rm: bool,
    },
    Chisq {
        id: String,
        rows: String,
        cols: String,
        statistics: Vec<String>,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default, rename = "na_rm")]
        _na_rm: bool,
    },
    Ttest {
        id: String,
        variable: String,
        group: String,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default, rename = "na_rm")]
        _na_rm: bool,
    },
    TtestOneSample {
        id: String,
        variable: String,
        mu: f64,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default, rename = "na_rm")]
        _na_rm: bool,
    },
    TtestPaired {
        id: String,
        variable: String,
        minus: String,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default, rename = "na_rm")]
        _na_rm: bool,
    },
    Contrast {
        id: String,
        variable: String,
        by: Names,
        coefficients: Vec<f64>,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default, rename = "na_rm")]
        _na_rm: bool,
    },
    Pairwise {
        id: String,
        variable: String,
        by: Names,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default, rename = "na_rm")]
        _na_rm: bool,
    },
    Trend {
        id: String,
        variable: String,
        by: Names,
        scores: Vec<f64>,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default, rename = "na_rm")]
        _na_rm: bool,
    },
    Equality {
        id: String,
        variable: String,
        by: Names,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default, rename = "na_rm")]
        _na_rm: bool,
    },
    Laeken {
        id: String,
        variable: String,
        probs: Vec<f64>,
        by: Option<Names>,
        #[serde(default, rename = "where")]
        filter: Vec<Condition>,
        #[serde(default, rename = "na_rm")]
        _na_rm: bool,
    },
}

impl Label {
    /// The level as it stands in a data cell.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// A JSON value as it would stand in a data cell.
pub fn cell_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => if *flag { "TRUE" } else { "FALSE" }.into(),
        other => other.to_string(),
    }
}

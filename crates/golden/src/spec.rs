//! The language of `spec.json`; an unknown key or kind is refused.

mod request;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

pub use request::{Condition, Kind, Names, Request};

use crate::error::Error;
use crate::error::misfit;

/// The version of the language.
const SCHEMA: u32 = 1;
/// How a missing value is written.
const MISSING: &str = "empty field";

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
    pub schema: u32,
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
    pub missing: Option<String>,
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

impl Spec {
    /// Refuses what is well formed and would be left aside.
    pub fn check(&self) -> Result<(), Error> {
        if self.schema != SCHEMA {
            return Err(misfit("schema", self.schema.to_string(), SCHEMA.to_string()));
        }
        if let Some(missing) = self.data.missing.as_ref().filter(|missing| *missing != MISSING) {
            return Err(misfit("data.missing", missing, MISSING));
        }
        self.design.check()?;
        if self.replicate.as_ref().is_some_and(|found| found.reweights) && self.weighting.is_empty()
        {
            return Err(misfit("reweight_each_replicate", "no weighting", "steps to repeat"));
        }
        if self
            .weighting
            .iter()
            .any(|step| matches!(step, Step::Trim { lower: None, upper: None, .. }))
        {
            return Err(misfit("trim", "no bound", "`lower`, `upper` or both"));
        }
        let mut ids = BTreeSet::new();
        match self.requests.iter().find(|request| !ids.insert(&request.id)) {
            Some(request) => Err(misfit("requests", format!("`{}` twice", request.id), "own ids")),
            None => Ok(()),
        }
    }
}

impl DesignSpec {
    fn check(&self) -> Result<(), Error> {
        let stages = self.ids.len().max(1);
        if self.fpc.len() > stages {
            let found = format!("{} columns for {stages} stages", self.fpc.len());
            return Err(misfit("design.fpc", found, "at most one column a stage"));
        }
        if self.nest && (self.ids.is_empty() || self.strata.is_empty()) {
            return Err(misfit("design.nest", "no clusters in strata", "`ids` and `strata`"));
        }
        Ok(())
    }
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

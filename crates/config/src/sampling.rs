//! Tables `[design]`, `[variance]` and `[nonresponse]` of config/panels/PANEL.toml: how the sample was drawn, who of it
//! answered, and how errors follow from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::range;
use survey::design::LonelyPsu;

/// How the respondents were sampled; without it everybody on their own, with replacement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleDesign {
    /// Concepts whose crossed answers are the strata; none = one stratum.
    #[serde(default)]
    pub strata: Vec<String>,
    /// Concept that names the primary sampling unit (PSU); none = every respondent is one.
    #[serde(default)]
    pub clusters: Option<String>,
    /// The same name in two strata is two clusters.
    #[serde(default)]
    pub nested: bool,
    /// The same name in two waves is the same cluster; `false`: another one that bears its name. Unsaid counts as `false`,
    /// with a warning where waves share names.
    #[serde(default)]
    pub clusters_persist: Option<bool>,
    /// Margin in config/targets/PANEL.csv with the number of PSUs of each stratum in the population (level `total`
    /// without strata); none = no finite population correction.
    #[serde(default)]
    pub population: Option<String>,
    /// What a stratum with one PSU does.
    #[serde(default)]
    pub lonely_psu: LonelyPsu,
}

impl SampleDesign {
    /// Nothing of it differs from respondents on their own, with replacement.
    pub fn is_of_respondents(&self) -> bool {
        self.strata.is_empty() && self.clusters.is_none() && self.population.is_none()
    }
}

/// How errors are computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variance {
    /// Linearised, or by replicates of a kind.
    #[serde(default)]
    pub method: VarianceMethod,
    /// Of the bootstraps; the jackknife and the half-samples have as many as the design asks.
    #[serde(default = "replicates", deserialize_with = "range::replicates")]
    #[schemars(schema_with = "range::schema::replicates")]
    pub replicates: u32,
    /// Of the bootstraps' random numbers.
    #[serde(default = "seed")]
    pub seed: u64,
    /// Of method `fay`: from 0 to below 1.
    #[serde(default, deserialize_with = "range::maybe::fay_factor")]
    #[schemars(schema_with = "range::schema::fay_factor")]
    pub fay_factor: Option<f64>,
    /// Every replicate goes through all weighting steps again; without it the final weights are multiplied.
    #[serde(default = "yes")]
    pub recalibrate: bool,
    /// What the squares of the replicates are taken from.
    #[serde(default)]
    pub centre: Centre,
}

fn replicates() -> u32 {
    200
}

fn seed() -> u64 {
    1
}

fn yes() -> bool {
    true
}

impl Default for Variance {
    fn default() -> Self {
        Self {
            method: VarianceMethod::default(),
            replicates: replicates(),
            seed: seed(),
            fay_factor: None,
            recalibrate: true,
            centre: Centre::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VarianceMethod {
    /// Taylor linearisation with the residuals of the calibration.
    #[default]
    Linearisation,
    /// Rescaled bootstrap of Rao, Wu and Yue, with the finite population correction.
    RaoWu,
    /// The same without correction for the population size.
    Subbootstrap,
    Jk1,
    Jkn,
    Brr,
    Fay,
}

impl VarianceMethod {
    pub fn name(self) -> &'static str {
        match self {
            Self::Linearisation => "linearisation",
            Self::RaoWu => "rao_wu",
            Self::Subbootstrap => "subbootstrap",
            Self::Jk1 => "jk1",
            Self::Jkn => "jkn",
            Self::Brr => "brr",
            Self::Fay => "fay",
        }
    }

    pub fn is_bootstrap(self) -> bool {
        matches!(self, Self::RaoWu | Self::Subbootstrap)
    }
}

/// What the squares of the replicates are taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Centre {
    /// The estimate of the whole sample (R: `mse = TRUE`).
    #[default]
    Estimate,
    /// The mean over the replicates (R: `mse = FALSE`).
    MeanOfReplicates,
}

/// Respondents take over the weight of those of their class who did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nonresponse {
    /// Concepts whose crossed answers are the classes, known of everybody; missing is a class of its own.
    pub classes: Vec<String>,
    /// Who answered: the others keep their row with weight 0.
    pub responded: Split,
}

/// Rows whose concept has this code are the panel's; used only where the panel's items ask the concept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The concept that tells the panels apart.
    pub concept: String,
    /// Its answer for this panel.
    pub code: String,
}

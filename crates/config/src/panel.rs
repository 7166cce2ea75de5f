//! config/panels/PANEL.toml: who is asked, who counts, how the answers are weighted; and config/targets/PANEL.csv.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::name;
use super::range;
pub use super::sampling::Split;
use super::sampling::{Nonresponse, SampleDesign, Variance};
use survey::{Labels, Line, Wave};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// The file's name; not written in it.
    #[serde(skip_deserializing)]
    pub panel: String,
    /// The panel's name for readers; empty: the file's name.
    #[serde(default)]
    pub label: Labels,
    /// A word by which panels are sorted, e.g. `provider` or `user`; any text.
    #[serde(default)]
    pub kind: String,
    /// Whom the panel stands for; empty: as `label`.
    #[serde(default)]
    pub population: Labels,
    /// person, practice, …
    #[serde(default = "person")]
    pub unit: String,
    /// Of the panel in charts.
    #[serde(default, deserialize_with = "range::colour")]
    pub colour: Option<String>,
    /// Where a delivery feeds several panels: which rows are this panel's.
    #[serde(default)]
    pub split: Option<Split>,
    /// Filters by name, each a SQL condition in concept names that a row must meet to count.
    #[serde(default)]
    pub eligibility: Vec<Filter>,
    /// How the sample was drawn.
    #[serde(default)]
    pub design: SampleDesign,
    /// How those who did not answer are made up for.
    #[serde(default)]
    pub nonresponse: Option<Nonresponse>,
    /// How the answers are weighted; left out: everybody counts alike.
    #[serde(default)]
    pub weighting: Weighting,
    /// How errors are computed.
    #[serde(default)]
    pub variance: Variance,
}

fn person() -> String {
    "person".to_owned()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The filter's name in receipts and marts.
    #[serde(deserialize_with = "name")]
    #[schemars(schema_with = "range::schema::name")]
    pub name: String,
    /// The SQL condition, e.g. `age >= 18`.
    #[serde(serialize_with = "survey::sql_text::serialize")]
    pub condition: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Weighting {
    /// How weights are made.
    pub method: WeightingMethod,
    /// Concepts of each margin; several are crossed. Post-stratification takes exactly one.
    pub margins: Vec<Vec<String>>,
    /// Numeric concepts whose population total (level `total` of the margin with their name) is met too; beside a margin.
    pub numeric: Vec<String>,
    /// A numeric concept above 0 to which the variance of the calibration's model is proportional (heteroscedasticity).
    pub variance_of: Option<String>,
    /// One g within each cluster of the design: auxiliaries and base weights are averaged in it first.
    pub equal_within_clusters: bool,
    /// A numeric concept with the base weight; 1 for all where it is absent.
    pub base_weight: Option<String>,
    /// Lower and upper bound of weight / base weight (calibration) or of the mean-1 weight (trimming).
    #[serde(deserialize_with = "range::bounds")]
    #[schemars(schema_with = "range::schema::bounds")]
    pub bounds: Option<[f64; 2]>,
    /// Whether weights outside the bounds are cut, and how often.
    pub trim: Trim,
    /// Where the weight goes that trimming cuts.
    pub redistribute: Redistribute,
    /// What the errors lose to raking.
    pub errors: RakingErrors,
    /// What becomes of a respondent without an answer to a margin's concept.
    pub missing_auxiliary: MissingAuxiliary,
    /// Rounds after which weighting that does not meet its totals is an error.
    #[serde(deserialize_with = "range::rounds")]
    #[schemars(schema_with = "range::schema::rounds")]
    pub maximum_rounds: u32,
    /// Largest relative distance to a population total that counts as met.
    #[serde(deserialize_with = "range::tolerance")]
    #[schemars(schema_with = "range::schema::tolerance")]
    pub tolerance: f64,
    /// What is assumed here, and why.
    pub note: String,
}

impl Default for Weighting {
    fn default() -> Self {
        Self {
            method: WeightingMethod::default(),
            margins: Vec::new(),
            numeric: Vec::new(),
            variance_of: None,
            equal_within_clusters: false,
            base_weight: None,
            bounds: None,
            trim: Trim::default(),
            redistribute: Redistribute::default(),
            errors: RakingErrors::default(),
            missing_auxiliary: MissingAuxiliary::default(),
            maximum_rounds: 500,
            tolerance: 1e-9,
            note: String::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeightingMethod {
    /// The base weight, or 1 for everybody.
    #[default]
    None,
    PostStratification,
    /// Iterative proportional fitting; with bounds and no trimming as `raking_ratio`.
    Raking,
    /// Calibration with the exponential distance: meets what raking meets, and numeric totals.
    RakingRatio,
    /// GREG.
    Linear,
    Logit,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trim {
    #[default]
    None,
    Once,
    ToStable,
}

/// Where the weight that trimming cuts goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Redistribute {
    /// To all, in proportion to their weight.
    #[default]
    Proportional,
    /// In equal parts to those inside the bounds (R: `trimWeights`).
    Equal,
    /// Nowhere: the sum of the weights is no longer the population.
    None,
}

/// What raking takes out of the errors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RakingErrors {
    /// The regression on the margins with base weights.
    #[default]
    Greg,
    /// Ten sweeps over unweighted cell means (R: `rake`).
    RSweeps,
}

/// A respondent whose auxiliary is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingAuxiliary {
    /// An error.
    #[default]
    Stop,
    /// A category of its own that keeps its share of the sample.
    OwnCategory,
    /// Left out, by name.
    Drop,
    /// Keeps the base weight, scaled to mean 1.
    Neutral,
}

/// A row of config/targets/PANEL.csv: the population in one cell of one margin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PopulationTotal {
    pub panel: String,
    pub wave: Wave,
    /// Concepts of the margin joined by `*`, e.g. `sex*age_group`.
    pub margin: String,
    /// Codes in the same order joined by `*`, e.g. `female*35-49`.
    pub level: String,
    pub total: f64,
    pub source: String,
    /// `published` or `illustrative`.
    pub status: String,
    pub line: Line,
}

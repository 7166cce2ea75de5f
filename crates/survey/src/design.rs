//! The sample design behind a set of weights: everything that decides a standard error.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Row without a code: outside a breakdown, or a missing value in an auxiliary.
pub const NO_CODE: u32 = u32::MAX;

/// One stage of selection; a code per row, `units` unique over the whole stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Stratum of the row at this stage.
    pub strata: Vec<u32>,
    /// Sampled unit of the row at this stage (stage 1: the PSU).
    pub units: Vec<u32>,
    /// Units in the population of the row's stratum; `None` = no finite population correction.
    pub population: Option<Vec<f64>>,
}

/// What to do with a stratum that has one sampled unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LonelyPsu {
    /// Refuse to compute a variance.
    #[default]
    Fail,
    /// It adds nothing to the variance (also called certainty).
    Remove,
    /// Its total is centred at the mean of all units of the stage.
    Adjust,
    /// It adds the mean contribution of the other strata.
    Average,
}

/// A categorical auxiliary: a code per row below `levels`.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// Level of the row.
    pub codes: Arc<[u32]>,
    /// Number of levels.
    pub levels: usize,
}

/// Auxiliaries of a regression: columns of numbers and dummies of every level of every factor.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Auxiliaries {
    /// A constant column, needed only when there is no factor.
    pub intercept: bool,
    /// Categorical auxiliaries (any collinearity is allowed).
    pub factors: Vec<Factor>,
    /// Numeric auxiliaries, a value per row.
    pub columns: Vec<Arc<[f64]>>,
}

/// A weighting step that the variance has to know; applied to the influence values in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Adjustment {
    /// Cells scaled to totals: the cell means of the influence values leave.
    PostStratified {
        /// Cell of the row.
        cells: Factor,
        /// Weights before the step.
        before: Arc<[f64]>,
        /// Weights after the step.
        after: Arc<[f64]>,
    },
    /// Calibration: the part that the auxiliaries explain leaves (GREG residual).
    Regression {
        /// Auxiliaries of the calibration.
        auxiliaries: Auxiliaries,
        /// Weights before the step.
        base: Arc<[f64]>,
        /// Ratio of the weights after and before the step.
        g: Arc<[f64]>,
        /// Heteroscedasticity (variance of the model error is proportional to it).
        variance: Option<Arc<[f64]>>,
    },
    /// The sweeps of unweighted cell means with which R's `rake()` works.
    RakeSweeps {
        /// Cell of the cross table of all margins.
        cells: Factor,
        /// Per margin: its level in every cross cell, its number of levels, and the factor `weight after margin / base` in every cross cell.
        margins: Vec<SweepMargin>,
        /// Weights before the step.
        base: Arc<[f64]>,
        /// Number of sweeps (R: 10).
        sweeps: usize,
    },
}

/// One margin of `Adjustment::RakeSweeps`.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepMargin {
    /// Level of this margin in every cross cell.
    pub level_of_cell: Vec<u32>,
    /// Number of levels.
    pub levels: usize,
    /// Weight after this margin in the last round, divided by the base weight, in every cross cell.
    pub multiplier: Vec<f64>,
}

/// A sample design with its final weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Stages of selection, PSUs first; at least one.
    pub stages: Vec<Stage>,
    /// Final weight per row; zero = not in the sample any more.
    pub weights: Vec<f64>,
    /// Policy for strata with one unit.
    pub lonely_psu: LonelyPsu,
    /// Steps the variance needs, in the order in which they were done.
    pub adjustments: Vec<Adjustment>,
}

/// Writes the complete weights of a replicate; it owns the buffers of one thread.
pub type Filler<'a> = Box<dyn FnMut(usize, &mut [f64]) + Send + 'a>;

/// Replicate weights that are made one column at a time.
pub trait Replicates: Sync {
    /// Number of replicates.
    fn count(&self) -> usize;
    /// Overall factor of the variance.
    fn scale(&self) -> f64;
    /// Factor of each replicate.
    fn replicate_scales(&self) -> &[f64];
    /// Centre at the full-sample estimate instead of the mean over replicates.
    fn mean_squared_error(&self) -> bool;
    /// Writes the complete weights of replicate `index` (same result on any thread).
    fn fill(&self, index: usize, weights: &mut [f64]);
    /// The complete weights of replicate `index` where they are kept and need not be made.
    fn kept(&self, _index: usize) -> Option<&[f64]> {
        None
    }
    /// `fill` for many replicates on one thread, without new buffers for each.
    fn filler(&self) -> Filler<'_> {
        Box::new(|index, weights| self.fill(index, weights))
    }
}

impl Design {
    /// Simple random sample with replacement: every row its own PSU in one stratum.
    pub fn of_elements(weights: Vec<f64>) -> Self {
        let rows = weights.len();
        let stage =
            Stage { strata: vec![0; rows], units: (0..rows as u32).collect(), population: None };
        Self { stages: vec![stage], weights, lonely_psu: LonelyPsu::Fail, adjustments: Vec::new() }
    }

    /// Elements within strata, optionally with the population size of the row's stratum.
    pub fn stratified(
        weights: Vec<f64>,
        strata: Vec<u32>,
        population: Option<Vec<f64>>,
        lonely_psu: LonelyPsu,
    ) -> Self {
        let units = (0..weights.len() as u32).collect();
        let stage = Stage { strata, units, population };
        Self { stages: vec![stage], weights, lonely_psu, adjustments: Vec::new() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.weights.len()
    }
}

impl Factor {
    /// A factor from codes; `levels` is one more than the highest code.
    pub fn new(codes: Vec<u32>) -> Self {
        let levels = codes.iter().max().map_or(0, |&code| code as usize + 1);
        Self { codes: codes.into(), levels }
    }
}

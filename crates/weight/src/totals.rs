//! What calibration has to meet, and how.

use std::sync::Arc;

use crate::Margin;

/// How the distance between new and base weights is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Distance {
    /// g = 1 + x'λ (GREG); truncated at the bounds.
    Linear,
    /// g = exp(x'λ), as raking; truncated at the bounds.
    #[default]
    Raking,
    /// g stays strictly within the bounds, which it needs.
    Logit,
}

/// A numeric auxiliary and its population total.
#[derive(Debug, Clone, PartialEq)]
pub struct NumericTotal {
    /// Name, for messages.
    pub name: String,
    /// Value per row; NaN = missing.
    pub values: Arc<[f64]>,
    /// Population total.
    pub total: f64,
}

/// What the weights have to meet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    /// Size of the population, where no margin gives it.
    pub population: Option<f64>,
    /// Categorical auxiliaries.
    pub margins: Vec<Margin>,
    /// Numeric auxiliaries.
    pub numeric: Vec<NumericTotal>,
}

/// Settings of `calibrate`.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrateOptions {
    /// Distance.
    pub distance: Distance,
    /// Lower and upper bound of g = weight / base.
    pub bounds: Option<(f64, f64)>,
    /// Stops when every |miss| / (1 + |total|) is below this; default 1e-10.
    pub tolerance: f64,
    /// Newton steps; default 200.
    pub max_rounds: usize,
    /// Heteroscedasticity per row: model error variance is proportional to it.
    pub variance: Option<Arc<[f64]>>,
    /// Unit per row within which auxiliaries and base weights are averaged first, so that g is equal in it.
    pub equal_within: Option<Arc<[u32]>>,
}

impl Default for CalibrateOptions {
    fn default() -> Self {
        Self {
            distance: Distance::Raking,
            bounds: None,
            tolerance: 1e-10,
            max_rounds: 200,
            variance: None,
            equal_within: None,
        }
    }
}

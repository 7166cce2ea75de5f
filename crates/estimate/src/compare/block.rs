//! Figures as they enter a comparison, and what they have in common.

use nalgebra::DMatrix;

use crate::interval::ProportionFacts;
use crate::tabulate::Figure;

/// Figures of one panel that may share respondents, as they enter a comparison.
pub(crate) struct Block<'f> {
    pub figures: Vec<&'f Figure>,
    /// What the block counts: 1, or 1/k for the mean of k panels.
    pub weight: f64,
    pub together: Together,
}

/// What figures of one panel have in common.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Together {
    pub correlation: DMatrix<f64>,
    /// PSUs of the union minus its strata; none where the figures share nobody: Welch and Satterthwaite.
    pub degrees_of_freedom: Option<f64>,
}

impl Together {
    /// Figures of samples that have nothing in common.
    pub(crate) fn independent(figures: usize) -> Self {
        Self { correlation: DMatrix::identity(figures, figures), degrees_of_freedom: None }
    }
}

/// A standard error below this part of the scale of its figure is rounding.
const NO_ERROR: f64 = 1e-7;

impl Figure {
    /// A share of nobody or everybody: its estimated variance of 0 says nothing.
    pub(crate) fn is_at_an_end(&self) -> bool {
        self.n_yes.is_some_and(|yes| yes == 0 || yes == self.n)
    }

    /// Standard error without what is rounding.
    pub(super) fn error(&self) -> f64 {
        let scale = self.estimate.abs().min(1.0);
        if self.standard_error > NO_ERROR * scale { self.standard_error } else { 0.0 }
    }

    pub(super) fn share(&self) -> ProportionFacts {
        let is_all = self.n_yes == Some(self.n);
        let ends = if is_all { 1.0 } else { 0.0 };
        ProportionFacts {
            proportion: if self.is_at_an_end() { ends } else { self.estimate.clamp(0.0, 1.0) },
            variance: self.error().powi(2),
            rows: self.n as usize,
            degrees_of_freedom: self.degrees_of_freedom,
        }
    }
}

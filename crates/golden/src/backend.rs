//! Estimates with their covariance, by linearisation or by replicate weights.

use estimate::point::{self, Influence};
use estimate::quantile::{Rule, quantile_point};
use estimate::{Linearisation, replicate};
use nalgebra::DMatrix;
use survey::design::Replicates;

use crate::error::Error;

/// A figure to estimate over some rows.
pub enum Figure {
    Mean {
        values: Vec<f64>,
        rows: Vec<bool>,
    },
    Total {
        values: Vec<f64>,
        rows: Vec<bool>,
    },
    Ratio {
        numerator: Vec<f64>,
        denominator: Vec<f64>,
        rows: Vec<bool>,
    },
    /// Has an error by replicates only.
    Quantile {
        values: Vec<f64>,
        rows: Vec<bool>,
        probability: f64,
        rule: Rule,
    },
}

/// Replicate weights of a case, a column per replicate.
pub struct Columns {
    pub weights: Vec<Vec<f64>>,
    pub scale: f64,
    pub scales: Vec<f64>,
    pub mse: bool,
}

impl Replicates for Columns {
    fn count(&self) -> usize {
        self.weights.len()
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    fn replicate_scales(&self) -> &[f64] {
        &self.scales
    }

    fn mean_squared_error(&self) -> bool {
        self.mse
    }

    fn fill(&self, index: usize, weights: &mut [f64]) {
        weights.copy_from_slice(&self.weights[index]);
    }
}

/// How a case gets its variances.
pub struct Backend {
    pub linearisation: Linearisation,
    pub replicates: Option<Columns>,
}

impl Backend {
    pub fn weights(&self) -> &[f64] {
        self.linearisation.weights()
    }

    /// Degrees of freedom of the rows, as R's `degf()` of the subset.
    pub fn degrees_of_freedom(&self, rows: &[bool]) -> i64 {
        match &self.replicates {
            Some(columns) => replicate::degrees_of_freedom(columns, rows.len(), Some(rows)),
            None => self.linearisation.degrees_of_freedom(Some(rows)),
        }
    }

    /// Rows that R's `nrow()` counts: the whole sample once a design is calibrated, else the domain.
    pub fn rows_as_in_r(&self, rows: &[bool]) -> usize {
        let is_calibrated =
            !self.linearisation.design().adjustments.is_empty() && self.replicates.is_none();
        if is_calibrated { rows.len() } else { rows.iter().filter(|row| **row).count() }
    }

    /// Figures with their covariance; NaN where a value is missing.
    pub fn estimates(&self, figures: &[Figure]) -> Result<(Vec<f64>, DMatrix<f64>), Error> {
        let (estimates, mut covariance) = self.computed(figures)?;
        for (index, _) in estimates.iter().enumerate().filter(|figure| figure.1.is_nan()) {
            covariance.row_mut(index).fill(f64::NAN);
            covariance.column_mut(index).fill(f64::NAN);
        }
        Ok((estimates, covariance))
    }

    fn computed(&self, figures: &[Figure]) -> Result<(Vec<f64>, DMatrix<f64>), Error> {
        let influences = figures.iter().map(|figure| figure.influence(self.weights()));
        let influences = influences.collect::<Result<Vec<_>, _>>()?;
        let Some(columns) = &self.replicates else {
            let covariance = self.linearisation.covariance(&influences)?;
            return Ok((
                influences.iter().map(|influence| influence.estimate).collect(),
                covariance,
            ));
        };
        let statistic = |weights: &[f64], out: &mut [f64]| {
            for (figure, out) in figures.iter().zip(out) {
                *out = figure.influence(weights).map_or(f64::NAN, |influence| influence.estimate);
            }
        };
        let found =
            replicate::estimate(columns, self.weights(), figures.len(), |_| Ok(()), statistic)?;
        Ok((found.estimates, found.covariance))
    }
}

impl Figure {
    fn influence(&self, weights: &[f64]) -> Result<Influence, estimate::Error> {
        if self.misses_a_value(weights) {
            let contributions = vec![f64::NAN; weights.len()];
            return Ok(Influence { estimate: f64::NAN, contributions });
        }
        match self {
            Self::Mean { values, rows } => point::mean(weights, values, rows),
            Self::Total { values, rows } => point::total(weights, values, rows),
            Self::Quantile { values, rows, probability, rule } => {
                let estimate = quantile_point(weights, values, rows, *probability, *rule);
                Ok(Influence { estimate, contributions: Vec::new() })
            }
            Self::Ratio { numerator, denominator, rows } => {
                point::ratio(weights, numerator, denominator, rows)
            }
        }
    }
    /// As R without `na.rm`: one missing value among the rows leaves no figure.
    fn misses_a_value(&self, weights: &[f64]) -> bool {
        let (columns, rows) = match self {
            Self::Mean { values, rows }
            | Self::Total { values, rows }
            | Self::Quantile { values, rows, .. } => (vec![values], rows),
            Self::Ratio { numerator, denominator, rows } => (vec![numerator, denominator], rows),
        };
        let misses = |values: &&Vec<f64>| {
            (0..rows.len()).any(|row| rows[row] && weights[row] != 0.0 && values[row].is_nan())
        };
        columns.iter().any(misses)
    }
}

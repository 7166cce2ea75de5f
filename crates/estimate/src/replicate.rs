//! Variance by replicate weights, streamed: one column of weights a thread at a time.

mod means;

use nalgebra::DMatrix;
use rayon::prelude::*;
use survey::design::{Filler, Replicates};

use crate::Error;

pub(crate) use means::{AllSums, Asked, all_sums};
pub use means::{ReplicateMean, means};

/// Estimates with their covariance over replicates.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicateEstimates {
    /// Full-sample estimates.
    pub estimates: Vec<f64>,
    /// Covariance of the estimates.
    pub covariance: DMatrix<f64>,
    /// Replicates in which every estimate was a number.
    pub used: usize,
}

/// Estimates and covariance of `statistic`, which writes its figures for a column of weights.
///
/// `reweigh` runs the weighting steps again on each replicate's weights; results do not depend on threads.
pub fn estimate<S, W>(
    replicates: &dyn Replicates,
    full: &[f64],
    figures: usize,
    reweigh: W,
    statistic: S,
) -> Result<ReplicateEstimates, Error>
where
    S: Fn(&[f64], &mut [f64]) + Sync,
    W: Fn(&mut [f64]) -> Result<(), Error> + Sync,
{
    let mut estimates = vec![0.0; figures];
    statistic(full, &mut estimates);
    let of_replicate = |(fill, weights): &mut (Filler<'_>, Vec<f64>), index: usize| {
        fill(index, weights);
        reweigh(weights)?;
        let mut row = vec![0.0; figures];
        statistic(weights, &mut row);
        Ok(row)
    };
    let table: Vec<Vec<f64>> = (0..replicates.count())
        .into_par_iter()
        .map_init(|| (replicates.filler(), vec![0.0; full.len()]), of_replicate)
        .collect::<Result<_, Error>>()?;
    let scales = replicates.replicate_scales();
    let is_used = |index: &usize| table[*index].iter().all(|value| value.is_finite());
    let used: Vec<usize> = (0..table.len()).filter(is_used).collect();
    let centre = if replicates.mean_squared_error() {
        estimates.clone()
    } else {
        mean(&table, &used, scales)
    };
    let mut covariance = DMatrix::zeros(figures, figures);
    for &index in &used {
        let deviation = |figure: usize| table[index][figure] - centre[figure];
        for column in 0..figures {
            let scaled = replicates.scale() * scales[index] * deviation(column);
            for row in column..figures {
                covariance[(row, column)] += scaled * deviation(row);
            }
        }
    }
    if used.is_empty() {
        covariance.fill(f64::NAN);
    }
    covariance.fill_upper_triangle_with_lower_triangle();
    Ok(ReplicateEstimates { estimates, covariance, used: used.len() })
}

/// Rank of the replicate weights minus 1, over the rows in `rows` (`None` = all); columns that depend on others up to 1e-5 do not count.
pub fn degrees_of_freedom(replicates: &dyn Replicates, all: usize, rows: Option<&[bool]>) -> i64 {
    let mut weights = vec![0.0; all];
    let mut fill = replicates.filler();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for index in 0..replicates.count() {
        fill(index, &mut weights);
        let inside = |row: &usize| rows.is_none_or(|rows| rows[*row]);
        let mut column: Vec<f64> = (0..all).filter(inside).map(|row| weights[row]).collect();
        let length = norm(&column);
        for _ in 0..2 {
            for direction in &basis {
                let along: f64 = direction.iter().zip(&column).map(|(a, b)| a * b).sum();
                column.iter_mut().zip(direction).for_each(|(value, part)| *value -= along * part);
            }
        }
        let rest = norm(&column);
        if rest > 1e-5 * length {
            for value in &mut column {
                *value /= rest;
            }
            basis.push(column);
        }
    }
    basis.len() as i64 - 1
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// Mean of each figure over the used replicates with a scale above 0.
fn mean(table: &[Vec<f64>], used: &[usize], scales: &[f64]) -> Vec<f64> {
    let counted: Vec<&usize> = used.iter().filter(|index| scales[**index] > 0.0).collect();
    let figures = table.first().map_or(0, Vec::len);
    let sum = |figure: usize| counted.iter().map(|index| table[**index][figure]).sum::<f64>();
    (0..figures).map(|figure| sum(figure) / counted.len() as f64).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    /// Delete-one jackknife of equal weights.
    struct DeleteOne {
        rows: usize,
        scales: Vec<f64>,
    }

    impl Replicates for DeleteOne {
        fn count(&self) -> usize {
            self.rows
        }
        fn scale(&self) -> f64 {
            (self.rows as f64 - 1.0) / self.rows as f64
        }
        fn replicate_scales(&self) -> &[f64] {
            &self.scales
        }
        fn mean_squared_error(&self) -> bool {
            true
        }
        fn fill(&self, index: usize, weights: &mut [f64]) {
            weights.fill(1.0);
            weights[index] = 0.0;
        }
    }

    fn estimate_mean(threads: usize) -> ReplicateEstimates {
        let values: Vec<f64> = (0..40).map(|row| f64::from(row * row % 17)).collect();
        let plan = DeleteOne { rows: 40, scales: vec![1.0; 40] };
        let statistic = |weights: &[f64], out: &mut [f64]| {
            let sum: f64 = weights.iter().zip(&values).map(|(weight, value)| weight * value).sum();
            out[0] = sum / weights.iter().sum::<f64>();
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| estimate(&plan, &[1.0; 40], 1, |_| Ok(()), statistic)).unwrap()
    }

    #[test]
    fn the_jackknife_of_a_mean_is_its_textbook_variance_on_any_number_of_threads() {
        let values: Vec<f64> = (0..40).map(|row| f64::from(row * row % 17)).collect();
        let mean = values.iter().sum::<f64>() / 40.0;
        let variance =
            values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (39.0 * 40.0);
        let found = estimate_mean(1);
        assert!((found.covariance[(0, 0)] - variance).abs() < 1e-12);
        assert_eq!(found, estimate_mean(4));
    }

    #[test]
    fn a_figure_that_no_replicate_has_is_without_error_and_not_without_doubt() {
        let plan = DeleteOne { rows: 4, scales: vec![1.0; 4] };
        let statistic = |_: &[f64], out: &mut [f64]| out[0] = f64::NAN;
        let found = estimate(&plan, &[1.0; 4], 1, |_| Ok(()), statistic).unwrap();
        assert!(found.used == 0 && found.covariance[(0, 0)].is_nan());
    }

    #[test]
    fn delete_one_of_n_has_n_minus_1_degrees_of_freedom() {
        let plan = DeleteOne { rows: 12, scales: vec![1.0; 12] };
        assert_eq!(degrees_of_freedom(&plan, 12, None), 11);
    }
}

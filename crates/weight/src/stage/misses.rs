//! How far weights are from population totals.

use crate::calibrate::NumericTotal;
use crate::{Margin, Miss};

/// How far each level of a margin is from its total under these weights.
pub(super) fn misses(margin: &Margin, weights: &[f64]) -> Vec<Miss> {
    let mut sums = vec![0.0; margin.levels.len()];
    for (&code, &weight) in margin.codes.iter().zip(weights) {
        if let Some(sum) = sums.get_mut(code as usize) {
            *sum += weight;
        }
    }
    let miss = |(level, found): (&crate::Level, f64)| {
        let expected = level.total.unwrap_or(f64::NAN);
        let relative = (found - expected).abs() / expected.abs();
        Miss { margin: margin.name.clone(), level: level.name.clone(), found, expected, relative }
    };
    margin.levels.iter().zip(sums).map(miss).collect()
}

/// How far a numeric auxiliary is from its total under these weights.
pub(super) fn miss(total: &NumericTotal, weights: &[f64]) -> Miss {
    let found: f64 = total.values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    let relative = (found - total.total).abs() / total.total.abs();
    let (margin, level) = (total.name.clone(), String::new());
    Miss { margin, level, found, expected: total.total, relative }
}

//! Point estimates with their influence values.

use crate::Error;

/// An estimate and what each row contributes to its error.
#[derive(Debug, Clone, PartialEq)]
pub struct Influence {
    /// The estimate; NaN on an empty base.
    pub estimate: f64,
    /// Weight times influence value per row; 0 outside the domain.
    pub contributions: Vec<f64>,
}

/// Variance of a simple random sample with which a design effect compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Without replacement from a population of Σw units; none where Σw is below the sample size.
    WithoutReplacement,
    /// With replacement.
    WithReplacement,
}

/// Weighted mean of `values` over `rows` (a 0/1 value makes a proportion).
pub fn mean(weights: &[f64], values: &[f64], rows: &[bool]) -> Result<Influence, Error> {
    check(weights, values, rows, "values")?;
    let size = sum(weights, rows, |_| 1.0);
    let estimate = sum(weights, rows, |row| values[row]) / size;
    Ok(influence(estimate, weights, rows, |row| (values[row] - estimate) / size))
}

/// Weighted total of `values` over `rows`.
pub fn total(weights: &[f64], values: &[f64], rows: &[bool]) -> Result<Influence, Error> {
    check(weights, values, rows, "values")?;
    let estimate = sum(weights, rows, |row| values[row]);
    Ok(influence(estimate, weights, rows, |row| values[row]))
}

/// Ratio of two weighted totals over `rows`.
pub fn ratio(
    weights: &[f64],
    numerator: &[f64],
    denominator: &[f64],
    rows: &[bool],
) -> Result<Influence, Error> {
    check(weights, numerator, rows, "numerator")?;
    check(weights, denominator, rows, "denominator")?;
    let size = sum(weights, rows, |row| denominator[row]);
    let estimate = sum(weights, rows, |row| numerator[row]) / size;
    Ok(influence(estimate, weights, rows, |row| {
        (numerator[row] - estimate * denominator[row]) / size
    }))
}

/// Variance that a simple random sample of the same size would give the mean (for a total: times (Σw)²).
pub fn simple_random_variance(
    weights: &[f64],
    values: &[f64],
    rows: &[bool],
    comparison: Comparison,
) -> f64 {
    let size = sum(weights, rows, |_| 1.0);
    let n = taking_part(weights, rows).count() as f64;
    let mean = sum(weights, rows, |row| values[row]) / size;
    let squares = sum(weights, rows, |row| (values[row] - mean).powi(2));
    let variance = n / (n - 1.0) * squares / size / n;
    match comparison {
        Comparison::WithReplacement => variance,
        Comparison::WithoutReplacement if size < n => f64::NAN,
        Comparison::WithoutReplacement => variance * (size - n) / size,
    }
}

fn influence(
    estimate: f64,
    weights: &[f64],
    rows: &[bool],
    value: impl Fn(usize) -> f64,
) -> Influence {
    let mut contributions = vec![0.0; weights.len()];
    for row in taking_part(weights, rows) {
        contributions[row] = weights[row] * value(row);
    }
    Influence { estimate, contributions }
}

/// Rows of the domain with a weight.
pub(crate) fn taking_part<'a>(
    weights: &'a [f64],
    rows: &'a [bool],
) -> impl Iterator<Item = usize> + 'a {
    (0..weights.len()).filter(|&row| rows[row] && weights[row] != 0.0)
}

fn sum(weights: &[f64], rows: &[bool], value: impl Fn(usize) -> f64) -> f64 {
    taking_part(weights, rows).map(|row| weights[row] * value(row)).sum()
}

/// Refuses slices of different length and missing values in the domain.
pub(crate) fn check(
    weights: &[f64],
    values: &[f64],
    rows: &[bool],
    what: &str,
) -> Result<(), Error> {
    for found in [values.len(), rows.len()] {
        if found != weights.len() {
            return Err(Error::Length { what: what.into(), found, expected: weights.len() });
        }
    }
    match taking_part(weights, rows).filter(|&row| !values[row].is_finite()).count() {
        0 => Ok(()),
        rows => Err(Error::MissingValue { what: what.into(), rows }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_larger_than_its_population_has_no_design_effect_without_replacement() {
        let simple = |weight: f64, comparison| {
            simple_random_variance(&[weight; 4], &[1.0, 2.0, 3.0, 6.0], &[true; 4], comparison)
        };
        assert!(simple(0.5, Comparison::WithoutReplacement).is_nan());
        assert!(simple(1.0, Comparison::WithoutReplacement).abs() < 1e-15, "a census has no error");
        let with = simple(0.5, Comparison::WithReplacement);
        assert!(
            (with - 14.0 / 3.0 / 4.0).abs() < 1e-12
                && simple(2.0, Comparison::WithoutReplacement) < with
        );
    }
}

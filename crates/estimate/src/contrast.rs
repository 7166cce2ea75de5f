//! Comparisons of estimates that share a covariance matrix.

use nalgebra::{DMatrix, DVector};

use crate::Error;
use crate::distribution::{chi_square_upper, f_upper, student_two_sided};
use crate::interval::{Interval, student};

/// A linear combination of estimates and its test against zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Σ c θ.
    pub estimate: f64,
    /// sqrt(c' V c).
    pub standard_error: f64,
    /// estimate / standard error.
    pub t: f64,
    /// Degrees of freedom; infinite = normal.
    pub degrees_of_freedom: f64,
    /// Two-sided p value by t.
    pub p: f64,
    /// Interval by t at the asked confidence.
    pub interval: Interval,
}

/// Two estimates compared: `second` minus `first`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Index of the estimate that is subtracted.
    pub first: usize,
    /// Index of the other.
    pub second: usize,
    /// The difference and its test.
    pub contrast: Contrast,
}

/// Wald test that all estimates are equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equality {
    /// Wald statistic.
    pub chi_square: f64,
    /// Its degrees of freedom.
    pub numerator: f64,
    /// Degrees of freedom of the design.
    pub denominator: f64,
    /// p of the chi-square.
    pub p_chi_square: f64,
    /// chi-square / numerator.
    pub f: f64,
    /// p of F on numerator and denominator.
    pub p_f: f64,
    /// F corrected for few degrees of freedom.
    pub f_adjusted: f64,
    /// Its denominator.
    pub denominator_adjusted: f64,
    /// p of the adjusted F.
    pub p_f_adjusted: f64,
}

/// Σ coefficients × estimates with its test.
pub fn contrast(
    coefficients: &[f64],
    estimates: &[f64],
    covariance: &DMatrix<f64>,
    degrees_of_freedom: f64,
    confidence: f64,
) -> Result<Contrast, Error> {
    check(coefficients.len(), estimates.len(), "coefficients")?;
    check(covariance.nrows(), estimates.len(), "covariance")?;
    let estimate = coefficients.iter().zip(estimates).map(|(c, estimate)| c * estimate).sum();
    let mut variance = 0.0;
    for (row, left) in coefficients.iter().enumerate() {
        for (column, right) in coefficients.iter().enumerate() {
            if *left != 0.0 && *right != 0.0 {
                variance += left * right * covariance[(row, column)];
            }
        }
    }
    Ok(of_difference(estimate, variance.max(0.0).sqrt(), degrees_of_freedom, confidence))
}

/// Test and interval of an estimate with its error.
pub fn of_difference(
    estimate: f64,
    standard_error: f64,
    degrees_of_freedom: f64,
    confidence: f64,
) -> Contrast {
    let t = estimate / standard_error;
    let p = student_two_sided(t, degrees_of_freedom);
    let interval = student(estimate, standard_error, degrees_of_freedom, confidence);
    Contrast { estimate, standard_error, t, degrees_of_freedom, p, interval }
}

/// All pairs, first index before second; p values are not adjusted yet (see `adjust`).
pub fn pairwise(
    estimates: &[f64],
    covariance: &DMatrix<f64>,
    degrees_of_freedom: f64,
    confidence: f64,
) -> Result<Vec<Pair>, Error> {
    check(covariance.nrows(), estimates.len(), "covariance")?;
    let pairs = (0..estimates.len())
        .flat_map(|first| (first + 1..estimates.len()).map(move |second| (first, second)));
    let pair = |(first, second): (usize, usize)| {
        let variance = covariance[(first, first)] + covariance[(second, second)]
            - 2.0 * covariance[(first, second)];
        let difference = estimates[second] - estimates[first];
        let contrast =
            of_difference(difference, variance.max(0.0).sqrt(), degrees_of_freedom, confidence);
        Pair { first, second, contrast }
    };
    Ok(pairs.map(pair).collect())
}

/// Coefficients of the least-squares slope over `scores`: (s - mean) / Σ (s - mean)².
pub fn trend_coefficients(scores: &[f64]) -> Result<Vec<f64>, Error> {
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    let squares: f64 = scores.iter().map(|score| (score - mean).powi(2)).sum();
    if squares > 0.0 {
        return Ok(scores.iter().map(|score| (score - mean) / squares).collect());
    }
    let (found, expected) = (format!("{scores:?}"), "two or more different scores".into());
    Err(Error::Argument { place: "scores".into(), found, expected })
}

/// Wald test that all estimates are equal.
pub fn equality(
    estimates: &[f64],
    covariance: &DMatrix<f64>,
    degrees_of_freedom: f64,
) -> Result<Equality, Error> {
    check(covariance.nrows(), estimates.len(), "covariance")?;
    let size = estimates.len();
    if size < 2 {
        let (found, expected) = (size.to_string(), "two or more".into());
        return Err(Error::Argument { place: "estimates".into(), found, expected });
    }
    let differences = DVector::from_fn(size - 1, |row, _| estimates[row + 1] - estimates[0]);
    let variance = DMatrix::from_fn(size - 1, size - 1, |row, column| {
        covariance[(row + 1, column + 1)] - covariance[(row + 1, 0)] - covariance[(0, column + 1)]
            + covariance[(0, 0)]
    });
    let chi_square = wald(&differences, &variance, "test of equality")?;
    let numerator = size as f64 - 1.0;
    let denominator_adjusted = degrees_of_freedom - numerator + 1.0;
    let f = chi_square / numerator;
    let f_adjusted = f * denominator_adjusted / degrees_of_freedom;
    Ok(Equality {
        chi_square,
        numerator,
        denominator: degrees_of_freedom,
        p_chi_square: chi_square_upper(chi_square, numerator),
        f,
        p_f: f_upper(f, numerator, degrees_of_freedom),
        f_adjusted,
        denominator_adjusted,
        p_f_adjusted: f_upper(f_adjusted, numerator, denominator_adjusted),
    })
}

/// d' V⁻¹ d; refuses a singular V.
pub(crate) fn wald(
    differences: &DVector<f64>,
    variance: &DMatrix<f64>,
    place: &str,
) -> Result<f64, Error> {
    let singular = || Error::Singular { place: place.into() };
    let largest = (0..variance.nrows()).map(|index| variance[(index, index)]).fold(0.0, f64::max);
    if !variance.iter().all(|value| value.is_finite()) || largest <= 0.0 {
        return Err(singular());
    }
    let decomposed = variance.clone().cholesky().ok_or_else(singular)?;
    let smallest = decomposed
        .l_dirty()
        .diagonal()
        .iter()
        .map(|root| root * root)
        .fold(f64::INFINITY, f64::min);
    if smallest < 1e-14 * largest {
        return Err(singular());
    }
    Ok(differences.dot(&decomposed.solve(differences)))
}

fn check(found: usize, expected: usize, what: &str) -> Result<(), Error> {
    if found == expected {
        Ok(())
    } else {
        Err(Error::Length { what: what.into(), found, expected })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    #[test]
    fn a_difference_uses_the_covariance() {
        let covariance = DMatrix::from_row_slice(2, 2, &[4.0, 1.5, 1.5, 4.0]);
        let found =
            contrast(&[-1.0, 1.0], &[10.0, 13.0], &covariance, f64::INFINITY, 0.95).unwrap();
        assert_eq!((found.estimate, found.standard_error), (3.0, 5.0_f64.sqrt()));
        assert_eq!(
            pairwise(&[10.0, 13.0], &covariance, f64::INFINITY, 0.95).unwrap()[0].contrast,
            found
        );
    }

    #[test]
    fn equality_of_two_is_the_square_of_t() {
        let covariance = DMatrix::from_row_slice(2, 2, &[4.0, 1.5, 1.5, 4.0]);
        let equal = equality(&[10.0, 13.0], &covariance, 20.0).unwrap();
        let pair = pairwise(&[10.0, 13.0], &covariance, 20.0, 0.95).unwrap()[0].contrast;
        assert!((equal.f - pair.t * pair.t).abs() < 1e-12 && (equal.p_f - pair.p).abs() < 1e-12);
    }

    #[test]
    fn groups_without_variation_cannot_be_tested() {
        let error = equality(&[1.0, 1.0], &DMatrix::zeros(2, 2), 20.0).unwrap_err();
        assert!(matches!(error, Error::Singular { .. }));
        let same = pairwise(&[1.0, 1.0], &DMatrix::zeros(2, 2), 20.0, 0.95).unwrap()[0].contrast;
        assert!(same.p.is_nan(), "no difference and no error: no p value");
    }

    #[test]
    fn equal_scores_have_no_trend() {
        assert!(trend_coefficients(&[2.0, 2.0]).is_err());
        assert_eq!(trend_coefficients(&[1.0, 3.0]).unwrap(), [-0.5, 0.5]);
    }
}

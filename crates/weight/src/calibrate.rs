//! Calibration (Deville and Särndal 1992): weights close to the base weights that meet all totals.

use survey::design::Adjustment;

use crate::link::Link;
use crate::margin::{check_equal_totals, check_weights};
use crate::system::{Solution, System};
pub use crate::totals::{CalibrateOptions, Distance, NumericTotal, Totals};
use crate::{Error, Miss};

/// Calibrated weights and how they were reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// Weight per row.
    pub weights: Vec<f64>,
    /// Newton steps.
    pub rounds: usize,
    /// The tolerance was met; otherwise the caller warns with `worst`.
    pub converged: bool,
    /// The total that is furthest off.
    pub worst: Miss,
    /// What the variance needs.
    pub adjustment: Adjustment,
}

/// Calibrates `base` (weight per row) to `totals`.
pub fn calibrate(
    base: &[f64],
    totals: &Totals,
    options: &CalibrateOptions,
) -> Result<Calibrated, Error> {
    check_weights(base)?;
    check_totals(base, totals)?;
    let link = Link::new(options)?;
    let system = System::new(base, totals, options)?;
    system.check_bounds(link)?;
    let solution = system.solve(link, options)?;
    let g = system.g_of_rows(&solution.linear, link, base);
    let weights = base.iter().zip(&g).map(|(base, g)| base * g).collect();
    let adjustment = system.adjustment(base, totals, options, g);
    let Solution { rounds, converged, worst, .. } = solution;
    Ok(Calibrated { weights, rounds, converged, worst, adjustment })
}

fn check_totals(base: &[f64], totals: &Totals) -> Result<(), Error> {
    totals.margins.iter().try_for_each(|margin| margin.check(base))?;
    let population = totals.population.iter().map(|&population| ("population", population));
    let margins = totals.margins.iter().map(|margin| (margin.name.as_str(), margin.population()));
    let sums: Vec<_> = population.chain(margins).collect();
    if sums.is_empty() && totals.numeric.is_empty() {
        let (found, expected) = ("none".into(), "at least one".into());
        return Err(Error::Setting { place: "totals".into(), found, expected });
    }
    check_equal_totals(&sums)?;
    for numeric in &totals.numeric {
        if numeric.values.len() != base.len() {
            let (found, expected) = (numeric.values.len(), base.len());
            return Err(Error::Length { what: numeric.name.clone(), found, expected });
        }
        let missing = |(&value, &weight): (&f64, &f64)| weight > 0.0 && !value.is_finite();
        let rows = numeric.values.iter().zip(base).filter(|row| missing(*row)).count();
        if rows > 0 {
            return Err(Error::MissingAuxiliary { margin: numeric.name.clone(), rows });
        }
        if !numeric.total.is_finite() {
            let (margin, level, total) = (numeric.name.clone(), String::new(), numeric.total);
            return Err(Error::BadTotal { margin, level, total, rows: base.len() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use std::sync::Arc;

    use super::*;
    use crate::margin::tests::margin;
    use crate::rake::{RakeOptions, rake};

    fn totals(sums: [&[f64]; 2]) -> Totals {
        let some = |sums: &[f64]| sums.iter().copied().map(Some).collect::<Vec<_>>();
        let sex = margin("sex", &[0, 0, 1, 1, 0, 1], &some(sums[0]));
        let age = margin("age", &[0, 1, 0, 1, 1, 0], &some(sums[1]));
        Totals { margins: vec![sex, age], ..Totals::default() }
    }

    const BASE: [f64; 6] = [10.0, 12.0, 14.0, 9.0, 8.0, 11.0];

    fn options(distance: Distance, bounds: Option<(f64, f64)>) -> CalibrateOptions {
        CalibrateOptions { distance, bounds, ..CalibrateOptions::default() }
    }

    fn check_met(weights: &[f64]) {
        assert!((weights[0] + weights[1] + weights[4] - 40.0).abs() < 1e-7, "{weights:?}");
        assert!((weights[0] + weights[2] + weights[5] - 45.0).abs() < 1e-7, "{weights:?}");
    }

    #[test]
    fn every_distance_meets_the_totals_and_its_bounds() {
        let totals = totals([&[40.0, 30.0], &[45.0, 25.0]]);
        for distance in [Distance::Linear, Distance::Raking, Distance::Logit] {
            let options = options(distance, Some((0.5, 2.4)));
            let found = calibrate(&BASE, &totals, &options).unwrap();
            check_met(&found.weights);
            let g = found.weights.iter().zip(BASE).map(|(weight, base)| weight / base);
            assert!(found.converged && g.into_iter().all(|g| (0.5..=2.4).contains(&g)));
        }
    }

    #[test]
    fn raking_distance_gives_the_raked_weights() {
        let totals = totals([&[40.0, 30.0], &[45.0, 25.0]]);
        let calibrated = calibrate(&BASE, &totals, &options(Distance::Raking, None)).unwrap();
        let raked = rake(&BASE, &totals.margins, &RakeOptions::default()).unwrap();
        for (calibrated, raked) in calibrated.weights.iter().zip(&raked.weights) {
            assert!((calibrated - raked).abs() < 1e-8);
        }
    }

    #[test]
    fn bounds_too_tight_for_a_level_name_it() {
        let totals = totals([&[60.0, 10.0], &[35.0, 35.0]]);
        let error =
            calibrate(&BASE, &totals, &options(Distance::Logit, Some((0.9, 1.1)))).unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("margin `sex`: level `0` stays at 33"), "{message}");
        assert!(message.contains("within the bounds 0.9 to 1.1"), "{message}");
    }

    #[test]
    fn bounds_too_tight_for_the_margins_together_are_an_error() {
        let totals = totals([&[36.0, 28.0], &[30.0, 34.0]]);
        let options = options(Distance::Linear, Some((0.85, 1.25)));
        let error = calibrate(&BASE, &totals, &options).unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    }

    #[test]
    fn a_collinear_auxiliary_with_the_same_total_changes_nothing() {
        let mut totals = totals([&[40.0, 30.0], &[45.0, 25.0]]);
        let once = calibrate(&BASE, &totals, &options(Distance::Linear, None)).unwrap();
        totals.margins.push(totals.margins[0].clone());
        totals.population = Some(70.0);
        let twice = calibrate(&BASE, &totals, &options(Distance::Linear, None)).unwrap();
        for (once, twice) in once.weights.iter().zip(&twice.weights) {
            assert!((once - twice).abs() < 1e-9);
        }
    }

    #[test]
    fn a_collinear_auxiliary_with_another_total_is_an_error() {
        let values: Arc<[f64]> = [1.0, 1.0, 0.0, 0.0, 1.0, 0.0].into();
        let mut totals = totals([&[40.0, 30.0], &[45.0, 25.0]]);
        totals.numeric.push(NumericTotal { name: "is_first".into(), values, total: 44.0 });
        let error = calibrate(&BASE, &totals, &options(Distance::Linear, None)).unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    }

    #[test]
    fn a_missing_numeric_auxiliary_is_an_error() {
        let values: Arc<[f64]> = [1.0, f64::NAN, 0.0, 0.0, 1.0, 0.0].into();
        let income = NumericTotal { name: "income".into(), values, total: 44.0 };
        let totals = Totals { numeric: vec![income], ..Totals::default() };
        let error = calibrate(&BASE, &totals, &options(Distance::Linear, None)).unwrap_err();
        assert_eq!(error, Error::MissingAuxiliary { margin: "income".into(), rows: 1 });
    }

    #[test]
    fn logit_without_bounds_is_an_error() {
        let totals = totals([&[40.0, 30.0], &[45.0, 25.0]]);
        assert!(calibrate(&BASE, &totals, &options(Distance::Logit, None)).is_err());
        assert!(calibrate(&BASE, &totals, &options(Distance::Logit, Some((1.1, 1.5)))).is_err());
        assert!(calibrate(&BASE, &totals, &options(Distance::Raking, Some((1.5, 1.2)))).is_err());
    }

    #[test]
    fn g_is_equal_within_units_when_asked() {
        let totals = totals([&[40.0, 30.0], &[45.0, 25.0]]);
        let units: Arc<[u32]> = [0, 0, 1, 1, 2, 3].into();
        let options =
            CalibrateOptions { equal_within: Some(units), ..options(Distance::Linear, None) };
        let found = calibrate(&[10.0; 6], &totals, &options).unwrap();
        check_met(&found.weights);
        assert!((found.weights[0] - found.weights[1]).abs() < 1e-12);
        assert!((found.weights[2] - found.weights[3]).abs() < 1e-12);
    }
}

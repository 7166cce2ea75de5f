//! Cell post-stratification.

use survey::design::Adjustment;

use crate::margin::check_weights;
use crate::{Error, Margin};

/// Weights scaled within each cell to its population total.
#[derive(Debug, Clone, PartialEq)]
pub struct PostStratified {
    /// Weight per row.
    pub weights: Vec<f64>,
    /// What the variance needs.
    pub adjustment: Adjustment,
}

/// Scales `base` (weight per row) so that every level of `cells` meets its total.
pub fn post_stratify(base: &[f64], cells: &Margin) -> Result<PostStratified, Error> {
    check_weights(base)?;
    cells.check(base)?;
    let mut sums = vec![0.0; cells.levels.len()];
    for (&code, &weight) in cells.codes.iter().zip(base) {
        if weight > 0.0 {
            sums[code as usize] += weight;
        }
    }
    let factor: Vec<f64> = (0..sums.len()).map(|level| cells.total(level) / sums[level]).collect();
    let scaled = |(&code, &weight): (&u32, &f64)| {
        if weight > 0.0 { weight * factor[code as usize] } else { 0.0 }
    };
    let weights: Vec<f64> = cells.codes.iter().zip(base).map(scaled).collect();
    let adjustment = Adjustment::PostStratified {
        cells: cells.factor(),
        before: base.into(),
        after: weights.as_slice().into(),
    };
    Ok(PostStratified { weights, adjustment })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use proptest::prelude::*;

    use super::*;
    use crate::margin::tests::margin;

    #[test]
    fn a_negative_or_missing_weight_is_an_error() {
        let cells = margin("sex", &[0, 0], &[Some(10.0)]);
        assert_eq!(post_stratify(&[1.0, -1.0], &cells).unwrap_err(), Error::BadWeight { rows: 1 });
        assert_eq!(
            post_stratify(&[f64::NAN, 1.0], &cells).unwrap_err(),
            Error::BadWeight { rows: 1 }
        );
        assert_eq!(post_stratify(&[0.0, 0.0], &cells).unwrap_err(), Error::NoWeight);
    }

    proptest! {
        #[test]
        fn every_total_is_met_to_1e_12(
            rows in proptest::collection::vec((0_u32..4, 0.01_f64..100.0), 1..300),
            totals in proptest::collection::vec(1.0_f64..1e7, 4),
        ) {
            let codes: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let base: Vec<f64> = rows.iter().map(|row| row.1).collect();
            let total = |level: u32| codes.contains(&level).then_some(totals[level as usize]);
            let totals: Vec<_> = (0..4).map(total).collect();
            let weights = post_stratify(&base, &margin("cell", &codes, &totals)).unwrap().weights;
            for (level, total) in totals.iter().enumerate().filter_map(|(l, t)| t.map(|t| (l, t))) {
                let of_level = codes.iter().zip(&weights).filter(|row| *row.0 == level as u32);
                let found: f64 = of_level.map(|row| row.1).sum();
                prop_assert!((found - total).abs() <= 1e-12 * total);
            }
        }
    }
}

//! Change of an estimate between two waves.

use crate::contrast::{Contrast, of_difference};
use crate::{Error, Influence, Linearisation};

/// One wave's estimate for a test of change.
#[derive(Debug, Clone, Copy)]
pub struct WaveEstimate<'a> {
    /// Design of the wave.
    pub linearisation: &'a Linearisation,
    /// Estimate and contributions of its rows.
    pub influence: &'a Influence,
    /// Key of the PSU of each row, the same in both waves for the same unit.
    pub units: &'a [u64],
}

/// Difference `later - earlier` of two samples that share nobody; each an estimate, its standard error and its degrees of freedom (Welch–Satterthwaite).
pub fn independent(earlier: (f64, f64, f64), later: (f64, f64, f64), confidence: f64) -> Contrast {
    let variances = (earlier.1 * earlier.1, later.1 * later.1);
    let df = satterthwaite([(variances.0, earlier.2), (variances.1, later.2)]);
    of_difference(later.0 - earlier.0, (variances.0 + variances.1).sqrt(), df, confidence)
}

/// Difference `later - earlier` with the covariance of the units that are in both waves.
///
/// Cov = Σ over shared units of the two adjusted unit totals, times the square root of both
/// waves' stratum factors (Kish 1965, paired part of overlapping samples).
pub fn overlapping(
    earlier: WaveEstimate<'_>,
    later: WaveEstimate<'_>,
    confidence: f64,
) -> Result<Contrast, Error> {
    let (before, after) = (earlier.unit_totals()?, later.unit_totals()?);
    let mut shared = 0.0;
    let (mut left, mut right) = (before.iter().peekable(), after.iter().peekable());
    while let (Some(&&(a, x)), Some(&&(b, y))) = (left.peek(), right.peek()) {
        match a.cmp(&b) {
            std::cmp::Ordering::Less => left.next(),
            std::cmp::Ordering::Greater => right.next(),
            std::cmp::Ordering::Equal => {
                shared += x * y;
                left.next();
                right.next()
            }
        };
    }
    let of = |wave: WaveEstimate<'_>| wave.linearisation.variance(wave.influence);
    let variances = (of(earlier)?, of(later)?);
    let df = satterthwaite([
        (variances.0, earlier.linearisation.degrees_of_freedom(None) as f64),
        (variances.1, later.linearisation.degrees_of_freedom(None) as f64),
    ]);
    let variance = (variances.0 + variances.1 - 2.0 * shared).max(0.0);
    let difference = later.influence.estimate - earlier.influence.estimate;
    Ok(of_difference(difference, variance.sqrt(), df, confidence))
}

/// Degrees of freedom of a sum of variances.
fn satterthwaite(parts: [(f64, f64); 2]) -> f64 {
    let sum: f64 = parts.iter().map(|part| part.0).sum();
    let used = parts.iter().filter(|part| part.0 > 0.0);
    let squares: f64 = used
        .map(|(variance, df)| if *df > 0.0 { variance * variance / df } else { f64::INFINITY })
        .sum();
    if squares == 0.0 { parts[0].1 + parts[1].1 } else { sum * sum / squares }
}

impl WaveEstimate<'_> {
    /// Key and centred, scaled total of each unit, by key; Σ of the squares is the variance of the first stage.
    fn unit_totals(&self) -> Result<Vec<(u64, f64)>, Error> {
        let (found, expected) = (self.units.len(), self.influence.contributions.len());
        if found != expected {
            return Err(Error::Length { what: "units".into(), found, expected });
        }
        let contributions = self.linearisation.adjusted(self.influence)?;
        let totals = self.linearisation.scaled_unit_totals(&contributions);
        let mut keyed = vec![None; totals.len()];
        for (row, &unit) in self.linearisation.unit_of_row().iter().enumerate() {
            if let Some(key) = keyed.get_mut(unit as usize) {
                *key = Some(self.units[row]);
            }
        }
        let mut keyed: Vec<(u64, f64)> = keyed.into_iter().flatten().zip(totals).collect();
        keyed.sort_unstable_by_key(|unit| unit.0);
        if keyed.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            let (found, expected) = ("a key for two units".into(), "one unit a key".into());
            return Err(Error::Argument { place: "units of a wave".into(), found, expected });
        }
        Ok(keyed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use survey::design::Design;

    use super::*;
    use crate::point::mean;

    fn wave(values: &[f64]) -> (Linearisation, Influence) {
        let linearisation =
            Linearisation::new(Design::of_elements(vec![1.0; values.len()])).unwrap();
        let influence = mean(linearisation.weights(), values, &vec![true; values.len()]).unwrap();
        (linearisation, influence)
    }

    fn change(earlier: &[f64], later: &[f64], keys: [&[u64]; 2]) -> Contrast {
        let (first, second) = (wave(earlier), wave(later));
        let estimate = |wave: usize| {
            let (linearisation, influence) =
                if wave == 0 { (&first.0, &first.1) } else { (&second.0, &second.1) };
            WaveEstimate { linearisation, influence, units: keys[wave] }
        };
        overlapping(estimate(0), estimate(1), 0.95).unwrap()
    }

    const BEFORE: [f64; 5] = [1.0, 2.0, 4.0, 7.0, 9.0];
    const AFTER: [f64; 5] = [2.0, 2.0, 6.0, 8.0, 9.0];

    #[test]
    fn the_same_people_twice_give_the_paired_test() {
        let found = change(&BEFORE, &AFTER, [&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5]]);
        let differences: Vec<f64> =
            BEFORE.iter().zip(AFTER).map(|(before, after)| after - before).collect();
        let (linearisation, influence) = wave(&differences);
        let variance = linearisation.variance(&influence).unwrap();
        assert!((found.standard_error - variance.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn different_people_give_the_independent_test() {
        let found = change(&BEFORE, &AFTER, [&[1, 2, 3, 4, 5], &[6, 7, 8, 9, 10]]);
        let (first, second) = (wave(&BEFORE), wave(&AFTER));
        let side = |(linearisation, influence): &(Linearisation, Influence)| {
            (influence.estimate, linearisation.variance(influence).unwrap().sqrt(), 4.0)
        };
        let expected = independent(side(&first), side(&second), 0.95);
        assert!((found.standard_error - expected.standard_error).abs() < 1e-12);
        assert!((found.p - expected.p).abs() < 1e-12);
    }

    #[test]
    fn people_are_matched_by_key_and_not_by_place() {
        let straight = change(&BEFORE, &AFTER, [&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5]]);
        let turned: Vec<f64> = AFTER.iter().rev().copied().collect();
        let found = change(&BEFORE, &turned, [&[1, 2, 3, 4, 5], &[5, 4, 3, 2, 1]]);
        assert!((found.standard_error - straight.standard_error).abs() < 1e-12);
    }

    #[test]
    fn a_wave_without_error_leaves_the_other_ones_degrees_of_freedom() {
        assert_eq!(independent((0.0, 0.0, 7.0), (0.5, 0.1, 40.0), 0.95).degrees_of_freedom, 40.0);
    }
}

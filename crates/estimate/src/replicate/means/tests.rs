#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
use survey::design::NO_CODE;

use super::*;
use crate::replicate::estimate;

/// Replicates by a formula; some rows get 0.
struct Formula {
    scales: Vec<f64>,
    mse: bool,
}

impl Replicates for Formula {
    fn count(&self) -> usize {
        self.scales.len()
    }
    fn scale(&self) -> f64 {
        0.7
    }
    fn replicate_scales(&self) -> &[f64] {
        &self.scales
    }
    fn mean_squared_error(&self) -> bool {
        self.mse
    }
    fn fill(&self, index: usize, weights: &mut [f64]) {
        for (row, weight) in weights.iter_mut().enumerate() {
            *weight = ((row * 7 + index * 13) % 11) as f64;
        }
    }
}

const ROWS: usize = 2000;

fn codes(levels: u32) -> Vec<u32> {
    let code = |row: u32| if row.is_multiple_of(17) { NO_CODE } else { (row / 3) % levels };
    (0..ROWS as u32).map(code).collect()
}

fn check(mse: bool) {
    let replicates = Formula { scales: (0..21).map(|k| f64::from(k % 3)).collect(), mse };
    let full: Vec<f64> = (0..ROWS).map(|row| (row % 5) as f64).collect();
    let binary: Vec<u8> =
        (0..ROWS).map(|row| if row % 29 == 0 { 9 } else { (row % 2) as u8 }).collect();
    let complete: Vec<u8> = (0..ROWS).map(|row| u8::from(row % 7 < 3)).collect();
    let numeric: Vec<f64> =
        (0..ROWS).map(|row| if row % 31 == 0 { f64::NAN } else { (row % 13) as f64 }).collect();
    let number =
        |row: usize| if row.is_multiple_of(23) { f64::NAN } else { (row * 37 % 101) as f64 / 7.0 };
    let many: Vec<f64> = (0..ROWS).map(number).collect();
    let indicators = [
        Values::Binary(&binary),
        Values::Numeric(&many),
        Values::Numeric(&numeric),
        Values::Binary(&complete),
        Values::Binary(&complete),
        Values::Binary(&complete),
    ];
    let all = [codes(1), codes(3), codes(4), codes(40)];
    let breakdowns: Vec<Breakdown<'_>> =
        all.iter().zip([1, 3, 5, 40]).map(|(codes, levels)| Breakdown { codes, levels }).collect();
    let found = means(&replicates, &full, &indicators, &breakdowns).unwrap();
    for (values, found) in indicators.iter().zip(&found) {
        for (breakdown, found) in breakdowns.iter().zip(found) {
            for (level, found) in found.iter().enumerate() {
                let statistic = |weights: &[f64], out: &mut [f64]| {
                    let (mut sum, mut size) = (0.0, 0.0);
                    for (row, weight) in weights.iter().enumerate() {
                        let value = values.value(row);
                        let inside = breakdown.codes[row] as usize == level && full[row] > 0.0;
                        if inside && value.is_finite() {
                            sum += weight * value;
                            size += weight;
                        }
                    }
                    out[0] = sum / size;
                };
                let expected = estimate(&replicates, &full, 1, |_| Ok(()), statistic).unwrap();
                if expected.estimates[0].is_nan() {
                    assert!(found.mean.is_nan() && found.standard_error.is_nan());
                    continue;
                }
                assert!((found.mean - expected.estimates[0]).abs() < 1e-12);
                let error = expected.covariance[(0, 0)].sqrt();
                assert!((found.standard_error - error).abs() < 1e-10, "{found:?} {error}");
                assert_eq!(found.used, expected.used);
            }
        }
    }
}

#[test]
fn the_fused_pass_gives_what_one_estimate_at_a_time_gives() {
    check(true);
    check(false);
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let replicates = Formula { scales: vec![1.0; 40], mse: true };
    let answers: Vec<u8> = (0..ROWS).map(|row| u8::from(row % 3 == 0)).collect();
    let codes = codes(3);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let breakdowns = [Breakdown { codes: &codes, levels: 3 }];
        let indicators = [Values::Binary(&answers)];
        pool.install(|| means(&replicates, &vec![1.0; ROWS], &indicators, &breakdowns)).unwrap()
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(8));
}

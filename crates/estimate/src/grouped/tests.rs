//! The fast way against the exact one.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use survey::design::{Adjustment, Auxiliaries, Design, Factor, LonelyPsu};

use super::*;
use crate::kernel::means;

const ROWS: usize = 600;

/// Numbers that look random and are always the same.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    }
}

/// Strata with populations, two calibration factors, g constant in their cross; trimmed weights when `trim`.
fn design(strata: u32, calibrated: bool, trim: bool) -> Design {
    let mut random = noise(7);
    let base: Vec<f64> =
        (0..ROWS).map(|row| if row % 97 == 5 { 0.0 } else { 1.0 + 3.0 * random() }).collect();
    let codes: Vec<Vec<u32>> =
        (0..2).map(|_| (0..ROWS).map(|_| (random() * 3.0) as u32).collect()).collect();
    let g: Vec<f64> = (0..ROWS)
        .map(|row| 0.7 + 0.2 * f64::from(codes[0][row]) + 0.1 * f64::from(codes[1][row]))
        .collect();
    let mut weights: Vec<f64> = base.iter().zip(&g).map(|(base, g)| base * g).collect();
    if trim {
        weights
            .iter_mut()
            .filter(|weight| **weight > 0.0)
            .for_each(|weight| *weight = weight.clamp(1.5, 3.0));
    }
    let stratum: Vec<u32> = (0..ROWS as u32).map(|row| row * strata / ROWS as u32).collect();
    let population = stratum.iter().map(|stratum| 900.0 + f64::from(*stratum)).collect();
    let mut design = Design::stratified(weights, stratum, Some(population), LonelyPsu::Fail);
    if calibrated {
        let factors =
            codes.into_iter().map(|codes| Factor { codes: codes.into(), levels: 3 }).collect();
        let auxiliaries = Auxiliaries { intercept: false, factors, columns: Vec::new() };
        let (base, g) = (base.into(), g.into());
        design.adjustments.push(Adjustment::Regression { auxiliaries, base, g, variance: None });
    }
    design
}

fn near(found: f64, expected: f64) -> bool {
    (found.is_nan() && expected.is_nan())
        || (found - expected).abs() <= 1e-10 * expected.abs().max(1e-3)
}

fn check(design: Design) {
    let linearisation = Linearisation::new(design).unwrap();
    let mut random = noise(11);
    let binary: Vec<u8> = (0..ROWS).map(|_| [0, 0, 1, 1, 9][(random() * 5.0) as usize]).collect();
    let rare: Vec<u8> = (0..ROWS).map(|row| u8::from(row % 61 == 3)).collect();
    let numbers: Vec<f64> = (0..ROWS)
        .map(|row| if row % 7 == 2 { f64::NAN } else { 650.0 + 100.0 * random() })
        .collect();
    let codes: Vec<u32> = (0..ROWS).map(|row| [0, 1, 2, 4, NO_CODE][row % 5]).collect();
    let breakdowns =
        [Breakdown { codes: &vec![0; ROWS], levels: 1 }, Breakdown { codes: &codes, levels: 5 }];
    let indicators = [Values::Binary(&binary), Values::Binary(&rare), Values::Numeric(&numbers)];
    assert!(Grouped::new(&linearisation, &breakdowns).is_some(), "the fast way is taken");
    let cells = means(&linearisation, &indicators, &breakdowns).unwrap();
    for (values, cells) in indicators.iter().zip(&cells) {
        for (breakdown, cells) in breakdowns.iter().zip(cells) {
            for (level, fast) in cells.iter().enumerate() {
                let slow = exact(&linearisation, *values, breakdown, level).unwrap();
                assert_eq!(
                    (fast.respondents, fast.nonzero, fast.degrees_of_freedom),
                    (slow.respondents, slow.nonzero, slow.degrees_of_freedom)
                );
                assert!(
                    near(fast.mean, slow.mean) && near(fast.standard_error, slow.standard_error),
                    "{fast:?} {slow:?}"
                );
                assert!(
                    near(fast.weight_sum, slow.weight_sum)
                        && near(fast.effective_sample_size, slow.effective_sample_size)
                );
                assert!(
                    near(fast.standard_deviation, slow.standard_deviation)
                        && near(fast.design_effect, slow.design_effect),
                    "{fast:?} {slow:?}"
                );
            }
        }
    }
}

#[test]
fn the_fast_way_gives_the_exact_numbers() {
    for strata in [1, 4] {
        check(design(strata, false, false));
        check(design(strata, true, false));
        check(design(strata, true, true));
    }
}

#[test]
fn an_empty_category_and_equal_answers_have_defined_results() {
    let linearisation = Linearisation::new(design(2, true, false)).unwrap();
    let breakdown = [Breakdown { codes: &vec![1; ROWS], levels: 3 }];
    let cells = means(&linearisation, &[Values::Binary(&[1; ROWS])], &breakdown).unwrap();
    let [none, all, _] = cells[0][0].as_slice() else { panic!("three categories") };
    assert!(none.respondents == 0 && none.mean.is_nan() && none.standard_error.is_nan());
    assert!(all.mean == 1.0 && all.standard_error == 0.0 && all.design_effect.is_nan());
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let linearisation = Linearisation::new(design(4, true, false)).unwrap();
    let mut random = noise(3);
    let values: Vec<Vec<u8>> =
        (0..20).map(|_| (0..ROWS).map(|_| (random() * 2.0) as u8).collect()).collect();
    let indicators: Vec<Values<'_>> = values.iter().map(|values| Values::Binary(values)).collect();
    let codes: Vec<u32> = (0..ROWS as u32).map(|row| row % 4).collect();
    let breakdowns = [Breakdown { codes: &codes, levels: 4 }];
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| means(&linearisation, &indicators, &breakdowns)).unwrap()
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn scaling_the_weights_changes_no_share_and_no_error() {
    let of = |scale: f64| {
        let mut design = design(2, false, false);
        design.weights.iter_mut().for_each(|weight| *weight *= scale);
        let linearisation = Linearisation::new(design).unwrap();
        let values: Vec<u8> = (0..ROWS).map(|row| u8::from(row % 3 == 0)).collect();
        let breakdown = [Breakdown { codes: &vec![0; ROWS], levels: 1 }];
        means(&linearisation, &[Values::Binary(&values)], &breakdown).unwrap()[0][0][0]
    };
    let (one, many) = (of(1.0), of(1234.5));
    assert!(near(one.mean, many.mean) && near(one.standard_error, many.standard_error));
}

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
use survey::design::{Adjustment, Auxiliaries, Design, Factor, LonelyPsu, NO_CODE, Stage};

use super::*;
use crate::exact::exact;
use crate::kernel::{Kernel, means};

const ROWS: usize = 600;

fn code(row: usize, salt: usize, levels: usize) -> u32 {
    ((row * 7919 + salt * 104_729 + row / 13) % levels) as u32
}

fn codes(salt: usize, levels: usize) -> Vec<u32> {
    (0..ROWS).map(|row| code(row, salt, levels)).collect()
}

/// Five strata of clusters, elements within clusters, a lone PSU in stratum 4 where `lonely` allows it.
fn design(stages: usize, population: bool, lonely: LonelyPsu, is_calibrated: bool) -> Design {
    calibrated(stages, population, lonely, (is_calibrated, 0, false))
}

/// The same with so many numeric auxiliaries, and with a variance of the regression.
fn calibrated(
    stages: usize,
    population: bool,
    lonely: LonelyPsu,
    (is_calibrated, numbers, has_variance): (bool, usize, bool),
) -> Design {
    let strata: Vec<u32> = (0..ROWS).map(|row| row as u32 * 5 / ROWS as u32).collect();
    let cluster = |row: usize| {
        let is_lone = strata[row] == 4 && lonely != LonelyPsu::Fail;
        strata[row] * 20 + if is_lone { 0 } else { code(row, 1, 9) }
    };
    let clusters: Vec<u32> = (0..ROWS).map(cluster).collect();
    let first =
        Stage { strata, units: clusters.clone(), population: population.then(|| vec![40.0; ROWS]) };
    let second = Stage {
        strata: vec![0; ROWS],
        units: (0..ROWS as u32).collect(),
        population: population.then(|| vec![300.0; ROWS]),
    };
    let weights: Vec<f64> = (0..ROWS)
        .map(|row| if row % 41 == 0 { 0.0 } else { 1.0 + f64::from(code(row, 5, 7)) })
        .collect();
    let base: Vec<f64> = (0..ROWS).map(|row| if weights[row] > 0.0 { 2.0 } else { 0.0 }).collect();
    let ratio = |row: usize| if base[row] > 0.0 { weights[row] / base[row] } else { 1.0 };
    let factors = vec![
        Factor { codes: codes(2, 3).into(), levels: 3 },
        Factor { codes: codes(3, 4).into(), levels: 4 },
    ];
    let column = |salt: usize| (0..ROWS).map(|row| f64::from(code(row, salt, 30)) / 3.0).collect();
    let columns = (0..numbers).map(|number| column(20 + number)).collect();
    let variance = || (0..ROWS).map(|row| 1.0 + f64::from(code(row, 30, 4))).collect();
    let adjustment = Adjustment::Regression {
        auxiliaries: Auxiliaries { intercept: numbers == 2, factors, columns },
        base: base.clone().into(),
        g: (0..ROWS).map(ratio).collect(),
        variance: has_variance.then(variance),
    };
    Design {
        stages: [first, second].into_iter().take(stages).collect(),
        weights,
        lonely_psu: lonely,
        adjustments: if is_calibrated { vec![adjustment] } else { Vec::new() },
    }
}

fn near(found: f64, expected: f64) -> bool {
    (found.is_nan() && expected.is_nan())
        || (found - expected).abs() <= 1e-11 * (1.0 + expected.abs())
}

fn check(design: Design, place: &str) {
    let linearisation = Linearisation::new(design).unwrap();
    let yes: Vec<u8> = (0..ROWS).map(|row| u8::from(code(row, 8, 10) < 3)).collect();
    let partly: Vec<u8> = (0..ROWS)
        .map(|row| if row % 6 == 0 { 9 } else { u8::from(code(row, 9, 10) < 5) })
        .collect();
    let numbers: Vec<f64> = (0..ROWS)
        .map(|row| if row % 10 == 3 { f64::NAN } else { f64::from(code(row, 11, 50)) })
        .collect();
    let all = vec![1_u8; ROWS];
    let indicators = [
        Values::Binary(&yes),
        Values::Binary(&partly),
        Values::Numeric(&numbers),
        Values::Binary(&all),
    ];
    let mut groups = codes(4, 4);
    groups.iter_mut().step_by(19).for_each(|code| *code = NO_CODE);
    // The number of levels is no level either, and level 4 has nobody.
    groups.iter_mut().step_by(23).for_each(|code| *code = 5);
    let breakdowns =
        [Breakdown { codes: &vec![0; ROWS], levels: 1 }, Breakdown { codes: &groups, levels: 5 }];
    let found = means(&linearisation, &indicators, &breakdowns).unwrap();
    assert!(Clustered::new(&linearisation).is_some());
    for (index, values) in indicators.iter().enumerate() {
        for (cut, breakdown) in breakdowns.iter().enumerate() {
            let domains = Kernel::new(&linearisation).domains(*values, breakdown).unwrap();
            for (level, found) in found[index][cut].iter().enumerate() {
                let expected = exact(&linearisation, *values, breakdown, level).unwrap();
                for cell in [*found, domains.cells[level]] {
                    assert!(near(cell.mean, expected.mean), "{place}: {cell:?} {expected:?}");
                    assert!(
                        near(cell.standard_error, expected.standard_error),
                        "{place}: {cell:?} {expected:?}"
                    );
                    assert!(
                        near(cell.design_effect, expected.design_effect),
                        "{place}: {cell:?} {expected:?}"
                    );
                    assert!(
                        near(cell.standard_deviation, expected.standard_deviation),
                        "{place}: {cell:?} {expected:?}"
                    );
                    assert!(near(cell.weight_sum, expected.weight_sum), "{place}");
                    assert_eq!(
                        (cell.respondents, cell.nonzero, cell.degrees_of_freedom),
                        (expected.respondents, expected.nonzero, expected.degrees_of_freedom),
                        "{place}"
                    );
                }
            }
        }
    }
}

#[test]
fn clusters_stages_populations_and_lone_psus_give_what_influence_values_give() {
    for is_calibrated in [false, true] {
        for stages in [1, 2] {
            for population in [false, true] {
                let policies =
                    [LonelyPsu::Fail, LonelyPsu::Remove, LonelyPsu::Adjust, LonelyPsu::Average];
                for lonely in policies {
                    let place = format!("{is_calibrated} {stages} {population} {lonely:?}");
                    check(design(stages, population, lonely, is_calibrated), &place);
                }
            }
        }
    }
}

#[test]
fn the_covariance_of_categories_is_that_of_their_influence_values() {
    let linearisation = Linearisation::new(design(2, true, LonelyPsu::Fail, true)).unwrap();
    let numbers: Vec<f64> = (0..ROWS).map(|row| f64::from(code(row, 11, 50))).collect();
    let groups = codes(4, 3);
    let breakdown = Breakdown { codes: &groups, levels: 3 };
    let found = Kernel::new(&linearisation).domains(Values::Numeric(&numbers), &breakdown).unwrap();
    let of_level = |level: u32| {
        let rows: Vec<bool> = groups.iter().map(|code| *code == level).collect();
        crate::point::mean(linearisation.weights(), &numbers, &rows).unwrap()
    };
    let influences: Vec<_> = (0..3).map(of_level).collect();
    let expected = linearisation.covariance(&influences).unwrap();
    assert!((&found.covariance - &expected).amax() < 1e-12 * expected.amax());
    for (level, influence) in influences.iter().enumerate() {
        let contributions = linearisation.adjusted(influence).unwrap();
        let totals = linearisation.scaled_unit_totals(&contributions);
        for (found, expected) in found.unit_totals[level].iter().zip(totals) {
            assert!((found - expected).abs() < 1e-13);
        }
    }
}

#[test]
fn the_variance_of_a_calibrated_share_is_zero() {
    let linearisation = Linearisation::new(design(1, false, LonelyPsu::Fail, true)).unwrap();
    let first: Vec<u8> = codes(2, 3).iter().map(|code| u8::from(*code == 1)).collect();
    let breakdown = Breakdown { codes: &vec![0; ROWS], levels: 1 };
    let cells = means(&linearisation, &[Values::Binary(&first)], &[breakdown]).unwrap();
    assert!(cells[0][0][0].standard_error < 1e-14);
}

#[test]
fn numeric_auxiliaries_give_what_influence_values_give() {
    for numbers in [1, 2, 3] {
        for population in [false, true] {
            for has_variance in [false, true] {
                let place = format!("{numbers} {population} {has_variance}");
                let calibration = (true, numbers, has_variance);
                check(calibrated(1, population, LonelyPsu::Adjust, calibration), &place);
            }
        }
    }
    let mut elements = calibrated(2, false, LonelyPsu::Fail, (true, 2, false));
    elements.stages.remove(0);
    assert!(Clustered::new(&Linearisation::new(elements).unwrap()).is_none());
}

#[test]
fn several_weighting_steps_take_the_exact_way() {
    let mut design = design(1, false, LonelyPsu::Fail, true);
    design.adjustments.push(design.adjustments[0].clone());
    let linearisation = Linearisation::new(design).unwrap();
    assert!(Clustered::new(&linearisation).is_none());
    let yes: Vec<u8> = (0..ROWS).map(|row| u8::from(row % 3 == 0)).collect();
    let breakdown = Breakdown { codes: &codes(4, 3), levels: 3 };
    let found = Kernel::new(&linearisation).domains(Values::Binary(&yes), &breakdown).unwrap();
    let expected = exact(&linearisation, Values::Binary(&yes), &breakdown, 1).unwrap();
    assert_eq!(found.cells[1], expected);
    assert!((found.covariance[(1, 1)].sqrt() - expected.standard_error).abs() < 1e-15);
}

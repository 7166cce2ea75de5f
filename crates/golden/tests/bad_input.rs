//! Numbers that no sample should have, but some do: each gives a defined result or an error that says what is wrong.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::slice::from_ref;

use estimate::kernel::{Breakdown, Cell, Values, means};
use estimate::{Linearisation, contrast, point, replicate};
use survey::design::{Design, LonelyPsu, NO_CODE, Replicates, Stage};
use weight::calibrate::{CalibrateOptions, Totals, calibrate};
use weight::nonresponse::adjust_classes;
use weight::post_stratify::post_stratify;
use weight::rake::{RakeOptions, Raking, rake};
use weight::replicate::{Method, ReplicatePlan, Reweighted};
use weight::trim::{TrimOptions, trim};
use weight::{Level, Margin};

fn margin(name: &str, codes: &[u32], totals: &[f64]) -> Margin {
    let level =
        |(code, &total): (usize, &f64)| Level { name: code.to_string(), total: Some(total) };
    let levels = totals.iter().enumerate().map(level).collect();
    Margin { name: name.into(), codes: codes.into(), levels }
}

/// The cells of one indicator, by category.
fn cells(design: Design, answers: &[u8], codes: &[u32], levels: usize) -> Vec<Cell> {
    let linearisation = Linearisation::new(design).unwrap();
    let values = [Values::Binary(answers)];
    means(&linearisation, &values, &[Breakdown { codes, levels }]).unwrap().remove(0).remove(0)
}

fn clusters(weights: Vec<f64>, units: &[u32]) -> Design {
    let stage = Stage { strata: vec![0; weights.len()], units: units.to_vec(), population: None };
    Design { stages: vec![stage], ..Design::of_elements(weights) }
}

#[test]
fn nobody_gives_no_weights_and_no_figure() {
    let empty = margin("sex", &[], &[]);
    assert_eq!(
        rake(&[], from_ref(&empty), &RakeOptions::default()).unwrap_err(),
        weight::Error::NoWeight
    );
    assert_eq!(post_stratify(&[], &empty).unwrap_err(), weight::Error::NoWeight);
    let totals = Totals { margins: vec![empty], ..Totals::default() };
    assert_eq!(
        calibrate(&[], &totals, &CalibrateOptions::default()).unwrap_err(),
        weight::Error::NoWeight
    );
    for design in [Design::of_elements(Vec::new()), clusters(Vec::new(), &[])] {
        let cell = cells(design, &[], &[], 1)[0];
        assert_eq!(
            (cell.respondents, cell.mean.is_nan(), cell.standard_error.is_nan()),
            (0, true, true)
        );
    }
}

#[test]
fn one_respondent_has_a_share_and_no_error() {
    let error = Linearisation::new(Design::of_elements(vec![2.0])).unwrap_err();
    assert!(error.to_string().contains("has one unit, expected two or more"), "{error}");
    for lonely_psu in [LonelyPsu::Remove, LonelyPsu::Adjust, LonelyPsu::Average] {
        let cell = cells(Design { lonely_psu, ..Design::of_elements(vec![2.0]) }, &[1], &[0], 1)[0];
        assert_eq!((cell.mean, cell.respondents, cell.degrees_of_freedom), (1.0, 1, 0));
        let interval = estimate::interval::student(cell.mean, cell.standard_error, 0.0, 0.95);
        assert!(interval.0.is_nan() && interval.1.is_nan(), "{lonely_psu:?}");
    }
    let plan = ReplicatePlan::new(&Design::of_elements(vec![2.0]), Method::RaoWu, 10, 1);
    assert!(plan.unwrap_err().to_string().contains("has 1 units, expected 2 or more"));
}

#[test]
fn a_stratum_with_one_psu_is_refused_by_linearisation_and_replicates_alike() {
    let design = Design::stratified(vec![1.0; 3], vec![0, 0, 1], None, LonelyPsu::Fail);
    let error = Linearisation::new(design.clone()).unwrap_err();
    assert!(error.to_string().starts_with("stage 1: stratum 1 has one unit"), "{error}");
    for method in [Method::RaoWu, Method::Subbootstrap, Method::Jkn] {
        let error = ReplicatePlan::new(&design, method, 10, 1).unwrap_err();
        assert!(error.to_string().contains("stratum 1 has 1 units"), "{error}");
    }
}

#[test]
fn equal_answers_have_no_error_and_no_design_effect() {
    for design in [Design::of_elements(vec![1.5; 6]), clusters(vec![1.5; 6], &[0, 0, 1, 1, 2, 2])] {
        for (answer, mean) in [(1, 1.0), (0, 0.0)] {
            let cell = cells(design.clone(), &[answer; 6], &[0; 6], 1)[0];
            assert_eq!((cell.mean, cell.standard_error), (mean, 0.0));
            assert!(cell.design_effect.is_nan());
        }
    }
    let pair = contrast::of_difference(0.0, 0.0, 10.0, 0.95);
    assert!(pair.t.is_nan() && pair.p.is_nan(), "{pair:?}");
}

#[test]
fn weights_of_zero_leave_a_sample_of_the_others() {
    let with = clusters(vec![2.0, 0.0, 1.0, 3.0, 1.0, 0.0], &[0, 0, 1, 1, 2, 3]);
    let without = clusters(vec![2.0, 1.0, 3.0, 1.0], &[0, 1, 1, 2]);
    let found = cells(with, &[1, 1, 0, 1, 0, 9], &[0; 6], 1);
    assert_eq!(found, cells(without, &[1, 0, 1, 0], &[0; 4], 1));
    let nobody = cells(clusters(vec![0.0; 4], &[0, 1, 2, 3]), &[1, 0, 1, 0], &[0; 4], 1);
    assert_eq!((nobody[0].respondents, nobody[0].mean.is_nan()), (0, true));
}

#[test]
fn weights_that_are_negative_or_not_a_number_are_refused_by_every_step() {
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        let base = [1.0, bad, 2.0];
        let sex = margin("sex", &[0, 0, 1], &[5.0, 5.0]);
        let refused = weight::Error::BadWeight { rows: 1 };
        let totals = Totals { margins: vec![sex.clone()], ..Totals::default() };
        let trimming = TrimOptions { lower: 0.0, upper: 9.0, strict: false };
        let classes = ["all".to_owned()];
        assert_eq!(rake(&base, from_ref(&sex), &RakeOptions::default()).unwrap_err(), refused);
        assert_eq!(
            Raking::new(&base, from_ref(&sex), RakeOptions::default()).unwrap_err(),
            refused
        );
        assert_eq!(calibrate(&base, &totals, &CalibrateOptions::default()).unwrap_err(), refused);
        assert_eq!(post_stratify(&base, &sex).unwrap_err(), refused);
        assert_eq!(trim(&base, trimming).unwrap_err(), refused);
        assert_eq!(adjust_classes(&base, &[true; 3], &[0; 3], &classes).unwrap_err(), refused);
        let plan = ReplicatePlan::new(&Design::of_elements(base.to_vec()), Method::Jk1, 0, 1);
        assert_eq!(plan.unwrap_err(), refused);
    }
    let not_finite = Linearisation::new(Design::of_elements(vec![1.0, f64::INFINITY])).unwrap_err();
    assert_eq!(not_finite, estimate::Error::BadWeight { rows: 1 });
}

#[test]
fn a_population_smaller_than_its_sample_is_refused_by_linearisation_and_replicates_alike() {
    let design = Design::stratified(vec![1.0; 3], vec![7; 3], Some(vec![2.0; 3]), LonelyPsu::Fail);
    let error = Linearisation::new(design.clone()).unwrap_err();
    assert!(
        error.to_string().contains("stratum 7 has population 2 and 3 sampled units"),
        "{error}"
    );
    let error = ReplicatePlan::new(&design, Method::RaoWu, 10, 1).unwrap_err();
    assert!(
        error.to_string().contains("stratum 7 has 3 units, expected no more than the population")
    );
    let missing =
        Design::stratified(vec![1.0; 2], vec![0; 2], Some(vec![f64::NAN; 2]), LonelyPsu::Fail);
    assert!(Linearisation::new(missing).is_err());
}

#[test]
fn a_level_that_nobody_has_in_a_wave_is_an_empty_figure_and_the_others_stay() {
    let answers = [1, 0, 1, 1, 0, 0];
    for design in [Design::of_elements(vec![1.0; 6]), clusters(vec![1.0; 6], &[0, 0, 1, 1, 2, 2])] {
        let found = cells(design.clone(), &answers, &[0, 0, 2, 2, 2, NO_CODE], 4);
        assert_eq!((found[1].respondents, found[1].mean.is_nan()), (0, true));
        assert_eq!((found[3].respondents, found[3].standard_error.is_nan()), (0, true));
        assert_eq!((found[0].respondents, found[2].respondents), (2, 3));
        let together = cells(design, &answers, &[0, 0, 1, 1, 1, NO_CODE], 2);
        assert_eq!((found[0], found[2]), (together[0], together[1]));
    }
}

#[test]
fn a_perfectly_collinear_margin_changes_neither_weights_nor_errors() {
    let base: Vec<f64> = (0..60).map(|row| 1.0 + f64::from(row % 7)).collect();
    let sex: Vec<u32> = (0..60).map(|row| row % 2).collect();
    let age: Vec<u32> = (0..60).map(|row| row / 2 % 3).collect();
    let answers: Vec<u8> = (0..60).map(|row| u8::from(row % 5 < 2)).collect();
    let units: Vec<u32> = (0..60).map(|row| row / 6).collect();
    let once = vec![margin("sex", &sex, &[90.0, 110.0]), margin("age", &age, &[50.0, 70.0, 80.0])];
    // The third margin is the first with its levels the other way round.
    let turned: Vec<u32> = sex.iter().map(|code| 1 - code).collect();
    let thrice = [once.clone(), vec![margin("turned", &turned, &[110.0, 90.0])]].concat();
    let of = |margins: &[Margin], is_clustered: bool| {
        let raked = rake(&base, margins, &RakeOptions::default()).unwrap();
        let design = if is_clustered {
            clusters(raked.weights.clone(), &units)
        } else {
            Design::of_elements(raked.weights.clone())
        };
        let design = Design { adjustments: vec![raked.regression], ..design };
        (raked.weights, cells(design, &answers, &[0; 60], 1)[0])
    };
    for is_clustered in [false, true] {
        let ((weights, cell), (again, other)) =
            (of(&once, is_clustered), of(&thrice, is_clustered));
        for (weight, again) in weights.iter().zip(again) {
            assert!((weight - again).abs() < 1e-9 * weight);
        }
        assert!((cell.standard_error - other.standard_error).abs() < 1e-10, "{cell:?} {other:?}");
    }
    let wrong = [once, vec![margin("turned", &turned, &[111.0, 89.0])]].concat();
    let error = rake(&base, &wrong, &RakeOptions::default()).unwrap_err();
    assert!(error.to_string().contains("no weights meet all totals"), "{error}");
}

#[test]
fn a_replicate_that_cannot_be_raked_is_counted_and_left_out() {
    let base = [1.0; 5];
    let sex = margin("sex", &[0, 1, 1, 1, 1], &[10.0, 40.0]);
    let plan = ReplicatePlan::new(&Design::of_elements(base.to_vec()), Method::Jk1, 0, 1).unwrap();
    let raking = Raking::new(&base, from_ref(&sex), RakeOptions::default()).unwrap();
    let replicates = Reweighted::raked(plan, raking).unwrap();
    let full = rake(&base, &[sex], &RakeOptions::default()).unwrap().weights;
    let answers = [Values::Binary(&[1, 0, 1, 0, 0])];
    let found =
        replicate::means(&replicates, &full, &answers, &[Breakdown { codes: &[0; 5], levels: 1 }]);
    let found = found.unwrap()[0][0][0];
    assert_eq!((replicates.count(), found.used), (5, 4));
    assert!(found.mean.is_finite() && found.standard_error.is_finite());
}

#[test]
fn a_missing_answer_in_the_base_is_refused_where_a_number_is_needed() {
    let error = point::total(&[1.0, 1.0], &[f64::NAN, 1.0], &[true, true]).unwrap_err();
    assert!(error.to_string().contains('1'), "{error}");
}

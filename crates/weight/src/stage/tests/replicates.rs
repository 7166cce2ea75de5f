use config::panel::Split;
use config::sampling::{Centre, Nonresponse, VarianceMethod};
use survey::Code;
use survey::design::LonelyPsu;

use super::*;

/// Weights of each replicate, and the factor of its square.
fn replicates(weighted: &Weighted) -> (Vec<Vec<f64>>, Vec<f64>) {
    let numbers = |column: &ArrayRef| column.as_primitive::<Float64Type>().values().to_vec();
    let scales = &weighted.extra["replicate_scale"];
    let of = |name: &str| numbers(scales.column_by_name(name).unwrap());
    let factors = of(columns::REPLICATE_SCALE)
        .into_iter()
        .zip(of(columns::SCALE))
        .map(|(one, all)| one * all);
    (weighted.extra["replicate"].columns().iter().map(numbers).collect(), factors.collect())
}

/// Σ factor (T_r - T)² of the weighted total of `values`.
fn variance(weighted: &Weighted, values: &[f64]) -> f64 {
    let total = |weights: &[f64]| {
        weights.iter().zip(values).map(|(weight, value)| weight * value).sum::<f64>()
    };
    let full = total(&weights(weighted));
    let (replicates, factors) = replicates(weighted);
    replicates.iter().zip(factors).map(|(one, factor)| factor * (total(one) - full).powi(2)).sum()
}

fn with(method: VarianceMethod, mut settings: Settings) -> Settings {
    settings.variance.method = method;
    settings.variance.replicates = 40;
    settings
}

#[test]
fn every_replicate_meets_the_totals_again() {
    for method in [VarianceMethod::Jk1, VarianceMethod::Jkn] {
        let weighted = calibrate_panel_wave(&eight(), &with(method, raking())).unwrap();
        let (replicates, _) = replicates(&weighted);
        assert_eq!(replicates.len(), 8);
        for (deleted, weights) in replicates.iter().enumerate() {
            assert_eq!(weights[deleted], 0.0);
            near(sum(weights, &SEX_OF, 0), 500.0);
            near(sum(weights, &AGE_OF, 0), 400.0);
        }
        let of_women: Vec<f64> = SEX_OF.iter().map(|&sex| f64::from(sex == 0)).collect();
        assert!(variance(&weighted, &of_women) < 1e-9, "a calibrated total has no error");
    }
}

#[test]
fn without_recalibration_the_final_weights_are_multiplied() {
    let mut settings = with(VarianceMethod::Jk1, raking());
    settings.variance.recalibrate = false;
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    let full = weights(&weighted);
    for (deleted, weights) in replicates(&weighted).0.iter().enumerate() {
        for (row, weight) in weights.iter().enumerate() {
            near(*weight, if row == deleted { 0.0 } else { full[row] * 8.0 / 7.0 });
        }
    }
}

#[test]
fn the_bootstrap_is_the_same_for_a_seed_and_another_for_another() {
    let settings = with(VarianceMethod::RaoWu, settings(WeightingMethod::None, &[]));
    let made =
        |settings: &Settings| replicates(&calibrate_panel_wave(&eight(), settings).unwrap()).0;
    let mut other = settings.clone();
    other.variance.seed = 2;
    assert_eq!(made(&settings), made(&settings));
    assert_ne!(made(&settings), made(&other));
    assert_eq!(made(&settings).len(), 40);
}

#[test]
fn a_replicate_that_loses_a_level_is_told_and_its_other_levels_stand_for_the_population() {
    // One man: every replicate that does not draw him has women only.
    let (sex, age) = ([0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 1, 0, 1, 1]);
    let settings =
        with(VarianceMethod::RaoWu, settings(WeightingMethod::PostStratification, &[&["sex"]]));
    let weighted = calibrate_panel_wave(&checked(&sex, &age, &[Some(1.0); 8]), &settings).unwrap();
    let (replicates, _) = replicates(&weighted);
    assert!(replicates.iter().all(|weights| (weights.iter().sum::<f64>() - 1000.0).abs() < 1e-9));
    let lost = replicates.iter().filter(|weights| weights[7] == 0.0).count();
    assert!(lost > 0);
    let warning =
        weighted.warnings.iter().find(|one| one.code == "replicates_lost_a_level").unwrap();
    assert!(
        warning
            .message
            .starts_with(&format!("nurse 2024: {lost} of 40 replicates have nobody in some level")),
        "{}",
        warning.message
    );
}

#[test]
fn replicates_that_stop_before_their_totals_are_counted_in_a_warning() {
    let mut settings = with(VarianceMethod::Jk1, raking());
    let codes = |settings: &Settings| -> Vec<Code> {
        let warnings = calibrate_panel_wave(&eight(), settings).unwrap().warnings;
        warnings.into_iter().map(|warning| warning.code).collect()
    };
    assert!(codes(&settings).is_empty());
    settings.weighting.maximum_rounds = 2;
    settings.refused_distance = 1.0;
    assert_eq!(codes(&settings), ["raking_not_converged", "replicates_not_converged"]);
}

#[test]
fn the_centre_of_the_squares_travels_with_the_replicates() {
    for (centre, expected) in [(Centre::Estimate, true), (Centre::MeanOfReplicates, false)] {
        let mut settings = with(VarianceMethod::Jk1, raking());
        settings.variance.centre = centre;
        let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
        let column =
            weighted.extra["replicate_scale"].column_by_name(columns::MEAN_SQUARED_ERROR).unwrap();
        assert_eq!(column.as_boolean().value(0), expected);
    }
}

#[test]
fn half_samples_ask_for_two_units_a_stratum_and_name_the_one_that_has_more() {
    let mut settings = with(VarianceMethod::Brr, raking());
    settings.design.strata = vec!["sex".to_owned()];
    check_refusal(
        &settings,
        "nurse 2024: config/panels/nurse.toml: variance.method = \"brr\": stratum `female` has 5 units, expected exactly 2\nhint: \
         pair the units in a concept of strata, or use \"jkn\" or \"rao_wu\"",
    );
    let (sex, age) = ([0, 0, 1, 1], [0, 1, 0, 1]);
    let sample = checked(&sex, &age, &[Some(1.0); 4]);
    settings.weighting.margins.pop();
    let weighted = calibrate_panel_wave(&sample, &settings).unwrap();
    assert_eq!(replicates(&weighted).0.len(), 4);
}

#[test]
fn a_replicate_whose_totals_cannot_be_met_is_an_error_with_its_number() {
    let (sex, age) = ([0, 0, 1, 1], [0, 1, 0, 1]);
    let mut settings = with(VarianceMethod::Brr, raking());
    settings.design.strata = vec!["sex".to_owned()];
    let message = refusal(&checked(&sex, &age, &[Some(1.0); 4]), &settings);
    assert!(
        message.starts_with("nurse 2024: replicate 2 of 4 (2 cannot be weighted): config/targets/nurse.csv, line 2: margin `sex`: level `female` stays at 600"),
        "{message}"
    );
}

#[test]
fn the_design_is_handed_on_as_codes_units_and_populations() {
    let mut settings = raking();
    settings.design.strata = vec!["sex".to_owned()];
    settings.design.clusters = Some("practice".to_owned());
    settings.design.nested = true;
    settings.design.population = Some("practices".to_owned());
    settings
        .totals
        .extend([total("practices", "female", 40.0, 6), total("practices", "male", 20.0, 7)]);
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    let design = &weighted.extra["design"];
    let strata = design.column_by_name(columns::STRATUM).unwrap().as_primitive::<Int32Type>();
    assert_eq!(strata.values(), &[0, 0, 0, 0, 0, 1, 1, 1]);
    let units = design.column_by_name(columns::UNIT).unwrap().as_string::<i32>();
    assert_eq!(
        (units.value(0), units.value(2), units.value(5)),
        ("female*1", "female*2", "male*1")
    );
    let sizes = design.column_by_name(columns::POPULATION).unwrap().as_primitive::<Float64Type>();
    assert_eq!((sizes.value(0), sizes.value(7)), (40.0, 20.0));
    assert!(
        weighted.warnings.is_empty(),
        "the units of the population are used: {:?}",
        weighted.warnings
    );
}

#[test]
fn a_cluster_in_two_strata_is_an_error_unless_its_names_are_nested() {
    let mut settings = raking();
    settings.design.strata = vec!["sex".to_owned()];
    settings.design.clusters = Some("practice".to_owned());
    let message = refusal(&eight(), &settings);
    assert!(message.contains("design.clusters: a cluster has respondents in the strata `female` and `male`, expected one"), "{message}");
}

#[test]
fn a_population_smaller_than_the_sample_names_stratum_and_line() {
    let mut settings = raking();
    settings.design.strata = vec!["sex".to_owned()];
    settings.design.population = Some("people".to_owned());
    settings.totals.extend([total("people", "female", 4.0, 6)]);
    let message = refusal(&eight(), &settings);
    assert!(
        message.contains("config/targets/nurse.csv, line 6: margin `people`: stratum `female` has 4 units in the population and 5 in the sample"),
        "{message}"
    );
    assert!(
        message.contains(
            "margin `people`: no number of units for stratum `male`, in which 3 were sampled"
        ),
        "{message}"
    );
}

#[test]
fn a_lonely_unit_is_refused_by_name_or_handled_by_the_policy() {
    let (sex, age) = ([0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 1, 0, 1, 1]);
    let sample = checked(&sex, &age, &[Some(1.0); 8]);
    let mut settings = raking();
    settings.design.strata = vec!["sex".to_owned()];
    assert_eq!(
        refusal(&sample, &settings),
        "nurse 2024: config/panels/nurse.toml: design.lonely_psu: stratum `male` has one unit, expected two or more under \
         \"fail\"\nhint: merge strata in a derived concept, or choose remove, adjust or average"
    );
    for policy in [LonelyPsu::Remove, LonelyPsu::Adjust, LonelyPsu::Average] {
        settings.design.lonely_psu = policy;
        assert!(calibrate_panel_wave(&sample, &settings).is_ok());
    }
    // The whole stratum was drawn: it has no error, and is not lonely.
    settings.design.lonely_psu = LonelyPsu::Fail;
    settings.design.population = Some("people".to_owned());
    settings.totals.extend([total("people", "female", 90.0, 6), total("people", "male", 1.0, 7)]);
    assert!(calibrate_panel_wave(&sample, &settings).is_ok());
}

#[test]
fn a_missing_stratum_or_cluster_is_an_error_with_its_records() {
    let mut sex = SEX_OF;
    sex[2] = -1;
    let mut settings = settings(WeightingMethod::PostStratification, &[&["age"]]);
    settings.design.strata = vec!["sex".to_owned()];
    let message = refusal(&checked(&sex, &AGE_OF, &[Some(1.0); 8]), &settings);
    assert!(
        message.contains("design.strata: 1 respondents have no value of `sex` (records 103), expected the place of everybody in the sample"),
        "{message}"
    );
}

fn with_nonresponse(classes: &[&str]) -> Settings {
    let mut settings = settings(WeightingMethod::None, &[]);
    settings.nonresponse = Some(Nonresponse {
        classes: classes.iter().map(|&class| class.to_owned()).collect(),
        responded: Split { concept: "age".to_owned(), code: "old".to_owned() },
    });
    settings
}

#[test]
fn respondents_take_over_the_weight_of_their_class() {
    // Women: 3 of 5 did not answer (young); men: 1 of 3.
    let weighted = calibrate_panel_wave(&eight(), &with_nonresponse(&["sex"])).unwrap();
    assert_eq!(weights(&weighted), [0.0, 0.0, 0.0, 2.5, 2.5, 0.0, 1.5, 1.5]);
    assert_eq!(diagnostic(&weighted, "n_nonrespondents", "", ""), 4.0);
    let base = weighted.extra["calibration"].column_by_name(columns::BASE).unwrap();
    assert_eq!(base.as_primitive::<Float64Type>().values().to_vec(), weights(&weighted));
}

#[test]
fn a_class_in_which_nobody_answered_is_an_error_with_its_name() {
    let age = [0, 0, 0, 1, 1, 0, 0, 0];
    let message = refusal(&checked(&SEX_OF, &age, &[Some(1.0); 8]), &with_nonresponse(&["sex"]));
    assert!(message.contains("nonresponse class male: 3 rows and no respondent"), "{message}");
}

#[test]
fn a_replicate_adjusts_for_nonresponse_again() {
    let settings = with(VarianceMethod::Jk1, with_nonresponse(&["sex"]));
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    let (replicates, _) = replicates(&weighted);
    assert_eq!(replicates.len(), 8, "those who did not answer are drawn too");
    // Without the first woman, who did not answer, each of the two who did stands for 8/7 of two.
    near(replicates[0][3], 8.0 / 7.0 * 2.0);
    near(replicates[3][4], 8.0 / 7.0 * 4.0);
}

#[test]
fn too_many_replicates_are_refused_before_they_are_made() {
    let rows = 20_000;
    let (sex, age): (Vec<i16>, Vec<i16>) = (vec![0; rows], vec![0; rows]);
    let sample = checked(&sex, &age, &vec![Some(1.0); rows]);
    let message =
        refusal(&sample, &with(VarianceMethod::Jk1, settings(WeightingMethod::None, &[])));
    assert!(
        message.contains("variance.method: found \"jk1\", 20000 replicates of 20000 respondents"),
        "{message}"
    );
}

use super::*;

#[test]
fn raked_weights_meet_both_margins() {
    let weighted = calibrate_panel_wave(&eight(), &raking()).unwrap();
    let weights = weights(&weighted);
    for (keys, totals) in [(SEX_OF, [500.0, 500.0]), (AGE_OF, [400.0, 600.0])] {
        near(sum(&weights, &keys, 0), totals[0]);
        near(sum(&weights, &keys, 1), totals[1]);
    }
    assert!(
        weighted.about.converged
            && weighted.about.rounds > 1
            && weighted.about.largest_distance < 1e-9
    );
    assert_eq!(weighted.about.margins, ["sex", "age"]);
    assert_eq!(weighted.about.population, 1000.0);
    assert!(weighted.warnings.is_empty());
}

#[test]
fn post_stratified_weights_are_total_over_count() {
    let mut settings = settings(WeightingMethod::PostStratification, &[&["sex", "age"]]);
    let cells = [
        ("female*young", 240.0),
        ("female*old", 260.0),
        ("male*young", 150.0),
        ("male*old", 350.0),
    ];
    settings.totals =
        cells.iter().zip(2..).map(|(cell, line)| total("sex*age", cell.0, cell.1, line)).collect();
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    assert_eq!(weights(&weighted), [80.0, 80.0, 80.0, 130.0, 130.0, 150.0, 175.0, 175.0]);
    let (w, s): (f64, f64) =
        weights(&weighted).iter().fold((0.0, 0.0), |(w, s), v| (w + v, s + v * v));
    near(weighted.about.deff_kish, 8.0 * s / (w * w));
    near(weighted.about.n_eff, w * w / s);
}

#[test]
fn without_method_the_weights_are_the_base_weights() {
    let mut settings = settings(WeightingMethod::None, &[]);
    settings.weighting.base_weight = Some("base".to_owned());
    settings.totals.clear();
    let base: Vec<Option<f64>> = (1..=8).map(|row| Some(f64::from(row))).collect();
    let weighted = calibrate_panel_wave(&checked(&SEX_OF, &AGE_OF, &base), &settings).unwrap();
    assert_eq!(weights(&weighted), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    assert!(!weighted.extra.contains_key("calibration"), "nothing was calibrated");
}

#[test]
fn linear_and_logit_meet_the_totals_within_their_bounds() {
    for method in [WeightingMethod::Linear, WeightingMethod::Logit, WeightingMethod::Raking] {
        let mut settings = settings(method, &[&["sex"], &["age"]]);
        settings.weighting.bounds = Some([0.5, 2.0]);
        let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
        near(sum(&weights(&weighted), &SEX_OF, 1), 500.0);
        near(sum(&weights(&weighted), &AGE_OF, 0), 400.0);
        assert!(
            weights(&weighted).iter().all(|weight| (62.5 - 1e-9..=250.0 + 1e-9).contains(weight))
        );
    }
}

#[test]
fn the_table_keeps_its_columns_and_gets_both_weights() {
    let weighted = calibrate_panel_wave(&eight(), &raking()).unwrap();
    let schema = weighted.table.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(
        names,
        [
            columns::RESPONDENT,
            columns::RECORD,
            "sex",
            "age",
            "sex_again",
            "base",
            "hours",
            "practice",
            columns::FLAG_SPEEDER,
            columns::BASE_WEIGHT,
            columns::WEIGHT
        ]
    );
    let margin = weighted.extra["calibration"]
        .column_by_name(&columns::margin(1))
        .unwrap()
        .as_primitive::<Int32Type>()
        .clone();
    assert_eq!(margin.values().to_vec(), [0, 0, 0, 1, 1, 0, 1, 1]);
}

#[test]
fn base_weights_are_scaled_and_their_ratios_survive() {
    let mut settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
    settings.weighting.base_weight = Some("base".to_owned());
    let base: Vec<Option<f64>> = [2.0, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0].map(Some).to_vec();
    let weighted = calibrate_panel_wave(&checked(&SEX_OF, &AGE_OF, &base), &settings).unwrap();
    let weights = weights(&weighted);
    near(weights[0], 500.0 * 2.0 / 6.0);
    near(weights[0] / weights[1], 2.0);
    near(weights[5], 500.0 / 3.0);
}

#[test]
fn trimming_once_clips_and_rescales_once() {
    let mut settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
    settings.totals = vec![total("sex", "female", 100.0, 2), total("sex", "male", 900.0, 3)];
    settings.weighting.trim = Trim::Once;
    settings.weighting.bounds = Some([0.5, 2.0]);
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    // Mean 125: 20 becomes 62.5 and 300 becomes 250, which add up to 1062.5.
    near(weights(&weighted)[0], 62.5 * 1000.0 / 1062.5);
    near(weights(&weighted)[7], 250.0 * 1000.0 / 1062.5);
    let warning = &weighted.warnings[0];
    assert_eq!(warning.code, "trimming_moved_totals");
    assert_eq!(
        warning.message,
        "nurse 2024: 5 weights raised and 3 lowered to the bounds; margin `sex` is furthest off: level `female` at 294.1, \
         expected 100.0 (194.12 %)"
    );
    near(diagnostic(&weighted, "distance_untrimmed", "sex", ""), 0.0);
    near(diagnostic(&weighted, "distance_after", "sex", ""), 194.117_647 / 100.0);
}

#[test]
fn trimming_to_stable_ends_within_the_bounds_and_keeps_the_population() {
    let mut settings = raking();
    settings.totals[0].total = 150.0;
    settings.totals[1].total = 850.0;
    settings.weighting.trim = Trim::ToStable;
    settings.weighting.bounds = Some([0.5, 1.8]);
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    let weights = weights(&weighted);
    near(weights.iter().sum(), 1000.0);
    assert!(
        weights.iter().all(|weight| (0.5 - 1e-9..=1.8 + 1e-9).contains(&(weight / 125.0))),
        "{weights:?}"
    );
    assert!(diagnostic(&weighted, "share_at_upper_bound", "", "") > 0.0);
}

#[test]
fn the_shares_at_the_bounds_are_those_of_the_weights_that_lie_there() {
    let mut bounded = settings(WeightingMethod::Linear, &[&["sex"], &["age"]]);
    bounded.weighting.bounds = Some([0.7, 1.5]);
    let mut trimmed = raking();
    trimmed.totals[0].total = 150.0;
    trimmed.totals[1].total = 850.0;
    trimmed.weighting.trim = Trim::ToStable;
    trimmed.weighting.bounds = Some([0.5, 1.8]);
    for settings in [bounded, trimmed] {
        let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
        let [lower, upper] = settings.weighting.bounds.unwrap();
        // All base weights are 1000 / 8, which is the mean weight too.
        let at = |bound: f64| {
            let near = |weight: &&f64| (*weight / 125.0 - bound).abs() < 1e-6;
            weights(&weighted).iter().filter(near).count() as f64 / 8.0
        };
        assert!(at(lower) + at(upper) > 0.0 && at(lower) + at(upper) < 1.0);
        near(diagnostic(&weighted, "share_at_lower_bound", "", ""), at(lower));
        near(diagnostic(&weighted, "share_at_upper_bound", "", ""), at(upper));
    }
}

#[test]
fn the_diagnostics_say_what_each_margin_did() {
    let weighted = calibrate_panel_wave(&eight(), &raking()).unwrap();
    near(diagnostic(&weighted, "population_share", "sex", "male"), 0.5);
    near(diagnostic(&weighted, "sample_share", "sex", "male"), 0.375);
    near(diagnostic(&weighted, "weighted_share", "sex", "male"), 0.5);
    near(diagnostic(&weighted, "level_n", "sex", "male"), 3.0);
    near(diagnostic(&weighted, "distance_before", "sex", ""), 0.25);
    near(diagnostic(&weighted, "n_weighted", "", ""), 8.0);
    // Without age only sex is left: 100 and 166.7 a head.
    let kish = |weights: &[f64]| {
        let (w, s): (f64, f64) = weights.iter().fold((0.0, 0.0), |(w, s), v| (w + v, s + v * v));
        weights.len() as f64 * s / (w * w)
    };
    let without_age = [[100.0; 5].to_vec(), [500.0 / 3.0; 3].to_vec()].concat();
    near(
        diagnostic(&weighted, "deff_contribution", "age", ""),
        kish(&weights(&weighted)) / kish(&without_age),
    );
    let weights = weights(&weighted);
    near(diagnostic(&weighted, "weight_max", "", ""), weights.iter().copied().fold(0.0, f64::max));
    near(
        diagnostic(&weighted, "g_max", "", ""),
        weights.iter().copied().fold(0.0, f64::max) / 125.0,
    );
}

#[test]
fn a_single_margin_owns_the_whole_design_effect() {
    let settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    near(diagnostic(&weighted, "deff_contribution", "sex", ""), weighted.about.deff_kish);
}

#[test]
fn targets_that_no_margin_uses_are_told() {
    let weighted =
        calibrate_panel_wave(&eight(), &settings(WeightingMethod::PostStratification, &[&["sex"]]))
            .unwrap();
    assert_eq!(weighted.warnings[0].code, "target_not_used");
    assert_eq!(
        weighted.warnings[0].message,
        "nurse 2024: config/targets/nurse.csv: margin `age` is in no margin of the weighting"
    );
}

#[test]
fn one_respondent_stands_for_the_whole_population() {
    let mut settings = settings(WeightingMethod::Raking, &[&["sex"]]);
    settings.totals.retain(|total| total.level == "female");
    let weighted = calibrate_panel_wave(&checked(&[0], &[0], &[Some(3.0)]), &settings).unwrap();
    near(weights(&weighted)[0], 500.0);
    assert_eq!((weighted.about.deff_kish, weighted.about.n_eff), (1.0, 1.0));
}

#[test]
fn a_collinear_margin_with_the_same_totals_changes_nothing() {
    use WeightingMethod::{Linear, Raking, RakingRatio};
    for method in [Raking, RakingRatio, Linear] {
        let once = settings(method, &[&["sex"], &["age"]]);
        let mut twice = settings(method, &[&["sex"], &["age"], &["sex_again"]]);
        twice
            .totals
            .extend([total("sex_again", "female", 500.0, 6), total("sex_again", "male", 500.0, 7)]);
        twice.codes.insert("sex_again".to_owned(), SEX.map(str::to_owned).to_vec());
        let once = weights(&calibrate_panel_wave(&eight(), &once).unwrap());
        let twice = weights(&calibrate_panel_wave(&eight(), &twice).unwrap());
        once.into_iter().zip(twice).for_each(|(once, twice)| near(twice, once));
    }
}

#[test]
fn a_collinear_margin_with_other_totals_is_an_error_that_names_it() {
    use WeightingMethod::{Linear, Raking, RakingRatio};
    for method in [Raking, RakingRatio, Linear] {
        let mut settings = settings(method, &[&["sex"], &["age"], &["sex_again"]]);
        settings
            .totals
            .extend([total("sex_again", "female", 520.0, 6), total("sex_again", "male", 480.0, 7)]);
        settings.codes.insert("sex_again".to_owned(), SEX.map(str::to_owned).to_vec());
        let message = refusal(&eight(), &settings);
        assert!(message.contains("margin `sex"), "{message}");
        assert!(message.contains("no weights meet all totals"), "{message}");
    }
}

#[test]
fn everybody_in_one_cell_weighs_the_same() {
    let mut settings = settings(WeightingMethod::Raking, &[&["sex"], &["age"]]);
    settings.totals = vec![total("sex", "female", 900.0, 2), total("age", "old", 900.0, 3)];
    let weighted =
        calibrate_panel_wave(&checked(&[0; 3], &[1; 3], &[Some(1.0); 3]), &settings).unwrap();
    for weight in weights(&weighted) {
        near(weight, 300.0);
    }
    near(weighted.about.deff_kish, 1.0);
}

#[test]
fn the_diagnostics_are_complete() {
    let mut settings = raking();
    settings.weighting.bounds = Some([0.2, 5.0]);
    settings.weighting.trim = Trim::ToStable;
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    let whole = [
        "n",
        "n_weighted",
        "n_neutral",
        "n_dropped_missing_auxiliary",
        "n_excluded_flagged",
        "n_nonrespondents",
        "population",
        "sum_of_weights",
        "deff_kish",
        "n_eff",
        "weight_cv",
        "weight_mean",
        "weight_min",
        "weight_p01",
        "weight_p05",
        "weight_median",
        "weight_p95",
        "weight_p99",
        "weight_max",
        "g_min",
        "g_max",
        "share_at_lower_bound",
        "share_at_upper_bound",
        "rounds",
        "converged",
        "largest_distance",
        "trim_raised",
        "trim_lowered",
        "trim_passes",
        "trim_share_moved",
    ];
    for measure in whole {
        assert!(diagnostic(&weighted, measure, "", "").is_finite(), "{measure}");
    }
    for measure in ["distance_before", "distance_untrimmed", "distance_after", "deff_contribution"]
    {
        assert!(diagnostic(&weighted, measure, "sex", "").is_finite(), "{measure}");
    }
    for measure in ["level_n", "population_share", "sample_share", "weighted_share"] {
        assert!(diagnostic(&weighted, measure, "age", "old").is_finite(), "{measure}");
    }
}

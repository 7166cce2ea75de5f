use super::*;

/// Eight respondents whose `hours` are 10, 20, …, 80.
fn hours_of(weights: &[f64]) -> f64 {
    weights.iter().enumerate().map(|(row, weight)| weight * (row as f64 + 1.0) * 10.0).sum()
}

fn numeric(method: WeightingMethod) -> Settings {
    let mut settings = settings(method, &[&["sex"]]);
    settings.weighting.numeric = vec!["hours".to_owned()];
    settings.totals.truncate(2);
    settings.totals.push(total("hours", "total", 46_000.0, 9));
    settings
}

#[test]
fn raking_ratio_gives_the_raked_weights() {
    let raked = weights(&calibrate_panel_wave(&eight(), &raking()).unwrap());
    let settings = settings(WeightingMethod::RakingRatio, &[&["sex"], &["age"]]);
    let calibrated = calibrate_panel_wave(&eight(), &settings).unwrap();
    assert_eq!(calibrated.about.method, "raking_ratio");
    for (calibrated, raked) in weights(&calibrated).iter().zip(raked) {
        near(*calibrated, raked);
    }
}

#[test]
fn bounds_hold_g_under_every_distance() {
    use WeightingMethod::{Linear, Logit, Raking, RakingRatio};
    for method in [Linear, Logit, Raking, RakingRatio] {
        let mut settings = settings(method, &[&["sex"], &["age"]]);
        settings.weighting.bounds = Some([0.7, 1.5]);
        let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
        let g = weights(&weighted).into_iter().map(|weight| weight / 125.0);
        assert!(
            g.into_iter()
                .all(|g| (0.7..=1.5).contains(&(g * 1.000_000_1)) || (0.7..=1.5).contains(&g))
        );
        near(sum(&weights(&weighted), &SEX_OF, 0), 500.0);
    }
}

#[test]
fn a_numeric_total_is_met_beside_the_margins() {
    use WeightingMethod::{Linear, RakingRatio};
    for method in [Linear, RakingRatio] {
        let weighted = calibrate_panel_wave(&eight(), &numeric(method)).unwrap();
        near(hours_of(&weights(&weighted)), 46_000.0);
        near(sum(&weights(&weighted), &SEX_OF, 0), 500.0);
        assert!(diagnostic(&weighted, "distance_after", "hours", "") < 1e-9);
        near(diagnostic(&weighted, "weighted_total", "hours", "total"), 46_000.0);
        assert!(diagnostic(&weighted, "deff_contribution", "hours", "") >= 1.0 - 1e-9);
        let column = weighted.extra["calibration"].column_by_name(&columns::numeric(0)).unwrap();
        assert_eq!(column.as_primitive::<Float64Type>().value(2), 30.0);
        assert!(weighted.warnings.is_empty(), "{:?}", weighted.warnings);
    }
}

#[test]
fn a_numeric_auxiliary_that_is_missing_follows_the_policy() {
    let mut sample = eight();
    let mut hours: Vec<Option<f64>> = (1..=8).map(|row| Some(f64::from(row) * 10.0)).collect();
    hours[4] = None;
    let place = sample.table.schema().index_of("hours").unwrap();
    let mut columns = sample.table.columns().to_vec();
    columns[place] = Arc::new(Float64Array::from(hours));
    let names = sample.table.schema();
    let names = names.fields().iter().map(|field| field.name().clone());
    let columns = names.zip(columns).map(|(name, column)| (name, column, true));
    sample.table = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut settings = numeric(WeightingMethod::Linear);
    let message = refusal(&sample, &settings);
    assert!(
        message.contains("margin `hours`: 1 respondents have no value (records 105)"),
        "{message}"
    );

    // The seven with hours have 7/8 of the total, and the eighth keeps a weight.
    settings.weighting.missing_auxiliary = MissingAuxiliary::OwnCategory;
    let own = calibrate_panel_wave(&sample, &settings).unwrap();
    near(diagnostic(&own, "weighted_total", "hours", "total"), 46_000.0 * 7.0 / 8.0);
    assert!(weights(&own)[4] > 0.0);
    settings.weighting.missing_auxiliary = MissingAuxiliary::Drop;
    let dropped = calibrate_panel_wave(&sample, &settings).unwrap();
    assert_eq!(weights(&dropped)[4], 0.0);
    near(diagnostic(&dropped, "weighted_total", "hours", "total"), 46_000.0);
    settings.weighting.missing_auxiliary = MissingAuxiliary::Neutral;
    let neutral = calibrate_panel_wave(&sample, &settings).unwrap();
    near(weights(&neutral)[4], 125.0);
}

#[test]
fn a_numeric_total_that_is_not_there_or_out_of_reach_names_it() {
    let mut settings = numeric(WeightingMethod::Linear);
    settings.totals.pop();
    check_refusal(
        &settings,
        "nurse 2024: config/targets/nurse.csv: margin `hours`: no total for this wave, expected one for each of its levels\nhint: \
         add the line `2024,hours,total,<total>,<source>,<status>`",
    );
    let mut settings = numeric(WeightingMethod::Linear);
    settings.weighting.bounds = Some([0.9, 1.2]);
    settings.totals[2].total = 70_000.0;
    settings.totals[0].total = 550.0;
    settings.totals[1].total = 450.0;
    let message = refusal(&eight(), &settings);
    assert!(
        message.contains("no weights meet all totals within the bounds 0.9 to 1.2"),
        "{message}"
    );
    assert!(message.contains("config/targets/nurse.csv, line "), "{message}");
}

#[test]
fn heteroscedasticity_moves_the_weights_and_travels_to_the_errors() {
    let plain = calibrate_panel_wave(&eight(), &numeric(WeightingMethod::Linear)).unwrap();
    let mut settings = numeric(WeightingMethod::Linear);
    settings.weighting.variance_of = Some("hours".to_owned());
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    assert_ne!(weights(&weighted), weights(&plain));
    near(hours_of(&weights(&weighted)), 46_000.0);
    let variance =
        weighted.extra["calibration"].column_by_name(columns::HETEROSCEDASTICITY).unwrap();
    assert_eq!(variance.as_primitive::<Float64Type>().value(3), 40.0);
    settings.weighting.variance_of = Some("base".to_owned());
    let mut base = [Some(1.0); 8];
    base[6] = Some(0.0);
    let message = refusal(&checked(&SEX_OF, &AGE_OF, &base), &settings);
    assert!(
        message.contains(
            "weighting.variance_of `base`: 1 respondents have no value above zero (records 107)"
        ),
        "{message}"
    );
}

#[test]
fn g_is_equal_within_clusters_when_asked() {
    let mut settings = settings(WeightingMethod::Linear, &[&["age"]]);
    settings.design.clusters = Some("practice".to_owned());
    settings.weighting.equal_within_clusters = true;
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    let found = weights(&weighted);
    // Practices alternate: 1 1 2 2 3 1 2 3.
    for (a, b) in [(0, 1), (0, 5), (2, 3), (2, 6), (4, 7)] {
        near(found[a], found[b]);
    }
    near(sum(&found, &AGE_OF, 0), 400.0);
    let calibration = &weighted.extra["calibration"];
    assert!(
        calibration.column_by_name(&columns::averaged(0)).is_some()
            && calibration.column_by_name(columns::G).is_some()
    );
}

#[test]
fn trimming_spreads_what_it_cuts_by_the_rule() {
    let base: Vec<Option<f64>> = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 8.0].map(Some).to_vec();
    let mut settings = settings(WeightingMethod::None, &[]);
    settings.weighting.base_weight = Some("base".to_owned());
    settings.weighting.bounds = Some([0.2, 2.0]);
    settings.weighting.trim = Trim::Once;
    let mut trimmed = |rule| {
        settings.weighting.redistribute = rule;
        weights(&calibrate_panel_wave(&checked(&SEX_OF, &AGE_OF, &base), &settings).unwrap())
    };
    // Mean 2, upper bound 4: four are cut from the last.
    let proportional = trimmed(Redistribute::Proportional);
    near(proportional[0], 16.0 / 12.0);
    near(proportional[7], 4.0 * 16.0 / 12.0);
    let equal = trimmed(Redistribute::Equal);
    near(equal[0], 1.0 + 4.0 / 7.0);
    near(equal[7], 4.0);
    let none = trimmed(Redistribute::None);
    assert_eq!(none, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 4.0]);
}

#[test]
fn equal_redistribution_repeats_until_all_are_inside() {
    let base: Vec<Option<f64>> = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.5, 8.0].map(Some).to_vec();
    let mut settings = settings(WeightingMethod::None, &[]);
    settings.weighting.base_weight = Some("base".to_owned());
    settings.weighting.bounds = Some([0.2, 1.7]);
    settings.weighting.trim = Trim::ToStable;
    settings.weighting.redistribute = Redistribute::Equal;
    let found =
        weights(&calibrate_panel_wave(&checked(&SEX_OF, &AGE_OF, &base), &settings).unwrap());
    let upper = 1.7 * 17.5 / 8.0;
    assert!(found.iter().all(|weight| *weight <= upper * (1.0 + 1e-12)), "{found:?}");
    near(found.iter().sum(), 17.5);
}

#[test]
fn rs_sweeps_hand_on_the_multipliers_of_each_margin() {
    let mut settings = raking();
    settings.weighting.errors = RakingErrors::RSweeps;
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    let calibration = &weighted.extra["calibration"];
    let last = calibration.column_by_name(&columns::multiplier(1)).unwrap();
    let last = last.as_primitive::<Float64Type>();
    // After the last margin the multiplier is the whole g: weight over base weight, scaled to the population.
    for (row, weight) in weights(&weighted).iter().enumerate() {
        near(last.value(row) * 125.0, *weight);
    }
}

#[test]
fn weights_below_zero_are_an_error() {
    let mut settings = settings(WeightingMethod::Linear, &[&["sex"], &["age"]]);
    settings.totals[0].total = 30.0;
    settings.totals[1].total = 970.0;
    let message = refusal(&eight(), &settings);
    assert!(message.contains("method = \"linear\" gives"), "{message}");
    assert!(message.contains("a weight below zero"), "{message}");
}

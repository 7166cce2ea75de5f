use super::*;

/// Every row that was handed in has a weight, or none for a reason.
fn accounted(weighted: &Weighted, reasons: &[(&str, u64)]) {
    let about = &weighted.about;
    let expected: BTreeMap<String, u64> =
        reasons.iter().map(|(reason, rows)| ((*reason).to_owned(), *rows)).collect();
    assert_eq!(about.rows_without_weight, expected);
    let with_weight = weights(weighted).iter().filter(|weight| **weight > 0.0).count() as u64;
    assert_eq!((about.rows_weighted, about.rows_in), (with_weight, 8));
    assert_eq!(about.rows_in, about.rows_weighted + expected.values().sum::<u64>());
}

#[test]
fn flagged_respondents_are_kept_unless_the_setting_excludes_them() {
    let mut settings = raking();
    assert!(weights(&calibrate_panel_wave(&eight(), &settings).unwrap())[0] > 0.0);
    settings.exclude_flagged = BTreeSet::from([columns::FLAG_SPEEDER.to_owned()]);
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    assert_eq!(weights(&weighted)[0], 0.0);
    near(sum(&weights(&weighted), &SEX_OF, 0), 500.0);
    near(diagnostic(&weighted, "n_excluded_flagged", "", ""), 1.0);
    accounted(&weighted, &[("flagged", 1)]);
}

fn one_missing(policy: MissingAuxiliary) -> (Checked, Settings) {
    let mut settings = raking();
    settings.weighting.missing_auxiliary = policy;
    let mut age = AGE_OF;
    age[1] = -1;
    (checked(&SEX_OF, &age, &[Some(1.0); 8]), settings)
}

#[test]
fn a_missing_auxiliary_stops() {
    let (checked, settings) = one_missing(MissingAuxiliary::Stop);
    assert_eq!(
        refusal(&checked, &settings),
        "nurse 2024: margin `age`: 1 respondents have no value (records 102), expected none under missing_auxiliary = \
         \"stop\"\nhint: choose own_category, drop or neutral in config/panels/nurse.toml, or derive the value"
    );
}

#[test]
fn a_missing_auxiliary_as_own_category_keeps_its_share_of_the_sample() {
    let (checked, settings) = one_missing(MissingAuxiliary::OwnCategory);
    let weighted = calibrate_panel_wave(&checked, &settings).unwrap();
    accounted(&weighted, &[]);
    let weights = weights(&weighted);
    near(weights[1], 1000.0 / 8.0);
    near(sum(&weights, &SEX_OF, 0), 500.0);
    near(weights[0] + weights[2] + weights[5], 400.0 * 7.0 / 8.0);
    near(diagnostic(&weighted, "population_share", "age", "missing"), 1.0 / 8.0);
}

#[test]
fn a_missing_auxiliary_is_dropped_with_weight_zero() {
    let (checked, settings) = one_missing(MissingAuxiliary::Drop);
    let weighted = calibrate_panel_wave(&checked, &settings).unwrap();
    assert_eq!(weights(&weighted)[1], 0.0);
    assert_eq!(weighted.table.num_rows(), 8);
    near(weights(&weighted).iter().sum(), 1000.0);
    near(diagnostic(&weighted, "n_dropped_missing_auxiliary", "", ""), 1.0);
    accounted(&weighted, &[("missing_auxiliary", 1)]);
    near(diagnostic(&weighted, "n_weighted", "", ""), 7.0);
}

#[test]
fn a_missing_auxiliary_stays_neutral_with_mean_weight() {
    let (checked, settings) = one_missing(MissingAuxiliary::Neutral);
    let weighted = calibrate_panel_wave(&checked, &settings).unwrap();
    let weights = weights(&weighted);
    near(weights[1], 125.0);
    near(weights.iter().sum(), 1000.0);
    near(weights[0] + weights[2] + weights[5], 400.0 * 7.0 / 8.0);
    near(diagnostic(&weighted, "n_neutral", "", ""), 1.0);
    let margin = weighted.extra["calibration"].column(0).as_primitive::<Int32Type>().value(1);
    assert_eq!(margin, -1);
}

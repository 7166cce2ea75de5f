#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, DictionaryArray, Float64Array, Int16Array, Int64Array,
    RecordBatch, StringArray,
};
use arrow::datatypes::{Float64Type, Int16Type, Int32Type};
use survey::config::panel::{
    MissingAuxiliary, RakingErrors, Redistribute, Trim, WeightingMethod,
};
use survey::config::sampling::{SampleDesign, Variance};
use survey::config::{PopulationTotal, Weighting};
use survey::handoff::CheckedAbout;
use survey::{Checked, PanelWave, Weighted};

use crate::{Error, REFUSED_DISTANCE, Settings, calibrate_panel_wave};

const SEX: [&str; 2] = ["female", "male"];
const AGE: [&str; 2] = ["young", "old"];

/// Eight respondents: sex and age as positions in their answers (-1 = missing).
const SEX_OF: [i16; 8] = [0, 0, 0, 0, 0, 1, 1, 1];
const AGE_OF: [i16; 8] = [0, 0, 0, 1, 1, 0, 1, 1];

fn category(codes: &[&str], keys: &[i16]) -> ArrayRef {
    let keys: Int16Array = keys.iter().map(|&key| (key >= 0).then_some(key)).collect();
    let values = Arc::new(StringArray::from(codes.to_vec()));
    Arc::new(DictionaryArray::<Int16Type>::try_new(keys, values).unwrap())
}

fn checked(sex: &[i16], age: &[i16], base: &[Option<f64>]) -> Checked {
    let rows = sex.len() as i64;
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "respondent",
            Arc::new((0..rows).map(|row| Some(format!("r{row}"))).collect::<StringArray>()),
        ),
        ("record", Arc::new((0..rows).map(|row| row + 101).collect::<Int64Array>())),
        ("sex", category(&SEX, sex)),
        ("age", category(&AGE, age)),
        ("base", Arc::new(Float64Array::from(base.to_vec()))),
        ("flag_speeder", Arc::new((0..rows).map(|row| Some(row == 0)).collect::<BooleanArray>())),
    ];
    Checked {
        table: RecordBatch::try_from_iter(columns).unwrap(),
        extra: BTreeMap::new(),
        findings: Vec::new(),
        warnings: Vec::new(),
        about: CheckedAbout {
            panel_wave: PanelWave::new("nurse", 2024),
            delivery: "nurses_2024".to_owned(),
            asked: ["sex", "age", "base"].map(str::to_owned).into(),
            rows_in: rows as u64,
            rows_kept: rows as u64,
            rows_dropped: BTreeMap::new(),
            flagged: BTreeMap::new(),
            fates: Vec::new(),
        },
    }
}

fn eight() -> Checked {
    checked(&SEX_OF, &AGE_OF, &[Some(1.0); 8])
}

fn total(margin: &str, level: &str, total: f64, line: u32) -> PopulationTotal {
    PopulationTotal {
        panel: "nurse".to_owned(),
        wave: 2024,
        margin: margin.to_owned(),
        level: level.to_owned(),
        total,
        source: "illustrative".to_owned(),
        status: "illustrative".to_owned(),
        line,
    }
}

fn settings(method: WeightingMethod, margins: &[&[&str]]) -> Settings {
    let names = |concepts: &&[&str]| concepts.iter().map(|&concept| concept.to_owned()).collect();
    let codes = |codes: [&str; 2]| codes.map(str::to_owned).to_vec();
    Settings {
        panel_wave: PanelWave::new("nurse", 2024),
        design: SampleDesign::default(),
        nonresponse: None,
        variance: Variance::default(),
        weighting: Weighting {
            method,
            margins: margins.iter().map(names).collect(),
            numeric: Vec::new(),
            variance_of: None,
            equal_within_clusters: false,
            base_weight: None,
            bounds: None,
            trim: Trim::None,
            redistribute: Redistribute::default(),
            errors: RakingErrors::default(),
            missing_auxiliary: MissingAuxiliary::Stop,
            maximum_rounds: 500,
            tolerance: 1e-10,
            note: String::new(),
        },
        totals: vec![
            total("sex", "female", 500.0, 2),
            total("sex", "male", 500.0, 3),
            total("age", "young", 400.0, 4),
            total("age", "old", 600.0, 5),
        ],
        codes: BTreeMap::from([("sex".to_owned(), codes(SEX)), ("age".to_owned(), codes(AGE))]),
        exclude_flagged: BTreeSet::new(),
        refused_distance: REFUSED_DISTANCE,
    }
}

fn raking() -> Settings {
    settings(WeightingMethod::Raking, &[&["sex"], &["age"]])
}

fn weights(weighted: &Weighted) -> Vec<f64> {
    weighted.table.column_by_name("weight").unwrap().as_primitive::<Float64Type>().values().to_vec()
}

fn sum(weights: &[f64], keys: &[i16], level: i16) -> f64 {
    weights.iter().zip(keys).filter(|(_, key)| **key == level).map(|(weight, _)| weight).sum()
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-6 * expected.abs().max(1.0),
        "found {found}, expected {expected}"
    );
}

fn diagnostic(weighted: &Weighted, measure: &str, margin: &str, level: &str) -> f64 {
    let table = &weighted.extra["diagnostic"];
    let text = |name: &str| table.column_by_name(name).unwrap().as_string::<i32>().clone();
    let (measures, margins, levels) = (text("measure"), text("margin"), text("level"));
    let at = (0..table.num_rows())
        .find(|&row| {
            measures.value(row) == measure
                && margins.value(row) == margin
                && levels.value(row) == level
        })
        .unwrap_or_else(|| panic!("no diagnostic {measure} {margin} {level}"));
    table.column_by_name("value").unwrap().as_primitive::<Float64Type>().value(at)
}

/// The one message with which the stage refuses.
fn refusal(checked: &Checked, settings: &Settings) -> String {
    let error = calibrate_panel_wave(checked, settings).unwrap_err();
    assert!(matches!(error, Error::Stage(_)), "{error}");
    error.to_string()
}

fn check_refusal(settings: &Settings, expected: &str) {
    assert_eq!(refusal(&eight(), settings), expected);
}

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
    assert_eq!(weighted.extra["calibration"].num_columns(), 0);
    assert_eq!(weighted.extra["calibration"].num_rows(), 8);
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
        ["respondent", "record", "sex", "age", "base", "flag_speeder", "base_weight", "weight"]
    );
    let margin = weighted.extra["calibration"]
        .column_by_name("margin_1")
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
fn flagged_respondents_are_kept_unless_the_setting_excludes_them() {
    let mut settings = raking();
    assert!(weights(&calibrate_panel_wave(&eight(), &settings).unwrap())[0] > 0.0);
    settings.exclude_flagged = BTreeSet::from(["flag_speeder".to_owned()]);
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    assert_eq!(weights(&weighted)[0], 0.0);
    near(sum(&weights(&weighted), &SEX_OF, 0), 500.0);
    near(diagnostic(&weighted, "n_excluded_flagged", "", ""), 1.0);
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
         \"stop\"; hint: choose own_category, drop or neutral in config/panels/nurse.toml, or derive the value"
    );
}

#[test]
fn a_missing_auxiliary_as_own_category_keeps_its_share_of_the_sample() {
    let (checked, settings) = one_missing(MissingAuxiliary::OwnCategory);
    let weighted = calibrate_panel_wave(&checked, &settings).unwrap();
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

#[test]
fn a_level_that_occurs_without_total_is_an_error() {
    let mut settings = raking();
    settings.totals.remove(3);
    settings.totals[2].total = 1000.0;
    check_refusal(
        &settings,
        "nurse 2024: config/targets/nurse.csv: margin `age`: no total for level `old`, which 4 respondents have; hint: add \
         the line `2024,age,old,<total>,<source>,<status>`",
    );
}

#[test]
fn a_total_of_zero_or_below_is_an_error() {
    for bad in [0.0, -500.0, f64::NAN] {
        let mut settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
        settings.totals[1].total = bad;
        check_refusal(
            &settings,
            &format!(
                "nurse 2024: config/targets/nurse.csv, line 3: margin `sex`: level `male` has total {bad}, expected more than \
                 0; hint: delete the line if the level does not exist in the population, or merge it with a neighbour"
            ),
        );
    }
}

#[test]
fn a_level_that_is_no_code_is_an_error() {
    let mut settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
    settings.totals[1].level = "man".to_owned();
    let message = refusal(&eight(), &settings);
    let expected = "nurse 2024: config/targets/nurse.csv, line 3: margin `sex`: level `man` is not an answer code, expected \
                    one of `female`, `male`; hint: levels of crossed concepts are joined by `*` in the order of the margin";
    assert_eq!(message.lines().next().unwrap(), expected);
    assert!(
        message
            .lines()
            .nth(1)
            .unwrap()
            .contains("no total for level `male`, which 3 respondents have")
    );
}

#[test]
fn a_total_given_twice_is_an_error() {
    let mut settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
    settings.totals.push(total("sex", "male", 500.0, 9));
    check_refusal(
        &settings,
        "nurse 2024: config/targets/nurse.csv, line 9: margin `sex`: level `male` has a total already at line 3, expected \
         one; hint: delete one of the lines",
    );
}

#[test]
fn margins_of_different_size_are_an_error() {
    let mut settings = raking();
    settings.totals[3].total = 601.0;
    check_refusal(
        &settings,
        "nurse 2024: config/targets/nurse.csv, line 4: margin `age`: totals add up to 1001, expected 1000 as margin `sex`; \
         hint: take both margins from one source, or scale one of them on purpose",
    );
}

#[test]
fn a_population_cell_with_nobody_in_the_sample_is_an_error() {
    let settings = settings(WeightingMethod::PostStratification, &[&["sex"]]);
    let only_women = checked(&[0; 8], &AGE_OF, &[Some(1.0); 8]);
    assert_eq!(
        refusal(&only_women, &settings),
        "nurse 2024: config/targets/nurse.csv, line 3: margin `sex`: level `male` has total 500 and nobody in the sample, \
         expected at least 1 respondent; hint: no weight can reach it: merge the level with a neighbour in a derived concept"
    );
}

#[test]
fn a_margin_without_any_total_is_an_error() {
    let mut settings = raking();
    settings.totals.truncate(2);
    check_refusal(
        &settings,
        "nurse 2024: config/targets/nurse.csv: margin `age`: no total for this wave, expected one for each of its levels; \
         hint: the file has no line for wave 2024: copy those of another wave",
    );
    settings.totals.push(total("sex*age", "female*young", 10.0, 4));
    assert!(
        refusal(&eight(), &settings)
            .ends_with("the file has totals of `sex*age`, which the weighting does not use")
    );
}

#[test]
fn all_faults_come_at_once() {
    let mut settings = raking();
    settings.totals[0].total = -1.0;
    settings.totals[2].level = "jong".to_owned();
    let message = refusal(&eight(), &settings);
    assert_eq!(message.lines().count(), 4, "{message}");
    assert!(message.lines().all(|line| line.starts_with("nurse 2024: config/targets/nurse.csv")));
}

#[test]
fn base_weights_must_be_above_zero() {
    for bad in [None, Some(0.0), Some(-1.0), Some(f64::INFINITY)] {
        let mut settings = raking();
        settings.weighting.base_weight = Some("base".to_owned());
        let mut base = [Some(1.0); 8];
        base[2] = bad;
        assert_eq!(
            refusal(&checked(&SEX_OF, &AGE_OF, &base), &settings),
            "nurse 2024: base weight `base`: 1 respondents have no value above zero (records 103); hint: correct the delivery, \
             or make the rows ineligible by name in config/panels/nurse.toml"
        );
    }
}

#[test]
fn a_base_weight_that_is_no_number_concept_is_an_error() {
    let mut settings = raking();
    settings.weighting.base_weight = Some("sex".to_owned());
    check_refusal(
        &settings,
        "nurse 2024: config/panels/nurse.toml: weighting.base_weight: found `sex`, expected a number concept of the codebook; \
         hint: leave base_weight out where all respondents have the same",
    );
}

#[test]
fn a_margin_on_a_concept_that_was_not_asked_is_an_error() {
    let mut checked = eight();
    checked.about.asked.remove("age");
    assert_eq!(
        refusal(&checked, &raking()),
        "nurse 2024: config/panels/nurse.toml: margin `age`: `age` was not asked in this wave; hint: add its item to \
         config/codebook/items.csv or take it out of the margins"
    );
}

#[test]
fn a_margin_on_an_unknown_concept_is_an_error() {
    let settings = settings(WeightingMethod::PostStratification, &[&["region"]]);
    check_refusal(
        &settings,
        "nurse 2024: config/panels/nurse.toml: margin `region`: `region` is not there, expected a category concept; hint: is \
         it in config/codebook/concepts.csv with an answer list?",
    );
}

#[test]
fn settings_that_contradict_themselves_are_an_error() {
    let check = |change: &dyn Fn(&mut Weighting), expected: &str| {
        let mut settings = raking();
        change(&mut settings.weighting);
        let message = refusal(&eight(), &settings);
        assert!(
            message.starts_with(&format!(
                "nurse 2024: config/panels/nurse.toml: weighting.{expected}"
            )),
            "{message}"
        );
    };
    check(
        &|weighting| weighting.method = WeightingMethod::PostStratification,
        "margins: found 2 with method = \"post_strat",
    );
    check(
        &|weighting| weighting.method = WeightingMethod::Logit,
        "bounds: found none, expected two bounds",
    );
    check(&|weighting| weighting.trim = Trim::Once, "bounds: found none, expected two bounds");
    check(
        &|weighting| weighting.bounds = Some([1.2, 5.0]),
        "bounds: found [1.2, 5], expected a lower bound below 1",
    );
    check(
        &|weighting| weighting.margins.clear(),
        "margins: found 0 with method = \"raking\", expected at least one",
    );
    check(
        &|weighting| weighting.method = WeightingMethod::None,
        "margins: found 2 with method = \"none\", expected none",
    );
}

#[test]
fn another_panel_waves_answers_are_an_error() {
    let mut settings = raking();
    settings.panel_wave.wave = 2025;
    check_refusal(
        &settings,
        "nurse 2025: weighting settings met the answers of nurse 2024, expected those of the same panel and wave",
    );
}

#[test]
fn nobody_to_weight_is_an_error() {
    let nobody = checked(&[], &[], &[]);
    assert_eq!(
        refusal(&nobody, &raking()),
        "nurse 2024: 0 of 0 respondents are left to weight, expected at least 1; hint: did a filter of an earlier stage take \
         all rows? `peil show checked` tells"
    );
}

#[test]
fn raking_that_stops_early_but_near_is_a_warning_with_the_worst_margin() {
    let mut settings = raking();
    settings.weighting.maximum_rounds = 2;
    settings.weighting.tolerance = 1e-14;
    let weighted = calibrate_panel_wave(&eight(), &settings).unwrap();
    assert!(!weighted.about.converged && weighted.about.largest_distance > 1e-14);
    let warning = &weighted.warnings[0];
    assert_eq!(warning.code, "raking_not_converged");
    assert!(
        warning.message.starts_with("nurse 2024: margin `sex`: level `"),
        "{}",
        warning.message
    );
    assert!(
        warning.message.contains("after 2 rounds, expected 500 (distance "),
        "{}",
        warning.message
    );
}

#[test]
fn raking_that_stays_far_from_its_totals_is_an_error() {
    // Nobody is female and old: the 600 who are old would have to be the 500 men.
    let (sex, age) = ([0, 0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 1, 1, 0]);
    let message = refusal(&checked(&sex, &age, &[Some(1.0); 8]), &raking());
    assert!(message.starts_with("nurse 2024: config/targets/nurse.csv, line "), "{message}");
    assert!(
        message.contains("% off): no weights meet all totals; hint: merge small levels"),
        "{message}"
    );
}

#[test]
fn bounds_that_forbid_a_total_are_an_error_with_the_binding_margin() {
    for method in [WeightingMethod::Linear, WeightingMethod::Logit, WeightingMethod::Raking] {
        let mut settings = settings(method, &[&["sex"], &["age"]]);
        settings.weighting.bounds = Some([0.9, 1.1]);
        let message = refusal(&eight(), &settings);
        assert!(message.starts_with("nurse 2024: config/targets/nurse.csv, line 2: margin `sex`: level `female` stays at 562.5, expected 500"), "{message}");
        assert!(message.contains("no weights meet all totals within the bounds 0.9 to 1.1; hint: widen weighting.bounds"), "{message}");
    }
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

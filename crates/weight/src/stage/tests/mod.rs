#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod missing;
mod refusals;
mod replicates;
mod settings;
mod weights;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, DictionaryArray, Float64Array, Int16Array, Int64Array,
    RecordBatch, StringArray,
};
use arrow::datatypes::{Float64Type, Int16Type, Int32Type};
use config::panel::{MissingAuxiliary, RakingErrors, Redistribute, Trim, WeightingMethod};
use config::sampling::{SampleDesign, Variance};
use config::{PopulationTotal, Weighting};
use survey::handoff::CheckedAbout;
use survey::{Checked, Hinted, PanelWave, Weighted, columns};

use crate::{Error, REFUSED_DISTANCE, Settings, calibrate_panel_wave};

const SEX: [&str; 2] = ["female", "male"];
const AGE: [&str; 2] = ["young", "old"];

/// Eight respondents: sex and age as positions in their answers (-1 = missing).
const SEX_OF: [i16; 8] = [0, 0, 0, 0, 0, 1, 1, 1];
const AGE_OF: [i16; 8] = [0, 0, 0, 1, 1, 0, 1, 1];

/// Their practices.
const PRACTICES: [&str; 8] = ["1", "1", "2", "2", "3", "1", "2", "3"];

fn category(codes: &[&str], keys: &[i16]) -> ArrayRef {
    let keys: Int16Array = keys.iter().map(|&key| (key >= 0).then_some(key)).collect();
    let values = Arc::new(StringArray::from(codes.to_vec()));
    Arc::new(DictionaryArray::<Int16Type>::try_new(keys, values).unwrap())
}

fn checked(sex: &[i16], age: &[i16], base: &[Option<f64>]) -> Checked {
    let rows = sex.len() as i64;
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            columns::RESPONDENT,
            Arc::new((0..rows).map(|row| Some(format!("r{row}"))).collect::<StringArray>()),
        ),
        (columns::RECORD, Arc::new((0..rows).map(|row| row + 101).collect::<Int64Array>())),
        ("sex", category(&SEX, sex)),
        ("age", category(&AGE, age)),
        ("sex_again", category(&SEX, sex)),
        ("base", Arc::new(Float64Array::from(base.to_vec()))),
        (
            "hours",
            Arc::new((0..rows).map(|row| Some((row + 1) as f64 * 10.0)).collect::<Float64Array>()),
        ),
        (
            "practice",
            Arc::new(
                (0..rows as usize).map(|row| Some(PRACTICES[row % 8])).collect::<StringArray>(),
            ),
        ),
        (
            columns::FLAG_SPEEDER,
            Arc::new((0..rows).map(|row| Some(row == 0)).collect::<BooleanArray>()),
        ),
    ];
    Checked {
        table: RecordBatch::try_from_iter(columns).unwrap(),
        extra: BTreeMap::new(),
        findings: Vec::new(),
        warnings: Vec::new(),
        about: CheckedAbout {
            panel_wave: PanelWave::new("nurse", 2024),
            delivery: "nurses_2024".to_owned(),
            asked: ["sex", "age", "sex_again", "base", "hours", "practice"]
                .map(str::to_owned)
                .into(),
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
        line: survey::Line(line),
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
    weighted
        .table
        .column_by_name(columns::WEIGHT)
        .unwrap()
        .as_primitive::<Float64Type>()
        .values()
        .to_vec()
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
    error.with_hints()
}

fn check_refusal(settings: &Settings, expected: &str) {
    assert_eq!(refusal(&eight(), settings), expected);
}

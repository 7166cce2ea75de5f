//! The figures of the tiny survey.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Float64Array, Int32Array, Int64Array, ListArray, StringArray,
};
use arrow::datatypes::Float64Type;
use arrow::record_batch::RecordBatch;
use survey::handoff::EstimatesAbout;
use survey::{Estimates, Handoff, columns};

use super::SECRET;

/// Wave, breakdown, level, n, yes, estimate.
type Row = (i32, &'static str, &'static str, i64, i64, f64);

/// Indicator video by sex; the women of 2025 are too few.
pub fn estimates() -> Estimates {
    let cells: Vec<Row> = vec![
        (2024, "total", "total", 200, 80, 0.4),
        (2024, "sex", "f", 100, 30, 0.3),
        (2024, "sex", "m", 100, 50, 0.5),
        (2025, "total", "total", 190, 104, total()),
        (2025, "sex", "f", 8, 1, SECRET),
        (2025, "sex", "m", 100, 55, 0.55),
        (2025, "sex", "x", 82, 49, 0.6),
    ];
    let text = |value: &str| -> ArrayRef { Arc::new(StringArray::from(vec![value; cells.len()])) };
    let of = |pick: fn(&Row) -> &'static str| -> ArrayRef {
        Arc::new(StringArray::from(cells.iter().map(pick).collect::<Vec<_>>()))
    };
    let count = |pick: fn(i64) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from(cells.iter().map(|cell| pick(cell.3)).collect::<Vec<_>>()))
    };
    let figure = |pick: fn(f64) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from(cells.iter().map(|cell| pick(cell.5)).collect::<Vec<_>>()))
    };
    let yes: ArrayRef = Arc::new(cells.iter().map(|cell| Some(cell.4)).collect::<Int64Array>());
    let weights: ArrayRef =
        Arc::new(cells.iter().map(|cell| Some(cell.3 as f64 * 1.5)).collect::<Float64Array>());
    let table = RecordBatch::try_from_iter([
        ("indicator", text("video")),
        ("panel", text("gp")),
        (
            "wave",
            Arc::new(Int32Array::from(cells.iter().map(|cell| cell.0).collect::<Vec<_>>()))
                as ArrayRef,
        ),
        ("breakdown", of(|cell| cell.1)),
        ("level", of(|cell| cell.2)),
        ("n", count(|n| n)),
        ("n_yes", yes),
        ("n_sample", count(|n| n + 1)),
        ("sum_of_weights", weights),
        ("n_eff", figure(|value| value * 20.0)),
        ("deff", figure(|value| value * 30.0)),
        ("estimate", figure(|value| value)),
        ("standard_error", figure(|value| value / 10.0)),
        ("ci_lower", figure(|value| value - 0.01)),
        ("ci_upper", figure(|value| value + 0.01)),
        ("degrees_of_freedom", figure(|_| 100.0)),
        ("status", text("published")),
        ("reason", text("")),
        ("comparability", text("comparable")),
        ("comparability_note", text("")),
    ])
    .unwrap();
    let about = EstimatesAbout { panel: "gp".to_owned(), waves: vec![2024, 2025] };
    let extra =
        BTreeMap::from([("change".to_owned(), change()), ("contrast".to_owned(), contrast())]);
    Handoff { table, extra, findings: vec![], warnings: vec![], about }
}

/// The proportion of everybody in 2025.
fn total() -> f64 {
    (8.0 * SECRET + 55.0 + 49.2) / 190.0
}

/// One number a test.
fn kept(figures: &ArrayRef) -> ArrayRef {
    let numbers = figures.as_primitive::<Float64Type>().values().iter();
    let rows = numbers.map(|number| Some([Some(*number)]));
    Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(rows))
}

/// A test of two levels or waves a row, by these columns; its numbers are all the same.
fn tested(by: Vec<(&'static str, ArrayRef)>, figures: [f64; 2]) -> RecordBatch {
    const NUMBERS: [&str; 10] = [
        "standard_error",
        "ci_lower",
        "ci_upper",
        "ci_adjusted_lower",
        "ci_adjusted_upper",
        "detectable_difference",
        "statistic",
        "degrees_of_freedom",
        "p",
        "p_adjusted",
    ];
    let figures: ArrayRef = Arc::new(Float64Array::from(figures.to_vec()));
    let own = [("indicator", texts(["video", "video"])), ("panel", texts(["gp", "gp"]))];
    let numbers = NUMBERS.map(|name| (name, Arc::clone(&figures)));
    let all = own.into_iter().chain(by).chain(numbers);
    RecordBatch::try_from_iter(all.chain([(columns::TEST, kept(&figures))])).unwrap()
}

fn texts(values: [&str; 2]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn numbers(values: [f64; 2]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn waves(waves: [i32; 2]) -> ArrayRef {
    Arc::new(Int32Array::from(waves.to_vec()))
}

fn change() -> RecordBatch {
    let by = vec![
        ("wave", waves([2025, 2025])),
        ("breakdown", texts(["sex", "total"])),
        ("level", texts(["f", "total"])),
        ("against", texts(["previous_wave", "previous_wave"])),
        ("reference_wave", waves([2024, 2024])),
        ("call", texts(["decreased", "increased"])),
        ("overlap", texts(["independent", "independent"])),
        ("duplicate_of", texts(["", ""])),
        ("difference", numbers([SECRET - 0.3, total() - 0.4])),
    ];
    tested(by, [SECRET - 0.3, 0.01])
}

/// Women, who are too few, against men; and two levels of 2024 that are shown.
fn contrast() -> RecordBatch {
    let figures = [SECRET - 0.3, 0.2];
    let by = vec![
        ("wave", waves([2025, 2024])),
        ("breakdown", texts(["sex", "sex"])),
        ("level_a", texts(["f", "f"])),
        ("level_b", texts(["m", "m"])),
        ("call", texts(["lower", "higher"])),
        ("difference", numbers(figures)),
    ];
    tested(by, figures)
}

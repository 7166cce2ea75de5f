//! What is said of comparisons that everybody may read.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Float64Array, Int32Array, ListArray, StringArray};
use arrow::datatypes::Float64Type;
use arrow::record_batch::RecordBatch;
use survey::columns;

use super::{AsArray, Tiny, folder, published, read, text};

const FIGURES: [&str; 8] = [
    "standard_error",
    "ci_lower",
    "ci_upper",
    "ci_adjusted_lower",
    "ci_adjusted_upper",
    "detectable_difference",
    "statistic",
    "degrees_of_freedom",
];

/// Level and other level, difference and p of comparisons in 2024, or against it.
type Row = (&'static str, &'static str, f64, f64);

/// A table of comparisons of the levels by sex; the texts and waves that differ between the two kinds come in.
fn compared(rows: &[Row], own: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let same = |value: &str| -> ArrayRef { Arc::new(StringArray::from(vec![value; rows.len()])) };
    let numbers = |of: &dyn Fn(&Row) -> f64| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(of(row))).collect::<Float64Array>())
    };
    let test = |row: &Row| Some([Some(row.3)]);
    let tests = ListArray::from_iter_primitive::<Float64Type, _, _>(rows.iter().map(test));
    let mut all = vec![
        ("indicator", same("video")),
        ("panel", same("gp")),
        ("breakdown", same("sex")),
        ("difference", numbers(&|row| row.2)),
        ("p", numbers(&|row| row.3)),
        ("p_adjusted", numbers(&|row| row.3)),
    ];
    all.extend(FIGURES.map(|name| (name, numbers(&|row| row.2))));
    all.extend(own);
    all.push((columns::TEST, Arc::new(tests)));
    RecordBatch::try_from_iter(all).unwrap()
}

fn texts<'a>(of: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(of))
}

fn waves(wave: i32, rows: &[Row]) -> ArrayRef {
    Arc::new(Int32Array::from(vec![wave; rows.len()]))
}

/// The public table of these contrasts in 2024.
fn contrasts(rows: &[Row]) -> RecordBatch {
    let own = vec![
        ("wave", waves(2024, rows)),
        ("level_a", texts(rows.iter().map(|row| row.0))),
        ("level_b", texts(rows.iter().map(|row| row.1))),
        ("call", texts(rows.iter().map(|_| "higher"))),
    ];
    public("contrast", compared(rows, own))
}

fn public(mart: &str, exact: RecordBatch) -> RecordBatch {
    let (mut tiny, marts) = (Tiny::new(), folder());
    tiny.estimates[0].extra.insert(mart.to_owned(), exact);
    let release = published(&tiny, marts.path()).unwrap();
    read(&release.folder.join(format!("public/{mart}.parquet")))
}

fn numbers(table: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    table.column_by_name(name).unwrap().as_primitive::<Float64Type>().iter().collect()
}

#[test]
fn a_contrast_is_called_by_its_own_sign_where_its_family_calls_it() {
    let rows = [("f", "m", 0.2, 0.012_34), ("m", "f", -0.2, 0.04), ("f", "x", 0.1, 0.01)];
    let table = contrasts(&rows);
    // Level x has no figure in 2024.
    assert_eq!(text(&table, "call"), ["higher", "lower"]);
    assert_eq!(numbers(&table, "difference"), [Some(20.0), Some(-20.0)]);
    assert_eq!(numbers(&table, "p"), [Some(0.012), Some(0.04)]);
    // What the family says: its p less and plus one point, and what it could have called.
    assert_eq!(numbers(&table, "p_adjusted"), [Some(0.012), Some(0.04)]);
    assert_eq!(numbers(&table, "ci_adjusted_lower")[0], Some(20.0 - 20.0));
    assert_eq!(numbers(&table, "detectable_difference"), [Some(2.0); 2]);
    let table = contrasts(&[("f", "m", 0.2, 0.06)]);
    assert_eq!(text(&table, "call"), ["not_different"]);
}

/// The public table of changes of the men from 2024 to 2025.
fn changes(rows: &[Row]) -> RecordBatch {
    let own = vec![
        ("wave", waves(2025, rows)),
        ("level", texts(rows.iter().map(|row| row.0))),
        ("against", texts(rows.iter().map(|row| row.1))),
        ("reference_wave", waves(2024, rows)),
        ("call", texts(rows.iter().map(|_| "stable"))),
        ("overlap", texts(rows.iter().map(|_| "independent"))),
        ("duplicate_of", texts(rows.iter().map(|_| ""))),
    ];
    public("change", compared(rows, own))
}

#[test]
fn a_change_is_called_by_its_own_sign_where_its_family_calls_it() {
    // Rows stand in the order of their key.
    let table = changes(&[("m", "previous_wave", 0.05, 0.01), ("m", "first_wave", -0.05, 0.01)]);
    assert_eq!(text(&table, "against"), ["first_wave", "previous_wave"]);
    assert_eq!(text(&table, "call"), ["decreased", "increased"]);
    assert_eq!(numbers(&table, "difference"), [Some(-5.0), Some(5.0)]);
    let table = changes(&[("m", "previous_wave", 0.05, 0.2), ("f", "previous_wave", -0.2, 0.01)]);
    assert_eq!(text(&table, "call"), ["withheld", "stable"]);
    assert_eq!(numbers(&table, "difference"), [None, Some(5.0)]);
    assert_eq!(numbers(&table, "p"), [None, Some(0.2)]);
    assert!(table.column_by_name("ci_adjusted_lower").unwrap().is_null(0));
}

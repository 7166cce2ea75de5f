//! A trend over three waves tells of every one of them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, RecordBatch, StringArray};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::Int32Type;

use crate::tiny::Tiny;
use crate::{folder, published, read, text};

/// The rows of one wave, as those of another.
fn of_wave(table: &RecordBatch, wave: i32, as_wave: i32) -> RecordBatch {
    let waves = table.column_by_name("wave").unwrap().as_primitive::<Int32Type>();
    let rows: Int32Array =
        (0..table.num_rows() as i32).filter(|row| waves.value(*row as usize) == wave).collect();
    let kept = take_record_batch(table, &rows).unwrap();
    with(&kept, "wave", Arc::new(Int32Array::from(vec![as_wave; rows.len()])))
}

fn with(table: &RecordBatch, name: &str, column: ArrayRef) -> RecordBatch {
    let mut columns = table.columns().to_vec();
    columns[table.schema().index_of(name).unwrap()] = column;
    RecordBatch::try_new(table.schema(), columns).unwrap()
}

/// Three waves, the women too few in the second; trends of women and of men at the last.
fn three_waves() -> Tiny {
    let mut tiny = Tiny::new();
    let estimates = &mut tiny.estimates[0];
    let (full, few) =
        (of_wave(&estimates.table, 2024, 2023), of_wave(&estimates.table, 2025, 2024));
    let last = of_wave(&estimates.table, 2024, 2025);
    estimates.table = concat_batches(&full.schema(), [&full, &few, &last]).unwrap();
    estimates.about.waves = vec![2023, 2024, 2025];
    let change = &estimates.extra["change"];
    let same = |value: &str| -> ArrayRef { Arc::new(StringArray::from(vec![value; 2])) };
    let trend = with(change, "against", same("trend"));
    let trend = with(&trend, "breakdown", same("sex"));
    let trend = with(&trend, "level", Arc::new(StringArray::from(vec!["f", "m"])));
    let trend = with(&trend, "reference_wave", Arc::new(Int32Array::from(vec![2023; 2])));
    estimates.extra.insert("change".to_owned(), trend);
    tiny
}

#[test]
fn the_trend_over_a_wave_that_is_withheld_is_withheld_and_that_over_shown_waves_is_not() {
    let (tiny, marts) = (three_waves(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    let estimate = read(&release.folder.join("public/estimate.parquet"));
    let waves = estimate.column_by_name("wave").unwrap().as_primitive::<Int32Type>();
    let hidden: Vec<_> = text(&estimate, "status")
        .into_iter()
        .zip(text(&estimate, "level"))
        .zip(waves.values())
        .filter(|((status, _), _)| *status == "withheld")
        .map(|((_, level), wave)| (level, *wave))
        .collect();
    assert_eq!(hidden, [("f", 2024)], "only the wave between is withheld");
    let change = read(&release.folder.join("public/change.parquet"));
    assert_eq!(text(&change, "level"), ["f", "m"]);
    // Its ends are equal as shown, which makes a change stable, and no trend.
    assert_eq!(text(&change, "call"), ["withheld", "increased"]);
    for number in ["difference", "ci_lower", "ci_upper", "p"] {
        let column = change.column_by_name(number).unwrap();
        assert_eq!((column.is_null(0), column.is_null(1)), (true, false), "{number}");
    }
}

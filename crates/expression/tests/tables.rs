//! What SQL over tables promises, each as a claim.
#![allow(clippy::unwrap_used)] // a test may stop where it breaks

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, Int32Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::record_batch::RecordBatch;
use expression::Engine;
use survey::SqlTables;
use survey::condition::SqlMistake;

fn tables() -> BTreeMap<String, Vec<RecordBatch>> {
    let columns: [(&str, ArrayRef); 4] = [
        ("panel", Arc::new(StringArray::from(vec!["nurse", "gp", "gp", "nurse"]))),
        ("wave", Arc::new(Int32Array::from(vec![2025, 2025, 2024, 2024]))),
        ("n", Arc::new(Int64Array::from(vec![10, 20, 30, 0]))),
        ("estimate", Arc::new(Float64Array::from(vec![0.1, 0.2, 0.3, 0.4]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    BTreeMap::from([("estimate".to_owned(), vec![batch.slice(0, 2), batch.slice(2, 2)])])
}

fn run(sql: &str) -> Result<RecordBatch, SqlMistake> {
    Engine::new().query(&tables(), sql)
}

fn hint_of(sql: &str, message: &str, hint: Option<&str>) {
    let found = run(sql).expect_err(sql);
    assert_eq!((found.message.as_str(), found.hint.as_deref()), (message, hint), "{sql}");
}

#[test]
fn rows_come_in_the_order_asked_for() {
    let found = run("SELECT panel, wave, n FROM estimate ORDER BY panel, wave").unwrap();
    let n: Vec<_> = found.column(2).as_primitive::<Int64Type>().values().to_vec();
    assert_eq!(n, [30, 20, 0, 10]);
}

#[test]
fn an_order_left_open_is_a_mistake() {
    assert!(run("SELECT panel FROM estimate").unwrap_err().message.contains("order"));
}

#[test]
fn types_are_those_of_a_mart() {
    let sql = "SELECT panel, row_number() OVER (ORDER BY panel, wave) AS place, count(*) OVER () AS n, \
               CAST(wave AS VARCHAR) || 'x' AS label, substr(panel, 1, 2) AS short, round(estimate * 100, 1) AS percent, \
               wave - 1 AS before FROM estimate ORDER BY panel, wave";
    let found = run(sql).unwrap();
    let types: Vec<_> =
        found.schema().fields().iter().map(|field| field.data_type().clone()).collect();
    let expected = [
        DataType::Utf8,
        DataType::Int64,
        DataType::Int64,
        DataType::Utf8,
        DataType::Utf8,
        DataType::Float64,
        DataType::Int64,
    ];
    assert_eq!(types, expected);
}

#[test]
fn division_by_zero_in_a_table_is_null_and_so_is_its_remainder() {
    let found = run("SELECT 1 / n AS share FROM estimate ORDER BY panel, wave").unwrap();
    let shares: Vec<_> = found.column(0).as_primitive::<Float64Type>().iter().collect();
    assert_eq!(shares, [Some(1.0 / 30.0), Some(0.05), None, Some(0.1)]);
    let found = run("SELECT 25 % n AS rest FROM estimate ORDER BY panel, wave").unwrap();
    let rests: Vec<_> = found.column(0).as_primitive::<Float64Type>().iter().collect();
    assert_eq!(rests, [Some(25.0), Some(5.0), None, Some(5.0)]);
}

#[test]
fn a_place_in_a_text_is_a_whole_number_in_a_table_and_is_not_cut_to_one() {
    assert!(run("SELECT substr(panel, 2) AS rest FROM estimate ORDER BY panel").is_ok());
    let found = run("SELECT substr(panel, 1.5) AS rest FROM estimate ORDER BY panel").unwrap_err();
    assert!(found.message.contains("substr"), "{found:?}");
    assert!(run("SELECT left(panel, 2) AS begin FROM estimate ORDER BY panel").is_ok());
    let found = run("SELECT left(panel, 1.5) AS begin FROM estimate ORDER BY panel").unwrap_err();
    assert!(found.message.contains("left"), "{found:?}");
}

#[test]
fn what_is_grouped_by_a_function_can_be_selected() {
    let sql = "SELECT round(10 * estimate / 3) AS step, count(*) AS n FROM estimate \
               GROUP BY round(10 * estimate / 3) ORDER BY step";
    let found = run(sql).unwrap();
    let steps = found.column(0).as_primitive::<Float64Type>().values().to_vec();
    let counts = found.column(1).as_primitive::<Int64Type>().values().to_vec();
    assert_eq!((steps, counts), (vec![0.0, 1.0], vec![1, 3]));
}

#[test]
fn an_unknown_table_column_or_function_is_named_with_the_nearest() {
    hint_of(
        "SELECT 1 FROM estimates ORDER BY 1",
        "no table `estimates`",
        Some("did you mean `estimate`?"),
    );
    hint_of(
        "SELECT rund(n) FROM estimate ORDER BY 1",
        "no function `rund`",
        Some("did you mean `round`?"),
    );
    let found = run("SELECT\n  panl FROM estimate ORDER BY wave").unwrap_err();
    assert_eq!(found.position, Some((2, 3)), "{found:?}");
}

#[test]
fn only_one_select_is_run() {
    for sql in [
        "DROP TABLE estimate",
        "SELECT 1 ORDER BY 1; SELECT 2 ORDER BY 1",
        "",
        "COPY estimate TO 'x'",
    ] {
        assert!(run(sql).is_err(), "{sql}");
    }
}

#[test]
fn an_answer_that_depends_on_clock_or_chance_is_refused() {
    for sql in [
        "SELECT now() AS t ORDER BY 1",
        "SELECT uuid() AS t ORDER BY 1",
        "SELECT current_date AS t ORDER BY 1",
    ] {
        assert!(run(sql).unwrap_err().message.contains("another answer each time"), "{sql}");
    }
}

#[test]
fn no_file_is_read_by_its_name() {
    assert!(run("SELECT * FROM '/etc/hostname' ORDER BY 1").is_err());
}

#[test]
fn common_tables_can_be_used_and_an_empty_answer_keeps_its_columns() {
    let sql = "WITH gp AS (SELECT * FROM estimate WHERE panel = 'gp') \
               SELECT wave, n FROM gp WHERE n > 100 ORDER BY wave";
    let found = run(sql).unwrap();
    assert_eq!((found.num_rows(), found.num_columns()), (0, 2));
}

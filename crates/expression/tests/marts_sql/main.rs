//! The SQL marts of config/marts over small tables made by hand: they run, and give exactly the columns of their contracts.
#![allow(clippy::unwrap_used)] // a test may stop where it breaks

mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Float64Type, Int32Type};
use arrow::record_batch::RecordBatch;
use expression::Engine;
use serde::Deserialize;
use survey::SqlTables;
use tables::tables;

#[derive(Deserialize)]
struct Contract {
    #[serde(default)]
    leaves_out_others: bool,
    key: Vec<String>,
    columns: Vec<Column>,
}

#[derive(Deserialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/marts")
}

/// A mart over the tables below, and over `figure_cell`, from which all the others select.
fn mart(name: &str) -> RecordBatch {
    let mut tables = tables();
    if name != BASE {
        tables.insert(BASE.to_owned(), vec![query(&tables, BASE)]);
    }
    query(&tables, name)
}

const BASE: &str = "figure_cell";

fn query(tables: &BTreeMap<String, Vec<RecordBatch>>, name: &str) -> RecordBatch {
    let sql = std::fs::read_to_string(folder().join(format!("{name}.sql"))).unwrap();
    Engine::new().query(tables, &sql).unwrap_or_else(|mistake| panic!("{name}: {mistake:?}"))
}

fn text<'a>(table: &'a RecordBatch, name: &str) -> Vec<Option<&'a str>> {
    table.column_by_name(name).unwrap().as_string::<i32>().iter().collect()
}

fn number(table: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    table.column_by_name(name).unwrap().as_primitive::<Float64Type>().iter().collect()
}

#[test]
fn every_mart_gives_the_columns_of_its_contract() {
    let mut marts: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
        .collect();
    marts.sort();
    assert_eq!(marts.len(), 11);
    for name in marts {
        let contract = std::fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap();
        let contract: Contract = toml::from_str(&contract).unwrap();
        let found = mart(&name);
        let schema = found.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let expected: Vec<_> = contract.columns.iter().map(|column| column.name.as_str()).collect();
        if contract.leaves_out_others {
            assert!(expected.iter().all(|name| names.contains(name)), "{name}: {names:?}");
        } else {
            assert_eq!(names, expected, "{name}");
        }
        for column in &contract.columns {
            let field = schema.field_with_name(&column.name).unwrap();
            let expected = match column.kind.as_str() {
                "text" => DataType::Utf8,
                "int32" => DataType::Int32,
                "int64" => DataType::Int64,
                "boolean" => DataType::Boolean,
                _ => DataType::Float64,
            };
            assert_eq!(field.data_type(), &expected, "{name}.{}", column.name);
        }
        assert!(contract.key.iter().all(|key| found.column_by_name(key).is_some()), "{name}");
        assert!(found.num_rows() > 0, "{name}");
    }
}

#[test]
fn figures_are_rounded_as_published_and_carry_the_call() {
    let found = mart("usage_users");
    assert_eq!(number(&found, "value"), [Some(40.0), Some(51.0)]);
    assert_eq!(text(&found, "call"), [None, Some("increased")]);
    assert_eq!(text(&found, "indicator"), [Some("video_use"); 2]);
}

#[test]
fn totals_over_groups_stand_beside_the_panels() {
    assert_eq!(text(&mart("usage_providers"), "panel"), [Some("gp"), Some("providers_pooled")]);
}

#[test]
fn pairs_are_joined_by_what_they_are_about() {
    let found = mart("process_gap");
    assert_eq!(text(&found, "process"), [Some("referring")]);
    assert_eq!(number(&found, "gap_percentage_points"), [Some(50.0)]);
    assert_eq!(number(&found, "gap_ci_lower"), [Some(40.0)]);
    assert_eq!(number(&found, "gap_change_percentage_points"), [Some(-7.0)]);
    assert_eq!(text(&found, "gap_change_call"), [Some("decreased")]);
    let found = mart("received_wanted");
    assert_eq!(
        (text(&found, "contact"), number(&found, "wanted_percent")),
        (vec![Some("home")], vec![Some(59.0)])
    );
    assert_eq!(number(&found, "received_percent"), [Some(8.0)]);
}

#[test]
fn statements_are_grouped_as_the_figure_says() {
    assert_eq!(text(&mart("impact_statement"), "group_label_en"), [Some("Negative")]);
}

#[test]
fn waves_that_a_figure_does_not_draw_are_marked() {
    let found = mart("usage_users");
    let drawn = found.column_by_name("is_drawn").unwrap().as_boolean();
    assert_eq!(drawn.iter().collect::<Vec<_>>(), [Some(false), Some(true)]);
}

#[test]
fn bands_are_cut_on_the_unrounded_mean() {
    // 5.45 is published as 5.5 and still neutral; 4.49 is negative.
    let found = mart("impact_rating");
    assert_eq!(text(&found, "band"), [Some("positive"), Some("negative"), Some("neutral")]);
    assert_eq!(number(&found, "value"), [Some(5.5), Some(4.5), Some(5.5)]);
}

#[test]
fn a_withheld_level_stays_in_its_row_without_a_figure() {
    let found = mart("education_age");
    let levels: Vec<_> = text(&found, "level").into_iter().zip(number(&found, "value")).collect();
    let expected = [(Some("young"), None), (Some("old"), Some(30.0))];
    assert_eq!(levels, expected);
}

#[test]
fn users_are_set_against_non_users() {
    let found = mart("user_contrast");
    assert_eq!(text(&found, "level"), [Some("user"), Some("non_user")]);
    assert_eq!(number(&found, "difference"), [Some(1.25), None]);
    // The interval turns with the sign: contrast is non-user minus user.
    assert_eq!(number(&found, "difference_ci_lower"), [Some(0.25), None]);
    assert_eq!(number(&found, "difference_ci_upper"), [Some(2.25), None]);
}

#[test]
fn a_series_is_called_against_the_wave_before() {
    let found = mart("trend_call");
    assert_eq!(text(&found, "call_label_nl"), [None, Some("Gestegen")]);
    let reference = found.column_by_name("reference_wave").unwrap().as_primitive::<Int32Type>();
    assert_eq!(reference.iter().collect::<Vec<_>>(), [None, Some(2024)]);
}

#[test]
fn both_sides_of_a_pair_have_one_subject() {
    let found = mart("demand_supply");
    assert_eq!(text(&found, "subject"), [Some("home"), Some("home"), Some("consent")]);
    assert_eq!(text(&found, "side"), [Some("first"), Some("second"), Some("alone")]);
}

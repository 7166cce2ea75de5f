//! Reading marts back as tables of text, for the tests.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// A row by column name; null is the empty text.
pub type Row = BTreeMap<String, String>;

/// The rows of a mart, wherever in the release it stands.
pub fn rows(release: &Path, mart: &str) -> Vec<Row> {
    let path = files(release)
        .into_iter()
        .find(|path| path.file_stem().is_some_and(|stem| stem == mart))
        .unwrap_or_else(|| panic!("no mart `{mart}` in the release"));
    table_rows(&path)
}

/// The rows of a Parquet file.
pub fn table_rows(path: &Path) -> Vec<Row> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap())
        .unwrap()
        .build()
        .unwrap();
    reader.flat_map(|batch| batch_rows(&batch.unwrap())).collect()
}

fn batch_rows(batch: &RecordBatch) -> Vec<Row> {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let columns: Vec<_> = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column, &options).unwrap())
        .collect();
    (0..batch.num_rows())
        .map(|row| {
            let cells = schema.fields().iter().zip(&columns);
            cells
                .map(|(field, column)| (field.name().clone(), column.value(row).to_string()))
                .collect()
        })
        .collect()
}

/// All Parquet files of a release, sorted.
pub fn files(release: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![fs::canonicalize(release).unwrap()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn all_marts_of_the_design_are_published() {
    let run = crate::program::sample_run();
    let names: Vec<String> = files(&run.marts)
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let expected = [
        "dim_panel",
        "dim_wave",
        "dim_concept",
        "dim_answer",
        "dim_indicator",
        "dim_breakdown",
        "dim_status",
        "dim_code",
        "dim_item",
        "dim_band",
        "dim_gap",
        "dim_figure",
        "figure_indicator",
        "figure_panel",
        "figure_breakdown",
        "figure_wave",
        "figure_group",
        "figure_cell",
        "panel_member",
        "indicator_code",
        "indicator_panel",
        "panel_wave",
        "panel_wave_margin",
        "dim_respondent",
        "fact_answer",
        "respondent_wide",
        "replicate_weight",
        "replicate_design",
        "estimate",
        "change",
        "contrast",
        "panel_contrast",
        "panel_contrast_exact",
        "gap",
        "estimate_exact",
        "change_exact",
        "contrast_exact",
        "usage_users",
        "usage_providers",
        "process_gap",
        "received_wanted",
        "impact_rating",
        "impact_statement",
        "education_age",
        "user_contrast",
        "trend_call",
        "demand_supply",
        "finding",
        "delivery",
        "conservation",
        "weight_diagnostic",
        "rule_outcome",
        "meta_run",
    ];
    for mart in expected {
        assert!(names.iter().any(|name| name == mart), "no mart `{mart}` among {names:?}");
    }
}

#[test]
fn every_figure_of_the_publication_has_rows() {
    let run = crate::program::sample_run();
    let figures = [
        "usage_users",
        "usage_providers",
        "process_gap",
        "received_wanted",
        "impact_rating",
        "impact_statement",
        "education_age",
        "user_contrast",
        "trend_call",
        "demand_supply",
    ];
    for figure in figures {
        assert!(!rows(&run.marts, figure).is_empty(), "`{figure}` is empty");
    }
}

#[test]
fn a_panel_wave_tells_rounded_counts_its_fieldwork_and_its_weighting() {
    let run = crate::program::sample_run();
    let facts = rows(&run.marts, "panel_wave");
    assert_eq!(facts.len(), 30);
    for row in &facts {
        for count in ["n", "delivered", "quarantined", "out_of_scope", "findings_info"] {
            let count: u64 = row[count].parse().unwrap();
            assert_eq!(count % 5, 0, "{row:?}");
        }
        assert_eq!(row["fieldwork_start"], format!("{}-03-01", row["wave"]));
        let deff: f64 = row["deff_weighting"].parse().unwrap();
        assert!((1.0..1.5).contains(&deff), "{row:?}");
    }
    let margins = rows(&run.marts, "panel_wave_margin");
    let of_gp = margins.iter().filter(|row| row["panel_wave"] == "gp:2025");
    let of_gp: Vec<&str> = of_gp.map(|row| row["margin"].as_str()).collect();
    assert_eq!(of_gp, ["age_group_provider", "sex_register", "region"]);
}

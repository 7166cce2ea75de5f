//! Who works with the restricted marts gets the published figures from them.

use std::collections::BTreeMap;
use std::fs::File;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Float64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::marts::{Row, files, rows};
use crate::program::{SampleRun, sample_run};

/// A restricted mart with its columns as text, but for the weight.
struct Respondents {
    table: RecordBatch,
    weights: Vec<f64>,
    /// Rows of each panel and wave.
    of: BTreeMap<(String, String), Vec<usize>>,
}

impl Respondents {
    fn read(run: &SampleRun) -> Self {
        let path = files(&run.marts)
            .into_iter()
            .find(|path| path.file_stem().is_some_and(|stem| stem == "respondent_wide"))
            .unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
        let schema = reader.schema().clone();
        let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        let table = concat_batches(&schema, &batches).unwrap();
        let weights = table.column_by_name("weight").unwrap().as_primitive::<Float64Type>();
        let weights = weights.iter().map(|weight| weight.unwrap_or(0.0)).collect();
        let mut all = Self { table, weights, of: BTreeMap::new() };
        let (panels, waves) = (all.texts("panel"), all.texts("wave"));
        for (row, of) in panels.into_iter().zip(waves).enumerate() {
            all.of.entry(of).or_default().push(row);
        }
        all
    }

    /// A column as text; an empty cell is the empty text.
    fn texts(&self, name: &str) -> Vec<String> {
        let column = cast(self.table.column_by_name(name).unwrap(), &DataType::Utf8).unwrap();
        column.as_string::<i32>().iter().map(|text| text.unwrap_or_default().to_owned()).collect()
    }
}

/// Rows of a dimension by their key.
fn by_key(run: &SampleRun, mart: &str, key: &str) -> BTreeMap<String, Row> {
    rows(&run.marts, mart).into_iter().map(|row| (row[key].clone(), row)).collect()
}

#[test]
fn every_published_proportion_follows_from_the_answers_in_columns() {
    let run = sample_run();
    let respondents = Respondents::read(run);
    let indicators = by_key(run, "dim_indicator", "indicator");
    let breakdowns = by_key(run, "dim_breakdown", "breakdown");
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(&run.marts, "indicator_code") {
        codes.entry(row["indicator"].clone()).or_default().push(row["code"].clone());
    }
    let mut in_base: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(&run.marts, "dim_answer") {
        if row["in_base"] == "true" && !row["missing_reason"].is_empty() {
            in_base.entry(row["concept"].clone()).or_default().push(row["code"].clone());
        }
    }
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut recomputed = 0;
    let mut with_reasons_in_base = 0;
    for figure in rows(&run.marts, "estimate_exact") {
        let indicator = &indicators[&figure["indicator"]];
        let of = (figure["panel"].clone(), figure["wave"].clone());
        let Some(members) = respondents.of.get(&of) else { continue };
        if figure["status"] != "published" || indicator["kind"] != "proportion" {
            continue;
        }
        assert!(indicator["base"].is_empty(), "no base to evaluate in the sample");
        let concept = indicator["concept"].clone();
        let level = breakdowns[&figure["breakdown"]]["concept"].clone();
        let level = Some(level).filter(|concept| !concept.is_empty());
        for name in [Some(concept.clone()), Some(format!("{concept}__missing")), level.clone()] {
            let Some(name) = name else { continue };
            columns.entry(name.clone()).or_insert_with(|| respondents.texts(&name));
        }
        let codes = &codes[&figure["indicator"]];
        let in_base = in_base.get(&concept).map_or(&[][..], Vec::as_slice);
        let (answers, reasons) = (&columns[&concept], &columns[&format!("{concept}__missing")]);
        let (mut yes, mut base, mut by_reason) = (0.0, 0.0, 0.0);
        for &row in members {
            if level.as_ref().is_some_and(|level| columns[level][row] != figure["level"]) {
                continue;
            }
            let weight = respondents.weights[row];
            assert_eq!(answers[row].is_empty(), !reasons[row].is_empty(), "{concept}, row {row}");
            if !answers[row].is_empty() {
                base += weight;
                yes += if codes.contains(&answers[row]) { weight } else { 0.0 };
            } else if in_base.contains(&reasons[row]) {
                base += weight;
                by_reason += weight;
            }
        }
        let published: f64 = figure["estimate"].parse().unwrap();
        assert!((yes / base - published).abs() < 1e-9, "{figure:?}: {}", yes / base);
        recomputed += 1;
        with_reasons_in_base += usize::from(by_reason > 0.0);
    }
    assert!(recomputed > 1000, "only {recomputed} figures");
    assert!(with_reasons_in_base > 100, "only {with_reasons_in_base} with a reason in the base");
}

#[test]
fn a_level_that_was_no_answer_in_a_wave_reads_not_asked() {
    let of_sex = |row: &Row| row["breakdown"] == "sex" && row["level"] == "other";
    let figures: Vec<Row> =
        rows(&sample_run().marts, "estimate").into_iter().filter(of_sex).collect();
    let in_2021: Vec<&Row> = figures.iter().filter(|row| row["wave"] == "2021").collect();
    assert!(!in_2021.is_empty());
    for row in in_2021 {
        assert_eq!((row["status"].as_str(), row["reason"].as_str()), ("not_asked", "not_asked"));
    }
    assert!(figures.iter().any(|row| row["status"] == "withheld"), "later it was an answer");
}

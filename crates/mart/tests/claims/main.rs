//! What a release promises, each as a claim.
#![allow(clippy::unwrap_used)] // a test may stop where it breaks

mod calls;
mod folder_of_marts;
mod receipts;
mod releases;
mod taken_over;
mod tiny;
mod trend;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use config::monitor::Protection;
use mart::{
    Access, ColumnType, Manifest, Outcome, Published, Target, current, publish, releases, verify,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Encoding;
use parquet::file::reader::{FileReader, SerializedFileReader};
use survey::Hinted;
use tempfile::TempDir;
use tiny::settings::shown;
use tiny::{SECRET, Tiny};

fn published(tiny: &Tiny, marts: &Path) -> Result<Published, mart::Error> {
    publish(&tiny.inputs(), &target(marts, 5, &|_| Ok(())))
}

fn target<'a>(marts: &'a Path, keep: u32, step: &'a dyn Fn(&str) -> io::Result<()>) -> Target<'a> {
    Target {
        marts,
        keep,
        access: Access::default(),
        rebuild: false,
        step,
        audit: None,
        earlier: None,
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn read(path: &Path) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = builder.schema().clone();
    let batches: Vec<_> = builder.build().unwrap().map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

/// The texts of a column; nothing is the empty text.
fn text<'a>(table: &'a RecordBatch, name: &str) -> Vec<&'a str> {
    let column = table.column_by_name(name).unwrap().as_string::<i32>();
    column.iter().map(Option::unwrap_or_default).collect()
}

/// All files of a release with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(
                files(&path)
                    .into_iter()
                    .map(|(name, bytes)| (path.file_name().unwrap().into(), name, bytes))
                    .map(|(part, name, bytes): (PathBuf, PathBuf, Vec<u8>)| {
                        (part.join(name), bytes)
                    }),
            );
        } else {
            found.insert(path.file_name().unwrap().into(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn every_table_is_there_with_the_rows_of_the_manifest_and_the_id_of_the_release() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    assert_eq!((release.outcome, release.notes.as_slice()), (Outcome::New, [].as_slice()));
    let tables: Vec<&str> = release
        .files
        .iter()
        .filter(|file| file.rows.is_some())
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(tables.len(), 30 + 1 + 8 + 12, "{tables:?}");
    for file in release.files.iter().filter(|file| file.rows.is_some()) {
        let table = read(&release.folder.join(&file.path));
        assert_eq!(Some(table.num_rows() as u64), file.rows, "{}", file.path);
        assert!(text(&table, "run_id").iter().all(|id| *id == release.release), "{}", file.path);
    }
}

#[test]
fn old_readers_know_every_encoding_and_type() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    for file in release.files.iter().filter(|file| file.rows.is_some()) {
        let path = release.folder.join(&file.path);
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        let is_large = ["dim_respondent", "fact_answer", "respondent_wide", "replicate_weight"]
            .iter()
            .any(|mart| file.path == format!("restricted/{mart}.parquet"));
        // A large table tells which row groups are of which panel-wave, for the release after it.
        let told = reader.metadata().file_metadata().key_value_metadata();
        let told: Vec<&str> = told.into_iter().flatten().map(|entry| entry.key.as_str()).collect();
        assert_eq!(told, ["peil.parts"][..usize::from(is_large)], "{}", file.path);
        for group in reader.metadata().row_groups() {
            for column in group.columns() {
                let known = |encoding| {
                    matches!(encoding, Encoding::PLAIN | Encoding::RLE | Encoding::RLE_DICTIONARY)
                };
                assert!(column.encodings().all(known), "{} {}", file.path, column.column_path());
                // Least and greatest are kept of all but the pseudonyms of a table with a row a respondent.
                let name = column.column_path().string();
                let skips = is_large && name == "respondent" && !file.path.contains("fact_answer");
                assert!(column.statistics().is_none() == skips, "{} {name}", file.path);
            }
        }
        for field in read(&path).schema().fields() {
            let plain = [
                DataType::Utf8,
                DataType::Int32,
                DataType::Int64,
                DataType::Float64,
                DataType::Boolean,
                DataType::Date32,
                // Replicate weights and their scales: what DuckDB, pyarrow and Polars call a list of doubles.
                ColumnType::Float64List.data_type(),
            ];
            assert!(plain.contains(field.data_type()), "{} {field:?}", file.path);
        }
    }
}

#[test]
fn a_withheld_figure_stands_nowhere_in_public() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    for file in release.files.iter().filter(|file| file.path.starts_with("public/")) {
        let table = read(&release.folder.join(&file.path));
        for numbers in
            table.columns().iter().filter_map(|array| array.as_primitive_opt::<Float64Type>())
        {
            for number in numbers.iter().flatten() {
                let derived = [1.0, 100.0, 20.0, 30.0, 0.1].map(|factor| SECRET * factor);
                let near = derived.into_iter().chain([SECRET - 0.3, SECRET - 0.01, SECRET + 0.01]);
                assert!(
                    near.into_iter().all(|secret| (number - secret).abs() > 1e-9),
                    "{}",
                    file.path
                );
            }
        }
    }
    let change = read(&release.folder.join("public/change.parquet"));
    assert_eq!(text(&change, "call"), ["withheld", "increased"]);
    let contrast = read(&release.folder.join("public/contrast.parquet"));
    assert_eq!(contrast.num_rows(), 1, "only the pair of which both levels are shown");
}

/// Level, status and reason of the cells by sex in 2025.
fn cells_by_sex(table: &RecordBatch) -> Vec<[String; 3]> {
    let columns = ["level", "status", "reason", "breakdown"].map(|name| text(table, name));
    let waves = table.column_by_name("wave").unwrap().as_primitive::<Int32Type>();
    (0..table.num_rows())
        .filter(|row| waves.value(*row) == 2025 && columns[3][*row] == "sex")
        .map(|row| [0, 1, 2].map(|column| columns[column][row].to_owned()))
        .collect()
}

#[test]
fn a_cell_that_follows_from_exact_figures_hides_a_second_one_and_who_reads_it_is_not_told_which() {
    let (mut tiny, marts) = (Tiny::new(), folder());
    tiny.configuration.monitor.disclosure.base_multiple = 1;
    tiny.configuration.indicators[0].decimals = 9;
    let release = published(&tiny, marts.path()).unwrap();
    let public = read(&release.folder.join("public/estimate.parquet"));
    let expected = [
        ["background_unknown", "counted", "background_unknown"],
        ["f", "withheld", "confidential"],
        ["m", "published", ""],
        ["x", "withheld", "confidential"],
    ];
    assert_eq!(cells_by_sex(&public), expected);
    let exact = read(&release.folder.join("restricted/estimate_exact.parquet"));
    let expected =
        [["f", "withheld", "confidential"], ["m", "published", ""], ["x", "withheld", "secondary"]];
    assert_eq!(cells_by_sex(&exact), expected);
}

#[test]
fn rounded_figures_of_many_hide_only_the_few() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    let public = read(&release.folder.join("public/estimate.parquet"));
    let hidden: Vec<_> =
        cells_by_sex(&public).into_iter().filter(|cell| cell[1] == "withheld").collect();
    assert_eq!(hidden, [["f", "withheld", "confidential"]]);
    let shown = text(&public, "status").iter().position(|status| *status == "published").unwrap();
    let number = |name: &str| {
        public.column_by_name(name).unwrap().as_primitive::<Float64Type>().value(shown)
    };
    assert_eq!([number("estimate"), number("ci_lower")], [30.0, 29.0]);
    let counts = public.column_by_name("n").unwrap().as_primitive::<Int64Type>();
    assert!(counts.iter().flatten().all(|n| n % 5 == 0));
}

#[test]
fn what_is_published_without_protection_says_so() {
    let (mut tiny, marts) = (Tiny::new(), folder());
    tiny.configuration.monitor.disclosure.without = Protection::ALL.to_vec();
    let release = published(&tiny, marts.path()).unwrap();
    let manifest = Manifest::read(&release.folder).unwrap();
    assert!(manifest.unprotected.unwrap().plain().contains("primary"));
    for file in release.files.iter().filter(|file| file.path.starts_with("public/")) {
        let opened = File::open(release.folder.join(&file.path)).unwrap();
        let reader = SerializedFileReader::new(opened).unwrap();
        let said = reader.metadata().file_metadata().key_value_metadata().unwrap();
        assert!(said.iter().any(|pair| pair.key == "notice"), "{}", file.path);
    }
}

#[test]
fn facts_are_answers_or_the_reason_why_there_is_none() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    let table = read(&release.folder.join("restricted/fact_answer.parquet"));
    // Two waves, four respondents, three concepts that were asked; robot was not, and a remark is never published.
    assert_eq!(table.num_rows(), 2 * 4 * 3);
    let rows: Vec<_> = text(&table, "concept")
        .into_iter()
        .zip(text(&table, "code"))
        .zip(text(&table, "missing_reason"))
        .collect();
    assert_eq!(rows[..3], [(("sex", "f"), ""), (("age", ""), ""), (("video", "yes"), "")]);
    assert_eq!(rows[11], (("video", "dont_know"), "dont_know"));
    let values: Vec<_> = table
        .column_by_name("value")
        .unwrap()
        .as_primitive::<Float64Type>()
        .iter()
        .take(3)
        .collect();
    assert_eq!(values, [None, Some(40.0), None]);
    let wide = read(&release.folder.join("restricted/respondent_wide.parquet"));
    assert!(wide.column_by_name("remark").is_none() && wide.column_by_name("robot").is_some());
}

#[test]
fn conservation_closes_and_an_open_column_is_told() {
    let (mut tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    let table = read(&release.folder.join("operational/conservation.parquet"));
    let fates: Vec<_> = text(&table, "column")
        .into_iter()
        .zip(text(&table, "fate"))
        .zip(text(&table, "reason"))
        .take(5)
        .collect();
    let expected = [
        (("video", "dropped"), "footer"),
        (("video", "kept"), ""),
        (("video", "missing"), "dont_know"),
        (("mail", "dropped"), "footer"),
        (("mail", "dropped"), "personal"),
    ];
    assert_eq!(fates, expected);
    tiny.panel_waves.pop();
    let Err(mart::Error::Unclosed { columns }) = published(&tiny, marts.path()) else {
        panic!("published though the sums do not close")
    };
    assert_eq!(columns, ["gp_2025: column 0: 4 cells without a fate"]);
    assert_eq!(releases(marts.path()).unwrap().len(), 1, "the current release stays in place");
}

#[test]
fn a_broken_contract_publishes_nothing_and_the_release_before_stays() {
    let (mut tiny, marts) = (Tiny::new(), folder());
    let first = published(&tiny, marts.path()).unwrap();
    let before = files(marts.path());
    let refused = |tiny: &Tiny, expected: &str| {
        let error = published(tiny, marts.path()).unwrap_err().with_hints();
        assert!(error.contains(expected), "{error}");
        assert_eq!(files(marts.path()), before);
        assert_eq!(current(marts.path()).unwrap().unwrap().release, first.release);
    };
    tiny.configuration.marts[0].contract = shown("text", 1);
    refused(
        &tiny,
        "mart `shown`: 1 broken contract\n  column `estimate`: found type Float64, expected text",
    );
    tiny.configuration.marts[0].contract = shown("float64", 100);
    refused(&tiny, "found 10 rows, expected at least 100");
    tiny.configuration.marts[0].contract = shown("float64", 1);
    tiny.configuration.marts[0].sql = "nothing".to_owned();
    refused(&tiny, "mart `shown`: SQL: no table `nothing` (line 1, column 1)");
    let mut tiny = Tiny::new();
    tiny.estimates.push(tiny.estimates[0].clone());
    refused(
        &tiny,
        "mart `estimate_exact`: 1 broken contract\n  found 7 rows with the key of another row",
    );
    let mut tiny = Tiny::new();
    tiny.hands.double = true;
    tiny.hands.rows = 6;
    let error = published(&tiny, marts.path()).unwrap_err().with_hints();
    assert!(
        error.contains("gp 2024: found 3 rows with the pseudonym")
            || error.contains("3 rows with the pseudonym"),
        "{error}"
    );
    assert_eq!(current(marts.path()).unwrap().unwrap().release, first.release);
    verify(&first.folder).unwrap();
}

#[test]
fn the_same_inputs_give_the_same_bytes_in_another_folder() {
    let (one, two) = (folder(), folder());
    let first = published(&Tiny::new(), one.path()).unwrap();
    let second = published(&Tiny::new(), two.path()).unwrap();
    assert_eq!(files(&first.folder), files(&second.folder));
}

#[test]
fn on_another_day_only_the_facts_of_the_run_differ() {
    let (one, two) = (folder(), folder());
    let mut later = Tiny::new();
    later.run.started = "2027-02-02T00:00:00Z".to_owned();
    let first = published(&Tiny::new(), one.path()).unwrap();
    let second = published(&later, two.path()).unwrap();
    assert_eq!(first.release, second.release);
    let (first, second) = (files(&first.folder), files(&second.folder));
    let differ: Vec<_> = first
        .iter()
        .filter(|(name, bytes)| second[*name] != **bytes)
        .map(|(name, _)| name.to_str().unwrap())
        .collect();
    assert_eq!(differ, ["checksums.b3", "manifest.json", "operational/meta_run.parquet"]);
}

#[test]
fn the_dictionary_names_every_column() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    let dictionary = fs::read_to_string(release.folder.join("data_dictionary.csv")).unwrap();
    for file in release.files.iter().filter(|file| file.rows.is_some()) {
        let (part, mart) = file.path.split_once('/').unwrap();
        let mart = mart.strip_suffix(".parquet").unwrap();
        for field in read(&release.folder.join(&file.path)).schema().fields() {
            let row = |line: &str| {
                line.starts_with(&format!("{part},"))
                    && line.contains(&format!(",{mart},"))
                    && line.contains(&format!(",{},", field.name()))
            };
            assert!(dictionary.lines().any(row), "{} {}", file.path, field.name());
        }
    }
}

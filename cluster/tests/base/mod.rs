//! Workers as processes, runs of the program, and tables to compare.
#![allow(dead_code)] // each test file uses a part

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::concat_batches;
use arrow::row::{RowConverter, SortField};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_peil-cluster");

/// A release of the sample data: `RELEASE`, or what `make run` publishes. No test passes without one.
pub fn release() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let release = std::env::var_os("RELEASE").map_or(root.join("marts/current"), PathBuf::from);
    let manifest = release.join("manifest.json");
    assert!(manifest.exists(), "{}: no such file: run `make run` first", manifest.display());
    fs::canonicalize(release).unwrap()
}

pub fn marts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/marts")
}

/// A worker on a free port of this machine, until it is dropped.
pub struct Worker {
    pub child: Child,
    pub url: String,
}

impl Worker {
    pub fn start() -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["worker", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("worker ").unwrap().to_owned();
        Self { child, url }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn three() -> (Vec<Worker>, String) {
    let workers: Vec<Worker> = (0..3).map(|_| Worker::start()).collect();
    let urls: Vec<&str> = workers.iter().map(|worker| worker.url.as_str()).collect();
    let urls = urls.join(",");
    (workers, urls)
}

pub fn command(release: &Path, marts: &Path, out: &Path, workers: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("marts").arg(release).args(["--workers", workers]);
    command.arg("--marts").arg(marts).arg("--out").arg(out);
    command
}

pub fn text(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

/// The end of a run, and everything that it says.
pub fn check(output: &Output, code: i32, expected: &[&str]) {
    let told = text(output);
    assert_eq!(output.status.code(), Some(code), "{told}");
    for part in expected {
        assert!(told.contains(part), "`{part}` is not in:\n{told}");
    }
}

pub fn read(path: &Path) -> RecordBatch {
    let file = File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

/// Public tables by name, without the release's id.
pub fn tables(release: &Path) -> BTreeMap<String, Vec<RecordBatch>> {
    let mut tables = BTreeMap::new();
    for entry in fs::read_dir(release.join("public")).unwrap() {
        let path = entry.unwrap().path();
        let mut table = read(&path);
        table.remove_column(table.schema().index_of("run_id").unwrap());
        tables.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), vec![table]);
    }
    tables
}

/// Each row as bytes, in the order of these bytes: equal exactly where every value is, to the last bit.
pub fn sorted(table: &RecordBatch) -> Vec<Vec<u8>> {
    let columns: Vec<ArrayRef> = table.columns().to_vec();
    let fields = columns.iter().map(|array| SortField::new(array.data_type().clone())).collect();
    let rows = RowConverter::new(fields).unwrap().convert_columns(&columns).unwrap();
    let mut rows: Vec<Vec<u8>> = rows.iter().map(|row| row.as_ref().to_vec()).collect();
    rows.sort_unstable();
    rows
}

pub fn assert_same(mart: &str, found: &RecordBatch, expected: &RecordBatch) {
    assert_eq!(found.schema(), expected.schema(), "{mart}");
    assert_eq!(found.num_rows(), expected.num_rows(), "{mart}");
    assert!(sorted(found) == sorted(expected), "{mart}: other values");
}

/// A mart in a folder: its SQL, and a contract with these columns, all of which may be empty but the key.
pub fn mart(folder: &Path, name: &str, key: &str, columns: &[(&str, &str)], sql: &str) {
    let column = |(column, kind): &(&str, &str)| {
        let nullable = key != *column;
        format!(
            "  {{ name = \"{column}\", type = \"{kind}\", nullable = {nullable}, meaning = \"{column}\" }},\n"
        )
    };
    let columns: String = columns.iter().map(column).collect();
    let contract = format!("grain = \"a row\"\nkey = [\"{key}\"]\ncolumns = [\n{columns}]\n");
    fs::write(folder.join(format!("{name}.toml")), contract).unwrap();
    fs::write(folder.join(format!("{name}.sql")), sql).unwrap();
}

//! Files in a folder of their own, profiles of config/exports, and a table as text.

use std::path::PathBuf;

use arrow::array::{Array, Int8Array, Int64Array, StringArray};
use config::ExportProfile;
use ingest::{Delivery, Error, Key, Known, Look};
use survey::handoff::Treatment;
use survey::{Class, Raw, columns};
use tempfile::TempDir;

pub fn key() -> Key {
    Key::new(b"a key for tests that hides nothing").unwrap()
}

pub fn profile(name: &str) -> ExportProfile {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../config/exports")
        .join(format!("{name}.toml"));
    let mut profile: ExportProfile =
        toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    profile.profile = name.to_owned();
    profile
}

/// All profiles of config/exports, by name.
pub fn all_profiles() -> Vec<ExportProfile> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config/exports");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.iter().map(|name| profile(name)).collect()
}

/// A first look that knows all profiles of config/exports.
pub fn look_at(delivery: &Delivery) -> Look {
    let profiles = all_profiles();
    let profiles: Vec<&ExportProfile> = profiles.iter().collect();
    ingest::look(delivery, &Known { profiles: &profiles, ..Known::default() }, None).unwrap()
}

pub fn plain_csv() -> ExportProfile {
    let mut profile: ExportProfile =
        toml::from_str("label = \"test\"\ncontainer = \"csv\"\nid = [\"id\"]").unwrap();
    profile.profile = "test".to_owned();
    profile
}

/// A delivery called `test` in a folder of its own.
pub fn delivery(file: &str, bytes: &[u8]) -> (TempDir, Delivery) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    std::fs::write(&path, bytes).unwrap();
    (folder, Delivery::new("test", path))
}

pub fn read(file: &str, bytes: &[u8], profile: &ExportProfile) -> Result<Raw, Error> {
    let (_folder, delivery) = delivery(file, bytes);
    ingest::read(&delivery, profile, &key())
}

/// A row a line: record, line, then each kept cell as `class:text`; ids as `id`.
pub fn rows(raw: &Raw) -> Vec<String> {
    let table = &raw.table;
    let int64 = |name: &str| {
        table.column_by_name(name).unwrap().as_any().downcast_ref::<Int64Array>().unwrap().clone()
    };
    let (records, lines) = (int64(columns::RECORD), int64(columns::LINE));
    (0..table.num_rows())
        .map(|row| {
            let cells: Vec<String> = raw
                .about
                .columns
                .iter()
                .filter(|column| column.treatment != Treatment::DroppedPersonal)
                .map(|column| {
                    let (text, class) = cell(raw, column.position, row);
                    let text = if column.treatment == Treatment::Pseudonymised && !text.is_empty() {
                        "id"
                    } else {
                        &text
                    };
                    format!("{}:{text}", letter(class))
                })
                .collect();
            format!("{} {} {}", records.value(row), lines.value(row), cells.join(" "))
        })
        .collect()
}

pub fn cell(raw: &Raw, position: u32, row: usize) -> (String, Class) {
    let column = |name: String| raw.table.column_by_name(&name).unwrap();
    let text = column(columns::text(position))
        .as_any()
        .downcast_ref::<StringArray>()
        .unwrap()
        .value(row)
        .to_owned();
    let class =
        column(columns::class(position)).as_any().downcast_ref::<Int8Array>().unwrap().value(row);
    (text, Class::from_code(class).unwrap())
}

fn letter(class: Class) -> char {
    match class {
        Class::Empty => '-',
        Class::Text => 't',
        Class::Number => 'n',
        Class::Date => 'd',
        Class::Bool => 'b',
        Class::Error => 'e',
        Class::FormulaWithoutValue => 'f',
    }
}

pub fn headers(raw: &Raw) -> Vec<&str> {
    raw.about.columns.iter().map(|column| column.header.as_str()).collect()
}

/// `code cell record line` of each finding.
pub fn findings(raw: &Raw) -> Vec<String> {
    let show =
        |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    raw.findings
        .iter()
        .map(|finding| {
            let cell = finding.cell.as_deref().unwrap_or("-");
            format!(
                "{} {cell} {} {} x{}",
                finding.code,
                show(finding.record),
                show(finding.line),
                finding.count
            )
        })
        .collect()
}

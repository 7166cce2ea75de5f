//! A file that cannot be read is the only one that is told of: what it holds is not missing elsewhere.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

use std::fs;
use std::path::{Path, PathBuf};

use config::Configuration;

const SETTINGS: [&str; 3] = ["monitor.toml", "figures.toml", "panels/gp.toml"];
const TABLES: [&str; 5] = [
    "indicators.csv",
    "breakdowns.csv",
    "codebook/concepts.csv",
    "codebook/answers.csv",
    "codebook/items.csv",
];

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, own) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() { copy(&path, &own) } else { fs::copy(&path, &own).map(drop).unwrap() }
    }
}

/// The files with mistakes after this one was made to hold something else.
fn told(name: &str, text: &[u8]) -> Vec<PathBuf> {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config"), folder.path());
    fs::write(folder.path().join(name), text).unwrap();
    let mistakes = Configuration::load(folder.path()).unwrap_err();
    let place = |file: &Path| file.strip_prefix(folder.path()).unwrap().to_owned();
    mistakes.iter().filter(|one| !one.is_warning).map(|one| place(&one.file)).collect()
}

#[test]
fn a_file_that_is_no_text_is_told_once() {
    for name in SETTINGS.iter().chain(&TABLES) {
        assert_eq!(told(name, b"\xff\xfe\xff"), [Path::new(name)], "{name}");
    }
}

#[test]
fn a_table_without_its_first_column_is_told_by_its_header_alone() {
    for name in TABLES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config").join(name);
        let text = fs::read_to_string(path).unwrap();
        let (_, rest) = text.split_once(',').unwrap();
        let renamed = told(name, format!("naam,{rest}").as_bytes());
        // One for the column that it cannot have, one for that which it must have.
        assert_eq!(renamed, [Path::new(name), Path::new(name)], "{name}");
    }
}

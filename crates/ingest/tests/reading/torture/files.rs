//! Files of other writers, kept as they were written.

use std::path::PathBuf;

use super::{Case, check};
use crate::support::profile;

#[test]
fn files_of_other_writers_end_as_expected() {
    check("writers.txt", cases());
}

pub fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/torture/files");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.retain(|name| name != "README.md");
    let case = |name: String| {
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        let file = if name.contains(".xls") || name.contains(".ods") { "a.xlsx" } else { "a.csv" };
        let profile = profile(profile_of(&name));
        Case { name, file, bytes, profile }
    };
    names.into_iter().map(case).collect()
}

/// The profile by which a file of another writer is read: its name says the delimiter.
fn profile_of(name: &str) -> &'static str {
    if name.contains(".xls") || name.contains(".ods") {
        "excel_xlsx"
    } else if name.contains("tab") {
        "excel_en_tsv"
    } else if name.contains("semicolon") {
        "excel_nl_csv"
    } else {
        "excel_en_csv"
    }
}

#[test]
fn the_set_is_as_large_as_it_says_and_every_file_tells_who_wrote_it() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/torture");
    let mut cases = 0;
    for expected in ["csv.txt", "dialects.txt", "exports.txt", "workbook.txt", "writers.txt"] {
        let text = std::fs::read_to_string(folder.join(expected)).unwrap();
        cases += text.lines().filter(|line| line.starts_with("## ")).count();
    }
    assert!(cases >= 300, "{cases} cases");
    let readme = std::fs::read_to_string(folder.join("files/README.md")).unwrap();
    for entry in std::fs::read_dir(folder.join("files")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let writer = name.split(['-', '.']).next().unwrap();
        assert!(name == "README.md" || readme.contains(&format!("`{writer}")), "{name}");
    }
}

//! The same inputs give the same bytes: on any number of threads, in any folder, on any date.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{peil, sample_pipeline, sample_run};

/// Files that hold the facts of the run: when it began, and the hashes of what says so.
const OF_THE_RUN: [&str; 3] = ["meta_run.parquet", "manifest.json", "checksums.b3"];

/// What the record of publishing keeps: the hash of `checksums.b3`.
fn is_of_the_run(name: &str, bytes: &[u8]) -> bool {
    let is_publishing = name.ends_with(".json") && bytes.starts_with(b"{\n  \"checksums\":");
    is_publishing || name == "publish.json" || OF_THE_RUN.contains(&name)
}

/// Every file below a folder by its relative path, apart from the facts of the run.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let root = fs::canonicalize(folder).unwrap();
    let mut found = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(path) = open.pop() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        if !is_of_the_run(&name, &bytes) {
            found.insert(path.strip_prefix(&root).unwrap().to_owned(), bytes);
        }
    }
    found
}

/// The first file that differs, or is not there on one side.
fn difference(
    one: &BTreeMap<PathBuf, Vec<u8>>,
    other: &BTreeMap<PathBuf, Vec<u8>>,
) -> Option<PathBuf> {
    let names = one.keys().chain(other.keys());
    names.into_iter().find(|name| one.get(*name) != other.get(*name)).cloned()
}

/// Hand-offs and records of the store, and all of the release but where the run itself is described.
#[test]
fn the_same_bytes_come_out_on_any_number_of_threads_in_any_folder_on_any_date() {
    let first = sample_run();
    let parts = ["store/objects", "store/records", "marts/current"];
    let expected = parts.map(|part| bytes(&first.folder.path().join(part)));
    assert!(expected[0].len() > 500 && expected[2].len() > 25, "too little to compare");
    for (threads, at) in [
        ("1", "2019-02-28T23:59:59Z"),
        ("2", "2031-12-31T23:00:00Z"),
        ("8", "2028-02-29T00:00:00Z"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let pipeline = sample_pipeline(folder.path());
        let arguments = ["run", pipeline.to_str().unwrap(), "--threads", threads, "--at", at];
        let outcome = peil(folder.path(), &arguments);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        for (part, expected) in parts.iter().zip(&expected) {
            let found = bytes(&folder.path().join(part));
            assert_eq!(difference(expected, &found), None, "{part} on {threads} threads");
        }
        let ledger = fs::read_to_string(folder.path().join("store/ledger.jsonl")).unwrap();
        assert!(ledger.contains(&at[..10]), "the run did not take the date that it was given");
    }
}

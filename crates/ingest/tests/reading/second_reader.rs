//! calamine as second reader: at the cells of other writers' workbooks it sees what ingest sees, but for those that are listed.

use std::env::{current_exe, var_os};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use ingest::{Delivery, Limits, SecondReading, read_twice};

use crate::support::{key, profile};

/// The file that is read, and where the outcome is written.
const FILE: &str = "SECOND_READER_FILE";
const OUTCOME: &str = "SECOND_READER_OUTCOME";

fn torture() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/torture")
}

#[test]
#[ignore = "reads one file for the test below, in a process of its own"]
fn one_file() {
    let (Some(file), Some(outcome)) = (var_os(FILE), var_os(OUTCOME)) else { return };
    let delivery = Delivery::new("test", file);
    let twice = read_twice(&delivery, &profile("excel_xlsx"), &key(), &Limits::default());
    fs::write(outcome, serde_json::to_string(&twice.ok()).unwrap()).unwrap();
}

/// What comes of reading a file twice: none where ingest refuses it; an error where calamine ends the process.
fn outcome(file: PathBuf) -> Result<Option<SecondReading>, ()> {
    let folder = tempfile::tempdir().unwrap();
    let outcome = folder.path().join("outcome.json");
    let run = Command::new(current_exe().unwrap())
        .args(["--exact", "second_reader::one_file", "--ignored"])
        .env(FILE, file)
        .env(OUTCOME, &outcome)
        .output()
        .unwrap();
    if !run.status.success() {
        return Err(());
    }
    Ok(serde_json::from_str(&fs::read_to_string(outcome).unwrap()).unwrap())
}

/// `UPDATE_EXPECTED=1` rewrites what is expected; each line is a difference that was looked into.
#[test]
fn a_second_reader_sees_the_same_cells_but_for_those_that_are_listed() {
    let files = fs::read_dir(torture().join("files")).unwrap();
    let mut names: Vec<String> =
        files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let (mut read, mut alike, mut found) = (0, 0, String::new());
    for name in names.iter().filter(|name| name.contains(".xls") || name.contains(".ods")) {
        match outcome(torture().join("files").join(name)) {
            Ok(None) => {}
            Ok(Some(reading)) => {
                read += 1;
                alike += reading.cells_alike;
                if reading.gave_up || !reading.otherwise.is_empty() {
                    let _ = write!(found, "## {name}\n{reading}");
                }
            }
            Err(()) => {
                let _ = writeln!(found, "## {name}\n  calamine ends the process");
            }
        }
    }
    assert!(read >= 50 && alike >= 550, "{read} workbooks, {alike} cells alike");
    let expected = torture().join("second_reader.txt");
    if var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(expected).unwrap());
}

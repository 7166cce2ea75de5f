//! Looking while nothing runs, and while something does.

use std::fs::{self, OpenOptions};
use std::io::Write;

use serde_json::Value;

use crate::program::{peil, tiny_survey};

#[test]
fn a_second_run_is_refused_with_who_holds_the_lock_and_readers_are_never_blocked() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let lock = folder.path().join("store/lock");
    let mut held = OpenOptions::new().read(true).write(true).open(&lock).unwrap();
    held.try_lock().unwrap();
    held.write_all(br#"{"pid": 4711, "since": "2026-01-01T06:15:00Z"}"#).unwrap();
    for arguments in [
        ["run", "pipeline.toml"].as_slice(),
        &["diff", "--pending", "--pipeline", "pipeline.toml"],
        &["rollback", "--pipeline", "pipeline.toml"],
    ] {
        let refused = peil(folder.path(), arguments);
        assert_eq!(refused.code, 4, "{arguments:?}: {}", refused.stderr);
        let who = "process 4711 since 2026-01-01T06:15:00Z";
        assert!(refused.stderr.contains(who), "{}", refused.stderr);
    }
    for arguments in [
        ["plan", "pipeline.toml"].as_slice(),
        &["verify", "--pipeline", "pipeline.toml"],
        &["releases", "pipeline.toml"],
        &["runs", "pipeline.toml"],
        &["show", "weight:gp:2024", "--pipeline", "pipeline.toml"],
        &["findings", "--pipeline", "pipeline.toml"],
    ] {
        let read = peil(folder.path(), arguments);
        assert_eq!(read.code, 0, "{arguments:?}: {}", read.stderr);
    }
    // The process ended without a word: its lock is gone, its name is still there.
    drop(held);
    let next = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(next.code == 0 && next.stderr.contains("process 4711"), "{}", next.stderr);
}

#[test]
fn a_shown_hand_off_says_where_it_lies_and_shows_no_text_and_no_id() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    for step in ["ingest:gp:2024", "admit:gp:2024", "harmonise:gp:2024", "weight:gp:2024"] {
        let show =
            ["show", step, "--pipeline", "pipeline.toml", "--rows", "50", "--format", "json"];
        let shown = peil(folder.path(), &show);
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
        let table = folder.path().join(shown["files"]["table"].as_str().unwrap());
        let hash = blake3::hash(&fs::read(&table).unwrap()).to_hex().to_string();
        assert_eq!(table.file_stem().unwrap().to_str().unwrap(), hash);
        assert!(!shown["inputs"].as_object().unwrap().is_empty());
        let rows = shown["first_rows"].as_array().unwrap();
        assert_eq!(rows.len() as u64, shown["rows"].as_u64().unwrap().min(50));
        for cell in rows.iter().flat_map(|row| row.as_array().unwrap()) {
            let (name, value) = (cell[0].as_str().unwrap(), cell[1].as_str().unwrap());
            if name == "@respondent" {
                assert!(value.chars().count() == 7 && value.ends_with('…'), "{step}: {value}");
            }
            assert!(!value.starts_with("100"), "{step}: the id {value} stands in `{name}`");
        }
    }
}

//! Looking while nothing runs, and while something does.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

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
fn findings_of_what_does_not_exist_are_an_error_with_the_nearest_name() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    for (arguments, told) in [
        (["--severity", "eror"], "a similar value exists: 'error'"),
        (["--code", "unknown_anwser"], "did you mean `unknown_answer`?"),
        (["--code", "wave_without_answers"], "there is no code"),
        (["--panel", "gpp"], "did you mean `gp`?"),
        (["--wave", "2032"], "there is no wave `2032`"),
    ] {
        let all = [&["findings", "--pipeline", "pipeline.toml"], arguments.as_slice()].concat();
        let outcome = peil(folder.path(), &all);
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(told), "{arguments:?}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("0 findings"), "{}", outcome.stderr);
    }
    let all = ["findings", "--pipeline", "pipeline.toml", "--severity", "error", "--panel", "gp"];
    let known =
        peil(folder.path(), &[&all[..], &["--wave", "2024", "--code", "unknown_answer"]].concat());
    assert_eq!(known.code, 0, "{}", known.stderr);
}

#[test]
fn what_cannot_be_read_or_never_ran_is_not_told_as_no_findings() {
    let folder = tiny_survey();
    let findings = || peil(folder.path(), &["findings", "--pipeline", "pipeline.toml"]);
    let never = findings();
    assert!(never.stderr.contains("nothing is known of their findings"), "{}", never.stderr);
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    assert!(!findings().stderr.contains("nothing is known"));
    let records = folder.path().join("store/records");
    let admit = walk(&records).into_iter().find(|path| path.to_string_lossy().contains("admit"));
    let admit = admit.unwrap();
    // As unreadable for any user as another user's file: a folder where the record was.
    fs::remove_file(&admit).unwrap();
    fs::create_dir(&admit).unwrap();
    let unreadable = findings();
    assert_eq!(unreadable.code, 3, "{}", unreadable.stderr);
    assert!(unreadable.stderr.contains("cannot be read"), "{}", unreadable.stderr);
    fs::remove_dir(&admit).unwrap();
    fs::write(&admit, b"{").unwrap();
    let damaged = findings();
    assert_eq!(damaged.code, 3, "{}", damaged.stderr);
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
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

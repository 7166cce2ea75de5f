//! Bits that rot.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{peil, tiny_survey};

fn release(folder: &Path) -> PathBuf {
    fs::canonicalize(folder.join("marts/current")).unwrap()
}

/// The table that a step handed on, as its record names it.
fn table_of(folder: &Path, record: &str) -> PathBuf {
    let record = folder.join("store/records").join(record);
    let record: Value = serde_json::from_str(&fs::read_to_string(record).unwrap()).unwrap();
    let name = record["output"]["files"]["table"].as_str().unwrap();
    folder.join("store/objects").join(format!("{name}.parquet"))
}

#[test]
fn a_hand_off_with_a_flipped_byte_is_reported_and_rebuilt_and_the_release_stays_the_same() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let before = release(folder.path());
    for record in ["ingest/gp_2024.json", "harmonise/gp/2024.json", "weight/gp/2025.json"] {
        let path = table_of(folder.path(), record);
        let whole = fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        let step = record.trim_end_matches(".json").replace('/', ":");

        let plan = peil(folder.path(), &["plan", "pipeline.toml"]);
        assert_eq!(plan.code, 10, "{}", plan.stderr);
        let said = format!("{step}: output `objects/");
        assert!(
            plan.stdout.contains(&said) && plan.stdout.contains("is damaged"),
            "{}",
            plan.stdout
        );
        let run = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let note = run.stderr.lines().find(|line| line.contains(&said)).unwrap_or_default();
        assert!(note.ends_with("; made again"), "{}", run.stderr);
        assert!(run.stderr.contains(" 1 of 12 steps ran"), "{}", run.stderr);
        assert!(fs::read(&path).unwrap() == whole, "{record} was rebuilt with other bytes");
        assert_eq!(release(folder.path()), before);
        assert_eq!(peil(folder.path(), &["verify", "--pipeline", "pipeline.toml"]).code, 0);
        assert!(peil(folder.path(), &["run", "pipeline.toml"]).stderr.contains("nothing to do"));
    }
}

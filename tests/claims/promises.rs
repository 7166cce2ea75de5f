//! What a mart promises is kept in the manifest, and broken only under another version.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Outcome, change, peil, tiny_survey};

const CONTRACT: &str = "config/marts/portal.toml";
const SQL: &str = "config/marts/portal.sql";

fn run(folder: &Path) -> Outcome {
    peil(folder, &["run", "pipeline.toml"])
}

fn published(folder: &Path) {
    let outcome = run(folder);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

fn manifest(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("marts/current/manifest.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The column `n` is called otherwise.
fn rename(folder: &Path) {
    change(folder, CONTRACT, "name = \"n\"", "name = \"answers\"");
    change(folder, SQL, "e.n,", "e.n AS answers,");
}

#[test]
fn the_manifest_keeps_version_key_and_columns_of_every_table() {
    let folder = tiny_survey();
    published(folder.path());
    let manifest = manifest(folder.path());
    let tables = manifest["files"].as_array().unwrap().iter();
    let tables = tables.filter_map(|file| file["path"].as_str().unwrap().strip_suffix(".parquet"));
    for table in tables {
        let schema = &manifest["schemas"][table];
        assert!(schema["version"].is_u64(), "{table}");
        assert_eq!(schema["fingerprint"].as_str().unwrap().len(), 16, "{table}");
        assert!(!schema["columns"].as_array().unwrap().is_empty(), "{table}");
    }
    assert_eq!(manifest["publication"], serde_json::json!({ "status": "draft" }));
}

#[test]
fn a_renamed_column_is_refused_until_the_version_is_raised_and_diff_lists_it_first() {
    let folder = tiny_survey();
    published(folder.path());
    rename(folder.path());
    for command in ["check", "run"] {
        let outcome = peil(folder.path(), &[command, "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{command}: {}", outcome.stderr);
        for part in ["portal.toml", "column `n` is gone", "`version = 2` or higher"] {
            assert!(outcome.stderr.contains(part), "{command}: `{part}` in {}", outcome.stderr);
        }
    }
    change(folder.path(), CONTRACT, "grain =", "version = 2\ngrain =");
    published(folder.path());
    let diff = peil(folder.path(), &["diff", "--pipeline", "pipeline.toml"]);
    assert_eq!(diff.code, 10, "{}", diff.stderr);
    let lines: Vec<&str> = diff.stdout.lines().collect();
    assert!(lines[0].starts_with("mart") && lines[0].contains("schema"), "{}", diff.stdout);
    assert!(lines[1].contains("may break readers") && lines[1].contains("column `n` is gone"));
}

#[test]
fn a_new_column_needs_no_other_version() {
    let folder = tiny_survey();
    published(folder.path());
    let added = "columns = [\n    { name = \"reason\", type = \"text\", nullable = true, meaning = \"why not\" },";
    change(folder.path(), CONTRACT, "columns = [", added);
    change(folder.path(), SQL, "e.panel, e.wave,", "e.reason, e.panel, e.wave,");
    published(folder.path());
}

#[test]
fn a_mart_goes_after_it_was_deprecated() {
    let folder = tiny_survey();
    published(folder.path());
    let kept = [CONTRACT, SQL].map(|file| fs::read(folder.path().join(file)).unwrap());
    let remove = || {
        for file in [CONTRACT, SQL] {
            fs::remove_file(folder.path().join(file)).unwrap();
        }
    };
    remove();
    let refused = run(folder.path());
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("was not deprecated before"), "{}", refused.stderr);
    for (file, bytes) in [CONTRACT, SQL].into_iter().zip(kept) {
        fs::write(folder.path().join(file), bytes).unwrap();
    }
    change(folder.path(), CONTRACT, "grain =", "deprecated_by = \"estimate\"\ngrain =");
    published(folder.path());
    remove();
    published(folder.path());
}

#[test]
fn marts_that_read_each_other_in_a_circle_are_a_mistake() {
    let folder = tiny_survey();
    change(folder.path(), CONTRACT, "grain =", "reads = [\"portal\"]\ngrain =");
    let outcome = peil(folder.path(), &["check", "pipeline.toml"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("`reads` names portal"), "{}", outcome.stderr);
}

#[test]
fn what_may_be_said_of_a_release_stands_in_its_manifest_and_makes_another_release() {
    let folder = tiny_survey();
    published(folder.path());
    let before = manifest(folder.path())["release"].clone();
    let said = "[publication]\nstatus = \"provisional\"\nembargo_until = \"2026-01-15T07:00:00+01:00\"\n\n[significance]";
    change(folder.path(), "config/monitor.toml", "[significance]", said);
    published(folder.path());
    let manifest = manifest(folder.path());
    assert_ne!(manifest["release"], before);
    assert_eq!(manifest["publication"]["status"], "provisional");
    assert_eq!(manifest["publication"]["embargo_until"], "2026-01-15T07:00:00+01:00");
}

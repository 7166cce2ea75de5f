//! What is about to be published, looked at before it is.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{peil, tiny_survey};

/// A survey with a release, one of whose answers was corrected since.
fn corrected_survey() -> TempDir {
    let folder = tiny_survey();
    let first = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    correct(folder.path());
    folder
}

/// The first respondent's delivery is mended: the row is gone.
fn correct(folder: &Path) {
    let file = folder.join("input/gp_2024.csv");
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(&file, [lines[..1].concat(), lines[2..].concat()].concat()).unwrap();
}

fn diff(folder: &Path, more: &[&str]) -> (i32, Value, String) {
    let arguments = ["diff", "--pipeline", "pipeline.toml", "--format", "json"];
    let outcome = peil(folder, &[&arguments, more].concat());
    let difference = serde_json::from_str(&outcome.stdout).unwrap_or(Value::Null);
    (outcome.code, difference, outcome.stderr)
}

fn current(folder: &Path) -> PathBuf {
    fs::canonicalize(folder.join("marts/current")).unwrap()
}

/// Apart from where the run's own facts stand.
fn without_the_run(mut difference: Value) -> Value {
    difference["marts"]
        .as_array_mut()
        .unwrap()
        .retain(|mart| mart["mart"] != "operational/meta_run");
    difference["pending"].take();
    difference
}

#[test]
fn what_is_about_to_be_published_is_compared_and_nothing_is_published() {
    let folder = corrected_survey();
    let before = current(folder.path());
    let (code, pending, said) = diff(folder.path(), &["--pending"]);
    assert_eq!(code, 10, "{said}");
    assert_eq!(pending["pending"], true);
    assert!(!pending["moves"].as_array().unwrap().is_empty(), "{pending}");
    assert_eq!(current(folder.path()), before);
    let releases = fs::read_dir(folder.path().join("marts/releases")).unwrap();
    assert_eq!(releases.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count(), 1);
    let left = fs::read_dir(folder.path().join("store")).unwrap().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(!left.iter().any(|name| name.starts_with("pending")), "{left:?}");

    // The run then publishes just that, and has only the publishing left to do.
    let run = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(run.code == 0 && run.stderr.contains(" 1 of 12 steps ran"), "{}", run.stderr);
    let (code, published, said) = diff(folder.path(), &[]);
    assert_eq!(code, 10, "{said}");
    assert_eq!(without_the_run(published), without_the_run(pending));
}

#[test]
fn a_release_that_would_be_the_same_is_no_difference() {
    let folder = tiny_survey();
    let (code, pending, said) = diff(folder.path(), &["--pending"]);
    assert_eq!(code, 10, "before the first release everything is new: {said}");
    assert!(pending["from"].is_null(), "{pending}");
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let (code, pending, said) = diff(folder.path(), &["--pending"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(pending["from"], pending["to"]);
}

#[test]
fn a_threshold_refuses_the_look_and_the_run_alike() {
    let folder = corrected_survey();
    let before = current(folder.path());
    let (code, _, look) = diff(folder.path(), &["--pending", "--threshold", "0"]);
    assert!(code == 1 && look.contains("refused by `--threshold`"), "{code}: {look}");
    let run = peil(folder.path(), &["run", "pipeline.toml", "--threshold", "0"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let first = |text: &str| {
        text.lines()
            .find(|line| line.contains("first:"))
            .map(str::trim)
            .unwrap_or_default()
            .to_owned()
    };
    assert!(
        !first(&look).is_empty() && run.stderr.contains(&first(&look)),
        "{look}\n{}",
        run.stderr
    );
    assert_eq!(current(folder.path()), before);
    let (code, _, said) = diff(folder.path(), &["--pending", "--threshold", "100"]);
    assert_eq!(code, 10, "{said}");
}

//! tests/cases: each folder is a claim about bad input, laid over the tiny survey of tests/base.
//!
//! A case holds `input/` and `config/` files that replace those of the base, `remove` (a path a line to take away) and
//! `expected`: exit code, then what stands on stderr. `PEIL_UPDATE_EXPECTED=1` rewrites the expected files.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::conservation::unclosed;
use crate::program::{copy, peil, root, tiny_survey};

#[test]
fn every_case_ends_as_it_says_and_the_release_before_stays() {
    let mut wrong = String::new();
    let mut cases = 0;
    let mut folders: Vec<_> = fs::read_dir(root().join("tests/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    for case in folders.iter().filter(|path| path.is_dir()) {
        cases += 1;
        let name = case.file_name().unwrap().to_str().unwrap();
        if let Err(difference) = check(case) {
            let _ = writeln!(wrong, "\n=== {name}\n{difference}");
        }
    }
    assert!(cases >= 12, "only {cases} cases");
    assert!(wrong.is_empty(), "{wrong}");
}

fn check(case: &Path) -> Result<(), String> {
    let folder = tiny_survey();
    let before = peil(folder.path(), &["run", "pipeline.toml"]);
    if before.code != 0 {
        return Err(format!("the base itself does not run:\n{}", before.stderr));
    }
    let release = current_release(folder.path());
    lay_over(case, folder.path());
    // On one thread, so that it is always the same steps that ran before the run stopped.
    let outcome = peil(folder.path(), &["run", "pipeline.toml", "--threads", "1"]);
    let found = format!("exit code {}\n{}", outcome.code, without_times(&outcome.stderr));
    let expected_file = case.join("expected");
    if std::env::var_os("PEIL_UPDATE_EXPECTED").is_some() {
        fs::write(&expected_file, &found).unwrap();
    }
    let expected = fs::read_to_string(&expected_file).unwrap_or_default();
    if found != expected {
        return Err(format!("--- expected\n{expected}\n--- found\n{found}"));
    }
    // What a run refuses as a mistake in the settings before any step, `check` says too.
    let before_any_step = outcome.code == 2 && outcome.stderr.starts_with("error:");
    if before_any_step && peil(folder.path(), &["check", "pipeline.toml"]).code != 2 {
        return Err("`peil check` finds no mistake".to_owned());
    }
    let unclosed = unclosed(&folder.path().join("marts/current"));
    if !unclosed.is_empty() {
        return Err(format!("cells without a fate: {unclosed:?}"));
    }
    if outcome.code != 0 && current_release(folder.path()) != release {
        return Err("the release before did not stay as it was".to_owned());
    }
    Ok(())
}

fn lay_over(case: &Path, folder: &Path) {
    for part in ["input", "config"] {
        if case.join(part).is_dir() {
            copy(&case.join(part), &folder.join(part));
        }
    }
    if case.join("pipeline.toml").exists() {
        fs::copy(case.join("pipeline.toml"), folder.join("pipeline.toml")).unwrap();
    }
    for path in fs::read_to_string(case.join("remove")).unwrap_or_default().lines() {
        fs::remove_file(folder.join(path)).unwrap();
    }
}

/// The manifest of the current release, which names every file's bytes.
fn current_release(folder: &Path) -> String {
    fs::read_to_string(folder.join("marts/current/manifest.json")).unwrap()
}

/// Durations differ from run to run, and the release's id with any change of a mart; nothing else may.
fn without_times(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let is_seconds = |at: usize| {
            words[at].parse::<f64>().is_ok()
                && words.get(at + 1).is_some_and(|unit| unit.trim_end_matches(',') == "s")
        };
        let masked: Vec<&str> =
            (0..words.len()).map(|at| if is_seconds(at) { "<time>" } else { words[at] }).collect();
        let line = masked.join(" ");
        let (before, release) = line.split_once("(release ").unwrap_or((line.as_str(), ""));
        kept.push_str(before);
        kept.push_str(if release.is_empty() { "" } else { "(release <id>)" });
        kept.push('\n');
    }
    kept
}

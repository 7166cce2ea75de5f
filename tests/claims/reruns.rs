//! Running again.

use std::fs;

use crate::marts::files;
use crate::program::{peil, sample_pipeline, sample_run, tiny_survey};

#[test]
fn running_again_does_nothing_and_says_so() {
    let folder = tiny_survey();
    let first = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let second = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(second.code, 0, "{}", second.stderr);
    assert!(second.stderr.contains("nothing to do"), "{}", second.stderr);
}

#[test]
fn the_same_bytes_come_out_on_any_number_of_threads_in_any_folder() {
    let first = sample_run();
    let folder = tempfile::tempdir().unwrap();
    let pipeline = sample_pipeline(folder.path());
    let outcome = peil(folder.path(), &["run", pipeline.to_str().unwrap(), "--threads", "1"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let other = folder.path().join("marts/current");
    // The facts of the run itself (when, how long) stand in meta_run and in the manifest only.
    let same =
        |release| files(release).into_iter().filter(|path| path.file_stem().unwrap() != "meta_run");
    let (expected, found): (Vec<_>, Vec<_>) =
        (same(&first.marts).collect(), same(&other).collect());
    assert_eq!(expected.len(), found.len());
    for (a, b) in expected.iter().zip(&found) {
        assert_eq!(a.file_name(), b.file_name());
        assert!(
            fs::read(a).unwrap() == fs::read(b).unwrap(),
            "{} differs",
            a.file_name().unwrap().display()
        );
    }
}

/// The sample's e-mail addresses are of example.org, its IP addresses of the documentation range.
fn is_personal(text: &str) -> bool {
    text.contains("@example") || text.contains("192.0.2.")
}

#[test]
fn no_personal_data_leave_ingest() {
    let run = sample_run();
    let mut stack = vec![run.folder.path().to_owned()];
    while let Some(path) = stack.pop() {
        if path.is_dir() && !path.is_symlink() {
            stack.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.is_file()
            && path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl")
        {
            let text = fs::read_to_string(&path).unwrap_or_default();
            assert!(!is_personal(&text), "an address in {}", path.display());
        }
    }
    for mart in ["respondent_wide", "finding", "dim_respondent", "delivery", "conservation"] {
        for row in crate::marts::rows(&run.marts, mart) {
            assert!(!row.values().any(|value| is_personal(value)), "an address in `{mart}`");
        }
    }
}

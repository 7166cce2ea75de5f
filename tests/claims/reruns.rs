//! Running again.

use std::fs;

use crate::program::{peil, sample_run, tiny_survey};

#[test]
fn running_again_does_nothing_and_says_so() {
    let folder = tiny_survey();
    let first = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let second = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(second.code, 0, "{}", second.stderr);
    assert!(second.stderr.contains("nothing to do"), "{}", second.stderr);
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

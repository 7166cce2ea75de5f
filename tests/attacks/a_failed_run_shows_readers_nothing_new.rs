//! Unless the exit code is 0, nothing is published and the current release stays in place: by the link, and by the pointer.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{change, peil, tiny_survey};

/// What a reader of the link and what a reader of the pointer sees.
fn seen(folder: &Path) -> [PathBuf; 2] {
    let pointer = fs::read_to_string(folder.join("marts/current.txt")).unwrap();
    [fs::read_link(folder.join("marts/current")).unwrap(), pointer.trim().into()]
}

#[test]
fn whatever_fails_before_the_end_of_a_run_readers_see_the_release_before() {
    let points = [
        "publish/create the folder",
        "publish/write the manifest",
        "publish/move the release into place",
        "publish/note the switch",
        "publish/computed",
        "publish/written",
        "publish/recorded",
        "publish/switch the link",
        "publish/switch the pointer",
    ];
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let before = seen(folder.path());
    for (how, answer) in [("", "7"), ("=kill", "8")] {
        // Another release each time, so that it has to be built.
        change(folder.path(), "input/gp_2024.csv", ";1;1;6;", &format!(";1;1;{answer};"));
        for point in points {
            let fail = format!("{point}{how}");
            let outcome = peil(folder.path(), &["run", "pipeline.toml", "--fail-at", &fail]);
            assert_eq!(
                outcome.code,
                if how.is_empty() { 3 } else { -1 },
                "{fail}: {}",
                outcome.stderr
            );
            // A process that is killed between the two names leaves them apart until the next command.
            if fail != "publish/switch the pointer=kill" {
                assert_eq!(seen(folder.path()), before, "{fail}");
            }
            let verify = peil(folder.path(), &["verify", "--pipeline", "pipeline.toml"]);
            assert_eq!(verify.code, 0, "{fail}: {}", verify.stderr);
            assert_eq!(seen(folder.path()), before, "{fail}");
        }
    }
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(outcome.stderr.contains("published: "), "{}", outcome.stderr);
    let after = seen(folder.path());
    assert!(after != before && after[0] == after[1], "{after:?}");
    let again = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
}

#[test]
fn a_rollback_that_fails_between_link_and_pointer_changes_neither() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    change(folder.path(), "input/gp_2024.csv", ";1;1;6;", ";1;1;7;");
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let before = seen(folder.path());
    // Nothing can take the place of the pointer while a folder stands there.
    let pointer = folder.path().join("marts/current.txt");
    let text = fs::read(&pointer).unwrap();
    fs::remove_file(&pointer).unwrap();
    fs::create_dir(&pointer).unwrap();
    let outcome = peil(folder.path(), &["rollback", "--pipeline", "pipeline.toml"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    assert_eq!(fs::read_link(folder.path().join("marts/current")).unwrap(), before[0]);
    fs::remove_dir(&pointer).unwrap();
    fs::write(&pointer, text).unwrap();
    let outcome = peil(folder.path(), &["rollback", "--pipeline", "pipeline.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_ne!(seen(folder.path()), before);
}

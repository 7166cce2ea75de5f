//! Another user of the machine wants to hold the lock for ever, or to have its file written through a link.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};

use crate::program::{peil, tiny_survey};

#[test]
fn nobody_else_can_open_the_locks_of_store_and_marts() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    for lock in ["store/lock", "marts/lock"] {
        let mode = fs::metadata(folder.path().join(lock)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{lock}");
    }
}

#[test]
fn a_link_in_the_place_of_a_lock_is_not_written_through() {
    for lock in ["store/lock", "marts/lock"] {
        let folder = tiny_survey();
        let precious = folder.path().join("precious");
        fs::write(&precious, "kept").unwrap();
        let lock = folder.path().join(lock);
        fs::create_dir(lock.parent().unwrap()).unwrap();
        symlink(&precious, &lock).unwrap();
        let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(outcome.code, 3, "{}", outcome.stderr);
        assert!(
            outcome.stderr.contains("not a file is in the place of the lock"),
            "{}",
            outcome.stderr
        );
        assert_eq!(fs::read_to_string(&precious).unwrap(), "kept");
    }
}

/// Only root can give a file away; elsewhere nothing can be tried.
#[test]
fn a_lock_of_a_stranger_is_named_as_such_held_or_not() {
    for lock in ["store/lock", "marts/lock"] {
        let folder = tiny_survey();
        let path = folder.path().join(lock);
        fs::create_dir(path.parent().unwrap()).unwrap();
        let file = fs::File::create(&path).unwrap();
        if chown(&path, Some(54_321), None).is_err() {
            return;
        }
        let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(outcome.code, 3, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("belongs to another user (54321)"), "{}", outcome.stderr);
        if lock == "store/lock" {
            file.lock().unwrap();
            let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
            assert_eq!(outcome.code, 4, "{}", outcome.stderr);
            let said = "a process of another user (54321) holds";
            assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
        }
    }
}

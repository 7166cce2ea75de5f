//! A bug in peil itself.

use std::fs;

use crate::program::{peil, tiny_survey};

#[test]
fn a_bug_ends_with_exit_code_70_says_where_it_is_and_keeps_the_release() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let before = fs::read_link(folder.path().join("marts/current")).unwrap();
    for point in ["confront:gp:2024/computed", "estimate:gp/begin", "publish/write the manifest"] {
        let stopped = ["run", "pipeline.toml", "--force", "--fail-at", &format!("{point}=panic")];
        let removed = folder.path().join("store/records/publish.json");
        // So that there is a release to write.
        let _ = fs::remove_file(removed);
        let releases = folder.path().join("marts/releases");
        if point.starts_with("publish") {
            fs::rename(&releases, folder.path().join("aside")).unwrap();
        }
        let outcome = peil(folder.path(), &stopped);
        if point.starts_with("publish") {
            fs::remove_dir_all(&releases).unwrap();
            fs::rename(folder.path().join("aside"), &releases).unwrap();
        }
        assert_eq!(outcome.code, 70, "{point}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("error: this is a bug in peil"), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("bug at crates/"), "{}", outcome.stderr);
        // What a bug says of itself may hold an answer.
        assert!(!outcome.stderr.contains("asked for by"), "{}", outcome.stderr);
        assert_eq!(fs::read_link(folder.path().join("marts/current")).unwrap(), before);
    }
    let again = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(fs::read_link(folder.path().join("marts/current")).unwrap(), before);
}

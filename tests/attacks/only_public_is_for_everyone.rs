//! Another user of the machine looks around in the folders that BI is sent to.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{change, peil, program, tiny_survey};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

/// Files that a user who is neither owner nor of the group can read.
fn readable(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let about = fs::symlink_metadata(&path).unwrap();
        if about.is_dir() && mode(&path) & 0o001 != 0 {
            found.extend(readable(&path));
        } else if about.is_file() && mode(&path) & 0o004 != 0 {
            found.push(path);
        }
    }
    found
}

fn run(folder: &Path, umask: &str) {
    let script = format!("umask {umask}; exec {} run pipeline.toml", program().display());
    let status = Command::new("sh").args(["-c", &script]).current_dir(folder).status().unwrap();
    assert!(status.success(), "umask {umask}");
}

#[test]
fn whatever_the_umask_only_public_and_the_head_of_a_release_can_be_read_by_others() {
    for umask in ["000", "022", "077"] {
        let folder = tiny_survey();
        run(folder.path(), umask);
        assert_eq!(readable(&folder.path().join("store")), Vec::<PathBuf>::new(), "umask {umask}");
        assert_eq!(mode(&folder.path().join("store")), 0o700, "umask {umask}");
        let release = fs::canonicalize(folder.path().join("marts/current")).unwrap();
        let names: Vec<String> = readable(&release)
            .iter()
            .map(|path| path.strip_prefix(&release).unwrap().display().to_string())
            .collect();
        let head = ["manifest.json", "checksums.b3", "data_dictionary.csv"];
        let is_open = |name: &String| name.starts_with("public/") || head.contains(&name.as_str());
        assert!(names.iter().all(is_open), "umask {umask}: {names:?}");
        for name in head.iter().chain(&["public/estimate.parquet", "public/portal.parquet"]) {
            assert!(names.iter().any(|found| found == name), "umask {umask}: {name} of {names:?}");
        }
        let manifest = fs::read(release.join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["readers"]["public"], "everyone", "umask {umask}");
        assert_eq!(manifest["readers"]["restricted"], "owner", "umask {umask}");
    }
}

#[test]
fn a_release_and_a_store_that_were_open_are_closed_by_the_next_run_that_has_nothing_to_do() {
    let folder = tiny_survey();
    run(folder.path(), "022");
    let restricted = folder.path().join("marts/current/restricted");
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    open(&fs::canonicalize(&restricted).unwrap());
    open(&folder.path().join("store"));
    let again = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    assert_eq!(mode(&fs::canonicalize(&restricted).unwrap()), 0o700);
    assert_eq!(mode(&folder.path().join("store")), 0o700);
}

#[test]
fn a_group_of_the_pipeline_file_reads_and_changes_nothing() {
    let folder = tiny_survey();
    let group = fs::metadata(folder.path()).unwrap().gid();
    let text = format!("marts = \"marts\"\npermissions = {{ group = {group} }}\n");
    change(folder.path(), "pipeline.toml", "marts = \"marts\"\n", &text);
    run(folder.path(), "022");
    let release = fs::canonicalize(folder.path().join("marts/current")).unwrap();
    for part in [release.join("restricted"), release.join("receipts"), folder.path().join("store")]
    {
        assert_eq!(mode(&part), 0o750, "{}", part.display());
        for entry in fs::read_dir(&part).unwrap() {
            let path = entry.unwrap().path();
            let expected = match path.is_dir() {
                true => 0o750,
                false if path.ends_with("lock") => 0o600,
                false => 0o640,
            };
            assert_eq!(mode(&path), expected, "{}", path.display());
        }
    }
    change(folder.path(), "pipeline.toml", &format!("{group} }}"), "\"no such group\" }");
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("no group `no such group`"), "{}", outcome.stderr);
}

#[test]
fn an_export_for_the_public_holds_nothing_else_and_is_verified_by_its_path() {
    let folder = tiny_survey();
    run(folder.path(), "022");
    let export =
        ["releases", "export", "--audience", "public", "share/2025", "--pipeline", "pipeline.toml"];
    fs::create_dir(folder.path().join("share")).unwrap();
    let outcome = peil(folder.path(), &export);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let verify = peil(folder.path(), &["verify", "share/2025"]);
    assert!(
        verify.code == 0 && verify.stderr.contains("the public part of release"),
        "{}",
        verify.stderr
    );
    let share = folder.path().join("share/2025");
    let parts: Vec<String> = fs::read_dir(&share)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(parts.len(), 4, "{parts:?}");
    let manifest = fs::read_to_string(share.join("manifest.json")).unwrap();
    assert!(!manifest.contains("gp_2024.csv") && !manifest.contains("restricted"), "{manifest}");
    assert_eq!(peil(folder.path(), &export).code, 2, "never over what is there");
    fs::write(share.join("public/estimate.parquet"), "x").unwrap();
    assert_eq!(peil(folder.path(), &["verify", "share/2025"]).code, 3);
}

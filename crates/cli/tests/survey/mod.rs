//! A tiny survey in a folder of its own, the program to run over it, and what its release holds.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test may stop, and each test file uses a part of this"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap()
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(fs::read_link(&path).unwrap(), &target).unwrap();
        } else if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

pub fn peil(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_peil"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

pub fn run(folder: &Path, more: &[&str]) -> (i32, String) {
    peil(folder, &[&["run", "pipeline.toml"], more].concat())
}

/// A survey with a release, whose delivery has changed since.
pub fn changed_survey() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("tests/base"), folder.path());
    copy(&root().join("config/exports"), &folder.path().join("config/exports"));
    let (code, said) = run(folder.path(), &[]);
    assert_eq!(code, 0, "{said}");
    let file = folder.path().join("input/gp_2024.csv");
    let text = fs::read_to_string(&file).unwrap();
    // The first respondent has gone.
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(&file, [lines[..1].concat(), lines[2..].concat()].concat()).unwrap();
    folder
}

pub fn copied(folder: &TempDir) -> TempDir {
    let other = tempfile::tempdir().unwrap();
    copy(folder.path(), other.path());
    other
}

/// All published bytes of the current release by path, apart from the facts of the run.
pub fn published(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let current = fs::canonicalize(folder.join("marts/current")).unwrap();
    let mut files = BTreeMap::new();
    let mut open = vec![current.clone()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(&current).unwrap().to_owned();
            let text = name.to_string_lossy().into_owned();
            if !text.contains("manifest")
                && !text.contains("checksums")
                && !text.contains("meta_run")
            {
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The release that readers see is whole, and is the old or the new one.
pub fn assert_sound(
    folder: &Path,
    old: &BTreeMap<PathBuf, Vec<u8>>,
    new: &BTreeMap<PathBuf, Vec<u8>>,
    when: &str,
) {
    let (code, said) = peil(folder, &["verify", "--pipeline", "pipeline.toml"]);
    assert_eq!(code, 0, "{when}: {said}");
    let seen = published(folder);
    assert!(seen == *old || seen == *new, "{when}: neither the old nor the new release");
}

//! Whatever ends a run and whenever: the old release stays whole, the store is sound, the next run gives the same bytes.
//!
//! `make torture` is the long version.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)] // a test may stop, and says how far it is

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap()
}

fn copy(from: &Path, to: &Path) {
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

fn peil(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_peil"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn run(folder: &Path, more: &[&str]) -> (i32, String) {
    peil(folder, &[&["run", "pipeline.toml"], more].concat())
}

/// A survey with a release, whose delivery has changed since.
fn changed_survey() -> TempDir {
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

fn copied(folder: &TempDir) -> TempDir {
    let other = tempfile::tempdir().unwrap();
    copy(folder.path(), other.path());
    other
}

/// All published bytes of the current release by path, apart from the facts of the run.
fn published(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
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
fn assert_sound(
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

/// A cheap sequence that is the same every time.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}

#[test]
fn a_run_killed_at_any_instant_leaves_the_old_or_the_new_release_and_the_next_run_ends_the_same() {
    let kills: u64 = std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let start = changed_survey();
    let old = published(start.path());
    let undisturbed = copied(&start);
    let began = Instant::now();
    let (code, said) = run(undisturbed.path(), &[]);
    assert_eq!(code, 0, "{said}");
    let length = began.elapsed().as_micros() as u64;
    let new = published(undisturbed.path());
    assert_ne!(old, new);

    let mut sequence = Sequence(20_251);
    let (mut hit, mut done) = (0, 0);
    while done < kills {
        let folder = copied(&start);
        // Up to three kills in a row before a run may end.
        for _ in 0..=sequence.below(3) {
            let mut child = Command::new(env!("CARGO_BIN_EXE_peil"))
                .args(["run", "pipeline.toml"])
                .current_dir(folder.path())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            sleep(Duration::from_micros(sequence.below(length)));
            child.kill().unwrap();
            hit += u64::from(!child.wait().unwrap().success());
            done += 1;
            assert_sound(folder.path(), &old, &new, &format!("kill {done}"));
        }
        let (code, said) = run(folder.path(), &[]);
        assert_eq!(code, 0, "after kill {done}: {said}");
        assert!(published(folder.path()) == new, "after kill {done}: other bytes");
        let (code, said) = run(folder.path(), &["--rehash"]);
        assert!(code == 0 && said.contains("nothing to do"), "after kill {done}: {said}");
    }
    println!(
        "{done} kills, {hit} of them before the run ended; an undisturbed run takes {} ms",
        length / 1000
    );
}

#[test]
fn a_full_disk_or_a_crash_at_any_named_point_leaves_the_old_release() {
    let start = changed_survey();
    let old = published(start.path());
    let undisturbed = copied(&start);
    assert_eq!(run(undisturbed.path(), &[]).0, 0);
    let new = published(undisturbed.path());
    let steps = [
        "ingest:gp_2024",
        "admit:gp:2024",
        "harmonise:gp:2024",
        "confront:gp:2024",
        "weight:gp:2024",
        "estimate:gp",
        "publish",
    ];
    let points = ["begin", "computed", "written", "recorded"];
    let points = steps.iter().flat_map(|step| points.map(|point| format!("{step}/{point}")));
    let marts = [
        "create the folder",
        "write the manifest",
        "sync the folders",
        "move the release into place",
        "switch the link",
        "switch the pointer",
    ];
    let points: Vec<String> = points.chain(marts.map(|step| format!("publish/{step}"))).collect();
    for point in points {
        for how in ["", "=kill"] {
            let folder = copied(&start);
            let (code, said) = run(folder.path(), &["--fail-at", &format!("{point}{how}")]);
            assert!(
                if how.is_empty() { code == 3 } else { code == -1 },
                "{point}{how}: exit code {code}: {said}"
            );
            assert_sound(folder.path(), &old, &new, &point);
            let (code, said) = run(folder.path(), &[]);
            assert_eq!(code, 0, "{point}{how}: {said}");
            assert!(published(folder.path()) == new, "{point}{how}: other bytes");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_run_between_two_steps_with_exit_code_130() {
    let start = changed_survey();
    let mut ended = Vec::new();
    for pause in [20, 40, 60, 80, 120] {
        let folder = copied(&start);
        let child = Command::new(env!("CARGO_BIN_EXE_peil"))
            .args(["run", "pipeline.toml", "--threads", "1"])
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(pause));
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() == Some(130) {
            assert!(said.contains("what ran is kept"), "{said}");
        }
        ended.push(output.status.code());
        assert_eq!(run(folder.path(), &[]).0, 0);
    }
    assert!(ended.contains(&Some(130)), "{ended:?}");
}

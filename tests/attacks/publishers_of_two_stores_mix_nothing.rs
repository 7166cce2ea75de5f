//! Two stores publish into one folder of marts at once. `PUBLISHERS` rounds; `make torture` has many.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::scope;

use tempfile::TempDir;

use crate::program::{change, peil, program, tiny_survey};

/// Two surveys with answers of their own and one folder of marts.
fn two() -> (TempDir, TempDir) {
    let (one, other) = (tiny_survey(), tiny_survey());
    let marts = format!("marts = \"{}\"", one.path().join("marts").display());
    change(other.path(), "pipeline.toml", "marts = \"marts\"", &marts);
    change(other.path(), "input/gp_2024.csv", ";1;1;6;", ";1;1;7;");
    (one, other)
}

fn publisher(folder: &Path) -> Child {
    let mut command = Command::new(program());
    command.args(["run", "pipeline.toml", "--force", "--select", "publish", "--threads", "1"]);
    command.current_dir(folder).stderr(Stdio::piped()).spawn().unwrap()
}

/// Reads through link and pointer as fast as it can, and counts what is torn: a reader that finds no file, or files of two
/// releases under one name that it resolved once.
fn read(marts: &Path, stop: &AtomicBool, reads: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        let by_link = fs::canonicalize(marts.join("current")).unwrap();
        let pointer = fs::read_to_string(marts.join("current.txt")).unwrap();
        for folder in [by_link, marts.join(pointer.trim())] {
            let manifest = fs::read(folder.join("manifest.json")).unwrap();
            let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
            let files = manifest["files"].as_array().unwrap();
            for file in files.iter().filter(|file| file["bytes"].as_u64() < Some(20_000)) {
                let path = folder.join(file["path"].as_str().unwrap());
                let found = blake3::hash(&fs::read(&path).unwrap()).to_hex().to_string();
                assert_eq!(found, file["blake3"], "{}", path.display());
            }
        }
        reads.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn readers_by_link_and_pointer_see_one_whole_release_while_two_stores_publish() {
    let rounds: u64 =
        std::env::var("PUBLISHERS").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    let (one, other) = two();
    let marts = one.path().join("marts");
    let names = [one.path(), other.path()].map(|folder| {
        let outcome = peil(folder, &["run", "pipeline.toml"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        fs::read_link(marts.join("current")).unwrap()
    });
    assert_ne!(names[0], names[1]);
    let (stop, reads) = (AtomicBool::new(false), AtomicU64::new(0));
    scope(|scope| {
        scope.spawn(|| read(&marts, &stop, &reads));
        let ended = std::panic::catch_unwind(|| {
            for round in 0..rounds {
                let publishers = [publisher(one.path()), publisher(other.path())];
                for child in publishers {
                    let output = child.wait_with_output().unwrap();
                    let said = String::from_utf8_lossy(&output.stderr).into_owned();
                    assert_eq!(output.status.code(), Some(0), "round {round}: {said}");
                }
                let link = fs::read_link(marts.join("current")).unwrap();
                assert!(names.contains(&link), "round {round}: {}", link.display());
                let verify = peil(one.path(), &["verify", "--pipeline", "pipeline.toml"]);
                assert_eq!(verify.code, 0, "round {round}: {}", verify.stderr);
            }
        });
        stop.store(true, Ordering::Relaxed);
        ended.unwrap();
    });
    let releases = fs::read_dir(marts.join("releases")).unwrap();
    let releases = releases.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(releases, 2, "none was lost");
    println!(
        "{rounds} rounds of two publishers, {} reads: none torn",
        reads.load(Ordering::Relaxed)
    );
    assert!(reads.load(Ordering::Relaxed) > 0);
}

//! A disk that is really full: store and marts on a small file system of their own, at many sizes.
//!
//! Where this user may not mount one, the injected faults of `crashes.rs` stand alone, and the output says so.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test may stop, and says how far it is

mod survey;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::survey::{assert_sound, changed_survey, copy, published, run};

/// A small file system below a folder, gone when this is dropped, also where the test fails.
struct SmallDisk<'a> {
    at: &'a Path,
}

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path, kibibytes: u64) -> Option<Self> {
        let size = format!("size={kibibytes}k,nr_inodes=20k");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "peil-test"])
            .arg(at)
            .output()
            .ok()?;
        done.status.success().then_some(Self { at })
    }

    fn grow(&self) {
        let done = Command::new("mount").args(["-o", "remount,size=512m"]).arg(self.at).status();
        assert!(done.unwrap().success());
    }

    fn used_kibibytes(&self) -> u64 {
        let output = Command::new("du").args(["-sk"]).arg(self.at).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().next().unwrap().parse().unwrap()
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.at).status();
    }
}

/// What stood at the place of the message that ended a run: store or marts.
fn where_it_was_full(said: &str) -> &'static str {
    let full = said
        .lines()
        .find(|line| line.starts_with("error: ") && line.contains("No space left on device"));
    match full {
        Some(line) if line.contains("marts/") => "marts",
        Some(_) => "store",
        None => "elsewhere",
    }
}

#[test]
fn a_disk_that_is_really_full_leaves_the_old_release_and_with_room_the_next_run_ends_the_same() {
    let sizes: u64 =
        std::env::var("FULL_DISKS").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let start = changed_survey();
    let old = published(start.path());
    let undisturbed = tempfile::tempdir().unwrap();
    copy(start.path(), undisturbed.path());
    assert_eq!(run(undisturbed.path(), &[]).0, 0);
    let new = published(undisturbed.path());

    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path(), 512 << 10) else {
        println!(
            "no small disk: this user may not mount one; the disk was filled by injected faults only"
        );
        return;
    };
    copy(start.path(), folder.path());
    let before = disk.used_kibibytes();
    assert_eq!(run(folder.path(), &[]).0, 0);
    let after = disk.used_kibibytes();
    drop(disk);
    assert!(after > before, "{before} and {after} KiB");

    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    for size in 0..sizes {
        // From no room at all to enough: a run needs more while it is at work than it leaves behind.
        let room = 2 * (after - before) * size / (sizes - 1);
        let folder = tempfile::tempdir().unwrap();
        let disk = SmallDisk::mount(folder.path(), before + room).unwrap();
        copy(start.path(), folder.path());
        let when = format!("{room} KiB of room");
        let (code, said) = run(folder.path(), &[]);
        assert!(code == 3 || code == 0, "{when}: exit code {code}: {said}");
        let end = if code == 0 { "none: it fitted" } else { where_it_was_full(&said) };
        *ends.entry(end.to_owned()).or_default() += 1;
        // Unless the exit code is 0, readers see the release before.
        assert_sound(folder.path(), &old, if code == 0 { &new } else { &old }, &when);
        disk.grow();
        let (code, said) = run(folder.path(), &[]);
        assert_eq!(code, 0, "{when}, then enough: {said}");
        assert!(published(folder.path()) == new, "{when}, then enough: other bytes");
    }
    println!("{sizes} disks with 0 to {} KiB of room, full in: {ends:?}", 2 * (after - before));
    assert!(ends.contains_key("store") && ends.contains_key("marts"), "{ends:?}");
    assert!(!ends.contains_key("elsewhere"), "{ends:?}");
}

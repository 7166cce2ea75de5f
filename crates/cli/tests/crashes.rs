//! Whatever ends a run and whenever: the old release stays whole, the store is sound, the next run gives the same bytes.
//!
//! `make torture` is the long version.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)] // a test may stop, and says how far it is

mod survey;

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::survey::{assert_sound, changed_survey, copied, published, run};

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
    let (mut hit, mut tries) = (0, 0);
    while hit < kills {
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
            // One that came after the run had ended does not count.
            hit += u64::from(!child.wait().unwrap().success());
            tries += 1;
            assert_sound(folder.path(), &old, &new, &format!("kill {hit}"));
        }
        let (code, said) = run(folder.path(), &[]);
        assert_eq!(code, 0, "after kill {hit}: {said}");
        assert!(published(folder.path()) == new, "after kill {hit}: other bytes");
        let (code, said) = run(folder.path(), &["--rehash"]);
        assert!(code == 0 && said.contains("nothing to do"), "after kill {hit}: {said}");
    }
    println!(
        "{hit} kills in the midst of a run, {} more came after its end; an undisturbed run takes {} ms",
        tries - hit,
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
        "note the switch",
        "switch the link",
        "switch the pointer",
    ];
    let points: Vec<String> = points.chain(marts.map(|step| format!("publish/{step}"))).collect();
    for point in &points {
        for how in ["", "=kill"] {
            let folder = copied(&start);
            let (code, said) = run(folder.path(), &["--fail-at", &format!("{point}{how}")]);
            assert!(
                if how.is_empty() { code == 3 } else { code == -1 },
                "{point}{how}: exit code {code}: {said}"
            );
            assert_sound(folder.path(), &old, &old, point);
            let (code, said) = run(folder.path(), &[]);
            assert_eq!(code, 0, "{point}{how}: {said}");
            assert!(published(folder.path()) == new, "{point}{how}: other bytes");
        }
    }
    println!("{} named points, each once as a full disk and once as a crash", points.len());
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_run_between_two_steps_with_exit_code_130() {
    let start = changed_survey();
    let old = published(start.path());
    let mut ended = Vec::new();
    for (pause, signal) in
        [(20, "-INT"), (40, "-TERM"), (60, "-INT"), (80, "-TERM"), (120, "-INT"), (160, "-TERM")]
    {
        let folder = copied(&start);
        let child = Command::new(env!("CARGO_BIN_EXE_peil"))
            .args(["run", "pipeline.toml", "--threads", "1"])
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(pause));
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() == Some(130) {
            assert!(said.contains("what ran is kept"), "{said}");
            assert_sound(folder.path(), &old, &old, signal);
            ended.push(signal);
        } else {
            // Too late, or before the program could listen.
            assert!(matches!(output.status.code(), Some(0) | None), "{said}");
        }
        assert_eq!(run(folder.path(), &[]).0, 0);
    }
    println!("signals that ended a run between two steps: {ended:?}");
    assert!(!ended.is_empty());
}

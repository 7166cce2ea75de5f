//! The other commands, on a machine that made nothing itself.

use std::fs;

use crate::world::{World, other_answer};

/// A world with two releases, and a machine with an empty cache.
fn published() -> (World, tempfile::TempDir, [String; 2]) {
    let world = World::new();
    let worker = world.worker();
    world.run(worker.path(), &[]);
    let first = world.whole_release().unwrap();
    other_answer(worker.path(), 5);
    world.run(worker.path(), &[]);
    let second = world.whole_release().unwrap();
    assert_ne!(first, second);
    let fresh = world.worker();
    other_answer(fresh.path(), 5);
    (world, fresh, [first, second])
}

#[test]
fn releases_are_listed_verified_compared_and_switched_back_from_any_machine() {
    let (world, fresh, [first, second]) = published();
    let peil = |arguments: &[&str]| {
        let all: Vec<&str> =
            arguments.iter().copied().chain(["--pipeline", "pipeline.toml"]).collect();
        world.peil(fresh.path(), &all)
    };
    let listed = peil(&["releases"]);
    assert!(listed.stdout.contains(&first) && listed.stdout.contains(&second), "{}", listed.stdout);
    assert_eq!(peil(&["verify"]).code, 0);
    let diff = peil(&["diff"]);
    assert!([0, 10].contains(&diff.code), "{}", diff.stderr);
    assert_eq!(peil(&["audit"]).code, 0);
    assert_eq!(peil(&["check"]).code, 0);
    let report = peil(&["report", "--out", "site"]);
    assert_eq!(report.code, 0, "{}", report.stderr);
    assert!(fresh.path().join("site/index.html").exists());
    let exported = peil(&["export", "semantic", "--out", "model"]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    let back = peil(&["rollback"]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    assert!(back.stderr.contains("/marts/current.json"), "{}", back.stderr);
    assert_eq!(world.whole_release().unwrap(), first);
    let ran = world.run(fresh.path(), &[]);
    println!("{}", ran.stderr);
}

#[test]
fn findings_hand_offs_and_the_plan_are_those_of_all_workers() {
    let (world, fresh, _) = published();
    let peil = |arguments: &[&str]| {
        let all: Vec<&str> =
            arguments.iter().copied().chain(["--pipeline", "pipeline.toml"]).collect();
        world.peil(fresh.path(), &all)
    };
    let findings = peil(&["findings"]);
    assert_eq!(findings.code, 0, "{}", findings.stderr);
    assert!(!findings.stderr.contains("not run"), "{}", findings.stderr);
    let shown = peil(&["show", "weight:gp:2025"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let plan = world.peil(fresh.path(), &["plan", "pipeline.toml", "--until", "estimate"]);
    assert_eq!(plan.code, 0, "nothing would run: {}{}", plan.stdout, plan.stderr);
    let runs = peil(&["runs"]);
    assert!(runs.stderr.contains("runs of this worker"), "{}", runs.stderr);
    assert!(!fresh.path().join("cache").join("ledger.jsonl").exists());
    assert!(fs::read_dir(fresh.path().join("cache")).unwrap().count() >= 1);
}

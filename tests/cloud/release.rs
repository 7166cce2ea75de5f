//! What is shared, what is published, and who finds it.

use std::fs;

use crate::server::{put, remove};
use crate::world::{World, other_answer};

#[test]
fn a_worker_finds_what_another_one_made_and_publishes_it() {
    let world = World::new();
    let (one, other) = (world.worker(), world.worker());
    let made = world.run(one.path(), &["--until", "estimate"]);
    assert!(made.stderr.contains("done, nothing published"), "{}", made.stderr);
    assert_eq!(world.pointer(), None);
    let published = world.run(other.path(), &[]);
    assert!(published.stderr.contains(" 1 of "), "{}", published.stderr);
    assert!(published.stderr.contains("/marts/current.json"), "{}", published.stderr);
    world.whole_release().unwrap();
    world.whole_store();
    let again = world.run(one.path(), &[]);
    assert!(again.stderr.contains(" 1 of "), "publish looks for itself: {}", again.stderr);
    for worker in [&one, &other] {
        let nothing = world.run(worker.path(), &[]);
        assert!(nothing.stderr.contains("nothing to do"), "{}", nothing.stderr);
    }
}

#[test]
fn workers_make_one_panel_wave_each_and_one_more_publishes() {
    let world = World::new();
    for wave in ["2024", "2025"] {
        let worker = world.worker();
        world.run(worker.path(), &["--select", &format!("+weight:gp:{wave}")]);
    }
    let last = world.worker();
    let published = world.run(last.path(), &[]);
    assert!(published.stderr.contains(" 2 of "), "estimate and publish: {}", published.stderr);
    world.whole_release().unwrap();
}

#[test]
fn the_oldest_release_goes_from_there_too_and_what_it_told_stays() {
    let world = World::new();
    let worker = world.worker();
    let file = worker.path().join("pipeline.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("[pseudonym_key]", "keep_releases = 1\n\n[pseudonym_key]", 1))
        .unwrap();
    for number in 0..4 {
        other_answer(worker.path(), number);
        world.run(worker.path(), &[]);
        world.whole_release().unwrap();
    }
    let pointer = world.pointer().unwrap();
    assert_eq!(pointer["releases"].as_array().unwrap().len(), 2);
    assert_eq!(pointer["told"].as_array().unwrap().len(), 2);
    let folders: std::collections::BTreeSet<String> = world
        .names("marts/releases/")
        .iter()
        .map(|name| name.split('/').nth(2).unwrap().to_owned())
        .collect();
    assert_eq!(folders.len(), 2, "{folders:?}");
    // A new worker's copy has what was told: the protection reckons with it.
    let fresh = world.worker();
    other_answer(fresh.path(), 9);
    world.run(fresh.path(), &[]);
    let releases = fs::read_dir(fresh.path().join("cache")).unwrap();
    let told = releases.flatten().flat_map(|entry| {
        fs::read_dir(entry.path().join("releases")).into_iter().flatten().flatten()
    });
    let told = told.filter(|entry| entry.file_name().to_string_lossy().starts_with(".told-"));
    assert!(told.count() >= 2);
}

#[test]
fn a_damaged_object_is_made_and_stored_again() {
    let world = World::new();
    let worker = world.worker();
    world.run(worker.path(), &["--until", "weight"]);
    let objects = world.names("store/objects/");
    for (number, name) in objects.iter().enumerate() {
        let name = format!("{}/{name}", world.prefix);
        if number % 2 == 0 { put(&name, b"damaged") } else { remove(&name) }
    }
    let other = world.worker();
    let ran = world.run(other.path(), &[]);
    assert!(ran.stderr.contains("made again"), "{}", ran.stderr);
    world.whole_release().unwrap();
    let fresh = world.worker();
    world.run(fresh.path(), &["--force"]);
    world.whole_release().unwrap();
}

#[test]
fn a_damaged_release_is_told_by_verify_and_published_again_by_a_new_worker() {
    let world = World::new();
    let worker = world.worker();
    world.run(worker.path(), &[]);
    let before = world.pointer().unwrap();
    let name = format!("marts/{}/public/estimate.parquet", before["path"].as_str().unwrap());
    put(&format!("{}/{name}", world.prefix), b"damaged");
    let verify = world.peil(worker.path(), &["verify", "--pipeline", "pipeline.toml"]);
    assert_ne!(verify.code, 0);
    assert!(verify.stderr.contains("public/estimate.parquet"), "{}", verify.stderr);
    let ran = world.run(world.worker().path(), &[]);
    println!("{}", ran.stderr);
    world.whole_release().unwrap();
    let after = world.pointer().unwrap();
    assert_eq!(after["release"], before["release"]);
    assert_ne!(after["path"], before["path"]);
}

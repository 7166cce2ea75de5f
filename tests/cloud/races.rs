//! Workers that do the same at once. `CLOUD_RACES` of them; `make torture` has many.

use std::collections::BTreeSet;

use crate::world::{World, other_answer, times};

/// Both run everything at once; each one's exit code and words.
fn race(world: &World, numbers: [u64; 2]) -> [String; 2] {
    let workers = numbers.map(|number| {
        let worker = world.worker();
        other_answer(worker.path(), number);
        worker
    });
    let children = [0, 1].map(|at| world.start(workers[at].path(), &["run", "pipeline.toml"]));
    children.map(|child| {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        said
    })
}

#[test]
fn two_workers_that_do_the_same_at_once_publish_one_release() {
    let races = times("CLOUD_RACES", 8);
    let mut lost = 0;
    for number in 0..races {
        let world = World::new();
        let said = race(&world, [number, number]);
        lost += said.iter().filter(|said| said.contains("it is the same")).count();
        world.whole_release().unwrap();
        world.whole_store();
        let pointer = world.pointer().unwrap();
        assert_eq!(pointer["releases"].as_array().unwrap().len(), 1, "{pointer}");
        let steps: Vec<String> = world.names("store/records/");
        let distinct: BTreeSet<&str> =
            steps.iter().map(|name| name.rsplit_once('/').unwrap().0).collect();
        assert_eq!(steps.len(), distinct.len(), "one record a step: {steps:#?}");
        let folders: BTreeSet<String> = world
            .names("marts/releases/")
            .iter()
            .map(|name| name.split('/').nth(2).unwrap().to_owned())
            .collect();
        assert_eq!(folders.len(), 1, "what lost is gone: {folders:?}");
        if number % 20 == 19 {
            println!("{} races, one publication each", number + 1);
        }
    }
    println!("{races} races, one publication each; {lost} were told that another was first");
}

#[test]
fn two_workers_that_publish_different_releases_at_once_both_publish() {
    let races = times("CLOUD_RACES", 8) / 4 + 1;
    for number in 0..races {
        let world = World::new();
        race(&world, [2 * number, 2 * number + 1]);
        world.whole_release().unwrap();
        let pointer = world.pointer().unwrap();
        let releases = pointer["releases"].as_array().unwrap();
        let sequences: Vec<u64> =
            releases.iter().map(|one| one["sequence"].as_u64().unwrap()).collect();
        assert_eq!(sequences, [1, 2], "{pointer}");
    }
    println!("{races} races of different releases: both are listed, one after the other");
}

//! A store that is slow, cuts connections and loses answers.

use std::time::Duration;

use crate::proxy::{Fate, Proxy};
use crate::world::{World, times};

#[test]
fn a_connection_cut_at_each_request_costs_a_try_and_nothing_else() {
    every(times("CLOUD_CUTS", 12), || Fate::Cut);
}

#[test]
fn an_answer_that_is_lost_after_the_write_took_place_is_looked_up() {
    every(times("CLOUD_CUTS", 12), || Fate::LoseAnswer);
}

/// Runs with one request in a few going wrong, at other places each time.
fn every(rounds: u64, fate: impl Fn() -> Fate + Copy + Send + Sync + 'static) {
    for round in 0..rounds {
        let world = World::new();
        let proxy = Proxy::start(
            move |seen| {
                if seen.number % 12 == round % 12 { fate() } else { Fate::Pass }
            },
        );
        let ran = world.by(proxy.port).run(world.worker().path(), &[]);
        assert!(ran.stderr.contains("published"), "{}", ran.stderr);
        world.whole_release().unwrap();
        world.whole_store();
        assert_eq!(world.pointer().unwrap()["releases"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn a_slow_store_and_one_that_asks_for_patience_are_waited_for() {
    let world = World::new();
    let proxy = Proxy::start(|seen| match seen.number % 20 {
        3 => Fate::Slow(Duration::from_millis(400)),
        7 => Fate::Answer(503, "<Error><Code>SlowDown</Code></Error>".to_owned()),
        _ => Fate::Pass,
    });
    world.by(proxy.port).run(world.worker().path(), &[]);
    world.whole_release().unwrap();
}

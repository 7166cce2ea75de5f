//! Runs that end at any request: readers elsewhere never see half a release. `CLOUD_KILLS` of them; `make torture` has many.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex};

use crate::proxy::{Fate, Proxy};
use crate::world::{World, other_answer, times};

/// Kills the process that is in the slot.
fn kill(slot: &Mutex<Option<Child>>) {
    if let Some(child) = slot.lock().unwrap().as_mut() {
        let _ = child.kill();
    }
}

#[test]
fn a_run_that_is_killed_at_any_request_leaves_no_half_release() {
    let kills = times("CLOUD_KILLS", 24);
    let world = World::new();
    let proxy = Proxy::start(|_| Fate::Pass);
    let by_proxy = world.by(proxy.port);
    let mut worker = world.worker();
    other_answer(worker.path(), 0);
    by_proxy.run(worker.path(), &[]);
    // What a worker asks for that has all to do again: the places to kill at.
    other_answer(worker.path(), 1);
    proxy.decide(|_| Fate::Pass);
    by_proxy.run(worker.path(), &[]);
    let requests = proxy.count();
    println!("{requests} requests a run");
    let mut ended = 0;
    for number in 0..kills {
        let at = number.wrapping_mul(7919) % requests + 1;
        let is_after = number % 2 == 1;
        other_answer(worker.path(), number + 2);
        let slot: Arc<Mutex<Option<Child>>> = Arc::new(Mutex::new(None));
        let killed = slot.clone();
        proxy.decide(move |seen| {
            if seen.number < at || (seen.number == at && is_after) {
                return if seen.number == at { Fate::LoseAnswer } else { Fate::Pass };
            }
            kill(&killed);
            Fate::Cut
        });
        ended += u64::from(killed_run(&by_proxy, worker.path(), &slot, &proxy, at));
        world.whole_release().unwrap();
        if number % 5 == 4 {
            // Another machine goes on.
            let next = world.worker();
            fs::copy(
                worker.path().join("input/gp_2024.csv"),
                next.path().join("input/gp_2024.csv"),
            )
            .unwrap();
            worker = next;
        }
        if number % 10 == 9 {
            proxy.decide(|_| Fate::Pass);
            by_proxy.run(worker.path(), &[]);
            world.whole_release().unwrap();
            println!("{} kills, 0 half releases", number + 1);
        }
    }
    world.whole_store();
    println!("{kills} runs were to be killed, {ended} of them had ended before");
}

/// Starts a run and waits for its end; whether it ended by itself.
fn killed_run(
    world: &World,
    folder: &Path,
    slot: &Mutex<Option<Child>>,
    proxy: &Proxy,
    at: u64,
) -> bool {
    // The slot is filled before the first request can be seen.
    let mut guard = slot.lock().unwrap();
    *guard = Some(world.start(folder, &["run", "pipeline.toml"]));
    drop(guard);
    loop {
        let status = slot.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
        if let Some(status) = status {
            return status.success();
        }
        // The answer of this request is lost and the process is killed before it asks again.
        if proxy.count() >= at {
            std::thread::sleep(std::time::Duration::from_millis(5));
            kill(slot);
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

//! A fault at any named point leaves the store sound, and the next run gives the bytes of an undisturbed one.

use std::io;
use std::sync::Mutex;

use store::Record;

use super::*;

fn records(world: &World) -> Vec<Record> {
    let mut records = Store::open(&world.store_folder(), true).records();
    for record in &mut records {
        record.why.clear();
    }
    records
}

/// All points of a whole run, in the order of one thread.
fn points() -> Vec<String> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut world = World { threads: 1, ..World::new() };
    let into = seen.clone();
    world.outside.fault = Some(Arc::new(move |point| {
        into.lock().unwrap().push(point.to_owned());
        Ok(())
    }));
    world.run();
    seen.lock().unwrap().clone()
}

#[test]
fn a_full_disk_at_any_point_costs_only_the_step_at_hand() {
    let undisturbed = World::new();
    undisturbed.run();
    let expected = records(&undisturbed);
    let points = points();
    assert_eq!(points.len(), 14 * 5);
    for point in points {
        let mut world = World::new();
        let at = point.clone();
        world.outside.fault = Some(Arc::new(move |point| {
            if point == at { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
        }));
        let walked = world.walk(Mode::Run);
        assert_eq!(walked.result.unwrap_err().end(), End::Unreadable, "{point}");
        let kept = records(&world).len();
        world.outside.fault = None;
        assert_eq!(world.run().len(), 14 - kept, "{point}");
        assert_eq!(records(&world), expected, "{point}");
    }
}

//! Whether a store keeps what conditional writes promise, also when many race: else workers would overwrite one another.

use std::thread;

use crate::remote::{Remote, Trouble, TroubleKind, Version, shown};

/// Writers that race for one name.
const RACERS: usize = 16;
/// Races of each kind; a store that looks first and writes then loses the first one nearly always.
const ROUNDS: usize = 3;

/// Races for fresh names below `probe/`; a store that gives one name twice is refused. `nonce` is a name that nobody has used.
pub fn probe(remote: &dyn Remote, nonce: &str) -> Result<(), Trouble> {
    for round in 0..ROUNDS {
        let name = format!("probe/{nonce}-{round}");
        let probed = race(remote, &name);
        let removed = remote.remove(&name);
        probed.and(removed)?;
    }
    Ok(())
}

fn race(remote: &dyn Remote, name: &str) -> Result<(), Trouble> {
    let refused =
        |found: String| Trouble::new(TroubleKind::Conditions, &shown(remote, name), found);
    let winners = count(&|racer| remote.create(name, text(racer).as_bytes()))?;
    if winners != 1 {
        return Err(refused(format!(
            "{RACERS} writers raced to create one name, and {winners} of them were told that they had: expected 1"
        )));
    }
    if remote.create(name, b"late")? {
        return Err(refused("a name that is there was created again".to_owned()));
    }
    let seen = read(remote, name)?;
    let winners = count(&|racer| remote.swap(name, text(racer + RACERS).as_bytes(), &seen))?;
    if winners != 1 {
        return Err(refused(format!(
            "{RACERS} writers raced to replace one version, and {winners} of them were told that they had: expected 1"
        )));
    }
    if remote.swap(name, b"late", &seen)? {
        return Err(refused("a version that is no longer there was replaced".to_owned()));
    }
    Ok(())
}

fn text(racer: usize) -> String {
    format!("racer {racer}")
}

fn read(remote: &dyn Remote, name: &str) -> Result<Version, Trouble> {
    let held = remote.read(name)?;
    let gone = || {
        Trouble::new(TroubleKind::Conditions, &shown(remote, name), "was written and is not there")
    };
    held.map(|held| held.version).ok_or_else(gone)
}

/// How many of the racers won.
fn count(one: &(dyn Fn(usize) -> Result<bool, Trouble> + Sync)) -> Result<usize, Trouble> {
    let results: Vec<Result<bool, Trouble>> = thread::scope(|scope| {
        let racers: Vec<_> = (0..RACERS).map(|racer| scope.spawn(move || one(racer))).collect();
        racers.into_iter().filter_map(|racer| racer.join().ok()).collect()
    });
    let mut winners = 0;
    for result in results {
        winners += usize::from(result?);
    }
    Ok(winners)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::memory::{Fault, Memory};

    fn probed(fault: Fault) -> Result<(), TroubleKind> {
        let remote = Memory { fault, ..Memory::default() };
        probe(&remote, "nonce").map_err(|trouble| trouble.kind)
    }

    #[test]
    fn a_store_that_keeps_its_promises_passes_and_nothing_stays_of_the_probe() {
        let remote = Memory::default();
        assert_eq!(probe(&remote, "nonce"), Ok(()));
        assert_eq!(remote.held.lock().map(|held| held.len()).ok(), Some(0));
    }

    #[test]
    fn a_store_that_ignores_conditions_or_loses_a_race_is_refused() {
        assert_eq!(probed(Fault::IgnoresConditions), Err(TroubleKind::Conditions));
        assert_eq!(probed(Fault::Races), Err(TroubleKind::Conditions));
    }
}

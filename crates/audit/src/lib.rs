//! An attack on releases from their public files: what can be told of the groups that must stay confidential?
//!
//! The attacker knows every public file of every release named, the rounding rules, that counts are whole, and the weight that each
//! published level has in its total (more than the population shares that are published elsewhere). For each confidential group
//! linear programs bound its respondents and its answers. Shares no code with the protection; what it does not model is listed in
//! docs/disclosure.md.

mod attack;
mod block;
mod bounds;
mod cell;
mod error;
mod files;
mod inner;
mod linked;
mod question;
mod release;
mod report;
mod shape;
mod text;

use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

pub use error::Error;
pub use report::{Finding, Kind, Report};

use crate::release::Release;

/// Attacks a release, alone and together with others of the same monitor.
pub fn audit(release: &Path, against: &[&Path]) -> Result<Report, Error> {
    let target = Release::read(release)?;
    let told = attack::told(&target);
    let mut findings = shape::findings(&target);
    let (attacked, groups) = attack::attack(&target, &told, None);
    findings.extend(attacked);
    let mut others = Vec::new();
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let with = |other: &Path| {
        let other = Release::read(other)?;
        let is_other = other.name != target.name;
        let found = is_other.then(|| linked::findings(&other, &target, &told));
        Ok::<_, Error>(found.map(|found| (other.name, found)))
    };
    for few in against.chunks(workers) {
        let found: Vec<_> = thread::scope(|scope| {
            let all: Vec<_> = few.iter().map(|other| scope.spawn(|| with(other))).collect();
            let joined = |one: thread::ScopedJoinHandle<'_, _>| {
                one.join().unwrap_or_else(|panic| resume_unwind(panic))
            };
            all.into_iter().map(joined).collect::<Result<_, Error>>()
        })?;
        for (name, found) in found.into_iter().flatten() {
            findings.extend(found);
            others.push(name);
        }
    }
    findings.sort();
    findings.dedup();
    Ok(Report {
        release: target.name.clone(),
        against: others,
        groups,
        withheld: target.withheld(),
        asked: target.asked(),
        findings,
    })
}

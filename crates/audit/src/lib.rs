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

use std::path::Path;

pub use error::Error;
pub use report::{Finding, Kind, Report};

use crate::release::Release;

/// Attacks a release, alone and together with others of the same monitor.
pub fn audit(release: &Path, against: &[&Path]) -> Result<Report, Error> {
    let target = Release::read(release)?;
    let mut findings = shape::findings(&target);
    let (attacked, groups) = attack::findings(&target);
    findings.extend(attacked);
    let mut others = Vec::new();
    for other in against {
        let other = Release::read(other)?;
        if other.name != target.name {
            findings.extend(linked::findings(&other, &target));
            others.push(other.name);
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

//! Releases of the marts, for the command line: list, verify, switch back.

use std::io;
use std::sync::atomic::Ordering;

use mart::ReleaseInfo;

use crate::error::{Error, StageError};
use crate::ledger::{Ended, Ledger, Line};
use crate::lock::{Lock, Owner};
use crate::outcome::Outside;
use crate::project::Project;
use crate::step::Step;

/// All releases, the oldest first.
pub fn all(project: &Project) -> Result<Vec<ReleaseInfo>, Error> {
    mart::releases(&project.pipeline.marts).map_err(failed)
}

/// The named release, or the current one.
pub fn named(project: &Project, name: Option<&str>) -> Result<ReleaseInfo, Error> {
    let releases = all(project)?;
    let fits = |release: &&ReleaseInfo| {
        name.map_or(release.is_current, |name| release.release.starts_with(name))
    };
    let found: Vec<&ReleaseInfo> = releases.iter().filter(fits).collect();
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        _ => Err(Error::NoRelease {
            wanted: name.unwrap_or("current").to_owned(),
            folder: project.pipeline.marts.clone(),
            exist: match releases.len() {
                0 => "none yet; `peil run` publishes the first".to_owned(),
                _ => releases
                    .iter()
                    .map(|release| release.release.clone())
                    .collect::<Vec<_>>()
                    .join(", "),
            },
        }),
    }
}

/// Confronts a release with its manifest; gives its name and how many files there are.
pub fn verify(project: &Project, name: Option<&str>) -> Result<(String, usize), Error> {
    let release = named(project, name)?;
    let manifest = mart::verify(&release.folder).map_err(failed)?;
    Ok((manifest.release, manifest.files.len()))
}

/// Switches back to an earlier release; the run ledger says so.
pub fn rollback(project: &Project, name: Option<&str>, outside: &Outside) -> Result<String, Error> {
    let started = (outside.now)();
    let store = &project.pipeline.store;
    let _lock = Lock::take(store, &Owner { pid: outside.pid, since: started })?;
    let wanted =
        name.map(|name| named(project, Some(name))).transpose()?.map(|release| release.release);
    let step = |_: &str| -> io::Result<()> {
        let interrupted = outside.interrupted.load(Ordering::Relaxed);
        if interrupted { Err(io::Error::from(io::ErrorKind::Interrupted)) } else { Ok(()) }
    };
    let release =
        mart::rollback(&project.pipeline.marts, wanted.as_deref(), &step).map_err(failed)?.release;
    let line = Line::Run {
        run: format!("rollback-{}-{}", started.strftime("%Y%m%dT%H%M%SZ"), outside.pid),
        pipeline: project.pipeline.name.clone(),
        pid: outside.pid,
        started,
        seconds: ((outside.now)().as_microsecond() - started.as_microsecond()) as f64 / 1e6,
        steps_run: 0,
        steps_up_to_date: 0,
        steps_failed: 0,
        findings: std::collections::BTreeMap::new(),
        release: Some(release.clone()),
        ended: Ended::RolledBack,
        problem: None,
    };
    let written = Ledger::open(store).and_then(|ledger| ledger.append(&line));
    written.map_err(|error| Error::Store { path: Ledger::path(store), error })?;
    Ok(release)
}

fn failed(error: mart::Error) -> Error {
    Error::Stage { step: Step::publish(), error: StageError::from(error) }
}

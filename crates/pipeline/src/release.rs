//! Releases of the marts, for the command line: list, verify, switch back, write one audience's part elsewhere.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use mart::{Folder, Listing, Manifest, ReleaseInfo};
use store::ledger::{Ended, Ledger, Line};
use store::lock::{Lock, Owner};
use store::{Found, Step, Store};

use crate::error::Error;
use crate::outcome::Outside;
use crate::project::Project;
use crate::remote_marts;
pub(crate) use crate::stage_errors::publish_failed as failed;

/// All releases, and what lies among them and is none.
pub fn list(project: &Project) -> Result<Listing, Error> {
    mart::list(&project.pipeline.marts).map_err(failed)
}

/// All releases, the oldest first.
pub fn all(project: &Project) -> Result<Vec<ReleaseInfo>, Error> {
    Ok(list(project)?.releases)
}

/// Brings this machine's copy of marts that lie elsewhere up to date; does nothing where they are here.
pub fn refresh(project: &Project, outside: &Outside) -> Result<(), Error> {
    if project.pipeline.elsewhere.marts.is_none() {
        return Ok(());
    }
    let _lock = marts_lock(project, outside)?;
    remote_marts::mirror(project)
}

/// As `refresh`, before a run or a plan: what is damaged of the copy is read again, and a publication that nobody sees any more
/// is forgotten.
pub(crate) fn refresh_for(
    project: &Project,
    store: &Store,
    outside: &Outside,
) -> Result<(), Error> {
    if project.pipeline.elsewhere.marts.is_none() {
        return Ok(());
    }
    let _lock = marts_lock(project, outside)?;
    remote_marts::mirror(project)?;
    let marts = &project.pipeline.marts;
    let hash = |path: &Path| store.hashes.of(path).map(|found| found.0);
    let followed = mart::mirror::followed(marts).map_err(failed)?;
    if let Some(current) = followed
        && mart::damages(marts, &hash).map_or(true, |damages| !damages.is_empty())
    {
        remote_marts::copy_anew(project, &current)?;
    }
    let Found::Record(record) = store.record(&Step::publish()) else { return Ok(()) };
    let release = record.summary.fact_text("release");
    if release.is_none_or(|release| !remote_marts::listed(project).contains(&release)) {
        store.forget_record(&Step::publish());
    }
    Ok(())
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

/// The release that was published before the one in this folder, where it still lies beside it.
pub fn before(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let releases = mart::releases(folder.parent()?.parent()?).ok()?;
    let is_own = |one: &&ReleaseInfo| one.folder.canonicalize().is_ok_and(|own| own == folder);
    let own = releases.iter().find(is_own)?.sequence;
    let earlier = releases.iter().filter(|one| one.sequence < own);
    earlier.max_by_key(|one| one.sequence).map(|one| one.folder.clone())
}

/// Verifies a release against its manifest; without a name the current one, and that link and pointer both name it.
pub fn verify(project: &Project, name: Option<&str>, outside: &Outside) -> Result<Manifest, Error> {
    recover(project, outside)?;
    if project.pipeline.elsewhere.marts.is_some() {
        let release = named(project, name)?.release;
        let _lock = marts_lock(project, outside)?;
        remote_marts::copy_anew(project, &release)?;
    }
    if name.is_some() || all(project)?.is_empty() {
        return mart::verify(&named(project, name)?.folder).map_err(failed);
    }
    mart::verify_current(&project.pipeline.marts).map_err(failed)
}

/// Verifies a folder that `export` wrote.
pub fn verify_exported(folder: &Path) -> Result<Manifest, Error> {
    mart::verify(folder).map_err(failed)
}

/// Writes one audience's part of a release, the current one unless named, with a manifest of its own.
pub fn export(
    project: &Project,
    name: Option<&str>,
    audience: Folder,
    to: &Path,
) -> Result<Manifest, Error> {
    let release = named(project, name)?;
    mart::export(&release.folder, audience, to, project.access).map_err(failed)
}

/// Undoes a switch that was cut off; says to which release it was to be.
pub fn recover(project: &Project, outside: &Outside) -> Result<Option<String>, Error> {
    let marts = &project.pipeline.marts;
    if !mart::is_half_done(marts).map_err(failed)? {
        return Ok(None);
    }
    // Where another run is switching right now, it has done so when its lock is free.
    let _lock = marts_lock(project, outside)?;
    mart::recover(marts).map_err(failed)
}

/// The lock of the marts' folder, waited for.
pub fn marts_lock(project: &Project, outside: &Outside) -> Result<Lock, Error> {
    let owner = Owner { pid: outside.pid, since: (outside.now)() };
    let check = || {
        if outside.interrupted.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    };
    Lock::wait(&project.pipeline.marts, &owner, &*outside.now, &check)
}

/// Switches back to an earlier release; the run ledger says so.
pub fn rollback(project: &Project, name: Option<&str>, outside: &Outside) -> Result<String, Error> {
    let started = (outside.now)();
    let store = &project.pipeline.store;
    let _lock = Lock::take(store, &Owner { pid: outside.pid, since: started })?;
    let _marts = marts_lock(project, outside)?;
    mart::recover(&project.pipeline.marts).map_err(failed)?;
    remote_marts::mirror(project)?;
    let wanted =
        name.map(|name| named(project, Some(name))).transpose()?.map(|release| release.release);
    let step = |name: &str| -> io::Result<()> {
        if outside.interrupted.load(Ordering::Relaxed) {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        outside.fault.as_ref().map_or(Ok(()), |fault| fault(&format!("rollback/{name}")))
    };
    let release =
        mart::rollback(&project.pipeline.marts, wanted.as_deref(), &step).map_err(failed)?.release;
    remote_marts::switch_back(project, &release)?;
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
    written.map_err(|error| store::Error::Unwritable { path: Ledger::path(store), error })?;
    Ok(release)
}

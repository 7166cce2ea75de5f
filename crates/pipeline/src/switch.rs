//! The end of a run: readers see what it built, or nothing of it.

use std::io;

use mart::Target;
use store::{Found, Kept, Step, Store};
use survey::{Code, Warning};

use crate::delivery_file::DeliveryFile;
use crate::error::Error;
use crate::handoffs::PublishedAbout;
use crate::project::Project;
use crate::release;
use crate::remote_marts;
use crate::run::Run;

pub(crate) fn target<'a>(
    project: &'a Project,
    rebuild: bool,
    step: &'a dyn Fn(&str) -> io::Result<()>,
) -> Target<'a> {
    let (marts, keep) = (&project.pipeline.marts, project.pipeline.keep_releases);
    Target { marts, keep, access: project.access, rebuild, step, audit: None, earlier: None }
}

/// A named point of publishing, where a run may end early and a test may let the disk fail.
pub(crate) fn step(run: &Run<'_>, name: &str) -> io::Result<()> {
    if run.check_interrupt().is_err() {
        return Err(io::Error::from(io::ErrorKind::Interrupted));
    }
    run.outside.fault.as_ref().map_or(Ok(()), |fault| fault(&format!("publish/{name}")))
}

/// The very last thing that a run does: readers see what it built and wrote down. Before it whatever fails leaves the release
/// that they saw, after it nothing fails.
pub fn switch(
    project: &Project,
    run: &Run<'_>,
    published: &Kept<PublishedAbout>,
) -> Result<(), Error> {
    if !run.holds_marts() {
        return Ok(());
    }
    unmoved(project, run.store).map_err(|error| run.refused(&Step::publish(), error))?;
    let release = &published.load(run.store)?.about.release;
    let step = |name: &str| step(run, name);
    let elsewhere = remote_marts::publish(project, release, &step);
    let remarks = elsewhere.map_err(|error| match error {
        overtaken if overtaken.is_overtaken() => overtaken,
        error => run.refused(&Step::publish(), error),
    })?;
    for remark in remarks {
        run.remark(remark);
    }
    let switched = mart::switch_to(&target(project, false, &step), release);
    let notes = switched.map_err(|error| run.refused(&Step::publish(), release::failed(error)))?;
    for note in &notes {
        run.remark(warning(note).message);
    }
    Ok(())
}

/// The deliveries are still what was read, hours later perhaps: one that changed since was not whole.
fn unmoved(project: &Project, store: &Store) -> Result<(), Error> {
    for delivery in project.used() {
        let Found::Record(record) = store.record(&Step::ingest(&delivery.name)) else { continue };
        let read = record.inputs.get(&format!("delivery:{}", delivery.name));
        if store.hashes.of(&delivery.file).ok().as_ref() != read {
            let (file, delivery) = (DeliveryFile::of(delivery).name(), delivery.name.clone());
            return Err(Error::DeliveryChanged { delivery, file });
        }
    }
    Ok(())
}

pub(crate) fn warning(note: &mart::Note) -> Warning {
    match note {
        mart::Note::NotARelease { name, what } => Warning {
            code: Code::NotARelease,
            panel: None,
            wave: None,
            message: format!("`releases/{name}` among the marts is {what}, no release; left alone"),
            hint: None,
        },
        mart::Note::Exposed { path } => Warning {
            code: Code::ReadableByOthers,
            panel: None,
            wave: None,
            message: format!("`{}` is not for everyone and can be read by others", path.display()),
            hint: None,
        },
        mart::Note::NotRetired { problem } => Warning {
            code: Code::NotRetired,
            panel: None,
            wave: None,
            message: format!("releases beyond `keep_releases` are still there: {problem}"),
            hint: None,
        },
    }
}

//! The attack on a release: before it is published, and when asked for.

use std::path::{Path, PathBuf};

use mart::SourceError;
use store::Step;
use survey::{Hinted, Message};

use crate::error::{End, Error, StageError};
use crate::project::Project;
use crate::release;

/// Attacks a release of the project, or one in a folder, alone and with others.
pub fn audit(
    project: &Project,
    name: Option<&str>,
    against: &[String],
) -> Result<audit::Report, Error> {
    let folder = folder(project, name)?;
    let others: Vec<PathBuf> =
        against.iter().map(|other| self::folder(project, Some(other))).collect::<Result<_, _>>()?;
    let others: Vec<&Path> = others.iter().map(PathBuf::as_path).collect();
    audit::audit(&folder, &others).map_err(|error| failed(&error))
}

/// A folder with a manifest, or a release by its name.
fn folder(project: &Project, name: Option<&str>) -> Result<PathBuf, Error> {
    let path = name.map(PathBuf::from).filter(|path| path.join("manifest.json").is_file());
    match path {
        Some(path) => Ok(path),
        None => Ok(release::named(project, name)?.folder),
    }
}

fn message(error: &audit::Error) -> Message {
    Message::new(error.to_string(), Some(error.hint().to_owned()))
}

fn failed(error: &audit::Error) -> Error {
    let error = Box::new(message(error));
    let error = StageError { end: End::Unreadable, findings: Vec::new(), error };
    Error::Stage { step: Step::publish(), error }
}

/// Refuses a release that is built in `folder` where an attack on it succeeds, alone or with those that are still kept.
pub fn gate(folder: &Path, release: &str, marts: &Path) -> Result<(), SourceError> {
    let kept = sound(marts, Some(release))?;
    let kept: Vec<&Path> = kept.iter().map(PathBuf::as_path).collect();
    let report = audit::audit(folder, &kept).map_err(|error| message(&error))?;
    tracing::info!(groups = report.groups, found = report.findings.len(), "audited");
    if report.findings.is_empty() { Ok(()) } else { Err(Refused(report).into()) }
}

/// The releases that somebody may hold, as they were published: those that are still kept, and what those told that are not; but
/// for the one that is about to be made again.
pub fn sound(marts: &Path, but: Option<&str>) -> Result<Vec<PathBuf>, mart::Error> {
    let kept = mart::releases(marts)?.into_iter();
    let kept = kept.filter(|kept| Some(kept.release.as_str()) != but).map(|kept| kept.folder);
    let mut folders = Vec::new();
    for folder in kept.chain(mart::told(marts)) {
        if !mart::is_sound(&folder, mart::tells) {
            tracing::warn!(folder = %folder.display(), "not compared: damaged");
        } else if folder.join(mart::EXACT).is_file() {
            folders.push(folder);
        }
    }
    Ok(folders)
}

/// Most findings that are listed when a release is refused.
const LISTED: usize = 20;

/// An attack on a release that succeeded.
#[derive(Debug)]
struct Refused(audit::Report);

impl std::error::Error for Refused {}

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found = &self.0.findings;
        write!(formatter, "refused by the audit: the public files tell of confidential groups")?;
        for finding in found.iter().take(LISTED) {
            write!(formatter, "\n  {finding}")?;
        }
        if found.len() > LISTED {
            write!(formatter, "\n  and {} more", found.len() - LISTED)?;
        }
        Ok(())
    }
}

impl Hinted for Refused {
    fn hint(&self) -> Option<String> {
        Some("docs/disclosure.md says what helps, finding by finding".to_owned())
    }
}

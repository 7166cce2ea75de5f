//! `peil report`: a release as a site that people look at.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pipeline::{End, Error, release};

use crate::arguments::ReportArguments;
use crate::commands;
use crate::print::{failure, grouped, message};

pub fn report(arguments: &ReportArguments) -> Result<u8, Error> {
    let ([name, _], pipeline) = arguments.of.apart([arguments.release.as_deref(), None]);
    let folder = folder(name, pipeline)?;
    let now = || Timestamp::now().to_string();
    let options = report::Options {
        languages: arguments.lang.clone(),
        as_of: Some(arguments.as_of.clone().unwrap_or_else(now)),
        against: match &arguments.against {
            Some(name) => Some(self::folder(Some(name), pipeline)?),
            None => release::before(&folder),
        },
    };
    let summary = match report::write(&folder, &arguments.out, &options) {
        Ok(summary) => summary,
        Err(error) => return Ok(failed(&error)),
    };
    for note in &summary.notes {
        message(&format!("note: {note}"));
    }
    let marked = if summary.is_marked { "; marked as not final" } else { "" };
    message(&format!(
        "{}: release {} in {}, {} pages, {} files, {} kB{marked}",
        arguments.out.display(),
        summary.release,
        summary.languages.join(" and "),
        grouped(summary.pages as u64),
        grouped(summary.files as u64),
        grouped(summary.bytes / 1000)
    ));
    Ok(0)
}

/// A release's folder, a release by its name, or the current one where readers find it.
fn folder(name: Option<&str>, pipeline: &Path) -> Result<PathBuf, Error> {
    if let Some(folder) = name.map(Path::new).filter(|folder| folder.is_dir()) {
        return Ok(folder.to_owned());
    }
    let project = commands::open_releases(pipeline)?;
    let current = project.pipeline.marts.join("current");
    if name.is_none() && current.is_dir() {
        return Ok(current);
    }
    Ok(release::named(&project, name)?.folder)
}

fn failed(error: &report::Error) -> u8 {
    failure(&error.to_string());
    let end = match error {
        error if error.is_refusal() => End::Refused,
        error if error.is_of_files() => End::Unreadable,
        _ => End::Configuration,
    };
    end.exit_code()
}

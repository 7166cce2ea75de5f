//! `peil report`: a release as a site that people look at.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pipeline::error::StageError;
use pipeline::step::Step;
use pipeline::{End, Error, release};

use crate::arguments::ReportArguments;
use crate::commands;
use crate::print::{grouped, message};

pub fn report(arguments: &ReportArguments) -> Result<u8, Error> {
    let folder = folder(arguments)?;
    let now = || Timestamp::now().to_string();
    let options = report::Options {
        languages: arguments.lang.clone(),
        as_of: Some(arguments.as_of.clone().unwrap_or_else(now)),
    };
    let summary = report::write(&folder, &arguments.out, &options).map_err(failed)?;
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

/// A folder with a manifest, or a release of the project.
fn folder(arguments: &ReportArguments) -> Result<PathBuf, Error> {
    let ([name, _], pipeline) = arguments.of.apart([arguments.release.as_deref(), None]);
    match name.map(Path::new).filter(|path| path.join("manifest.json").is_file()) {
        Some(path) => Ok(path.to_owned()),
        None => Ok(release::named(&commands::open(pipeline)?, name)?.folder),
    }
}

fn failed(error: report::Error) -> Error {
    let end = match &error {
        error if error.is_refusal() => End::Refused,
        error if error.is_of_files() => End::Unreadable,
        _ => End::Configuration,
    };
    let error = StageError { end, findings: Vec::new(), error: Box::new(error) };
    Error::Stage { step: Step::publish(), error }
}

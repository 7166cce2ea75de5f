//! `peil releases`, `peil verify`, `peil rollback`.

use pipeline::Error;
use pipeline::release;

use crate::arguments::{PipelineArgument, ReleaseArguments};
use crate::print::{data, message, table};
use crate::{commands, outside};

pub fn releases(arguments: &PipelineArgument) -> Result<u8, Error> {
    let project = commands::open(&arguments.pipeline)?;
    let rows: Vec<Vec<String>> = release::all(&project)?
        .into_iter()
        .map(|release| {
            let current = if release.is_current { "current" } else { "" };
            vec![release.sequence.to_string(), release.release, release.started, current.to_owned()]
        })
        .collect();
    if rows.is_empty() {
        message("no release yet");
    } else {
        data(&table(&["number", "release", "started", ""], &rows));
    }
    Ok(0)
}

pub fn verify(arguments: &ReleaseArguments) -> Result<u8, Error> {
    let project = commands::open(&arguments.of.pipeline)?;
    let (release, files) = release::verify(&project, arguments.release.as_deref())?;
    message(&format!("release {release} is whole: {files} files are as the manifest says"));
    Ok(0)
}

pub fn rollback(arguments: &ReleaseArguments) -> Result<u8, Error> {
    let project = commands::open(&arguments.of.pipeline)?;
    let outside = outside::outside(None);
    let release = release::rollback(&project, arguments.release.as_deref(), &outside)?;
    message(&format!(
        "{} is release {release} now; a run that has something to publish switches again",
        project.pipeline.marts.join("current").display()
    ));
    Ok(0)
}

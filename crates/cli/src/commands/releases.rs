//! `peil releases`, `peil verify`, `peil rollback`.

use std::path::Path;

use pipeline::{Error, Folder, release};

use crate::arguments::{
    Audience, ExportArguments, ReleaseArguments, ReleasesAction, ReleasesArguments,
};
use crate::print::{data, message, table};
use crate::{commands, outside};

pub fn releases(arguments: &ReleasesArguments) -> Result<u8, Error> {
    match &arguments.action {
        Some(ReleasesAction::Export(arguments)) => export(arguments),
        None => list(arguments.of.path()),
    }
}

fn list(pipeline: &Path) -> Result<u8, Error> {
    let project = commands::open_releases(pipeline)?;
    let listing = release::list(&project)?;
    let rows: Vec<Vec<String>> = listing
        .releases
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
    for (name, what) in listing.ignored {
        message(&format!("note: `releases/{name}` is {what}, no release; left alone"));
    }
    Ok(0)
}

fn export(arguments: &ExportArguments) -> Result<u8, Error> {
    let project = commands::open_releases(arguments.of.path())?;
    let audience = match arguments.audience {
        Audience::Public => Folder::Public,
        Audience::Restricted => Folder::Restricted,
        Audience::Operational => Folder::Operational,
    };
    let manifest =
        release::export(&project, arguments.release.as_deref(), audience, &arguments.to)?;
    message(&format!(
        "{}: the {} part of release {}, {} files; `peil verify {}` verifies it",
        arguments.to.display(),
        audience.name(),
        manifest.release,
        manifest.files.len(),
        arguments.to.display()
    ));
    Ok(0)
}

pub fn verify(arguments: &ReleaseArguments) -> Result<u8, Error> {
    let ([release, _], pipeline) = arguments.of.apart([arguments.release.as_deref(), None]);
    let folder = release.map(Path::new);
    let manifest = if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
        release::verify_exported(folder)?
    } else {
        let project = commands::open_releases(pipeline)?;
        release::verify(&project, release, &outside::outside(None))?
    };
    let (release, files) = (&manifest.release, manifest.files.len());
    let part = manifest.audience.map_or(String::new(), |part| format!("the {part} part of "));
    message(&format!("{part}release {release} is whole: {files} files are as the manifest says"));
    Ok(0)
}

pub fn rollback(arguments: &ReleaseArguments) -> Result<u8, Error> {
    let ([release, _], pipeline) = arguments.of.apart([arguments.release.as_deref(), None]);
    let project = commands::open_releases(pipeline)?;
    let outside = outside::outside(None);
    let release = release::rollback(&project, release, &outside)?;
    let current = match &project.pipeline.elsewhere.marts {
        Some(address) => format!("{}/current.json", address.trim_end_matches('/')),
        None => project.pipeline.marts.join("current").display().to_string(),
    };
    message(&format!(
        "{current} is release {release} now; a run that has something to publish switches again"
    ));
    Ok(0)
}

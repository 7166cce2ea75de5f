//! One file a command.

pub mod audit;
pub mod check;
pub mod completions;
pub mod diff;
pub mod export;
pub mod findings;
pub mod ingest;
pub mod init;
pub mod key;
pub mod man;
pub mod plan;
pub mod propose;
pub mod releases;
pub mod report;
pub mod run;
pub mod runs;
pub mod schema;
pub mod show;

use std::path::{Path, PathBuf};

use pipeline::project::Project;
use pipeline::select::Selection;
use pipeline::start::{self, Request};
use pipeline::{Error, release};

use crate::arguments::SelectionArguments;
use crate::outside;

pub fn open(pipeline: &Path) -> Result<Project, Error> {
    exists(pipeline)?;
    Project::open(pipeline, &outside::environment, Box::new(outside::connect))
}

/// A project whose releases are looked at: of marts that lie elsewhere this machine's copy is brought up to date.
pub fn open_releases(pipeline: &Path) -> Result<Project, Error> {
    let project = open(pipeline)?;
    if project.pipeline.elsewhere.marts.is_some() {
        release::refresh(&project, &outside::outside(None))?;
    }
    Ok(project)
}

/// A project whose hand-offs are looked at: of a store that lies elsewhere it is found out first what other workers have made.
pub fn open_handoffs(pipeline: &Path) -> Result<Project, Error> {
    let project = open(pipeline)?;
    if project.pipeline.elsewhere.store.is_some() {
        start::plan(&project, &Request::default(), &outside::outside(None))?;
    }
    Ok(project)
}

/// Outside a project somebody is told how one begins.
pub fn exists(pipeline: &Path) -> Result<(), Error> {
    if pipeline.exists() {
        return Ok(());
    }
    Err(Error::Settings {
        path: pipeline.to_owned(),
        problem: "there is no such pipeline file".to_owned(),
        hint: "`peil init FILE` begins a project here from an export, `peil init` a synthetic one; in a project name its file: `--pipeline FILE`".to_owned(),
    })
}

/// The folder of a release: as it was named, by the release's name, or the current one where readers find it.
pub fn release(name: Option<&str>, pipeline: &Path) -> Result<PathBuf, Error> {
    if let Some(folder) = name.map(Path::new).filter(|folder| folder.is_dir()) {
        return Ok(folder.to_owned());
    }
    let project = open_releases(pipeline)?;
    let current = project.pipeline.marts.join("current");
    if name.is_none() && current.is_dir() {
        return Ok(current);
    }
    Ok(release::named(&project, name)?.folder)
}

/// What to type next, for somebody who typed nothing.
pub fn next() -> String {
    let next = if Path::new("pipelines/monitor.toml").exists() {
        "there is a project here\n  `peil check` looks for mistakes, `peil plan` says what would run, `peil run` runs it"
    } else {
        "there is no project here\n  `peil init FILE` begins one from an export as it was downloaded, `peil init` a synthetic one to look around\n  `peil ingest FILE` only looks at a file"
    };
    format!("{next}\n  `peil --help` lists all commands")
}

/// What was asked for, as the library takes it.
pub fn request(selection: &SelectionArguments) -> Request {
    Request {
        selection: Selection {
            select: selection.select.clone(),
            exclude: selection.exclude.clone(),
            until: selection.until.clone(),
        },
        force: selection.force,
        keep_going: false,
        rehash: selection.rehash,
        threshold: None,
        upgrade_store: false,
        lineage: None,
        threads: selection.threads,
    }
}

//! One file a command.

pub mod audit;
pub mod check;
pub mod diff;
pub mod findings;
pub mod ingest;
pub mod key;
pub mod plan;
pub mod propose;
pub mod releases;
pub mod run;
pub mod runs;
pub mod show;

use std::path::Path;

use pipeline::Error;
use pipeline::project::Project;
use pipeline::select::Selection;
use pipeline::start::Request;

use crate::arguments::SelectionArguments;
use crate::outside;

pub fn open(pipeline: &Path) -> Result<Project, Error> {
    Project::open(pipeline, &outside::environment)
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
        lineage: None,
        threads: selection.threads,
    }
}

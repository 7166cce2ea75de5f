//! The next wave as a draft beside the configuration, and what of it is accepted.

mod accept;
mod entry;
mod material;

use std::fs;
use std::path::{Path, PathBuf};

use ::propose::{Draft, Request, propose as draft_of, table};
use config::mistake::did_you_mean;
use config::{Configuration, PipelineFile};
use survey::Wave;

use crate::error::Error;
use material::Material;
use store::files;

pub use ::propose::Decision;
pub use accept::{Accepted, accept};

/// Rows with this score and more are accepted where nobody says otherwise.
pub const BAR: f64 = 0.8;

const ITEMS: &str = "items.csv";
const CROSSWALKS: &str = "crosswalks.csv";
const TARGETS: &str = "targets.csv";
const DELIVERY: &str = "delivery.toml";

/// What to propose, and from what.
#[derive(Debug, Clone)]
pub struct ProposeRequest {
    pub file: PathBuf,
    pub pipeline: PathBuf,
    /// Of one panel: those that shared its latest delivery come with it.
    pub panels: Vec<String>,
    pub wave: Wave,
    /// A name of config/exports; without it the panel's latest where it fits, else whichever fits best.
    pub profile: Option<String>,
    pub sheet: Option<String>,
    /// A CSV with the columns `column` and `question`.
    pub questions: Option<PathBuf>,
    pub out: Option<PathBuf>,
}

/// A draft as it was written.
#[derive(Debug)]
pub struct Proposed {
    pub folder: PathBuf,
    pub draft: Draft,
    pub panels: Vec<String>,
    pub profile: String,
    /// What a person must know of how it came about.
    pub notes: Vec<String>,
}

/// Proposes the rows of a delivery, and writes them into a folder of their own.
pub fn propose(request: &ProposeRequest) -> Result<Proposed, Error> {
    let folder = PipelineFile::config_folder(&request.pipeline).map_err(Error::Configuration)?;
    let configuration = Configuration::load(&folder).map_err(Error::Configuration)?;
    let pipeline =
        PipelineFile::load(&request.pipeline, &configuration).map_err(Error::Configuration)?;
    for panel in &request.panels {
        known_panel(&configuration, panel)?;
    }
    let out = request.out.clone().unwrap_or_else(|| {
        let name = format!("proposal-{}-{}", request.panels.join("-"), request.wave);
        folder.parent().unwrap_or(Path::new("")).join(name)
    });
    if out.exists() {
        return Err(settings(
            &out,
            "the folder is there already",
            "accept or remove it, or name another one with `--out`",
        ));
    }
    let material = Material::gather(request, &configuration, &pipeline)?;
    let draft = draft_of(&Request {
        codebook: &configuration.codebook,
        targets: &configuration.targets,
        panels: &material.panels,
        wave: request.wave,
        delivered: &material.delivered,
        earlier: &material.earlier,
        questions: &material.questions,
    });
    let entry = entry::text(request, &pipeline, &material);
    let languages = &configuration.monitor.languages;
    write(&out, &draft, languages, &entry).map_err(|error| {
        settings(&out, &format!("cannot be written: {error}"), "name another folder with `--out`")
    })?;
    Ok(Proposed {
        folder: out,
        draft,
        panels: material.panels,
        profile: material.profile,
        notes: material.notes,
    })
}

fn known_panel(configuration: &Configuration, panel: &str) -> Result<(), Error> {
    if configuration.panels.contains_key(panel) {
        return Ok(());
    }
    let known = configuration.panels.keys().map(String::as_str);
    let path = configuration.folder.join("panels").join(format!("{panel}.toml"));
    Err(settings(&path, "there is no such panel", &did_you_mean(panel, known)))
}

fn settings(path: &Path, problem: &str, hint: &str) -> Error {
    Error::Settings { path: path.to_owned(), problem: problem.to_owned(), hint: hint.to_owned() }
}

/// The folder is there whole or not at all.
fn write(out: &Path, draft: &Draft, languages: &[String], entry: &str) -> std::io::Result<()> {
    let beside = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    fs::create_dir_all(beside)?;
    let folder = tempfile::Builder::new().prefix(files::UNFINISHED).tempdir_in(beside)?;
    let texts = [
        (ITEMS, table::items_text(draft, languages)),
        (CROSSWALKS, table::crosswalks_text(draft)),
        (TARGETS, table::targets_text(draft)),
        (DELIVERY, entry.to_owned()),
    ];
    for (name, text) in texts {
        files::replace(&folder.path().join(name), text.as_bytes())?;
    }
    fs::rename(folder.path(), out)?;
    // It has its name now: nothing is left to sweep away.
    let _ = folder.keep();
    files::sync_folder(beside)
}

impl Proposed {
    /// Items by what is to become of them: those above the bar first.
    pub fn count(&self, panel: &str, decision: Decision) -> usize {
        let of_panel = self.draft.items.iter().filter(|row| row.item.panel == panel);
        of_panel.filter(|row| row.decision == decision).count()
    }

    /// Rows that are accepted as they stand.
    pub fn above(&self, panel: &str, bar: f64) -> usize {
        let of_panel = self.draft.items.iter().filter(|row| row.item.panel == panel);
        of_panel.filter(|row| row.decision == Decision::Proposed && row.score >= bar).count()
    }
}

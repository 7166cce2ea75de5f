//! A model of a release for BI tools: Power BI (TMDL in a PBIP project), Malloy and plain SQL, from its contracts and dimensions.

mod malloy;
mod measures;
mod model;
mod project;
mod relations;
mod sql;
mod tmdl;

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::release::{Release, identifier};
use crate::target::Target;
use crate::words::Words;
use model::Star;

/// What was written.
#[derive(Debug, Clone)]
pub struct Model {
    pub folder: PathBuf,
    pub release: String,
    pub tables: usize,
    pub relations: usize,
    /// Names of the measures.
    pub measures: Vec<String>,
    /// Marts that repeat others with their labels, for readers without a model.
    pub left_out: Vec<String>,
}

/// Writes the models of a release into a folder, whole or not at all. They read the release where it is.
pub fn semantic(release: &Path, to: &Path) -> Result<Model, Error> {
    // Absolute, but not freed of links: what is refreshed through `current` follows it.
    let folder = std::path::absolute(release).map_err(Error::file(release))?;
    let release = Release::read(&folder)?;
    let star = Star::of(&release)?;
    let cultures: Vec<(String, Words)> =
        star.languages.iter().map(|language| (language.clone(), Words::of(language))).collect();
    let name = identifier(&release.manifest.monitor);
    let mut files = project::files(&name);
    let below = format!("{name}.SemanticModel/definition");
    let texts = tmdl::texts(&star, &release, &folder, &cultures);
    files.extend(texts.into_iter().map(|(path, text)| (format!("{below}/{path}"), text)));
    files.push((format!("{name}.malloy"), malloy::text(&star, &folder)));
    files.push(("measures.sql".to_owned(), sql::text(&star, &folder)));
    let mut target = Target::open(to, "semantic", &folder, false)?;
    for (path, text) in &files {
        target.write(path, text.as_bytes())?;
    }
    let folder = target.place(&release.manifest.release)?;
    Ok(Model {
        folder,
        release: release.manifest.release,
        tables: star.tables.len(),
        relations: star.relations.len(),
        measures: star.measures.iter().map(|measure| measure.name.to_owned()).collect(),
        left_out: star.left_out,
    })
}

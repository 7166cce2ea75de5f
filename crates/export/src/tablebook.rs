//! The table book: a workbook a panel and language, for everyone or for analysts.

mod book;
mod columns;
mod dimensions;
mod facts;
mod front;
mod letters;
mod long;
mod look;
mod marks;
mod names;
mod series;
mod sheet;
mod table;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::error::Error;
use crate::release::{Manifest, Release, identifier};
use crate::target::Target;
use crate::words::Words;
use dimensions::{Dimensions, Panel};
use facts::Facts;
use letters::Letters;
use table::Source;

/// Which books are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Languages; all of the release where it is empty.
    pub languages: Vec<String>,
    /// With exact figures, for analysts.
    pub is_restricted: bool,
}

/// What was written.
#[derive(Debug, Clone)]
pub struct Books {
    pub folder: PathBuf,
    pub release: String,
    /// Names of the workbooks.
    pub files: Vec<String>,
    /// Whether the release tells how people answered, beside its indicators.
    pub has_answers: bool,
}

/// Everything that the books of one language say.
struct Edition {
    language: String,
    words: Words,
    dimensions: Dimensions,
    facts: Facts,
}

/// Writes the table book of a release into a folder, whole or not at all.
pub fn tablebook(release: &Path, to: &Path, wanted: &Wanted) -> Result<Books, Error> {
    let release = Release::read(release)?;
    let languages = languages(&release, &wanted.languages)?;
    let editions = languages
        .into_iter()
        .map(|language| {
            let dimensions = Dimensions::read(&release, &language)?;
            let facts = Facts::read(&release, &dimensions, wanted.is_restricted)?;
            Ok(Edition { words: Words::of(&language), language, dimensions, facts })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    // One never takes the place of the other: what is public stays public.
    let kind = if wanted.is_restricted { "restricted tablebook" } else { "tablebook" };
    let mut target = Target::open(to, kind, &release.folder, wanted.is_restricted)?;
    let books: Vec<(&Edition, &Panel)> = editions
        .iter()
        .flat_map(|edition| edition.dimensions.panels.iter().map(move |panel| (edition, panel)))
        .collect();
    let written: Vec<Option<(String, Vec<u8>)>> = books
        .into_par_iter()
        .map(|(edition, panel)| write(edition, panel, &release.manifest))
        .collect::<Result<_, _>>()?;
    let mut files = Vec::new();
    for (name, bytes) in written.into_iter().flatten() {
        target.write(&name, &bytes)?;
        files.push(name);
    }
    let has_answers = editions.iter().any(|edition| !edition.facts.answers.is_empty());
    let folder = target.place(&release.manifest.release)?;
    Ok(Books { folder, release: release.manifest.release, files, has_answers })
}

/// What a reader must know of a publication that is not final, or not public yet.
fn unfinished(manifest: &Manifest, words: &Words) -> Option<String> {
    let publication = manifest.publication.as_ref()?;
    let status = publication.status.as_deref().filter(|status| *status != "final");
    let embargo = publication.embargo_until.as_deref();
    let parts = [(&words.book.status, status), (&words.book.embargo, embargo)];
    let parts = parts.iter().filter_map(|(name, it)| it.map(|it| format!("{name}: {it}")));
    Some(parts.collect::<Vec<_>>().join(" · ")).filter(|line| !line.is_empty())
}

fn languages(release: &Release, wanted: &[String]) -> Result<Vec<String>, Error> {
    let found = release.languages()?;
    if let Some(other) = wanted.iter().find(|language| !found.contains(language)) {
        return Err(Error::Language { wanted: other.clone(), found: found.join(", ") });
    }
    Ok(if wanted.is_empty() { found } else { wanted.to_vec() })
}

/// The workbook of a panel; none where it has no figures.
fn write(
    edition: &Edition,
    panel: &Panel,
    manifest: &Manifest,
) -> Result<Option<(String, Vec<u8>)>, Error> {
    let Edition { language, words, dimensions, facts } = edition;
    let letters = Letters::read(facts, dimensions, panel);
    let source = Source { facts, dimensions, panel, letters: &letters, words };
    let mut notices: Vec<String> = manifest.notice.get(language).into_iter().cloned().collect();
    if facts.is_restricted {
        notices.insert(0, words.version.banner.clone());
    }
    notices.extend(unfinished(manifest, words));
    let plan = book::Plan::of(&source, notices);
    if plan.tables.is_empty() {
        return Ok(None);
    }
    let ending = if facts.is_restricted { "_restricted" } else { "" };
    let name = format!("{}_{language}{ending}.xlsx", identifier(&panel.key));
    let bytes = book::write(&plan, manifest)
        .map_err(|source| Error::Workbook { book: name.clone(), source })?;
    Ok(Some((name, bytes)))
}

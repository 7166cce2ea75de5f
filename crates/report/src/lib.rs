//! `peil report`: one release as a static site, in every language of its labels.

mod chart;
mod download;
mod error;
mod explorer;
mod figure;
mod page;
mod release;
mod site;
mod view;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use error::Error;
use release::Release;
use release::manifest::Finality;
use release::since::Since;
use site::Folder;
use view::View;
use words::Words;

/// A text by language.
pub type Texts = BTreeMap<String, String>;

/// What is asked of the site, apart from the release.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Languages of the site; none: all that the release has labels in.
    pub languages: Vec<String>,
    /// The moment that an embargo is compared with; none: it holds.
    pub as_of: Option<String>,
    /// An earlier release, for the release notes: its folder.
    pub against: Option<PathBuf>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub release: String,
    pub languages: Vec<String>,
    pub pages: usize,
    pub files: usize,
    pub bytes: u64,
    /// Whether the pages are marked as not final.
    pub is_marked: bool,
    /// What the site lacks because the release lacks it.
    pub notes: Vec<String>,
}

/// Writes the site of a release; a site that was there is replaced in one step, or stays.
pub fn write(release: &Path, out: &Path, options: &Options) -> Result<Summary, Error> {
    let release = Release::read(release)?;
    let finality = release.manifest.finality()?;
    let is_embargoed = release.manifest.is_embargoed(options.as_of.as_deref())?;
    if is_embargoed && finality == Finality::Final {
        let until = release.manifest.publication.embargo_until.clone().unwrap_or_default();
        return Err(Error::Embargo { until });
    }
    let tables = languages(&release, &options.languages)?
        .iter()
        .map(|language| Words::of(language))
        .collect::<Result<Vec<_>, _>>()?;
    let mut folder = Folder::beside(out)?;
    let mark = page::Mark { finality, is_embargoed };
    let earlier = options.against.as_deref().map(Release::read).transpose()?;
    let since = earlier.map(|earlier| Since::of(&earlier, &release));
    let summary = page::write(&release, &tables, (mark, since.as_ref()), &mut folder)?;
    folder.switch(&release.manifest.release)?;
    Ok(Summary { notes: release.notes, ..summary })
}

/// The languages to write, in the order of the release.
fn languages(release: &Release, wanted: &[String]) -> Result<Vec<String>, Error> {
    let unknown = wanted.iter().find(|language| !release.languages.contains(language));
    if let Some(found) = unknown {
        let exist = release.languages.join(", ");
        return Err(Error::Language { found: found.clone(), exist });
    }
    if wanted.is_empty() { Ok(release.languages.clone()) } else { Ok(wanted.to_vec()) }
}

//! What keeps an export from being made.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}: no release: found no manifest.json", .path.display())]
    NoRelease { path: PathBuf },

    #[error("{}: found a release of version {found}, expected {expected}", .path.display())]
    Version { path: PathBuf, found: u64, expected: u64 },

    #[error("{}: no mart `{mart}`", .path.display())]
    MissingMart { path: PathBuf, mart: String, hint: &'static str },

    #[error("mart `{mart}`: found no column `{column}` {expected}")]
    Column { mart: String, column: String, expected: &'static str },

    #[error("language `{wanted}`: the release has no labels in it; found {found}")]
    Language { wanted: String, found: String },

    #[error("{}: found {found}, expected nothing, an empty folder or an earlier export of the same kind", .path.display())]
    Target { path: PathBuf, found: String },

    #[error("{}: the output folder lies in the release or among the releases", .path.display())]
    AmongReleases { path: PathBuf },

    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },

    #[error("{}: {problem}", .path.display())]
    Unreadable { path: PathBuf, problem: String },

    #[error("workbook `{book}`: {source}")]
    Workbook { book: String, source: rust_xlsxwriter::XlsxError },
}

impl Error {
    pub(crate) fn file(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path: path.clone(), source }
    }

    /// What may help.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoRelease { .. } => "name a folder of a release, such as marts/current",
            Self::Version { .. } => {
                "publish again with this version of peil, or export with the version that published it"
            }
            Self::MissingMart { hint, .. } => hint,
            Self::Column { .. } => {
                "the release is of another version; publish again with this version of peil"
            }
            Self::Target { .. } => "choose another folder, or move away what is there",
            Self::AmongReleases { .. } => "these never change; choose a folder elsewhere",
            Self::Language { .. }
            | Self::File { .. }
            | Self::Unreadable { .. }
            | Self::Workbook { .. } => return None,
        })
    }

    /// Whether a file or folder could not be written, rather than the release read.
    pub fn is_about_output(&self) -> bool {
        matches!(self, Self::Target { .. } | Self::AmongReleases { .. } | Self::Language { .. })
    }
}

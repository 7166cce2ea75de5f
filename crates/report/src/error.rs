//! Why no site was written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

#[derive(Debug, Error)]
pub enum Error {
    #[error("{}: cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: cannot be written: {source}; the site that was there stays in place", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{}: no release: found no `manifest.json`", path.display())]
    NoRelease { path: PathBuf },
    #[error("{}: not a manifest: {problem}", path.display())]
    Manifest { path: PathBuf, problem: String },
    #[error("{}: found a release of format {found}, expected {expected}", path.display())]
    Format { path: PathBuf, found: u64, expected: u64 },
    #[error("{}: no mart `{mart}`: the release has no `public/{mart}.parquet`", folder.display())]
    NoMart { folder: PathBuf, mart: String },
    #[error("{}: not a Parquet file that can be read: {problem}", path.display())]
    Parquet { path: PathBuf, problem: String },
    #[error("mart `{mart}`: no column `{column}`")]
    NoColumn { mart: String, column: String },
    #[error("mart `{mart}`: column `{column}` is {found}, expected {expected}")]
    Type { mart: String, column: String, found: String, expected: &'static str },
    #[error("mart `{mart}`, row {row}: {column} `{found}` is not in `{dimension}`")]
    Unknown { mart: String, row: usize, column: String, found: String, dimension: &'static str },
    #[error("mart `{mart}`, row {row}: column `{column}` is empty")]
    Empty { mart: String, row: usize, column: String },
    #[error(
        "mart `{mart}`, row {row}: {status} but it carries a figure; no site is made of a release that shows what it withholds"
    )]
    Uncovered { mart: String, row: usize, status: String },
    #[error("figure `{figure}`: form `{found}` is none of {expected}")]
    Form { figure: String, found: String, expected: String },
    #[error("figure `{figure}`: {column} `{found}` is none of {expected}")]
    Dimension { figure: String, column: &'static str, found: String, expected: String },
    #[error("language `{found}`: the release has labels in {exist}")]
    Language { found: String, exist: String },
    #[error("`{first}` and `{second}` would both become the page `{page}`")]
    SamePage { first: String, second: String, page: String },
    #[error("{}: the folder is not empty and no site of peil", path.display())]
    NotOurs { path: PathBuf },
    #[error("`{found}` is not a time: {problem}")]
    Time { found: String, problem: String },
    #[error("publication status `{found}` is none of draft, provisional, final")]
    PublicationStatus { found: String },
    #[error("the release is final and under embargo until {until}")]
    Embargo { until: String },
    #[error("table of words `{name}`: {problem}")]
    Words { name: String, problem: String },
    #[error("workbook of figure `{figure}`: {problem}")]
    Workbook { figure: String, problem: String },
}

impl Error {
    /// What may help.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoRelease { .. } => "name the folder of a release, e.g. marts/current",
            Self::Format { .. } => {
                "write the site with the version of peil that published the release"
            }
            Self::NoMart { .. } | Self::NoColumn { .. } => {
                "publish the release again with this version of peil"
            }
            Self::NotOurs { .. } => "name a new folder",
            Self::Time { .. } => "2026-01-31 or 2026-01-31T09:00:00+01:00",
            Self::Embargo { .. } => {
                "set `[publication] status = \"provisional\"` to write a marked preview"
            }
            _ => return None,
        })
    }

    /// Whether the site was refused, rather than impossible to write.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Embargo { .. } | Self::Uncovered { .. })
    }

    /// Whether a folder or file could not be read or written.
    pub fn is_of_files(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::Write { .. } | Self::Parquet { .. })
    }
}

//! What can go wrong while marts are made and published.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use survey::condition::SqlMistake;
use survey::hinted::{Hinted, Message, at};

/// Whatever a loader of hand-offs or the audit says.
#[derive(Debug)]
pub struct SourceError(Box<dyn Hinted + Send + Sync>);

impl<E: Hinted + Send + Sync + 'static> From<E> for SourceError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("mart `{mart}`: {} broken contract{}\n{}", .breaches.len(), if .breaches.len() == 1 { "" } else { "s" }, lines(.breaches))]
    Contract { mart: String, breaches: Vec<Breach> },

    #[error("mart `{mart}`: contract: {message}{}", place(*.position))]
    ContractText { mart: String, message: String, position: Option<(u64, u64)> },

    #[error("mart `{mart}`: SQL: {}{}", .mistake.message, place(.mistake.position))]
    Sql { mart: String, mistake: SqlMistake },

    #[error("mart `{mart}` is defined twice")]
    NameTaken { mart: String },

    #[error(
        "disclosure control: confidential groups of {} block{} can be found out whatever else is hidden\n{}",
        .blocks.len(), if .blocks.len() == 1 { "" } else { "s" }, lines(.blocks)
    )]
    Unprotected { blocks: Vec<String> },

    #[error("{source}")]
    Refused { source: SourceError },

    #[error("{what}: {source}")]
    Source { what: String, source: SourceError },

    #[error("{path}: {source}", path = .path.display())]
    File { path: PathBuf, source: io::Error },

    #[error("{step}: stopped: {source}")]
    Stopped { step: String, source: io::Error },

    #[error("{path}: {message}", path = .path.display())]
    Manifest { path: PathBuf, message: String },

    #[error("release {release}: {} of its files {} not as the manifest says\n{}", .damages.len(), if .damages.len() == 1 { "is" } else { "are" }, lines(.damages))]
    Damaged { release: String, damages: Vec<Damage> },

    #[error("{path}: no release", path = .path.display())]
    NoRelease { path: PathBuf, hint: Option<String> },

    #[error("{path}: found something that is not a link to a release, expected nothing or a link", path = .path.display())]
    NotALink { path: PathBuf },

    #[error("{path}: found something that is not a file, expected nothing or a text", path = .path.display())]
    NotAPointer { path: PathBuf },

    #[error(
        "release {release} could not be switched to and not be undone; some readers see it until the next command undoes it: {source}"
    )]
    HalfSwitched { release: String, source: Box<Error> },

    #[error("{} of the delivered columns {} cells that do not have exactly one fate\n{}", .columns.len(), if .columns.len() == 1 { "has" } else { "have" }, lines(.columns))]
    Unclosed { columns: Vec<String> },

    #[error("{path}: {what}", path = .path.display())]
    Target { path: PathBuf, what: String, hint: Option<String> },

    #[error(transparent)]
    Arrow(#[from] arrow::error::ArrowError),

    #[error(transparent)]
    Parquet(#[from] parquet::errors::ParquetError),
}

/// One way in which a table breaks its contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Empty where it is about the whole table.
    pub column: String,
    pub found: String,
    pub expected: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.column.is_empty() {
            write!(formatter, "column `{}`: ", self.column)?;
        }
        write!(formatter, "found {}, expected {}", self.found, self.expected)
    }
}

/// One file of a release that is not what its manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub file: String,
    pub found: String,
    pub expected: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`: found {}, expected {}", self.file, self.found, self.expected)
    }
}

impl Error {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    pub(crate) fn source(what: impl fmt::Display) -> impl FnOnce(SourceError) -> Self {
        let what = what.to_string();
        move |source| Self::Source { what, source }
    }
}

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Sql { mistake, .. } => return mistake.hint.clone(),
            Self::NameTaken { mart } => {
                return Some(format!(
                    "rename config/marts/{mart}.sql; the name is taken by a built-in mart"
                ));
            }
            Self::Unprotected { .. } => {
                "merge small levels of the breakdown, or raise `base_multiple` in [disclosure] of monitor.toml"
            }
            Self::Refused { source } | Self::Source { source, .. } => return source.0.hint(),
            Self::NoRelease { hint, .. } | Self::Target { hint, .. } => return hint.clone(),
            Self::NotALink { .. } | Self::NotAPointer { .. } => {
                "move it away; nothing was switched"
            }
            Self::HalfSwitched { source, .. } => return source.hint(),
            Self::Unclosed { .. } => "a fault of the program: nothing is published; report it",
            Self::Contract { .. }
            | Self::ContractText { .. }
            | Self::File { .. }
            | Self::Stopped { .. }
            | Self::Manifest { .. }
            | Self::Damaged { .. }
            | Self::Arrow(_)
            | Self::Parquet(_) => return None,
        };
        Some(hint.to_owned())
    }

    fn messages(&self) -> Vec<Message> {
        match self {
            Self::Refused { source } => source.0.messages(),
            Self::Source { what, source } => at(what, source.0.messages()),
            other => vec![Message::new(other.to_string(), other.hint())],
        }
    }
}

fn lines(parts: &[impl fmt::Display]) -> String {
    parts.iter().map(|part| format!("  {part}")).collect::<Vec<_>>().join("\n")
}

fn place(position: Option<(u64, u64)>) -> String {
    position.map_or_else(String::new, |(line, column)| format!(" (line {line}, column {column})"))
}

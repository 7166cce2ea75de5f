//! What can go wrong while marts are made and published.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use survey::condition::SqlMistake;

/// Whatever a loader of hand-offs says.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("mart `{mart}`: {} broken contract{}\n{}", .breaches.len(), if .breaches.len() == 1 { "" } else { "s" }, lines(.breaches))]
    Contract { mart: String, breaches: Vec<Breach> },

    #[error("mart `{mart}`: contract: {message}{}", place(*.position))]
    ContractText { mart: String, message: String, position: Option<(u64, u64)> },

    #[error("mart `{mart}`: SQL: {}{}{}", .mistake.message, place(.mistake.position), advice(.mistake.hint.as_deref()))]
    Sql { mart: String, mistake: SqlMistake },

    #[error(
        "mart `{mart}` is defined twice\nhint: rename config/marts/{mart}.sql; the name is taken by a built-in mart"
    )]
    NameTaken { mart: String },

    #[error(
        "disclosure control: confidential groups of {} block{} can be found out whatever else is hidden\n{}\nhint: merge small levels of the breakdown, or raise `base_multiple` in [disclosure] of monitor.toml",
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

    #[error("{path}: no release{}", advice(.hint.as_deref()), path = .path.display())]
    NoRelease { path: PathBuf, hint: Option<String> },

    #[error("{path}: found something that is not a link to a release, expected nothing or a link\nhint: move it away; nothing was switched", path = .path.display())]
    NotALink { path: PathBuf },

    #[error("{path}: found something that is not a file, expected nothing or a text\nhint: move it away; nothing was switched", path = .path.display())]
    NotAPointer { path: PathBuf },

    #[error(
        "release {release} could not be switched to and not be undone; some readers see it until the next command undoes it: {source}"
    )]
    HalfSwitched { release: String, source: Box<Error> },

    #[error("{} of the delivered columns {} cells that do not have exactly one fate\n{}\nhint: a fault of the program: nothing is published; report it", .columns.len(), if .columns.len() == 1 { "has" } else { "have" }, lines(.columns))]
    Unclosed { columns: Vec<String> },

    #[error("{path}: {what}{}", advice(.hint.as_deref()), path = .path.display())]
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

fn lines(parts: &[impl fmt::Display]) -> String {
    parts.iter().map(|part| format!("  {part}")).collect::<Vec<_>>().join("\n")
}

fn place(position: Option<(u64, u64)>) -> String {
    position.map_or_else(String::new, |(line, column)| format!(" (line {line}, column {column})"))
}

fn advice(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("\nhint: {text}"))
}

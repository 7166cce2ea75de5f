//! What a project is begun from.

use std::path::PathBuf;

use survey::Wave;

/// What a project is begun from.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// None: a tiny synthetic survey.
    pub files: Vec<PathBuf>,
    /// A name for all files, or one each.
    pub panels: Vec<String>,
    /// As `panels`; without it the year in a file's name, else this year.
    pub waves: Vec<Wave>,
    pub this_year: Wave,
    /// An export profile that comes with peil, or a path to one.
    pub profile: Option<String>,
    pub sheet: Option<String>,
    /// Whether answers that fewer than five gave are written down too.
    pub include_values: bool,
    /// Where the project will lie.
    pub folder: PathBuf,
}

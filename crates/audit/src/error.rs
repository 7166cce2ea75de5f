//! What keeps a release from being read.

use std::fmt;
use std::path::{Path, PathBuf};

/// A file of a release that cannot be read as one.
#[derive(Debug)]
pub struct Error {
    pub path: PathBuf,
    pub problem: String,
}

impl Error {
    pub(crate) fn at(path: &Path) -> impl Fn(&dyn fmt::Display) -> Self {
        let path = path.to_owned();
        move |problem| Self { path: path.clone(), problem: problem.to_string() }
    }

    /// What may help.
    pub fn hint(&self) -> &'static str {
        "an audit reads the whole release, also restricted/estimate_exact.parquet"
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for Error {}

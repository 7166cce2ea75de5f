//! What can go wrong while writing files.

use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{}`: cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("`{}`: the workbook cannot be written: {source}", path.display())]
    Workbook { path: PathBuf, source: rust_xlsxwriter::XlsxError },
    #[error("{found}")]
    Usage { found: String, hint: &'static str },
}

impl Error {
    /// What may help.
    pub fn hint(&self) -> Option<&'static str> {
        if let Self::Usage { hint, .. } = self { Some(hint) } else { None }
    }
}

/// Writes a whole file, its folder first.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let wrap = |source| Error::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(wrap)?;
    }
    std::fs::write(path, bytes).map_err(wrap)
}

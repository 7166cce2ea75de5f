//! Writing that a crash cannot halve: temporary file, sync, rename, sync of the folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Prefix of files that are being written; one left by a crash is swept away.
pub const UNFINISHED: &str = ".writing-";

/// A new file beside where it will stand.
pub fn begin(folder: &Path) -> io::Result<NamedTempFile> {
    fs::create_dir_all(folder)?;
    tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)
}

/// Gives a written file its name once its bytes are on the disk.
pub fn finish(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Makes renames in a folder last.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Replaces a whole file: a reader sees the old or the new one.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = begin(folder)?;
    file.write_all(bytes)?;
    finish(file, path)?;
    sync_folder(folder)
}

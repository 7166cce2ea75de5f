//! The folder of the results: whole or not there.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::Error;

/// A folder that is built beside its place.
pub struct Output {
    to: PathBuf,
    building: TempDir,
}

impl Output {
    /// Refuses a place where something is, before anything is computed.
    pub fn check(to: &Path) -> Result<(), Error> {
        let found = match fs::symlink_metadata(to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let parent = parent(to);
                return fs::read_dir(parent).map(|_| ()).map_err(Error::file(parent));
            }
            Err(error) => return Err(Error::file(to)(error)),
            Ok(about) if !about.is_dir() => "something that is no folder",
            Ok(_) if fs::read_dir(to).map_err(Error::file(to))?.next().is_none() => return Ok(()),
            Ok(_) => "a folder that is not empty",
        };
        Err(Error::Target { path: to.to_owned(), found })
    }

    pub fn begin(to: &Path) -> Result<Self, Error> {
        let parent = fs::canonicalize(parent(to)).map_err(Error::file(parent(to)))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".peil-cluster-");
        // Workers that run as somebody else read marts of it.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
        let building = builder.tempdir_in(&parent).map_err(Error::file(&parent))?;
        Ok(Self { to: to.to_owned(), building })
    }

    pub fn path(&self, mart: &str) -> PathBuf {
        self.building.path().join(format!("{mart}.parquet"))
    }

    /// Moves the finished folder to its place; an empty folder gives way.
    pub fn place(self) -> Result<(), Error> {
        fs::rename(self.building.path(), &self.to).map_err(Error::file(&self.to))?;
        let _ = self.building.keep();
        let parent = parent(&self.to);
        File::open(parent).and_then(|folder| folder.sync_all()).map_err(Error::file(parent))
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

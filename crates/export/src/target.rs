//! The folder that an export writes: there whole or as it was before.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Says of a folder that an export wrote it, and which files are its own.
const MARK: &str = "export.json";

#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    peil_export: String,
    release: String,
    files: Vec<String>,
}

/// A folder that is being built beside the one that it replaces.
pub struct Target {
    to: PathBuf,
    building: PathBuf,
    kind: &'static str,
    is_closed: bool,
    files: Vec<String>,
}

impl Target {
    /// Begins a folder; `is_closed`: for its owner alone.
    pub fn open(
        to: &Path,
        kind: &'static str,
        release: &Path,
        is_closed: bool,
    ) -> Result<Self, Error> {
        let to = std::path::absolute(to).map_err(Error::file(to))?;
        let of_release = fs::canonicalize(release).map_err(Error::file(release))?;
        if resolved(&to).starts_with(among(&of_release)) {
            return Err(Error::AmongReleases { path: to });
        }
        let (building, before) = (beside(&to, "building"), beside(&to, "before"));
        // A replacement that was cut off in its middle.
        if before.exists() && !to.exists() {
            fs::rename(&before, &to).map_err(Error::file(&before))?;
        }
        check(&to, kind)?;
        remove(&building)?;
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(Error::file(parent))?;
        }
        create_folder(&building, is_closed).map_err(Error::file(&building))?;
        Ok(Self { to, building, kind, is_closed, files: Vec::new() })
    }

    /// Writes a file below the folder.
    pub fn write(&mut self, name: &str, contents: &[u8]) -> Result<(), Error> {
        let path = self.building.join(name);
        if let Some(parent) = path.parent() {
            create_folders(parent, self.is_closed).map_err(Error::file(parent))?;
        }
        let write = || -> io::Result<()> {
            let mut file = create_file(&path, self.is_closed)?;
            file.write_all(contents)?;
            file.sync_all()
        };
        write().map_err(Error::file(&self.to.join(name)))?;
        self.files.push(name.to_owned());
        Ok(())
    }

    /// Puts the folder in its place.
    pub fn place(mut self, release: &str) -> Result<PathBuf, Error> {
        self.files.sort();
        let mark = Mark {
            peil_export: self.kind.to_owned(),
            release: release.to_owned(),
            files: self.files.clone(),
        };
        let text = serde_json::to_string_pretty(&mark)
            .map_err(|error| Error::File { path: self.to.clone(), source: error.into() })?;
        self.write(MARK, format!("{text}\n").as_bytes())?;
        let before = beside(&self.to, "before");
        remove(&before)?;
        if self.to.exists() {
            fs::rename(&self.to, &before).map_err(Error::file(&self.to))?;
        }
        fs::rename(&self.building, &self.to).map_err(Error::file(&self.to))?;
        remove(&before)?;
        Ok(self.to.clone())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // Placed or given up: what was built is not needed any more.
        let _ = fs::remove_dir_all(&self.building);
    }
}

/// The marts in which a release lies, or the release alone.
fn among(release: &Path) -> &Path {
    let releases = release.parent().filter(|parent| parent.ends_with("releases"));
    releases.and_then(Path::parent).unwrap_or(release)
}

/// A path whose existing part is free of links.
fn resolved(path: &Path) -> PathBuf {
    match (fs::canonicalize(path), path.parent(), path.file_name()) {
        (Ok(path), ..) => path,
        (Err(_), Some(parent), Some(name)) => resolved(parent).join(name),
        _ => path.to_owned(),
    }
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{what}"))
}

fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(folder)(error)),
        _ => Ok(()),
    }
}

/// Refuses to write over what is not an export of this kind, or holds more than it.
fn check(to: &Path, kind: &str) -> Result<(), Error> {
    let refuse = |found: String| Err(Error::Target { path: to.to_owned(), found });
    let Ok(about) = fs::symlink_metadata(to) else { return Ok(()) };
    if !about.is_dir() {
        return refuse("something that is no folder".to_owned());
    }
    let found = below(to, to).map_err(Error::file(to))?;
    if found.is_empty() {
        return Ok(());
    }
    let mark = fs::read_to_string(to.join(MARK)).ok();
    let Some(mark) = mark.and_then(|text| serde_json::from_str::<Mark>(&text).ok()) else {
        return refuse("a folder that is not empty".to_owned());
    };
    if mark.peil_export != kind {
        return refuse(format!("an export of another kind (`{}`)", mark.peil_export));
    }
    match found.iter().find(|name| *name != MARK && !mark.files.contains(name)) {
        Some(other) => refuse(format!("an export with another file in it, `{other}`")),
        None => Ok(()),
    }
}

/// Files below a folder, relative to it.
fn below(folder: &Path, root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(below(&entry.path(), root)?);
        } else {
            let path = entry.path();
            let relative = path.strip_prefix(root).unwrap_or(&path);
            found.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
    found.sort();
    Ok(found)
}

fn create_folder(path: &Path, is_closed: bool) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, if is_closed { 0o700 } else { 0o755 });
    builder.create(path)
}

fn create_folders(path: &Path, is_closed: bool) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_folders(parent, is_closed)?;
    }
    create_folder(path, is_closed)
}

fn create_file(path: &Path, is_closed: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if is_closed { 0o600 } else { 0o644 });
    options.open(path)
}

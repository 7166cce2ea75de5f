//! The only place that writes: every step has a name, is flushed to disk, and becomes visible by a rename.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Called with the name of every step before it is done; an error stops there.
pub type Step<'a> = &'a dyn Fn(&str) -> io::Result<()>;

pub fn step(step: Step<'_>, name: &str) -> Result<(), Error> {
    tracing::debug!(step = name);
    step(name).map_err(|source| Error::Stopped { step: name.to_owned(), source })
}

/// A new file that knows its hash and size when it is finished.
pub struct Hashed {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Hashed {
    pub fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create_new(path).map_err(Error::file(path))?;
        Ok(Self {
            file: BufWriter::with_capacity(1 << 20, file),
            hasher: blake3::Hasher::new(),
            bytes: 0,
        })
    }

    /// Flushes to disk; hash and size.
    pub fn finish(self) -> io::Result<(String, u64)> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((self.hasher.finalize().to_hex().to_string(), self.bytes))
    }
}

impl Write for Hashed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A whole new file; hash and size.
pub fn write_new(path: &Path, contents: &[u8]) -> Result<(String, u64), Error> {
    let mut file = Hashed::create(path)?;
    file.write_all(contents).and_then(|()| file.finish()).map_err(Error::file(path))
}

/// Puts new contents in place of the old in one step.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let beside = beside(path);
    remove_file(&beside)?;
    write_new(&beside, contents)?;
    fs::rename(&beside, path).map_err(Error::file(path))?;
    sync_parent(path)
}

/// Points a link at another folder in one step; false where links are not allowed.
pub fn replace_link(link: &Path, to: &Path) -> Result<bool, Error> {
    let beside = beside(link);
    remove_file(&beside)?;
    match symlink(to, &beside) {
        Ok(()) => {}
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
            ) =>
        {
            return Ok(false);
        }
        Err(error) => return Err(Error::file(&beside)(error)),
    }
    fs::rename(&beside, link).map_err(Error::file(link))?;
    sync_parent(link)?;
    Ok(true)
}

#[cfg(unix)]
fn symlink(to: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, link)
}

#[cfg(not(unix))]
fn symlink(_to: &Path, _link: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub fn create_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::file(path))
}

/// Moves a finished folder into place.
pub fn move_folder(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(Error::file(to))?;
    sync_parent(to)
}

pub fn remove_folder(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(path)(error)),
        _ => Ok(()),
    }
}

/// The name under which a file is made before it takes its place.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn remove_file(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(path)(error)),
        _ => Ok(()),
    }
}

/// Makes the names in a folder as lasting as the files that they name.
pub fn sync_folder(path: &Path) -> Result<(), Error> {
    // Only unix opens a folder as a file.
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(Error::file(path))?;
    }
    Ok(())
}

fn sync_parent(path: &Path) -> Result<(), Error> {
    path.parent().map_or(Ok(()), sync_folder)
}

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
pub struct Hashed(BufWriter<Sink>);

/// Hashes large pieces at once, which is several times as fast.
struct Sink {
    file: File,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Hashed {
    pub fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create_new(path).map_err(Error::file(path))?;
        let sink = Sink { file, hasher: blake3::Hasher::new(), bytes: 0 };
        Ok(Self(BufWriter::with_capacity(1 << 20, sink)))
    }

    /// Flushes to disk; hash and size.
    pub fn finish(self) -> io::Result<(String, u64)> {
        let sink = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        sink.file.sync_all()?;
        Ok((sink.hasher.finalize().to_hex().to_string(), sink.bytes))
    }
}

impl Write for Hashed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Write for Sink {
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

/// What will take the place of a file or link in one step; it is on the disk already, under another name.
pub struct Replacement {
    beside: PathBuf,
    path: PathBuf,
}

impl Replacement {
    pub fn of_file(path: &Path, contents: &[u8]) -> Result<Self, Error> {
        let beside = beside(path);
        remove(&beside)?;
        write_new(&beside, contents)?;
        Ok(Self { beside, path: path.to_owned() })
    }

    /// A link to another folder; none where links are not allowed.
    pub fn of_link(link: &Path, to: &Path) -> Result<Option<Self>, Error> {
        let beside = beside(link);
        remove(&beside)?;
        match symlink(to, &beside) {
            Ok(()) => Ok(Some(Self { beside, path: link.to_owned() })),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(Error::file(&beside)(error)),
        }
    }

    pub fn place(self) -> Result<(), Error> {
        fs::rename(&self.beside, &self.path).map_err(Error::file(&self.path))?;
        sync_parent(&self.path)
    }
}

/// Puts new contents in place of the old in one step.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), Error> {
    Replacement::of_file(path, contents)?.place()
}

/// Points a link at another folder in one step; nothing where links are not allowed.
pub fn replace_link(link: &Path, to: &Path) -> Result<(), Error> {
    Replacement::of_link(link, to)?.map_or(Ok(()), Replacement::place)
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

/// A new folder into which nobody else can look, from its first instant.
pub fn create_closed_folder(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(Error::file(path))
}

/// Moves a finished folder into place.
pub fn move_folder(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(Error::file(to))?;
    sync_parent(to)
}

/// Removes whatever is there: a folder with all that is in it, a file, a link but not what it leads to.
pub fn remove(path: &Path) -> Result<(), Error> {
    let removed = match fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
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

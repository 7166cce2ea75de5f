//! A delivery's file: a regular one that is never waited for, and the same before and after it is read.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// Opens a file that has an end; a pipe, a device, a socket or a folder is refused at once.
pub fn open_file(path: &Path) -> io::Result<File> {
    check(&std::fs::metadata(path)?)?;
    // What stands there may have been replaced since: a pipe that nobody writes is opened without waiting, and refused.
    let file = without_waiting().open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

fn check(metadata: &Metadata) -> io::Result<()> {
    match other_kind(metadata.file_type()) {
        None => Ok(()),
        Some(kind) => {
            let what = format!("found {kind}, expected a file");
            Err(io::Error::new(io::ErrorKind::InvalidInput, what))
        }
    }
}

/// What it is, where it is no regular file.
fn other_kind(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some("a folder");
    }
    Some(special(kind))
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "a device"
}

fn without_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options
}

/// How long a file must have lain untouched before it is read; its writer may not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinimumAge {
    pub age: Duration,
    /// The run's clock.
    pub now: SystemTime,
}

/// What a file system says of a file without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Device, number and time of the last change, which nobody sets by hand.
    identity: [i64; 4],
}

/// A file up to here is hashed again: all of it may be read, and written, within one tick of the file system's clock.
const HASHED_AGAIN: u64 = 16 << 20;

impl Stamp {
    /// None where there is nothing to be seen.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            identity: identity(&metadata),
        })
    }

    /// Whether the file is still what it was when all its bytes had this hash.
    pub(crate) fn holds(&self, path: &Path, hash: Option<&str>) -> bool {
        let is_hashed_again = self.bytes <= HASHED_AGAIN;
        let has_hash = |hash: &str| hash_of(path).is_ok_and(|now| now == hash);
        hash.filter(|_| is_hashed_again).is_none_or(has_hash)
            && Self::of(path).as_ref() == Some(self)
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> [i64; 4] {
    use std::os::unix::fs::MetadataExt;
    [metadata.dev() as i64, metadata.ino() as i64, metadata.ctime(), metadata.ctime_nsec()]
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> [i64; 4] {
    [0; 4]
}

/// Blake3 of a file's bytes.
pub(crate) fn hash_of(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(open_file(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

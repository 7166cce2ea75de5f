//! One run at a time on a store; readers take no lock.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Who holds the lock and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub pid: u32,
    pub since: Timestamp,
}

/// Held as long as it lives; the operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// The run that left its name behind: it ended without letting go.
    pub stale: Option<Owner>,
}

impl Lock {
    pub fn take(store: &Path, owner: &Owner) -> Result<Self, Error> {
        let path = store.join("lock");
        let unwritable = |error| Error::Store { path: path.clone(), error };
        fs::create_dir_all(store).map_err(unwritable)?;
        let open =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Error::Locked { owner: read_owner(&mut file), path });
            }
            Err(fs::TryLockError::Error(error)) => return Err(unwritable(error)),
        }
        let stale = read_owner(&mut file);
        write_owner(&mut file, owner).map_err(unwritable)?;
        Ok(Self { file, stale })
    }

    /// Who holds the lock of a store now, for readers.
    pub fn holder(store: &Path) -> Option<(PathBuf, Option<Owner>)> {
        let path = store.join("lock");
        let mut file = OpenOptions::new().read(true).open(&path).ok()?;
        match file.try_lock_shared() {
            Err(fs::TryLockError::WouldBlock) => Some((path, read_owner(&mut file))),
            _ => None,
        }
    }
}

impl Drop for Lock {
    /// An emptied file says that the run ended as it should.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn read_owner(file: &mut File) -> Option<Owner> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write_owner(file: &mut File, owner: &Owner) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&serde_json::to_vec(owner)?)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use super::*;

    fn owner(pid: u32) -> Owner {
        Owner { pid, since: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn a_second_run_is_refused_and_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let _held = Lock::take(folder.path(), &owner(7)).unwrap();
        let Err(Error::Locked { owner: Some(holder), .. }) = Lock::take(folder.path(), &owner(8))
        else {
            panic!("the lock was given twice")
        };
        assert_eq!(holder.pid, 7);
    }

    #[test]
    fn a_lock_left_by_a_crash_is_taken_over_and_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("lock"), serde_json::to_vec(&owner(7)).unwrap()).unwrap();
        let lock = Lock::take(folder.path(), &owner(8)).unwrap();
        assert_eq!(lock.stale, Some(owner(7)));
    }

    #[test]
    fn a_lock_that_was_let_go_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        drop(Lock::take(folder.path(), &owner(7)).unwrap());
        assert_eq!(Lock::take(folder.path(), &owner(8)).unwrap().stale, None);
    }
}

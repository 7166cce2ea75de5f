//! One run at a time on a folder that is written, the store and the marts; readers take no lock.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use jiff::Timestamp;

use crate::error::Error;
use crate::files;
pub use crate::owner::Owner;

const NAME: &str = "lock";
/// Between two looks at a lock that another run holds.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a run waits for the marts' folder; publishing takes seconds.
const PATIENCE_SECONDS: i64 = 600;

/// Held as long as it lives; the operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// The run that left its name behind: it exited without releasing the lock.
    pub stale: Option<Owner>,
}

impl Lock {
    /// Takes the lock of a folder; one that another run or another user has is an error.
    pub fn take(folder: &Path, owner: &Owner) -> Result<Self, Error> {
        let path = folder.join(NAME);
        let unwritable = |error| Error::Unwritable { path: path.clone(), error };
        fs::create_dir_all(folder).map_err(unwritable)?;
        loop {
            let stranger = stranger(folder, &path).map_err(unwritable)?;
            let refused = |user| Error::Stranger { path: path.clone(), user };
            let mut file = match (open(&path), stranger) {
                (Err(error), Some(user)) if error.kind() == io::ErrorKind::PermissionDenied => {
                    return Err(refused(user));
                }
                (opened, _) => opened.map_err(unwritable)?,
            };
            match (file.try_lock(), stranger) {
                (Ok(()), None) => {}
                (Ok(()), Some(user)) => return Err(refused(user)),
                (Err(fs::TryLockError::WouldBlock), user) => {
                    return Err(Error::Locked { owner: read_owner(&mut file), path, user });
                }
                (Err(fs::TryLockError::Error(error)), _) => return Err(unwritable(error)),
            }
            // Somebody may have removed the file between opening and locking it: then this is nobody's lock.
            if !is_at(&file, &path) {
                continue;
            }
            let stale = read_owner(&mut file);
            write_owner(&mut file, owner).map_err(unwritable)?;
            return Ok(Self { file, stale });
        }
    }

    /// Takes the lock, waiting while another run has it; `check` may end the wait.
    pub fn wait<E: From<Error>>(
        folder: &Path,
        owner: &Owner,
        now: &dyn Fn() -> Timestamp,
        check: &dyn Fn() -> Result<(), E>,
    ) -> Result<Self, E> {
        let began = now();
        loop {
            check()?;
            match Self::take(folder, owner) {
                Err(Error::Locked { .. })
                    if now().as_second() - began.as_second() < PATIENCE_SECONDS => {}
                ended => return Ok(ended?),
            }
            sleep(PAUSE);
        }
    }

    /// Its file in a folder.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(NAME)
    }

    /// Who holds the lock of a folder now, for readers.
    pub fn holder(folder: &Path) -> Option<(PathBuf, Option<Owner>)> {
        let path = folder.join(NAME);
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

/// Nobody else may open it: who can open a file can lock it.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // One that an earlier version made; a file of another user stays as it is, and is refused.
        let _ = file.set_permissions(fs::Permissions::from_mode(0o600));
    }
    Ok(file)
}

/// The user to whom the lock's file belongs, where that is not who runs this. A link or a pipe in its place is an error.
fn stranger(folder: &Path, path: &Path) -> io::Result<Option<u32>> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !about.is_file() {
        let found = "something that is not a file is in the place of the lock; move it away";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, found));
    }
    // Nothing says who runs this but a file that it makes.
    let own = files::begin(folder)?.as_file().metadata()?;
    Ok((user(&own) != user(&about)).then(|| user(&about)))
}

#[cfg(unix)]
fn user(about: &Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(about)
}

#[cfg(not(unix))]
fn user(_: &Metadata) -> u32 {
    0
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of = |about: io::Result<Metadata>| about.ok().map(|about| (about.dev(), about.ino()));
    of(file.metadata()) == of(fs::symlink_metadata(path))
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

fn read_owner(file: &mut File) -> Option<Owner> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write_owner(file: &mut File, owner: &Owner) -> io::Result<()> {
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
        let Err(Error::Locked { owner: Some(holder), user: None, .. }) =
            Lock::take(folder.path(), &owner(8))
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

    #[test]
    fn a_lock_whose_file_was_removed_is_not_held_by_two_who_wait() {
        let folder = tempfile::tempdir().unwrap();
        let held = Lock::take(folder.path(), &owner(7)).unwrap();
        fs::remove_file(folder.path().join("lock")).unwrap();
        let second = Lock::take(folder.path(), &owner(8)).unwrap();
        drop(held);
        assert!(matches!(Lock::take(folder.path(), &owner(9)), Err(Error::Locked { .. })));
        drop(second);
    }

    #[test]
    fn a_wait_ends_when_it_is_told_to() {
        let folder = tempfile::tempdir().unwrap();
        let _held = Lock::take(folder.path(), &owner(7)).unwrap();
        let calls = std::cell::Cell::new(0);
        let ended = || Error::NothingKept { step: "the wait".to_owned() };
        let check = || {
            calls.set(calls.get() + 1);
            if calls.get() < 3 { Ok(()) } else { Err(ended()) }
        };
        let waited = Lock::wait(folder.path(), &owner(8), &|| Timestamp::UNIX_EPOCH, &check);
        assert!(matches!(waited, Err(Error::NothingKept { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_open_the_lock_and_a_link_in_its_place_is_not_followed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        drop(Lock::take(folder.path(), &owner(7)).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_file(&path).unwrap();
        let precious = folder.path().join("precious");
        fs::write(&precious, "kept").unwrap();
        std::os::unix::fs::symlink(&precious, &path).unwrap();
        assert!(matches!(Lock::take(folder.path(), &owner(8)), Err(Error::Unwritable { .. })));
        assert_eq!(fs::read_to_string(&precious).unwrap(), "kept");
    }
}

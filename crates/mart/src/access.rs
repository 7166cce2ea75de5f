//! Who may read what of a release: `public/` everyone, all else its owner and, where one is set, a group.

use std::fs;
use std::path::{Path, PathBuf};

use crate::contracts::Folder;
use crate::error::Error;
use crate::receipt::RECEIPTS;

/// The parts of a release that are not for everyone.
pub(crate) const CLOSED: [&str; 3] =
    [Folder::Restricted.name(), Folder::Operational.name(), RECEIPTS];

/// Who reads what is not for everyone beside its owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Access {
    /// A group by its number.
    pub group: Option<u32>,
}

/// Modes of folders and of files.
#[derive(Debug, Clone, Copy)]
struct Modes {
    folder: u32,
    file: u32,
}

const OPEN: Modes = Modes { folder: 0o755, file: 0o644 };

impl Access {
    /// Who may read a part of a release, in words.
    pub fn name(self, part: Folder) -> String {
        match (part, self.group) {
            (Folder::Public, _) => "everyone".to_owned(),
            (_, None) => "owner".to_owned(),
            (_, Some(group)) => format!("owner and group {group}"),
        }
    }

    fn closed(self) -> Modes {
        match self.group {
            None => Modes { folder: 0o700, file: 0o600 },
            Some(_) => Modes { folder: 0o750, file: 0o640 },
        }
    }

    /// Gives each part of a release to its readers; what can be read by others all the same, since the file system knows no
    /// owners, is handed back.
    pub fn apply(self, release: &Path) -> Result<Vec<PathBuf>, Error> {
        let mut exposed = Vec::new();
        for entry in fs::read_dir(release).map_err(Error::file(release))? {
            let path = entry.map_err(Error::file(release))?.path();
            let is_open = path.is_file() || path.ends_with(Folder::Public.name());
            if is_open {
                apply(&path, OPEN, None, &mut exposed)?;
            } else {
                apply(&path, self.closed(), self.group, &mut exposed)?;
            }
        }
        set(release, OPEN.folder, None, &mut exposed)?;
        Ok(exposed)
    }

    /// Closes one folder of ours, with nothing that is in it.
    pub fn close(self, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let mut exposed = Vec::new();
        set(folder, self.closed().folder, self.group, &mut exposed)?;
        Ok(exposed)
    }

    /// Closes a folder of ours with all that is in it, but for one file, which is the owner's alone.
    pub fn close_all(self, folder: &Path, owners: &Path) -> Result<Vec<PathBuf>, Error> {
        let mut exposed = Vec::new();
        set(folder, self.closed().folder, self.group, &mut exposed)?;
        for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
            let path = entry.map_err(Error::file(folder))?.path();
            if path != owners {
                apply(&path, self.closed(), self.group, &mut exposed)?;
            }
        }
        Ok(exposed)
    }

    /// Whether every closed part of a release is closed; reads only what stands at its head.
    pub fn holds(self, release: &Path) -> bool {
        CLOSED.iter().all(|part| {
            mode(&release.join(part)).is_none_or(|mode| mode & 0o777 == self.closed().folder)
        })
    }
}

fn apply(
    path: &Path,
    modes: Modes,
    group: Option<u32>,
    exposed: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    let about = fs::symlink_metadata(path).map_err(Error::file(path))?;
    if about.is_dir() {
        set(path, modes.folder, group, exposed)?;
        for entry in fs::read_dir(path).map_err(Error::file(path))? {
            apply(&entry.map_err(Error::file(path))?.path(), modes, group, exposed)?;
        }
    } else if about.is_file() {
        set(path, modes.file, group, exposed)?;
    }
    Ok(())
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    fs::symlink_metadata(path).ok().map(|about| about.mode())
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn set(
    path: &Path,
    wanted: u32,
    group: Option<u32>,
    exposed: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let about = fs::symlink_metadata(path).map_err(Error::file(path))?;
    if let Some(group) = group.filter(|group| *group != about.gid()) {
        chown(path, None, Some(group)).map_err(Error::file(path))?;
    }
    if about.mode() & 0o777 != wanted {
        let with_bits = fs::Permissions::from_mode(about.mode() & 0o7000 | wanted);
        let _ = fs::set_permissions(path, with_bits);
        // Some file systems give everything one mode, with or without a word.
        if mode(path).is_some_and(|mode| mode & 0o777 & !wanted != 0) {
            exposed.push(path.to_owned());
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn set(_: &Path, _: u32, _: Option<u32>, _: &mut Vec<PathBuf>) -> Result<(), Error> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use super::*;

    fn release() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for part in ["public", "restricted", "operational", "receipts", "extra"] {
            fs::create_dir_all(folder.path().join(part)).unwrap();
            fs::write(folder.path().join(part).join("a.parquet"), "a").unwrap();
        }
        fs::write(folder.path().join("manifest.json"), "{}").unwrap();
        folder
    }

    #[test]
    fn only_public_and_what_stands_at_the_head_is_for_everyone() {
        let folder = release();
        let of = |path: &str| mode(&folder.path().join(path)).unwrap() & 0o777;
        assert_eq!(Access::default().apply(folder.path()).unwrap(), Vec::<PathBuf>::new());
        for part in ["restricted", "operational", "receipts", "extra"] {
            assert_eq!((of(part), of(&format!("{part}/a.parquet"))), (0o700, 0o600), "{part}");
        }
        assert_eq!(
            (of("public"), of("public/a.parquet"), of("manifest.json")),
            (0o755, 0o644, 0o644)
        );
    }

    #[test]
    fn a_group_reads_what_is_closed_and_changes_nothing() {
        use std::os::unix::fs::MetadataExt;
        let folder = release();
        let group = fs::metadata(folder.path()).unwrap().gid();
        let access = Access { group: Some(group) };
        access.apply(folder.path()).unwrap();
        let of = |path: &str| mode(&folder.path().join(path)).unwrap() & 0o777;
        assert_eq!((of("restricted"), of("restricted/a.parquet")), (0o750, 0o640));
        assert!(access.holds(folder.path()) && !Access::default().holds(folder.path()));
    }
}

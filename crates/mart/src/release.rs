//! Releases of a folder of marts: which there are, which one is read, and the one step that switches.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::files::{self, Step};
use crate::manifest::{Manifest, verify};

/// Link that BI follows, where links are allowed.
pub const LINK: &str = "current";
/// File that names the current release, for readers without links.
pub const POINTER: &str = "current.txt";
pub(crate) const RELEASES: &str = "releases";
/// Begins the name of a folder that is not (or no longer) a release.
pub(crate) const UNFINISHED: &str = ".";

/// A release that is there whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseInfo {
    pub release: String,
    pub sequence: u64,
    pub folder: PathBuf,
    pub started: String,
    pub is_current: bool,
}

/// All releases, the oldest first.
pub fn releases(marts: &Path) -> Result<Vec<ReleaseInfo>, Error> {
    let folder = marts.join(RELEASES);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file(&folder)(error)),
    };
    let current = current_name(marts)?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Error::file(&folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(UNFINISHED) || !entry.path().is_dir() {
            continue;
        }
        let manifest = Manifest::read(&entry.path())?;
        let is_current = current.as_deref() == Some(name.as_str());
        let (sequence, started) = (manifest.sequence, manifest.run.started);
        found.push(ReleaseInfo {
            release: name,
            sequence,
            folder: entry.path(),
            started,
            is_current,
        });
    }
    found.sort_by(|left, right| {
        (left.sequence, &left.release).cmp(&(right.sequence, &right.release))
    });
    Ok(found)
}

/// The release that readers see.
pub fn current(marts: &Path) -> Result<Option<ReleaseInfo>, Error> {
    Ok(releases(marts)?.into_iter().find(|release| release.is_current))
}

/// Switches back to an earlier release (the one before the current, unless named) after verifying it.
pub fn rollback(marts: &Path, to: Option<&str>, step: Step<'_>) -> Result<ReleaseInfo, Error> {
    let all = releases(marts)?;
    let none = |hint: String| Error::NoRelease { path: marts.join(RELEASES), hint: Some(hint) };
    let names =
        || all.iter().map(|release| release.release.as_str()).collect::<Vec<_>>().join(", ");
    let wanted = if let Some(name) = to {
        all.iter().find(|release| release.release == name)
    } else {
        let place = all.iter().position(|release| release.is_current);
        place.and_then(|place| place.checked_sub(1)).map(|place| &all[place])
    };
    let wanted = wanted.ok_or_else(|| none(format!("there are: {}", names())))?;
    verify(&wanted.folder)?;
    switch(marts, &wanted.release, step)?;
    Ok(ReleaseInfo { is_current: true, ..wanted.clone() })
}

/// Readers see the release from here on: the link (one rename), then the pointer file (one rename).
pub(crate) fn switch(marts: &Path, release: &str, step: Step<'_>) -> Result<(), Error> {
    let link = marts.join(LINK);
    if fs::symlink_metadata(&link).is_ok_and(|data| !data.is_symlink()) {
        return Err(Error::NotALink { path: link });
    }
    files::step(step, "switch the link")?;
    files::replace_link(&link, &Path::new(RELEASES).join(release))?;
    files::step(step, "switch the pointer")?;
    files::replace(&marts.join(POINTER), format!("{RELEASES}/{release}\n").as_bytes())
}

/// The link decides where there is one, for it is switched first.
pub(crate) fn current_name(marts: &Path) -> Result<Option<String>, Error> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    if let Ok(target) = fs::read_link(marts.join(LINK)) {
        return Ok(name(&target));
    }
    let pointer = marts.join(POINTER);
    match fs::read_to_string(&pointer) {
        Ok(text) => Ok(name(Path::new(text.trim()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(&pointer)(error)),
    }
}

/// Both signs point at this release.
pub(crate) fn is_switched(marts: &Path, release: &str) -> Result<bool, Error> {
    let pointer = fs::read_to_string(marts.join(POINTER)).unwrap_or_default();
    Ok(current_name(marts)?.as_deref() == Some(release)
        && pointer.trim() == format!("{RELEASES}/{release}"))
}

/// Removes the oldest releases beyond `keep`, never the current one.
pub(crate) fn retire(marts: &Path, keep: u32, step: Step<'_>) -> Result<(), Error> {
    let others: Vec<_> =
        releases(marts)?.into_iter().filter(|release| !release.is_current).collect();
    let surplus = others.len().saturating_sub(keep as usize);
    for release in &others[..surplus] {
        files::step(step, "retire a release")?;
        // First out of sight whole, then piece by piece.
        let aside = marts.join(RELEASES).join(format!("{UNFINISHED}retired-{}", release.release));
        files::remove_folder(&aside)?;
        files::move_folder(&release.folder, &aside)?;
        files::remove_folder(&aside)?;
    }
    Ok(())
}

/// Removes what a run that was cut off left behind.
pub(crate) fn sweep(marts: &Path) -> Result<(), Error> {
    let folder = marts.join(RELEASES);
    for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
        let entry = entry.map_err(Error::file(&folder))?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            files::remove_folder(&entry.path())?;
        }
    }
    Ok(())
}

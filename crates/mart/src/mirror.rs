//! A folder of marts as the copy of marts that lie elsewhere: releases come whole, as they are there, and go with those.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::access::Access;
use crate::contracts::Folder;
use crate::disclosure::EXACT;
use crate::error::Error;
use crate::files;
use crate::manifest::{MANIFEST, Manifest, is_sound};
use crate::release::{self, BUILDING, RELEASES, TOLD};
use crate::switch::{self, Signs};

/// A new folder for the files of a release that is copied.
pub fn begin(marts: &Path, release: &str) -> Result<PathBuf, Error> {
    let releases = marts.join(RELEASES);
    files::create_folder(&releases)?;
    let building = releases.join(format!("{BUILDING}{release}"));
    files::remove(&building)?;
    files::create_closed_folder(&building)?;
    for part in Folder::ALL {
        files::create_folder(&building.join(part.name()))?;
    }
    Ok(building)
}

/// The copied files take the place of the release here.
pub fn place(marts: &Path, release: &str, copied: &Path, access: Access) -> Result<(), Error> {
    access.apply(copied)?;
    let folder = marts.join(RELEASES).join(release);
    files::remove(&folder)?;
    files::move_folder(copied, &folder)
}

/// The copied files are what is left of a release that is no longer kept.
pub fn place_told(marts: &Path, release: &str, copied: &Path) -> Result<(), Error> {
    let folder = told_folder(marts, release);
    files::remove(&folder)?;
    files::move_folder(copied, &folder)
}

/// Where what is left of a release is kept.
pub fn told_folder(marts: &Path, release: &str) -> PathBuf {
    marts.join(RELEASES).join(format!("{TOLD}{release}"))
}

/// Removes a release from the copy.
pub fn forget(marts: &Path, release: &str) -> Result<(), Error> {
    files::remove(&marts.join(RELEASES).join(release))
}

/// The releases here are those that are there, and readers of the copy see the same one.
pub fn follow(marts: &Path, there: &BTreeSet<&str>, current: Option<&str>) -> Result<(), Error> {
    for one in release::releases(marts)? {
        if !there.contains(one.release.as_str()) {
            forget(marts, &one.release)?;
        }
    }
    match current {
        Some(release) if release::is_switched(marts, release)? => Ok(()),
        Some(release) => switch::switch(marts, release, &|_| Ok(())),
        None => switch::clear(marts),
    }
}

/// What of a release tells of its figures once it is no longer kept; nothing where it is damaged or has no exact tables.
pub fn telling(folder: &Path) -> Result<Vec<String>, Error> {
    if !folder.join(EXACT).is_file() || !is_sound(folder, release::tells) {
        return Ok(Vec::new());
    }
    let manifest = Manifest::read(folder)?;
    let files = manifest.files.into_iter().map(|file| file.path);
    Ok(files.filter(|path| release::tells(path)).chain([MANIFEST.to_owned()]).collect())
}

/// The release that link and pointer of the copy name.
pub fn followed(marts: &Path) -> Result<Option<String>, Error> {
    Ok(Signs::read(marts)?.release())
}

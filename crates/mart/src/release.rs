//! Releases of a folder of marts: which there are, which one is read, and what is cleared away.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::access::Access;
use crate::contracts::Folder;
use crate::disclosure::EXACT;
use crate::error::{Damage, Error};
use crate::files::{self, Step};
use crate::manifest::{Hash, MANIFEST, Manifest, check, is_sound, verify};
use crate::switch::{self, Signs, Switch};

pub(crate) use crate::switch::RELEASES;
/// Begin the names of folders of ours that are not, or no longer, a release.
pub(crate) const BUILDING: &str = ".building-";
pub(crate) const DAMAGED: &str = ".damaged-";
const RETIRED: &str = ".retired-";
/// Begins the names of what is left of a release that is no longer kept: what it told, for those who hold it still.
pub(crate) const TOLD: &str = ".told-";

/// A release that is there whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseInfo {
    pub release: String,
    pub sequence: u64,
    pub folder: PathBuf,
    pub started: String,
    pub is_current: bool,
}

/// What lies among the releases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The oldest first.
    pub releases: Vec<ReleaseInfo>,
    /// What is no release, each with what it is; nothing of it is touched.
    pub ignored: Vec<(String, String)>,
}

/// All releases, and what is none.
pub fn list(marts: &Path) -> Result<Listing, Error> {
    let folder = marts.join(RELEASES);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Listing::default()),
        Err(error) => return Err(Error::file(&folder)(error)),
    };
    let current = Signs::read(marts).ok().and_then(|signs| signs.release());
    let mut listing = Listing::default();
    for entry in entries {
        let path = entry.map_err(Error::file(&folder))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        if is_ours(&name) {
            continue;
        }
        match look(&path, &name, current.as_deref()) {
            Ok(release) => listing.releases.push(release),
            Err(what) => listing.ignored.push((name, what)),
        }
    }
    let order = |release: &ReleaseInfo| (release.sequence, release.release.clone());
    listing.releases.sort_by_key(order);
    listing.ignored.sort();
    Ok(listing)
}

/// A release, or what it is instead.
fn look(path: &Path, name: &str, current: Option<&str>) -> Result<ReleaseInfo, String> {
    let about = fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !about.is_dir() {
        return Err(if about.is_symlink() { "a link" } else { "a file" }.to_owned());
    }
    if !path.join(MANIFEST).exists() {
        return Err(format!("a folder without {MANIFEST}"));
    }
    let manifest = Manifest::read(path).map_err(|_| format!("{MANIFEST} cannot be read"))?;
    if manifest.release != name {
        return Err(format!("{MANIFEST} is of another release"));
    }
    Ok(ReleaseInfo {
        release: name.to_owned(),
        sequence: manifest.sequence,
        folder: path.to_owned(),
        started: manifest.run.started,
        is_current: current == Some(name),
    })
}

fn is_ours(name: &str) -> bool {
    name.starts_with(".switch.json")
        || name.starts_with(".no-links")
        || [BUILDING, DAMAGED, RETIRED, TOLD].iter().any(|ours| name.starts_with(ours))
}

/// All releases, the oldest first.
pub fn releases(marts: &Path) -> Result<Vec<ReleaseInfo>, Error> {
    Ok(list(marts)?.releases)
}

/// The release that readers see.
pub fn current(marts: &Path) -> Result<Option<ReleaseInfo>, Error> {
    let Some(name) = Signs::read(marts).ok().and_then(|signs| signs.release()) else {
        return Ok(None);
    };
    // Of the others nothing is read.
    if let Ok(release) = look(&marts.join(RELEASES).join(&name), &name, Some(&name)) {
        return Ok(Some(release));
    }
    Ok(releases(marts)?.into_iter().find(|release| release.is_current))
}

/// What is wrong with what readers see: a file of the release that link and pointer name, or that they do not name one.
pub fn damages(marts: &Path, hash: Hash<'_>) -> Result<Vec<Damage>, Error> {
    let (release, mut damages) = seen(marts)?;
    let folder = marts.join(RELEASES).join(&release);
    match check(&folder, hash) {
        Ok((_, of_files)) => damages.extend(of_files.into_iter().map(|damage| Damage {
            file: format!("{RELEASES}/{release}/{}", damage.file),
            ..damage
        })),
        Err(error) => damages.push(Damage {
            file: format!("{RELEASES}/{release}"),
            found: error.to_string(),
            expected: "a release".to_owned(),
        }),
    }
    Ok(damages)
}

/// Verifies what readers see: that link and pointer name one release, and that it is as its manifest says.
pub fn verify_current(marts: &Path) -> Result<Manifest, Error> {
    let (release, mut damages) = seen(marts)?;
    match verify(&marts.join(RELEASES).join(&release)) {
        Ok(manifest) if damages.is_empty() => return Ok(manifest),
        Ok(_) => {}
        Err(Error::Damaged { damages: of_files, .. }) => damages.extend(of_files),
        Err(error) => return Err(error),
    }
    Err(Error::Damaged { release, damages })
}

/// The release that readers see if nobody but peil touched link and pointer, and where the two say something else.
fn seen(marts: &Path) -> Result<(String, Vec<Damage>), Error> {
    let signs = Signs::read(marts)?;
    let last = Switch::last(marts)?.and_then(|last| last.expected());
    let release = last.or_else(|| signs.release()).unwrap_or_default();
    let damages = signs.against(marts, &release);
    Ok((release, damages))
}

/// A release that is built and was not switched to, or not wholly.
pub fn unswitched(marts: &Path) -> Result<Option<String>, Error> {
    Ok(Switch::last(marts)?.filter(|last| !last.done).map(|last| last.to))
}

/// Whether a run that was cut off left something for `recover`; also while a run switches.
pub fn is_half_done(marts: &Path) -> Result<bool, Error> {
    let aside = fs::read_dir(marts.join(RELEASES)).into_iter().flatten().flatten();
    let mut aside = aside.map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(switch::is_half_done(marts)? || aside.any(|name| name.starts_with(DAMAGED)))
}

/// Puts back what a run that was cut off left half done; says which release it was about to switch to. For whoever holds the
/// folder's lock.
pub fn recover(marts: &Path) -> Result<Option<String>, Error> {
    let undone = switch::recover(marts)?;
    for entry in fs::read_dir(marts.join(RELEASES)).into_iter().flatten().flatten() {
        // Moved aside for a release that never took its place.
        let name = entry.file_name().to_string_lossy().into_owned();
        let place = name.strip_prefix(DAMAGED).map(|name| marts.join(RELEASES).join(name));
        if let Some(place) = place.filter(|place| !place.exists()) {
            files::move_folder(&entry.path(), &place)?;
        }
    }
    Ok(undone)
}

/// Switches back to an earlier release (the one before the current, unless named) after verifying it.
pub fn rollback(marts: &Path, to: Option<&str>, step: Step<'_>) -> Result<ReleaseInfo, Error> {
    Signs::read(marts)?;
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
    switch::switch(marts, &wanted.release, step)?;
    Ok(ReleaseInfo { is_current: true, ..wanted.clone() })
}

/// Both signs name this release.
pub(crate) fn is_switched(marts: &Path, release: &str) -> Result<bool, Error> {
    Ok(Signs::read(marts)?.against(marts, release).is_empty())
}

/// Removes the oldest releases beyond `keep`, never one that link or pointer names.
pub(crate) fn retire(marts: &Path, keep: u32, step: Step<'_>) -> Result<(), Error> {
    let seen = Signs::read(marts)?.releases();
    let others: Vec<_> =
        releases(marts)?.into_iter().filter(|release| !seen.contains(&release.release)).collect();
    let surplus = others.len().saturating_sub(keep as usize);
    for release in &others[..surplus] {
        files::step(step, "retire a release")?;
        remember(marts, release)?;
        // First out of sight whole, then piece by piece.
        let aside = marts.join(RELEASES).join(format!("{RETIRED}{}", release.release));
        files::remove(&aside)?;
        files::move_folder(&release.folder, &aside)?;
        files::remove(&aside)?;
    }
    Ok(())
}

/// Keeps of a release what it told: public tables, exact figures and manifest, no respondent.
fn remember(marts: &Path, release: &ReleaseInfo) -> Result<(), Error> {
    let told = marts.join(RELEASES).join(format!("{TOLD}{}", release.release));
    // A damaged one, or one of before the exact tables, tells nothing that could be reckoned with.
    if told.exists() || !release.folder.join(EXACT).is_file() || !is_sound(&release.folder, tells) {
        return Ok(());
    }
    let making = marts.join(RELEASES).join(format!("{BUILDING}told"));
    files::remove(&making)?;
    files::create_closed_folder(&making)?;
    for part in [Folder::Public, Folder::Restricted] {
        files::create_folder(&making.join(part.name()))?;
    }
    let manifest = Manifest::read(&release.folder)?;
    let paths = manifest.files.iter().map(|file| file.path.as_str()).filter(|path| tells(path));
    for path in paths.chain([MANIFEST]) {
        let (from, to) = (release.folder.join(path), making.join(path));
        // A file system without links copies.
        fs::hard_link(&from, &to)
            .or_else(|_| fs::copy(&from, &to).map(|_| ()))
            .map_err(Error::file(&from))?;
    }
    files::move_folder(&making, &told)
}

/// Whether a file of a release tells of the figures: what the protection and the attack read of it.
pub fn tells(path: &str) -> bool {
    let public = path.strip_prefix(Folder::Public.name()).is_some_and(|rest| rest.starts_with('/'));
    public || path.ends_with("_exact.parquet")
}

/// Folders of the releases that are no longer kept, each with what it told.
pub fn told(marts: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(marts.join(RELEASES)).into_iter().flatten().flatten();
    let is_told = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TOLD))
    };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_told).collect();
    folders.sort();
    folders
}

/// Removes what a run that was cut off left behind, and nothing else.
pub(crate) fn sweep(marts: &Path) -> Result<(), Error> {
    let folder = marts.join(RELEASES);
    for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
        let entry = entry.map_err(Error::file(&folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if [BUILDING, DAMAGED, RETIRED].iter().any(|ours| name.starts_with(ours)) {
            files::remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Closes the parts of kept releases that are not for everyone, e.g. after the group was changed; what cannot be closed.
pub fn close(marts: &Path, access: Access) -> Result<Vec<PathBuf>, Error> {
    let mut exposed = Vec::new();
    for release in releases(marts)? {
        if !access.holds(&release.folder) {
            exposed.extend(access.apply(&release.folder)?);
        }
    }
    Ok(exposed)
}

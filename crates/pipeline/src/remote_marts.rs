//! Marts that lie elsewhere: this machine's copy of them, and a release on its way there.
//!
//! A release is uploaded into a folder that has its content in its name, and then one file names it: `current.json`, replaced on
//! the condition that it is what was seen before the release was made. Whoever loses that race sees what the winner published.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use mart::{CHECKSUMS, MANIFEST, Manifest, mirror as copy};
use rayon::prelude::*;
use store::Fingerprint;
use store::remote::{Held, Remote, Trouble, TroubleKind, shown};

use crate::connections::Seen;
use crate::error::Error;
use crate::pointer::{Listed, POINTER, Pointer};
use crate::project::Project;
use crate::stage_errors::publish_failed as failed;

/// In the copy: the pointer that it was made by.
const COPIED: &str = ".current.json";
/// Times that the copy is begun again because a release went while it was read.
const MOST_COPIES: usize = 5;

/// Brings this machine's copy up to date, for whoever holds the lock of its folder; does nothing where the marts are here.
pub(crate) fn mirror(project: &Project) -> Result<(), Error> {
    let Some(remote) = project.remote_marts()? else { return Ok(()) };
    let marts = &project.pipeline.marts;
    for _ in 0..MOST_COPIES {
        let held = remote.read(POINTER)?;
        let copied = fs::read(marts.join(COPIED)).ok();
        let seen = held.as_ref().map(|held| seen(&*remote, held)).transpose()?;
        if let Some(seen) = &seen
            && copied.as_ref() != held.as_ref().map(|held| &held.bytes)
        {
            for listed in &seen.pointer.releases {
                copy_release(project, &*remote, listed)?;
            }
            for listed in &seen.pointer.told {
                copy_told(&*remote, marts, listed)?;
            }
        }
        let again = remote.read(POINTER)?;
        if again.as_ref().map(|held| &held.bytes) != held.as_ref().map(|held| &held.bytes) {
            continue;
        }
        follow(marts, seen.as_ref(), held.as_ref())?;
        *project.connections.seen() = seen;
        return Ok(());
    }
    let found = "it changes all the time while its releases are read";
    Err(Trouble::new(TroubleKind::Missing, &shown(&*remote, POINTER), found).into())
}

/// Reads a release there again, byte by byte, whatever the copy holds.
pub(crate) fn copy_anew(project: &Project, release: &str) -> Result<(), Error> {
    let Some(remote) = project.remote_marts()? else { return Ok(()) };
    let listed =
        project.connections.seen().as_ref().and_then(|seen| seen.pointer.find(release).cloned());
    let Some(listed) = listed else { return Ok(()) };
    copy::forget(&project.pipeline.marts, release).map_err(failed)?;
    copy_release(project, &*remote, &listed)
}

/// The releases that are there; none where nothing lies elsewhere or nothing was published.
pub(crate) fn listed(project: &Project) -> BTreeSet<String> {
    let seen = project.connections.seen();
    let releases = seen.iter().flat_map(|seen| &seen.pointer.releases);
    releases.map(|listed| listed.release.clone()).collect()
}

fn seen(remote: &dyn Remote, held: &Held) -> Result<Seen, Error> {
    let pointer = Pointer::parse(&held.bytes).map_err(|problem| {
        Trouble::new(TroubleKind::Answer, &shown(remote, POINTER), format!("no pointer: {problem}"))
    })?;
    Ok(Seen { pointer, version: held.version.clone() })
}

fn follow(marts: &Path, seen: Option<&Seen>, held: Option<&Held>) -> Result<(), Error> {
    let there = seen.iter().flat_map(|seen| &seen.pointer.releases);
    let there: BTreeSet<&str> = there.map(|listed| listed.release.as_str()).collect();
    let current = seen.map(|seen| seen.pointer.release.as_str());
    let is_new = !marts.join(COPIED).exists();
    if current.is_some() || !is_new {
        copy::follow(marts, &there, current).map_err(failed)?;
    }
    let note = marts.join(COPIED);
    let noted = match held {
        Some(held) if fs::read(&note).is_ok_and(|known| known == held.bytes) => Ok(()),
        Some(held) => store::files::replace(&note, &held.bytes),
        None if is_new => Ok(()),
        None => fs::remove_file(&note),
    };
    Ok(noted.map_err(|error| Trouble::disk(&note, &error))?)
}

/// Copies a release as it is there, damaged or not: whoever verifies it tells.
fn copy_release(project: &Project, remote: &dyn Remote, listed: &Listed) -> Result<(), Error> {
    let marts = &project.pipeline.marts;
    let folder = marts.join("releases").join(&listed.release);
    let here = fs::read(folder.join(MANIFEST)).unwrap_or_default();
    if Fingerprint::of_bytes(&here).0 == listed.manifest {
        return Ok(());
    }
    let building = copy::begin(marts, &listed.release).map_err(failed)?;
    if !fetch(remote, listed, MANIFEST, &building)? {
        // Retired by another worker, which the pointer then says.
        return Ok(());
    }
    if let Ok(manifest) = Manifest::read(&building) {
        let names: Vec<String> = manifest.files.iter().map(|file| file.path.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).chain([CHECKSUMS]).collect();
        names.par_iter().try_for_each(|name| fetch(remote, listed, name, &building).map(drop))?;
    }
    copy::place(marts, &listed.release, &building, project.access).map_err(failed)
}

fn copy_told(remote: &dyn Remote, marts: &Path, listed: &Listed) -> Result<(), Error> {
    if copy::told_folder(marts, &listed.release).exists() {
        return Ok(());
    }
    let building = copy::begin(marts, "told").map_err(failed)?;
    if !fetch(remote, listed, MANIFEST, &building)? {
        return Ok(());
    }
    let manifest = Manifest::read(&building).map_err(failed)?;
    for file in manifest.files.iter().filter(|file| mart::tells(&file.path)) {
        fetch(remote, listed, &file.path, &building)?;
    }
    copy::place_told(marts, &listed.release, &building).map_err(failed)
}

/// False where there is no such file.
fn fetch(remote: &dyn Remote, of: &Listed, name: &str, folder: &Path) -> Result<bool, Error> {
    let path = folder.join(name);
    let disk = |error: std::io::Error| Trouble::disk(&path, &error);
    fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(disk)?;
    let mut file = fs::File::create(&path).map_err(disk)?;
    let is_there = remote.fetch(&format!("{}/{name}", of.path), &mut file)?;
    file.flush().and_then(|()| file.sync_all()).map_err(disk)?;
    if !is_there {
        fs::remove_file(&path).map_err(disk)?;
    }
    Ok(is_there)
}

/// Readers elsewhere see the release from here on; what somebody has to know of it. Does nothing where the marts are here.
pub(crate) fn publish(
    project: &Project,
    release: &str,
    step: &dyn Fn(&str) -> std::io::Result<()>,
) -> Result<Vec<String>, Error> {
    let Some(remote) = project.remote_marts()? else { return Ok(Vec::new()) };
    let seen = project.connections.seen().clone();
    let folder = project.pipeline.marts.join("releases").join(release);
    let to = listed_as(&folder, "releases", release)?;
    if seen
        .as_ref()
        .is_some_and(|seen| seen.pointer.release == release && seen.pointer.path == to.path)
    {
        return Ok(Vec::new());
    }
    let point = |name: &str| {
        let stopped = |source| failed(mart::Error::Stopped { step: name.to_owned(), source });
        step(name).map_err(stopped)
    };
    point("upload the release")?;
    let files = files_of(&folder)?;
    upload(&*remote, &to, &folder, &files)?;
    let before = seen.as_ref().map(|seen| seen.pointer.clone()).unwrap_or_default();
    let (mut pointer, retired) = before.switched(to.clone(), project.pipeline.keep_releases);
    for old in &retired {
        pointer.told.extend(tell(project, &*remote, old)?);
    }
    point("switch the pointer elsewhere")?;
    let bytes = pointer.to_json();
    let is_ours = match &seen {
        None => remote.create(POINTER, &bytes)?,
        Some(seen) => remote.swap(POINTER, &bytes, &seen.version)?,
    };
    if !is_ours {
        return overtaken(project, &*remote, &to, &files);
    }
    point("switched elsewhere")?;
    let replaced =
        before.releases.iter().filter(|old| old.release == release && old.path != to.path);
    let mut notes = Vec::new();
    for old in retired.iter().chain(replaced) {
        if let Err(error) = remove(project, &*remote, old) {
            notes.push(format!(
                "release {} is no longer listed, and its files are still there: {error}",
                old.release
            ));
        }
    }
    let held = remote.read(POINTER)?.filter(|held| held.bytes == bytes);
    if let Some(held) = held {
        let note = project.pipeline.marts.join(COPIED);
        store::files::replace(&note, &bytes).map_err(|error| Trouble::disk(&note, &error))?;
        *project.connections.seen() = Some(Seen { pointer, version: held.version });
    }
    Ok(notes)
}

/// Another worker was first: the same release is as good as ours, over another one ours has to be made again.
fn overtaken(
    project: &Project,
    remote: &dyn Remote,
    ours: &Listed,
    files: &[String],
) -> Result<Vec<String>, Error> {
    mirror(project)?;
    let (current, is_listed) = project.connections.seen().as_ref().map_or_else(
        || (String::new(), false),
        |seen| {
            (
                seen.pointer.release.clone(),
                seen.pointer.releases.iter().any(|it| it.path == ours.path),
            )
        },
    );
    if !is_listed {
        // What stays of it is named by nothing.
        let _ = remove_files(remote, ours, files);
    }
    if current != ours.release {
        return Err(Error::Overtaken { release: current });
    }
    Ok(vec![format!("another worker published release {current} first; it is the same")])
}

/// Switches readers elsewhere back to a release that is there.
pub(crate) fn switch_back(project: &Project, release: &str) -> Result<(), Error> {
    let Some(remote) = project.remote_marts()? else { return Ok(()) };
    let seen = project.connections.seen().clone();
    let found = seen.and_then(|seen| Some((seen.pointer.find(release)?.clone(), seen)));
    let Some((to, seen)) = found else { return Ok(()) };
    let pointer = Pointer { release: to.release, path: to.path, ..seen.pointer };
    let bytes = pointer.to_json();
    if !remote.swap(POINTER, &bytes, &seen.version)? {
        mirror(project)?;
        let current = project.connections.seen().as_ref().map(|seen| seen.pointer.release.clone());
        return Err(Error::Overtaken { release: current.unwrap_or_default() });
    }
    mirror(project)
}

fn listed_as(folder: &Path, place: &str, release: &str) -> Result<Listed, Error> {
    let path = folder.join(MANIFEST);
    let bytes = fs::read(&path).map_err(|error| Trouble::disk(&path, &error))?;
    let sequence = Manifest::read(folder).map_err(failed)?.sequence;
    Ok(Listed::new(place, release, sequence, &Fingerprint::of_bytes(&bytes).0))
}

/// All files of a release, its manifest last.
fn files_of(folder: &Path) -> Result<Vec<String>, Error> {
    let files = Manifest::read(folder).map_err(failed)?.files.into_iter().map(|file| file.path);
    Ok(files.chain([CHECKSUMS.to_owned(), MANIFEST.to_owned()]).collect())
}

fn upload(remote: &dyn Remote, to: &Listed, folder: &Path, files: &[String]) -> Result<(), Error> {
    let put = |name: &String| remote.put(&format!("{}/{name}", to.path), &folder.join(name), false);
    let Some((last, files)) = files.split_last() else { return Ok(()) };
    files.par_iter().try_for_each(put)?;
    Ok(put(last)?)
}

/// Keeps what a release told that is about to go.
fn tell(project: &Project, remote: &dyn Remote, old: &Listed) -> Result<Option<Listed>, Error> {
    let folder: PathBuf = project.pipeline.marts.join("releases").join(&old.release);
    let files = copy::telling(&folder).map_err(failed)?;
    if files.is_empty() {
        return Ok(None);
    }
    let to = Listed::new("told", &old.release, old.sequence, &old.manifest);
    upload(remote, &to, &folder, &files)?;
    Ok(Some(to))
}

fn remove(project: &Project, remote: &dyn Remote, old: &Listed) -> Result<(), Error> {
    let folder = project.pipeline.marts.join("releases").join(&old.release);
    let files = match remote.read(&format!("{}/{MANIFEST}", old.path))? {
        Some(held) => serde_json::from_slice::<Manifest>(&held.bytes)
            .map(|manifest| manifest.files.into_iter().map(|file| file.path).collect::<Vec<_>>())
            .unwrap_or_default(),
        None => Manifest::read(&folder)
            .map(|manifest| manifest.files.into_iter().map(|file| file.path).collect())
            .unwrap_or_default(),
    };
    let files: Vec<String> =
        files.into_iter().chain([CHECKSUMS.to_owned(), MANIFEST.to_owned()]).collect();
    remove_files(remote, old, &files)
}

/// The manifest first: without it the rest is no release.
fn remove_files(remote: &dyn Remote, of: &Listed, files: &[String]) -> Result<(), Error> {
    let Some((first, files)) = files.split_last() else { return Ok(()) };
    remote.remove(&format!("{}/{first}", of.path))?;
    files.par_iter().try_for_each(|name| remote.remove(&format!("{}/{name}", of.path)))?;
    Ok(())
}

//! The folder of a site: written beside the old one, switched to in one step.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::TempDir;

use crate::Error;

/// A site of ours has this file; it names the release.
pub const MARKER: &str = "peil-site.json";

pub struct Folder {
    out: PathBuf,
    new: TempDir,
    /// Which thing became which file, to tell two that would become the same.
    names: BTreeMap<String, String>,
    pub files: usize,
    pub pages: usize,
    pub bytes: u64,
}

impl Folder {
    /// A new folder beside the one that it will replace.
    pub fn beside(out: &Path) -> Result<Self, Error> {
        check(out)?;
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let failed = |source| Error::Write { path: parent.clone(), source };
        fs::create_dir_all(&parent).map_err(failed)?;
        let new = tempfile::Builder::new()
            .prefix(".peil-site-")
            .tempdir_in(&parent)
            .map_err(|source| Error::Write { path: parent.clone(), source })?;
        Ok(Self { out: out.to_owned(), new, names: BTreeMap::new(), files: 0, pages: 0, bytes: 0 })
    }

    /// Writes a file; `of` says what it is made of.
    pub fn write(&mut self, path: &str, of: &str, content: &[u8]) -> Result<(), Error> {
        if let Some(first) = self.names.insert(path.to_owned(), of.to_owned()) {
            let page = path.to_owned();
            return Err(Error::SamePage { first, second: of.to_owned(), page });
        }
        let place = self.new.path().join(path);
        let failed = |source| Error::Write { path: self.out.join(path), source };
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(&place, content).map_err(failed)?;
        self.files += 1;
        self.pages +=
            usize::from(Path::new(path).extension().is_some_and(|ending| ending == "html"));
        self.bytes += content.len() as u64;
        Ok(())
    }

    /// Puts the new site where the old one was.
    pub fn switch(mut self, release: &str) -> Result<(), Error> {
        let marker = serde_json::json!({ "site_of": "peil report", "release": release });
        self.write(MARKER, "marker", format!("{marker:#}\n").as_bytes())?;
        let failed = |source| Error::Write { path: self.out.clone(), source };
        open_to_readers(self.new.path()).map_err(failed)?;
        check(&self.out)?;
        // What stands in the folder of this name afterwards, the old site or nothing, is removed with it.
        let new = self.new.path();
        if self.out.exists() {
            exchange(new, &self.out).map_err(failed)
        } else {
            let path = self.new.keep();
            fs::rename(&path, &self.out).map_err(|source| {
                let _ = fs::remove_dir_all(&path);
                Error::Write { path: self.out.clone(), source }
            })
        }
    }
}

/// A temporary folder is for its owner only; a site is for everyone.
#[cfg(unix)]
fn open_to_readers(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_readers(_: &Path) -> io::Result<()> {
    Ok(())
}

/// In one step where the filesystem can, else in two.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    if renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
        return Ok(());
    }
    let aside = new.with_extension("old");
    fs::rename(old, &aside)?;
    if let Err(problem) = fs::rename(new, old) {
        fs::rename(&aside, old)?;
        return Err(problem);
    }
    fs::remove_dir_all(&aside)
}

/// Refuses a folder that holds something else than a site of ours.
fn check(out: &Path) -> Result<(), Error> {
    let is_free = match fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_none() || is_ours(out),
        Err(problem) => problem.kind() == io::ErrorKind::NotFound,
    };
    if is_free { Ok(()) } else { Err(Error::NotOurs { path: out.to_owned() }) }
}

fn is_ours(out: &Path) -> bool {
    let text = fs::read_to_string(out.join(MARKER)).unwrap_or_default();
    let marker: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    marker.get("site_of").and_then(serde_json::Value::as_str) == Some("peil report")
}

/// A name as part of a file name and of an address.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars() {
        match letter {
            letter if letter.is_ascii_alphanumeric() || letter == '_' || letter == '-' => {
                slug.push(letter.to_ascii_lowercase());
            }
            letter if letter.is_ascii() => slug.push('-'),
            letter => {
                let _ = write!(slug, "u{:x}", letter as u32);
            }
        }
    }
    if slug.is_empty() { "-".to_owned() } else { slug }
}

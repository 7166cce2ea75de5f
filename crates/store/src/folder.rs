//! The store's folder: hand-offs by content, a record a step, the hashes of files that were read.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;
use crate::files;
use crate::fingerprint::{FileHashes, Fingerprint};
use crate::objects::{Objects, Output, Unkept};
use crate::record::Record;
use crate::remote::Remote;
use crate::rerun::Rerun;
use crate::step::Step;

/// What a step's record says.
#[derive(Debug)]
pub enum Found {
    Nothing,
    Record(Box<Record>),
    /// A record that cannot be read: as if nothing were kept, but reported.
    Damaged(Rerun),
}

/// Begins the name of a folder in the store where a release is built only to be looked at.
pub const PENDING: &str = "pending-";

#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    pub objects: Objects,
    pub hashes: FileHashes,
}

impl Store {
    /// Opens a store, which may not be there yet; nothing is written.
    pub fn open(folder: &Path, rehash: bool) -> Self {
        Self::copy_of(None, folder, rehash)
    }

    /// Opens the copy that a folder is of a store elsewhere.
    pub fn copy_of(remote: Option<Arc<dyn Remote>>, folder: &Path, rehash: bool) -> Self {
        Self {
            folder: folder.to_owned(),
            objects: Objects::new(folder.join("objects"), remote),
            hashes: FileHashes::open(folder.join("hashes.json"), rehash),
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn record_path(&self, step: &Step) -> PathBuf {
        self.folder.join("records").join(format!("{}.json", step.file_stem()))
    }

    pub fn record(&self, step: &Step) -> Found {
        let path = self.record_path(step);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Found::Nothing,
            Err(_) => Vec::new(),
        };
        match serde_json::from_slice::<Record>(&bytes) {
            Ok(record) if record.step == *step => Found::Record(Box::new(record)),
            _ => Found::Damaged(Rerun::RecordDamaged { file: self.shown(&path) }),
        }
    }

    /// For somebody who only looks: none where the step never ran; a record that cannot be read is an error.
    pub fn record_to_read(&self, step: &Step) -> Result<Option<Record>, Error> {
        let Some(bytes) = bytes_to_read(&self.record_path(step))? else { return Ok(None) };
        let record: Record = serde_json::from_slice(&bytes).map_err(|error| Error::Damaged {
            step: step.to_string(),
            problem: format!("its record: {error}"),
        })?;
        Ok(Some(record))
    }

    pub fn write_record(&self, record: &Record) -> Result<(), Error> {
        let path = self.record_path(&record.step);
        let bytes = serde_json::to_vec_pretty(record)
            .map_err(|error| self.unwritable(&path, error.into()))?;
        files::replace(&path, &bytes).map_err(|error| self.unwritable(&path, error))
    }

    /// As if the step had never run here.
    pub fn forget_record(&self, step: &Step) {
        let _ = fs::remove_file(self.record_path(step));
    }

    /// What is wrong with the files of a hand-off; each is read only when its size or times changed.
    pub fn faults(&self, output: &Output) -> Vec<Rerun> {
        output.files.iter().filter_map(|(name, expected)| self.fault(name, expected)).collect()
    }

    /// What was wrong when the run began with files that other steps have made whole since: whoever comes first, every
    /// step whose hand-off was lost runs again, as the plan says.
    pub fn former_faults(&self, output: &Output) -> Vec<Rerun> {
        let faults = output.files.iter().filter_map(|(name, expected)| {
            let path = self.objects.path(name, expected);
            Some(self.faulty(&path, expected, self.objects.healed(&path)?))
        });
        faults.collect()
    }

    fn fault(&self, name: &str, expected: &Fingerprint) -> Option<Rerun> {
        let path = self.objects.path(name, expected);
        if self.objects.is_doubted(&path) {
            return Some(self.faulty(&path, expected, None));
        }
        let found = self.hashes.of(&path).ok();
        if found.as_ref() == Some(expected) {
            return None;
        }
        if self.objects.elsewhere.is_some() {
            // Only a copy: it is fetched when somebody needs it.
            if found.is_some() && fs::remove_file(&path).is_ok() {
                self.hashes.forget(&path);
            }
            return None;
        }
        Some(self.faulty(&path, expected, found))
    }

    fn faulty(&self, path: &Path, expected: &Fingerprint, found: Option<Fingerprint>) -> Rerun {
        let file = self.shown(path);
        match found {
            None => Rerun::OutputMissing { file },
            Some(found) => Rerun::OutputDamaged {
                file,
                expected: expected.short().to_owned(),
                found: found.short().to_owned(),
            },
        }
    }

    /// After a hand-off could not be read: its files are hashed anew the next time.
    pub fn doubt(&self, output: &Output) {
        for (name, fingerprint) in &output.files {
            self.hashes.forget(&self.objects.path(name, fingerprint));
        }
    }

    /// A path as messages show it: relative to the store.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder).unwrap_or(path).display().to_string()
    }

    pub fn unwritable(&self, path: &Path, error: std::io::Error) -> Error {
        Error::Unwritable { path: path.to_owned(), error }
    }

    pub fn unkept(&self, step: &Step, error: Unkept) -> Error {
        match error {
            Unkept::Io(error) => self.unwritable(self.objects.folder(), error),
            Unkept::Elsewhere(trouble) => trouble.into(),
            problem => Error::Damaged { step: step.to_string(), problem: problem.to_string() },
        }
    }

    /// All records, by path.
    pub fn records(&self) -> Vec<Record> {
        let mut paths = Vec::new();
        collect(&self.folder.join("records"), &mut paths);
        paths.sort();
        paths.iter().filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()).collect()
    }

    /// Removes objects that no record names and files left half written; returns how many went.
    pub fn sweep(&self) -> Result<u64, Error> {
        let mut named = BTreeSet::new();
        for record in self.records() {
            named.insert(self.objects.path("settings", &record.settings));
            named.extend(
                record.output.files.iter().map(|(name, print)| self.objects.path(name, print)),
            );
        }
        let mut removed = 0;
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            // Left by a look at a pending release that was cut off.
            if entry.file_name().to_string_lossy().starts_with(PENDING) {
                fs::remove_dir_all(entry.path())
                    .map_err(|error| self.unwritable(&entry.path(), error))?;
                removed += 1;
            }
        }
        let mut paths = Vec::new();
        collect(self.objects.folder(), &mut paths);
        collect(&self.folder.join("records"), &mut paths);
        for path in paths {
            let unfinished = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(files::UNFINISHED));
            if unfinished || (path.starts_with(self.objects.folder()) && !named.contains(&path)) {
                fs::remove_file(&path).map_err(|error| self.unwritable(&path, error))?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// None where there is no such file.
pub fn bytes_to_read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::Unreadable { path: path.to_owned(), error }),
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, paths) } else { paths.push(path) }
    }
}

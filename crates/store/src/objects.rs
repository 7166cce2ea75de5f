//! A hand-off as files: its tables as Parquet, what is said about it as JSON, each named by the blake3 of its bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::record_batch::RecordBatch;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use survey::handoff::{About, Handoff};
use survey::{Finding, Warning};

use crate::files;
use crate::fingerprint::{FileHashes, Fingerprint};
use crate::parquet_file;
use crate::remote::{Remote, Trouble};
use crate::spool::{Hashing, Spool, Written, io_error};

/// The files of one hand-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What the next stages read; equal contents stop a change.
    pub content: Fingerprint,
    /// `table`, extras by name, `findings`, `warnings`, `about` → blake3, which is the file's name too.
    pub files: BTreeMap<String, Fingerprint>,
}

impl Output {
    /// Of the hand-off with its receipt.
    pub fn whole(&self) -> Fingerprint {
        let mut text = String::new();
        for (name, fingerprint) in &self.files {
            text.push_str(name);
            text.push(' ');
            text.push_str(&fingerprint.0);
            text.push('\n');
        }
        Fingerprint::of_bytes(text.as_bytes())
    }
}

/// What is wrong with a kept hand-off.
#[derive(Debug, thiserror::Error)]
pub enum Unkept {
    #[error("`{}` is missing", .0.display())]
    Missing(PathBuf),
    #[error("`{}` does not hold the bytes that it was written with", .0.display())]
    Damaged(PathBuf),
    #[error("`{}`: {problem}", .path.display())]
    Unreadable { path: PathBuf, problem: String },
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Elsewhere(#[from] Trouble),
}

/// The folder of objects; where the store lies elsewhere, a copy of what was made or read here.
#[derive(Debug)]
pub struct Objects {
    folder: PathBuf,
    pub(crate) elsewhere: Option<Elsewhere>,
    /// Files that were missing (none) or held other bytes until this run wrote them; other records may name them too.
    healed: Mutex<BTreeMap<PathBuf, Option<Fingerprint>>>,
}

/// Where the objects are that are not here.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    pub remote: Arc<dyn Remote>,
    /// Files that turned out to be missing or damaged there.
    doubted: Mutex<BTreeSet<PathBuf>>,
}

impl Elsewhere {
    fn doubted(&self) -> std::sync::MutexGuard<'_, BTreeSet<PathBuf>> {
        self.doubted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Objects {
    pub fn new(folder: PathBuf, remote: Option<Arc<dyn Remote>>) -> Self {
        let elsewhere = remote.map(|remote| Elsewhere { remote, doubted: Mutex::default() });
        Self { folder, elsewhere, healed: Mutex::default() }
    }

    /// Whether a file turned out to be missing or damaged where the store lies.
    pub(crate) fn is_doubted(&self, path: &Path) -> bool {
        self.elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.doubted().contains(path))
    }

    /// Fetches a file that is not here from where the store lies; its bytes are confronted with its name.
    fn bring(&self, path: &Path, fingerprint: &Fingerprint) -> Result<(), Unkept> {
        let Some(elsewhere) = self.elsewhere.as_ref().filter(|_| !path.exists()) else {
            return Ok(());
        };
        let mut sink = Hashing::new(files::begin(&self.folder)?);
        let is_there = elsewhere.remote.fetch(&object_name(path), &mut sink)?;
        let (found, file) = sink.finish()?;
        if is_there && found == *fingerprint {
            return Ok(files::finish(file, path)?);
        }
        elsewhere.doubted().insert(path.to_owned());
        let place = PathBuf::from(crate::remote::shown(&*elsewhere.remote, &object_name(path)));
        Err(if is_there { Unkept::Damaged(place) } else { Unkept::Missing(place) })
    }

    /// What a file held before this run made it whole: none where it was missing.
    pub fn healed(&self, path: &Path) -> Option<Option<Fingerprint>> {
        self.healed.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// As if this run had found a file lost and made it whole.
    #[cfg(test)]
    pub(crate) fn heal_for_tests(&self, path: &Path) {
        let mut healed = self.healed.lock().unwrap_or_else(PoisonError::into_inner);
        healed.insert(path.to_owned(), None);
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn path(&self, name: &str, fingerprint: &Fingerprint) -> PathBuf {
        let extension = if name == "about" || name == "settings" { "json" } else { "parquet" };
        self.folder.join(format!("{}.{extension}", fingerprint.0))
    }

    /// A place for rows that come batch by batch.
    pub fn spool(&self) -> Spool {
        Spool::new(self.folder.clone())
    }

    /// Writes a hand-off, also over files of the same name: their bytes may be damaged. Its table may be written already.
    pub fn write<K: About>(
        &self,
        handoff: &Handoff<K>,
        table: Option<Written>,
        hashes: &FileHashes,
    ) -> Result<Output, Unkept> {
        let mut parts = Parts { objects: self, hashes: Some(hashes), files: BTreeMap::new() };
        match table {
            Some(Written { file, fingerprint, .. }) => parts.place("table", file, fingerprint)?,
            None => parts.table("table", &handoff.table)?,
        }
        let output = parts.rest(handoff)?;
        files::sync_folder(&self.folder)?;
        Ok(output)
    }

    /// The fingerprints that `write` would give, without writing.
    pub fn measure<K: About>(
        &self,
        handoff: &Handoff<K>,
        table: Option<&Written>,
    ) -> Result<Output, Unkept> {
        let mut parts = Parts { objects: self, hashes: None, files: BTreeMap::new() };
        match table {
            Some(written) => {
                drop(parts.files.insert("table".to_owned(), written.fingerprint.clone()));
            }
            None => parts.table("table", &handoff.table)?,
        }
        parts.rest(handoff)
    }

    /// Keeps the settings that a hand-off was made with, so that a change in them can be named.
    pub fn write_settings(&self, settings: &Fingerprint, canonical: &Value) -> Result<(), Unkept> {
        let path = self.path("settings", settings);
        if !path.exists() {
            files::replace(&path, canonical.to_string().as_bytes())?;
        }
        Ok(())
    }

    pub fn read_json(&self, name: &str, fingerprint: &Fingerprint) -> Result<Value, Unkept> {
        let path = self.path(name, fingerprint);
        self.bring(&path, fingerprint)?;
        let bytes = std::fs::read(&path).map_err(|_| Unkept::Missing(path.clone()))?;
        if Fingerprint::of_bytes(&bytes) != *fingerprint {
            return Err(Unkept::Damaged(path));
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| Unkept::Unreadable { path, problem: error.to_string() })
    }

    /// Reads a hand-off back; every byte is confronted with its name first.
    pub fn read<K: About>(&self, output: &Output) -> Result<Handoff<K>, Unkept> {
        let mut extra = BTreeMap::new();
        let (mut table, mut findings, mut warnings) = (None, Vec::new(), Vec::new());
        for (name, fingerprint) in &output.files {
            match name.as_str() {
                "table" => table = Some(self.read_table(name, fingerprint)?),
                "findings" => findings = self.read_records(name, fingerprint)?,
                "warnings" => warnings = self.read_records(name, fingerprint)?,
                "about" => {}
                _ => drop(extra.insert(name.clone(), self.read_table(name, fingerprint)?)),
            }
        }
        let about = self.read_about(output)?;
        let table = table.ok_or_else(|| Unkept::Missing(self.folder.join("table")))?;
        Ok(Handoff { table, extra, findings, warnings, about })
    }

    pub fn read_about<K: About>(&self, output: &Output) -> Result<K, Unkept> {
        let missing = || Unkept::Missing(self.folder.join("about"));
        let about = self.read_json("about", output.files.get("about").ok_or_else(missing)?)?;
        serde_json::from_value(about).map_err(|error| Unkept::Unreadable {
            path: self.folder.join("about"),
            problem: error.to_string(),
        })
    }

    pub fn read_extra(
        &self,
        output: &Output,
        names: &[&str],
    ) -> Result<BTreeMap<String, RecordBatch>, Unkept> {
        let there = names.iter().filter_map(|name| Some((*name, output.files.get(*name)?)));
        there
            .map(|(name, fingerprint)| Ok((name.to_owned(), self.read_table(name, fingerprint)?)))
            .collect()
    }

    /// Some columns of the table.
    pub fn read_columns(
        &self,
        files: &BTreeMap<String, Fingerprint>,
        columns: &BTreeSet<String>,
    ) -> Result<RecordBatch, Unkept> {
        let fingerprint =
            files.get("table").ok_or_else(|| Unkept::Missing(self.folder.join("table")))?;
        self.checked_table("table", fingerprint, Some(columns))
    }

    pub fn read_findings(&self, output: &Output) -> Result<Vec<Finding>, Unkept> {
        output
            .files
            .get("findings")
            .map_or(Ok(Vec::new()), |name| self.read_records("findings", name))
    }

    pub fn read_warnings(&self, output: &Output) -> Result<Vec<Warning>, Unkept> {
        output
            .files
            .get("warnings")
            .map_or(Ok(Vec::new()), |name| self.read_records("warnings", name))
    }

    pub fn read_table(&self, name: &str, fingerprint: &Fingerprint) -> Result<RecordBatch, Unkept> {
        self.checked_table(name, fingerprint, None)
    }

    /// The first rows of a table: the rest stays on disk.
    pub fn read_first_rows(
        &self,
        name: &str,
        fingerprint: &Fingerprint,
        rows: usize,
    ) -> Result<RecordBatch, Unkept> {
        let path = self.checked(name, fingerprint)?;
        let read = parquet_file::read_rows(&path, None, Some(rows));
        read.map_err(|problem| Unkept::Unreadable { path, problem })
    }

    fn checked_table(
        &self,
        name: &str,
        fingerprint: &Fingerprint,
        columns: Option<&BTreeSet<String>>,
    ) -> Result<RecordBatch, Unkept> {
        let path = self.checked(name, fingerprint)?;
        parquet_file::read(&path, columns).map_err(|problem| Unkept::Unreadable { path, problem })
    }

    /// Where a file is that holds the bytes it was written with.
    pub fn checked(&self, name: &str, fingerprint: &Fingerprint) -> Result<PathBuf, Unkept> {
        let path = self.path(name, fingerprint);
        self.bring(&path, fingerprint)?;
        let found = Fingerprint::of_file(&path).map_err(|_| Unkept::Missing(path.clone()))?;
        if found == *fingerprint { Ok(path) } else { Err(Unkept::Damaged(path)) }
    }

    fn read_records<T: crate::table_rows::Row>(
        &self,
        name: &str,
        fingerprint: &Fingerprint,
    ) -> Result<Vec<T>, Unkept> {
        let table = self.read_table(name, fingerprint)?;
        crate::table_rows::from_table(&table).map_err(|error| Unkept::Unreadable {
            path: self.path(name, fingerprint),
            problem: error.to_string(),
        })
    }
}

/// The name of an object where the store lies.
pub(crate) fn object_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    format!("objects/{}", name.unwrap_or_default())
}

/// What the next stages read of a hand-off.
fn content<K: About>(files: &BTreeMap<String, Fingerprint>, mut about: Value) -> Fingerprint {
    if let Value::Object(map) = &mut about {
        for fact in K::RECEIPT {
            map.remove(*fact);
        }
        map.sort_keys();
    }
    let mut text = format!("{}\n{about}\n", K::NAME);
    for (name, fingerprint) in files.iter().filter(|(name, _)| *name != "about") {
        let _ = writeln!(text, "{name} {}", fingerprint.0);
    }
    Fingerprint::of_bytes(text.as_bytes())
}

/// The files of a hand-off while they are written.
struct Parts<'a> {
    objects: &'a Objects,
    /// None: nothing is written.
    hashes: Option<&'a FileHashes>,
    files: BTreeMap<String, Fingerprint>,
}

impl Parts<'_> {
    /// All but the table.
    fn rest<K: About>(mut self, handoff: &Handoff<K>) -> Result<Output, Unkept> {
        for (name, table) in &handoff.extra {
            self.table(name, table)?;
        }
        self.records("findings", &handoff.findings)?;
        self.records("warnings", &handoff.warnings)?;
        let about = serde_json::to_value(&handoff.about).map_err(io::Error::from)?;
        self.json("about", &about)?;
        Ok(Output { content: content::<K>(&self.files, about), files: self.files })
    }

    fn table(&mut self, name: &str, table: &RecordBatch) -> Result<(), Unkept> {
        if self.hashes.is_none() {
            let sink = parquet_file::write(table, Hashing::new(io::sink())).map_err(io_error)?;
            self.files.insert(name.to_owned(), sink.finish()?.0);
            return Ok(());
        }
        let sink = Hashing::new(files::begin(&self.objects.folder)?);
        let sink = parquet_file::write(table, sink).map_err(io_error)?;
        let (fingerprint, file) = sink.finish()?;
        self.place(name, file, fingerprint)
    }

    fn records<T: crate::table_rows::Row>(
        &mut self,
        name: &str,
        records: &[T],
    ) -> Result<(), Unkept> {
        if records.is_empty() {
            return Ok(());
        }
        let table = crate::table_rows::to_table(records).map_err(io::Error::other)?;
        self.table(name, &table)
    }

    fn json(&mut self, name: &str, value: &Value) -> Result<(), Unkept> {
        let mut sorted = value.clone();
        sorted.sort_all_objects();
        let bytes = serde_json::to_vec_pretty(&sorted).map_err(io::Error::from)?;
        let fingerprint = Fingerprint::of_bytes(&bytes);
        if self.hashes.is_none() {
            self.files.insert(name.to_owned(), fingerprint);
            return Ok(());
        }
        let mut file = files::begin(&self.objects.folder)?;
        file.write_all(&bytes)?;
        self.place(name, file, fingerprint)
    }

    fn place(
        &mut self,
        name: &str,
        file: tempfile::NamedTempFile,
        fingerprint: Fingerprint,
    ) -> Result<(), Unkept> {
        let path = self.objects.path(name, &fingerprint);
        let before = self.hashes.and_then(|hashes| hashes.of(&path).ok());
        let was_lost = match &self.objects.elsewhere {
            None => before.as_ref() != Some(&fingerprint),
            Some(elsewhere) => elsewhere.doubted().remove(&path),
        };
        if was_lost {
            let mut healed = self.objects.healed.lock().unwrap_or_else(PoisonError::into_inner);
            healed.entry(path.clone()).or_insert(before);
        }
        files::finish(file, &path)?;
        if let Some(hashes) = self.hashes {
            hashes.learn(&path, &fingerprint)?;
        }
        self.files.insert(name.to_owned(), fingerprint);
        Ok(())
    }
}

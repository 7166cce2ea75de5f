//! Hand-offs as the page passes them on: known by content, in memory only while somebody needs them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arrow::record_batch::RecordBatch;
use config::{Age, DeliverySpec};
use ingest::MinimumAge;
use jiff::Timestamp;
use survey::handoff::{About, RawAbout};
use survey::{Finding, Handoff, Warning};

use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::keep::{Output, Unkept};
use crate::spool::Spool;
use crate::step::Step;
use crate::store::Store;

/// The content of an input, as far as it is known before anything runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Known(Fingerprint),
    /// The step that makes it would run.
    Open,
    /// Never made.
    Absent,
}

/// A hand-off of the store: its content, and its value while it is in memory.
#[derive(Debug)]
pub struct Kept<K> {
    pub step: Step,
    pub content: Content,
    pub(crate) output: Option<Output>,
    pub(crate) value: Option<Arc<Handoff<K>>>,
    /// Out of date and not selected, or made of such.
    pub stale: bool,
}

impl<K: About> Kept<K> {
    /// Lets go of the value; it is read again when somebody needs it.
    #[must_use]
    pub fn put_away(mut self) -> Self {
        self.value = None;
        self
    }

    /// The hand-off's fingerprint with its receipt.
    pub fn whole(&self) -> Option<Fingerprint> {
        self.output.as_ref().map(Output::whole)
    }

    /// The value, read from the store where it is not in memory.
    pub fn load(&self, store: &Store) -> Result<Arc<Handoff<K>>, Error> {
        if let Some(value) = &self.value {
            return Ok(value.clone());
        }
        let output = self.output()?;
        store.keep.read(output).map(Arc::new).map_err(|error| self.doubtful(store, error))
    }

    /// The hand-off without findings, with some columns of its table and some of its extra tables.
    pub fn load_columns(
        &self,
        store: &Store,
        columns: &BTreeSet<String>,
        extra: &[&str],
    ) -> Result<Handoff<K>, Error> {
        let output = self.output()?;
        let read = || {
            Ok(Handoff {
                table: store.keep.read_columns(&output.files, columns)?,
                extra: store.keep.read_extra(output, extra)?,
                findings: Vec::new(),
                warnings: Vec::new(),
                about: store.keep.read_about(output)?,
            })
        };
        read().map_err(|error| self.doubtful(store, error))
    }

    /// What is said about the table, without the table.
    #[expect(
        clippy::type_complexity,
        reason = "four parts of a hand-off, named by whoever takes them apart"
    )]
    pub fn said(
        &self,
        store: &Store,
        extra: &[&str],
    ) -> Result<(K, Vec<Finding>, Vec<Warning>, BTreeMap<String, RecordBatch>), Error> {
        let output = self.output()?;
        let keep = &store.keep;
        let read = || {
            Ok((
                keep.read_about(output)?,
                keep.read_findings(output)?,
                keep.read_warnings(output)?,
                keep.read_extra(output, extra)?,
            ))
        };
        read().map_err(|error| self.doubtful(store, error))
    }

    fn output(&self) -> Result<&Output, Error> {
        self.output.as_ref().ok_or_else(|| Error::NothingKept { step: self.step.to_string() })
    }

    /// A hand-off that cannot be read is hashed anew the next time.
    fn doubtful(&self, store: &Store, error: Unkept) -> Error {
        self.output.iter().for_each(|output| store.doubt(output));
        store.unkept(&self.step, error)
    }
}

/// Some columns of several hand-offs: what is not read stays on disk.
pub struct Columns<'a, K> {
    pub of: Vec<&'a Kept<K>>,
    pub columns: &'a dyn Fn() -> BTreeSet<String>,
    /// Extra tables that are read.
    pub extra: &'a [&'a str],
}

impl<K: About> Input for Columns<'_, K> {
    type Loaded = Vec<Handoff<K>>;

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok(self.of.iter().map(|kept| kept.origin()).collect())
    }

    fn load(self, store: &Store) -> Result<Self::Loaded, Error> {
        let columns = (self.columns)();
        self.of.iter().map(|kept| kept.load_columns(store, &columns, self.extra)).collect()
    }
}

/// A delivery's rows, cut to the columns that the step reads of them.
pub struct Rows<'a> {
    pub of: &'a Kept<RawAbout>,
    pub columns: &'a dyn Fn(&RawAbout) -> BTreeSet<String>,
}

impl Input for Rows<'_> {
    type Loaded = Handoff<RawAbout>;

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok(vec![self.of.origin()])
    }

    fn load(self, store: &Store) -> Result<Self::Loaded, Error> {
        let about = store.keep.read_about(self.of.output()?);
        let about = about.map_err(|error| self.of.doubtful(store, error))?;
        self.of.load_columns(store, &(self.columns)(&about), &[])
    }
}

/// What a step reads.
pub trait Input {
    type Loaded;
    fn origins(&self, store: &Store) -> Result<Vec<Origin>, Error>;
    fn load(self, store: &Store) -> Result<Self::Loaded, Error>;
}

/// One thing that a step reads, by name and content.
#[derive(Debug, Clone)]
pub struct Origin {
    pub name: String,
    pub content: Content,
    pub stale: bool,
    /// Set for a delivery: its file's name.
    pub file: Option<String>,
}

impl<K: About> Kept<K> {
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            name: self.step.to_string(),
            content: self.content.clone(),
            stale: self.stale,
            file: None,
        }
    }
}

impl<K: About> Input for &Kept<K> {
    type Loaded = Arc<Handoff<K>>;

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok(vec![self.origin()])
    }

    fn load(self, store: &Store) -> Result<Self::Loaded, Error> {
        Kept::load(self, store)
    }
}

impl<K: About> Input for (&Kept<K>, Option<&Kept<K>>) {
    type Loaded = (Arc<Handoff<K>>, Option<Arc<Handoff<K>>>);

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok([self.0.origin()].into_iter().chain(self.1.map(Kept::origin)).collect())
    }

    fn load(self, store: &Store) -> Result<Self::Loaded, Error> {
        Ok((self.0.load(store)?, self.1.map(|kept| kept.load(store)).transpose()?))
    }
}

impl<K: About + Clone> Input for Vec<&Kept<K>> {
    type Loaded = Vec<Handoff<K>>;

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok(self.iter().map(|kept| kept.origin()).collect())
    }

    fn load(self, store: &Store) -> Result<Self::Loaded, Error> {
        let take = |value: Arc<Handoff<K>>| {
            Arc::try_unwrap(value).unwrap_or_else(|shared| (*shared).clone())
        };
        self.into_iter().map(|kept| kept.load(store).map(take)).collect()
    }
}

/// A delivered file as it lies there.
#[derive(Debug, Clone)]
pub struct DeliveryFile {
    pub delivery: String,
    pub path: PathBuf,
    pub sheet: Option<String>,
    pub expected_rows: Option<u64>,
    pub minimum_age: Option<Duration>,
}

impl Input for &DeliveryFile {
    /// Where its rows go.
    type Loaded = Spool;

    fn origins(&self, store: &Store) -> Result<Vec<Origin>, Error> {
        let content = match store.hashes.of(&self.path) {
            Ok(fingerprint) => Content::Known(fingerprint),
            Err(error) => return Err(self.unreadable(error)),
        };
        Ok(vec![Origin {
            name: format!("delivery:{}", self.delivery),
            content,
            stale: false,
            file: Some(self.name()),
        }])
    }

    fn load(self, store: &Store) -> Result<Spool, Error> {
        Ok(store.keep.spool())
    }
}

impl DeliveryFile {
    /// As it is read at this instant.
    pub fn read_at(&self, now: Timestamp) -> ingest::Delivery {
        let minimum = |age| MinimumAge { age, now: now.into() };
        ingest::Delivery {
            sheet: self.sheet.clone(),
            expected_rows: self.expected_rows,
            minimum_age: self.minimum_age.map(minimum),
            ..ingest::Delivery::new(&self.delivery, &self.path)
        }
    }

    pub fn of(delivery: &DeliverySpec) -> Self {
        Self {
            delivery: delivery.name.clone(),
            path: delivery.file.clone(),
            sheet: delivery.sheet.clone(),
            expected_rows: delivery.expected_rows,
            minimum_age: delivery.minimum_age.map(Age::duration),
        }
    }

    /// The file's name without folders.
    pub fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Hash and size of the file as it lies there.
    pub fn stamp(&self, store: &Store) -> Result<(Fingerprint, u64), Error> {
        let bytes = std::fs::metadata(&self.path).map_err(|error| self.unreadable(error))?.len();
        Ok((store.hashes.of(&self.path).map_err(|error| self.unreadable(error))?, bytes))
    }

    fn unreadable(&self, error: std::io::Error) -> Error {
        let folder = self.path.parent().unwrap_or(&self.path);
        let there = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut there: Vec<String> =
            there.map(|entry| format!("`{}`", entry.file_name().to_string_lossy())).collect();
        there.sort();
        let hint = match (folder.is_dir(), there.len()) {
            (false, _) => format!("there is no folder `{}`", folder.display()),
            (true, 0) => format!("the folder `{}` is empty", folder.display()),
            (true, 1..=12) => format!("the folder has {}", there.join(", ")),
            (true, files) => format!("the folder has {files} other files"),
        };
        let hint = format!(
            "{hint}; put the file there, or correct `file` of delivery `{}`",
            self.delivery
        );
        Error::Delivery { place: self.delivery.clone(), path: self.path.clone(), error, hint }
    }
}

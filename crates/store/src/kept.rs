//! Hand-offs as the page passes them on: known by content, in memory only while somebody needs them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use rayon::prelude::*;
use survey::handoff::{About, RawAbout};
use survey::{Finding, Handoff, Warning};

use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::folder::Store;
use crate::objects::{Output, Unkept};
use crate::rerun::Rerun;
use crate::step::Step;

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
    pub output: Option<Output>,
    pub value: Option<Arc<Handoff<K>>>,
    /// Out of date and not selected, or made of such.
    pub stale: bool,
}

impl<K> Kept<K> {
    /// A hand-off of which only its step is known.
    pub fn open(step: Step) -> Self {
        Self { step, content: Content::Open, output: None, value: None, stale: false }
    }
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
        store.objects.read(output).map(Arc::new).map_err(|error| self.doubtful(store, error))
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
                table: store.objects.read_columns(&output.files, columns)?,
                extra: store.objects.read_extra(output, extra)?,
                findings: Vec::new(),
                warnings: Vec::new(),
                about: store.objects.read_about(output)?,
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
        let objects = &store.objects;
        let read = || {
            Ok((
                objects.read_about(output)?,
                objects.read_findings(output)?,
                objects.read_warnings(output)?,
                objects.read_extra(output, extra)?,
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
    type Error = Error;

    fn reads(&self) -> Vec<Step> {
        self.of.iter().map(|kept| kept.step.clone()).collect()
    }

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok(self.of.iter().map(|kept| kept.origin()).collect())
    }

    fn load(self, store: &Store) -> Result<Self::Loaded, Error> {
        let columns = (self.columns)();
        let of = self.of.par_iter();
        let loaded: Vec<_> =
            of.map(|kept| kept.load_columns(store, &columns, self.extra)).collect();
        // Of several errors the first one, on any number of threads.
        loaded.into_iter().collect()
    }
}

/// A delivery's rows, cut to the columns that the step reads of them.
pub struct Rows<'a> {
    pub of: &'a Kept<RawAbout>,
    pub columns: &'a dyn Fn(&RawAbout) -> BTreeSet<String>,
}

impl Input for Rows<'_> {
    type Loaded = Handoff<RawAbout>;
    type Error = Error;

    fn reads(&self) -> Vec<Step> {
        vec![self.of.step.clone()]
    }

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok(vec![self.of.origin()])
    }

    fn load(self, store: &Store) -> Result<Self::Loaded, Error> {
        let about = store.objects.read_about(self.of.output()?);
        let about = about.map_err(|error| self.of.doubtful(store, error))?;
        self.of.load_columns(store, &(self.columns)(&about), &[])
    }
}

/// What a step reads.
pub trait Input {
    type Loaded;
    type Error;
    /// The steps whose hand-offs they are.
    fn reads(&self) -> Vec<Step>;
    fn origins(&self, store: &Store) -> Result<Vec<Origin>, Self::Error>;
    fn load(self, store: &Store) -> Result<Self::Loaded, Self::Error>;
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

impl Origin {
    /// The reason to run again where its content was another.
    pub fn changed(&self, from: &Fingerprint, to: &Fingerprint) -> Rerun {
        match &self.file {
            Some(file) => Rerun::DeliveryChanged {
                delivery: self.name.trim_start_matches("delivery:").to_owned(),
                file: file.clone(),
                change: None,
            },
            None => Rerun::InputChanged {
                input: self.name.clone(),
                from: from.short().to_owned(),
                to: to.short().to_owned(),
            },
        }
    }
}

impl<K: About> Kept<K> {
    pub fn origin(&self) -> Origin {
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
    type Error = Error;

    fn reads(&self) -> Vec<Step> {
        vec![self.step.clone()]
    }

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok(vec![self.origin()])
    }

    fn load(self, store: &Store) -> Result<Self::Loaded, Error> {
        Kept::load(self, store)
    }
}

/// A hand-off, and some columns of the one before it.
pub struct WithBefore<'a, K> {
    pub of: &'a Kept<K>,
    pub before: Option<&'a Kept<K>>,
    pub columns: &'a dyn Fn() -> BTreeSet<String>,
}

impl<K: About> Input for WithBefore<'_, K> {
    type Loaded = (Arc<Handoff<K>>, Option<Handoff<K>>);
    type Error = Error;

    fn reads(&self) -> Vec<Step> {
        [self.of].into_iter().chain(self.before).map(|kept| kept.step.clone()).collect()
    }

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok([self.of.origin()].into_iter().chain(self.before.map(Kept::origin)).collect())
    }

    fn load(self, store: &Store) -> Result<Self::Loaded, Error> {
        let of = self.of.load(store)?;
        let before = self.before.map(|kept| kept.load_columns(store, &(self.columns)(), &[]));
        Ok((of, before.transpose()?))
    }
}

impl<K: About + Clone> Input for Vec<&Kept<K>> {
    type Loaded = Vec<Handoff<K>>;
    type Error = Error;

    fn reads(&self) -> Vec<Step> {
        self.iter().map(|kept| kept.step.clone()).collect()
    }

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

//! Release against release: rows added, removed and changed per mart, and which published estimates moved.

use std::collections::{BTreeMap, BTreeSet};

use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
pub use mart::SchemaChange;
use mart::{Manifest, ReleaseInfo};
use serde::Serialize;
use store::Step;

use crate::error::Error;
use crate::handoffs::Handoffs;
use crate::project::Project;
use crate::publish;
use crate::release;
use crate::run::Run;
use crate::stage_errors::PublishError;
pub use crate::table_difference::MartDifference;
use crate::table_difference::compare;
use crate::threshold::{ESTIMATE_KEY, Move, check, moves, table};

/// Marts beyond this many bytes are compared by their hashes only.
const MOST_BYTES: u64 = 64 << 20;

/// What differs between two releases.
#[derive(Debug, Default, Serialize)]
pub struct Difference {
    /// None where nothing is published yet.
    pub from: Option<String>,
    pub to: String,
    /// Whether `to` is only about to be published.
    pub pending: bool,
    /// What the marts promise otherwise; nothing where the earlier release did not keep its promises.
    pub schemas: Vec<SchemaChange>,
    pub marts: Vec<MartDifference>,
    /// Published estimates that moved, came or went; the largest move first.
    pub moves: Vec<Move>,
    /// Cells whose status is another one, and why.
    pub statuses: Vec<StatusChange>,
}

/// What became of a cell in both releases, as `status (reason)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusChange {
    pub key: String,
    pub from: Option<String>,
    pub to: Option<String>,
}

impl Difference {
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty()
            && self.schemas.is_empty()
            && !self.marts.iter().any(MartDifference::is_different)
    }

    /// The gate: refused where an estimate moved by more than `points`, came or went.
    pub fn check(&self, points: f64) -> Result<(), Error> {
        check(&self.moves, points)
    }
}

/// Compares two releases; without names, the current one with the one before it.
pub fn diff(project: &Project, from: Option<&str>, to: Option<&str>) -> Result<Difference, Error> {
    let to = release::named(project, to)?;
    let from = match from {
        Some(name) => release::named(project, Some(name))?,
        None => before(project, &to)?,
    };
    between(Some(&from), &to)
}

/// Compares the current release with what a run would publish now, built in a folder that goes afterwards.
pub fn pending(project: &Project, run: &Run<'_>, handoffs: &Handoffs) -> Result<Difference, Error> {
    let store = run.store.folder();
    let folder = tempfile::Builder::new().prefix(store::folder::PENDING).tempdir_in(store);
    let folder = folder.map_err(|error| run.store.unwritable(store, error))?;
    let failed = |error: PublishError| Error::Stage { step: Step::publish(), error: error.into() };
    let built = publish::preview(project, run, handoffs, folder.path()).map_err(failed)?;
    let current = release::all(project)?.into_iter().find(|release| release.is_current);
    let difference = match (&built, &current) {
        (Some(built), current) => between(current.as_ref(), built)?,
        (None, current) => {
            let name = current.as_ref().map(|current| current.release.clone());
            Difference { to: name.clone().unwrap_or_default(), from: name, ..Difference::default() }
        }
    };
    Ok(Difference { pending: true, ..difference })
}

fn between(from: Option<&ReleaseInfo>, to: &ReleaseInfo) -> Result<Difference, Error> {
    let old = from.map(manifest).transpose()?;
    let new = manifest(to)?;
    let schemas = match &old {
        Some(old) if !old.schemas.is_empty() => mart::changes(&old.schemas, &new.schemas),
        _ => Vec::new(),
    };
    let keys = new.schemas.clone();
    let hashes = |manifest: &Manifest| -> BTreeMap<String, (String, u64)> {
        let tables = manifest.files.iter().filter(|file| file.rows.is_some());
        tables.map(|file| (file.path.clone(), (file.blake3.clone(), file.bytes))).collect()
    };
    let (old, new) = (old.as_ref().map(hashes).unwrap_or_default(), hashes(&new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut difference = Difference {
        from: from.map(|release| release.release.clone()),
        to: to.release.clone(),
        schemas,
        ..Difference::default()
    };
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) if old.0 == new.0 => {}
            (Some(old), Some(new)) if old.1.max(new.1) > MOST_BYTES => {
                difference.marts.push(MartDifference {
                    mart: name.clone(),
                    added: None,
                    removed: None,
                    changed: None,
                    note: "other bytes; too large to compare row by row".to_owned(),
                });
            }
            (old, new) => {
                let read = |there: bool, release: Option<&ReleaseInfo>| {
                    let release = release.filter(|_| there);
                    release.map(|release| table(&release.folder.join(name))).transpose()
                };
                let (old, new) = (read(old.is_some(), from)?, read(new.is_some(), Some(to))?);
                let key = name.strip_suffix(".parquet").and_then(|mart| keys.get(mart));
                let key = key.map_or(&[][..], |schema| schema.key.as_slice());
                difference.marts.push(compare(name, key, old.as_ref(), new.as_ref()));
                if name.ends_with("restricted/estimate_exact.parquet") {
                    difference.moves = moves(old.as_ref(), new.as_ref());
                    difference.statuses = statuses(old.as_ref(), new.as_ref());
                }
            }
        }
    }
    Ok(difference)
}

fn before(project: &Project, of: &ReleaseInfo) -> Result<ReleaseInfo, Error> {
    let releases = release::all(project)?;
    let before = releases
        .iter()
        .filter(|release| release.sequence < of.sequence)
        .max_by_key(|release| release.sequence);
    before.cloned().ok_or_else(|| Error::NoRelease {
        wanted: format!("before {}", of.release),
        folder: project.pipeline.marts.clone(),
        exist: "two releases to compare".to_owned(),
    })
}

fn manifest(release: &ReleaseInfo) -> Result<Manifest, Error> {
    let unreadable =
        |error: mart::Error| Error::Stage { step: Step::publish(), error: error.into() };
    Manifest::read(&release.folder).map_err(unreadable)
}

fn statuses(old: Option<&RecordBatch>, new: Option<&RecordBatch>) -> Vec<StatusChange> {
    let (old, new) = (status_by_key(old), status_by_key(new));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |key: &String| {
        let (from, to) = (old.get(key).cloned(), new.get(key).cloned());
        (from != to).then(|| StatusChange { key: key.clone(), from, to })
    };
    keys.into_iter().filter_map(change).collect()
}

fn status_by_key(table: Option<&RecordBatch>) -> BTreeMap<String, String> {
    let Some(table) = table else { return BTreeMap::new() };
    let column = |name: &str| table.column_by_name(name);
    let keys: Vec<_> = ESTIMATE_KEY.iter().filter_map(|name| column(name)).collect();
    let cell = |array: &arrow::array::ArrayRef, row: usize| {
        array_value_to_string(array, row).unwrap_or_default()
    };
    let (Some(status), Some(reason)) = (column("status"), column("reason")) else {
        return BTreeMap::new();
    };
    let of = |row: usize| {
        let key: Vec<String> = keys.iter().map(|key| cell(key, row)).collect();
        let (status, reason) = (cell(status, row), cell(reason, row));
        let why = if reason.is_empty() || reason == status {
            String::new()
        } else {
            format!(" ({reason})")
        };
        (key.join(" "), format!("{status}{why}"))
    };
    (0..table.num_rows()).map(of).collect()
}

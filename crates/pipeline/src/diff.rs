//! Release against release: rows added, removed and changed per mart, and which published estimates moved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float64Type};
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use mart::{Manifest, ReleaseInfo};
use serde::Serialize;

use crate::error::Error;
use crate::page::Handoffs;
use crate::parquet_file;
use crate::project::Project;
use crate::publish::{self, PublishError};
use crate::release;
use crate::rerun::counted;
use crate::run::Run;
use crate::step::Step;

/// Columns that say which run it was, and no figure.
const RUN_COLUMNS: [&str; 2] = ["run_id", "release"];
/// What tells the rows of the mart `estimate_exact` apart.
const ESTIMATE_KEY: [&str; 5] = ["indicator", "panel", "wave", "breakdown", "level"];
/// Marts beyond this many bytes are compared by their hashes only.
const MOST_BYTES: u64 = 64 << 20;
/// Begins the name of the folder in the store where a release is built only to be looked at.
pub(crate) const PENDING: &str = "pending-";

/// What differs between two releases.
#[derive(Debug, Default, Serialize)]
pub struct Difference {
    /// None where nothing is published yet.
    pub from: Option<String>,
    pub to: String,
    /// Whether `to` is only about to be published.
    pub pending: bool,
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

#[derive(Debug, Serialize)]
pub struct MartDifference {
    pub mart: String,
    /// None where only the bytes were compared.
    pub added: Option<u64>,
    pub removed: Option<u64>,
    pub changed: Option<u64>,
    pub note: String,
}

/// A published estimate in both releases; proportions in percent.
#[derive(Debug, Clone, Serialize)]
pub struct Move {
    pub key: String,
    pub from: Option<f64>,
    pub to: Option<f64>,
    pub by: Option<f64>,
}

impl MartDifference {
    pub fn is_different(&self) -> bool {
        [self.added, self.removed, self.changed].iter().any(|count| *count != Some(0))
    }
}

impl Difference {
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && !self.marts.iter().any(MartDifference::is_different)
    }

    /// The gate: refused where an estimate moved by more than `points`, came or went.
    pub fn check(&self, points: f64) -> Result<(), Error> {
        check(&self.moves, points)
    }
}

/// Refuses estimates that moved by more than `points`, or went; those that came are news, not moves.
pub fn check(moves: &[Move], points: f64) -> Result<(), Error> {
    let beyond =
        |moved: &&Move| moved.from.is_some() && moved.by.is_none_or(|by| by.abs() > points);
    let beyond: Vec<&Move> = moves.iter().filter(beyond).collect();
    let Some(first) = beyond.first() else { return Ok(()) };
    let how = first.by.map_or("goes".to_owned(), |by| format!("moves by {by:.2}"));
    Err(Error::Threshold {
        problem: format!(
            "{} would move by more than {points} points or go; first: `{}` {how}\nhint: `peil diff --pending` lists them; a run without `--threshold` publishes them",
            counted(beyond.len() as u64, "published estimate"),
            first.key
        ),
    })
}

/// How the estimates about to be published differ from the current release; none where there is no release yet.
pub fn against_current(
    project: &Project,
    estimates: Option<&RecordBatch>,
) -> Result<Option<Vec<Move>>, Error> {
    let releases = release::all(project)?;
    let Some(current) = releases.iter().find(|release| release.is_current) else { return Ok(None) };
    let path = current.folder.join("restricted/estimate_exact.parquet");
    // Releases of before the exact tables have nothing to be compared with.
    let published = path.exists().then(|| table(&path)).transpose()?;
    Ok(Some(moves(published.as_ref(), estimates)))
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
    let folder = tempfile::Builder::new().prefix(PENDING).tempdir_in(store);
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
    let hashes = |manifest: &Manifest| -> BTreeMap<String, (String, u64)> {
        let tables = manifest.files.iter().filter(|file| file.rows.is_some());
        tables.map(|file| (file.path.clone(), (file.blake3.clone(), file.bytes))).collect()
    };
    let (old, new) = (old.as_ref().map(hashes).unwrap_or_default(), hashes(&new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut difference = Difference {
        from: from.map(|release| release.release.clone()),
        to: to.release.clone(),
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
                difference.marts.push(compare(name, old.as_ref(), new.as_ref()));
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

fn table(path: &Path) -> Result<RecordBatch, Error> {
    let unreadable = |problem: String| Error::Store {
        path: path.to_owned(),
        error: std::io::Error::other(problem),
    };
    parquet_file::read(path, None).map_err(unreadable)
}

/// Rows by their text: those with the key of a row on the other side are changed, not added and removed.
fn compare(name: &str, old: Option<&RecordBatch>, new: Option<&RecordBatch>) -> MartDifference {
    let (old_rows, new_rows) = (rows(old), rows(new));
    let only =
        |these: &BTreeMap<String, u64>, those: &BTreeMap<String, u64>| -> Vec<(String, u64)> {
            let left = these.iter().map(|(row, count)| {
                (row.clone(), count.saturating_sub(those.get(row).copied().unwrap_or(0)))
            });
            left.filter(|(_, count)| *count > 0).collect()
        };
    let (gone, came) = (only(&old_rows, &new_rows), only(&new_rows, &old_rows));
    let sum = |rows: &[(String, u64)]| rows.iter().map(|(_, count)| count).sum::<u64>();
    let changed = changed(&gone, &came);
    MartDifference {
        mart: name.trim_end_matches(".parquet").to_owned(),
        added: Some(sum(&came) - changed),
        removed: Some(sum(&gone) - changed),
        changed: Some(changed),
        note: match (old, new) {
            (None, _) => "a new mart".to_owned(),
            (_, None) => "no longer there".to_owned(),
            _ => String::new(),
        },
    }
}

/// Rows that are the same up to their first number with a fraction: text and whole numbers tell rows apart.
fn changed(gone: &[(String, u64)], came: &[(String, u64)]) -> u64 {
    let keys = |rows: &[(String, u64)]| {
        let mut keys: BTreeMap<String, u64> = BTreeMap::new();
        for (row, count) in rows {
            let key: Vec<&str> =
                row.split('\u{1f}').take_while(|cell| !cell.starts_with('~')).collect();
            *keys.entry(key.join("\u{1f}")).or_default() += count;
        }
        keys
    };
    let (gone, came) = (keys(gone), keys(came));
    gone.iter().map(|(key, count)| (*count).min(came.get(key).copied().unwrap_or(0))).sum()
}

/// Each row as text, numbers with a fraction and counts marked, without the columns of the run.
fn rows(table: Option<&RecordBatch>) -> BTreeMap<String, u64> {
    let mut rows = BTreeMap::new();
    let Some(table) = table else { return rows };
    let schema = table.schema();
    let columns: Vec<_> = schema
        .fields()
        .iter()
        .zip(table.columns())
        .filter(|(field, _)| !RUN_COLUMNS.contains(&field.name().as_str()))
        .map(|(field, column)| {
            (matches!(field.data_type(), DataType::Float64 | DataType::Int64), column)
        })
        .collect();
    for row in 0..table.num_rows() {
        let cells = columns.iter().map(|(figure, column)| {
            let text = array_value_to_string(column, row).unwrap_or_default();
            if *figure { format!("~{text}") } else { text }
        });
        *rows.entry(cells.collect::<Vec<_>>().join("\u{1f}")).or_default() += 1;
    }
    rows
}

fn moves(old: Option<&RecordBatch>, new: Option<&RecordBatch>) -> Vec<Move> {
    let (old, new) = (estimates(old), estimates(new));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut moves: Vec<Move> = keys
        .into_iter()
        .map(|key| {
            let (from, to) = (old.get(key).copied().flatten(), new.get(key).copied().flatten());
            Move { key: key.clone(), from, to, by: from.zip(to).map(|(from, to)| to - from) }
        })
        .filter(|moved| moved.from != moved.to)
        .collect();
    let size = |moved: &Move| moved.by.map_or(f64::INFINITY, f64::abs);
    moves.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.key.cmp(&b.key)));
    moves
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

/// Published value by key; in percent where the mart says so.
fn estimates(table: Option<&RecordBatch>) -> BTreeMap<String, Option<f64>> {
    let mut estimates = BTreeMap::new();
    let Some(table) = table else { return estimates };
    let Some(values) = table
        .column_by_name("estimate")
        .and_then(|column| column.as_primitive_opt::<Float64Type>())
    else {
        return estimates;
    };
    let keys: Vec<_> = ESTIMATE_KEY.iter().filter_map(|name| table.column_by_name(name)).collect();
    let yes = table.column_by_name("n_yes");
    let status = table.column_by_name("status").and_then(|column| column.as_string_opt::<i32>());
    let published = |row: usize| status.is_some_and(|status| status.value(row) == "published");
    for row in 0..table.num_rows() {
        let key: Vec<String> = keys
            .iter()
            .map(|column| array_value_to_string(column, row).unwrap_or_default())
            .collect();
        // A proportion has a count of yes; a mean has none.
        let scale = if yes.is_some_and(|yes| yes.is_valid(row)) { 100.0 } else { 1.0 };
        let shown = values.is_valid(row) && published(row);
        estimates.insert(key.join(" "), shown.then(|| values.value(row) * scale));
    }
    estimates
}

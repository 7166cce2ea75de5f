//! `--threshold`: which published estimates a run would move, and by how much.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Float64Type;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use serde::Serialize;
use store::parquet_file;
use store::rerun::counted;

use crate::error::Error;
use crate::project::Project;
use crate::release;

/// What tells the rows of the mart `estimate_exact` apart.
pub(crate) const ESTIMATE_KEY: [&str; 5] = ["indicator", "panel", "wave", "breakdown", "level"];

/// A published estimate in both releases; proportions in percent.
#[derive(Debug, Clone, Serialize)]
pub struct Move {
    pub key: String,
    pub from: Option<f64>,
    pub to: Option<f64>,
    pub by: Option<f64>,
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
            "{} would change by more than {points} points or go; first: `{}` {how}",
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

/// What moved between two tables `estimate_exact`; the largest move first.
pub(crate) fn moves(old: Option<&RecordBatch>, new: Option<&RecordBatch>) -> Vec<Move> {
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

/// A mart's table.
pub(crate) fn table(path: &Path) -> Result<RecordBatch, Error> {
    let unreadable = |problem: String| store::Error::Unreadable {
        path: path.to_owned(),
        error: std::io::Error::other(problem),
    };
    Ok(parquet_file::read(path, None).map_err(unreadable)?)
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

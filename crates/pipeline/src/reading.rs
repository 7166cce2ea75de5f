//! How many deliveries are read at once, and how much each may ask of the machine: together they stay within the memory that is set.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use config::LimitsSpec;
use ingest::Limits;
use store::Rerun;
use store::rerun::Change;

const MIB: u64 = 1 << 20;
/// Of all deliveries that are read at once, where the pipeline file says nothing.
const USUAL_MEMORY: u64 = 1024 * MIB;
/// A delivery for which there is less is not read beside another one.
const COMFORTABLE: u64 = 256 * MIB;
/// What a table holds back until a group of its rows is written: cells and their places in the dictionaries.
const TABLE: u64 = 2 * store::parquet_file::GROUP_BYTES as u64;
/// What the allocator keeps for each thread of what was given back, as measured.
const THREAD: u64 = 12 * MIB;
/// One piece of a text with its cells.
const LEAST: u64 = 16 * MIB;

/// The reading of deliveries, as a pipeline file and the machine allow it.
#[derive(Debug, Clone)]
pub struct Reading {
    pub at_once: usize,
    /// Of each.
    pub limits: Limits,
}

impl Reading {
    pub fn of(spec: &LimitsSpec, threads: usize) -> Self {
        let memory = spec.memory_mib.map_or(USUAL_MEMORY, |mib| mib.saturating_mul(MIB));
        let at_once = (memory / COMFORTABLE).clamp(1, threads.max(1) as u64);
        let usual = Limits::default();
        let bytes = |mib: Option<u64>| mib.map(|mib| mib.saturating_mul(MIB));
        let kept = TABLE + THREAD * threads as u64 / at_once;
        let limits = Limits {
            memory_bytes: (memory / at_once).saturating_sub(kept).max(LEAST) as usize,
            rows: spec.rows.unwrap_or(usual.rows),
            columns: spec.columns.map_or(usual.columns, |columns| columns as usize),
            cells: spec.cells.unwrap_or(usual.cells),
            record_bytes: bytes(spec.record_mib).map_or(usual.record_bytes, |bytes| bytes as usize),
            uncompressed_bytes: bytes(spec.uncompressed_mib).unwrap_or(usual.uncompressed_bytes),
            shared_strings: spec.shared_strings.unwrap_or(usual.shared_strings),
            ..usual
        };
        Self { at_once: at_once as usize, limits }
    }
}

/// The limits of reading by name, as they are without a word in the pipeline file.
fn usual() -> BTreeMap<String, u64> {
    let usual = Limits::default();
    let all = [
        ("memory_mib", USUAL_MEMORY / MIB),
        ("rows", usual.rows),
        ("columns", usual.columns as u64),
        ("cells", usual.cells),
        ("record_mib", usual.record_bytes as u64 / MIB),
        ("uncompressed_mib", usual.uncompressed_bytes / MIB),
        ("shared_strings", usual.shared_strings),
    ];
    all.into_iter().map(|(name, limit)| (name.to_owned(), limit)).collect()
}

/// Limits in force: those that are given, else the usual ones.
fn in_force(given: impl IntoIterator<Item = (String, u64)>) -> BTreeMap<String, u64> {
    let mut limits = usual();
    let of_reading = given.into_iter().filter(|(name, _)| usual().contains_key(name));
    limits.extend(of_reading);
    limits
}

fn given(spec: &LimitsSpec) -> impl Iterator<Item = (String, u64)> {
    spec.given().map(|(name, limit)| (name.to_owned(), limit))
}

/// The limits under which a delivery is read now, as text.
pub fn limits_in_force(spec: &LimitsSpec) -> String {
    serde_json::to_string(&in_force(given(spec))).unwrap_or_default()
}

fn noted_in(store: &Path, delivery: &str) -> PathBuf {
    store.join("limits").join(format!("{delivery}.json"))
}

/// Notes the limits under which a delivery was read; where that cannot be done the usual ones count.
pub fn note_limits(store: &Path, delivery: &str, spec: &LimitsSpec) {
    let limits = serde_json::to_vec(&in_force(given(spec))).unwrap_or_default();
    let path = noted_in(store, delivery);
    let folder = path.parent().unwrap_or(store);
    let _ = fs::create_dir_all(folder).and_then(|()| store::files::replace(&path, &limits));
}

/// Limits that are lower now than when the delivery was read: it is read again, and refused where it goes beyond them.
pub fn lowered_limits(store: &Path, delivery: &str, spec: &LimitsSpec) -> Vec<Rerun> {
    let noted = fs::read(noted_in(store, delivery)).unwrap_or_default();
    let noted: BTreeMap<String, u64> = serde_json::from_slice(&noted).unwrap_or_default();
    let (before, now) = (in_force(noted), in_force(given(spec)));
    let lower = now.iter().filter(|(name, limit)| before[*name] > **limit);
    lower
        .map(|(name, limit)| Rerun::Setting {
            setting: format!("limits.{name}"),
            change: Change {
                field: None,
                from: Some(before[name].into()),
                to: Some((*limit).into()),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a panic is the test's failure
    use super::*;

    #[test]
    fn only_a_limit_that_was_lowered_since_asks_for_the_delivery_again() {
        let folder = tempfile::tempdir().unwrap();
        let rows = |rows| LimitsSpec { rows: Some(rows), ..LimitsSpec::default() };
        let lowered = |spec: &LimitsSpec| {
            let why = lowered_limits(folder.path(), "gp", spec);
            why.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(lowered(&LimitsSpec::default()).is_empty());
        assert_eq!(lowered(&rows(100)).len(), 1, "lower than usual");
        note_limits(folder.path(), "gp", &rows(100));
        assert!(lowered(&rows(100)).is_empty());
        assert!(lowered(&rows(101)).is_empty());
        assert!(lowered(&LimitsSpec::default()).is_empty(), "raised");
        assert!(lowered(&rows(99))[0].contains("limits.rows"), "{:?}", lowered(&rows(99)));
    }

    #[test]
    fn deliveries_read_at_once_stay_within_the_memory_together() {
        for (mib, most_threads) in [(128, 6), (255, 17), (512, 33), (1000, 70), (4096, 200)] {
            for threads in 1..=most_threads {
                let spec = LimitsSpec { memory_mib: Some(mib), ..LimitsSpec::default() };
                let Reading { at_once, limits } = Reading::of(&spec, threads);
                assert!((1..=threads).contains(&at_once));
                let each = limits.memory_bytes as u64 + TABLE;
                let all = at_once as u64 * each + threads as u64 * THREAD;
                assert!(all <= mib * MIB, "{mib} MiB, {threads} threads");
            }
        }
    }

    #[test]
    fn what_the_pipeline_file_leaves_out_is_as_usual() {
        let Reading { at_once, limits } = Reading::of(&LimitsSpec::default(), 2);
        assert_eq!(at_once, 2);
        assert_eq!(
            Limits { memory_bytes: 0, ..limits },
            Limits { memory_bytes: 0, ..Limits::default() }
        );
    }
}

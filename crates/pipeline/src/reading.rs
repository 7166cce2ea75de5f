//! How many deliveries are read at once, and how much each may ask of the machine: together they stay within the memory that is set.

use ingest::Limits;
use survey::config::LimitsSpec;

const MIB: u64 = 1 << 20;
/// Of all deliveries that are read at once, where the pipeline file says nothing.
const USUAL_MEMORY: u64 = 1024 * MIB;
/// A delivery for which there is less is not read beside another one.
const COMFORTABLE: u64 = 256 * MIB;
/// What a table holds back until a group of its rows is written: cells and their places in the dictionaries.
const TABLE: u64 = 2 * crate::parquet_file::GROUP_BYTES as u64;
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

#[cfg(test)]
mod tests {
    use super::*;

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

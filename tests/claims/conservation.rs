//! Every delivered cell ends somewhere.

use std::collections::BTreeMap;
use std::path::Path;

use crate::marts::rows;
use crate::program::sample_run;

#[test]
fn the_sums_close_for_every_column_of_every_delivery() {
    let run = sample_run();
    // Rows of a delivery: kept, cut, blank ones not counted.
    let delivered: BTreeMap<String, u64> = rows(&run.marts, "delivery")
        .iter()
        .filter(|row| row["replaced_by"].is_empty())
        .map(|row| (row["delivery"].clone(), row["rows_in"].parse().unwrap()))
        .collect();
    let cells = cells_with_a_fate(&run.marts);
    assert!(cells.len() > 30 * 10, "only {} columns are accounted for", cells.len());
    for ((delivery, column), sum) in &cells {
        assert_eq!(sum, &delivered[delivery], "column {column} of `{delivery}`");
    }
}

/// Cells by delivery and column. The row `unaccounted`, by which the mart closes its own sums, may not occur.
fn cells_with_a_fate(marts: &Path) -> BTreeMap<(String, String), u64> {
    let mut cells: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in rows(marts, "conservation") {
        assert_ne!(row["fate"], "unaccounted", "{row:?}");
        *cells.entry((row["delivery"].clone(), row["column"].clone())).or_default() +=
            row["cells"].parse::<u64>().unwrap();
    }
    cells
}

/// What is wrong with the sums of a release that was published.
pub fn unclosed(marts: &Path) -> Vec<String> {
    let all = rows(marts, "conservation");
    let unaccounted = all.iter().filter(|row| row["fate"] == "unaccounted");
    unaccounted.map(|row| format!("{row:?}")).collect()
}

#[test]
fn every_row_of_a_delivery_ends_somewhere() {
    let run = sample_run();
    for row in rows(&run.marts, "delivery").iter().filter(|row| row["replaced_by"].is_empty()) {
        let count = |name: &str| row[name].parse::<u64>().unwrap();
        let ends = [
            "rows_cut",
            "rows_unassigned",
            "rows_quarantined",
            "rows_out_of_scope",
            "rows_weighted",
            "rows_without_weight",
        ];
        assert_eq!(ends.map(count).iter().sum::<u64>(), count("rows_in"), "{row:?}");
    }
}

#[test]
fn every_fate_occurs_in_the_sample() {
    let run = sample_run();
    let rows = rows(&run.marts, "conservation");
    for fate in ["kept", "recoded", "missing", "quarantined", "dropped", "not_in_codebook"] {
        assert!(rows.iter().any(|row| row["fate"] == fate), "no cell was `{fate}`");
    }
}

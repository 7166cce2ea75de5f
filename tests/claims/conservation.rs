//! Every delivered cell ends somewhere.

use std::collections::BTreeMap;

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
    let mut cells: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in rows(&run.marts, "conservation") {
        *cells.entry((row["delivery"].clone(), row["column"].clone())).or_default() +=
            row["cells"].parse::<u64>().unwrap();
    }
    assert!(cells.len() > 30 * 10, "only {} columns are accounted for", cells.len());
    for ((delivery, column), sum) in &cells {
        assert_eq!(sum, &delivered[delivery], "column {column} of `{delivery}`");
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

//! The p values of published comparisons are adjusted for the comparisons that are published with them.

use std::collections::BTreeMap;

use crate::marts::{Row, rows};

/// Half of the step of a published p.
const HALF: f64 = 0.0005;

/// Each mart of comparisons, with the columns in which the tests of one family agree.
const FAMILIES: [(&str, &[&str]); 6] = [
    ("change", &["panel", "wave", "breakdown", "against"]),
    ("contrast", &["indicator", "panel", "wave", "breakdown"]),
    ("panel_contrast", &["indicator", "wave"]),
    ("gap", &["gap", "panel", "wave", "breakdown"]),
    ("gap_change", &["gap", "panel", "wave", "breakdown", "against"]),
    ("contrast_change", &["panel", "wave", "breakdown", "against"]),
];

/// Benjamini and Hochberg (1995): the least false discovery rate at which a test of these is called.
fn adjusted(p: f64, family: &[f64]) -> f64 {
    let rate = |other: f64| {
        let rank = family.iter().filter(|own| **own <= other).count();
        other * family.len() as f64 / rank as f64
    };
    family.iter().filter(|other| **other >= p).map(|other| rate(*other)).fold(1.0, f64::min)
}

#[test]
fn every_published_p_is_adjusted_over_its_published_family() {
    let run = crate::program::sample_run();
    for (mart, columns) in FAMILIES {
        let mut families: BTreeMap<Vec<String>, Vec<(f64, f64)>> = BTreeMap::new();
        for row in rows(&run.marts, mart) {
            let number = |row: &Row, name: &str| row[name].parse::<f64>().ok();
            if let Some(adjusted) = number(&row, "p_adjusted") {
                let family = columns.iter().map(|column| row[*column].clone()).collect();
                let p = number(&row, "p").expect("what is adjusted has a p");
                families.entry(family).or_default().push((p, adjusted));
            }
        }
        let largest = families.values().map(Vec::len).max();
        assert!(largest > Some(1), "{mart}: no family has two tests");
        for (family, tests) in families {
            // The adjusted p grows with each p, so the rounded ones bound it.
            let bound = |by: f64| -> Vec<f64> {
                tests.iter().map(|(p, _)| (p + by).clamp(0.0, 1.0)).collect()
            };
            let (low, high) = (bound(-HALF), bound(HALF));
            for (at, (p, published)) in tests.iter().enumerate() {
                let (least, most) = (adjusted(low[at], &low), adjusted(high[at], &high));
                assert!(
                    (least - HALF - 1e-9..=most + HALF + 1e-9).contains(published),
                    "{mart} {family:?}: p {p} among {} tests is {least} to {most}, not {published}",
                    tests.len()
                );
            }
        }
    }
}

//! The planted population values against the published intervals.

use std::collections::BTreeMap;
use std::fs;

use crate::marts::rows;
use crate::program::{root, sample_run};

/// A planted value by indicator, panel, wave, breakdown and level.
type Key = [String; 5];

fn planted() -> BTreeMap<Key, f64> {
    let mut values = BTreeMap::new();
    for entry in fs::read_dir(root().join("sample-data/truth")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let Some(columns) = ["indicator", "panel", "wave", "breakdown", "level", "value"]
            .iter()
            .map(|name| header.iter().position(|column| column == name))
            .collect::<Option<Vec<_>>>()
        else {
            continue;
        };
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            let key = [0, 1, 2, 3, 4].map(|part| cells[columns[part]].to_owned());
            values.insert(key, cells[columns[5]].parse().unwrap());
        }
    }
    values
}

/// How many published intervals of these rows there are, and how many hold the planted value.
fn coverage(keep: impl Fn(&BTreeMap<String, String>) -> bool) -> (usize, usize) {
    let planted = planted();
    let run = sample_run();
    let (mut intervals, mut hold) = (0, 0);
    for row in
        rows(&run.marts, "estimate").iter().filter(|row| row["status"] == "published" && keep(row))
    {
        let key =
            ["indicator", "panel", "wave", "breakdown", "level"].map(|column| row[column].clone());
        let (Some(truth), Ok(lower), Ok(upper)) =
            (planted.get(&key), row["ci_lower"].parse::<f64>(), row["ci_upper"].parse::<f64>())
        else {
            continue;
        };
        intervals += 1;
        hold += usize::from((lower..=upper).contains(truth));
    }
    (intervals, hold)
}

/// 95 % intervals hold the planted value in 95 % of the cases, give or take three standard errors of that share.
fn check(what: &str, at_least: usize, (intervals, hold): (usize, usize)) {
    assert!(intervals >= at_least, "{what}: only {intervals} figures have a planted value");
    let share = hold as f64 / intervals as f64;
    let slack = 3.0 * (0.95 * 0.05 / intervals as f64).sqrt();
    assert!(
        (share - 0.95).abs() <= slack,
        "{what}: {hold} of {intervals} intervals hold the planted value"
    );
}

#[test]
fn intervals_hold_the_planted_values_as_often_as_they_promise() {
    check("totals", 200, coverage(|row| row["breakdown"] == "total"));
    check("breakdowns", 500, coverage(|row| row["breakdown"] != "total"));
}

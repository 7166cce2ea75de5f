//! A supplier's copy into the inbox takes its time, and a run begins meanwhile.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use crate::program::{change, peil, tiny_survey};

/// The rows that the mart `delivery` is told of, by its receipt.
fn rows_published(folder: &std::path::Path) -> u64 {
    let receipt = fs::read(folder.join("marts/current/receipts/gp_2024.json")).unwrap();
    let receipt: serde_json::Value = serde_json::from_slice(&receipt).unwrap();
    receipt["rows"]["below_header"].as_u64().unwrap_or_else(|| panic!("{receipt}"))
}

#[test]
fn a_writer_that_appends_while_the_run_reads_publishes_no_half_file() {
    let folder = tiny_survey();
    let path = folder.path().join("input/gp_2024.csv");
    let text = fs::read_to_string(&path).unwrap();
    let rows = text.lines().count() as u64 - 1;
    let half = text.len() / 2;
    let mut is_published = false;
    for round in 0..4 {
        fs::write(&path, &text[..half]).unwrap();
        let stop = AtomicBool::new(false);
        let outcome = scope(|scope| {
            scope.spawn(|| {
                let mut file = OpenOptions::new().append(true).open(&path).unwrap();
                for byte in text.as_bytes()[half..].chunks(1) {
                    file.write_all(byte).unwrap();
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    sleep(Duration::from_micros(200));
                }
            });
            let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
            stop.store(true, Ordering::Relaxed);
            outcome
        });
        if outcome.code == 0 {
            is_published = true;
            assert_eq!(rows_published(folder.path()), rows, "round {round}: {}", outcome.stderr);
        } else {
            assert!([1, 3].contains(&outcome.code), "round {round}: {}", outcome.stderr);
            assert_eq!(folder.path().join("marts/current").exists(), is_published, "round {round}");
        }
    }
    fs::write(&path, &text).unwrap();
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(rows_published(folder.path()), rows);
}

#[test]
fn a_file_younger_than_its_minimum_age_is_not_read() {
    let folder = tiny_survey();
    let name = "name = \"gp_2024\"\n";
    change(folder.path(), "pipeline.toml", name, &format!("{name}minimum_age = 3600\n"));
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    let told = "s ago, expected at least 3600 s (`minimum_age`)";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    assert!(!folder.path().join("marts/current").exists());
    change(folder.path(), "pipeline.toml", "= 3600", "= 0");
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
}

#[test]
fn another_number_of_rows_than_announced_is_refused_also_where_the_file_was_read_before() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let name = "name = \"gp_2024\"\n";
    change(folder.path(), "pipeline.toml", name, &format!("{name}expected_rows = 7\n"));
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("expected 7 (`expected_rows` in the pipeline file)"),
        "{}",
        outcome.stderr
    );
    let rows = fs::read_to_string(folder.path().join("input/gp_2024.csv")).unwrap().lines().count();
    change(folder.path(), "pipeline.toml", "= 7", &format!("= {}", rows - 1));
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

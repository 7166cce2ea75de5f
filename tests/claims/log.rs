//! The log of a run for machines.

use std::fs;

use serde_json::Value;

use crate::program::{Outcome, peil, tiny_survey};

/// Every line of the error stream is a JSON object.
fn events(outcome: &Outcome) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    outcome.stderr.lines().map(parse).collect()
}

fn count(events: &[Value], name: &str) -> usize {
    events.iter().filter(|event| event["event"] == name).count()
}

#[test]
fn a_log_in_json_holds_nothing_else_and_names_its_events_the_same_every_time() {
    let folder = tiny_survey();
    let run = peil(folder.path(), &["run", "pipeline.toml", "--log-format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let told = events(&run);
    assert_eq!((count(&told, "run_started"), count(&told, "run_finished")), (1, 1));
    assert_eq!((count(&told, "step_started"), count(&told, "step_finished")), (12, 12));
    let weight = told.iter().find(|event| event["span"]["name"] == "weight").unwrap();
    assert_eq!(weight["span"]["panel"], "gp");

    fs::remove_file(folder.path().join("input/gp_2024.csv")).unwrap();
    let failed = peil(folder.path(), &["run", "pipeline.toml", "--log-format", "json"]);
    assert_eq!(failed.code, 3);
    let told = events(&failed);
    assert_eq!(count(&told, "step_failed"), 1, "{}", failed.stderr);
    let last = told.last().unwrap();
    assert!(last["event"] == "error" && last["level"] == "ERROR", "{last}");
    assert!(last["text"].as_str().unwrap().contains("gp_2024.csv"), "{last}");
}

//! OpenLineage events: off unless asked for, of the official form, and true.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::{change, peil, root, tiny_survey};

/// The events of a file, each held against the official client's classes first.
fn events(file: &Path) -> Vec<Value> {
    let python = root().join("target/readers/bin/python");
    assert!(python.exists(), "{} is not there: run `make readers` first", python.display());
    let check = root().join("tests/readers/check_lineage.py");
    let output = Command::new(python).arg(check).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Job → how its runs went, each with one start and one end.
fn runs(events: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut of_run: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for event in events {
        of_run.entry(event["run"]["runId"].as_str().unwrap()).or_default().push(event);
    }
    let mut ends: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for events in of_run.values() {
        let [start, end] = events.as_slice() else { panic!("not a start and an end: {events:?}") };
        assert_eq!(start["eventType"], "START");
        assert_eq!(start["job"], end["job"]);
        assert!(start["eventTime"].as_str() <= end["eventTime"].as_str());
        let name = start["job"]["name"].as_str().unwrap().to_owned();
        ends.entry(name).or_default().push(end["eventType"].as_str().unwrap().to_owned());
    }
    ends
}

fn complete<'a>(events: &'a [Value], job: &str) -> &'a Value {
    let fits = |event: &&Value| event["eventType"] == "COMPLETE" && event["job"]["name"] == job;
    events.iter().find(fits).unwrap()
}

#[test]
fn without_asking_for_them_no_events_are_written() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    assert!(!folder.path().join("store/lineage.jsonl").exists());
}

#[test]
fn every_step_that_runs_says_what_it_reads_and_makes_in_events_of_the_official_form() {
    let folder = tiny_survey();
    let pipeline = folder.path().join("pipeline.toml");
    let text = fs::read_to_string(&pipeline).unwrap();
    let setting = "[lineage]\nfile = \"store/lineage.jsonl\"\n\n[pseudonym_key]";
    fs::write(&pipeline, text.replacen("[pseudonym_key]", setting, 1)).unwrap();
    let run = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let file = folder.path().join("store/lineage.jsonl");
    let first = events(&file);
    let ends = runs(&first);
    assert_eq!(ends.len(), 13, "twelve steps and the run itself: {:?}", ends.keys());
    assert!(ends.values().all(|ends| ends == &["COMPLETE"]), "{ends:?}");

    let whole = complete(&first, "tiny");
    let admit = complete(&first, "admit.gp.2024");
    assert_eq!(admit["run"]["facets"]["parent"]["run"]["runId"], whole["run"]["runId"]);
    assert_eq!(admit["inputs"][0]["name"], "ingest.gp_2024");
    let ingest = complete(&first, "ingest.gp_2024");
    let delivered = fs::canonicalize(folder.path().join("input/gp_2024.csv")).unwrap();
    assert_eq!(ingest["inputs"][0]["name"], delivered.to_str().unwrap());
    let hash = blake3::hash(&fs::read(&delivered).unwrap()).to_hex().to_string();
    assert_eq!(ingest["inputs"][0]["facets"]["version"]["datasetVersion"], hash.as_str());
    // From header to concept, as the codebook has it.
    let sex = &admit["outputs"][0]["facets"]["columnLineage"]["fields"]["sex"]["inputFields"][0];
    assert_eq!((&sex["namespace"], &sex["field"]), (&"file".into(), &"V1".into()));
    let respondent = &admit["outputs"][0]["facets"]["columnLineage"]["fields"]["@respondent"];
    assert_eq!(respondent["inputFields"][0]["transformations"][0]["masking"], true);
    // A mart under the name by which it is read, with its columns and rows.
    let outputs = complete(&first, "publish")["outputs"].as_array().unwrap().clone();
    let is_estimate = |output: &&Value| {
        output["name"].as_str().unwrap().ends_with("marts/current/public/estimate.parquet")
    };
    let estimate = outputs.iter().find(is_estimate).unwrap();
    let fields = estimate["facets"]["schema"]["fields"].as_array().unwrap();
    assert!(fields.iter().any(|field| field["name"] == "ci_lower"), "{fields:?}");
    let rows = crate::marts::rows(&folder.path().join("marts/current"), "estimate").len();
    assert_eq!(estimate["outputFacets"]["outputStatistics"]["rowCount"], rows);
    let rules = &complete(&first, "confront.gp.2024")["inputs"][0]["inputFacets"];
    assert!(rules["dataQualityAssertions"]["assertions"][0]["success"].is_boolean(), "{rules}");

    // Nothing to do: the run alone.
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let second = events(&file);
    assert_eq!(second.len(), first.len() + 2);
}

#[test]
fn a_step_that_fails_ends_in_an_event_that_says_so_without_an_answer() {
    let folder = tiny_survey();
    let file = folder.path().join("events.jsonl");
    // One after the other: the first delivery is read before the second one fails.
    let to_file = ["run", "pipeline.toml", "--openlineage", "events.jsonl", "--threads", "1"];
    let workbook = "file = \"input/gp_2025.xlsx\"\nprofile = \"excel_xlsx\"";
    let text = "file = \"input/gp_2025.csv\"\nprofile = \"excel_nl_csv\"";
    change(folder.path(), "pipeline.toml", workbook, text);
    change(folder.path(), "pipeline.toml", "sheet = \"Data\"\n", "");
    fs::write(folder.path().join("input/gp_2025.csv"), "respnr;V1\n1001;SECRET\n").unwrap();
    let refused = peil(folder.path(), &to_file);
    assert_ne!(refused.code, 0);
    let events = events(&file);
    let ends = runs(&events);
    assert_eq!(ends["tiny"], ["FAIL"]);
    assert!(ends.values().any(|ends| ends == &["COMPLETE"]), "{ends:?}");
    let failed = events.iter().find(|event| event["eventType"] == "FAIL").unwrap();
    let message = failed["run"]["facets"]["errorMessage"]["message"].as_str().unwrap();
    assert!(refused.stderr.contains(message.lines().next().unwrap()), "{message}");
    assert!(!fs::read_to_string(&file).unwrap().contains("SECRET"));
}

#[test]
fn an_events_file_that_cannot_be_written_ends_the_run_before_it_begins() {
    let folder = tiny_survey();
    let outcome = peil(folder.path(), &["run", "pipeline.toml", "--openlineage", "input"]);
    assert!(outcome.code == 3 && outcome.stderr.contains("`--openlineage`"), "{}", outcome.stderr);
    assert!(!folder.path().join("marts/current").exists());
}

//! What the plan says is what the run then does, over the real stages and a real configuration.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{peil, tiny_survey};

/// What may change between two runs: a file, and texts of which one stands in it.
const EDITS: [(&str, [&str; 2]); 8] = [
    ("input/gp_2024.csv", [";1;1;6;", ";1;1;7;"]),
    ("config/codebook/items.csv", ["gp,2024,hours,V6,,1,,,0,100,", "gp,2024,hours,V6,,1,,,0,99,"]),
    (
        "config/targets/gp.csv",
        [
            "2024,sex,female,600,test,illustrative\n2024,sex,male,400",
            "2024,sex,female,610,test,illustrative\n2024,sex,male,390",
        ],
    ),
    ("config/monitor.toml", ["drift_percentage_points = 40.0", "drift_percentage_points = 41.0"]),
    ("config/monitor.toml", ["minimum_base = 10", "minimum_base = 11"]),
    ("config/monitor.toml", ["level = 0.05", "level = 0.04"]),
    ("config/monitor.toml", ["name = \"Tiny monitor\"", "name = \"Tiny monitor\" # a comment"]),
    ("pipeline.toml", ["[[delivery]]", "# a comment\n[[delivery]]"]),
];

/// Puts the other text in place of the one that stands there.
fn toggle(folder: &Path, (file, texts): &(&str, [&str; 2])) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    let (from, to) =
        if text.contains(texts[1]) { (texts[1], texts[0]) } else { (texts[0], texts[1]) };
    assert!(text.contains(from), "no `{from}` in {file}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

/// Removes or damages a kept object.
fn harm(folder: &Path, which: usize) {
    let objects = fs::read_dir(folder.join("store/objects")).into_iter().flatten();
    let mut paths: Vec<_> = objects.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    paths.sort();
    if paths.is_empty() {
        return;
    }
    let path = &paths[which % paths.len()];
    if which.is_multiple_of(2) {
        fs::remove_file(path).unwrap();
    } else {
        fs::write(path, b"not parquet").unwrap();
    }
}

/// Step → what the plan decides.
fn planned(folder: &Path) -> BTreeMap<String, Value> {
    let plan = peil(folder, &["plan", "pipeline.toml", "--format", "json"]);
    assert!([0, 10].contains(&plan.code), "{}", plan.stderr);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    steps.iter().map(|step| (step["name"].as_str().unwrap().to_owned(), step.clone())).collect()
}

/// The steps that the last run ran, from its ledger.
fn ran(folder: &Path, lines_before: usize) -> Vec<String> {
    let ledger = fs::read_to_string(folder.join("store/ledger.jsonl")).unwrap();
    let lines = ledger.lines().skip(lines_before).map(|line| serde_json::from_str(line).unwrap());
    let steps = lines.filter_map(|line: Value| line["step"].as_str().map(str::to_owned));
    steps.collect()
}

#[test]
fn whatever_changes_the_run_does_what_the_plan_says() {
    let folder = tiny_survey();
    let folder = folder.path();
    let mut seed = 7_usize;
    let mut chance = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for round in 0..12 {
        for _ in 0..chance(3) {
            toggle(folder, &EDITS[chance(EDITS.len())]);
        }
        if round > 0 && chance(3) == 0 {
            harm(folder, chance(1000));
        }
        let plan = planned(folder);
        let ledger = fs::read_to_string(folder.join("store/ledger.jsonl")).unwrap_or_default();
        let run = peil(folder, &["run", "pipeline.toml"]);
        assert_eq!(run.code, 0, "round {round}: {}", run.stderr);
        let ran = ran(folder, ledger.lines().count());
        for (step, planned) in &plan {
            let did = ran.contains(step);
            match planned["decision"].as_str().unwrap() {
                "up_to_date" => assert!(!did, "round {round}: {step} ran against the plan"),
                "run" => assert!(did, "round {round}: {step} did not run, although {planned}"),
                "may_run" => {
                    let on = planned["depends_on"].as_array().unwrap();
                    let moved =
                        on.iter().any(|one| ran.contains(&one.as_str().unwrap().to_owned()));
                    assert!(
                        moved || !did,
                        "round {round}: {step} ran though nothing before it did"
                    );
                }
                other => panic!("round {round}: {step} is {other}"),
            }
        }
        let again = peil(folder, &["plan", "pipeline.toml"]);
        assert_eq!(
            again.code, 0,
            "round {round}: after the run the plan is empty: {}",
            again.stdout
        );
    }
}

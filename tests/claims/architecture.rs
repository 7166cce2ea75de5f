//! Directions in the code that no stage may leave.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::root;

const STAGES: [&str; 6] = ["ingest", "validate", "harmonise", "weight", "estimate", "mart"];

/// The crates that a crate of ours names under [dependencies].
fn dependencies(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&text).unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

#[test]
fn no_stage_knows_another() {
    for stage in STAGES {
        let known = dependencies(stage);
        let others: Vec<_> = known.iter().filter(|name| STAGES.contains(&name.as_str())).collect();
        assert!(others.is_empty(), "{stage} depends on {others:?}");
    }
}

#[test]
fn no_stage_and_no_pipeline_knows_how_a_project_is_begun() {
    for name in STAGES.into_iter().chain(["pipeline", "survey"]) {
        assert!(!dependencies(name).contains(&"start".to_owned()), "{name} depends on start");
    }
}

#[test]
fn likeness_knows_nothing_of_surveys_and_proposals_know_no_stage_but_ingest() {
    let ours = |name: &str| -> Vec<String> {
        let is_crate = |name: &String| root().join("crates").join(name).is_dir();
        dependencies(name).into_iter().filter(is_crate).collect()
    };
    assert!(ours("likeness").is_empty(), "{:?}", ours("likeness"));
    assert!(ours("survey").is_empty(), "{:?}", ours("survey"));
    assert_eq!(ours("config"), ["likeness", "survey"]);
    assert_eq!(ours("propose"), ["config", "ingest", "likeness", "survey"]);
}

#[test]
fn only_the_pipeline_compiles_against_the_sql_engine() {
    for stage in STAGES {
        let known = dependencies(stage);
        assert!(
            !known.iter().any(|name| name == "datafusion" || name == "expression"),
            "{stage} knows the engine"
        );
    }
    assert!(dependencies("expression").contains(&"datafusion".to_owned()));
}

/// Every source of our crates but tests, with its text up to its own tests.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() && entry.file_name().unwrap() != "tests" {
                walk(&entry, found);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&entry).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                found.push((entry, text));
            }
        }
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        walk(&entry.unwrap().path().join("src"), &mut found);
    }
    found
}

#[test]
fn no_crate_writes_the_name_of_a_column_that_crosses_stages() {
    let codec = root().join("crates/survey/src/columns.rs");
    let of_engine = |text: &str| text.starts_with(|first: char| first.is_ascii_lowercase());
    let code = |line: &&str| !line.trim_start().starts_with("//");
    let writes = |line: &&str| {
        line.split("\"@").skip(1).any(of_engine)
            || ["__missing", "__state"].iter().any(|name| line.contains(name))
    };
    for (file, text) in sources().into_iter().filter(|(file, _)| *file != codec) {
        let found: Vec<&str> = text.lines().filter(code).filter(writes).collect();
        assert!(found.is_empty(), "{}: {found:#?}", file.display());
    }
}

#[test]
fn the_sample_shares_no_code_with_the_stages() {
    let known = dependencies("sample");
    let ours = ["survey", "expression", "pipeline", "cli"];
    assert!(
        !known.iter().any(|name| STAGES.contains(&name.as_str()) || ours.contains(&name.as_str())),
        "{known:?}"
    );
}

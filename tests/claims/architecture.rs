//! Directions in the code that no stage may leave.

use std::fs;

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

#[test]
fn the_sample_shares_no_code_with_the_stages() {
    let known = dependencies("sample");
    let ours = ["survey", "expression", "pipeline", "cli"];
    assert!(
        !known.iter().any(|name| STAGES.contains(&name.as_str()) || ours.contains(&name.as_str())),
        "{known:?}"
    );
}

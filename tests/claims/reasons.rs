//! Why a step would run: values with facts, for machines and for people.

use std::fs;

use serde_json::{Value, json};

use crate::program::{peil, tiny_survey};

/// Lays one edit over a survey that is up to date and gives the reasons of a step, as values and as sentences.
fn reasons(file: &str, from: &str, to: &str, step: &str) -> (Vec<Value>, Vec<String>) {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "no `{from}` in {file}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let plan = peil(folder.path(), &["plan", "pipeline.toml", "--format", "json"]);
    assert_eq!(plan.code, 10, "{}", plan.stderr);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let found = steps.iter().find(|one| one["name"] == step).unwrap();
    assert_eq!(found["decision"], "run", "{found}");
    let because = found["because"].as_array().unwrap();
    let because = because.iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    (found["why"].as_array().unwrap().clone(), because)
}

#[test]
fn a_changed_cell_is_named_by_delivery_column_and_number() {
    let (why, said) = reasons("input/gp_2024.csv", ";1;1;6;", ";1;1;7;", "ingest:gp_2024");
    assert_eq!(said, ["`gp_2024.csv`: 1 cell of `V5`"]);
    assert_eq!(why[0]["reason"], "delivery_changed");
    assert_eq!(why[0]["delivery"], "gp_2024");
    assert_eq!(why[0]["change"]["columns"], json!([{"column": "V5", "cells": 1}]));
}

#[test]
fn a_changed_codebook_row_is_named_with_what_it_was_and_what_it_is() {
    let (why, said) = reasons(
        "config/codebook/items.csv",
        "gp,2024,hours,V6,,1,,,0,100,",
        "gp,2024,hours,V6,,1,,,0,90,",
        "admit:gp:2024",
    );
    assert_eq!(
        said,
        ["codebook/items.csv: `gp,2024,hours` `maximum` changed from `100.0` to `90.0`"]
    );
    assert_eq!(why[0]["reason"], "codebook_row");
    assert_eq!((&why[0]["change"]["from"], &why[0]["change"]["to"]), (&json!(100.0), &json!(90.0)));
}

#[test]
fn a_changed_population_total_is_named_by_margin_and_level() {
    let (why, said) = reasons(
        "config/targets/gp.csv",
        "2024,sex,female,600,test,illustrative\n2024,sex,male,400",
        "2024,sex,female,610,test,illustrative\n2024,sex,male,390",
        "weight:gp:2024",
    );
    let female =
        "targets/gp.csv: 2024 total of `sex=female` `total` changed from `600.0` to `610.0`";
    let male = "targets/gp.csv: 2024 total of `sex=male` `total` changed from `400.0` to `390.0`";
    assert_eq!(said, [female, male]);
    assert_eq!(
        (&why[0]["reason"], &why[0]["level"]),
        (&json!("population_total"), &json!("female"))
    );
}

#[test]
fn a_changed_rule_is_named() {
    let (why, said) =
        reasons("config/rules/plausible.toml", "hours <= 80", "hours <= 70", "confront:gp:2025");
    assert_eq!(
        said,
        ["rule `hours_fit_a_week` `condition` changed from `hours <= 80` to `hours <= 70`"]
    );
    assert_eq!(why[0]["rule"], "hours_fit_a_week");
}

#[test]
fn a_hand_off_of_a_program_built_from_other_sources_is_named_with_both() {
    let (why, said) = reasons(
        "store/records/harmonise/gp/2024.json",
        "\"program\": \"",
        "\"program\": \"0badcafe",
        "harmonise:gp:2024",
    );
    let made = said[0].strip_prefix("the program changed (0badcafe to ").unwrap();
    assert!(made.len() == 9 && made.ends_with(')'), "{said:?}");
    assert_eq!(why[0]["reason"], "program_changed");
    assert_eq!(why[0]["from"], "0badcafe");
}

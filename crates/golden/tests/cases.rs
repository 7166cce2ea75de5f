//! The golden cases hold, and a wrong number or an unknown request does not go unseen.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

use golden::{Outcome, run_all, run_case};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

/// Runs a copy of a case in which `file` has `from` replaced by `to`.
fn changed(case: &str, file: &str, from: &str, to: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(cases().join(case)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let text = fs::read_to_string(folder.path().join(file)).unwrap();
    assert!(text.contains(from), "`{from}` is in {file}");
    fs::write(folder.path().join(file), text.replacen(from, to, 1)).unwrap();
    run_case(folder.path())
}

fn check(case: &str, file: &str, from: &str, to: &str, difference: &str) {
    let outcome = changed(case, file, from, to);
    assert!(
        outcome.differences.iter().any(|found| found.contains(difference)),
        "{:?}",
        outcome.differences
    );
}

#[test]
fn every_case_gives_the_expected_numbers() {
    let outcomes = run_all(&cases()).unwrap();
    assert!(outcomes.len() >= 80, "{}", outcomes.len());
    let failed: Vec<_> =
        outcomes.iter().filter(|outcome| !outcome.differences.is_empty()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn a_corrupted_expected_value_fails() {
    check(
        "taylor-apistrat",
        "expected.json",
        "662.2873631593208",
        "662.2873641593208",
        ".results.mean.cells[0].estimate",
    );
    check("rake-apisrs-3margins", "expected.json", "\"degf\": 199", "\"degf\": 198", ".degf");
}

#[test]
fn a_step_that_must_fail_and_does_not_fails_the_case() {
    check("neg-rake-inconsistent-totals", "spec.json", "1572", "1072", "expected a refusal");
}

#[test]
fn a_design_that_must_be_refused_passes_only_when_it_is() {
    let refused = |lonely_psu: &str| {
        let folder = tempfile::tempdir().unwrap();
        for file in ["data.csv", "spec.json"] {
            fs::copy(cases().join("lonely-apistrat-adjust").join(file), folder.path().join(file))
                .unwrap();
        }
        let text = fs::read_to_string(folder.path().join("spec.json")).unwrap();
        let text = text.replacen("\"adjust\"", &format!("\"{lonely_psu}\""), 1);
        fs::write(folder.path().join("spec.json"), text).unwrap();
        fs::write(folder.path().join("expected.json"), r#"{"must_fail": true}"#).unwrap();
        run_case(folder.path()).differences
    };
    assert_eq!(refused("fail"), Vec::<String>::new());
    assert_eq!(refused("remove"), ["weighting: gave weights, expected a refusal"]);
}

#[test]
fn an_unknown_request_or_key_is_not_run() {
    check(
        "taylor-apistrat",
        "spec.json",
        "\"kind\": \"ratio\"",
        "\"kind\": \"entropy\"",
        "entropy",
    );
    check(
        "quantile-apiclus1",
        "spec.json",
        "\"school\"",
        "\"college\"",
        "not run: quantile rule `college`",
    );
}

#[test]
fn a_key_that_nothing_reads_is_refused_wherever_it_stands() {
    for (case, key) in [
        ("taylor-apistrat", "\"schema\":"),
        ("taylor-apistrat", "\"rows\":"),
        ("taylor-apistrat", "\"type\":"),
        ("taylor-apistrat", "\"nest\":"),
        ("taylor-apistrat", "\"absolute_se_or_p\":"),
        ("rep-jk1-apiclus1", "\"rscales\":"),
        ("rake-apisrs-3margins", "\"max_iterations\":"),
        ("rake-apisrs-3margins", "\"targets\":"),
        ("cal-logit-apiclus1", "\"epsilon\":"),
        ("cal-logit-apiclus1", "\"total\":"),
        ("s-ciprop-na", "\"op\":"),
        ("s-ciprop-na", "\"methods\":"),
        ("s-quantile-by", "\"probs\":"),
        ("m-rep-chisq-na", "\"statistics\":"),
        ("s-panel-waves", "\"coefficients\":"),
        ("tests-apistrat", "\"mu\":"),
    ] {
        check(case, "spec.json", key, &format!("\"unread\": 1, {key}"), "unread");
    }
}

#[test]
fn an_option_that_has_no_use_is_refused() {
    let check = |case, from, to, reason| check(case, "spec.json", from, to, reason);
    check("taylor-apistrat", "\"schema\": 1", "\"schema\": 2", "schema: 2, expected 1");
    check("taylor-apistrat", "empty field", "NA", "data.missing: NA");
    check(
        "taylor-apistrat",
        "\"fpc\": [\"fpc\"]",
        "\"fpc\": [\"fpc\", \"fpc\"]",
        "design.fpc: 2 columns for 1 stages",
    );
    check("taylor-apistrat", "\"nest\": false", "\"nest\": true", "design.nest");
    check(
        "rep-jk1-apiclus1",
        "\"reweight_each_replicate\": false",
        "\"reweight_each_replicate\": true",
        "no weighting",
    );
    check("s-ciprop-na", "\"id\": \"dom\"", "\"id\": \"all\"", "`all` twice");
    check("s-ciprop-na", "\"id\": \"dom\"", "\"id\": \"other\"", ".results.other: not expected");
    check("s-ciprop-na", "\"value\": \"female\"", "\"value\": [\"female\"]", "expected one value");
    check("s-panel-waves", "\"by\": \"wave\",", "", "c21: no `by`");
    check("m-deff", "\"name\": \"x\"", "\"name\": \"y\"", "column `x`");
}

#[test]
fn several_strata_columns_are_crossed() {
    check("s-strata-two-columns", "spec.json", "[\"stype\",\"half\"]", "[\"stype\"]", "stratum");
    let turned = ("[\"stype\",\"half\"]", "[\"half\",\"stype\"]");
    let outcome = changed("s-strata-two-columns", "spec.json", turned.0, turned.1);
    assert_eq!(outcome.differences, Vec::<String>::new(), "their order has no meaning");
}

#[test]
fn degrees_of_freedom_of_an_interval_are_those_of_complete_cases() {
    check("m-ciprop-na-rm", "expected.json", "\"df\": 1", "\"df\": 2", ".results.p.cells[0].df");
}

#[test]
fn a_lone_psu_is_centred_at_the_mean_of_all_psus_as_documented() {
    // R survey 4.5; version 4.1-1 centres at 0 and gives 97035.80680824218
    let request = r#"{"id": "mean", "kind": "total", "variables": ["enroll"], "na_rm": true}"#;
    let folder = tempfile::tempdir().unwrap();
    for file in ["data.csv", "spec.json", "expected.json"] {
        fs::copy(cases().join("lonely-apistrat-adjust").join(file), folder.path().join(file))
            .unwrap();
    }
    let mut spec: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("spec.json")).unwrap())
            .unwrap();
    spec["requests"] =
        serde_json::json!([serde_json::from_str::<serde_json::Value>(request).unwrap()]);
    let expected = r#"{"results": {"mean": {"cells": [{"se": 92537.9013569258}]}}}"#;
    fs::write(folder.path().join("spec.json"), spec.to_string()).unwrap();
    fs::write(folder.path().join("expected.json"), expected).unwrap();
    assert_eq!(run_case(folder.path()).differences, Vec::<String>::new());
}

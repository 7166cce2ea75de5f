//! docs/findings.md knows every code that the program can give, and no other; the README shows what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::marts::rows;
use crate::program::{root, sample_run};

/// Code → severities, as the tables say.
fn documented() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("docs/findings.md")).unwrap();
    let mut codes = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        assert!(cells.len() >= 7 && cells[5].len() > 3, "how to correct it: {line}");
        for code in cells[1].split(',') {
            codes.insert(code.trim().trim_matches('`').to_owned(), cells[2].to_owned());
        }
    }
    codes
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The stages' sources without their tests.
fn source_texts() -> Vec<String> {
    let crates = ["ingest", "validate", "harmonise", "weight", "estimate", "mart", "pipeline"];
    let mut files = Vec::new();
    for name in crates {
        sources(&root().join("crates").join(name).join("src"), &mut files);
    }
    files
        .iter()
        .filter(|path| {
            !path
                .components()
                .any(|part| matches!(part.as_os_str().to_str(), Some("toy" | "tests")))
        })
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
        })
        .collect()
}

/// Literals that stand before a severity or behind `code:`.
fn given(text: &str) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (at, _) in text.match_indices("Severity::") {
        let before = text[..at].trim_end().trim_end_matches("survey::").trim_end();
        if let Some(before) = before.strip_suffix("\",") {
            codes.insert(before.rsplit('"').next().unwrap_or_default().to_owned());
        }
    }
    for (at, marker) in text.match_indices("code: \"") {
        let behind = &text[at + marker.len()..];
        codes.insert(behind.split('"').next().unwrap_or_default().to_owned());
    }
    let is_code = |code: &String| {
        code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && !code.is_empty()
    };
    codes.retain(is_code);
    codes
}

#[test]
fn every_code_in_the_sources_is_documented_and_every_documented_code_is_in_the_sources() {
    let documented = documented();
    let texts = source_texts();
    let given: BTreeSet<String> = texts.iter().flat_map(|text| given(text)).collect();
    assert!(given.len() > 25, "{given:?}");
    let missing: Vec<&String> =
        given.iter().filter(|code| !documented.contains_key(*code)).collect();
    assert!(missing.is_empty(), "not in docs/findings.md: {missing:?}");
    let in_sources = |code: &&String| {
        let literal = format!("\"{code}\"");
        texts.iter().any(|text| text.contains(&literal))
    };
    let stale: Vec<&String> = documented.keys().filter(|code| !in_sources(code)).collect();
    assert!(stale.is_empty(), "in docs/findings.md only: {stale:?}");
}

#[test]
fn every_code_that_the_sample_run_gave_is_documented_with_its_severity() {
    let documented = documented();
    for row in rows(&sample_run().marts, "finding") {
        let (code, severity) = (&row["code"], &row["severity"]);
        let stated = documented.get(code).unwrap_or_else(|| panic!("`{code}` is not documented"));
        let fits = stated.contains(severity.as_str()) || stated == "the rule's";
        assert!(fits, "`{code}` is documented as {stated}, and was {severity}");
    }
}

#[test]
fn the_readme_shows_the_rows_findings_and_design_effects_of_the_sample_run() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for begins in ["rows: ", "weights: ", "findings: ", "design effect of the weights: "] {
        let said = sample_run().said.lines().find(|line| line.starts_with(begins)).unwrap();
        assert!(readme.lines().any(|line| line == said), "the README has another `{said}`");
    }
}

//! docs/findings.md knows every code that the program gives (`survey::code` holds it to all codes); the README shows what it says.

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
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// `unknown_answer` as the sources write it.
fn variant(code: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    "Code::".to_owned() + &code.split('_').map(word).collect::<String>()
}

#[test]
fn every_documented_code_is_given_by_some_stage() {
    let crates = ["ingest", "validate", "harmonise", "weight", "estimate", "mart", "pipeline"];
    let mut files = Vec::new();
    for name in crates {
        sources(&root().join("crates").join(name).join("src"), &mut files);
    }
    let text = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
    };
    let texts: String = files.iter().map(text).collect();
    let codes = texts.match_indices("Code::").map(|(at, _)| {
        let code = &texts[at..];
        let ends = |sign: char| !sign.is_alphanumeric() && sign != ':';
        &code[..code.find(ends).unwrap_or(code.len())]
    });
    let given: BTreeSet<&str> = codes.collect();
    let documented = documented();
    assert!(documented.len() > 70, "{documented:?}");
    let idle = documented.keys().filter(|code| !given.contains(variant(code).as_str()));
    assert_eq!(idle.collect::<Vec<_>>(), [""; 0], "in docs/findings.md only");
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

//! No concept replaces or hides a column of the engine.

use std::fs;
use std::path::Path;

use crate::marts::{Row, rows};
use crate::program::{peil, tiny_survey};

/// Concepts of the tiny survey, each under the name of something that the engine hands on.
const RENAMED: [(&str, &str); 6] = [
    ("birth_year", "line"),
    ("portal_offered", "sheet_row"),
    ("portal_use", "margin_0"),
    ("impact", "base"),
    ("hours", "text_1"),
    ("age_group", "stratum"),
];

/// The text with whole words replaced.
fn with_words(text: &str, replace: &dyn Fn(&str) -> Option<&'static str>) -> String {
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    let mut written = String::new();
    for part in text.split_inclusive(|sign| !is_word(sign)) {
        let word = part.trim_end_matches(|sign| !is_word(sign));
        written.push_str(replace(word).unwrap_or(word));
        written.push_str(&part[word.len()..]);
    }
    written
}

fn rename_all(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            rename_all(&entry);
        } else if !entry.to_string_lossy().contains("exports") {
            let text = fs::read_to_string(&entry).unwrap();
            let new = |word: &str| {
                RENAMED.iter().find(|(concept, _)| *concept == word).map(|(_, other)| *other)
            };
            fs::write(&entry, with_words(&text, &new)).unwrap();
        }
    }
}

fn published(folder: &Path, mart: &str) -> Vec<Row> {
    let outcome = peil(folder, &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let mut rows = rows(&folder.join("marts/current"), mart);
    for row in &mut rows {
        row.remove("run_id");
        for value in row.values_mut() {
            let old = RENAMED.iter().find(|(_, other)| other == value);
            old.inspect(|(concept, _)| (*concept).clone_into(value));
        }
    }
    rows.sort();
    rows
}

#[test]
fn a_concept_may_bear_the_name_of_any_column_inside_a_hand_off() {
    let (plain, renamed) = (tiny_survey(), tiny_survey());
    rename_all(&renamed.path().join("config"));
    for mart in ["estimate", "change", "fact_answer", "portal"] {
        let expected = published(plain.path(), mart);
        assert!(!expected.is_empty());
        assert_eq!(published(renamed.path(), mart), expected, "{mart}");
    }
}

#[test]
fn a_concept_with_the_name_of_a_column_beside_it_in_a_mart_is_a_mistake_with_a_hint() {
    let reserved =
        ["weight", "base_weight", "record", "wave", "panel", "delivery", "run_id", "flag_speeder"];
    for name in reserved.into_iter().chain(["respondent"]) {
        let folder = tiny_survey();
        let concepts = folder.path().join("config/codebook/concepts.csv");
        let text = fs::read_to_string(&concepts).unwrap();
        let text = text.replacen("\nrespondent,", "\nid,", 1);
        fs::write(&concepts, text.replacen("\nhours,", &format!("\n{name},"), 1)).unwrap();
        let outcome = peil(folder.path(), &["check", "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{name}");
        let place = format!("concepts.csv:9: `{name}` is a column of the marts or of SQL");
        assert!(outcome.stderr.contains(&place), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(&format!("`delivered_{name}`")), "{}", outcome.stderr);
    }
}

//! The place of a row in its table decides nothing; an answer, a crosswalk, a margin that bears the name of a place decides.

use std::fs;
use std::path::Path;

use crate::program::{peil, tiny_survey};

fn replace_all(folder: &Path, from: &str, to: &str) {
    for file in ["answers", "crosswalks", "items", "concepts"] {
        let path = folder.join(format!("config/codebook/{file}.csv"));
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace(from, to)).unwrap();
    }
}

/// The tiny survey with its crosswalk of yes and no called `line`.
#[test]
fn a_crosswalk_called_line_that_changes_its_meaning_reruns_the_panel_wave() {
    let folder = tiny_survey();
    let path = folder.path().join("config/codebook/crosswalks.csv");
    let crosswalks = fs::read_to_string(&path).unwrap();
    let name = crosswalks.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    replace_all(folder.path(), &format!("{name},"), "line,");
    let rows = fs::read_to_string(&path).unwrap();
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    // Two codes of it change places.
    let lines: Vec<&str> = rows.lines().filter(|line| line.starts_with("line,")).collect();
    let code = |line: &str| line.split(',').nth(2).unwrap().to_owned();
    let (first, other) =
        (lines[0], *lines.iter().find(|line| code(line) != code(lines[0])).unwrap());
    let swap =
        |line: &str, from: &str, to: &str| line.replacen(&format!(",{from}"), &format!(",{to}"), 1);
    let text = rows
        .replace(first, &swap(first, &code(first), &code(other)))
        .replace(other, &swap(other, &code(other), &code(first)));
    assert_ne!(text, rows);
    fs::write(&path, text).unwrap();
    let plan = peil(folder.path(), &["plan", "pipeline.toml"]);
    assert_eq!(plan.code, 10, "{}{}", plan.stdout, plan.stderr);
    assert!(plan.stdout.contains("codebook/crosswalks.csv: `line,"), "{}", plan.stdout);
}

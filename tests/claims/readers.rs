//! The tools that BI uses open every mart; tests/readers/read_marts.py says what is compared.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{root, sample_run};

#[test]
fn duckdb_polars_and_pandas_agree_on_every_mart() {
    python("read_marts.py", &[&fs::canonicalize(&sample_run().marts).unwrap()]);
}

#[test]
fn the_questions_of_the_readme_have_the_answers_that_stand_below_them() {
    python("check_readme.py", &[&root().join("README.md"), sample_run().folder.path()]);
}

#[test]
fn editors_accept_the_settings_that_ship_and_underline_planted_mistakes() {
    python("check_schemas.py", &[root()]);
}

#[test]
fn every_figure_follows_from_dim_figure_and_its_bridges_alone() {
    python("check_figures.py", &[&fs::canonicalize(&sample_run().marts).unwrap()]);
}

#[test]
fn the_marts_of_the_configuration_are_the_same_in_duckdb() {
    let marts = root().join("config/marts");
    python("check_sql_marts.py", &[&fs::canonicalize(&sample_run().marts).unwrap(), &marts]);
}

#[test]
fn every_key_leads_somewhere_every_code_has_a_label_and_nothing_is_the_empty_text() {
    python("check_star.py", &[&fs::canonicalize(&sample_run().marts).unwrap()]);
}

/// Runs a script of `tests/readers`; what it says where it fails.
pub fn python(script: &str, arguments: &[&Path]) {
    let python = root().join("target/readers/bin/python");
    assert!(python.exists(), "{} is not there: run `make readers` first", python.display());
    let mut command = Command::new(python);
    command.arg(root().join("tests/readers").join(script)).args(arguments);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

//! The tools that BI uses open every mart; tests/readers/read_marts.py says what is compared.

use std::process::Command;

use crate::program::{root, sample_run};

#[test]
fn duckdb_polars_and_pandas_agree_on_every_mart() {
    let run = sample_run();
    let python = root().join("target/readers/bin/python");
    assert!(python.exists(), "{} is not there: run `make readers` first", python.display());
    let output = Command::new(python)
        .arg(root().join("tests/readers/read_marts.py"))
        .arg(std::fs::canonicalize(&run.marts).unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

//! `golden [folder]`: runs every golden case below a folder (default `tests/golden`), one line a case.
#![allow(clippy::print_stdout, reason = "a program that reports")]

use std::path::PathBuf;
use std::process::ExitCode;

/// Differences that are shown of a case that failed.
const SHOWN: usize = 5;

fn main() -> ExitCode {
    let root =
        std::env::args_os().nth(1).map_or_else(|| PathBuf::from("tests/golden"), PathBuf::from);
    let outcomes = match golden::run_all(&root) {
        Ok(outcomes) => outcomes,
        Err(error) => {
            println!("{error}");
            return ExitCode::from(2);
        }
    };
    let mut failed = 0;
    for outcome in &outcomes {
        let differences = &outcome.differences;
        if differences.is_empty() {
            println!("pass {}", outcome.name);
            continue;
        }
        failed += 1;
        let shown = differences[..differences.len().min(SHOWN)].join("; ");
        println!("FAIL {}: {} differences: {shown}", outcome.name, differences.len());
    }
    println!("{} passed, {failed} failed", outcomes.len() - failed);
    ExitCode::from(u8::from(failed > 0))
}

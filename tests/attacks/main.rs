//! Attacks on the program as people call it: one file an attack, named as the claim that withstands it (docs/security.md).
//!
//! To add one: a file here, a line below, a row in docs/security.md. Each runs in a second or so.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

#[path = "../claims/program.rs"]
#[allow(dead_code, reason = "the claims use the rest of it")]
mod program;

mod sql_of_the_configuration_reads_no_file;

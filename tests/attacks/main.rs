//! Attacks on the program as people call it: one file an attack, named as the claim that withstands it.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

#[path = "../claims/program.rs"]
#[allow(dead_code, reason = "the claims use the rest of it")]
mod program;

mod header_rows_that_are_respondents;

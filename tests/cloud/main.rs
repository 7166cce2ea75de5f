//! Store and marts on an object store, over HTTP on this machine: `make cloud-test` builds the program for it and installs the
//! server. Nothing here leaves the machine.
//!
//! To add a claim: a test in the file of its subject. A server is started once; every test has a prefix of its own.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a panic is the test's failure; a long test says how far it came

#[path = "../claims/program.rs"]
#[allow(dead_code, reason = "the claims use the rest of it")]
mod program;

mod bad_input;
mod commands;
mod faults;
mod kills;
mod proxy;
mod races;
mod release;
mod sample;
mod server;
mod world;

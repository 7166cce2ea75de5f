//! What peil claims as a whole, checked on the program as people call it.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

mod architecture;
mod bad_input;
mod conservation;
mod marts;
mod pending;
mod program;
mod readers;
mod reruns;
mod truth;

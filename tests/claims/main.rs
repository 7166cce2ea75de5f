//! What peil claims as a whole, checked on the program as people call it.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

mod architecture;
mod bad_input;
mod bench;
mod bugs;
mod columns;
mod conservation;
mod damage;
mod deliveries;
mod determinism;
mod documentation;
mod exports;
mod families;
mod keys;
mod lineage;
mod log;
mod looking;
mod marts;
mod memory;
mod mutated;
mod new_wave;
mod own_survey;
mod pending;
#[allow(dead_code, reason = "the attacks use the rest of it")]
mod plan_and_run;
mod program;
mod promises;
mod readers;
mod reasons;
mod replaced;
mod reruns;
mod restricted;
mod second_survey;
mod secrets;
mod settings;
mod site;
mod standard_errors;
mod truth;

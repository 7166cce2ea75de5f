//! Attacks on the program as people call it: one file an attack, named as the claim that withstands it (docs/security.md).
//!
//! To add one: a file here, a line below, a row in docs/security.md. Each runs in a second or so.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a panic is the test's failure; a long test says how far it came

#[path = "../claims/program.rs"]
#[allow(dead_code, reason = "the claims use the rest of it")]
mod program;

mod a_delivery_that_is_still_written_is_not_published;
mod a_failed_run_shows_readers_nothing_new;
mod a_killed_run_of_the_whole_monitor_tears_nothing;
mod a_late_respondent_does_not_follow_from_two_releases;
mod a_pipe_or_device_as_delivery_is_refused_at_once;
mod a_release_that_was_tampered_with_is_rebuilt_and_reported;
mod data_named_line_decide_like_any_other;
mod header_rows_that_are_respondents;
mod only_public_is_for_everyone;
mod publishers_of_two_stores_mix_nothing;
mod sql_of_the_configuration_reads_no_file;
mod the_lock_belongs_to_one_user;
mod what_lies_among_the_releases_stops_nothing;
mod what_protects_is_switched_off;

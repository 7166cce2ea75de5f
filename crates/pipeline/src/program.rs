//! Which program this is.

/// The version of every stage: a hash of the sources of all crates of which stages are made, of the packages that they use and
/// of the compiler (`sources.rs`). One for all: bases are evaluated in the pipeline, and every stage may hold SQL.
pub const PROGRAM: &str = env!("PEIL_SOURCES");

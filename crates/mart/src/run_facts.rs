//! What is true of a run.

use serde::{Deserialize, Serialize};

/// What is true of this run and of no figure; it stands in the manifest and in `meta_run` only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFacts {
    /// When the run began, as the caller writes it.
    pub started: String,
    /// Version of the program.
    pub version: String,
    /// Hash of the sources that it was built from.
    #[serde(default)]
    pub sources: String,
    /// blake3 of the contents of all settings.
    pub settings_fingerprint: String,
    /// `environment`, `file` or `demonstration`.
    pub pseudonym_key: String,
}

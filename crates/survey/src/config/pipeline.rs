//! pipelines/<name>.toml: what to do now. It can change when, how far and where to, never a figure's definition.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Wave;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineFile {
    pub name: String,
    /// All paths are relative to the pipeline file.
    pub config: PathBuf,
    pub store: PathBuf,
    pub marts: PathBuf,
    pub pseudonym_key: PseudonymKey,
    /// How many releases stay beside the current one.
    #[serde(default = "keep_releases")]
    pub keep_releases: u32,
    /// OpenLineage events; none are written where this is left out.
    #[serde(default)]
    pub lineage: Option<LineageSpec>,
    #[serde(rename = "delivery")]
    pub deliveries: Vec<DeliverySpec>,
}

fn keep_releases() -> u32 {
    5
}

/// Where the events for a data catalogue go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineageSpec {
    /// One JSON event a line, only ever appended to.
    pub file: PathBuf,
}

/// Where the key of the pseudonyms comes from; exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum PseudonymKey {
    /// Name of the environment variable.
    Environment(String),
    File(PathBuf),
    /// A declared key for synthetic data; every release made with it says so.
    Demonstration(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliverySpec {
    /// Unique; how findings and marts speak of the file.
    pub name: String,
    pub file: PathBuf,
    /// A file of config/exports.
    pub profile: String,
    pub wave: Wave,
    /// The panels it feeds.
    pub panels: Vec<String>,
    /// Sheet by name, where the profile leaves it open.
    #[serde(default)]
    pub sheet: Option<String>,
    /// A later release of the same wave replaces an earlier one, which stays named: `1.0`, `1.1`.
    #[serde(default)]
    pub release: Option<String>,
    /// The name of the delivery that this one replaces.
    #[serde(default)]
    pub replaces: Option<String>,
}

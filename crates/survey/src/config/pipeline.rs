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
    /// How much reading deliveries may ask of the machine; what is left out is as usual.
    #[serde(default)]
    pub limits: LimitsSpec,
    #[serde(rename = "delivery")]
    pub deliveries: Vec<DeliverySpec>,
}

/// Limits of reading: a delivery that goes beyond one is refused with its name, none is cut. They can change no figure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSpec {
    /// What all deliveries that are read at once may hold in memory together.
    pub memory_mib: Option<u64>,
    /// Of a delivery, blank and cut ones included.
    pub rows: Option<u64>,
    pub columns: Option<u64>,
    /// Rows times columns.
    pub cells: Option<u64>,
    /// Of one CSV record or one workbook cell.
    pub record_mib: Option<u64>,
    /// All parts of a workbook or archive, uncompressed.
    pub uncompressed_mib: Option<u64>,
    /// Different texts of a workbook.
    pub shared_strings: Option<u64>,
}

impl LimitsSpec {
    /// Below it not even one delivery can be read.
    pub const LEAST_MEMORY_MIB: u64 = 128;

    /// Each limit that is given, by name.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let all = [
            ("memory_mib", self.memory_mib),
            ("rows", self.rows),
            ("columns", self.columns),
            ("cells", self.cells),
            ("record_mib", self.record_mib),
            ("uncompressed_mib", self.uncompressed_mib),
            ("shared_strings", self.shared_strings),
        ];
        all.into_iter().filter_map(|(name, limit)| Some((name, limit?)))
    }
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
    /// Within which an id has one pseudonym; without it that of the one panel. Named where the file feeds several panels.
    #[serde(default)]
    pub id_space: Option<String>,
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

impl DeliverySpec {
    /// The space of its ids.
    pub fn id_space(&self) -> &str {
        let panel = self.panels.first().map_or("", String::as_str);
        self.id_space.as_deref().unwrap_or(panel)
    }
}

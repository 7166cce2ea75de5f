//! What the marts are made from; hand-offs come one at a time, so that memory stays bounded.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use config::Configuration;
use serde::{Deserialize, Serialize};
use survey::handoff::{AdmittedAbout, CheckedAbout, HarmonisedAbout, RawAbout, WeightedAbout};
use survey::{Estimates, Finding, Handoff, PanelWave, SqlTables, Warning, Wave, Weighted};

use crate::disclosure::{Before, Families};
use crate::error::SourceError;
pub use crate::run_facts::RunFacts;

pub struct Inputs<'a> {
    pub configuration: &'a Configuration,
    /// The deliveries that were read.
    pub deliveries: &'a [DeliveryInput],
    /// The deliveries that later ones replace: recorded, not read.
    pub replaced: &'a [ReplacedDelivery],
    /// The panel-waves of the release, sorted.
    pub panel_waves: &'a [PanelWave],
    pub source: &'a dyn Source,
    /// One a panel and one a group of panels.
    pub estimates: &'a [Estimates],
    pub tables: &'a dyn SqlTables,
    pub families: &'a dyn Families,
    /// What the releases before say of the cells.
    pub before: &'a Before,
    pub run: &'a RunFacts,
}

/// Loads the hand-offs of the stages.
pub trait Source: Sync {
    fn raw(&self, delivery: &str) -> Result<Said<RawAbout>, SourceError>;
    fn admitted(&self, of: &PanelWave) -> Result<Said<AdmittedAbout>, SourceError>;
    fn harmonised(&self, of: &PanelWave) -> Result<Said<HarmonisedAbout>, SourceError>;
    /// With extra `rule_outcome`.
    fn checked(&self, of: &PanelWave) -> Result<Said<CheckedAbout>, SourceError>;
    fn weighted(&self, of: &PanelWave) -> Result<Weighted, SourceError>;
    /// Some columns of its table, without the extras; worth overriding where the others need not be read.
    fn weighted_columns(
        &self,
        of: &PanelWave,
        _columns: &BTreeSet<String>,
    ) -> Result<Weighted, SourceError> {
        self.weighted(of)
    }
    /// With extras `diagnostic` and `replicate_scale`; worth overriding where the table need not be read.
    fn weighted_said(&self, of: &PanelWave) -> Result<Said<WeightedAbout>, SourceError> {
        Ok(self.weighted(of)?.into())
    }
    /// Hash of the contents of the weighted hand-off: what the restricted marts follow from.
    fn weighted_fingerprint(&self, of: &PanelWave) -> Result<String, SourceError>;
}

/// A hand-off without its table.
#[derive(Debug, Clone)]
pub struct Said<K> {
    pub about: K,
    pub findings: Vec<Finding>,
    pub warnings: Vec<Warning>,
    pub extra: BTreeMap<String, RecordBatch>,
}

impl<K> From<Handoff<K>> for Said<K> {
    fn from(handoff: Handoff<K>) -> Self {
        Self {
            about: handoff.about,
            findings: handoff.findings,
            warnings: handoff.warnings,
            extra: handoff.extra,
        }
    }
}

/// A delivery as the pipeline file names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryInput {
    pub name: String,
    pub wave: Wave,
    pub panels: Vec<String>,
    /// Within which an id has one pseudonym.
    pub id_space: String,
    pub release: Option<String>,
    pub replaces: Option<String>,
}

/// A delivered file that a later release of the same wave replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedDelivery {
    pub given: DeliveryInput,
    pub replaced_by: String,
    pub file: String,
    pub profile: String,
    pub blake3: String,
    pub bytes: u64,
}

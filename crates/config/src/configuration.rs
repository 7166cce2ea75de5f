//! The whole configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use survey::codebook::Codebook;

use crate::{
    Breakdown, ExportProfile, Figure, Indicator, Mistake, Monitor, Panel, PopulationTotal, Rule,
    Words,
};

/// Everything that is true: if changing it can change a figure, it is here.
#[derive(Debug, Clone)]
pub struct Configuration {
    pub folder: PathBuf,
    pub monitor: Monitor,
    pub panels: BTreeMap<String, Panel>,
    pub targets: Vec<PopulationTotal>,
    pub exports: BTreeMap<String, ExportProfile>,
    pub codebook: Codebook,
    pub indicators: Vec<Indicator>,
    pub breakdowns: Vec<Breakdown>,
    /// The figures of the publication; none where there is no figures.toml.
    pub figures: Vec<Figure>,
    pub rules: Vec<Rule>,
    /// File of each rule, by name.
    pub rule_files: BTreeMap<String, PathBuf>,
    pub marts: Vec<MartFile>,
    /// The program's words in each language.
    pub words: Words,
    /// Reservations: what is unused or never occurs.
    pub warnings: Vec<Mistake>,
}

/// A mart is a SQL file and its contract, both as text: the mart crate reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MartFile {
    pub name: String,
    pub sql: String,
    pub contract: String,
}

//! The unit that runs, is kept and is rerun.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a wave: the year of its fieldwork (2024), or year and month (202411), or any other number that grows.
pub type Wave = u32;

/// One panel in one wave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PanelWave {
    pub panel: String,
    pub wave: Wave,
}

impl PanelWave {
    pub fn new(panel: impl Into<String>, wave: Wave) -> Self {
        Self { panel: panel.into(), wave }
    }
}

impl fmt::Display for PanelWave {
    /// As messages begin: `nurse 2024`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.panel, self.wave)
    }
}

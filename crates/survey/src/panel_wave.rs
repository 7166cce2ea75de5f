//! The unit that runs, is kept and is rerun.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A year of fieldwork.
pub type Wave = u16;

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

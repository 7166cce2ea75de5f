//! Stages and steps: the grid of what runs, each square with its name.

use std::fmt;

use serde::{Deserialize, Serialize};
use survey::{PanelWave, Wave};

/// The stages, each with its name; spans are named after them.
macro_rules! stages {
    ($($stage:ident $name:literal,)+) => {
        /// The stages in the order in which the data flows.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Stage {
            $($stage,)+
        }

        impl Stage {
            pub const ALL: &[Self] = &[$(Self::$stage),+];

            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$stage => $name,)+
                }
            }

            fn span(self, place: &str, panel: Option<&str>, wave: Option<Wave>) -> tracing::Span {
                match self {
                    $(Self::$stage => tracing::info_span!($name, place, panel, wave),)+
                }
            }
        }
    };
}

stages! {
    Ingest "ingest",
    Admit "admit",
    Harmonise "harmonise",
    Confront "confront",
    Weight "weight",
    Estimate "estimate",
    Publish "publish",
}

impl Stage {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|stage| stage.name() == name)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One square of the grid.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Step {
    pub stage: Stage,
    pub of: Subject,
}

/// What a step is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// ingest: a file, which may feed several panels.
    Delivery(String),
    PanelWave(PanelWave),
    /// estimate: all waves of a panel or of a group of panels.
    Panel(String),
    /// publish.
    All,
}

impl Step {
    pub fn ingest(delivery: &str) -> Self {
        Self { stage: Stage::Ingest, of: Subject::Delivery(delivery.to_owned()) }
    }

    pub fn of(stage: Stage, panel_wave: &PanelWave) -> Self {
        Self { stage, of: Subject::PanelWave(panel_wave.clone()) }
    }

    pub fn estimate(panel: &str) -> Self {
        Self { stage: Stage::Estimate, of: Subject::Panel(panel.to_owned()) }
    }

    pub fn publish() -> Self {
        Self { stage: Stage::Publish, of: Subject::All }
    }

    pub fn panel(&self) -> Option<&str> {
        match &self.of {
            Subject::PanelWave(panel_wave) => Some(&panel_wave.panel),
            Subject::Panel(panel) => Some(panel),
            Subject::Delivery(_) | Subject::All => None,
        }
    }

    pub fn wave(&self) -> Option<Wave> {
        match &self.of {
            Subject::PanelWave(panel_wave) => Some(panel_wave.wave),
            _ => None,
        }
    }

    /// As messages begin: `nurse 2024`, `huisartsen_2025`, `providers`, `publish`.
    pub fn place(&self) -> String {
        match &self.of {
            Subject::Delivery(delivery) => delivery.clone(),
            Subject::PanelWave(panel_wave) => panel_wave.to_string(),
            Subject::Panel(panel) => panel.clone(),
            Subject::All => "publish".to_owned(),
        }
    }

    /// What the log says of the time that it takes.
    pub fn span(&self) -> tracing::Span {
        self.stage.span(&self.place(), self.panel(), self.wave())
    }

    /// Name of its record without extension, relative to the records' folder.
    pub fn file_stem(&self) -> String {
        self.to_string().replace(':', "/")
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            Subject::Delivery(delivery) => write!(formatter, "{}:{delivery}", self.stage),
            Subject::PanelWave(panel_wave) => {
                write!(formatter, "{}:{}:{}", self.stage, panel_wave.panel, panel_wave.wave)
            }
            Subject::Panel(panel) => write!(formatter, "{}:{panel}", self.stage),
            Subject::All => write!(formatter, "{}", self.stage),
        }
    }
}

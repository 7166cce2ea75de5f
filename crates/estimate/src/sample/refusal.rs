//! What makes the stage refuse, with the place to correct it.

use survey::{Hinted, PanelWave, Wave};

use crate::Error;

/// A tabulation that cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// A hand-off of another panel than the settings'.
    #[error("{found}: handed in for panel `{expected}`, expected that panel's own waves")]
    OtherPanel { found: PanelWave, expected: String },
    /// Two hand-offs of one wave: its respondents would count twice.
    #[error("{panel_wave}: handed in twice, expected once")]
    WaveTwice { panel_wave: PanelWave },
    /// A group whose panels do not fit together.
    #[error("group `{group}`: {found}, expected {expected}")]
    Group { group: String, found: String, expected: String },
    /// An indicator that its concept does not allow.
    #[error("config/indicators.csv: `{indicator}`: {found}, expected {expected}")]
    Indicator { indicator: String, found: String, expected: String, hint: String },
    /// A breakdown that its concept does not allow.
    #[error("config/breakdowns.csv: `{breakdown}`: {found}, expected {expected}")]
    Breakdown { breakdown: String, found: String, expected: String, hint: String },
    /// A hand-off without something that the figures need.
    #[error("{panel_wave}: {place}: {found}, expected {expected}")]
    Handoff { panel_wave: PanelWave, place: String, found: String, expected: String },
    /// The numbers themselves cannot be computed.
    #[error("{panel} {wave}: {source}")]
    Method {
        panel: String,
        wave: Wave,
        #[source]
        source: Box<Error>,
    },
}

impl Hinted for Refusal {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::WaveTwice { .. } => {
                "two releases of one wave? name in the pipeline file which one replaces the other"
            }
            Self::Indicator { hint, .. } | Self::Breakdown { hint, .. } => hint,
            Self::Handoff { .. } => {
                "the hand-off was made by another version or other settings: run the stages before again"
            }
            Self::Method { source, .. } => return source.hint(),
            Self::OtherPanel { .. } | Self::Group { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

//! Why a panel-wave cannot be harmonised.

use std::fmt;

use survey::PanelWave;
use survey::hinted::{Hinted, Message, listed, texts};

/// Which exit code an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The codebook does not fit: exit 2.
    Configuration,
    /// A hand-off is not what the stage before promises: exit 70.
    Bug,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", texts(&derivation(panel_wave, mistakes)))]
    Derivation { panel_wave: PanelWave, mistakes: Vec<DerivationMistake> },

    #[error("{panel_wave}: the hand-off is not as promised: {what}")]
    Handoff { panel_wave: PanelWave, what: String },
}

impl Error {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Derivation { .. } => ErrorKind::Configuration,
            Self::Handoff { .. } => ErrorKind::Bug,
        }
    }
}

/// A derived concept that cannot be worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivationMistake {
    pub concept: String,
    /// Line in config/codebook/concepts.csv.
    pub line: u32,
    pub message: String,
    pub hint: String,
}

impl fmt::Display for DerivationMistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "config/codebook/concepts.csv, line {}: derivation of `{}`: {}",
            self.line, self.concept, self.message
        )
    }
}

fn derivation(panel_wave: &PanelWave, mistakes: &[DerivationMistake]) -> Vec<Message> {
    let parts = mistakes.iter().map(|mistake| {
        let hint = (!mistake.hint.is_empty()).then(|| mistake.hint.clone());
        vec![Message::new(mistake.to_string(), hint)]
    });
    listed(panel_wave, parts.collect())
}

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        if let [only] = self.messages().as_slice() { only.hint.clone() } else { None }
    }

    fn messages(&self) -> Vec<Message> {
        match self {
            Self::Derivation { panel_wave, mistakes } => derivation(panel_wave, mistakes),
            other @ Self::Handoff { .. } => vec![Message::plain(other.to_string())],
        }
    }
}

//! Why a panel-wave cannot be harmonised.

use std::fmt;

use survey::PanelWave;

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
    #[error("{}", lines(&panel_wave.to_string(), mistakes))]
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
        )?;
        if self.hint.is_empty() { Ok(()) } else { write!(formatter, "; hint: {}", self.hint) }
    }
}

/// One message, or one a line below its place.
fn lines<T: fmt::Display>(place: &str, parts: &[T]) -> String {
    match parts {
        [only] => format!("{place}: {only}"),
        many => many.iter().fold(format!("{place}: {} problems", many.len()), |text, part| {
            format!("{text}\n  {part}")
        }),
    }
}

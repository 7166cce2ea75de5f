//! Why a panel-wave cannot be harmonised.

use std::fmt;

use survey::PanelWave;

/// Which exit code an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The answers are refused: exit 1.
    Gate,
    /// The codebook does not fit: exit 2.
    Configuration,
    /// A hand-off is not what the stage before promises: exit 70.
    Bug,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", lines(&format!("{panel_wave}: `{delivery}`"), values))]
    Unmapped { panel_wave: PanelWave, delivery: String, values: Vec<Unmapped> },

    #[error("{}", lines(&panel_wave.to_string(), mistakes))]
    Derivation { panel_wave: PanelWave, mistakes: Vec<DerivationMistake> },

    #[error("{panel_wave}: the hand-off is not as promised: {what}")]
    Handoff { panel_wave: PanelWave, what: String },
}

impl Error {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unmapped { .. } => ErrorKind::Gate,
            Self::Derivation { .. } => ErrorKind::Configuration,
            Self::Handoff { .. } => ErrorKind::Bug,
        }
    }
}

/// A delivered value that the item's crosswalk does not give a meaning; never the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    pub concept: String,
    pub column: String,
    /// Empty where the item has none.
    pub crosswalk: String,
    /// Line in config/codebook/items.csv.
    pub line: u32,
    /// Record of the first cell.
    pub record: i64,
    pub found: String,
    pub expected: String,
    pub cells: u64,
}

impl fmt::Display for Unmapped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "column `{}`, record {}: value without a meaning for item `{}` ({} cells): found {}, expected {}",
            self.column, self.record, self.concept, self.cells, self.found, self.expected
        )?;
        if self.crosswalk.is_empty() {
            write!(
                formatter,
                "; hint: give the item a crosswalk in config/codebook/items.csv, line {}",
                self.line
            )
        } else {
            write!(
                formatter,
                "; hint: add a row `{},<value>,<code>` to config/codebook/crosswalks.csv (the item: items.csv, line {})",
                self.crosswalk, self.line
            )
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

//! Why a panel-wave cannot be admitted or confronted.

use std::fmt;

use survey::header::visible;
use survey::{Finding, PanelWave};

/// Which exit code an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The answers are refused: exit 1.
    Gate,
    /// Configuration and delivery do not fit: exit 2.
    Configuration,
    /// A hand-off is not what the stage before promises: exit 70.
    Bug,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", lines(&place.to_string(), columns))]
    ColumnsNotFound { place: Box<Place>, columns: Vec<ColumnNotFound> },

    #[error("{}", lines(&place.to_string(), gates))]
    Gate {
        place: Box<Place>,
        gates: Vec<BrokenGate>,
        /// All findings so far, for `peil findings`.
        findings: Vec<Finding>,
    },

    #[error("{}", lines(&panel_wave.to_string(), mistakes))]
    Configuration { panel_wave: PanelWave, mistakes: Vec<Mistake> },

    #[error("{panel_wave}: the hand-off is not as promised: {what}")]
    Handoff { panel_wave: PanelWave, what: String },
}

impl Error {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Gate { .. } => ErrorKind::Gate,
            Self::ColumnsNotFound { .. } | Self::Configuration { .. } => ErrorKind::Configuration,
            Self::Handoff { .. } => ErrorKind::Bug,
        }
    }
}

/// Panel, wave, delivery and sheet: where every message begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub panel_wave: PanelWave,
    pub delivery: String,
    pub sheet: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: `{}`", self.panel_wave, self.delivery)?;
        self.sheet.as_ref().map_or(Ok(()), |sheet| write!(formatter, ": sheet `{sheet}`"))
    }
}

/// An item whose column the delivery does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNotFound {
    pub concept: String,
    pub column: String,
    pub occurrence: u32,
    /// Headers of the file that nobody claims, the most similar first.
    pub similar: Vec<String>,
    /// What else is known, e.g. that the column was dropped as personal.
    pub note: String,
    /// Line in config/codebook/items.csv.
    pub line: u32,
}

impl fmt::Display for ColumnNotFound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "column not found: `{}`", self.column)?;
        if self.occurrence > 1 {
            write!(formatter, " (number {} of that name)", self.occurrence)?;
        }
        write!(formatter, ", expected for item `{}`", self.concept)?;
        if !self.note.is_empty() {
            write!(formatter, "; {}", self.note)?;
        }
        match self.similar.as_slice() {
            [] => write!(
                formatter,
                "; hint: the file has no similar header; see config/codebook/items.csv, line {}",
                self.line
            ),
            similar => {
                let quoted: Vec<String> =
                    similar.iter().map(|header| format!("`{}`", visible(header))).collect();
                write!(
                    formatter,
                    "; hint: the file has {}; if that is the question, add it to the aliases in config/codebook/items.csv, line {}",
                    quoted.join(", "),
                    self.line
                )
            }
        }
    }
}

/// A threshold that was exceeded, with the first places where.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokenGate {
    /// The setting's name, e.g. `unknown_answer_percent`, or the rule's.
    pub gate: String,
    /// Column and item, or the rows.
    pub subject: String,
    pub found_percent: f64,
    pub allowed_percent: f64,
    pub places: Vec<Finding>,
}

impl fmt::Display for BrokenGate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "gate `{}`: {}: found {:.2} %, expected at most {:.2} %",
            self.gate, self.subject, self.found_percent, self.allowed_percent
        )?;
        for place in &self.places {
            write!(formatter, "\n    {}", place_of(place))?;
            write!(formatter, "found {}, expected {}", place.found, place.expected)?;
            if !place.hint.is_empty() {
                write!(formatter, "; hint: {}", place.hint)?;
            }
        }
        Ok(())
    }
}

/// A setting that does not fit the codebook or the delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// File and line, or rule.
    pub place: String,
    pub message: String,
    pub hint: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(formatter, "; hint: {}", self.hint) }
    }
}

fn place_of(finding: &Finding) -> String {
    let parts: Vec<String> = [
        finding.cell.as_ref().map(|cell| format!("cell {cell}")),
        finding.line.map(|line| format!("line {line}")),
        finding.record.map(|record| format!("record {record}")),
        finding.column.as_ref().map(|column| format!("column `{column}`")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { String::new() } else { parts.join(", ") + ": " }
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

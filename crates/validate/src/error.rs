//! Why a panel-wave cannot be admitted or confronted.

use std::fmt;

use survey::header::visible;
use survey::hinted::{listed, texts};
use survey::{Finding, Hinted, Message, PanelWave};

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
    #[error("{}", texts(&not_found(place, columns)))]
    ColumnsNotFound { place: Box<Place>, columns: Vec<ColumnNotFound> },

    #[error("{}", texts(&broken(place, gates)))]
    Gate {
        place: Box<Place>,
        gates: Vec<BrokenGate>,
        /// All findings so far, for `peil findings`.
        findings: Vec<Finding>,
    },

    #[error("{}", texts(&configuration(panel_wave, mistakes)))]
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
        Ok(())
    }
}

impl ColumnNotFound {
    fn hint(&self) -> String {
        let line = self.line;
        match self.similar.as_slice() {
            [] => format!(
                "the file has no similar header; see config/codebook/items.csv, line {line}"
            ),
            similar => {
                let quoted: Vec<String> =
                    similar.iter().map(|header| format!("`{}`", visible(header))).collect();
                format!(
                    "the file has {}; if that is the question, add it to the aliases in config/codebook/items.csv, line {line}",
                    quoted.join(", ")
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
        )
    }
}

impl BrokenGate {
    /// Itself, and each place with its hint.
    fn messages(&self) -> Vec<Message> {
        let places = self.places.iter().map(|place| {
            let Finding { found, expected, .. } = place;
            let text = format!("    {}found {found}, expected {expected}", place_of(place));
            Message::new(text, unless_empty(&place.hint))
        });
        [Message::plain(self.to_string())].into_iter().chain(places).collect()
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
        write!(formatter, "{}: {}", self.place, self.message)
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

fn unless_empty(hint: &str) -> Option<String> {
    (!hint.is_empty()).then(|| hint.to_owned())
}

fn not_found(place: &Place, columns: &[ColumnNotFound]) -> Vec<Message> {
    let parts =
        columns.iter().map(|column| vec![Message::new(column.to_string(), Some(column.hint()))]);
    listed(place, parts.collect())
}

fn broken(place: &Place, gates: &[BrokenGate]) -> Vec<Message> {
    listed(place, gates.iter().map(BrokenGate::messages).collect())
}

fn configuration(panel_wave: &PanelWave, mistakes: &[Mistake]) -> Vec<Message> {
    let parts = mistakes
        .iter()
        .map(|mistake| vec![Message::new(mistake.to_string(), unless_empty(&mistake.hint))]);
    listed(panel_wave, parts.collect())
}

impl Hinted for Error {
    fn hint(&self) -> Option<String> {
        if let [only] = self.messages().as_slice() { only.hint.clone() } else { None }
    }

    fn messages(&self) -> Vec<Message> {
        match self {
            Self::ColumnsNotFound { place, columns } => not_found(place, columns),
            Self::Gate { place, gates, .. } => broken(place, gates),
            Self::Configuration { panel_wave, mistakes } => configuration(panel_wave, mistakes),
            other @ Self::Handoff { .. } => vec![Message::plain(other.to_string())],
        }
    }
}

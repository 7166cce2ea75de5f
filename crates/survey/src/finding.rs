//! What is wrong with the answers (finding) and what was done with a reservation (warning).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Code, Hinted, Message, PanelWave, Wave};

#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    #[default]
    Warning,
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Something about the answers: never holds a raw value or an id, only its class or shape.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// The rule's name where a rule of config/rules found it.
    pub rule: Option<String>,
    pub panel: Option<String>,
    pub wave: Option<Wave>,
    /// The delivery's name in the pipeline file.
    pub delivery: String,
    pub sheet: Option<String>,
    /// A1 address in a workbook, or in a CSV counted as if it were opened in Excel.
    pub cell: Option<String>,
    /// Record number in the file, from 1, headers not counted.
    pub record: Option<u64>,
    /// Physical line of the record's start, from 1.
    pub line: Option<u64>,
    /// The column's header as delivered.
    pub column: Option<String>,
    pub concept: Option<String>,
    /// Class or shape of what was found, e.g. `text of 9 characters`.
    pub found: String,
    pub expected: String,
    /// What the pipeline did about it.
    pub action: String,
    /// How to correct it.
    pub hint: String,
    /// How many cells or rows this finding speaks of.
    pub count: u64,
}

impl Finding {
    /// A finding with its code and place; the rest is filled in by struct update.
    pub fn new(code: Code, severity: Severity, delivery: &str) -> Self {
        Self {
            code,
            severity,
            rule: None,
            panel: None,
            wave: None,
            delivery: delivery.to_owned(),
            sheet: None,
            cell: None,
            record: None,
            line: None,
            column: None,
            concept: None,
            found: String::new(),
            expected: String::new(),
            action: String::new(),
            hint: String::new(),
            count: 1,
        }
    }

    #[must_use]
    pub fn of(mut self, panel_wave: &PanelWave) -> Self {
        self.panel = Some(panel_wave.panel.clone());
        self.wave = Some(panel_wave.wave);
        self
    }
}

/// "Done, but": travels in the hand-off and ends in the report.
#[derive(Debug, Clone, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Warning {
    pub code: Code,
    pub panel: Option<String>,
    pub wave: Option<Wave>,
    pub message: String,
    /// What may help.
    #[serde(default)]
    pub hint: Option<String>,
}

impl Warning {
    /// What it says, and its hint in a line of its own.
    pub fn with_hint(&self) -> String {
        Message::new(self.message.as_str(), self.hint.clone()).with_hints()
    }
}

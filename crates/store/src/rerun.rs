//! Why a step runs again: values with facts, serde for machines, one presentation for people.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A reason to run a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Rerun {
    FirstTime,
    /// The file's bytes changed; what that means in cells stands in `change` once both were read.
    DeliveryChanged {
        delivery: String,
        file: String,
        change: Option<DeliveryChange>,
    },
    /// A row of a codebook table.
    CodebookRow {
        table: String,
        row: String,
        change: Change,
    },
    PopulationTotal {
        panel: String,
        wave: String,
        margin: String,
        level: String,
        change: Change,
    },
    Rule {
        rule: String,
        change: Change,
    },
    WeightingScheme {
        setting: String,
        change: Change,
    },
    /// Any other setting, by its path.
    Setting {
        setting: String,
        change: Change,
    },
    /// The settings that the kept hand-off was made with are no longer there to compare with.
    SettingsUnknown,
    /// The kept hand-off was made by a program that was built from other sources.
    ProgramChanged {
        from: String,
        to: String,
    },
    InputChanged {
        input: String,
        from: String,
        to: String,
    },
    InputAdded {
        input: String,
    },
    InputRemoved {
        input: String,
    },
    /// The record of the step cannot be read.
    RecordDamaged {
        file: String,
    },
    OutputMissing {
        file: String,
    },
    /// The bytes are not those that were written.
    OutputDamaged {
        file: String,
        expected: String,
        found: String,
    },
    /// What readers see is not the release that was published.
    ReleaseDamaged {
        file: String,
        found: String,
        expected: String,
    },
    /// The release was built and written down, and its run ended before readers were switched to it.
    NotSwitched {
        release: String,
    },
    Forced,
}

/// From what to what; nothing on one side when it was added or removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The field of the row, where one alone changed.
    pub field: Option<String>,
    pub from: Option<Value>,
    pub to: Option<Value>,
}

/// What another file means in cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryChange {
    pub sheet: Option<String>,
    pub rows_added: u64,
    pub rows_removed: u64,
    /// Cells that differ by column header, over the rows that both have.
    pub columns: Vec<ColumnChange>,
    pub columns_added: Vec<String>,
    pub columns_removed: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnChange {
    pub column: String,
    pub cells: u64,
}

impl Rerun {
    /// Whether what was kept is gone or holds other bytes than were written.
    pub fn is_loss(&self) -> bool {
        matches!(
            self,
            Self::RecordDamaged { .. }
                | Self::OutputMissing { .. }
                | Self::OutputDamaged { .. }
                | Self::ReleaseDamaged { .. }
        )
    }
}

impl fmt::Display for Rerun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstTime => write!(formatter, "first time"),
            Self::DeliveryChanged { delivery, file, change } => match change {
                None => write!(formatter, "delivery `{delivery}` (`{file}`) changed"),
                Some(change) => write!(formatter, "`{file}`: {change}"),
            },
            Self::CodebookRow { table, row, change } => {
                write!(formatter, "{table}: `{row}` {change}")
            }
            Self::PopulationTotal { panel, wave, margin, level, change } => {
                write!(
                    formatter,
                    "targets/{panel}.csv: {wave} total of `{margin}={level}` {change}"
                )
            }
            Self::Rule { rule, change } => write!(formatter, "rule `{rule}` {change}"),
            Self::WeightingScheme { setting, change } => {
                write!(formatter, "weighting: `{setting}` {change}")
            }
            Self::Setting { setting, change } => write!(formatter, "setting `{setting}` {change}"),
            Self::SettingsUnknown => {
                write!(formatter, "settings changed; the former ones are not kept")
            }
            Self::ProgramChanged { from, to } => {
                write!(formatter, "the program changed ({from} to {to})")
            }
            Self::InputChanged { input, from, to } => {
                write!(formatter, "{input} changed ({from} to {to})")
            }
            Self::InputAdded { input } => write!(formatter, "{input} is new"),
            Self::InputRemoved { input } => write!(formatter, "{input} is gone"),
            Self::RecordDamaged { file } => write!(formatter, "record `{file}` cannot be read"),
            Self::OutputMissing { file } => write!(formatter, "output `{file}` is missing"),
            Self::OutputDamaged { file, expected, found } => {
                write!(
                    formatter,
                    "output `{file}` is damaged: blake3 {found} instead of {expected}"
                )
            }
            Self::ReleaseDamaged { file, found, expected } => {
                write!(formatter, "marts: `{file}`: found {found}, expected {expected}")
            }
            Self::NotSwitched { release } => {
                write!(formatter, "readers were not switched to release {release}")
            }
            Self::Forced => write!(formatter, "forced"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.field, &self.from, &self.to) {
            (None, None, _) => write!(formatter, "is new"),
            (None, _, None) => write!(formatter, "is gone"),
            (None, Some(from), Some(to)) => {
                write!(formatter, "changed from {} to {}", brief(from), brief(to))
            }
            (Some(field), from, to) => {
                let of = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), brief);
                write!(formatter, "`{field}` changed from {} to {}", of(from), of(to))
            }
        }
    }
}

/// A value of a setting, short enough for a line.
fn brief(value: &Value) -> String {
    let text = match value {
        Value::String(text) => format!("`{text}`"),
        Value::Null => "nothing".to_owned(),
        other => format!("`{other}`"),
    };
    if text.chars().count() <= 80 {
        text
    } else {
        format!("{}…`", text.chars().take(79).collect::<String>())
    }
}

impl fmt::Display for DeliveryChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sheet) = &self.sheet {
            write!(formatter, "sheet `{sheet}`, ")?;
        }
        let mut parts = Vec::new();
        for (count, what) in [(self.rows_added, "added"), (self.rows_removed, "removed")] {
            if count > 0 {
                parts.push(format!("{} {what}", counted(count, "row")));
            }
        }
        for column in self.columns.iter().take(3) {
            parts.push(format!("{} of `{}`", counted(column.cells, "cell"), column.column));
        }
        if self.columns.len() > 3 {
            let cells = self.columns[3..].iter().map(|column| column.cells).sum();
            parts.push(format!(
                "{} of {} other columns",
                counted(cells, "cell"),
                self.columns.len() - 3
            ));
        }
        for (columns, what) in [(&self.columns_added, "new"), (&self.columns_removed, "gone")] {
            parts.extend(columns.iter().map(|column| format!("column `{column}` {what}")));
        }
        if parts.is_empty() {
            parts.push("other bytes, the same cells".to_owned());
        }
        formatter.write_str(&parts.join(", "))
    }
}

/// `1 cell`, `77 cells`.
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reasons_read_as_sentences() {
        let check = |rerun: &Rerun, expected: &str| assert_eq!(rerun.to_string(), expected);
        let change = |from: &str, to: &str| Change {
            field: Some("column".to_owned()),
            from: Some(json!(from)),
            to: Some(json!(to)),
        };
        check(
            &Rerun::CodebookRow {
                table: "codebook/items.csv".into(),
                row: "gp,2024,video_use".into(),
                change: change("Q12_3", "Q14_3"),
            },
            "codebook/items.csv: `gp,2024,video_use` `column` changed from `Q12_3` to `Q14_3`",
        );
        check(
            &Rerun::DeliveryChanged {
                delivery: "gp_2025".into(),
                file: "huisartsen_2025.xlsx".into(),
                change: Some(DeliveryChange {
                    sheet: Some("Data".into()),
                    rows_added: 0,
                    rows_removed: 0,
                    columns: vec![ColumnChange { column: "Q12".into(), cells: 77 }],
                    columns_added: vec![],
                    columns_removed: vec![],
                }),
            },
            "`huisartsen_2025.xlsx`: sheet `Data`, 77 cells of `Q12`",
        );
    }
}

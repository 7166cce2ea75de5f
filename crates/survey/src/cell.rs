//! What a delivered cell is and where it stands.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What was found in a cell, before anybody says what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i8)]
pub enum Class {
    Empty = 0,
    Text = 1,
    Number = 2,
    Date = 3,
    Bool = 4,
    Error = 5,
    FormulaWithoutValue = 6,
}

impl Class {
    pub const ALL: [Self; 7] = [
        Self::Empty,
        Self::Text,
        Self::Number,
        Self::Date,
        Self::Bool,
        Self::Error,
        Self::FormulaWithoutValue,
    ];

    /// The class kept as `code` in a hand-off.
    pub fn from_code(code: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| *class as i8 == code)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Bool => "bool",
            Self::Error => "error value",
            Self::FormulaWithoutValue => "formula without value",
        }
    }
}

/// A cell's place in a sheet, both counted from zero; shown as Excel shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    pub row: u32,
    pub column: u32,
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", column_letters(self.column), self.row + 1)
    }
}

/// `0` is `A`, `26` is `AA`.
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.reverse();
    letters.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_as_excel_writes_them() {
        let check =
            |row, column, expected: &str| assert_eq!(Address { row, column }.to_string(), expected);
        check(0, 0, "A1");
        check(3, 25, "Z4");
        check(9, 26, "AA10");
        check(1_048_575, 16_383, "XFD1048576");
    }
}

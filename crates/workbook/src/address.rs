//! Where a cell stands in its sheet.

use std::fmt;

/// Of a sheet, from 0.
pub(crate) const LAST_ROW: u32 = 1_048_575;

/// Row and column, both from 0; shown as a spreadsheet shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub row: u32,
    pub column: u32,
}

impl Address {
    /// `B3` as row 2, column 1.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let row: u32 = text.get(letters..)?.parse().ok()?;
        let column = text.as_bytes().get(..letters).filter(|letters| !letters.is_empty())?;
        let column = column.iter().try_fold(0_u32, |column, letter| {
            let digit = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
            column.checked_mul(26)?.checked_add(digit)
        })?;
        Some(Self { row: row.checked_sub(1)?, column: column - 1 })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut letters, mut rest) = (String::new(), self.column + 1);
        while rest > 0 {
            rest -= 1;
            letters.insert(0, char::from(b'A' + (rest % 26) as u8));
            rest /= 26;
        }
        write!(formatter, "{letters}{}", u64::from(self.row) + 1)
    }
}

/// Rows and columns from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub first: (u32, u32),
    pub last: (u32, u32),
}

impl Area {
    pub(crate) fn new(first: (u32, u32), last: (u32, u32)) -> Option<Self> {
        (first.0 <= last.0 && first.1 <= last.1).then_some(Self { first, last })
    }
}

impl fmt::Display for Area {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = |(row, column)| Address { row, column };
        write!(formatter, "{}:{}", address(self.first), address(self.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_row_and_a_column() {
        let place = |text| Address::parse(text).map(|found| (found.row, found.column));
        assert_eq!(place("A1"), Some((0, 0)));
        assert_eq!(place("AB10"), Some((9, 27)));
        assert_eq!(place("XFD1048576"), Some((1_048_575, 16_383)));
        for none in ["", "A", "1", "A0", "1A"] {
            assert_eq!(place(none), None, "{none}");
        }
    }

    #[test]
    fn an_address_is_shown_as_it_is_read() {
        for text in ["A1", "Z4", "AA10", "XFD1048576"] {
            assert_eq!(Address::parse(text).map(|found| found.to_string()).as_deref(), Some(text));
        }
    }
}

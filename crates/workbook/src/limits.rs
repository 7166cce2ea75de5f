//! How much a workbook may ask of the machine.

use crate::error::Error;

/// A workbook that exceeds one of these is refused with an error that names the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub columns: usize,
    /// Cells of one sheet, repeated ones counted.
    pub cells: u64,
    /// Bytes of the text of one row.
    pub row_bytes: usize,
    /// All parts together, as the archive's directory states them.
    pub uncompressed_bytes: u64,
    pub archive_entries: usize,
    pub shared_strings: u64,
    /// What may be held in memory at once: one part, or a workbook that has to be read whole.
    pub memory_bytes: u64,
    /// That may read one sheet: with more than one a long sheet is unpacked and taken apart ahead.
    pub threads: usize,
}

impl Limits {
    pub(crate) fn check_column(&self, column: u32) -> Result<(), Error> {
        if column as usize >= self.columns {
            return Err(Error::limit("columns", u64::from(column) + 1, self.columns as u64));
        }
        Ok(())
    }

    /// `row` counts from 0.
    pub(crate) fn check_row_bytes(&self, row: u32, bytes: usize) -> Result<(), Error> {
        if bytes > self.row_bytes {
            let limit = self.row_bytes as u64;
            return Err(Error::limit(format!("bytes in row {}", row + 1), limit + 1, limit));
        }
        Ok(())
    }

    /// A number of shared texts, as the workbook states it; `most` of them fit in the bytes that there are.
    pub(crate) fn check_stated(&self, found: u64, most: u64) -> Result<(), Error> {
        if found > self.shared_strings {
            let what = "shared texts, as the workbook states them";
            return Err(Error::limit(what, found, self.shared_strings));
        }
        if found > most {
            let what = format!("it states {found} shared texts where there is space for {most}");
            return Err(Error::Damaged(what));
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// For tests of the readers.
    pub(crate) fn small() -> Limits {
        Limits {
            columns: 8,
            cells: 100,
            row_bytes: 1000,
            uncompressed_bytes: 10_000,
            archive_entries: 10,
            threads: 1,
            shared_strings: 10,
            memory_bytes: 1000,
        }
    }

    #[test]
    fn a_limit_is_told_with_what_was_found() {
        let told = |checked: Result<(), Error>| checked.err().map(|error| error.to_string());
        assert_eq!(told(small().check_column(7)), None);
        assert_eq!(
            told(small().check_column(8)).as_deref(),
            Some("columns: found 9, the limit is 8")
        );
        assert_eq!(
            told(small().check_row_bytes(0, 1001)).as_deref(),
            Some("bytes in row 1: found 1001, the limit is 1000")
        );
        assert!(told(small().check_stated(9, 10)).is_none());
        assert!(told(small().check_stated(9, 8)).is_some_and(|text| text.contains("states 9")));
    }
}

//! Looks through the records of an xlsb ([MS-XLSB] 2.1.4) before calamine reads them, for lengths that lie; and puts the cells that
//! calamine would pass over in silence into a form that it reads.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use crate::address::{Area, LAST_ROW};
use crate::error::Error;
use crate::limits::Limits;

const ROW: u16 = 0;
const SHEET: u16 = 156;
const SHARED_TEXTS: u16 = 159;
const EXTENT: u16 = 148;
const ROWS_BEGIN: u16 = 145;
const ROWS_END: u16 = 146;
const BLANK: u16 = 1;
const ERROR: u16 = 3;
const TEXT: u16 = 6;
/// A formula whose value is an error.
const ERROR_OF_FORMULA: u16 = 11;
/// Cells that do not say their column: they are to the right of the one before.
const SHORT: std::ops::RangeInclusive<u16> = 12..=18;
const FORMATTED: u16 = 62;
const SHORT_FORMATTED: u16 = 61;

/// Error values that calamine does not know, by row and column.
pub(super) type NewerErrors = BTreeMap<(u32, u32), u8>;

/// What is known of a sheet before calamine reads it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) extent: Option<Area>,
    /// Whether calamine would pass over some of its cells.
    pub(super) is_to_be_rewritten: bool,
    pub(super) newer_errors: NewerErrors,
}

/// Reads record by record, and no length further than its part.
struct Records<R> {
    reader: BufReader<R>,
    body: Vec<u8>,
    longest: usize,
}

impl<R: Read> Records<R> {
    fn new(reader: R, longest: usize) -> Self {
        Self { reader: BufReader::with_capacity(1 << 16, reader), body: Vec::new(), longest }
    }

    /// The kind of the next record; none at the end of the part.
    fn next(&mut self) -> Result<Option<u16>, Error> {
        let Some(first) = self.byte()? else { return Ok(None) };
        let mut kind = u16::from(first);
        if kind & 0x80 != 0 {
            kind = kind & 0x7f | u16::from(self.byte()?.ok_or_else(cut_short)? & 0x7f) << 7;
        }
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?.ok_or_else(cut_short)?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if length > self.longest {
            return Err(Error::limit("bytes in a record", length as u64, self.longest as u64));
        }
        self.body.clear();
        let body = self.reader.by_ref().take(length as u64).read_to_end(&mut self.body);
        if body.map_err(Error::Unpacked)? < length {
            return Err(cut_short());
        }
        Ok(Some(kind))
    }

    fn byte(&mut self) -> Result<Option<u8>, Error> {
        let mut byte = [0];
        let read = self.reader.read(&mut byte).map_err(Error::Unpacked)?;
        Ok((read == 1).then_some(byte[0]))
    }

    fn number(&self, at: usize) -> Option<u32> {
        self.body.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
    }
}

fn cut_short() -> Error {
    Error::damaged("a record that is longer than its part")
}

/// A part that all sheets share: its records end where it does, and it holds as many texts as it says.
pub(super) fn shared_part(path: &str, bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    let mut records = Records::new(bytes, bytes.len());
    while let Some(kind) = records.next()? {
        if kind == SHARED_TEXTS && path.ends_with("sharedStrings.bin") {
            let stated = records.number(4).ok_or_else(cut_short)?;
            // The shortest entry is a head of two bytes, a byte of flags and an empty text.
            limits.check_stated(u64::from(stated), bytes.len() as u64 / 7 + 1)?;
        }
    }
    Ok(())
}

/// The relation and the name of each sheet.
pub(super) fn sheets(bytes: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let mut records = Records::new(bytes, bytes.len());
    let mut sheets = Vec::new();
    while let Some(kind) = records.next()? {
        if kind == SHEET
            && let Some((relation, end)) = wide(&records.body, 8)
            && let Some((name, _)) = wide(&records.body, end)
        {
            sheets.push((relation, name));
        }
    }
    Ok(sheets)
}

/// A text led by its length, and where it ends.
fn wide(body: &[u8], at: usize) -> Option<(String, usize)> {
    let length = u32::from_le_bytes(*body.get(at..)?.first_chunk()?) as usize;
    let end = length.checked_mul(2)?.checked_add(at + 4)?;
    let (units, _) = body.get(at + 4..end)?.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    Some((String::from_utf16_lossy(&units), end))
}

/// The fewest bytes of a cell's record behind its column and style.
fn least_bytes(kind: u16) -> usize {
    match kind {
        ERROR | 4 | 10 => 1,
        2 | TEXT..=8 => 4,
        5 | 9 => 8,
        _ => 0,
    }
}

/// A cell in the form that calamine reads: its kind, and its body from the column on.
fn long_form(kind: u16, body: &[u8], following: u32) -> Option<(u16, Vec<u8>)> {
    let led = |body: &[u8]| [&following.to_le_bytes(), body].concat();
    Some(match kind {
        ERROR_OF_FORMULA => (ERROR, body.get(..9)?.to_vec()),
        kind if SHORT.contains(&kind) => (kind - SHORT.start() + BLANK, led(body)),
        // A byte of flags stands before the text.
        FORMATTED => (TEXT, [body.get(..8)?, body.get(9..)?].concat()),
        SHORT_FORMATTED => (TEXT, led(&[body.get(..4)?, body.get(5..)?].concat())),
        kind => (kind, body.to_vec()),
    })
}

fn is_cell(kind: u16) -> bool {
    matches!(kind, 1..=18 | SHORT_FORMATTED | FORMATTED)
}

/// Error values up to Excel 2007.
fn is_known_error(code: u8) -> bool {
    matches!(code, 0x00 | 0x07 | 0x0f | 0x17 | 0x1d | 0x24 | 0x2a | 0x2b)
}

/// Looks through all cells of a sheet; `rewritten` takes the part as calamine can read it.
pub(super) fn sheet(
    reader: impl Read,
    limits: &Limits,
    mut rewritten: Option<&mut Vec<u8>>,
) -> Result<Found, Error> {
    let mut records = Records::new(reader, limits.row_bytes);
    let mut found = Found::default();
    let (mut row, mut following, mut is_inside, mut cells) = (0, 0, false, 0_u64);
    while let Some(kind) = records.next()? {
        let (mut written, mut body) = (kind, None);
        match kind {
            EXTENT => found.extent = extent(&records),
            ROWS_BEGIN => is_inside = true,
            ROWS_END => {
                write(rewritten, kind, &records.body);
                return Ok(found);
            }
            ROW if is_inside => {
                row = records.number(0).ok_or_else(cut_short)?;
                if row > LAST_ROW {
                    return Err(Error::damaged("a row below the last row of a sheet"));
                }
                following = 0;
            }
            kind if is_inside && is_cell(kind) => {
                cells += 1;
                if cells > limits.cells {
                    return Err(Error::limit("cells", cells, limits.cells));
                }
                let cut = || broken_cell(row);
                let (mut form, cell) = long_form(kind, &records.body, following).ok_or_else(cut)?;
                if cell.len() < 8 + least_bytes(form) {
                    return Err(broken_cell(row));
                }
                let column = u32::from_le_bytes(*cell.first_chunk().ok_or_else(cut)?);
                limits.check_column(column)?;
                following = column + 1;
                if form == ERROR && !is_known_error(cell[8]) {
                    found.newer_errors.insert((row, column), cell[8]);
                    form = BLANK;
                }
                found.is_to_be_rewritten |= form != kind;
                (written, body) = (form, Some(cell));
            }
            _ => {}
        }
        write(rewritten.as_deref_mut(), written, body.as_deref().unwrap_or(&records.body));
    }
    Err(Error::damaged("the rows end before the sheet does"))
}

/// Appends a record.
fn write(out: Option<&mut Vec<u8>>, kind: u16, body: &[u8]) {
    let Some(out) = out else { return };
    if kind < 0x80 {
        out.push(kind as u8);
    } else {
        out.extend([kind as u8 | 0x80, (kind >> 7) as u8]);
    }
    let mut length = body.len();
    while length > 0x7f {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(body);
}

fn broken_cell(row: u32) -> Error {
    Error::Damaged(format!("row {}: a cell that is cut short", row + 1))
}

fn extent<R: Read>(records: &Records<R>) -> Option<Area> {
    let number = |at| Some(records.number(at)?.min(LAST_ROW));
    Area::new((number(0)?, number(8)?), (number(4)?, number(12)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;
    use crate::limits::tests::small;

    fn cell(kind: u16, column: u8, value: &[u8]) -> Vec<u8> {
        record(kind, &[&[column, 0, 0, 0, 0, 0, 0, 0], value].concat())
    }

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        write(Some(&mut out), kind, body);
        out
    }

    fn row(number: u32) -> Vec<u8> {
        record(ROW, &number.to_le_bytes())
    }

    fn part(records: &[Vec<u8>]) -> Vec<u8> {
        [record(ROWS_BEGIN, b""), records.concat(), record(ROWS_END, b"")].concat()
    }

    fn look(records: &[Vec<u8>]) -> Result<(Found, Vec<u8>), String> {
        let mut rewritten = Vec::new();
        let found = sheet(&part(records)[..], &small(), Some(&mut rewritten));
        found.map(|found| (found, rewritten)).map_err(|error| error.to_string())
    }

    #[test]
    fn cells_that_calamine_passes_over_are_written_as_it_reads_them() {
        let number = 1.5_f64.to_le_bytes();
        let text = |flags: &[u8]| [flags, &[1, 0, 0, 0, b'x', 0]].concat();
        let given = [
            row(3),
            cell(ERROR_OF_FORMULA, 1, &[0x2a, 9, 9]),
            record(16, &[&[0; 4], &number[..]].concat()),
            record(SHORT_FORMATTED, &[&[0; 4][..], &text(&[1])].concat()),
            cell(FORMATTED, 5, &text(&[1])),
            cell(ERROR, 6, &[0x2d]),
        ];
        let expected = [
            row(3),
            cell(ERROR, 1, &[0x2a]),
            cell(5, 2, &number),
            cell(TEXT, 3, &text(&[])),
            cell(TEXT, 5, &text(&[])),
            cell(BLANK, 6, &[0x2d]),
        ];
        let (found, rewritten) = look(&given).unwrap();
        assert!(found.is_to_be_rewritten);
        assert_eq!(found.newer_errors, [((3, 6), 0x2d)].into());
        assert_eq!(rewritten, part(&expected));
        let (again, same) = look(&expected).unwrap();
        assert!(!again.is_to_be_rewritten);
        assert_eq!(same, rewritten);
    }

    #[test]
    fn a_record_that_lies_and_a_cell_that_is_cut_short_are_refused() {
        let refused = |records: &[Vec<u8>], why: &str| {
            let told = look(records).map(drop);
            assert!(told.as_ref().is_err_and(|told| told.contains(why)), "{why}: {told:?}");
        };
        refused(&[row(0), cell(5, 0, &[0; 4])], "cut short");
        refused(&[row(0), cell(5, 9, &[0; 8])], "columns");
        refused(&[row(1 << 20)], "below the last row");
        refused(&[vec![5, 0x80, 0x80, 0x80, 0x7f]], "bytes in a record");
        refused(&[vec![5, 100]], "longer than its part");
        let many: Vec<Vec<u8>> = (0..101).map(|_| cell(BLANK, 0, b"")).collect();
        refused(&many, "cells");
    }
}

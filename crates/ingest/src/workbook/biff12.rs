//! The records of an xlsb part ([MS-XLSB] 2.1.4): kind, length, body.

use std::io::{BufRead, BufReader, Read};

use super::binary::{push_units, u32_at};
use super::sheet::Broken;

/// A body up to here is read into room that is made beforehand.
const SMALL: usize = 1 << 16;

/// Reads record by record; the body of the last one stays.
pub(super) struct Records<R> {
    reader: BufReader<R>,
    pub(super) body: Vec<u8>,
    /// Longest body.
    limit: usize,
}

impl<R: Read> Records<R> {
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self { reader: BufReader::with_capacity(SMALL, reader), body: Vec::new(), limit }
    }

    /// The kind of the next record; none at the end of the part.
    pub(super) fn next(&mut self) -> Result<Option<u16>, Broken> {
        if self.reader.fill_buf().map_err(Broken::Io)?.is_empty() {
            return Ok(None);
        }
        let mut kind = u16::from(self.byte()?);
        if kind & 0x80 != 0 {
            kind = kind & 0x7f | u16::from(self.byte()? & 0x7f) << 7;
        }
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if length > self.limit {
            return Err(Broken::RecordTooLong(length as u64));
        }
        self.body.clear();
        let read = if length <= SMALL {
            self.body.resize(length, 0);
            self.reader.read_exact(&mut self.body).map(|()| length)
        } else {
            // A length that the part does not have claims no memory.
            self.reader.by_ref().take(length as u64).read_to_end(&mut self.body)
        };
        match read {
            Ok(read) if read == length => Ok(Some(kind)),
            Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
                Err(Broken::Io(error))
            }
            _ => Err(cut_short()),
        }
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        let mut byte = [0];
        match self.reader.read_exact(&mut byte) {
            Ok(()) => Ok(byte[0]),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(cut_short()),
            Err(error) => Err(Broken::Io(error)),
        }
    }
}

fn cut_short() -> Broken {
    Broken::Damaged("a record that is longer than its part".to_owned())
}

/// Appends the text whose length stands at `at` as UTF-8; says where it ends.
pub(super) fn push_wide(bytes: &[u8], at: usize, out: &mut Vec<u8>) -> Option<usize> {
    let length = u32_at(bytes, at)? as usize;
    let end = length.checked_mul(2)?.checked_add(at + 4)?;
    let (units, _) = bytes.get(at + 4..end)?.as_chunks::<2>();
    push_units(units.iter().map(|unit| u16::from_le_bytes(*unit)), out);
    Some(end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn records_come_one_by_one_until_the_part_ends() {
        let bytes = [5, 2, 7, 8, 0x94, 0x01, 0, 0x80, 0x01, 0x80, 0x00];
        let mut records = Records::new(&bytes[..], 100);
        assert_eq!(records.next().unwrap(), Some(5));
        assert_eq!(records.body, [7, 8]);
        assert_eq!(records.next().unwrap(), Some(148));
        assert_eq!(records.next().unwrap(), Some(128));
        assert_eq!(records.next().unwrap(), None);
    }

    #[test]
    fn a_record_that_is_cut_short_or_too_long_is_refused() {
        let next = |bytes: &[u8]| Records::new(bytes, 1 << 20).next();
        assert!(matches!(next(&[5, 2, 7]), Err(Broken::Damaged(_))));
        assert!(matches!(next(&[5]), Err(Broken::Damaged(_))));
        assert!(matches!(next(&[0x85]), Err(Broken::Damaged(_))));
        assert!(matches!(next(&[5, 0x80, 0x80, 0x10, 1]), Err(Broken::Damaged(_))));
        assert!(matches!(next(&[5, 0xff, 0xff, 0xff, 0x7f]), Err(Broken::RecordTooLong(_))));
    }

    #[test]
    fn a_text_ends_where_its_length_says() {
        let mut out = Vec::new();
        assert_eq!(push_wide(&[9, 2, 0, 0, 0, 0x41, 0, 0xac, 0x20, 1], 1, &mut out), Some(9));
        assert_eq!(out, "A€".as_bytes());
        assert_eq!(push_wide(&[0xff, 0xff, 0xff, 0xff, 0x41, 0], 0, &mut out), None);
    }
}

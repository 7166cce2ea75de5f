//! The records of an xls stream ([MS-XLS] 2.1.4) and the texts in them, which may go on in further records.

use encoding_rs::Encoding;

use super::bytes::{push_units, u16_at};

/// What goes on from the record before.
pub(super) const CONTINUE: u16 = 0x003c;

#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    /// Where it begins in the stream, and where the next one does.
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) body: &'a [u8],
}

/// The record that begins at `at`; none at the end of the stream, or where it is cut short.
pub(super) fn record(stream: &[u8], at: usize) -> Option<Record<'_>> {
    let kind = u16_at(stream, at)?;
    let end = at + 4 + usize::from(u16_at(stream, at + 2)?);
    Some(Record { kind, at, end, body: stream.get(at + 4..end)? })
}

/// The records from `at` on, with those inside them left out: a chart in a sheet has records of its own.
pub(super) struct Records<'a> {
    stream: &'a [u8],
    at: usize,
    depth: usize,
    /// Whether the last record was read.
    ended: bool,
}

pub(super) const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;

impl<'a> Records<'a> {
    /// `at` is where a beginning stands.
    pub(super) fn new(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at, depth: 0, ended: false }
    }

    /// None at the end; what is wrong where the records break off.
    pub(super) fn next(&mut self) -> Option<Result<Record<'a>, String>> {
        while !self.ended {
            let Some(found) = record(self.stream, self.at) else {
                self.ended = true;
                return Some(Err("its records end before the sheet does".to_owned()));
            };
            self.at = found.end;
            match found.kind {
                BEGIN => {
                    self.depth += 1;
                    if self.depth == 1 {
                        return Some(Ok(found));
                    }
                }
                END => {
                    self.depth = self.depth.saturating_sub(1);
                    self.ended = self.depth == 0;
                }
                _ if self.depth <= 1 => return Some(Ok(found)),
                _ => {}
            }
        }
        None
    }
}

/// How texts are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Texts {
    /// From 1997 on.
    Units,
    /// In a code page, up to 1995.
    Bytes(&'static Encoding),
}

/// The bytes of a record and of those that continue it.
pub(super) struct Cursor<'a> {
    stream: &'a [u8],
    record: Record<'a>,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(stream: &'a [u8], record: Record<'a>, at: usize) -> Self {
        Self { stream, record, at }
    }

    /// Goes on in the next record; false where there is none.
    fn go_on(&mut self) -> bool {
        let next = record(self.stream, self.record.end).filter(|next| next.kind == CONTINUE);
        if let Some(next) = next {
            (self.record, self.at) = (next, 0);
        }
        next.is_some()
    }

    fn rest(&self) -> &'a [u8] {
        self.record.body.get(self.at..).unwrap_or_default()
    }

    pub(super) fn is_at_end(&mut self) -> bool {
        while self.rest().is_empty() {
            if !self.go_on() {
                return true;
            }
        }
        false
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        if self.is_at_end() {
            return None;
        }
        let byte = *self.rest().first()?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn number(&mut self, bytes: u32) -> Option<u32> {
        (0..bytes).try_fold(0, |sum, place| Some(sum | u32::from(self.byte()?) << (8 * place)))
    }

    pub(super) fn skip(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > 0 {
            if self.is_at_end() {
                return None;
            }
            let step = self.rest().len().min(bytes);
            self.at += step;
            bytes -= step;
        }
        Some(())
    }

    /// Appends a text of so many signs as UTF-8: its flags are read, its formatting is passed over.
    pub(super) fn text(&mut self, signs: usize, out: &mut Vec<u8>) -> Option<()> {
        let flags = self.byte()?;
        let runs = if flags & 8 == 0 { 0 } else { self.number(2)? };
        let phonetic = if flags & 4 == 0 { 0 } else { self.number(4)? };
        self.signs(signs, flags & 1 != 0, out)?;
        self.skip(runs as usize * 4)?;
        self.skip(phonetic as usize)
    }

    fn signs(&mut self, signs: usize, mut wide: bool, out: &mut Vec<u8>) -> Option<()> {
        let mut units = Vec::new();
        while units.len() < signs {
            if self.rest().is_empty() {
                if !self.go_on() {
                    return None;
                }
                // Where a text goes on it says anew how wide its signs are.
                wide = self.byte()? & 1 != 0;
            }
            let (rest, left) = (self.rest(), signs - units.len());
            if wide {
                let (pairs, _) = rest.as_chunks::<2>();
                let pairs = &pairs[..pairs.len().min(left)];
                if pairs.is_empty() {
                    return None;
                }
                units.extend(pairs.iter().map(|pair| u16::from_le_bytes(*pair)));
                self.at += pairs.len() * 2;
            } else {
                let bytes = &rest[..rest.len().min(left)];
                units.extend(bytes.iter().map(|byte| u16::from(*byte)));
                self.at += bytes.len();
            }
        }
        push_units(units.into_iter(), out);
        Some(())
    }

    /// Appends so many bytes of a code page as UTF-8.
    fn bytes(
        &mut self,
        bytes: usize,
        encoding: &'static Encoding,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let mut found = Vec::new();
        while found.len() < bytes {
            if self.is_at_end() {
                return None;
            }
            let rest = self.rest();
            let rest = &rest[..rest.len().min(bytes - found.len())];
            found.extend_from_slice(rest);
            self.at += rest.len();
        }
        out.extend_from_slice(encoding.decode_without_bom_handling(&found).0.as_bytes());
        Some(())
    }

    /// Appends a text that is led by its length in so many bytes.
    pub(super) fn led_text(&mut self, lead: u32, texts: Texts, out: &mut Vec<u8>) -> Option<()> {
        let length = self.number(lead)? as usize;
        match texts {
            Texts::Units if length == 0 && self.rest().is_empty() => Some(()),
            Texts::Units => self.text(length, out),
            Texts::Bytes(encoding) => self.bytes(length, encoding, out),
        }
    }
}

/// The encoding of a code page; none where it is unknown.
pub(super) fn encoding_of(code_page: u16) -> Option<&'static Encoding> {
    Some(match code_page {
        367 | 1252 | 32_769 => encoding_rs::WINDOWS_1252,
        866 => encoding_rs::IBM866,
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10_000 | 32_768 => encoding_rs::MACINTOSH,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    fn stream(records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (kind, body) in records {
            bytes.extend_from_slice(&kind.to_le_bytes());
            bytes.extend_from_slice(&(body.len() as u16).to_le_bytes());
            bytes.extend_from_slice(body);
        }
        bytes
    }

    fn check(records: &[(u16, &[u8])], expected: Option<&str>) {
        let stream = stream(records);
        let mut out = Vec::new();
        let read = Cursor::new(&stream, record(&stream, 0).unwrap(), 0).led_text(
            2,
            Texts::Units,
            &mut out,
        );
        assert_eq!(read.map(|()| String::from_utf8(out).unwrap()).as_deref(), expected);
    }

    #[test]
    fn a_text_goes_on_in_the_next_record_in_its_own_width() {
        check(&[(1, b"\x03\0\0abc")], Some("abc"));
        check(&[(1, b"\x02\0\x01\xac\x20\xe9\0")], Some("€é"));
        check(&[(1, b"\x03\0\0ab"), (CONTINUE, b"\x01\xac\x20")], Some("ab€"));
        check(
            &[(1, b"\x03\0\x01\x3d\xd8"), (CONTINUE, b"\x01\x4d\xdc"), (CONTINUE, b"\0x")],
            Some("👍x"),
        );
        check(&[(1, b"\x02\0\x08\x01\0ab\0\0\x05\0"), (CONTINUE, b"\0")], Some("ab"));
        check(&[(1, b"\x02\0\x04\x03\0\0\0abXYZ")], Some("ab"));
        check(&[(1, b"\0\0")], Some(""));
        check(&[(1, b"\x05\0\0abc")], None);
        check(&[(1, b"\x05\0\0abc"), (2, b"\0de")], None);
        check(&[(1, b"\x02\0\x01a")], None);
        check(&[(1, b"\x02\0\x08\xff\xffab")], None);
    }

    #[test]
    fn a_sheet_is_read_without_the_records_of_a_chart_inside_it() {
        let stream = stream(&[
            (BEGIN, b""),
            (1, b""),
            (BEGIN, b""),
            (2, b""),
            (END, b""),
            (3, b""),
            (END, b""),
            (4, b""),
        ]);
        let mut records = Records::new(&stream, 0);
        let mut kinds = Vec::new();
        while let Some(record) = records.next() {
            kinds.push(record.unwrap().kind);
        }
        assert_eq!(kinds, [BEGIN, 1, 3]);
        let mut cut = Records::new(&stream[..6], 0);
        assert!(cut.next().unwrap().is_ok());
        assert!(cut.next().unwrap().is_err());
        assert!(cut.next().is_none());
    }
}

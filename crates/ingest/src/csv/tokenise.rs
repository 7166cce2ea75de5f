//! Where the fields of a record begin and end.

use std::borrow::Cow;

/// Signs of a dialect; all ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
    /// `\n` (with or without `\r` before it), or `\r` in files of old.
    pub(crate) newline: u8,
}

/// A field's bytes from `start` to `end`; with the top bit of `end` set they still hold their quotation marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    end: u32,
}

const RAW: u32 = 1 << 31;

impl Span {
    pub(crate) const EMPTY: Self = Self { start: 0, end: 0 };

    /// The field's text.
    #[inline]
    pub(crate) fn text(self, bytes: &[u8], quote: u8) -> Cow<'_, [u8]> {
        let field = &bytes[self.start as usize..(self.end & !RAW) as usize];
        if self.end & RAW == 0 { Cow::Borrowed(field) } else { Cow::Owned(unquoted(field, quote)) }
    }
}

/// What ended a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// First byte of the next record.
    pub(crate) next: usize,
    /// Line ends in it, its own included.
    pub(crate) newlines: u32,
    pub(crate) stray_quote: bool,
    pub(crate) end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Newline,
    /// The bytes ended without one.
    Bytes,
    /// The bytes ended inside quotation marks.
    InsideQuotes,
}

impl Dialect {
    /// Puts the spans of the record that begins at `at` behind those in `spans`.
    #[inline]
    pub(crate) fn record(
        self,
        bytes: &[u8],
        at: usize,
        spans: &mut Vec<Span>,
        signs: &mut Signs,
    ) -> Record {
        let record = Record { next: bytes.len(), newlines: 0, stray_quote: false, end: End::Bytes };
        let mut reading = Reading { dialect: self, bytes, spans, signs, record };
        let mut position = at;
        loop {
            let quoted = bytes.get(position) == Some(&self.quote);
            let (after, last) =
                if quoted { reading.quoted(position) } else { reading.bare(position) };
            if last {
                reading.record.next = after;
                return reading.record;
            }
            position = after;
        }
    }
}

/// Where delimiters, quotation marks and line ends stand in 64 bytes of one text: a bit each.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    /// Which 64 bytes, from 1; 0 at the start.
    window: usize,
    bits: u64,
}

impl Signs {
    /// The first sign at `from` or behind it, else the end of the text.
    #[inline]
    fn next(&mut self, dialect: Dialect, bytes: &[u8], from: usize) -> usize {
        let mut window = from / 64;
        if self.window != window + 1 {
            self.look(dialect, bytes, window);
        }
        let mut bits = self.bits & (u64::MAX << (from % 64));
        while bits == 0 {
            window += 1;
            if window * 64 >= bytes.len() {
                return bytes.len();
            }
            self.look(dialect, bytes, window);
            bits = self.bits;
        }
        (window * 64 + bits.trailing_zeros() as usize).min(bytes.len())
    }

    fn look(&mut self, dialect: Dialect, bytes: &[u8], window: usize) {
        let rest = &bytes[window * 64..];
        let mut block = [0; 64];
        match rest.first_chunk::<64>() {
            Some(whole) => block = *whole,
            None => block[..rest.len()].copy_from_slice(rest),
        }
        let Dialect { delimiter, quote, newline } = dialect;
        let mut found = [0_u8; 64];
        for (found, byte) in found.iter_mut().zip(block) {
            *found =
                u8::from(byte == delimiter) | u8::from(byte == newline) | u8::from(byte == quote);
        }
        let (eights, _) = found.as_chunks::<8>();
        // The product moves the lowest bit of each of eight bytes into one byte.
        self.bits = eights.iter().rev().fold(0, |bits, eight| {
            bits << 8 | (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56)
        });
        self.window = window + 1;
    }
}

/// A record being read; each method takes a field and says where the next begins and whether this was the last.
struct Reading<'a> {
    dialect: Dialect,
    bytes: &'a [u8],
    spans: &'a mut Vec<Span>,
    signs: &'a mut Signs,
    record: Record,
}

impl Reading<'_> {
    /// A field without quotation marks around it.
    #[inline]
    fn bare(&mut self, start: usize) -> (usize, bool) {
        let end = self.signs.next(self.dialect, self.bytes, start);
        if self.bytes.get(end) == Some(&self.dialect.quote) {
            self.record.stray_quote = true;
            return self.literal(start, end, 0);
        }
        self.close(start, end, 0)
    }

    /// The rest of a field in which quotation marks are ordinary signs.
    fn literal(&mut self, start: usize, from: usize, flag: u32) -> (usize, bool) {
        let length =
            memchr::memchr2(self.dialect.delimiter, self.dialect.newline, &self.bytes[from..]);
        self.close(start, length.map_or(self.bytes.len(), |length| from + length), flag)
    }

    #[inline]
    fn close(&mut self, start: usize, mut end: usize, flag: u32) -> (usize, bool) {
        let (after, last) = self.after(end);
        if last && self.dialect.newline == b'\n' && end > start && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        self.spans.push(Span { start: start as u32, end: end as u32 | flag });
        (after, last)
    }

    /// Behind the delimiter or line end at `end`.
    #[inline]
    fn after(&mut self, end: usize) -> (usize, bool) {
        match self.bytes.get(end) {
            Some(sign) if *sign == self.dialect.delimiter => (end + 1, false),
            Some(_) => {
                self.record.newlines += 1;
                self.record.end = End::Newline;
                (end + 1, true)
            }
            None => (end, true),
        }
    }

    fn quoted(&mut self, start: usize) -> (usize, bool) {
        let Dialect { delimiter, quote, newline } = self.dialect;
        let bytes = self.bytes;
        let mut position = start + 1;
        let mut doubled = false;
        loop {
            let Some(length) = memchr::memchr2(quote, newline, &bytes[position..]) else {
                self.record.end = End::InsideQuotes;
                self.spans.push(Span { start: start as u32, end: bytes.len() as u32 | RAW });
                return (bytes.len(), true);
            };
            position += length + 1;
            if bytes[position - 1] == newline {
                self.record.newlines += 1;
            } else if bytes.get(position) == Some(&quote) {
                doubled = true;
                position += 1;
            } else {
                break;
            }
        }
        let carriage = bytes.get(position) == Some(&b'\r') && newline == b'\n';
        let end = position + usize::from(carriage);
        let closes =
            bytes.get(end).is_none_or(|sign| *sign == newline || (*sign == delimiter && !carriage));
        if !closes {
            self.record.stray_quote = true;
            return self.literal(start, position, RAW);
        }
        let span =
            if doubled { (start, position as u32 | RAW) } else { (start + 1, position as u32 - 1) };
        self.spans.push(Span { start: span.0 as u32, end: span.1 });
        self.after(end)
    }
}

/// A field that begins with a quotation mark: doubled ones become one, what follows the closing one stays.
fn unquoted(field: &[u8], quote: u8) -> Vec<u8> {
    let mut text = Vec::with_capacity(field.len());
    let mut signs = field[1..].iter().copied().peekable();
    while let Some(sign) = signs.next() {
        if sign == quote && signs.next_if_eq(&quote).is_none() {
            text.extend(signs);
            break;
        }
        text.push(sign);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECT: Dialect = Dialect { delimiter: b';', quote: b'"', newline: b'\n' };

    fn records(bytes: &str) -> (Vec<Vec<String>>, Vec<Record>) {
        let (mut at, mut texts, mut records) = (0, Vec::new(), Vec::new());
        let mut signs = Signs::default();
        while at < bytes.len() {
            let mut spans = Vec::new();
            let record = DIALECT.record(bytes.as_bytes(), at, &mut spans, &mut signs);
            let text = |span: &Span| {
                String::from_utf8_lossy(&span.text(bytes.as_bytes(), b'"')).into_owned()
            };
            texts.push(spans.iter().map(text).collect());
            records.push(record);
            at = record.next;
        }
        (texts, records)
    }

    fn check(bytes: &str, expected: &[&[&str]]) {
        assert_eq!(records(bytes).0, expected, "{bytes:?}");
    }

    #[test]
    fn fields_are_what_the_dialect_says() {
        check("a;b\r\nc;d\n", &[&["a", "b"], &["c", "d"]]);
        check("a;b", &[&["a", "b"]]);
        check(";;\n", &[&["", "", ""]]);
        check("\"a;b\";\"c\"\"d\"\r\n", &[&["a;b", "c\"d"]]);
        check("\"x\ny\";1\n2;3", &[&["x\ny", "1"], &["2", "3"]]);
        check("\"\";\"\"\"\"\n", &[&["", "\""]]);
        check("a\rb;c\n", &[&["a\rb", "c"]]);
        check("a\n\nb\n", &[&["a"], &[""], &["b"]]);
    }

    #[test]
    fn signs_are_found_wherever_they_stand_in_sixty_four_bytes() {
        for length in [1, 63, 64, 65, 127, 128, 200] {
            for at in 0..length {
                let mut bytes = vec![b'x'; length];
                bytes[at] = [b';', b'"', b'\n'][at % 3];
                let mut signs = Signs::default();
                assert_eq!(signs.next(DIALECT, &bytes, 0), at);
                assert_eq!(signs.next(DIALECT, &bytes, at), at);
                assert_eq!(signs.next(DIALECT, &bytes, at + 1), length);
            }
        }
    }

    #[test]
    fn stray_quotation_marks_lose_nothing() {
        check("5\" pipe;x\n", &[&["5\" pipe", "x"]]);
        check("\"a\"b;c\n", &[&["ab", "c"]]);
        check("\"a\" ;\"b\"\n", &[&["a ", "b"]]);
        assert!(records("5\" pipe;x\n").1[0].stray_quote);
        assert!(!records("\"5\"\" pipe\";x\n").1[0].stray_quote);
    }

    #[test]
    fn lines_are_counted_inside_quotation_marks_too() {
        let newlines: Vec<u32> =
            records("\"a\n\nb\";1\nc;d\n").1.iter().map(|record| record.newlines).collect();
        assert_eq!(newlines, [3, 1]);
        assert_eq!(records("a;\"b\nc").1[0].end, End::InsideQuotes);
    }
}

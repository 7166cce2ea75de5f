//! Where the fields of a record begin and end.

use std::borrow::Cow;

use super::dialect::Dialect;
use super::signs::{Signs, WINDOW};

/// A field's bytes from `start` to `end`; with the top bit of `end` set they still hold their quotation marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    end: u32,
}

const RAW: u32 = 1 << 31;

impl Span {
    pub const EMPTY: Self = Self { start: 0, end: 0 };

    /// Bytes of its text; more than any text has where that still holds its quotation marks.
    #[inline]
    pub fn plain_bytes(self) -> usize {
        (self.end - self.start) as usize
    }

    /// The field's text.
    #[inline]
    pub fn text(self, bytes: &[u8], quote: u8) -> Cow<'_, [u8]> {
        let field = &bytes[self.start as usize..(self.end & !RAW) as usize];
        if self.end & RAW == 0 { Cow::Borrowed(field) } else { Cow::Owned(unquoted(field, quote)) }
    }
}

/// What ended a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// First byte of the next record.
    pub next: usize,
    /// Line ends in it, its own included.
    pub newlines: u32,
    pub stray_quote: bool,
    pub end: End,
}

/// Where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Newline,
    /// The bytes ended without one.
    Bytes,
    /// The bytes ended inside quotation marks.
    InsideQuotes,
}

impl Dialect {
    /// Puts the spans of the record that begins at `at` behind those in `spans`.
    #[inline]
    pub fn record(
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

/// A record being read; each method takes a field or more and says where the next begins and whether this was the last.
struct Reading<'a> {
    dialect: Dialect,
    bytes: &'a [u8],
    spans: &'a mut Vec<Span>,
    signs: &'a mut Signs,
    record: Record,
}

impl Reading<'_> {
    /// Fields up to one with quotation marks around it.
    #[inline]
    fn bare(&mut self, mut start: usize) -> (usize, bool) {
        let mut window = start / WINDOW;
        let mut behind = u64::MAX << (start % WINDOW);
        while window * WINDOW < self.bytes.len() {
            self.signs.look(self.dialect, self.bytes, window);
            let others = self.signs.others & behind;
            let before_other = (others & others.wrapping_neg()).wrapping_sub(1);
            let mut delimiters = self.signs.delimiters & behind & before_other;
            self.spans.extend((0..delimiters.count_ones()).map(|_| {
                let end = window * WINDOW + delimiters.trailing_zeros() as usize;
                let span = Span { start: start as u32, end: end as u32 };
                delimiters &= delimiters - 1;
                start = end + 1;
                span
            }));
            if others != 0 {
                let at = window * WINDOW + others.trailing_zeros() as usize;
                return self.at_other(start, at);
            }
            (window, behind) = (window + 1, u64::MAX);
        }
        self.close(start, self.bytes.len(), 0)
    }

    /// The field from `start` on holds a quotation mark or line end at `at`, and nothing before it.
    #[inline]
    fn at_other(&mut self, start: usize, at: usize) -> (usize, bool) {
        if self.bytes[at] != self.dialect.quote {
            return self.close(start, at, 0);
        }
        if at == start {
            return (start, false);
        }
        self.record.stray_quote = true;
        self.literal(start, at, 0)
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
            let Some(at) = self.signs.next_other(self.dialect, bytes, position) else {
                self.record.end = End::InsideQuotes;
                self.spans.push(Span { start: start as u32, end: bytes.len() as u32 | RAW });
                return (bytes.len(), true);
            };
            position = at + 1;
            if bytes[at] == newline {
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

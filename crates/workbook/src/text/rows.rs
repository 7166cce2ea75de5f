//! All records of a text, with nothing left out.

use super::dialect::Dialect;
use super::record::End;
use super::signs::Signs;
use super::start::{ends_lines_with_carriage_return, separator_line};

/// A record as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRow {
    /// Physical line of its start, from 1.
    pub line: u64,
    pub cells: Vec<String>,
}

/// A quoted field that is never closed, in the record that begins at this line.
#[derive(Debug, PartialEq, Eq)]
pub struct Unclosed {
    pub line: u64,
}

/// The records of a text in UTF-8; a separator line is one of them, and goes before the delimiter.
pub fn all_rows(text: &[u8], delimiter: u8, quote: u8) -> Result<Vec<TextRow>, Unclosed> {
    let newline = if ends_lines_with_carriage_return(text, quote, true) { b'\r' } else { b'\n' };
    let mut dialect = Dialect { delimiter, quote, newline };
    let (mut at, mut line) = (0, 1);
    let mut rows = Vec::new();
    if let Some((delimiter, bytes)) = separator_line(text, newline) {
        dialect.delimiter = delimiter;
        let sign = String::from_utf8_lossy(&text[..bytes]).trim().to_owned();
        rows.push(TextRow { line, cells: vec![sign] });
        (at, line) = (bytes, 2);
    }
    let (mut spans, mut signs) = (Vec::new(), Signs::default());
    while at < text.len() {
        spans.clear();
        let record = dialect.record(text, at, &mut spans, &mut signs);
        if record.end == End::InsideQuotes {
            return Err(Unclosed { line });
        }
        let cell = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let cells = spans.iter().map(|span| cell(&span.text(text, quote))).collect();
        rows.push(TextRow { line, cells });
        line += u64::from(record.newlines);
        at = record.next;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_comes_with_its_line_and_a_separator_line_decides() {
        let rows = all_rows(b"sep=;\r\nid;a\r\n1;\"x\ny\"\r\n\r\n2;z", b',', b'"');
        let told: Option<Vec<(u64, String)>> =
            rows.ok().map(|rows| rows.iter().map(|row| (row.line, row.cells.join("|"))).collect());
        let expected = [(1, "sep=;"), (2, "id|a"), (3, "1|x\ny"), (5, ""), (6, "2|z")];
        assert_eq!(told, Some(expected.map(|(line, text)| (line, text.to_owned())).into()));
        assert_eq!(all_rows(b"a\n\"b", b',', b'"'), Err(Unclosed { line: 2 }));
    }
}

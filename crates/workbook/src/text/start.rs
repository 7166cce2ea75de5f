//! What the start of a text tells of its dialect: line ends and a separator line.

use super::dialect::END_MARK;

/// The first newline or carriage return outside quotation marks.
pub fn first_line_end(text: &[u8], quote: u8) -> Option<usize> {
    let mut inside = false;
    memchr::memchr3_iter(quote, b'\n', b'\r', text).find(|at| {
        inside ^= text[*at] == quote;
        text[*at] != quote && !inside
    })
}

/// Outside quotation marks there are carriage returns and no newline, but for one at the very end of all.
pub fn ends_lines_with_carriage_return(start: &[u8], quote: u8, is_all: bool) -> bool {
    let start = if is_all {
        let end = start.iter().rposition(|byte| *byte != END_MARK).map_or(0, |last| last + 1);
        let lines = &start[..end];
        lines.strip_suffix(b"\r\n").or_else(|| lines.strip_suffix(b"\n")).unwrap_or(lines)
    } else {
        start.strip_suffix(b"\r").unwrap_or(start)
    };
    let mut inside = false;
    let mut found = false;
    for at in memchr::memchr3_iter(quote, b'\n', b'\r', start) {
        match start[at] {
            b'\n' if !inside => return false,
            b'\r' if !inside => found = true,
            sign => inside ^= sign == quote,
        }
    }
    found
}

/// `sep=;` in the first line: its sign, and the bytes of the line.
pub fn separator_line(start: &[u8], newline: u8) -> Option<(u8, usize)> {
    let end = memchr::memchr(newline, start)?;
    let line = start[..end].trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    // The tab of `sep=<tab>` is white space and may have been trimmed.
    match line.split_at_checked(4) {
        Some((word, sign)) if word.eq_ignore_ascii_case(b"sep=") => match *sign {
            [sign] => Some((sign, end + 1)),
            [] if start.get(4) == Some(&b'\t') => Some((b'\t', end + 1)),
            _ => None,
        },
        _ => None,
    }
}

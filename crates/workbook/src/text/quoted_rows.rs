//! Rows inside quotation marks: a cell that holds whole rows, and lines that are quoted as a whole.

use std::borrow::Cow;

use super::blank::trim;
use super::dialect::Dialect;
use super::record::End;
use super::signs::Signs;

/// How many lines of a record look like rows, of how many that are not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinesLikeRows {
    rows: u32,
    pub lines: u32,
    /// Cells of a row.
    width: usize,
}

impl LinesLikeRows {
    /// Three lines in four, so that a row that is odd itself does not hide the others; with one delimiter a row, as `3,5` has it,
    /// nothing is plain.
    pub fn is_plain(self) -> bool {
        self.width > 2 && self.lines > 1 && self.rows * 4 >= self.lines * 3
    }

    /// Some line below the first is like a row.
    pub fn is_possible(self) -> bool {
        self.rows > 1
    }
}

/// Looks at each line of a record as if no quotation mark opened before it. A line is like a row where it has as many cells, none
/// with a space behind the delimiter as prose has, and an id like the record's own.
pub fn lines_like_rows(
    record: &[u8],
    dialect: Dialect,
    width: usize,
    id: Option<usize>,
) -> LinesLikeRows {
    let mut found = LinesLikeRows { rows: 0, lines: 0, width };
    let mut own_id: Option<Vec<u8>> = None;
    for line in record.split(|byte| *byte == dialect.newline) {
        if trim(line).is_empty() {
            continue;
        }
        found.lines += 1;
        let cells = cells(line, dialect);
        let fits = cells.len() == width && !cells.iter().any(|cell| cell.starts_with(b" "));
        let line_id = id.and_then(|id| cells.get(id)).map(|cell| trim(cell).to_vec());
        let is_like = match (&own_id, &line_id) {
            (Some(own), Some(other)) => is_like_id(own, other),
            (None, Some(_)) => true,
            (_, None) => id.is_none(),
        };
        if found.lines == 1 {
            own_id = line_id;
        }
        found.rows += u32::from(fits && is_like);
    }
    found
}

/// The cells of one line; behind a quotation mark that stays open every delimiter counts.
fn cells(line: &[u8], dialect: Dialect) -> Vec<Cow<'_, [u8]>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut spans = Vec::new();
    let record = dialect.record(line, 0, &mut spans, &mut Signs::default());
    let open = (record.end == End::InsideQuotes).then(|| spans.pop()).flatten();
    let mut cells: Vec<Cow<'_, [u8]>> =
        spans.iter().map(|span| span.text(line, dialect.quote)).collect();
    if let Some(open) = open {
        let rest = &line[open.start as usize + 1..];
        cells.extend(rest.split(|byte| *byte == dialect.delimiter).map(Cow::Borrowed));
    }
    cells
}

/// Digits only, digits among others, or none; no white space inside; about as long.
fn is_like_id(own: &[u8], other: &[u8]) -> bool {
    let (shorter, longer) = (own.len().min(other.len()), own.len().max(other.len()));
    let kind = |id: &[u8]| {
        let digits = id.iter().filter(|byte| byte.is_ascii_digit()).count();
        (digits == id.len(), digits > 0)
    };
    shorter > 0
        && longer <= 2 * shorter + 1
        && !other.iter().any(u8::is_ascii_whitespace)
        && kind(own) == kind(other)
}

/// Cells of a record that is one quoted cell, when that is cut once more.
pub fn cells_inside(record: &[u8], dialect: Dialect, delimiter: u8) -> usize {
    let mut spans = Vec::new();
    let read = dialect.record(record, 0, &mut spans, &mut Signs::default());
    let [only] = spans.as_slice() else { return 0 };
    let is_whole = !read.stray_quote && read.end != End::InsideQuotes;
    if !is_whole || record.first() != Some(&dialect.quote) {
        return 0;
    }
    let inside = only.text(record, dialect.quote).into_owned();
    let mut spans = Vec::new();
    Dialect { delimiter, ..dialect }.record(&inside, 0, &mut spans, &mut Signs::default());
    spans.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECT: Dialect = Dialect { delimiter: b';', quote: b'"', newline: b'\n' };

    fn check(record: &str, width: usize, (rows, lines): (u32, u32), is_plain: bool) {
        let found = lines_like_rows(record.as_bytes(), DIALECT, width, Some(0));
        assert_eq!(found, LinesLikeRows { rows, lines, width }, "{record}");
        assert_eq!(found.is_plain(), is_plain, "{record}");
    }

    #[test]
    fn lines_with_the_delimiters_and_the_id_of_a_row_are_rows() {
        check("2;\"groot;3\r\n3;matig;2\r\n4;scherm 15\";2\r\n", 3, (3, 3), true);
        check("2;\"groot;3\n3;scherm 15\";2", 3, (2, 2), true);
        check("R_2;\"groot;3\n\nR_3;\"goed; zeer\";2\nR_4;15\" scherm;2", 3, (3, 3), true);
        check("2;\"a;3\n3;b\n4;c;1\n5;d;1\n6;15\";2", 3, (4, 5), true);
    }

    #[test]
    fn an_answer_of_several_lines_is_none() {
        check("2;\"goed\nmooi\";3", 3, (0, 2), false);
        check("2;\"Goed; maar traag\nMooi; en snel\";3", 3, (0, 2), false);
        check("2;\"eerst\n3;b;c\ntot slot\nen nog iets\";3", 3, (1, 4), false);
        check("2;\"a;b\nEen zin;met twee;tekens\";3", 3, (1, 2), false);
        // Two columns: a finding, and no refusal.
        check("2;\"goed\n3;5 sterren\"", 2, (2, 2), false);
        check("1001;\"goed;x\n3;5;7\"", 3, (1, 2), false);
    }

    #[test]
    fn a_line_in_quotation_marks_is_told_by_what_is_inside() {
        let inside = |record: &str| cells_inside(record.as_bytes(), DIALECT, b';');
        assert_eq!(inside("\"1;44;\"\"goed, hoor\"\"\"\r\n"), 3);
        assert_eq!(inside("\"1;44\";x"), 0);
        assert_eq!(inside("1,44"), 0);
        assert_eq!(inside("\"a\"\n"), 1);
    }
}

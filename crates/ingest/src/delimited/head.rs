//! What stands above the first data row of a CSV: separator line, preamble, header.

use config::ExportProfile;

use workbook::text::{
    Dialect, End, Segments, Signs, Span, cells_inside, count, ends_lines_with_carriage_return,
    first_line_end, lines_like_rows, separator_line,
};

use super::pieces::unfit_piece;
use super::plan::Unfit;
use super::stop::{Stop, limit};
use crate::error::Error;
use crate::header::{Found, Search};
use crate::limits::Limits;
use crate::opened::Opened;
use crate::tally::Start;

/// The header and all above it.
pub(super) struct Head {
    pub(super) dialect: Dialect,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) header_line: u64,
    /// The first header row as a spreadsheet shows it: a record a row, without the separator line.
    pub(super) header_sheet_row: u64,
    /// Where the data begin.
    pub(super) start: Start,
    pub(super) notes: Vec<String>,
}

/// Text by which line ends and the separator line are told, however the text is cut; where the first line is longer, up to its end.
pub(crate) const START_BYTES: usize = 1 << 16;

/// Reads up to the first data row and leaves the segments there.
pub(super) fn head(
    opened: &Opened,
    profile: &ExportProfile,
    limits: &Limits,
    segments: &mut Segments,
    mut dialect: Dialect,
) -> Result<Head, Stop> {
    let mut notes = Vec::new();
    let start_bytes = read_start(opened, limits, segments, dialect.quote)?;
    let start = &segments.pending()[..start_bytes];
    let is_all = segments.ended() && start_bytes == segments.pending().len();
    if ends_lines_with_carriage_return(start, dialect.quote, is_all) {
        dialect.newline = b'\r';
        notes.push("lines end with a carriage return only".to_owned());
    }
    let mut line = 1;
    if let Some((delimiter, bytes)) = separator_line(start, dialect.newline) {
        if delimiter != dialect.delimiter {
            notes.push(format!(
                "the line `sep={}` overrides the profile's delimiter",
                char::from(delimiter)
            ));
        }
        dialect.delimiter = delimiter;
        segments.skip(bytes);
        line = 2;
    }
    segments.set_dialect(dialect);
    loop {
        let (rows, ends, whole) = first_rows(opened, segments, dialect, limits, line)?;
        let enough = rows.len() >= limits.header_search_rows
            || whole
            || segments.pending().len() >= limits.record_bytes;
        let text = segments.pending();
        let search = Search { profile, known: &opened.headers };
        let last = |first: usize| first + profile.header.rows as usize;
        // Where rows begin, as a place in the text and a line.
        let begin = |row: usize| if row == 0 { (0, line) } else { ends[row - 1] };
        let found = search.among(&rows, enough);
        // The row below the header is seen too: it may be one more of it.
        if let Found::At(first) = found
            && (last(first) < rows.len() || enough)
        {
            let last = last(first);
            let (bytes, data_line) = ends[last - 1];
            let (at, header_line) = begin(first);
            check_header(opened, &text[at..bytes], dialect, header_line)?;
            if rows[first].len() == 1 {
                check_lines(opened, text, dialect, &[dialect.delimiter], line)?;
            }
            segments.skip(bytes);
            return Ok(Head {
                dialect,
                rows: rows[first..last].to_vec(),
                header_line,
                header_sheet_row: first as u64 + 1,
                start: Start { record: 1, line: data_line, sheet_row: last as u64 + 1 },
                notes,
            });
        }
        if enough {
            check_lines(opened, text, dialect, &DELIMITERS, line)?;
            if let Found::Unrecognised(one) = &found
                && let Some((end, _)) = ends.get(one.first)
            {
                let (at, header_line) = begin(one.first);
                check_header(opened, &text[at..*end], dialect, header_line)?;
            }
            return Err(no_header(opened, search, dialect, &rows).into());
        }
        segments.grow().map_err(|failure| opened.stop(failure))?;
    }
}

/// Reads the start of the text, and says how long it is.
pub(crate) fn read_start(
    opened: &Opened,
    limits: &Limits,
    segments: &mut Segments,
    quote: u8,
) -> Result<usize, Stop> {
    loop {
        let text = segments.pending();
        let longest = text.len().min(limits.record_bytes);
        // One sign more, to see whether a carriage return stands alone.
        let line = first_line_end(&text[..longest], quote).map(|end| end + 2);
        let wanted = line.map_or(limits.record_bytes, |line| line.max(START_BYTES));
        if text.len() >= wanted || segments.ended() {
            return Ok(wanted.min(text.len()));
        }
        segments.grow().map_err(|failure| opened.stop(failure))?;
    }
}

/// Refuses a header that holds rows in a pair of quotation marks: its lines have the same number of cells, more than two.
fn check_header(
    opened: &Opened,
    header: &[u8],
    dialect: Dialect,
    mut line: u64,
) -> Result<(), Stop> {
    let (mut spans, mut signs, mut at) = (Vec::new(), Signs::default(), 0);
    while at < header.len() {
        spans.clear();
        let record = dialect.record(header, at, &mut spans, &mut signs);
        let text = &header[at..record.next];
        let last = line + u64::from(record.newlines) - u64::from(record.end == End::Newline);
        if record.newlines > 1
            && spans.len() > 2
            && lines_like_rows(text, dialect, spans.len(), None).is_plain()
        {
            let place = opened.place.clone();
            return Err(Error::RowsInQuotes { place, first: line, last }.into());
        }
        line += u64::from(record.newlines);
        at = record.next;
    }
    Ok(())
}

/// Refuses a text whose first lines stand in quotation marks as a whole, with the same number of cells inside.
pub(crate) fn check_lines(
    opened: &Opened,
    text: &[u8],
    dialect: Dialect,
    delimiters: &[u8],
    line: u64,
) -> Result<(), Stop> {
    let is_filled = |line: &&[u8]| !line.trim_ascii().is_empty();
    let first = |text| -> Vec<&[u8]> {
        let lines = <[u8]>::split(text, |byte| *byte == dialect.newline);
        lines.filter(is_filled).take(LINES_LOOKED_AT).collect()
    };
    let lines = first(text);
    let is_cut = |delimiter: &u8| {
        let mut cells = lines.iter().map(|line| cells_inside(line, dialect, *delimiter));
        cells.next().is_some_and(|first| first > 1 && cells.all(|other| other == first))
    };
    if delimiters.iter().any(is_cut) {
        let blank = text.iter().take_while(|byte| byte.is_ascii_whitespace());
        let line = line + blank.filter(|byte| **byte == dialect.newline).count() as u64;
        return Err(Error::LinesInQuotes { place: opened.place.clone(), line }.into());
    }
    Ok(())
}

/// That many lines are alike only where all are.
const LINES_LOOKED_AT: usize = 3;
/// Signs that stand between cells.
pub(crate) const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

type Ends = Vec<(usize, u64)>;

/// The first complete records; after each, the bytes used and the next line; whether they are all there are.
pub(crate) fn first_rows(
    opened: &Opened,
    segments: &Segments,
    dialect: Dialect,
    limits: &Limits,
    first_line: u64,
) -> Result<(Vec<Vec<String>>, Ends, bool), Stop> {
    // No further than a record may be long, so that the header does not depend on how the text is cut.
    let pending = segments.pending();
    let bytes = &pending[..pending.len().min(limits.record_bytes)];
    let ended = segments.ended() && bytes.len() == pending.len();
    let (mut rows, mut ends, mut spans) = (Vec::new(), Vec::new(), Vec::new());
    let (mut at, mut line, mut signs) = (0, first_line, Signs::default());
    while at < bytes.len() && rows.len() < limits.header_search_rows {
        spans.clear();
        let record = dialect.record(bytes, at, &mut spans, &mut signs);
        if record.end != End::Newline && !ended {
            return Ok((rows, ends, false));
        }
        if record.end == End::InsideQuotes {
            return Err(Error::QuoteNeverClosed { place: opened.place.clone(), line }.into());
        }
        if spans.len() > limits.columns {
            let advice = "look for another delimiter".to_owned();
            return Err(limit(
                opened,
                "columns",
                spans.len() as u64,
                limits.columns as u64,
                advice,
            )
            .into());
        }
        let text = |span: &Span| String::from_utf8(span.text(bytes, dialect.quote).into_owned());
        let row: Result<Vec<String>, _> = spans.iter().map(text).collect();
        rows.push(row.map_err(|_| {
            let valid = valid_bytes(&bytes[at..record.next]);
            let unfit = Unfit::NotUtf8 { line: count(valid, dialect.newline) };
            unfit_piece(opened, limits, &unfit, line)
        })?);
        line += u64::from(record.newlines);
        at = record.next;
        ends.push((at, line));
    }
    Ok((rows, ends, ended))
}

/// As many of them as are UTF-8.
fn valid_bytes(bytes: &[u8]) -> &[u8] {
    std::str::from_utf8(bytes).map_or_else(|error| &bytes[..error.valid_up_to()], str::as_bytes)
}

fn no_header(opened: &Opened, search: Search<'_>, dialect: Dialect, rows: &[Vec<String>]) -> Error {
    let first = rows.iter().find(|row| row.iter().any(|text| !text.trim().is_empty()));
    let Some(first) = first else {
        return Error::NoRows { place: opened.place.clone(), header_row: 0 };
    };
    let joined = first.join("");
    let other = DELIMITERS
        .into_iter()
        .map(|sign| (count(joined.as_bytes(), sign), sign))
        .filter(|(times, sign)| *times > 0 && *sign != dialect.delimiter && first.len() == 1)
        .max();
    let advice = other.map_or(String::new(), |(times, sign)| {
        let (sign, declared) = (char::from(sign), char::from(dialect.delimiter));
        format!(
            "the first row has {times} `{}` and no `{}`: declare another delimiter",
            sign.escape_default(),
            declared.escape_default()
        )
    });
    search.refusal(opened.place.clone(), rows, &advice)
}

//! What stands above the first data row of a CSV: separator line, preamble, header.

use survey::config::ExportProfile;
use survey::config::export::Encoding;

use super::encoding::{Charset, TextReader, count, decide};
use super::parse::Unfit;
use super::pieces::unfit_piece;
use super::segment::Segments;
use super::signs::Signs;
use super::tokenise::{Dialect, End, Span};
use super::{Stop, limit, wrong_encoding_of};
use crate::delivery::Opened;
use crate::error::Error;
use crate::header::{Found, Search};
use crate::limits::Limits;
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

/// Text by which line ends and the separator line are told, however the text is cut.
const START_BYTES: usize = 1 << 16;

/// Reads up to the first data row and leaves the segments there.
pub(super) fn head(
    opened: &Opened,
    profile: &ExportProfile,
    limits: &Limits,
    segments: &mut Segments,
    mut dialect: Dialect,
) -> Result<Head, Stop> {
    let mut notes = Vec::new();
    while segments.pending().len() < START_BYTES && !segments.ended() {
        segments.grow().map_err(|failure| opened.stop(failure))?;
    }
    let start = &segments.pending()[..segments.pending().len().min(START_BYTES)];
    if ends_lines_with_carriage_return(start, dialect.quote) {
        dialect.newline = b'\r';
        notes.push("lines end with a carriage return alone".to_owned());
    }
    let mut line = 1;
    if let Some((delimiter, bytes)) = separator_line(start, dialect.newline) {
        if delimiter != dialect.delimiter {
            notes.push(format!(
                "the line `sep={}` goes before the profile's delimiter",
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
        let search = Search { profile, known: &opened.headers };
        let last = |first: usize| first + profile.header.rows as usize;
        // The row below the header is seen too: it may be one more of it.
        if let Found::At(first) = search.among(&rows, enough)
            && (last(first) < rows.len() || enough)
        {
            let last = last(first);
            let (bytes, data_line) = ends[last - 1];
            let header_line = if first == 0 { line } else { ends[first - 1].1 };
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
            return Err(no_header(opened, search, dialect, &rows).into());
        }
        segments.grow().map_err(|failure| opened.stop(failure))?;
    }
}

/// Outside quotation marks there are carriage returns and no newline.
pub(super) fn ends_lines_with_carriage_return(start: &[u8], quote: u8) -> bool {
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

type Ends = Vec<(usize, u64)>;

/// The first complete records; after each, the bytes used and the next line; whether they are all there are.
fn first_rows(
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

/// `sep=;` in the first line: its sign, and the bytes of the line.
pub(super) fn separator_line(start: &[u8], newline: u8) -> Option<(u8, usize)> {
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

fn no_header(opened: &Opened, search: Search<'_>, dialect: Dialect, rows: &[Vec<String>]) -> Error {
    let first = rows.iter().find(|row| row.iter().any(|text| !text.trim().is_empty()));
    let Some(first) = first else {
        return Error::NoRows { place: opened.place.clone(), header_row: 0 };
    };
    let joined = first.join("");
    let other = [b';', b',', b'\t', b'|']
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

/// First rows of a file of which nothing is known, and the delimiter that makes them most alike.
pub(crate) fn first_look(
    opened: &Opened,
    limits: &Limits,
) -> Result<(Vec<Vec<String>>, char), Error> {
    let to_error = |stop| match stop {
        Stop::Error(error) => *error,
        Stop::Misfit(misfit) => {
            wrong_encoding_of(&opened.place, "UTF-8, UTF-16 or Windows-1252", misfit)
        }
    };
    let mut decision =
        decide(Encoding::Detect, &opened.start).map_err(Stop::Misfit).map_err(to_error)?;
    let end = opened.start.iter().rposition(|byte| *byte == b'\n').unwrap_or(opened.start.len());
    if decision.open && std::str::from_utf8(&opened.start[..end]).is_err() {
        decision.charset = Charset::Windows1252;
    }
    let mut best = (0, Vec::new(), ',');
    for delimiter in [';', ',', '\t', '|'] {
        let (content, _) = opened.content(limits)?;
        let mut dialect = Dialect { delimiter: delimiter as u8, quote: b'"', newline: b'\n' };
        let reader = TextReader::new(content, &decision);
        let mut segments = Segments::new(reader, dialect, 1 << 16, limits.record_bytes);
        segments.grow().map_err(|failure| to_error(opened.stop(failure)))?;
        if ends_lines_with_carriage_return(segments.pending(), dialect.quote) {
            dialect.newline = b'\r';
        }
        let (rows, ..) = first_rows(opened, &segments, dialect, limits, 1).map_err(to_error)?;
        // Rows of the commonest width, times that width less one.
        let mut widths: Vec<usize> = rows.iter().map(Vec::len).filter(|width| *width > 1).collect();
        widths.sort_unstable();
        let score = widths
            .chunk_by(|left, right| left == right)
            .map(|same| same.len() * (same[0] - 1))
            .max();
        if score.unwrap_or(0) > best.0 || best.1.is_empty() {
            best = (score.unwrap_or(0), rows, delimiter);
        }
    }
    Ok((best.1, best.2))
}

//! Delimited text, in pieces that are read side by side.

mod encoding;
mod parse;
mod segment;
mod tokenise;

use std::io::Read;

use rayon::prelude::*;
use survey::config::ExportProfile;
use survey::{Raw, Severity};

use crate::assemble::{Source, assemble};
use crate::chunk::Chunk;
use crate::classify::Classifier;
use crate::delivery::Opened;
use crate::error::{Error, Place};
use crate::findings::finding;
use crate::key::Key;
use crate::layout::{Layout, find_header};
use crate::limits::Limits;
use crate::receipt::about;
use crate::suggest::similar_headers;
use encoding::{Decision, Failure, Misfit, TextReader, count, decide, fall_back};
use parse::{Plan, Unfit, parse};
use segment::{Cutting, Segments};
use tokenise::{Dialect, End};

pub(crate) fn read(
    opened: &Opened,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
) -> Result<Raw, Error> {
    check_profile(opened, profile)?;
    if crate::workbook::is_workbook(&opened.start) {
        return Err(Error::WrongContainer {
            place: opened.place.clone(),
            found: "a workbook".to_owned(),
            expected: "delimited text",
            advice: "choose a profile with container `workbook`, or save the sheet as CSV UTF-8"
                .to_owned(),
        });
    }
    let misfit = |misfit| wrong_encoding(&opened.place, profile, misfit);
    let decision = decide(profile.csv.encoding, &opened.start).map_err(misfit)?;
    match read_as(opened, profile, key, limits, &decision) {
        Err(Stop::Misfit(found)) if decision.open => {
            let misfit_line = found.line;
            if is_utf8_up_to_misfit(opened, limits)? {
                let found = "bytes that are not UTF-8, below characters that are".to_owned().into();
                let advice =
                    "the file is damaged or pasted together of two; ask for UTF-8".to_owned();
                let expected = "one encoding in all of the file";
                let line = misfit_line;
                return Err(Error::WrongEncoding {
                    place: opened.place.clone(),
                    line,
                    found,
                    expected,
                    advice,
                });
            }
            let second = fall_back(&opened.start, &found);
            read_as(opened, profile, key, limits, &second)
        }
        result => result,
    }
    .map_err(|stop| match stop {
        Stop::Misfit(found) => misfit(found),
        Stop::Error(error) => *error,
    })
}

/// Whether characters beyond ASCII that are valid UTF-8 stand above the first bytes that are not.
fn is_utf8_up_to_misfit(opened: &Opened, limits: &Limits) -> Result<bool, Error> {
    let (mut content, _) = opened.content(limits)?;
    let mut rest = Vec::new();
    loop {
        let before = rest.len();
        content
            .by_ref()
            .take(1 << 18)
            .read_to_end(&mut rest)
            .map_err(|source| opened.broken(source))?;
        match std::str::from_utf8(&rest) {
            Ok(text) if !text.is_ascii() => return Ok(true),
            Err(error) if !rest[..error.valid_up_to()].is_ascii() => return Ok(true),
            Err(error) if error.error_len().is_some() => return Ok(false),
            _ if rest.len() == before => return Ok(false),
            Ok(text) => drop(rest.drain(..text.len())),
            Err(error) => drop(rest.drain(..error.valid_up_to())),
        }
    }
}

/// Why a reading ended: for good, or because another encoding may do better.
enum Stop {
    Misfit(Misfit),
    Error(Box<Error>),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(Box::new(error))
    }
}

impl Opened {
    fn stop(&self, failure: Failure) -> Stop {
        match failure {
            Failure::Io(source) => self.broken(source).into(),
            Failure::Misfit(misfit) => Stop::Misfit(misfit),
        }
    }
}

fn read_as(
    opened: &Opened,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
    decision: &Decision,
) -> Result<Raw, Stop> {
    let (content, digest) = opened.content(limits)?;
    let reader = TextReader::new(content, decision);
    let dialect = Dialect {
        delimiter: profile.csv.delimiter as u8,
        quote: profile.csv.quote as u8,
        newline: b'\n',
    };
    let mut segments = Segments::new(reader, dialect, limits.segment_bytes, limits.record_bytes);
    segments.grow().map_err(|failure| opened.stop(failure))?;
    let mut about = about(opened, profile, "csv");
    about.encoding = Some(decision.charset.name().to_owned());
    about.encoding_reason = Some(decision.reason.clone());
    let mut findings = Vec::new();
    if decision.charset == encoding::Charset::Windows1252
        && profile.csv.encoding != survey::config::export::Encoding::Windows1252
    {
        let words =
            [decision.reason.as_str(), "UTF-8", "read as Windows-1252", "save it as CSV UTF-8"];
        findings.push(finding(&opened.place, "encoding_fallback", Severity::Info, words));
    }
    let head = head(opened, profile, limits, &mut segments, dialect)?;
    about.header_row = head.header_line;
    about.notes.extend(head.notes);
    let layout = Layout::new(&head.rows, profile);
    if layout.width() > limits.columns {
        let advice = "look for another delimiter".to_owned();
        return Err(
            limit(opened, "columns", layout.width() as u64, limits.columns as u64, advice).into()
        );
    }
    let classifier = Classifier::new(&profile.values);
    let plan =
        Plan { dialect: head.dialect, layout: &layout, classifier: &classifier, key, limits };
    let chunks = chunks(opened, &mut segments, &plan, head.data_line)?;
    about.blake3 = match digest {
        Some(digest) => digest.hex(),
        None => opened.hash()?,
    };
    let source = Source {
        place: opened.place.clone(),
        about,
        findings,
        first_line: head.data_line,
        trim_left: false,
    };
    Ok(assemble(source, &layout, chunks, limits)?)
}

/// First rows of a file of which nothing is known, and the delimiter that makes them most alike.
pub(crate) fn first_look(
    opened: &Opened,
    limits: &Limits,
) -> Result<(Vec<Vec<String>>, char), Error> {
    use survey::config::export::Encoding;
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
        decision.charset = encoding::Charset::Windows1252;
    }
    let mut best = (0, Vec::new(), ',');
    for delimiter in [';', ',', '\t', '|'] {
        let (content, _) = opened.content(limits)?;
        let dialect = Dialect { delimiter: delimiter as u8, quote: b'"', newline: b'\n' };
        let reader = TextReader::new(content, &decision);
        let mut segments = Segments::new(reader, dialect, 1 << 16, limits.record_bytes);
        segments.grow().map_err(|failure| to_error(opened.stop(failure)))?;
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

/// All rows below the header, in the order of the file.
fn chunks(
    opened: &Opened,
    segments: &mut Segments,
    plan: &Plan<'_>,
    first_line: u64,
) -> Result<Vec<Chunk>, Stop> {
    let pieces = rayon::current_num_threads() * 2;
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut line = first_line;
    let mut rows: u64 = 0;
    let mut batch = segments.batch(pieces).map_err(|cutting| cut_failed(opened, cutting, line))?;
    while !batch.is_empty() {
        let (parsed, next) = rayon::join(
            || batch.par_iter().map(|piece| parse(piece, plan)).collect::<Vec<_>>(),
            || segments.batch(pieces),
        );
        let mut next = next.map_err(|cutting| cut_failed(opened, cutting, line));
        for (at, result) in parsed.into_iter().enumerate() {
            match result {
                Ok(chunk) => {
                    line += u64::from(chunk.lines_seen);
                    rows += u64::from(chunk.records_seen);
                    chunks.push(chunk);
                }
                Err(Unfit::InsideQuotes { .. })
                    if !segments.is_exact() || at + 1 < batch.len() || more(&next) =>
                {
                    let mut back = batch.split_off(at);
                    back.extend(std::mem::replace(&mut next, Ok(Vec::new()))?);
                    segments.take_back(&back);
                    next =
                        segments.batch(pieces).map_err(|cutting| cut_failed(opened, cutting, line));
                    break;
                }
                Err(unfit) => return Err(unfit_piece(opened, plan.limits, &unfit, line)),
            }
        }
        if rows > plan.limits.rows {
            return Err(limit(opened, "rows", rows, plan.limits.rows, String::new()).into());
        }
        batch = next?;
    }
    Ok(chunks)
}

fn more(next: &Result<Vec<Vec<u8>>, Stop>) -> bool {
    next.as_ref().is_ok_and(|batch| !batch.is_empty())
}

fn cut_failed(opened: &Opened, cutting: Cutting, line: u64) -> Stop {
    match cutting {
        Cutting::Failure(failure) => opened.stop(failure),
        Cutting::RecordTooLong => {
            Error::QuoteNeverClosed { place: opened.place.clone(), line }.into()
        }
    }
}

fn unfit_piece(opened: &Opened, limits: &Limits, unfit: &Unfit, line: u64) -> Stop {
    let place = opened.place.clone();
    match *unfit {
        Unfit::InsideQuotes { line: inside } => {
            Error::QuoteNeverClosed { place, line: line + inside }.into()
        }
        Unfit::NotUtf8 { line: inside } => Stop::Misfit(Misfit {
            line: line + inside,
            found: "bytes that are not UTF-8".to_owned(),
            advice: "declare encoding `windows-1252` or `detect` in the profile, or ask for UTF-8"
                .to_owned(),
        }),
        Unfit::RecordTooLong { line: inside } => {
            let what = format!("bytes in the record of line {}", line + inside);
            let found = limits.record_bytes as u64 + 1;
            let advice = "look for a quotation mark that is never closed".to_owned();
            limit(opened, &what, found, limits.record_bytes as u64, advice).into()
        }
        Unfit::TooManyColumns { line: inside, found } => {
            let what = format!("cells in the record of line {}", line + inside);
            limit(opened, &what, found as u64, limits.columns as u64, String::new()).into()
        }
    }
}

fn limit(opened: &Opened, what: &str, found: u64, limit: u64, advice: String) -> Error {
    Error::Limit { place: opened.place.clone(), what: what.to_owned(), found, limit, advice }
}

/// The header and all above it.
struct Head {
    dialect: Dialect,
    rows: Vec<Vec<String>>,
    header_line: u64,
    data_line: u64,
    notes: Vec<String>,
}

/// Reads up to the first data row and leaves the segments there.
fn head(
    opened: &Opened,
    profile: &ExportProfile,
    limits: &Limits,
    segments: &mut Segments,
    mut dialect: Dialect,
) -> Result<Head, Stop> {
    let mut notes = Vec::new();
    let start = segments.pending();
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
        let found = find_header(&rows, profile);
        let last = found.map(|first| first + profile.header.rows as usize);
        if let (Some(first), Some(last)) = (found, last)
            && last <= rows.len()
        {
            let (bytes, data_line) = ends[last - 1];
            let header_line = if first == 0 { line } else { ends[first - 1].1 };
            segments.skip(bytes);
            return Ok(Head {
                dialect,
                rows: rows[first..last].to_vec(),
                header_line,
                data_line,
                notes,
            });
        }
        let enough = rows.len() >= limits.header_search_rows
            || whole
            || segments.pending().len() > limits.record_bytes;
        if enough {
            return Err(no_header(opened, profile, dialect, &rows, limits).into());
        }
        segments.grow().map_err(|failure| opened.stop(failure))?;
    }
}

/// Outside quotation marks there are carriage returns and no newline.
fn ends_lines_with_carriage_return(start: &[u8], quote: u8) -> bool {
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
    let bytes = segments.pending();
    let (mut rows, mut ends, mut spans) = (Vec::new(), Vec::new(), Vec::new());
    let (mut at, mut line) = (0, first_line);
    while at < bytes.len() && rows.len() < limits.header_search_rows {
        spans.clear();
        let record = dialect.record(bytes, at, &mut spans);
        if record.end != End::Newline && !segments.ended() {
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
        let text =
            |span: &tokenise::Span| String::from_utf8(span.text(bytes, dialect.quote).into_owned());
        let row: Result<Vec<String>, _> = spans.iter().map(text).collect();
        rows.push(row.map_err(|_| unfit_piece(opened, limits, &Unfit::NotUtf8 { line: 0 }, line))?);
        line += u64::from(record.newlines);
        at = record.next;
        ends.push((at, line));
    }
    Ok((rows, ends, segments.ended()))
}

/// `sep=;` in the first line: its sign, and the bytes of the line.
fn separator_line(start: &[u8], newline: u8) -> Option<(u8, usize)> {
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

fn no_header(
    opened: &Opened,
    profile: &ExportProfile,
    dialect: Dialect,
    rows: &[Vec<String>],
    limits: &Limits,
) -> Error {
    let found = similar_headers(&profile.id, rows);
    let first = rows.iter().find(|row| row.iter().any(|text| !text.trim().is_empty()));
    if first.is_none() {
        return Error::NoRows { place: opened.place.clone(), header_row: 0 };
    }
    let joined = first.map(|row| row.join("")).unwrap_or_default();
    let other = [b';', b',', b'\t', b'|']
        .into_iter()
        .map(|sign| (count(joined.as_bytes(), sign), sign))
        .filter(|(times, sign)| {
            *times > 0 && *sign != dialect.delimiter && first.is_some_and(|row| row.len() == 1)
        })
        .max();
    let advice = if let Some((times, sign)) = other {
        let (sign, declared) = (char::from(sign), char::from(dialect.delimiter));
        format!(
            "the first row has {times} `{}` and no `{}`: declare another delimiter",
            sign.escape_default(),
            declared.escape_default()
        )
    } else if found.is_empty() {
        "the delivery may be of another producer: choose another profile".to_owned()
    } else {
        format!(
            "the first rows have {}; add it to `id` in config/exports/{}.toml",
            crate::suggest::listed(&found),
            profile.profile
        )
    };
    Error::HeaderNotFound {
        place: opened.place.clone(),
        searched: rows.len().min(limits.header_search_rows),
        expected: profile.id.clone(),
        advice,
    }
}

fn wrong_encoding(place: &Place, profile: &ExportProfile, misfit: Misfit) -> Error {
    use survey::config::export::Encoding;
    let expected = match profile.csv.encoding {
        Encoding::Detect => "UTF-8, UTF-16 or Windows-1252",
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16 => "UTF-16",
        Encoding::Windows1252 => "Windows-1252",
        Encoding::Latin1 => "Latin-1",
    };
    wrong_encoding_of(place, expected, misfit)
}

fn wrong_encoding_of(place: &Place, expected: &'static str, misfit: Misfit) -> Error {
    let Misfit { line, found, mut advice } = misfit;
    if expected.contains(" or ") {
        "ask for UTF-8".clone_into(&mut advice);
    }
    Error::WrongEncoding { place: place.clone(), line, found: found.into(), expected, advice }
}

fn check_profile(opened: &Opened, profile: &ExportProfile) -> Result<(), Error> {
    let (delimiter, quote) = (profile.csv.delimiter, profile.csv.quote);
    let sign = |sign: char| sign.is_ascii() && !matches!(sign, '\n' | '\r');
    let what = if !sign(delimiter) || !sign(quote) {
        "has a delimiter or quote that is not one ASCII character"
    } else if delimiter == quote {
        "has the same sign for delimiter and quote"
    } else {
        return Ok(());
    };
    Err(Error::Profile {
        place: opened.place.clone(),
        profile: profile.profile.clone(),
        what: what.to_owned(),
    })
}

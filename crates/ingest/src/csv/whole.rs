//! All records of a CSV as texts, with nothing left out: for the copy that goes back to its supplier.

use config::ExportProfile;

use super::encoding::{Decision, TextReader, decide};
use super::head::{ends_lines_with_carriage_return, separator_line};
use super::signs::Signs;
use super::tokenise::{Dialect, End};
use super::{Stop, fall_back, wrong_encoding};
use crate::delivery::Opened;
use crate::error::Error;
use crate::limits::Limits;

/// A record as it stands in the file, headers and footers too.
pub(crate) struct WholeRow {
    /// Physical line of its start, from 1.
    pub(crate) line: u64,
    pub(crate) cells: Vec<String>,
}

const PIECE_BYTES: usize = 1 << 20;

pub(crate) fn whole(
    opened: &Opened,
    profile: &ExportProfile,
    limits: &Limits,
) -> Result<Vec<WholeRow>, Error> {
    let decision = decide(profile.csv.encoding, &opened.start)
        .map_err(|misfit| wrong_encoding(&opened.place, profile, misfit))?;
    let text = match text(opened, limits, &decision) {
        Err(Stop::Misfit(found)) if decision.open => {
            text(opened, limits, &fall_back(opened, limits, &found)?)
        }
        result => result,
    };
    let text = text.map_err(|stop| match stop {
        Stop::Misfit(misfit) => wrong_encoding(&opened.place, profile, misfit),
        Stop::Error(error) => *error,
    })?;
    let (delimiter, quote) = (profile.csv.delimiter as u8, profile.csv.quote as u8);
    let newline = if ends_lines_with_carriage_return(&text, quote, true) { b'\r' } else { b'\n' };
    let mut dialect = Dialect { delimiter, quote, newline };
    let (mut at, mut line) = (0, 1);
    let mut rows = Vec::new();
    if let Some((delimiter, bytes)) = separator_line(&text, newline) {
        dialect.delimiter = delimiter;
        let sign = String::from_utf8_lossy(&text[..bytes]).trim().to_owned();
        rows.push(WholeRow { line, cells: vec![sign] });
        (at, line) = (bytes, 2);
    }
    let (mut spans, mut signs) = (Vec::new(), Signs::default());
    while at < text.len() {
        spans.clear();
        let record = dialect.record(&text, at, &mut spans, &mut signs);
        if record.end == End::InsideQuotes {
            return Err(Error::QuoteNeverClosed { place: opened.place.clone(), line });
        }
        let cell = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let cells = spans.iter().map(|span| cell(&span.text(&text, quote))).collect();
        rows.push(WholeRow { line, cells });
        line += u64::from(record.newlines);
        at = record.next;
    }
    Ok(rows)
}

/// The file as UTF-8.
fn text(opened: &Opened, limits: &Limits, decision: &Decision) -> Result<Vec<u8>, Stop> {
    let (content, _) = opened.content(limits)?;
    let mut reader = TextReader::new(content, decision);
    let mut text = Vec::new();
    while reader.fill(&mut text, PIECE_BYTES).map_err(|failure| opened.stop(failure))? {}
    if let Err(error) = std::str::from_utf8(&text) {
        let line = 1 + memchr::memchr_iter(b'\n', &text[..error.valid_up_to()]).count() as u64;
        return Err(Stop::Misfit(super::Misfit {
            line,
            found: "bytes that are not UTF-8".to_owned(),
            advice: String::new(),
        }));
    }
    Ok(text)
}

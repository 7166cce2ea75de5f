//! The first rows of a text of which nothing is known: its encoding and its delimiter by trial.

use workbook::text::{
    Decision, Declared, Dialect, Segments, TextReader, decide, ends_lines_with_carriage_return,
};

use crate::delimited::head::{DELIMITERS, START_BYTES, check_lines, first_rows, read_start};
use crate::delimited::stop::{Stop, fall_back, wrong_encoding_of};
use crate::error::Error;
use crate::limits::Limits;
use crate::opened::Opened;

type Rows = Vec<Vec<String>>;

/// First rows of a file of which nothing is known, and the delimiter that makes them most alike.
pub(super) fn first_look(opened: &Opened, limits: &Limits) -> Result<(Rows, char), Error> {
    let looked =
        decide(Declared::Unknown, &opened.start).map_err(Stop::Misfit).and_then(|decision| {
            match look_as(opened, limits, &decision) {
                Err(Stop::Misfit(found)) if decision.open => {
                    look_as(opened, limits, &fall_back(opened, limits, &found)?)
                }
                looked => looked,
            }
        });
    let expected = "UTF-8, UTF-16 or Windows-1252";
    looked.map_err(|stop| {
        stop.into_error(|misfit| wrong_encoding_of(&opened.place, expected, misfit))
    })
}

/// A delimiter that makes no sense of the text is not the one; only where none does the look ends.
fn look_as(opened: &Opened, limits: &Limits, decision: &Decision) -> Result<(Rows, char), Stop> {
    let (mut best, mut failed): (Option<(usize, Rows, char)>, _) = (None, None);
    for delimiter in DELIMITERS {
        match rows_by(opened, limits, decision, delimiter) {
            Ok(rows) => {
                let score = likeness_of_rows(&rows);
                if best.as_ref().is_none_or(|(best, ..)| score > *best) {
                    best = Some((score, rows, char::from(delimiter)));
                }
            }
            Err(Stop::Misfit(misfit)) => return Err(Stop::Misfit(misfit)),
            Err(Stop::Error(error)) if matches!(*error, Error::LinesInQuotes { .. }) => {
                return Err(Stop::Error(error));
            }
            Err(stop) => failed = failed.or(Some(stop)),
        }
    }
    match (best, failed) {
        (Some((_, rows, delimiter)), _) => Ok((rows, delimiter)),
        (None, Some(stop)) => Err(stop),
        (None, None) => Ok((Vec::new(), ',')),
    }
}

/// Rows of the commonest width, times that width less one.
fn likeness_of_rows(rows: &[Vec<String>]) -> usize {
    let mut widths: Vec<usize> = rows.iter().map(Vec::len).filter(|width| *width > 1).collect();
    widths.sort_unstable();
    let same = widths.chunk_by(|left, right| left == right);
    same.map(|same| same.len() * (same[0] - 1)).max().unwrap_or(0)
}

/// The first rows when they are cut at this delimiter: those of the first bytes, and where a row is longer than these, some.
fn rows_by(
    opened: &Opened,
    limits: &Limits,
    decision: &Decision,
    delimiter: u8,
) -> Result<Rows, Stop> {
    let (content, _) = opened.content(limits)?;
    let mut dialect = Dialect { delimiter, quote: b'"', newline: b'\n' };
    let reader = TextReader::new(content, decision);
    let mut segments = Segments::new(reader, dialect, START_BYTES, limits.record_bytes);
    let start_bytes = read_start(opened, limits, &mut segments, dialect.quote)?;
    let is_all = segments.ended() && start_bytes == segments.pending().len();
    let start = &segments.pending()[..start_bytes];
    if ends_lines_with_carriage_return(start, dialect.quote, is_all) {
        dialect.newline = b'\r';
    }
    segments.set_dialect(dialect);
    loop {
        let (rows, ..) = first_rows(opened, &segments, dialect, limits, 1)?;
        let pending = segments.pending().len();
        if rows.len() >= FEWEST_ROWS || segments.ended() || pending >= limits.record_bytes {
            check_lines(opened, segments.pending(), dialect, &[delimiter], 1)?;
            return Ok(rows);
        }
        while segments.pending().len() < 2 * pending && !segments.ended() {
            segments.grow().map_err(|failure| opened.stop(failure))?;
        }
    }
}

/// By which a delimiter is told, where the first bytes hold so few.
const FEWEST_ROWS: usize = 3;

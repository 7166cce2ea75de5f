//! Reads the pieces of a text side by side and hands them over in the order of the file.

use workbook::text::{Cutting, Misfit, Segments};

use super::parse::parse;
use super::plan::{Plan, Unfit};
use super::stop::{Stop, limit};
use crate::assemble::Assembly;
use crate::chunk::Closed;
use crate::error::Error;
use crate::limits::Limits;
use crate::opened::Opened;

/// Hands over all rows below the header.
pub(super) fn read_pieces(
    opened: &Opened,
    segments: &mut Segments,
    plan: &Plan<'_>,
    first_line: u64,
    assembly: &mut Assembly<'_>,
) -> Result<(), Stop> {
    let at_once = plan.limits.pieces_at_once();
    let mut line = first_line;
    let mut before: Vec<Closed> = Vec::new();
    let mut pieces = segments.batch(at_once);
    while !pieces.is_empty() {
        // While these are read, those before are handed over and the next are cut.
        let mut results: Vec<_> = pieces.iter().map(|_| None).collect();
        let (handed_over, next) = rayon::in_place_scope(|scope| {
            for (piece, result) in pieces.iter().zip(&mut results) {
                scope.spawn(move |_| *result = Some(parse(piece, plan)));
            }
            let next = segments.batch(at_once);
            (hand_over(&mut before, assembly), next)
        });
        handed_over?;
        let Some(unfit) = sort_out(results, &mut before, &mut line) else {
            segments.reuse(std::mem::replace(&mut pieces, next));
            continue;
        };
        let mut back = pieces.split_off(before.len());
        hand_over(&mut before, assembly)?;
        let is_last = back.len() == 1 && next.is_empty() && segments.end_exactly();
        if is_last || !matches!(unfit, Unfit::InsideQuotes { .. }) {
            return Err(unfit_piece(opened, plan.limits, &unfit, line));
        }
        // Cut at the wrong place: a quotation mark strays.
        back.extend(next);
        segments.take_back(&back);
        pieces = segments.batch(at_once);
    }
    hand_over(&mut before, assembly)?;
    match segments.failed() {
        None => Ok(()),
        Some(Cutting::Failure(failure)) => Err(opened.stop(failure)),
        Some(Cutting::RecordTooLong) => {
            Err(unfit_piece(opened, plan.limits, &Unfit::RecordTooLong { line: 0 }, line))
        }
    }
}

/// Puts aside what was read up to the first piece that is unfit.
fn sort_out(
    results: Vec<Option<Result<Closed, Unfit>>>,
    chunks: &mut Vec<Closed>,
    line: &mut u64,
) -> Option<Unfit> {
    for result in results.into_iter().flatten() {
        match result {
            Ok(closed) => {
                *line += u64::from(closed.chunk.lines_seen);
                chunks.push(closed);
            }
            Err(unfit) => return Some(unfit),
        }
    }
    None
}

fn hand_over(chunks: &mut Vec<Closed>, assembly: &mut Assembly<'_>) -> Result<(), Error> {
    chunks.drain(..).try_for_each(|closed| assembly.take_closed(closed))
}

pub(super) fn unfit_piece(opened: &Opened, limits: &Limits, unfit: &Unfit, line: u64) -> Stop {
    let place = opened.place.clone();
    match *unfit {
        // However the text is cut: a record that is too long is told as that.
        Unfit::InsideQuotes { line: inside, bytes } if bytes <= limits.record_bytes => {
            Error::QuoteNeverClosed { place, line: line + inside }.into()
        }
        Unfit::NotUtf8 { line: inside } => Stop::Misfit(Misfit {
            line: line + inside,
            found: "bytes that are not UTF-8".to_owned(),
            advice: "declare encoding `windows-1252` or `detect`, or ask for UTF-8".to_owned(),
        }),
        Unfit::RecordTooLong { line: inside } | Unfit::InsideQuotes { line: inside, .. } => {
            let what = format!("bytes in the record of line {}", line + inside);
            let found = limits.record_bytes as u64 + 1;
            let advice = "look for a quotation mark that is never closed".to_owned();
            limit(opened, &what, found, limits.record_bytes as u64, advice).into()
        }
        Unfit::RowsInQuotes { first, last } => {
            Error::RowsInQuotes { place, first: line + first, last: line + last }.into()
        }
        Unfit::LineInQuotes { line: inside } => {
            Error::LinesInQuotes { place, line: line + inside }.into()
        }
        Unfit::TooManyColumns { line: inside, found } => {
            let what = format!("cells in the record of line {}", line + inside);
            limit(opened, &what, found as u64, limits.columns as u64, String::new()).into()
        }
    }
}

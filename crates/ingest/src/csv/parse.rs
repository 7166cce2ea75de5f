//! One piece of a CSV to a chunk: records first, then column by column.

use survey::Class;
use survey::handoff::Treatment;

use super::encoding::count;
use super::fill::{Spans, drop_personal, keep, pseudonymise};
use super::quoted_rows::{cells_inside, likeness};
use super::signs::Signs;
use super::tokenise::{Dialect, End, Record, Span};
use crate::chunk::{Chunk, Closed, Event, Met};
use crate::classify::{Classifier, trim};
use crate::column::Cells;
use crate::key::Key;
use crate::layout::{Header, Layout, Verdict};
use crate::limits::Limits;

/// All that reading a piece needs to know.
pub(crate) struct Plan<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) layout: &'a Layout,
    pub(crate) classifier: &'a Classifier,
    pub(crate) key: &'a Key,
    pub(crate) limits: &'a Limits,
}

/// Why a piece cannot be read as it was cut; lines from the piece's start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// With the bytes of the record so far.
    InsideQuotes {
        line: u64,
        bytes: usize,
    },
    NotUtf8 {
        line: u64,
    },
    RecordTooLong {
        line: u64,
    },
    TooManyColumns {
        line: u64,
        found: usize,
    },
    /// From this line to that one.
    RowsInQuotes {
        first: u64,
        last: u64,
    },
    LineInQuotes {
        line: u64,
    },
}

/// What the end of a file of DOS looks like.
pub(super) const END_MARK: u8 = 0x1a;

/// Cells that are looked at in one go: they fit in the second-level cache.
const BLOCK_CELLS: usize = 1 << 14;

pub(crate) fn parse(bytes: &[u8], plan: &Plan<'_>) -> Result<Closed, Unfit> {
    if let Err(error) = std::str::from_utf8(bytes) {
        let line = count(&bytes[..error.valid_up_to()], plan.dialect.newline);
        return Err(Unfit::NotUtf8 { line });
    }
    let width = plan.layout.width();
    let mut chunk = Chunk::new(width, plan.layout.rules.len());
    let mut reserved = false;
    let mut block = Block { spans: Vec::with_capacity(BLOCK_CELLS + width), extra: Vec::new() };
    let mut signs = Signs::default();
    let mut at = 0;
    while at < bytes.len() {
        let first = block.spans.len();
        let record = plan.dialect.record(bytes, at, &mut block.spans, &mut signs);
        let (line, sheet_row) = (chunk.lines_seen, chunk.sheet_rows_seen);
        if record.end == End::InsideQuotes {
            return Err(Unfit::InsideQuotes { line: u64::from(line), bytes: bytes.len() - at });
        }
        if record.next - at > plan.limits.record_bytes {
            return Err(Unfit::RecordTooLong { line: u64::from(line) });
        }
        let found = block.spans.len() - first;
        if found > plan.limits.columns {
            return Err(Unfit::TooManyColumns { line: u64::from(line), found });
        }
        chunk.lines_seen += record.newlines;
        chunk.sheet_rows_seen += 1;
        let record_at = at;
        at = record.next;
        let row = &block.spans[first..];
        if found == 1 && bytes[record_at] == END_MARK && is_end_mark(&bytes[record_at..at]) {
            chunk.blank();
            block.spans.truncate(first);
            continue;
        }
        match plan.layout.judge(found, |cell| row[cell].text(bytes, plan.dialect.quote)) {
            Verdict::Keep { has_id } => {
                if record.stray_quote {
                    plan.meet(&mut chunk, Event::StrayQuote, line, 0);
                }
                if record.newlines > 1 || found == 1 && width > 1 {
                    let text = &bytes[record_at..at];
                    plan.look_for_rows(text, record, line, &mut chunk)?;
                }
                block.fit(first, width, bytes, plan, &mut chunk, line);
                chunk.keep(line, sheet_row, has_id);
            }
            Verdict::Blank => {
                chunk.blank();
                block.spans.truncate(first);
            }
            Verdict::Cut(rule) => {
                chunk.cut(rule, line, sheet_row, plan.limits.findings_per_code);
                block.spans.truncate(first);
            }
        }
        if block.spans.len() >= BLOCK_CELLS {
            block.build(bytes, plan, &mut chunk);
            if !reserved {
                reserved = true;
                chunk.columns.iter_mut().for_each(|cells| cells.reserve_for(bytes.len(), at));
            }
        }
    }
    block.build(bytes, plan, &mut chunk);
    let mut closed = chunk.close();
    meet_errors(&mut closed, plan.limits.findings_per_code);
    Ok(closed)
}

fn is_end_mark(record: &[u8]) -> bool {
    record.iter().all(|byte| *byte == END_MARK || byte.is_ascii_whitespace())
}

impl Plan<'_> {
    /// Rows inside a pair of quotation marks: a record over several lines, or one that is a single cell.
    fn look_for_rows(
        &self,
        text: &[u8],
        record: Record,
        line: u32,
        chunk: &mut Chunk,
    ) -> Result<(), Unfit> {
        let width = self.layout.width();
        if width < 2 {
            return Ok(());
        }
        if record.newlines <= 1 {
            let is_row = cells_inside(text, self.dialect, self.dialect.delimiter) == width;
            return if is_row { Err(Unfit::LineInQuotes { line: line.into() }) } else { Ok(()) };
        }
        let is_id = |header: &Header| header.treatment == Treatment::Pseudonymised;
        let id = self.layout.headers.iter().position(is_id);
        let found = likeness(text, self.dialect, width, id);
        if found.is_plain() {
            let (first, ends) = (u64::from(line), u64::from(record.newlines));
            let last = first + ends - u64::from(record.end == End::Newline);
            return Err(Unfit::RowsInQuotes { first, last });
        }
        if found.is_possible() {
            self.meet(chunk, Event::RowsInQuotes, line, found.lines);
        }
        Ok(())
    }

    fn meet(&self, chunk: &mut Chunk, event: Event, line: u32, number: u32) {
        let (record, sheet_row) = (chunk.records_seen, chunk.sheet_rows_seen - 1);
        let met = Met { event, record, line, sheet_row, position: None, number };
        chunk.meet(met, self.limits.findings_per_code);
    }
}

/// Rows of equal width, not yet in their columns.
struct Block {
    spans: Vec<Span>,
    /// Cells beyond the last header: row in the chunk, position, span.
    extra: Vec<(usize, usize, Span)>,
}

impl Block {
    /// Makes the row that begins at `first` as wide as the header.
    fn fit(
        &mut self,
        first: usize,
        width: usize,
        bytes: &[u8],
        plan: &Plan<'_>,
        chunk: &mut Chunk,
        line: u32,
    ) {
        let found = self.spans.len() - first;
        if found < width {
            plan.meet(chunk, Event::ShortRow, line, found as u32);
            self.spans.resize(first + width, Span::EMPTY);
        } else if found > width {
            let beyond = self.spans.split_off(first + width);
            let filled = |span: &Span| !trim(&span.text(bytes, plan.dialect.quote)).is_empty();
            if beyond.iter().any(filled) {
                plan.meet(chunk, Event::LongRow, line, found as u32);
                let row = chunk.rows();
                self.extra.extend(
                    beyond.into_iter().zip(width..).map(|(span, position)| (row, position, span)),
                );
            }
        }
    }

    fn build(&mut self, bytes: &[u8], plan: &Plan<'_>, chunk: &mut Chunk) {
        let width = plan.layout.width();
        for (position, header) in plan.layout.headers.iter().enumerate() {
            let cells = &mut chunk.columns[position];
            let spans = Spans { rows: &self.spans, width, position };
            match header.treatment {
                Treatment::Kept => keep(cells, &spans, bytes, plan),
                Treatment::Pseudonymised => pseudonymise(cells, &spans, bytes, plan),
                Treatment::DroppedPersonal => drop_personal(cells, &spans, bytes, plan),
            }
        }
        for (row, position, span) in self.extra.drain(..) {
            if position >= chunk.columns.len() {
                chunk.columns.resize(position + 1, Cells::default());
            }
            let cells = &mut chunk.columns[position];
            cells.pad_to(row);
            let one = Spans { rows: &[span], width: 1, position: 0 };
            keep(cells, &one, bytes, plan);
        }
        self.spans.clear();
    }
}

/// The first error values of the chunk, row by row, and how many there are.
fn meet_errors(closed: &mut Closed, cap: usize) {
    let Closed { chunk, columns: Some(columns) } = closed else { return };
    let mut first: Vec<(usize, usize)> = Vec::new();
    let mut count = 0;
    for (position, column) in columns.iter().enumerate() {
        let errors = column.counts[Class::Error as usize];
        count += errors;
        if errors > 0 {
            let rows = column.rows_with(Class::Error);
            first.extend(rows.map(|row| (row, position)).take(cap));
        }
    }
    first.sort_unstable();
    for (row, position) in first.into_iter().take(cap) {
        let met = Met {
            event: Event::ErrorValue,
            record: chunk.records[row],
            line: chunk.lines[row],
            sheet_row: chunk.sheet_rows[row],
            position: Some(position as u32),
            number: 0,
        };
        chunk.met.push(met);
    }
    if count > 0 {
        chunk.met_counts.insert(Event::ErrorValue, count);
    }
}

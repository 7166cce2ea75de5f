//! One piece of a CSV to a chunk: records first, then column by column.

use survey::Class;
use survey::handoff::Treatment;

use workbook::text::{
    END_MARK, End, Record, Signs, Span, cells_inside, count, lines_like_rows, trim,
};

use super::fill::{Spans, drop_personal, keep, pseudonymise};
use super::plan::{Plan, Unfit};
use crate::chunk::{Chunk, Closed, Event, Met};
use crate::column::Cells;
use crate::layout::{Header, Layout, Verdict};

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
    meet_errors(&mut closed, plan.layout, plan.limits.findings_per_code);
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
        let found = lines_like_rows(text, self.dialect, width, id);
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

/// The first error values and spoilt ids of the chunk, row by row, and how many there are.
fn meet_errors(closed: &mut Closed, layout: &Layout, cap: usize) {
    let Closed { chunk, columns: Some(columns) } = closed else { return };
    let (mut errors, mut spoilt) = (Places::default(), Places::default());
    for (position, column) in columns.iter().enumerate() {
        let header = layout.headers.get(position);
        if header.is_some_and(|header| header.treatment == Treatment::Pseudonymised) {
            spoilt.add(position, column.rows_without_text(), cap);
        } else if column.counts[Class::Error as usize] > 0 {
            errors.add(position, column.rows_with(Class::Error), cap);
        }
    }
    errors.meet(chunk, Event::ErrorValue, cap);
    spoilt.meet(chunk, Event::SpoiltId, cap);
}

/// Cells of a chunk where the same was met: the first of each column, and how many there are.
#[derive(Default)]
struct Places {
    first: Vec<(usize, usize)>,
    count: u64,
}

impl Places {
    fn add(&mut self, position: usize, rows: impl Iterator<Item = usize>, cap: usize) {
        for (number, row) in rows.enumerate() {
            self.count += 1;
            if number < cap {
                self.first.push((row, position));
            }
        }
    }

    fn meet(mut self, chunk: &mut Chunk, event: Event, cap: usize) {
        self.first.sort_unstable();
        for (row, position) in self.first.into_iter().take(cap) {
            let met = Met {
                event,
                record: chunk.records[row],
                line: chunk.lines[row],
                sheet_row: chunk.sheet_rows[row],
                position: Some(position as u32),
                number: 0,
            };
            chunk.met.push(met);
        }
        if self.count > 0 {
            chunk.met_counts.insert(event, self.count);
        }
    }
}

//! Takes the chunks of a delivery as they come, counts what is in them and passes their rows on.

use std::collections::{BTreeMap, BTreeSet};

use arrow::record_batch::RecordBatch;
use survey::handoff::RawAbout;
use survey::{Finding, Handoff, Raw};

use crate::batches::{Passed, Rows, Stream};
use crate::begun::Begun;
use crate::chunk::{Chunk, Closed};
use crate::error::{Error, Place, too_long};
use crate::findings::Report;
use crate::layout::{Layout, TAIL_RULE};
use crate::limits::Limits;
use crate::tally::{Start, Tally};

/// What is known of the file when its rows have been read.
pub(crate) struct Source {
    pub(crate) place: Place,
    pub(crate) about: RawAbout,
    /// Findings about the file as a whole, made while it was opened.
    pub(crate) findings: Vec<Finding>,
    /// First header row as a spreadsheet shows it, from 1.
    pub(crate) header_sheet_row: u64,
}

/// The rows of a delivery while they are read.
pub(crate) struct Assembly<'a> {
    limits: &'a Limits,
    stream: Option<Stream<'a>>,
    begun: Option<Begun>,
}

impl<'a> Assembly<'a> {
    pub(crate) fn new(limits: &'a Limits, stream: Stream<'a>) -> Self {
        Self { limits, stream: Some(stream), begun: None }
    }

    /// For a look at the rows above a header that nobody knows: none are passed on.
    pub(crate) fn of_no_rows(limits: &'a Limits) -> Self {
        Self { limits, stream: None, begun: None }
    }

    /// Names of the columns, once the header is known and rows are wanted.
    pub(crate) fn header_names(&self) -> Option<BTreeSet<String>> {
        let begun = self.begun.as_ref().filter(|_| self.stream.is_some())?;
        let names = begun.layout.headers.iter().map(|header| header.name.clone());
        Some(names.filter(|name| !name.is_empty()).collect())
    }

    /// The header is known; what came before it began (in another encoding) is void.
    pub(crate) fn begin(
        &mut self,
        place: &Place,
        layout: &Layout,
        start: Start,
        trim_left: bool,
    ) -> Result<(), Error> {
        let tally = Tally::new(layout, start);
        let begun = Begun { place: place.clone(), layout: layout.clone(), tally, trim_left };
        if let Some(stream) = &mut self.stream {
            stream.begin(&begun)?;
        }
        self.begun = Some(begun);
        Ok(())
    }

    /// The next rows of the file.
    pub(crate) fn take(&mut self, chunk: Chunk) -> Result<(), Error> {
        self.take_closed(chunk.close())
    }

    pub(crate) fn take_closed(&mut self, closed: Closed) -> Result<(), Error> {
        let (Some(begun), Some(stream)) = (&mut self.begun, &mut self.stream) else {
            return Ok(());
        };
        let Closed { mut chunk, columns } = closed;
        let columns = columns.ok_or_else(|| too_long(&begun.place))?;
        let cap = self.limits.findings_per_code;
        let start = begun.tally.add(&mut chunk, &columns, &begun.layout, cap);
        begun.check(self.limits)?;
        stream.take(begun, Rows { start, chunk, columns })
    }

    /// The hand-off; its table has no rows: they were passed on.
    pub(crate) fn finish(self, source: Source) -> Result<Raw, Error> {
        let Source { place, mut about, findings, header_sheet_row } = source;
        let (Some(begun), Some(mut stream)) = (self.begun, self.stream) else {
            return Err(Error::NoRows { place, header_row: about.header_row });
        };
        let (layout, tally) = (&begun.layout, &begun.tally);
        let kept = tally.kept(layout);
        count_rows(&mut about, layout, tally, kept);
        if about.rows_in == 0 {
            return Err(Error::NoRows { place, header_row: about.header_row });
        }
        let shape = begun.shape(kept);
        let Passed { schema, counts, last_row } = stream.finish(&begun, &shape, kept)?;
        about.first_column += shape.skip as u32;
        about.columns = shape.columns(layout, &counts);
        if about.used_range.is_none() {
            about.used_range = used_range(&about, header_sheet_row, last_row);
        }
        let mut report = Report::new(&place, findings, self.limits.findings_per_code);
        let tail = tally.rows - kept;
        report.percents(&about, &begun.tally, shape.skip as u32);
        report.rows(&about, layout, begun.tally.met.in_order(), shape.skip as u32);
        if tail > 0 {
            report.tail(tail);
        }
        report.columns(&about, header_sheet_row);
        Ok(Handoff {
            table: RecordBatch::new_empty(schema),
            extra: BTreeMap::new(),
            findings: report.finish(),
            warnings: Vec::new(),
            about,
        })
    }
}

fn count_rows(about: &mut RawAbout, layout: &Layout, tally: &Tally, kept: u64) {
    about.rows_in = tally.records();
    about.rows_out = kept;
    about.blank_rows = tally.blank_rows;
    for (name, cut) in layout.rules.iter().zip(&tally.cut) {
        if *cut > 0 {
            *about.rows_cut.entry(name.clone()).or_default() += cut;
        }
    }
    if kept < tally.rows {
        about.rows_cut.insert(TAIL_RULE.to_owned(), tally.rows - kept);
    }
    for rule in &layout.unused_rules {
        about
            .notes
            .push(format!("the rule `{rule}` cuts rows by a column that is not in this file"));
    }
}

fn used_range(about: &RawAbout, header_row: u64, last_row: Option<u64>) -> Option<String> {
    let last = about.columns.last()?.position;
    let from = about.address(header_row, 0);
    Some(format!("{from}:{}", about.address(last_row?, last)))
}

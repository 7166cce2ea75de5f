//! Takes the chunks of a delivery as they come, counts what is in them and passes their rows on.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use survey::handoff::{RawAbout, RawColumn, Treatment};
use survey::{Class, Finding, Handoff, Raw};

use crate::batches::{Passed, Rows, Stream};
use crate::chunk::{Chunk, Closed};
use crate::error::{Error, Place};
use crate::findings::Report;
use crate::layout::{Header, Layout, TAIL_RULE};
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

/// What is known from the header on.
pub(crate) struct Begun {
    pub(crate) place: Place,
    pub(crate) layout: Layout,
    pub(crate) tally: Tally,
    /// Columns are counted from the sheet's first one: leading ones without any use are left out.
    pub(crate) trim_left: bool,
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

impl Begun {
    fn check(&self, limits: &Limits) -> Result<(), Error> {
        let limit = |what: &str, found: u64, limit: u64| {
            let advice =
                "split the delivery, or raise it under `[limits]` of the pipeline file".to_owned();
            let (place, what) = (self.place.clone(), what.to_owned());
            if found > limit {
                Err(Error::Limit { place, what, found, limit, advice })
            } else {
                Ok(())
            }
        };
        limit("rows", self.tally.records(), limits.rows)?;
        limit("cells", self.tally.rows * self.layout.width() as u64, limits.cells)
    }

    /// The columns of the table when the first `kept` rows stay.
    pub(crate) fn shape(&self, kept: u64) -> Shape {
        let used = |at: &usize| self.tally.is_used(*at, kept);
        let width = self.layout.width();
        let nameless =
            |at: &usize| self.layout.headers.get(*at).is_none_or(|header| header.name.is_empty());
        let skip =
            (0..self.tally.width).take_while(|at| self.trim_left && nameless(at) && !used(at));
        let skip = Some(skip.count()).filter(|skip| *skip < self.tally.width).unwrap_or(0);
        let positions = (skip..self.tally.width).filter(|at| *at < width || used(at)).collect();
        Shape { skip, positions }
    }
}

/// Which columns of the file are in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Leading columns that are left out.
    pub(crate) skip: usize,
    /// Columns beyond the last header that nobody filled are not there.
    pub(crate) positions: Vec<usize>,
}

impl Shape {
    /// As the receipt has them; the counts by position in the file.
    fn columns(&self, layout: &Layout, counts: &[[u64; 7]]) -> Vec<RawColumn> {
        let headers = headers(layout, self.positions.last().map_or(0, |last| last + 1));
        let column = |at: &usize| RawColumn {
            position: (at - self.skip) as u32,
            header: headers[*at].name.clone(),
            occurrence: headers[*at].occurrence,
            header_rows: headers[*at].rows.clone(),
            treatment: headers[*at].treatment,
            classes: counts.get(*at).copied().unwrap_or_default(),
        };
        self.positions.iter().map(column).collect()
    }

    /// Columns whose cells are passed on: place in the table and in the file.
    pub(crate) fn kept<'a>(
        &'a self,
        layout: &'a Layout,
    ) -> impl Iterator<Item = (u32, usize)> + 'a {
        self.positions
            .iter()
            .filter(|at| {
                layout
                    .headers
                    .get(**at)
                    .is_none_or(|header| header.treatment != Treatment::DroppedPersonal)
            })
            .map(|at| ((at - self.skip) as u32, *at))
    }

    pub(crate) fn schema(&self, layout: &Layout) -> Schema {
        crate::table::schema(self.kept(layout).map(|(position, _)| position))
    }
}

pub(crate) fn too_long(place: &Place) -> Error {
    Error::Limit {
        place: place.clone(),
        what: "bytes of text in one column".to_owned(),
        found: u64::from(u32::MAX),
        limit: i32::MAX as u64,
        advice: "split the delivery".to_owned(),
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
            .push(format!("the rule `{rule}` cuts rows by a column that this file does not have"));
    }
}

/// Headers of the layout, then nameless ones for cells to the right of it.
fn headers(layout: &Layout, width: usize) -> Vec<Header> {
    let mut headers = layout.headers.clone();
    let nameless = headers.iter().filter(|header| header.name.is_empty()).count() as u32;
    let beyond = (headers.len()..width).zip(nameless + 1..).map(|(_, occurrence)| Header {
        name: String::new(),
        occurrence,
        rows: Vec::new(),
        treatment: Treatment::Kept,
    });
    headers.extend(beyond.collect::<Vec<_>>());
    headers
}

fn used_range(about: &RawAbout, header_row: u64, last_row: Option<u64>) -> Option<String> {
    let last = about.columns.last()?.position;
    let from = about.address(header_row, 0);
    Some(format!("{from}:{}", about.address(last_row?, last)))
}

/// Cells that are not empty.
pub(crate) fn filled(counts: &[u64; 7]) -> u64 {
    counts.iter().sum::<u64>() - counts[Class::Empty as usize]
}

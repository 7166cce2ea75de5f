//! Takes the chunks of a delivery as they come: joins them into one table, or passes them on batch by batch.

use std::collections::BTreeMap;

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;
use survey::handoff::{RawAbout, RawColumn, Treatment};
use survey::{Class, Finding, Handoff, Raw};

use crate::batches::Stream;
use crate::chunk::Chunk;
use crate::column::{Cells, Column};
use crate::error::{Error, Place};
use crate::findings::Report;
use crate::layout::{Header, Layout, TAIL_RULE};
use crate::limits::Limits;
use crate::table::{Places, table};
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
    rows: Rows<'a>,
    begun: Option<Begun>,
}

enum Rows<'a> {
    Whole(Vec<(Start, Chunk)>),
    Batches(Box<Stream<'a>>),
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
    pub(crate) fn whole(limits: &'a Limits) -> Self {
        Self { limits, rows: Rows::Whole(Vec::new()), begun: None }
    }

    pub(crate) fn in_batches(limits: &'a Limits, stream: Stream<'a>) -> Self {
        Self { limits, rows: Rows::Batches(Box::new(stream)), begun: None }
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
        match &mut self.rows {
            Rows::Whole(chunks) => chunks.clear(),
            Rows::Batches(stream) => stream.begin(&begun)?,
        }
        self.begun = Some(begun);
        Ok(())
    }

    /// The next rows of the file.
    pub(crate) fn take(&mut self, mut chunk: Chunk) -> Result<(), Error> {
        let Some(begun) = &mut self.begun else { return Ok(()) };
        let start = begun.tally.add(&mut chunk, &begun.layout, self.limits.findings_per_code);
        begun.check(self.limits)?;
        match &mut self.rows {
            Rows::Whole(chunks) => chunks.push((start, chunk)),
            Rows::Batches(stream) => stream.take(begun, start, chunk)?,
        }
        Ok(())
    }

    /// The hand-off; its table has no rows where they went elsewhere.
    pub(crate) fn finish(self, source: Source) -> Result<Raw, Error> {
        let Source { place, mut about, findings, header_sheet_row } = source;
        let Some(begun) = self.begun else {
            return Err(Error::NoRows { place, header_row: about.header_row });
        };
        let (layout, tally) = (&begun.layout, &begun.tally);
        let kept = tally.kept(layout);
        count_rows(&mut about, layout, tally, kept);
        if about.rows_in == 0 {
            return Err(Error::NoRows { place, header_row: about.header_row });
        }
        let shape = begun.shape(kept);
        let (table, counts, last_row) = match self.rows {
            Rows::Whole(chunks) => {
                joined(chunks, &begun, &shape, kept as usize).ok_or_else(|| too_long(&place))?
            }
            Rows::Batches(mut stream) => stream.finish(&begun, &shape, kept)?,
        };
        about.first_column += shape.skip as u32;
        about.columns = shape.columns(layout, &counts);
        if about.used_range.is_none() {
            about.used_range = used_range(&about, header_sheet_row, last_row);
        }
        let mut report = Report::new(&place, findings, self.limits.findings_per_code);
        let tail = tally.rows - kept;
        report.rows(&about, layout, begun.tally.met.in_order(), shape.skip as u32);
        if tail > 0 {
            report.tail(tail);
        }
        report.columns(&about, header_sheet_row);
        Ok(Handoff {
            table,
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
            let advice = "split the delivery, or raise the limit where there is memory".to_owned();
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

/// All rows that stay as one table, the classes of every column, the last row of the sheet; none where a column is too long.
pub(crate) type Joined = (RecordBatch, Vec<[u64; 7]>, Option<u64>);

fn joined(
    mut chunks: Vec<(Start, Chunk)>,
    begun: &Begun,
    shape: &Shape,
    kept: usize,
) -> Option<Joined> {
    let width = begun.tally.width;
    let mut places = Places::default();
    for (start, chunk) in &mut chunks {
        places.add(*start, chunk);
        let rows = chunk.rows();
        chunk.columns.resize(width, Cells::default());
        for at in &shape.positions {
            chunk.columns[*at].pad_to(rows);
        }
    }
    places.truncate(kept);
    let columns: Vec<Column> = columns_of(chunks, width)
        .into_par_iter()
        .map(|parts| Column::join(parts, kept))
        .collect::<Option<_>>()?;
    let counts = columns.iter().map(|column| column.counts).collect();
    let last_row = places.last_row();
    Some((table(places, columns, shape, &begun.layout)?, counts, last_row))
}

/// Per column its parts, chunk by chunk.
fn columns_of(chunks: Vec<(Start, Chunk)>, width: usize) -> Vec<Vec<Cells>> {
    let mut columns: Vec<Vec<Cells>> =
        (0..width).map(|_| Vec::with_capacity(chunks.len())).collect();
    for (_, chunk) in chunks {
        for (parts, cells) in columns.iter_mut().zip(chunk.columns) {
            parts.push(cells);
        }
    }
    columns
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

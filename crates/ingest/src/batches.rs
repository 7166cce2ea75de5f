//! Passes a delivery's rows on batch by batch, so that memory does not grow with the file.

use std::io;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use crate::begun::Begun;
use crate::chunk::Chunk;
use crate::column::Column;
use crate::error::{Error, Place, too_long};
use crate::table::{Places, TableShape, table};
use crate::tally::Start;

/// Takes a delivery's rows batch by batch, in the order of the file; the batches do not depend on threads or memory.
pub trait Batches {
    /// The reading begins. It begins anew where a later row shows what the first ones could not (another encoding, a value beyond
    /// the last header, a footer): all that came before is then void.
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()>;
    fn take(&mut self, batch: RecordBatch) -> io::Result<()>;
}

/// A chunk on its way, and where it begins.
pub(crate) struct Rows {
    pub(crate) start: Start,
    pub(crate) chunk: Chunk,
    pub(crate) columns: Vec<Column>,
}

/// What is known when all rows are passed on.
pub(crate) struct Passed {
    pub(crate) schema: SchemaRef,
    /// The classes of every column, by position in the file.
    pub(crate) counts: Vec<[u64; 7]>,
    pub(crate) last_row: Option<u64>,
}

/// What only a reading to the end can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    shape: TableShape,
    kept: u64,
}

/// Rows on their way to whoever takes them.
pub(crate) struct Stream<'a> {
    batches: &'a mut dyn Batches,
    /// By a reading before this one.
    known: Option<Known>,
    plan: Option<(TableShape, SchemaRef)>,
    /// The last chunk is held back, for rows at its end may be cut.
    held: Option<Rows>,
    passed_on: u64,
    counts: Vec<[u64; 7]>,
    last_row: Option<u64>,
    /// What was passed on does not hold.
    void: bool,
    /// What the next reading has to know.
    learnt: &'a mut Option<Known>,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(
        batches: &'a mut dyn Batches,
        known: Option<Known>,
        learnt: &'a mut Option<Known>,
    ) -> Self {
        Self {
            batches,
            known,
            plan: None,
            held: None,
            passed_on: 0,
            counts: Vec::new(),
            last_row: None,
            void: false,
            learnt,
        }
    }

    pub(crate) fn begin(&mut self, begun: &Begun) -> Result<(), Error> {
        let shape = self.known.as_ref().map_or_else(|| begun.shape(0), |known| known.shape.clone());
        let schema = Arc::new(shape.schema(&begun.layout));
        self.held = None;
        self.passed_on = 0;
        self.counts = Vec::new();
        self.last_row = None;
        self.void = false;
        self.batches.begin(&schema).map_err(|source| not_passed_on(&begun.place, source))?;
        self.plan = Some((shape, schema));
        Ok(())
    }

    pub(crate) fn take(&mut self, begun: &Begun, rows: Rows) -> Result<(), Error> {
        let Some((shape, _)) = &self.plan else { return Ok(()) };
        let unforeseen = |(at, column): (usize, &Column)| {
            shape.positions.binary_search(&at).is_err() && column.first_used().is_some()
        };
        if self.known.is_none() && rows.columns.iter().enumerate().any(unforeseen) {
            self.void = true;
        }
        if self.void || rows.chunk.rows() == 0 {
            return Ok(());
        }
        match self.held.replace(rows) {
            Some(before) => self.pass_on(begun, before, u64::MAX),
            None => Ok(()),
        }
    }

    /// Passes on as many of the rows as stay.
    fn pass_on(&mut self, begun: &Begun, rows: Rows, kept: u64) -> Result<(), Error> {
        let Some((shape, schema)) = &self.plan else { return Ok(()) };
        let Rows { start, chunk, mut columns } = rows;
        let kept = self.known.as_ref().map_or(kept, |known| known.kept);
        let rows = kept.saturating_sub(self.passed_on).min(chunk.rows() as u64) as usize;
        if rows == 0 {
            return Ok(());
        }
        let mut places = Places::default();
        places.add(start, &chunk);
        places.truncate(rows);
        self.last_row = places.last_row().or(self.last_row);
        let width = shape.positions.last().map_or(0, |last| last + 1);
        columns.truncate(width);
        let mut columns: Vec<Column> = columns.into_iter().map(|column| column.cut(rows)).collect();
        while columns.len() < width {
            columns.push(Column::empty(rows));
        }
        self.counts.resize(width, [0; 7]);
        for (sums, column) in self.counts.iter_mut().zip(&columns) {
            sums.iter_mut().zip(column.counts).for_each(|(sum, count)| *sum += count);
        }
        self.passed_on += rows as u64;
        let batch = table(places, columns, shape, &begun.layout, schema)
            .ok_or_else(|| too_long(&begun.place))?;
        self.batches.take(batch).map_err(|source| not_passed_on(&begun.place, source))
    }

    /// Passes on what was held back.
    pub(crate) fn finish(
        &mut self,
        begun: &Begun,
        shape: &TableShape,
        kept: u64,
    ) -> Result<Passed, Error> {
        if let Some(held) = self.held.take() {
            self.pass_on(begun, held, kept)?;
        }
        let planned = self.plan.take();
        let void = self.void
            || self.passed_on != kept
            || planned.as_ref().is_none_or(|(planned, _)| planned != shape);
        *self.learnt = void.then(|| Known { shape: shape.clone(), kept });
        let schema = planned.map_or_else(|| Arc::new(shape.schema(&begun.layout)), |plan| plan.1);
        let counts = std::mem::take(&mut self.counts);
        Ok(Passed { schema, counts, last_row: self.last_row })
    }
}

fn not_passed_on(place: &Place, source: io::Error) -> Error {
    Error::NotPassedOn { place: place.clone(), source }
}

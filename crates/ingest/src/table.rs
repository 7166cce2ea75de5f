//! Columns of cells to a table: where each row stands, then a text and a class for every cell.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use survey::columns;
use survey::handoff::{RawColumn, Treatment};

use crate::chunk::Chunk;
use crate::column::Column;
use crate::layout::{Header, Layout};
use crate::tally::Start;

/// Where rows stand: record and line of the file, row of the sheet.
#[derive(Debug, Default)]
pub(crate) struct Places {
    records: Vec<i64>,
    lines: Vec<i64>,
    sheet_rows: Vec<i64>,
}

impl Places {
    pub(crate) fn add(&mut self, start: Start, chunk: &Chunk) {
        let from = |start: u64| move |at: &u32| start as i64 + i64::from(*at);
        self.records.extend(chunk.records.iter().map(from(start.record)));
        self.lines.extend(chunk.lines.iter().map(from(start.line)));
        self.sheet_rows.extend(chunk.sheet_rows.iter().map(from(start.sheet_row)));
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        self.records.truncate(rows);
        self.lines.truncate(rows);
        self.sheet_rows.truncate(rows);
    }

    pub(crate) fn last_row(&self) -> Option<u64> {
        self.sheet_rows.last().map(|row| *row as u64)
    }
}

/// Schema of a table with the columns at these positions.
fn schema(positions: impl Iterator<Item = u32>) -> Schema {
    let place = |name| Field::new(name, DataType::Int64, false);
    let mut fields = vec![place(columns::RECORD), place(columns::LINE), place(columns::SHEET_ROW)];
    for position in positions {
        fields.push(Field::new(columns::text(position), DataType::Utf8, false));
        fields.push(Field::new(columns::class(position), DataType::Int8, false));
    }
    Schema::new(fields)
}

/// A table of columns, by position in the file.
pub(crate) fn table(
    places: Places,
    columns: Vec<Column>,
    shape: &TableShape,
    layout: &Layout,
    schema: &SchemaRef,
) -> Option<RecordBatch> {
    let mut columns: Vec<Option<Column>> = columns.into_iter().map(Some).collect();
    let kept = shape.kept(layout).filter_map(|(_, at)| columns.get_mut(at)?.take());
    let place = |numbers: Vec<i64>| Arc::new(Int64Array::from(numbers)) as ArrayRef;
    let arrays = [places.records, places.lines, places.sheet_rows].map(place);
    let arrays = arrays.into_iter().chain(kept.flat_map(Column::arrays)).collect();
    RecordBatch::try_new(schema.clone(), arrays).ok()
}

/// Which columns of the file are in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableShape {
    /// Leading columns that are left out.
    pub(crate) skip: usize,
    /// Columns beyond the last header that nobody filled are not there.
    pub(crate) positions: Vec<usize>,
}

impl TableShape {
    /// As the receipt has them; the counts by position in the file.
    pub(crate) fn columns(&self, layout: &Layout, counts: &[[u64; 7]]) -> Vec<RawColumn> {
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
        schema(self.kept(layout).map(|(position, _)| position))
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

//! A column of a row group while it is written: by the places of its dictionary where it has one, else value by value.

use std::io::Write;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field};
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::errors::Result;
use parquet::file::writer::SerializedRowGroupWriter;
use parquet::schema::types::ColumnDescPtr;

use crate::chunk::{DictionaryChunk, Encoded};

/// Rows after which it is known whether texts repeat.
const LOOKED_AT: usize = 4096;

/// A column of an open row group.
pub struct ColumnWriter(Kind);

enum Kind {
    Values(Box<ArrowColumnWriter>),
    Places(Box<DictionaryChunk>),
    Texts(Box<Texts>),
}

/// A column of plain texts, written by places until it is known whether they repeat.
struct Texts {
    places: DictionaryChunk,
    values: ArrowColumnWriter,
    /// What was written until then.
    kept: Vec<ArrayRef>,
    /// None until it is known.
    repeat: Option<bool>,
}

/// What becomes of columns of plain texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainTexts {
    /// Each is written as it comes.
    ByValue,
    /// A dictionary is made where they repeat: two rows or more a text among the first ones.
    Repeating,
}

/// A column whose last row was written.
pub struct ColumnChunk(ClosedKind);

enum ClosedKind {
    Values(Box<ArrowColumnChunk>),
    Places(Box<Encoded>),
}

/// Writers of a row group's columns, of which none has more than one leaf, for arrays of the same types as these; `plain_texts`
/// by the column's name.
///
/// # Errors
///
/// Where the parquet crate makes no writer for a column.
pub fn column_writers<'a>(
    groups: &ArrowRowGroupWriterFactory,
    group: usize,
    columns: &[ColumnDescPtr],
    arrays: impl IntoIterator<Item = &'a ArrayRef>,
    plain_texts: impl Fn(&str) -> PlainTexts,
) -> Result<Vec<ColumnWriter>> {
    let writers = groups.create_column_writers(group)?.into_iter().zip(columns).zip(arrays);
    let writers = writers.map(|((writer, column), array)| {
        let places = || DictionaryChunk::new(Arc::clone(column));
        ColumnWriter(if DictionaryChunk::takes(array.data_type()) {
            Kind::Places(Box::new(places()))
        } else if *array.data_type() == DataType::Utf8
            && plain_texts(column.name()) == PlainTexts::Repeating
        {
            let (kept, repeat) = (Vec::new(), None);
            Kind::Texts(Box::new(Texts { places: places(), values: writer, kept, repeat }))
        } else {
            Kind::Values(Box::new(writer))
        })
    });
    Ok(writers.collect())
}

impl ColumnWriter {
    /// Appends the rows of an array.
    ///
    /// # Errors
    ///
    /// Where the array is of another type than the column.
    pub fn write(&mut self, field: &Field, array: &ArrayRef) -> Result<()> {
        match &mut self.0 {
            Kind::Values(writer) => by_value(writer, field, array),
            Kind::Places(chunk) => chunk.write(array),
            Kind::Texts(texts) => texts.write(field, array),
        }
    }

    /// Ends the column.
    ///
    /// # Errors
    ///
    /// Where its last page cannot be put together.
    pub fn close(self) -> Result<ColumnChunk> {
        Ok(ColumnChunk(match self.0 {
            Kind::Values(writer) => ClosedKind::Values(Box::new(writer.close()?)),
            Kind::Places(chunk) => ClosedKind::Places(Box::new(chunk.close()?)),
            Kind::Texts(texts) if texts.repeat == Some(false) => {
                ClosedKind::Values(Box::new(texts.values.close()?))
            }
            Kind::Texts(texts) => ClosedKind::Places(Box::new(texts.places.close()?)),
        }))
    }
}

impl Texts {
    fn write(&mut self, field: &Field, array: &ArrayRef) -> Result<()> {
        match self.repeat {
            Some(true) => return self.places.write(array),
            Some(false) => return by_value(&mut self.values, field, array),
            None => {}
        }
        let head = array.len().min(LOOKED_AT - self.places.rows());
        let (looked_at, rest) = (array.slice(0, head), array.slice(head, array.len() - head));
        self.places.write(&looked_at)?;
        self.kept.push(looked_at);
        if self.places.rows() < LOOKED_AT {
            return Ok(());
        }
        let kept = std::mem::take(&mut self.kept);
        if !*self.repeat.insert(self.places.repeats()) {
            kept.iter().try_for_each(|array| by_value(&mut self.values, field, array))?;
        }
        if rest.is_empty() { Ok(()) } else { self.write(field, &rest) }
    }
}

fn by_value(writer: &mut ArrowColumnWriter, field: &Field, array: &ArrayRef) -> Result<()> {
    compute_leaves(field, array)?.iter().try_for_each(|leaf| writer.write(leaf))
}

impl ColumnChunk {
    /// Appends the column to a row group of the file.
    ///
    /// # Errors
    ///
    /// Where the group expects another column, or cannot be written.
    pub fn append_to_row_group<W: Write + Send>(
        self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<()> {
        match self.0 {
            ClosedKind::Values(chunk) => chunk.append_to_row_group(group),
            ClosedKind::Places(chunk) => chunk.append_to_row_group(group),
        }
    }
}

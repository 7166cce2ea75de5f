//! A column of a row group while it is written: by the places of its dictionary where it has one, else value by value.

use std::io::Write;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Field;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::errors::Result;
use parquet::file::writer::SerializedRowGroupWriter;
use parquet::schema::types::ColumnDescPtr;

use crate::chunk::{DictionaryChunk, Encoded};

/// A column of an open row group.
pub struct ColumnWriter(Kind);

enum Kind {
    Values(Box<ArrowColumnWriter>),
    Places(Box<DictionaryChunk>),
}

/// A column whose last row was written.
pub struct ColumnChunk(ClosedKind);

enum ClosedKind {
    Values(Box<ArrowColumnChunk>),
    Places(Box<Encoded>),
}

/// Writers of a row group's columns, of which none has more than one leaf, for arrays of the same types as these.
///
/// # Errors
///
/// Where the parquet crate makes no writer for a column.
pub fn column_writers<'a>(
    groups: &ArrowRowGroupWriterFactory,
    group: usize,
    columns: &[ColumnDescPtr],
    arrays: impl IntoIterator<Item = &'a ArrayRef>,
) -> Result<Vec<ColumnWriter>> {
    let writers = groups.create_column_writers(group)?.into_iter().zip(columns).zip(arrays);
    let writers = writers.map(|((writer, column), array)| {
        ColumnWriter(if DictionaryChunk::takes(array.data_type()) {
            Kind::Places(Box::new(DictionaryChunk::new(Arc::clone(column))))
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
            Kind::Values(writer) => {
                compute_leaves(field, array)?.iter().try_for_each(|leaf| writer.write(leaf))
            }
            Kind::Places(chunk) => chunk.write(array),
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
        }))
    }
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

//! Parquet as old readers want it: PLAIN and RLE_DICTIONARY, signed integers, plain text, one schema.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use chunk::{ColumnWriter, DictionaryChunk, Encoded, PlainTexts, column_writers};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, ArrowWriterOptions};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;
use survey::columns;

use crate::error::Error;
use crate::files::Hashed;
use crate::parts::{self, Earlier, Part};

/// Name of the column that every table ends with.
pub const RUN_ID: &str = "run_id";
/// Rows in a row group: small enough that the respondents of one keep to a dictionary page.
const GROUP_ROWS: usize = 500_000;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub blake3: String,
    pub bytes: u64,
    pub rows: u64,
}

/// A table that is written piece by piece, its columns side by side; each row gets the release's id. The bytes do not depend
/// on the number of threads.
pub struct ParquetFile {
    path: PathBuf,
    file: SerializedFileWriter<Hashed>,
    groups: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    /// Of the row group that is open.
    columns: Vec<ColumnWriter>,
    groups_begun: usize,
    group_rows: usize,
    run_id: ArrayRef,
    /// The column of the release's id of the row group that was taken over last, and its rows.
    taken_run_id: Option<(usize, Encoded)>,
    rows: u64,
    /// The row groups so far, part by part.
    parts: Vec<Part>,
    earlier: Option<Earlier>,
}

impl ParquetFile {
    /// A large table in the order of its panels and waves, of which parts may be taken over from a file of an earlier release.
    /// Of its plain texts no least and greatest are kept: every row group has all of them. A respondent's pseudonym stands in
    /// a row of its own, so that a dictionary would only repeat it.
    pub fn create(
        path: &Path,
        schema: &SchemaRef,
        run_id: &str,
        earlier: Option<Earlier>,
    ) -> Result<Self, Error> {
        let (mut properties, schema_of_file) = (properties(), with_run_id(schema));
        let respondent = columns::plain(columns::RESPONDENT);
        for field in schema_of_file.fields() {
            if *field.data_type() == DataType::Utf8 {
                let column = ColumnPath::from(field.name().as_str());
                properties = properties
                    .set_column_statistics_enabled(column.clone(), EnabledStatistics::None)
                    .set_column_dictionary_enabled(column, field.name() != respondent);
            }
        }
        Ok(Self { earlier, ..Self::create_with(path, schema_of_file, run_id, properties)? })
    }

    /// A file whose metadata hold a notice to its readers.
    pub fn create_with_notice(
        path: &Path,
        schema: &SchemaRef,
        run_id: &str,
        notice: Option<&str>,
    ) -> Result<Self, Error> {
        let notice = notice.map(|text| vec![KeyValue::new("notice".to_owned(), text.to_owned())]);
        let properties = properties().set_key_value_metadata(notice);
        Self::create_with(path, with_run_id(schema), run_id, properties)
    }

    fn create_with(
        path: &Path,
        schema: SchemaRef,
        run_id: &str,
        properties: WriterPropertiesBuilder,
    ) -> Result<Self, Error> {
        // The Arrow schema in the metadata would bring types back that other readers do not know.
        let options = ArrowWriterOptions::new()
            .with_properties(properties.build())
            .with_skip_arrow_metadata(true);
        let sink = Hashed::create(path)?;
        let writer = ArrowWriter::try_new_with_options(sink, Arc::clone(&schema), options)?;
        let (file, groups) = writer.into_serialized_writer()?;
        Ok(Self {
            path: path.to_owned(),
            file,
            groups,
            schema,
            columns: Vec::new(),
            groups_begun: 0,
            group_rows: 0,
            run_id: Arc::new(StringArray::from(vec![run_id])),
            taken_run_id: None,
            rows: 0,
            parts: Vec::new(),
            earlier: None,
        })
    }

    /// Whether an earlier file has this part, so that it can be taken over.
    pub fn has_earlier(&self, part: &str) -> bool {
        self.earlier.as_ref().is_some_and(|earlier| earlier.groups(part).is_some())
    }

    /// Takes the row groups of a part over from the earlier file as they are, but for the release's id.
    pub fn take_over(&mut self, part: &str) -> Result<(), Error> {
        self.begin(part)?;
        let Some(earlier) = self.earlier.take() else { return Ok(()) };
        let result = earlier
            .groups(part)
            .into_iter()
            .flatten()
            .try_for_each(|group| self.take_group(&earlier, group));
        self.earlier = Some(earlier);
        result
    }

    fn take_group(&mut self, earlier: &Earlier, group: usize) -> Result<(), Error> {
        let rows = earlier.rows(group);
        let columns = self.file.schema_descr().columns();
        let own = columns.len() - 1;
        // Most groups have as many rows as the one before.
        let of_last = self.taken_run_id.take().filter(|of_last| of_last.0 == rows);
        let run_id = if let Some((_, run_id)) = of_last {
            run_id
        } else {
            let mut run_id = DictionaryChunk::new(Arc::clone(&columns[own]));
            run_id.write(&self.run_ids(rows)?)?;
            run_id.close()?
        };
        self.taken_run_id = Some((rows, run_id.clone()));
        let failed = |error| on_disk(&self.path, error);
        let mut to = self.file.next_row_group().map_err(failed)?;
        for column in 0..own {
            earlier.append(group, column, &mut to).map_err(failed)?;
        }
        run_id.append_to_row_group(&mut to).map_err(failed)?;
        to.close().map_err(failed)?;
        self.groups_begun += 1;
        self.rows += rows as u64;
        self.parts.last_mut().into_iter().for_each(|part| part.groups += 1);
        Ok(())
    }

    /// A part begins: its rows share no row group with others.
    pub fn begin(&mut self, part: &str) -> Result<(), Error> {
        self.end_group()?;
        self.parts.push(Part { key: part.to_owned(), groups: 0 });
        Ok(())
    }

    /// The columns may be dictionaries; readers find plain values.
    pub fn write(&mut self, table: &RecordBatch) -> Result<(), Error> {
        let mut from = 0;
        while from < table.num_rows() {
            let rows = (table.num_rows() - from).min(GROUP_ROWS - self.group_rows);
            self.write_within(&table.slice(from, rows))?;
            from += rows;
        }
        Ok(())
    }

    fn run_ids(&self, rows: usize) -> Result<ArrayRef, Error> {
        let keys = Int32Array::from_value(0, rows);
        Ok(Arc::new(DictionaryArray::try_new(keys, Arc::clone(&self.run_id))?))
    }

    /// No more rows than the row group has room for.
    fn write_within(&mut self, table: &RecordBatch) -> Result<(), Error> {
        let rows = table.num_rows();
        let run_id = self.run_ids(rows)?;
        let arrays: Vec<&ArrayRef> = table.columns().iter().chain([&run_id]).collect();
        if self.columns.is_empty() {
            let columns = self.file.schema_descr().columns();
            let arrays = arrays.iter().copied();
            self.columns =
                column_writers(&self.groups, self.groups_begun, columns, arrays, |_| {
                    PlainTexts::ByValue
                })?;
            self.groups_begun += 1;
            self.parts.last_mut().into_iter().for_each(|part| part.groups += 1);
        }
        (self.columns.par_iter_mut())
            .zip(arrays)
            .zip(&self.schema.fields()[..])
            .try_for_each(|((writer, array), field)| writer.write(field, array))?;
        self.rows += rows as u64;
        self.group_rows += rows;
        if self.group_rows < GROUP_ROWS { Ok(()) } else { self.end_group() }
    }

    fn end_group(&mut self) -> Result<(), Error> {
        self.group_rows = 0;
        if self.columns.is_empty() {
            return Ok(());
        }
        let columns = std::mem::take(&mut self.columns).into_par_iter();
        let chunks: Vec<_> = columns.map(ColumnWriter::close).collect::<Result<_, _>>()?;
        let failed = |error| on_disk(&self.path, error);
        let mut group = self.file.next_row_group().map_err(failed)?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        Ok(())
    }

    pub fn finish(mut self) -> Result<Written, Error> {
        self.end_group()?;
        if !self.parts.is_empty() {
            self.file.append_key_value_metadata(parts::told(&self.parts));
        }
        let file = self.file.into_inner().map_err(|error| on_disk(&self.path, error))?;
        let (blake3, bytes) = file.finish().map_err(Error::file(&self.path))?;
        Ok(Written { blake3, bytes, rows: self.rows })
    }
}

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(true)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_created_by("peil".to_owned())
}

/// A full disk is told as what it is.
fn on_disk(path: &Path, error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(source) => Error::File { path: path.to_owned(), source: *source },
            Err(inner) => Error::Parquet(ParquetError::External(inner)),
        },
        other => Error::Parquet(other),
    }
}

/// A whole table at once.
pub fn write(
    path: &Path,
    table: &RecordBatch,
    run_id: &str,
    notice: Option<&str>,
) -> Result<Written, Error> {
    let mut file = ParquetFile::create_with_notice(path, table.schema_ref(), run_id, notice)?;
    file.write(table)?;
    file.finish()
}

/// A whole table as it was written.
pub fn read(path: &Path) -> Result<RecordBatch, Error> {
    let file = File::open(path).map_err(Error::file(path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let schema = Arc::clone(reader.schema());
    let batches = reader.build()?.collect::<Result<Vec<_>, _>>()?;
    Ok(concat_batches(&schema, &batches)?)
}

fn with_run_id(schema: &SchemaRef) -> SchemaRef {
    let run_id = Arc::new(Field::new(RUN_ID, DataType::Utf8, false));
    Arc::new(Schema::new(schema.fields().iter().cloned().chain([run_id]).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use arrow::array::{Float64Array, ListArray};
    use arrow::datatypes::Float64Type;

    use super::*;

    /// Numbers, texts as a dictionary, and lists.
    fn table(rows: usize) -> RecordBatch {
        let numbers: Float64Array =
            (0..rows).map(|row| (row % 7 > 0).then_some(row as f64 / 3.0)).collect();
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["one", "two", "three"]));
        let keys = Int32Array::from_iter_values((0..rows).map(|row| (row * row % 3) as i32));
        let lists = (0..rows).map(|row| Some((0..row % 4).map(|place| Some(place as f64))));
        let lists = ListArray::from_iter_primitive::<Float64Type, _, _>(lists);
        RecordBatch::try_from_iter_with_nullable([
            ("number", Arc::new(numbers) as ArrayRef, true),
            ("text", Arc::new(DictionaryArray::try_new(keys, texts).unwrap()), true),
            ("list", Arc::new(lists), true),
        ])
        .unwrap()
    }

    fn schema() -> SchemaRef {
        let list = table(0).schema().field(2).data_type().clone();
        Arc::new(Schema::new(vec![
            Field::new("number", DataType::Float64, true),
            Field::new("text", DataType::Utf8, true),
            Field::new("list", list, true),
        ]))
    }

    fn bytes(pieces: usize, threads: usize) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.parquet");
        let rows = GROUP_ROWS + 20_000;
        let table = table(rows);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut file = ParquetFile::create(&path, &schema(), "release", None).unwrap();
            let piece = rows.div_ceil(pieces);
            for from in (0..rows).step_by(piece) {
                file.write(&table.slice(from, piece.min(rows - from))).unwrap();
            }
            assert_eq!(file.finish().unwrap().rows, rows as u64);
        });
        std::fs::read(&path).unwrap()
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_number_of_threads() {
        assert!(bytes(1, 1) == bytes(1, 4));
        assert!(bytes(4, 1) == bytes(4, 3));
    }
}

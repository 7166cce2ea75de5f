//! One table as one Parquet file with the same bytes every time, dictionaries kept in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, DictionaryArray, Int16Array, StringArray};
use arrow::datatypes::{DataType, Field, Int16Type, Schema};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use chunk::{ColumnWriter, PlainTexts, column_writers};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::arrow_writer::ArrowRowGroupWriterFactory;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;
use survey::columns;

/// Metadata of a dictionary column's field: its values in their order, which Parquet does not keep.
const DICTIONARY: &str = "peil.dictionary";

/// A table that is written batch by batch, its columns side by side; the bytes do not depend on the number of threads.
pub struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    groups: ArrowRowGroupWriterFactory,
    schema: Arc<Schema>,
    columns: Vec<ColumnWriter>,
    groups_begun: usize,
    group_bytes: usize,
}

impl<W: Write + Send> std::fmt::Debug for Writer<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Writer")
            .field("groups_begun", &self.groups_begun)
            .finish_non_exhaustive()
    }
}

/// From here on a row group ends: it stands in memory, encoded, until it does.
pub const GROUP_BYTES: usize = 16 << 20;
/// Rows of a page: their places in the dictionary stand in memory, eight bytes each, until the page ends.
const PAGE_ROWS: usize = 8192;
/// Columns that one thread takes at a time.
const COLUMNS_AT_ONCE: usize = 8;
/// Columns that one thread reads at a time.
const COLUMNS_READ_AT_ONCE: usize = 32;

impl<W: Write + Send> Writer<W> {
    pub fn new(sink: W, schema: &Arc<Schema>) -> parquet::errors::Result<Self> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_statistics_enabled(EnabledStatistics::None)
            .set_max_row_group_row_count(None)
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_created_by("peil".to_owned());
        for field in schema.fields() {
            let column = ColumnPath::from(field.name().as_str());
            // Whole numbers of 64 bits count records, lines and rows; a pseudonym is of one row. A dictionary would repeat them.
            if *field.data_type() == DataType::Int64 {
                properties = properties
                    .set_column_dictionary_enabled(column.clone(), false)
                    .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
            } else if field.name() == columns::RESPONDENT {
                properties = properties.set_column_dictionary_enabled(column, false);
            }
        }
        let writer = ArrowWriter::try_new(sink, schema.clone(), Some(properties.build()))?;
        let (file, groups) = writer.into_serialized_writer()?;
        let schema = schema.clone();
        Ok(Self { file, groups, schema, columns: Vec::new(), groups_begun: 0, group_bytes: 0 })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> parquet::errors::Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.columns.is_empty() {
            let leaves = self.file.schema_descr().columns();
            // A pseudonym is of one row.
            let plain_texts = |name: &str| match name {
                columns::RESPONDENT => PlainTexts::ByValue,
                _ => PlainTexts::Repeating,
            };
            let (groups, arrays) = (&self.groups, batch.columns());
            self.columns = column_writers(groups, self.groups_begun, leaves, arrays, plain_texts)?;
            self.groups_begun += 1;
        }
        (self.columns.par_iter_mut().with_min_len(COLUMNS_AT_ONCE))
            .zip(batch.columns())
            .zip(&self.schema.fields()[..])
            .try_for_each(|((writer, array), field)| writer.write(field, array))?;
        for column in batch.columns() {
            self.group_bytes += column.to_data().get_slice_memory_size()?;
        }
        if self.group_bytes >= GROUP_BYTES { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> parquet::errors::Result<()> {
        self.group_bytes = 0;
        if self.columns.is_empty() {
            return Ok(());
        }
        let columns = std::mem::take(&mut self.columns).into_par_iter();
        let chunks: Vec<_> =
            columns.map(ColumnWriter::close).collect::<parquet::errors::Result<_>>()?;
        let mut group = self.file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close().map(drop)
    }

    /// Ends the file; what it was written to comes back.
    pub fn finish(mut self) -> parquet::errors::Result<W> {
        self.end_group()?;
        // What was buffered goes out here, so that a full disk is said in its own words.
        self.file.flush()?;
        self.file.into_inner()
    }
}

pub fn write<W: Write + Send>(table: &RecordBatch, sink: W) -> parquet::errors::Result<W> {
    let schema = Arc::new(schema_with_dictionaries(table));
    let table = RecordBatch::try_new(schema.clone(), table.columns().to_vec())?;
    let mut writer = Writer::new(sink, &schema)?;
    writer.write(&table)?;
    writer.finish()
}

/// The table's schema, each dictionary column with its values in their order.
fn schema_with_dictionaries(table: &RecordBatch) -> Schema {
    let schema = table.schema();
    let fields = schema.fields().iter().zip(table.columns()).map(|(field, column)| {
        let mut field = Field::new(field.name(), field.data_type().clone(), field.is_nullable());
        if let Some(dictionary) = column.as_dictionary_opt::<Int16Type>()
            && let Some(values) = dictionary.values().as_string_opt::<i32>()
        {
            let values: Vec<Option<&str>> = values.iter().collect();
            field.set_metadata(
                [(DICTIONARY.to_owned(), serde_json::json!(values).to_string())].into(),
            );
        }
        field
    });
    Schema::new(fields.collect::<Vec<Field>>())
}

/// The columns of a file, without its rows.
pub fn schema(path: &Path) -> Result<Arc<Schema>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
    Ok(builder.schema().clone())
}

pub fn read(path: &Path, columns: Option<&BTreeSet<String>>) -> Result<RecordBatch, String> {
    read_rows(path, columns, None)
}

/// As `read`, no more than the first rows.
pub fn read_rows(
    path: &Path,
    columns: Option<&BTreeSet<String>>,
    most: Option<usize>,
) -> Result<RecordBatch, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default());
    let metadata = metadata.map_err(|error| error.to_string())?;
    let all = metadata.metadata().file_metadata().num_rows() as usize;
    let rows = most.unwrap_or(all).min(all);
    let wanted = |field: &String| columns.is_none_or(|columns| columns.contains(field));
    let places =
        metadata.schema().fields().iter().enumerate().filter(|(_, field)| wanted(field.name()));
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    let schema = metadata.schema().project(&places).map_err(|error| error.to_string())?;
    let read = |places: &[usize]| read_places(path, &metadata, places, rows);
    let batches: Vec<RecordBatch> =
        places.par_chunks(COLUMNS_READ_AT_ONCE).map(read).collect::<Result<_, _>>()?;
    let read = batches.iter().flat_map(RecordBatch::columns).cloned().collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(Arc::new(schema), read, &options);
    batch.and_then(|batch| restore_dictionaries(&batch)).map_err(|error| error.to_string())
}

/// Some columns by their places.
fn read_places(
    path: &Path,
    metadata: &ArrowReaderMetadata,
    places: &[usize],
    rows: usize,
) -> Result<RecordBatch, String> {
    // Of its own: two that read one open file would move each other's position.
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), places.iter().copied());
    let mut reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
        .with_projection(mask)
        .with_limit(rows)
        .with_batch_size(rows.max(1))
        .build()
        .map_err(|error| error.to_string())?;
    if let Some(batch) = reader.next() {
        return batch.map_err(|error| error.to_string());
    }
    let schema = metadata.schema().project(places).map_err(|error| error.to_string())?;
    Ok(RecordBatch::new_empty(Arc::new(schema)))
}

/// Gives dictionary columns their values back in the order in which they were written.
fn restore_dictionaries(batch: &RecordBatch) -> Result<RecordBatch, arrow::error::ArrowError> {
    let mut fields = Vec::with_capacity(batch.num_columns());
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let values =
            field.metadata().get(DICTIONARY).and_then(|text| serde_json::from_str(text).ok());
        columns.push(match values {
            Some(values) => with_values(column, values)?,
            None => column.clone(),
        });
        fields.push(Field::new(field.name(), field.data_type().clone(), field.is_nullable()));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}

fn with_values(
    column: &ArrayRef,
    values: Vec<Option<String>>,
) -> Result<ArrayRef, arrow::error::ArrowError> {
    let Some(read) = column.as_dictionary_opt::<Int16Type>() else { return Ok(column.clone()) };
    let Some(read_values) = read.values().as_string_opt::<i32>() else { return Ok(column.clone()) };
    let places: BTreeMap<&str, i16> = values
        .iter()
        .enumerate()
        .filter_map(|(place, value)| Some((value.as_deref()?, place as i16)))
        .collect();
    let new_key: Vec<Option<i16>> =
        read_values.iter().map(|value| places.get(value?).copied()).collect();
    let is_same = |(place, key): (usize, &Option<i16>)| *key == Some(place as i16);
    let keys: Int16Array = if new_key.iter().enumerate().all(is_same) {
        read.keys().clone()
    } else {
        let key = |key: i16| new_key.get(key as usize).copied().flatten();
        read.keys().unary_opt(key)
    };
    let values: StringArray = values.into_iter().collect();
    Ok(Arc::new(DictionaryArray::<Int16Type>::try_new(keys, Arc::new(values))?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use arrow::array::Int64Array;

    use super::*;

    #[test]
    fn a_dictionary_comes_back_with_all_its_values_in_their_order() {
        let keys = Int16Array::from(vec![Some(2), None, Some(0)]);
        let values: ArrayRef = Arc::new(StringArray::from(vec!["yes", "no", "unsure"]));
        let column: ArrayRef =
            Arc::new(DictionaryArray::<Int16Type>::try_new(keys, values).unwrap());
        let table = RecordBatch::try_from_iter_with_nullable([("use", column, true)]).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        write(&table, file.as_file()).unwrap();
        assert_eq!(read(file.path(), None).unwrap(), table);
    }

    #[test]
    fn texts_and_numbers_come_back_whether_they_repeat_or_not() {
        let rows = 0..10_000_i64;
        let column = |text: fn(i64) -> Option<String>| -> ArrayRef {
            Arc::new(rows.clone().map(text).collect::<StringArray>())
        };
        let numbers: ArrayRef =
            Arc::new(rows.clone().map(|row| Some(row * 3 - 7)).collect::<Int64Array>());
        let table = RecordBatch::try_from_iter_with_nullable([
            ("repeating", column(|row| (row % 3 > 0).then(|| format!("answer {}", row % 5))), true),
            ("different", column(|row| Some(format!("row {row}"))), true),
            ("different later", column(|row| Some((row / 4000 * row).to_string())), true),
            ("repeating later", column(|row| Some((row - row / 4000 * row).to_string())), true),
            (columns::RESPONDENT, column(|row| Some(format!("{row:032x}"))), true),
            (columns::RECORD, numbers, true),
        ])
        .unwrap();
        for piece in [10_000, 4096, 999] {
            let file = tempfile::NamedTempFile::new().unwrap();
            let mut writer = Writer::new(file.as_file(), &table.schema()).unwrap();
            for first in (0..table.num_rows()).step_by(piece) {
                writer.write(&table.slice(first, piece.min(table.num_rows() - first))).unwrap();
            }
            writer.finish().unwrap();
            assert_eq!(read(file.path(), None).unwrap(), table, "{piece} rows at a time");
        }
    }

    #[test]
    fn columns_that_are_read_side_by_side_come_back_in_their_order() {
        let count = 2 * COLUMNS_READ_AT_ONCE + 3;
        let column = |place: usize| -> ArrayRef {
            Arc::new((0..50).map(|row| (row * 100 + place) as i64).collect::<Int64Array>())
        };
        let names: Vec<String> = (0..count).map(|place| format!("c{place}")).collect();
        let columns = names.iter().enumerate().map(|(place, name)| (name, column(place)));
        let table = RecordBatch::try_from_iter(columns).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = Writer::new(file.as_file(), &table.schema()).unwrap();
        writer.write(&table).unwrap();
        writer.finish().unwrap();
        assert_eq!(read(file.path(), None).unwrap(), table);
        let odd: Vec<usize> = (0..count).filter(|place| place % 2 == 1).collect();
        let wanted = odd.iter().map(|place| names[*place].clone()).collect();
        assert_eq!(read(file.path(), Some(&wanted)).unwrap(), table.project(&odd).unwrap());
        let first = read_rows(file.path(), None, Some(7)).unwrap();
        assert_eq!(first, table.slice(0, 7));
    }

    #[test]
    fn a_table_without_rows_or_with_some_columns_only_comes_back() {
        let column: ArrayRef = Arc::new(StringArray::from(Vec::<Option<&str>>::new()));
        let table = RecordBatch::try_from_iter_with_nullable([
            ("a", column.clone(), true),
            ("b", column, true),
        ])
        .unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        write(&table, file.as_file()).unwrap();
        assert_eq!(read(file.path(), None).unwrap(), table);
        let only_b = read(file.path(), Some(&["b".to_owned()].into())).unwrap();
        assert_eq!(only_b.schema().field(0).name(), "b");
    }
}

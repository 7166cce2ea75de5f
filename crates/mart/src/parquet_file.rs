//! Parquet as old readers want it: PLAIN and RLE_DICTIONARY, signed integers, plain text, one schema.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Int32Array, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use crate::error::Error;
use crate::files::Hashed;

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

/// A table that is written piece by piece; each row gets the release's id.
pub struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<Hashed>,
    run_id: ArrayRef,
    rows: u64,
}

impl ParquetFile {
    pub fn create(path: &Path, schema: &SchemaRef, run_id: &str) -> Result<Self, Error> {
        Self::create_with_notice(path, schema, run_id, None)
    }

    /// A file whose metadata hold a notice to its readers.
    pub fn create_with_notice(
        path: &Path,
        schema: &SchemaRef,
        run_id: &str,
        notice: Option<&str>,
    ) -> Result<Self, Error> {
        let notice = notice.map(|text| vec![KeyValue::new("notice".to_owned(), text.to_owned())]);
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::SNAPPY)
            .set_dictionary_enabled(true)
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by("peil".to_owned())
            .set_key_value_metadata(notice)
            .build();
        // The Arrow schema in the metadata would bring types back that other readers do not know.
        let options =
            ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer =
            ArrowWriter::try_new_with_options(Hashed::create(path)?, with_run_id(schema), options)?;
        Ok(Self {
            path: path.to_owned(),
            writer,
            run_id: Arc::new(StringArray::from(vec![run_id])),
            rows: 0,
        })
    }

    /// The columns may be dictionaries; they are kept as plain text.
    pub fn write(&mut self, table: &RecordBatch) -> Result<(), Error> {
        let rows = table.num_rows();
        let keys = Int32Array::from_value(0, rows);
        let run_id: ArrayRef = Arc::new(DictionaryArray::try_new(keys, Arc::clone(&self.run_id))?);
        let fields = table.schema().fields().iter().cloned().collect::<Vec<_>>();
        let run_field = Arc::new(Field::new(RUN_ID, run_id.data_type().clone(), false));
        let schema = Schema::new(fields.into_iter().chain([run_field]).collect::<Vec<_>>());
        let columns = table.columns().iter().cloned().chain([run_id]).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        self.writer.write(&RecordBatch::try_new_with_options(
            Arc::new(schema),
            columns,
            &options,
        )?)?;
        self.rows += rows as u64;
        Ok(())
    }

    pub fn finish(self) -> Result<Written, Error> {
        let file = self.writer.into_inner().map_err(|error| on_disk(&self.path, error))?;
        let (blake3, bytes) = file.finish().map_err(Error::file(&self.path))?;
        Ok(Written { blake3, bytes, rows: self.rows })
    }
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

fn with_run_id(schema: &SchemaRef) -> SchemaRef {
    let run_id = Arc::new(Field::new(RUN_ID, DataType::Utf8, false));
    Arc::new(Schema::new(schema.fields().iter().cloned().chain([run_id]).collect::<Vec<_>>()))
}

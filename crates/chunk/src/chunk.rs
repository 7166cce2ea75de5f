//! A column chunk while it is written: places of the rows, page by page, and the values that they point at.

use std::io::Write;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{ArrowNativeType, DataType, Int8Type, Int16Type, Int32Type};
use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriteSpec, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, OffsetIndexBuilder};
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use crate::hybrid;
use crate::values::{Delivered, Values};

/// Rows of a page: they stand in memory, four bytes each, until it ends.
const PAGE_ROWS: usize = 20_000;
/// A value that no row had yet.
const UNKNOWN: u32 = u32::MAX;

/// A chunk of one column, from dictionary arrays of texts or of 32-bit numbers, from numbers of a byte or from texts. The bytes
/// follow from the rows and from where the arrays begin, not from threads.
pub struct DictionaryChunk {
    column: ColumnDescPtr,
    values: Values,
    /// Of the page that is open: the place of each value, without the rows that have none.
    places: Vec<u32>,
    /// Of the page that is open: 1 where a row has a value. Empty while all have.
    levels: Vec<u32>,
    page_rows: usize,
    rows: usize,
    nulls: usize,
    pages: Vec<(CompressedPage, usize)>,
}

/// A chunk as it stands in the file.
#[derive(Clone)]
pub struct Encoded {
    bytes: Bytes,
    close: ColumnCloseResult,
}

impl Encoded {
    /// Appends the chunk as the next column of a row group.
    ///
    /// # Errors
    ///
    /// Where the group expects another column, or cannot be written.
    pub fn append_to_row_group<W: Write + Send>(
        self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<()> {
        group.append_column(&self.bytes, self.close)
    }
}

impl DictionaryChunk {
    /// Whether columns of this type can be written: dictionaries of texts or of 32-bit numbers, and plain numbers of a byte.
    pub fn takes(kind: &DataType) -> bool {
        if *kind == DataType::Int8 {
            return true;
        }
        let DataType::Dictionary(key, values) = kind else { return false };
        matches!(**key, DataType::Int8 | DataType::Int16 | DataType::Int32)
            && matches!(**values, DataType::Utf8 | DataType::Int32)
    }

    /// An empty chunk of this column, which has no lists.
    pub fn new(column: ColumnDescPtr) -> Self {
        Self {
            column,
            values: Values::default(),
            places: Vec::new(),
            levels: Vec::new(),
            page_rows: 0,
            rows: 0,
            nulls: 0,
            pages: Vec::new(),
        }
    }

    /// Appends the rows of an array that `takes` allows, or of texts.
    ///
    /// # Errors
    ///
    /// Where the array is of another type, or a row of a column that must have values has none.
    pub fn write(&mut self, array: &ArrayRef) -> Result<()> {
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        if nulls.is_some() && self.column.max_def_level() == 0 {
            return Err(ParquetError::General(format!(
                "found rows without a value in the column `{}`, expected none",
                self.column.name()
            )));
        }
        let nulls = nulls.as_ref();
        if let Some(numbers) = array.as_primitive_opt::<Int8Type>() {
            let key = |number: &i8| usize::from(number.cast_unsigned());
            return self.append(numbers.values(), key, &Delivered::SmallNumbers, nulls);
        }
        if let Some(texts) = array.as_string_opt::<i32>() {
            return self
                .append_rows(texts.len(), nulls, |values, row| values.often(texts.value(row)));
        }
        let values = array.as_any_dictionary_opt().ok_or_else(|| unexpected(array))?.values();
        let values = Delivered::of(values).ok_or_else(|| unexpected(array))?;
        if let Some(array) = array.as_dictionary_opt::<Int8Type>() {
            self.append(array.keys().values(), |key| key.as_usize(), &values, nulls)
        } else if let Some(array) = array.as_dictionary_opt::<Int16Type>() {
            self.append(array.keys().values(), |key| key.as_usize(), &values, nulls)
        } else if let Some(array) = array.as_dictionary_opt::<Int32Type>() {
            self.append(array.keys().values(), |key| key.as_usize(), &values, nulls)
        } else {
            Err(unexpected(array))
        }
    }

    fn append<K>(
        &mut self,
        keys: &[K],
        key_of: impl Fn(&K) -> usize,
        values: &Delivered<'_>,
        nulls: Option<&NullBuffer>,
    ) -> Result<()> {
        // Values are taken over when a row has them, so that the chunk tells of no other.
        let mut places = vec![UNKNOWN; values.len()];
        self.append_rows(keys.len(), nulls, |own, row| {
            let key = key_of(&keys[row]);
            let place = &mut places[key];
            if *place == UNKNOWN {
                *place = own.place(values, key);
            }
            *place
        })
    }

    /// `place` tells where the value of a row stands among the chunk's.
    fn append_rows(
        &mut self,
        rows: usize,
        nulls: Option<&NullBuffer>,
        mut place: impl FnMut(&mut Values, usize) -> u32,
    ) -> Result<()> {
        let mut from = 0;
        while from < rows {
            let until = rows.min(from + PAGE_ROWS - self.page_rows);
            let own = &mut self.values;
            if let Some(nulls) = nulls {
                self.levels.resize(self.page_rows, 1);
                self.levels.extend((from..until).map(|row| u32::from(nulls.is_valid(row))));
                let valid = (from..until).filter(|row| nulls.is_valid(*row));
                self.places.extend(valid.map(|row| place(own, row)));
            } else {
                self.places.extend((from..until).map(|row| place(own, row)));
            }
            self.page_rows += until - from;
            from = until;
            if self.page_rows == PAGE_ROWS {
                self.end_page()?;
            }
        }
        Ok(())
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> usize {
        self.rows + self.page_rows
    }

    /// Whether a value stands in two rows or more on average.
    pub(crate) fn repeats(&self) -> bool {
        let without = self.nulls + self.page_rows - self.places.len();
        2 * self.values.count() as usize <= self.rows() - without
    }

    fn end_page(&mut self) -> Result<()> {
        let mut body = Vec::new();
        if self.column.max_def_level() > 0 {
            self.levels.resize(self.page_rows, 1);
            let mut levels = Vec::new();
            hybrid::encode(&self.levels, 1, &mut levels);
            body.extend((levels.len() as u32).to_le_bytes());
            body.append(&mut levels);
        }
        let width = hybrid::width(self.values.count().saturating_sub(1));
        body.push(width as u8);
        hybrid::encode(&self.places, width, &mut body);
        let page = Page::DataPage {
            buf: compressed(&body)?,
            num_values: self.page_rows as u32,
            encoding: Encoding::RLE_DICTIONARY,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        self.pages.push((CompressedPage::new(page, body.len()), self.page_rows));
        self.rows += self.page_rows;
        self.nulls += self.page_rows - self.places.len();
        self.page_rows = 0;
        self.places.clear();
        self.levels.clear();
        Ok(())
    }

    /// Ends the chunk.
    ///
    /// # Errors
    ///
    /// Where a page cannot be put together.
    pub fn close(mut self) -> Result<Encoded> {
        if self.page_rows > 0 {
            self.end_page()?;
        }
        let mut bytes = TrackedWrite::new(Vec::new());
        let mut writer = SerializedPageWriter::new(&mut bytes);
        let dictionary = Page::DictionaryPage {
            buf: compressed(self.values.plain())?,
            num_values: self.values.count(),
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let dictionary = CompressedPage::new(dictionary, self.values.plain().len());
        let mut written = vec![writer.write_page(dictionary)?];
        let mut offsets = OffsetIndexBuilder::new();
        for (page, rows) in self.pages {
            let spec = writer.write_page(page)?;
            offsets.append_row_count(rows as i64);
            offsets.append_offset_and_size(spec.offset as i64, spec.compressed_size as i32);
            written.push(spec);
        }
        let sum = |of: fn(&PageWriteSpec) -> usize| written.iter().map(of).sum::<usize>() as i64;
        let first = written.get(1).map_or(0, |page| page.offset as i64);
        let metadata = ColumnChunkMetaData::builder(self.column)
            .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
            .set_compression(Compression::SNAPPY)
            .set_num_values(self.rows as i64)
            .set_total_compressed_size(sum(|page| page.compressed_size))
            .set_total_uncompressed_size(sum(|page| page.uncompressed_size))
            .set_data_page_offset(first)
            .set_dictionary_page_offset(Some(0))
            .set_statistics(self.values.statistics(self.nulls as u64))
            .build()?;
        Ok(Encoded {
            close: ColumnCloseResult {
                bytes_written: bytes.bytes_written() as u64,
                rows_written: self.rows as u64,
                metadata,
                bloom_filter: None,
                column_index: None,
                offset_index: Some(offsets.build()),
            },
            bytes: bytes.into_inner()?.into(),
        })
    }
}

fn compressed(bytes: &[u8]) -> Result<Bytes> {
    let compressed = snap::raw::Encoder::new().compress_vec(bytes);
    compressed.map(Bytes::from).map_err(|error| ParquetError::External(Box::new(error)))
}

fn unexpected(array: &dyn Array) -> ParquetError {
    ParquetError::General(format!(
        "found {}, expected a dictionary of texts or of 32-bit numbers, numbers of a byte or texts",
        array.data_type()
    ))
}

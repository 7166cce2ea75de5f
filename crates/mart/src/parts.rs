//! The parts of a large table: row groups of one panel-wave. A release takes over from the one before what is the same.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::metadata::{
    KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader,
};
use parquet::file::statistics::Statistics;
use parquet::file::writer::SerializedRowGroupWriter;
use serde::{Deserialize, Serialize};

/// Under this name the metadata of a file tell its parts.
const PARTS: &str = "peil.parts";

/// Row groups that follow one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// A hash of all that the rows follow from.
    pub key: String,
    /// Row groups.
    pub groups: usize,
}

/// The parts as an entry of a file's metadata.
pub fn told(parts: &[Part]) -> KeyValue {
    KeyValue::new(PARTS.to_owned(), serde_json::json!(parts).to_string())
}

/// A file of an earlier release whose bytes are those that its manifest names.
pub struct Earlier {
    file: File,
    metadata: ParquetMetaData,
    parts: BTreeMap<String, Range<usize>>,
}

impl Earlier {
    /// None where the file cannot be read or tells of no parts: then nothing is taken over.
    pub fn open(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        // As they were written, so that what is taken over has the same bytes.
        let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let reader = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .with_metadata_options(Some(options));
        let metadata = reader.parse_and_finish(&file).ok()?;
        let told = metadata.file_metadata().key_value_metadata()?;
        let told = told.iter().find(|entry| entry.key == PARTS)?.value.as_ref()?;
        let listed: Vec<Part> = serde_json::from_str(told).ok()?;
        let (mut parts, mut from) = (BTreeMap::new(), 0);
        for part in listed {
            let until = from + part.groups;
            parts.insert(part.key, from..until);
            from = until;
        }
        (from == metadata.num_row_groups()).then_some(Self { file, metadata, parts })
    }

    /// The row groups of a part; none where the file does not have it.
    pub fn groups(&self, part: &str) -> Option<Range<usize>> {
        self.parts.get(part).cloned()
    }

    pub fn rows(&self, group: usize) -> usize {
        self.metadata.row_group(group).num_rows() as usize
    }

    /// Appends one column of a row group, as it is, to a group of another file.
    pub fn append<W: Write + Send>(
        &self,
        group: usize,
        column: usize,
        to: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<()> {
        let own = self.metadata.row_group(group);
        let chunk = own.column(column);
        let column_index = self.metadata.column_index().map(|index| index[group][column].clone());
        let offset_index = self.metadata.offset_index().map(|index| index[group][column].clone());
        let mut metadata = chunk.clone().into_builder();
        if let Some(statistics) = chunk.statistics() {
            metadata = metadata.set_statistics(as_written(statistics));
        }
        let close = ColumnCloseResult {
            bytes_written: chunk.compressed_size() as u64,
            rows_written: own.num_rows() as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index,
            offset_index,
        };
        to.append_column(&self.file, close)
    }
}

/// With the bounds of numbers in the place, too, where old readers look for them: reading forgets that they stood there.
fn as_written(statistics: &Statistics) -> Statistics {
    match statistics.clone() {
        Statistics::Int32(bounds) => {
            Statistics::Int32(bounds.with_backwards_compatible_min_max(true))
        }
        Statistics::Int64(bounds) => {
            Statistics::Int64(bounds.with_backwards_compatible_min_max(true))
        }
        Statistics::Double(bounds) => {
            Statistics::Double(bounds.with_backwards_compatible_min_max(true))
        }
        others => others,
    }
}

//! A public mart as columns of texts, numbers and flags.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow::array::{Array, ArrayRef, BooleanArray, Float64Array, StringArray};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::Error;

pub struct Table {
    pub mart: String,
    pub rows: usize,
    /// Names of all columns, as they stand.
    pub columns: Vec<String>,
    texts: BTreeMap<String, StringArray>,
    numbers: BTreeMap<String, Float64Array>,
    flags: BTreeMap<String, BooleanArray>,
}

/// A mart of the release's public folder.
pub fn read(folder: &Path, mart: &str) -> Result<Table, Error> {
    read_if_there(folder, mart)?
        .ok_or_else(|| Error::NoMart { folder: folder.to_owned(), mart: mart.to_owned() })
}

/// The same, of a mart that a release may lack.
pub fn read_if_there(folder: &Path, mart: &str) -> Result<Option<Table>, Error> {
    let path = folder.join("public").join(format!("{mart}.parquet"));
    if !path.exists() {
        return Ok(None);
    }
    let file = File::open(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    let unreadable = |problem: String| Error::Parquet { path: path.clone(), problem };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|problem| unreadable(problem.to_string()))?;
    let schema = builder.schema().clone();
    let reader = builder.build().map_err(|problem| unreadable(problem.to_string()))?;
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|e| unreadable(e.to_string()))?;
    let all = concat_batches(&schema, &batches).map_err(|e| unreadable(e.to_string()))?;
    let mut table = Table {
        mart: mart.to_owned(),
        rows: all.num_rows(),
        columns: schema.fields().iter().map(|field| field.name().clone()).collect(),
        texts: BTreeMap::new(),
        numbers: BTreeMap::new(),
        flags: BTreeMap::new(),
    };
    for (field, column) in schema.fields().iter().zip(all.columns()) {
        table.add(field.name(), column).map_err(|problem| unreadable(problem.to_string()))?;
    }
    Ok(Some(table))
}

impl Table {
    fn add(&mut self, name: &str, column: &ArrayRef) -> Result<(), arrow::error::ArrowError> {
        let name = name.to_owned();
        match column.data_type() {
            DataType::Boolean => {
                let flags = column.as_any().downcast_ref::<BooleanArray>().cloned();
                self.flags.extend(flags.map(|flags| (name, flags)));
            }
            kind if kind.is_numeric() => {
                let column = cast(column, &DataType::Float64)?;
                let numbers = column.as_any().downcast_ref::<Float64Array>().cloned();
                self.numbers.extend(numbers.map(|numbers| (name, numbers)));
            }
            kind if kind.is_nested() => {}
            _ => {
                let column = cast(column, &DataType::Utf8)?;
                let texts = column.as_any().downcast_ref::<StringArray>().cloned();
                self.texts.extend(texts.map(|texts| (name, texts)));
            }
        }
        Ok(())
    }

    /// The names behind `label_`, for instance: the languages of a column.
    pub fn endings(&self, prefix: &str) -> Vec<String> {
        let texts = self.columns.iter().filter(|name| self.texts.contains_key(*name));
        let found = texts.filter_map(|name| name.strip_prefix(prefix));
        found.filter(|ending| !ending.contains('_')).map(str::to_owned).collect()
    }

    pub fn has(&self, column: &str) -> bool {
        self.texts.contains_key(column)
            || self.numbers.contains_key(column)
            || self.flags.contains_key(column)
    }

    /// A text; none where the column is absent, NULL or ''.
    pub fn text(&self, column: &str, row: usize) -> Option<&str> {
        let column = self.texts.get(column)?;
        (column.is_valid(row)).then(|| column.value(row)).filter(|text| !text.is_empty())
    }

    /// A number; none where the column is absent or NULL.
    pub fn number(&self, column: &str, row: usize) -> Option<f64> {
        let column = self.numbers.get(column)?;
        column.is_valid(row).then(|| column.value(row))
    }

    pub fn flag(&self, column: &str, row: usize) -> Option<bool> {
        let column = self.flags.get(column)?;
        column.is_valid(row).then(|| column.value(row))
    }

    /// Refuses a mart that lacks a column of these.
    pub fn expect(&self, texts: &[&str], numbers: &[&str]) -> Result<(), Error> {
        let check = |column: &str, is_right: bool, expected: &'static str| {
            let mart = self.mart.clone();
            let column = column.to_owned();
            if is_right {
                Ok(())
            } else if self.has(&column) {
                let found = "of another type".to_owned();
                Err(Error::Type { mart, column, found, expected })
            } else {
                Err(Error::NoColumn { mart, column })
            }
        };
        texts.iter().try_for_each(|name| check(name, self.texts.contains_key(*name), "text"))?;
        numbers
            .iter()
            .try_for_each(|name| check(name, self.numbers.contains_key(*name), "a number"))
    }

    /// A text that must be there.
    pub fn need(&self, column: &str, row: usize) -> Result<&str, Error> {
        self.text(column, row).ok_or_else(|| Error::Empty {
            mart: self.mart.clone(),
            row: row + 1,
            column: column.to_owned(),
        })
    }

    /// A number that must be there.
    pub fn need_number(&self, column: &str, row: usize) -> Result<f64, Error> {
        self.number(column, row).ok_or_else(|| Error::Empty {
            mart: self.mart.clone(),
            row: row + 1,
            column: column.to_owned(),
        })
    }

    pub fn unknown(&self, row: usize, column: &str, found: &str, dimension: &'static str) -> Error {
        Error::Unknown {
            mart: self.mart.clone(),
            row: row + 1,
            column: column.to_owned(),
            found: found.to_owned(),
            dimension,
        }
    }
}

//! Tables of a release, read as columns of plain values.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Float64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::error::Error;
use crate::text::{Text, Texts};

/// A column: texts, or numbers.
pub enum Values {
    Text(Vec<Option<Text>>),
    /// With whether they are counts.
    Number(Vec<Option<f64>>, bool),
    Other,
}

/// A table by column.
pub struct Table {
    pub rows: usize,
    pub columns: BTreeMap<String, Values>,
}

impl Table {
    pub fn read(path: &Path, shared: &mut Texts) -> Result<Self, Error> {
        let failed = Error::at(path);
        let file = File::open(path).map_err(|error| failed(&error))?;
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| failed(&error))?;
        let schema = builder.schema().clone();
        let reader = builder.build().map_err(|error| failed(&error))?;
        let batches: Vec<RecordBatch> =
            reader.collect::<Result<_, _>>().map_err(|error| failed(&error))?;
        let all = concat_batches(&schema, &batches).map_err(|error| failed(&error))?;
        let names = schema.fields().iter().map(|field| field.name().clone());
        let arrays = all.columns().iter().map(|array| values(array.as_ref(), shared));
        let columns = names.zip(arrays).collect();
        Ok(Self { rows: all.num_rows(), columns })
    }

    pub fn text(&self, name: &str) -> Option<&[Option<Text>]> {
        match self.columns.get(name) {
            Some(Values::Text(values)) => Some(values),
            _ => None,
        }
    }

    pub fn number(&self, name: &str) -> Option<&[Option<f64>]> {
        match self.columns.get(name) {
            Some(Values::Number(values, _)) => Some(values),
            _ => None,
        }
    }
}

fn values(array: &dyn Array, shared: &mut Texts) -> Values {
    match array.data_type() {
        DataType::Utf8 => {
            let mut last: Option<Text> = None;
            let mut text = |text: &str| {
                // Tables are sorted: often it is the one of the row before.
                let same = last.take().filter(|last| *last == *text);
                let same = same.unwrap_or_else(|| shared.shared(text));
                last = Some(same.clone());
                same
            };
            let texts = array.as_string::<i32>().iter();
            Values::Text(texts.map(|own| own.map(&mut text)).collect())
        }
        kind if kind.is_numeric() => match cast(array, &DataType::Float64) {
            Ok(numbers) => {
                let numbers = numbers.as_primitive::<Float64Type>();
                Values::Number(numbers.iter().collect(), kind.is_integer())
            }
            Err(_) => Values::Other,
        },
        _ => Values::Other,
    }
}

/// Names of the tables in a folder, without ending, sorted.
pub fn tables(folder: &Path) -> Result<Vec<String>, Error> {
    let failed = Error::at(folder);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(&error))? {
        let path = entry.map_err(|error| failed(&error))?.path();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

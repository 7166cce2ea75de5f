//! Builds small tables column by column.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array,
    RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type, Schema};

use survey::Labels;

use crate::error::Error;

#[derive(Default)]
pub struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    #[must_use]
    pub fn with(mut self, name: &str, array: ArrayRef) -> Self {
        self.fields.push(Field::new(name, array.data_type().clone(), true));
        self.arrays.push(array);
        self
    }

    /// A column for each language, NULL where there is no text.
    #[must_use]
    pub fn maybe_labels<'a>(
        self,
        start: &str,
        languages: &[String],
        labels: impl IntoIterator<Item = &'a Labels>,
    ) -> Self {
        let labels: Vec<&Labels> = labels.into_iter().collect();
        languages.iter().fold(self, |table, language| {
            let texts = labels.iter().map(|label| label.of(language));
            let texts = texts.map(|text| Some(text).filter(|text| !text.is_empty()));
            table.maybe_text(&format!("{start}_{language}"), texts)
        })
    }

    #[must_use]
    pub fn text<'a>(self, name: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(name, Arc::new(StringArray::from_iter_values(values)))
    }

    /// A column for each language.
    #[must_use]
    pub fn labels<'a>(
        self,
        start: &str,
        languages: &[String],
        labels: impl IntoIterator<Item = &'a Labels>,
    ) -> Self {
        let labels: Vec<&Labels> = labels.into_iter().collect();
        languages.iter().fold(self, |table, language| {
            let texts = labels.iter().map(|label| label.of(language));
            table.text(&format!("{start}_{language}"), texts)
        })
    }

    #[must_use]
    pub fn texts(self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        self.with(name, Arc::new(StringArray::from_iter_values(values)))
    }

    #[must_use]
    pub fn maybe_text<'a>(
        self,
        name: &str,
        values: impl IntoIterator<Item = Option<&'a str>>,
    ) -> Self {
        self.with(name, Arc::new(values.into_iter().collect::<StringArray>()))
    }

    #[must_use]
    pub fn small(self, name: &str, values: impl IntoIterator<Item = i32>) -> Self {
        self.with(name, Arc::new(Int32Array::from_iter_values(values)))
    }

    #[must_use]
    pub fn maybe_small(self, name: &str, values: impl IntoIterator<Item = Option<i32>>) -> Self {
        self.with(name, Arc::new(values.into_iter().collect::<Int32Array>()))
    }

    #[must_use]
    pub fn count(self, name: &str, values: impl IntoIterator<Item = u64>) -> Self {
        self.with(
            name,
            Arc::new(Int64Array::from_iter_values(values.into_iter().map(|value| value as i64))),
        )
    }

    #[must_use]
    pub fn maybe_count(self, name: &str, values: impl IntoIterator<Item = Option<u64>>) -> Self {
        let values = values.into_iter().map(|value| value.map(|value| value as i64));
        self.with(name, Arc::new(values.collect::<Int64Array>()))
    }

    #[must_use]
    pub fn numbers(self, name: &str, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let finite = values.into_iter().map(|value| value.filter(|number| number.is_finite()));
        self.with(name, Arc::new(finite.collect::<Float64Array>()))
    }

    /// Days since 1970.
    #[must_use]
    pub fn maybe_date(self, name: &str, days: impl IntoIterator<Item = Option<i32>>) -> Self {
        self.with(name, Arc::new(days.into_iter().collect::<Date32Array>()))
    }

    #[must_use]
    pub fn truths(self, name: &str, values: impl IntoIterator<Item = bool>) -> Self {
        self.with(name, Arc::new(values.into_iter().map(Some).collect::<BooleanArray>()))
    }

    pub fn build(self) -> Result<RecordBatch, Error> {
        let rows = self.arrays.first().map_or(0, Array::len);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(
            Arc::new(Schema::new(self.fields)),
            self.arrays,
            &options,
        )?)
    }
}

/// A text column of a table that has been conformed to a contract.
pub fn text<'a>(table: &'a RecordBatch, name: &str) -> Result<&'a StringArray, Error> {
    found(table, name)?.as_string_opt::<i32>().ok_or_else(|| wrong(name, &DataType::Utf8))
}

pub fn small<'a>(table: &'a RecordBatch, name: &str) -> Result<&'a Int32Array, Error> {
    found(table, name)?.as_primitive_opt::<Int32Type>().ok_or_else(|| wrong(name, &DataType::Int32))
}

pub fn count<'a>(table: &'a RecordBatch, name: &str) -> Result<&'a Int64Array, Error> {
    found(table, name)?.as_primitive_opt::<Int64Type>().ok_or_else(|| wrong(name, &DataType::Int64))
}

/// A column of any whole or broken numbers.
pub fn numbers(table: &RecordBatch, name: &str) -> Result<Float64Array, Error> {
    let array = cast(found(table, name)?, &DataType::Float64)?;
    Ok(array.as_primitive::<Float64Type>().clone())
}

pub fn found<'a>(table: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, Error> {
    table.column_by_name(name).ok_or_else(|| {
        Error::Arrow(arrow::error::ArrowError::SchemaError(format!("no column `{name}`")))
    })
}

fn wrong(name: &str, expected: &DataType) -> Error {
    Error::Arrow(arrow::error::ArrowError::SchemaError(format!(
        "column `{name}` is not {expected}"
    )))
}

//! One concept's column and its missing reasons, built by kind.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int8Array, Int16Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type};
use arrow::error::ArrowError;
use survey::codebook::Kind;
use survey::{Fate, MissingReason, columns};

/// A concept's values and reasons; every row has exactly one of the two.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub values: ArrayRef,
    pub missing: Int8Array,
}

impl Column {
    /// All null with one reason.
    pub fn all_missing(kind: Kind, codes: &[&str], reason: MissingReason, rows: usize) -> Self {
        let values: ArrayRef = match kind {
            Kind::Category => Arc::new(columns::category(Int16Array::new_null(rows), codes)),
            Kind::Number => Arc::new(Float64Array::new_null(rows)),
            Kind::Date | Kind::Text => Arc::new(StringArray::new_null(rows)),
        };
        Self { values, missing: Int8Array::from_value(reason as i8, rows) }
    }

    /// An item's values and the fates that admit gave them.
    pub fn of(values: ArrayRef, fates: impl Iterator<Item = Fate>) -> Self {
        let missing = fates.map(|fate| fate.missing().map(|reason| reason as i8)).collect();
        Self { values, missing }
    }

    pub fn fields(&self, concept: &str) -> [Field; 2] {
        [
            Field::new(concept, self.values.data_type().clone(), true),
            Field::new(columns::missing(concept), DataType::Int8, true),
        ]
    }
}

/// A derivation's result by the concept's kind; `Err` counts the rows whose code is not in the answer list.
pub(crate) fn typed(
    values: &ArrayRef,
    kind: Kind,
    codes: &[&str],
) -> Result<Result<ArrayRef, u64>, ArrowError> {
    if kind == Kind::Number {
        let numbers = cast(values, &DataType::Float64)?;
        let numbers: Float64Array = numbers
            .as_primitive::<Float64Type>()
            .iter()
            .map(|number| number.filter(|number| number.is_finite()))
            .collect();
        return Ok(Ok(Arc::new(numbers)));
    }
    let texts = cast(values, &DataType::Utf8)?;
    if kind != Kind::Category {
        return Ok(Ok(texts));
    }
    let mut unknown = 0;
    let keys: Int16Array = texts
        .as_string::<i32>()
        .iter()
        .map(|text| {
            let text = text?;
            let key = codes.iter().position(|code| *code == text).map(|key| key as i16);
            unknown += u64::from(key.is_none());
            key
        })
        .collect();
    if unknown > 0 { Ok(Err(unknown)) } else { Ok(Ok(Arc::new(columns::category(keys, codes)))) }
}

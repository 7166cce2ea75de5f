//! One concept's column and its missing reasons, built by kind.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float64Array, Int8Array, Int16Array, PrimitiveArray,
    StringArray, StringBuilder,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::cast;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Field, Float64Type, Int16Type};
use arrow::error::ArrowError;
use survey::codebook::Kind;
use survey::{MissingReason, columns};

/// What one cell becomes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Place of the code in the answer list.
    Code(i16),
    Number(f64),
    Text(String),
    Missing(MissingReason),
}

/// A concept's values and reasons; every row has exactly one of the two.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub values: ArrayRef,
    pub missing: Int8Array,
}

impl Column {
    /// All null with one reason.
    pub fn all_missing(
        kind: Kind,
        codes: &[&str],
        reason: MissingReason,
        rows: usize,
    ) -> Result<Self, ArrowError> {
        let values: ArrayRef = match kind {
            Kind::Category => Arc::new(category(Int16Array::new_null(rows), codes)?),
            Kind::Number => Arc::new(Float64Array::new_null(rows)),
            Kind::Date | Kind::Text => Arc::new(StringArray::new_null(rows)),
        };
        Ok(Self { values, missing: Int8Array::from_value(reason as i8, rows) })
    }

    /// From the distinct values and which of them each row has.
    pub fn gather(
        kind: Kind,
        codes: &[&str],
        values: &[&Value],
        numbers: &[u32],
    ) -> Result<Self, ArrowError> {
        let reasons: Vec<Option<i8>> = values
            .iter()
            .map(
                |value| if let Value::Missing(reason) = value { Some(*reason as i8) } else { None },
            )
            .collect();
        let missing = pick(&reasons, numbers);
        let values: ArrayRef = match kind {
            Kind::Category => {
                let keys: Vec<Option<i16>> = values
                    .iter()
                    .map(|value| if let Value::Code(code) = value { Some(*code) } else { None })
                    .collect();
                Arc::new(category(pick(&keys, numbers), codes)?)
            }
            Kind::Number => {
                let known: Vec<Option<f64>> = values
                    .iter()
                    .map(
                        |value| {
                            if let Value::Number(number) = value { Some(*number) } else { None }
                        },
                    )
                    .collect();
                Arc::new(pick::<Float64Type>(&known, numbers))
            }
            Kind::Date | Kind::Text => {
                let mut texts = StringBuilder::new();
                for number in numbers {
                    let value = values[*number as usize];
                    texts.append_option(if let Value::Text(text) = value {
                        Some(text.as_str())
                    } else {
                        None
                    });
                }
                Arc::new(texts.finish())
            }
        };
        Ok(Self { values, missing })
    }

    pub fn fields(&self, concept: &str) -> [Field; 2] {
        [
            Field::new(concept, self.values.data_type().clone(), true),
            Field::new(columns::missing(concept), DataType::Int8, true),
        ]
    }
}

/// One of the values a row; null where it is none.
fn pick<T: ArrowPrimitiveType>(values: &[Option<T::Native>], numbers: &[u32]) -> PrimitiveArray<T> {
    let plain: Vec<T::Native> = values.iter().map(|value| value.unwrap_or_default()).collect();
    let known: Vec<bool> = values.iter().map(Option::is_some).collect();
    let picked: Vec<T::Native> = numbers.iter().map(|number| plain[*number as usize]).collect();
    let valid = BooleanBuffer::collect_bool(numbers.len(), |row| known[numbers[row] as usize]);
    PrimitiveArray::new(picked.into(), Some(NullBuffer::new(valid)))
}

/// Category keys over the whole answer list, in its order.
pub(crate) fn category(
    keys: Int16Array,
    codes: &[&str],
) -> Result<DictionaryArray<Int16Type>, ArrowError> {
    DictionaryArray::try_new(keys, Arc::new(StringArray::from_iter_values(codes)))
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
    if unknown > 0 { Ok(Err(unknown)) } else { Ok(Ok(Arc::new(category(keys, codes)?))) }
}

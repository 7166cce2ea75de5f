//! Arrays in the few types that hand-offs and marts use.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use arrow::error::ArrowError;

/// Utf8, Float64 or Boolean; a number that is not finite is null.
pub fn value(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let array = cast(array, &value_type(array.data_type()))?;
    Ok(finite(array))
}

/// The type in which a value of this type is handed back.
pub fn value_type(found: &DataType) -> DataType {
    match found {
        DataType::Boolean => DataType::Boolean,
        found if found.is_numeric() => DataType::Float64,
        _ => DataType::Utf8,
    }
}

/// The type in which a mart keeps a column of this type: readers know signed integers and plain text best.
pub fn mart_type(found: &DataType) -> DataType {
    match found {
        DataType::Int8 | DataType::Int16 | DataType::UInt8 | DataType::UInt16 => DataType::Int32,
        DataType::UInt32 | DataType::UInt64 => DataType::Int64,
        DataType::Float16 | DataType::Float32 | DataType::Decimal128(..) => DataType::Float64,
        DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => DataType::Utf8,
        DataType::Dictionary(_, inner) => mart_type(inner),
        found => found.clone(),
    }
}

/// Infinite and undefined numbers as null.
pub fn finite(array: ArrayRef) -> ArrayRef {
    match array.as_primitive_opt::<Float64Type>() {
        Some(numbers) if numbers.iter().flatten().any(|number| !number.is_finite()) => {
            let kept: Float64Array =
                numbers.iter().map(|number| number.filter(|it| it.is_finite())).collect();
            Arc::new(kept)
        }
        _ => array,
    }
}

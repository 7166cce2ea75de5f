//! The columns by which restricted marts tell who a row is about.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Int8Array, Int32Array, RecordBatch, StringArray,
    new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int8Type, Int32Type};
use survey::{MissingReason, PanelWave, columns};

use crate::contract::Contract;
use crate::error::Error;

/// The columns of a contract, taken from the weighted table; what is not there is empty.
pub(crate) fn columns(
    contract: &Contract,
    of: &PanelWave,
    delivery: &str,
    table: &RecordBatch,
) -> Result<RecordBatch, Error> {
    let rows = table.num_rows();
    let column = |column: &crate::contract::Column| -> Result<ArrayRef, Error> {
        let kind = column.kind.data_type();
        match (column.name.as_str(), table.column_by_name(columns::of_mart(&column.name))) {
            ("panel", _) => constant(&of.panel, rows),
            ("delivery", _) => constant(delivery, rows),
            ("wave", _) => constant_number(of.wave as i32, rows),
            (name, _) if columns::is_missing(name) => reasons(table, columns::concept_of(name)),
            (_, None) if kind == DataType::Utf8 => {
                let of_texts = DataType::Dictionary(Box::new(DataType::Int32), Box::new(kind));
                Ok(new_null_array(&of_texts, rows))
            }
            (_, None) => Ok(new_null_array(&kind, rows)),
            (_, Some(array)) => as_kept(array, &kind),
        }
    };
    let arrays = contract.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let named = contract.columns.iter().map(|column| column.name.as_str()).zip(arrays);
    Ok(RecordBatch::try_from_iter_with_nullable(named.map(|(name, array)| (name, array, true)))?)
}

/// Why each row has no value of a concept; empty where it has one.
pub(crate) fn reasons(table: &RecordBatch, concept: &str) -> Result<ArrayRef, Error> {
    let values = table.column_by_name(concept);
    let told = Told::of(table, concept);
    let keys: Int32Array = (0..table.num_rows())
        .map(|row| match values {
            Some(values) if values.is_valid(row) => 0,
            Some(_) => told.reason(row),
            None => MissingReason::NotAsked as i32,
        })
        .collect::<Vec<_>>()
        .into();
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(reason_texts()))?))
}

/// The missing reasons of a concept's rows, as places in `reason_texts`.
pub(crate) struct Told<'a>(Option<&'a Int8Array>);

impl<'a> Told<'a> {
    pub(crate) fn of(table: &'a RecordBatch, concept: &str) -> Self {
        let column = table.column_by_name(&columns::missing(concept));
        Self(column.and_then(|array| array.as_primitive_opt::<Int8Type>()))
    }

    /// Of a row without a value: what nobody gave a reason for was not answered.
    pub(crate) fn reason(&self, row: usize) -> i32 {
        let told = self.0.filter(|reasons| reasons.is_valid(row));
        told.map_or(MissingReason::Unanswered as i32, |reasons| i32::from(reasons.value(row)))
    }
}

/// A dictionary of texts is written as it is: the file keeps its texts.
pub(crate) fn as_kept(array: &ArrayRef, kind: &DataType) -> Result<ArrayRef, Error> {
    match array.data_type() {
        DataType::Dictionary(_, inner) if inner.as_ref() == kind => Ok(Arc::clone(array)),
        _ => Ok(cast(array, kind)?),
    }
}

pub(crate) fn constant(text: &str, rows: usize) -> Result<ArrayRef, Error> {
    let values = Arc::new(StringArray::from(vec![text]));
    Ok(Arc::new(DictionaryArray::try_new(Int32Array::from_value(0, rows), values)?))
}

pub(crate) fn constant_number(number: i32, rows: usize) -> Result<ArrayRef, Error> {
    let values = Arc::new(Int32Array::from(vec![number]));
    Ok(Arc::new(DictionaryArray::try_new(Int32Array::from_value(0, rows), values)?))
}

/// Place 0 is no reason, then the nine in their order.
pub(crate) fn reason_texts() -> StringArray {
    StringArray::from_iter_values(
        std::iter::once("").chain(MissingReason::ALL.iter().map(|reason| reason.name())),
    )
}

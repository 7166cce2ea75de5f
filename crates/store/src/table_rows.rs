//! Findings and warnings as tables with one frozen schema each.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use survey::{Finding, Warning};

/// A flat record with a name for each column.
pub trait Row: Serialize + DeserializeOwned {
    /// Column and whether it holds whole numbers (text otherwise).
    const COLUMNS: &'static [(&'static str, bool)];
}

impl Row for Finding {
    const COLUMNS: &'static [(&'static str, bool)] = &[
        ("code", false),
        ("severity", false),
        ("rule", false),
        ("panel", false),
        ("wave", true),
        ("delivery", false),
        ("sheet", false),
        ("cell", false),
        ("record", true),
        ("line", true),
        ("column", false),
        ("concept", false),
        ("found", false),
        ("expected", false),
        ("action", false),
        ("hint", false),
        ("count", true),
    ];
}

impl Row for Warning {
    const COLUMNS: &'static [(&'static str, bool)] =
        &[("code", false), ("panel", false), ("wave", true), ("message", false), ("hint", false)];
}

pub fn to_table<T: Row>(records: &[T]) -> Result<RecordBatch, ArrowError> {
    let values = records
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<Value>, _>>()
        .map_err(|error| ArrowError::ExternalError(Box::new(error)))?;
    let column = |name: &str, whole: bool| -> ArrayRef {
        if whole {
            Arc::new(values.iter().map(|value| value[name].as_i64()).collect::<Int64Array>())
        } else {
            Arc::new(values.iter().map(|value| value[name].as_str()).collect::<StringArray>())
        }
    };
    let columns = T::COLUMNS.iter().map(|(name, whole)| column(name, *whole)).collect();
    let fields: Vec<Field> = T::COLUMNS
        .iter()
        .map(|(name, whole)| {
            Field::new(*name, if *whole { DataType::Int64 } else { DataType::Utf8 }, true)
        })
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

pub fn from_table<T: Row>(table: &RecordBatch) -> Result<Vec<T>, serde_json::Error> {
    let mut rows = vec![Map::new(); table.num_rows()];
    for (name, whole) in T::COLUMNS {
        let Some(column) = table.column_by_name(name) else { continue };
        for (at, row) in rows.iter_mut().enumerate() {
            row.insert((*name).to_owned(), value(column, at, *whole));
        }
    }
    rows.into_iter().map(|row| serde_json::from_value(Value::Object(row))).collect()
}

fn value(column: &ArrayRef, at: usize, whole: bool) -> Value {
    if column.is_null(at) {
        return Value::Null;
    }
    if whole {
        column
            .as_primitive_opt::<Int64Type>()
            .map_or(Value::Null, |numbers| numbers.value(at).into())
    } else {
        column.as_string_opt::<i32>().map_or(Value::Null, |texts| texts.value(at).into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use survey::{Code, Severity};

    use super::*;

    #[test]
    fn a_finding_comes_back_as_it_was() {
        let findings = vec![
            Finding::new(Code::UnknownAnswer, Severity::Error, "nurses_2024"),
            Finding {
                wave: Some(2024),
                line: Some(12),
                count: 3,
                ..Finding::new(Code::RowsFlagged, Severity::Info, "x")
            },
        ];
        assert_eq!(from_table::<Finding>(&to_table(&findings).unwrap()).unwrap(), findings);
    }

    #[test]
    fn every_field_of_a_finding_has_its_column() {
        let value = serde_json::to_value(Finding::new(Code::RowCut, Severity::Info, "d")).unwrap();
        let columns: Vec<&str> = Finding::COLUMNS.iter().map(|(name, _)| *name).collect();
        assert!(value.as_object().unwrap().keys().all(|key| columns.contains(&key.as_str())));
    }
}

//! What another file of a delivery means in cells: rows added and removed, cells changed by column.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use survey::Raw;
use survey::handoff::{RawColumn, Treatment};

use crate::rerun::{ColumnChange, DeliveryChange};

/// Confronts the delivery as it was read last time with how it reads now.
pub fn delivery_change(old: &Raw, new: &Raw) -> DeliveryChange {
    let (old_columns, new_columns) = (columns(old), columns(new));
    let pairs = paired_rows(old, new);
    let mut changed = Vec::new();
    for (name, new_column) in &new_columns {
        let Some(old_column) = old_columns.get(name) else { continue };
        let cells = changed_cells(&old.table, old_column, &new.table, new_column, &pairs);
        if cells > 0 {
            changed.push(ColumnChange { column: new_column.header.clone(), cells });
        }
    }
    let missing_in = |from: &BTreeMap<Name, &RawColumn>, other: &BTreeMap<Name, &RawColumn>| {
        let absent = from.iter().filter(|(name, _)| !other.contains_key(*name));
        absent.map(|(_, column)| column.header.clone()).collect::<Vec<_>>()
    };
    DeliveryChange {
        sheet: new.about.sheet.clone(),
        rows_added: new.table.num_rows() as u64 - pairs.len() as u64,
        rows_removed: old.table.num_rows() as u64 - pairs.len() as u64,
        columns: changed,
        columns_added: missing_in(&new_columns, &old_columns),
        columns_removed: missing_in(&old_columns, &new_columns),
    }
}

type Name = (String, u32);

fn columns(raw: &Raw) -> BTreeMap<Name, &RawColumn> {
    let kept =
        raw.about.columns.iter().filter(|column| column.treatment != Treatment::DroppedPersonal);
    kept.map(|column| ((column.header.clone(), column.occurrence), column)).collect()
}

/// Rows of the same respondent where pseudonyms tell them apart, else of the same record number: (old, new).
fn paired_rows(old: &Raw, new: &Raw) -> Vec<(usize, usize)> {
    let keys = pseudonyms(old).zip(pseudonyms(new));
    let (old_keys, new_keys) = keys.unwrap_or_else(|| (records(&old.table), records(&new.table)));
    let places: HashMap<&String, usize> =
        old_keys.iter().enumerate().map(|(row, key)| (key, row)).collect();
    new_keys.iter().enumerate().filter_map(|(row, key)| Some((*places.get(key)?, row))).collect()
}

fn pseudonyms(raw: &Raw) -> Option<Vec<String>> {
    let column =
        raw.about.columns.iter().find(|column| column.treatment == Treatment::Pseudonymised)?;
    let values = raw.table.column_by_name(&format!("v{}", column.position))?;
    let keys: Vec<String> = values
        .as_string_opt::<i32>()?
        .iter()
        .map(|value| value.unwrap_or_default().to_owned())
        .collect();
    let different: std::collections::HashSet<&String> = keys.iter().collect();
    (different.len() == keys.len()).then_some(keys)
}

fn records(table: &RecordBatch) -> Vec<String> {
    let records =
        table.column_by_name("record").and_then(|column| column.as_primitive_opt::<Int64Type>());
    records
        .map_or_else(Vec::new, |records| records.values().iter().map(ToString::to_string).collect())
}

fn changed_cells(
    old: &RecordBatch,
    old_column: &RawColumn,
    new: &RecordBatch,
    new_column: &RawColumn,
    pairs: &[(usize, usize)],
) -> u64 {
    let values = |table: &RecordBatch, column: &RawColumn| {
        table.column_by_name(&format!("v{}", column.position)).cloned()
    };
    let (Some(old), Some(new)) = (values(old, old_column), values(new, new_column)) else {
        return 0;
    };
    let (Some(old), Some(new)) = (old.as_string_opt::<i32>(), new.as_string_opt::<i32>()) else {
        return 0;
    };
    let text = |column: &arrow::array::StringArray, row: usize| {
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    pairs.iter().filter(|(before, now)| text(old, *before) != text(new, *now)).count() as u64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use survey::Handoff;
    use survey::handoff::RawAbout;

    use super::*;

    fn raw(rows: &[(&str, &str)]) -> Raw {
        let column = |position, header: &str, treatment| RawColumn {
            position,
            header: header.to_owned(),
            occurrence: 1,
            header_rows: vec![],
            treatment,
            classes: [0; 7],
        };
        let about = serde_json::json!({"delivery": "gp_2025", "file": "gp.xlsx", "profile": "excel", "bytes": 1, "blake3": "",
            "container": "xlsx", "encoding": null, "encoding_reason": null, "sheet": "Data", "sheets": [], "used_range": null,
            "decimal_comma": false, "thousands": false, "header_row": 1, "first_column": 0, "columns": [], "rows_in": 1, "rows_out": 1, "blank_rows": 0, "rows_cut": {}, "notes": []});
        let mut about: RawAbout = serde_json::from_value(about).unwrap();
        about.columns =
            vec![column(0, "id", Treatment::Pseudonymised), column(1, "Q12", Treatment::Kept)];
        let table = RecordBatch::try_from_iter([
            ("record", Arc::new((1..=rows.len() as i64).collect::<Int64Array>()) as ArrayRef),
            ("v0", Arc::new(rows.iter().map(|row| Some(row.0)).collect::<StringArray>())),
            ("v1", Arc::new(rows.iter().map(|row| Some(row.1)).collect::<StringArray>())),
        ])
        .unwrap();
        Handoff { table, extra: BTreeMap::new(), findings: vec![], warnings: vec![], about }
    }

    #[test]
    fn a_row_on_top_shifts_nothing_where_ids_tell_rows_apart() {
        let change = delivery_change(
            &raw(&[("a", "1"), ("b", "2")]),
            &raw(&[("c", "1"), ("a", "1"), ("b", "3")]),
        );
        assert_eq!(change.to_string(), "sheet `Data`, 1 row added, 1 cell of `Q12`");
    }

    #[test]
    fn the_same_cells_in_other_bytes_are_said_to_be_so() {
        let change = delivery_change(&raw(&[("a", "1")]), &raw(&[("a", "1")]));
        assert_eq!(change.to_string(), "sheet `Data`, other bytes, the same cells");
    }
}

//! What another file of a delivery means in cells: rows added and removed, cells changed by column.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::Int64Type;
use survey::columns;
use survey::handoff::{RawAbout, RawColumn, Treatment};

use crate::parquet_file;
use crate::rerun::{ColumnChange, DeliveryChange};

/// A delivery as it was read, its cells on disk: a column of each of two is in memory at a time.
#[derive(Debug, Clone, Copy)]
pub struct Delivered<'a> {
    pub about: &'a RawAbout,
    pub table: &'a Path,
}

impl Delivered<'_> {
    fn columns(&self) -> BTreeMap<Name, &RawColumn> {
        let kept = self
            .about
            .columns
            .iter()
            .filter(|column| column.treatment != Treatment::DroppedPersonal);
        kept.map(|column| ((column.header.clone(), column.occurrence), column)).collect()
    }

    fn cells(&self, name: &str) -> Result<ArrayRef, String> {
        let table = parquet_file::read(self.table, Some(&[name.to_owned()].into()))?;
        table.column_by_name(name).cloned().ok_or_else(|| format!("no column `{name}`"))
    }

    fn texts(&self, column: &RawColumn) -> Result<StringArray, String> {
        let name = columns::text(column.position);
        let texts = self.cells(&name)?;
        texts.as_string_opt::<i32>().cloned().ok_or_else(|| format!("`{name}` is not text"))
    }

    fn pseudonyms(&self) -> Result<Option<StringArray>, String> {
        let mut columns = self.about.columns.iter();
        let column = columns.find(|column| column.treatment == Treatment::Pseudonymised);
        let Some(texts) = column.map(|column| self.texts(column)).transpose()? else {
            return Ok(None);
        };
        let different: HashSet<&str> = texts.iter().flatten().collect();
        let all = different.len() == texts.len();
        Ok(Some(texts).filter(|_| all))
    }

    fn records(&self) -> Result<Vec<i64>, String> {
        let records = self.cells(columns::RECORD)?;
        let records = records.as_primitive_opt::<Int64Type>();
        Ok(records.map_or_else(Vec::new, |records| records.values().to_vec()))
    }
}

type Name = (String, u32);

/// Confronts the delivery as it was read last time with how it reads now.
pub fn delivery_change(old: &Delivered<'_>, new: &Delivered<'_>) -> Result<DeliveryChange, String> {
    let (old_columns, new_columns) = (old.columns(), new.columns());
    let pairs = paired_rows(old, new)?;
    let mut changed = Vec::new();
    for (name, new_column) in &new_columns {
        let Some(old_column) = old_columns.get(name) else { continue };
        let (before, now) = (old.texts(old_column)?, new.texts(new_column)?);
        let differ = |(old, new): &&(usize, usize)| before.value(*old) != now.value(*new);
        let cells = pairs.iter().filter(differ).count() as u64;
        if cells > 0 {
            changed.push(ColumnChange { column: new_column.header.clone(), cells });
        }
    }
    let missing_in = |from: &BTreeMap<Name, &RawColumn>, other: &BTreeMap<Name, &RawColumn>| {
        let absent = from.iter().filter(|(name, _)| !other.contains_key(*name));
        absent.map(|(_, column)| column.header.clone()).collect::<Vec<_>>()
    };
    Ok(DeliveryChange {
        sheet: new.about.sheet.clone(),
        rows_added: new.about.rows_out - pairs.len() as u64,
        rows_removed: old.about.rows_out - pairs.len() as u64,
        columns: changed,
        columns_added: missing_in(&new_columns, &old_columns),
        columns_removed: missing_in(&old_columns, &new_columns),
    })
}

/// Rows of the same respondent where pseudonyms tell them apart, else of the same record number: (old, new).
fn paired_rows(old: &Delivered<'_>, new: &Delivered<'_>) -> Result<Vec<(usize, usize)>, String> {
    Ok(match (old.pseudonyms()?, new.pseudonyms()?) {
        (Some(old), Some(new)) => paired(old.iter(), new.iter()),
        _ => paired(old.records()?.into_iter(), new.records()?.into_iter()),
    })
}

fn paired<K: Hash + Eq>(
    old: impl Iterator<Item = K>,
    new: impl Iterator<Item = K>,
) -> Vec<(usize, usize)> {
    let places: HashMap<K, usize> = old.zip(0..).collect();
    new.zip(0..).filter_map(|(key, row)| Some((*places.get(&key)?, row))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use arrow::record_batch::RecordBatch;

    use super::*;

    fn about(rows: usize) -> RawAbout {
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
            "decimal_comma": false, "thousands": false, "header_row": 1, "first_column": 0, "columns": [], "rows_in": 1, "rows_out": rows, "blank_rows": 0, "rows_cut": {}, "notes": []});
        let mut about: RawAbout = serde_json::from_value(about).unwrap();
        about.columns =
            vec![column(0, "id", Treatment::Pseudonymised), column(1, "Q12", Treatment::Kept)];
        about
    }

    fn table(rows: &[(&str, &str)]) -> tempfile::NamedTempFile {
        let table = RecordBatch::try_from_iter([
            (
                columns::RECORD,
                Arc::new((1..=rows.len() as i64).collect::<Int64Array>()) as ArrayRef,
            ),
            (
                columns::text(0).as_str(),
                Arc::new(rows.iter().map(|row| Some(row.0)).collect::<StringArray>()),
            ),
            (
                columns::text(1).as_str(),
                Arc::new(rows.iter().map(|row| Some(row.1)).collect::<StringArray>()),
            ),
        ])
        .unwrap();
        parquet_file::write(&table, tempfile::NamedTempFile::new().unwrap()).unwrap()
    }

    fn change(old: &[(&str, &str)], new: &[(&str, &str)]) -> String {
        let (old_about, new_about) = (about(old.len()), about(new.len()));
        let (old, new) = (table(old), table(new));
        let old = Delivered { about: &old_about, table: old.path() };
        let new = Delivered { about: &new_about, table: new.path() };
        delivery_change(&old, &new).unwrap().to_string()
    }

    #[test]
    fn a_row_on_top_shifts_nothing_where_ids_tell_rows_apart() {
        assert_eq!(
            change(&[("a", "1"), ("b", "2")], &[("c", "1"), ("a", "1"), ("b", "3")]),
            "sheet `Data`, 1 row added, 1 cell of `Q12`"
        );
    }

    #[test]
    fn rows_are_paired_by_their_number_where_ids_do_not_tell_them_apart() {
        assert_eq!(
            change(&[("a", "1"), ("a", "2")], &[("a", "1"), ("a", "3")]),
            "sheet `Data`, 1 cell of `Q12`"
        );
    }

    #[test]
    fn the_same_cells_in_other_bytes_are_said_to_be_so() {
        assert_eq!(
            change(&[("a", "1")], &[("a", "1")]),
            "sheet `Data`, other bytes, the same cells"
        );
    }
}

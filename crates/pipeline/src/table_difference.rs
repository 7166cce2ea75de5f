//! A mart in two releases: which rows came, went and changed, by its key.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use serde::Serialize;

/// Columns that say which run it was, and no figure.
const RUN_COLUMNS: [&str; 2] = ["run_id", "release"];
/// Between the cells of a row.
const BETWEEN: &str = "\u{1f}";

/// What differs in one mart.
#[derive(Debug, Serialize)]
pub struct MartDifference {
    pub mart: String,
    /// None where only the bytes were compared.
    pub added: Option<u64>,
    pub removed: Option<u64>,
    pub changed: Option<u64>,
    pub note: String,
}

impl MartDifference {
    pub fn is_different(&self) -> bool {
        [self.added, self.removed, self.changed].iter().any(|count| *count != Some(0))
    }
}

/// Compares the columns that both have. Without a key: rows that are the same up to their first number are one changed row.
pub fn compare(
    name: &str,
    key: &[String],
    old: Option<&RecordBatch>,
    new: Option<&RecordBatch>,
) -> MartDifference {
    let has_key = |table: Option<&RecordBatch>| {
        table.is_none_or(|table| key.iter().all(|name| table.column_by_name(name).is_some()))
    };
    let is_by_key = !key.is_empty() && has_key(old) && has_key(new);
    let [added, removed, changed] =
        if is_by_key { by_key(key, old, new) } else { by_text(old, new) };
    MartDifference {
        mart: name.trim_end_matches(".parquet").to_owned(),
        added: Some(added),
        removed: Some(removed),
        changed: Some(changed),
        note: match (old, new) {
            (None, _) => "a new mart".to_owned(),
            (_, None) => "no longer there".to_owned(),
            _ => String::new(),
        },
    }
}

fn by_key(key: &[String], old: Option<&RecordBatch>, new: Option<&RecordBatch>) -> [u64; 3] {
    let shared: BTreeSet<&str> = match (old, new) {
        (Some(old), Some(new)) => {
            let named = columns(old).into_iter().filter(|name| new.column_by_name(name).is_some());
            named.collect()
        }
        _ => BTreeSet::new(),
    };
    let rows = |table: Option<&RecordBatch>| -> BTreeMap<String, String> {
        let Some(table) = table else { return BTreeMap::new() };
        let others = shared.iter().copied().filter(|name| !key.iter().any(|part| part == name));
        let others: Vec<&str> = others.collect();
        let key: Vec<&str> = key.iter().map(String::as_str).collect();
        let row = |row: usize| (text(table, &key, row), text(table, &others, row));
        (0..table.num_rows()).map(row).collect()
    };
    let (old, new) = (rows(old), rows(new));
    let gone = old.keys().filter(|key| !new.contains_key(*key)).count();
    let came = new.keys().filter(|key| !old.contains_key(*key)).count();
    let is_changed =
        |(key, row): &(&String, &String)| new.get(*key).is_some_and(|other| other != *row);
    let changed = old.iter().filter(is_changed).count();
    [came, gone, changed].map(|count| count as u64)
}

fn columns(table: &RecordBatch) -> Vec<&str> {
    let names = table.schema_ref().fields().iter().map(|field| field.name().as_str());
    names.filter(|name| !RUN_COLUMNS.contains(name)).collect()
}

fn text(table: &RecordBatch, columns: &[&str], row: usize) -> String {
    let cells = columns.iter().filter_map(|name| {
        let column = table.column_by_name(name)?;
        let text = array_value_to_string(column, row).unwrap_or_default();
        // NULL is another cell than the empty text.
        Some(if column.is_null(row) { "\u{0}".to_owned() } else { text })
    });
    cells.collect::<Vec<_>>().join(BETWEEN)
}

fn by_text(old: Option<&RecordBatch>, new: Option<&RecordBatch>) -> [u64; 3] {
    let (old, new) = (rows(old), rows(new));
    let only =
        |these: &BTreeMap<String, u64>, those: &BTreeMap<String, u64>| -> Vec<(String, u64)> {
            let left = these.iter().map(|(row, count)| {
                (row.clone(), count.saturating_sub(those.get(row).copied().unwrap_or(0)))
            });
            left.filter(|(_, count)| *count > 0).collect()
        };
    let (gone, came) = (only(&old, &new), only(&new, &old));
    let sum = |rows: &[(String, u64)]| rows.iter().map(|(_, count)| count).sum::<u64>();
    let changed = changed(&gone, &came);
    [sum(&came) - changed, sum(&gone) - changed, changed]
}

/// Rows that are the same up to their first number with a fraction: text and whole numbers tell rows apart.
fn changed(gone: &[(String, u64)], came: &[(String, u64)]) -> u64 {
    let keys = |rows: &[(String, u64)]| {
        let mut keys: BTreeMap<String, u64> = BTreeMap::new();
        for (row, count) in rows {
            let key: Vec<&str> =
                row.split(BETWEEN).take_while(|cell| !cell.starts_with('~')).collect();
            *keys.entry(key.join(BETWEEN)).or_default() += count;
        }
        keys
    };
    let (gone, came) = (keys(gone), keys(came));
    gone.iter().map(|(key, count)| (*count).min(came.get(key).copied().unwrap_or(0))).sum()
}

/// Each row as text, numbers with a fraction and counts marked, without the columns of the run.
fn rows(table: Option<&RecordBatch>) -> BTreeMap<String, u64> {
    let mut rows = BTreeMap::new();
    let Some(table) = table else { return rows };
    let schema = table.schema();
    let columns: Vec<_> = schema
        .fields()
        .iter()
        .zip(table.columns())
        .filter(|(field, _)| !RUN_COLUMNS.contains(&field.name().as_str()))
        .map(|(field, column)| {
            (matches!(field.data_type(), DataType::Float64 | DataType::Int64), column)
        })
        .collect();
    for row in 0..table.num_rows() {
        let cells = columns.iter().map(|(figure, column)| {
            let text = array_value_to_string(column, row).unwrap_or_default();
            if *figure { format!("~{text}") } else { text }
        });
        *rows.entry(cells.collect::<Vec<_>>().join(BETWEEN)).or_default() += 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a panic is the test's failure
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;

    fn table(columns: &[(&str, &[Option<&str>])]) -> RecordBatch {
        let array =
            |values: &[Option<&str>]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
        let columns = columns.iter().map(|(name, values)| (*name, array(values), true));
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }

    #[test]
    fn a_changed_label_is_one_changed_row_and_a_new_column_none() {
        let old = table(&[
            ("code", &[Some("a"), Some("b"), Some("c")]),
            ("label", &[Some("one"), Some("two"), None]),
        ]);
        let new = table(&[
            ("code", &[Some("a"), Some("b"), Some("d")]),
            ("label", &[Some("one"), Some("deux"), None]),
            ("note", &[None, None, None]),
        ]);
        let found = compare("public/x.parquet", &["code".to_owned()], Some(&old), Some(&new));
        assert_eq!([found.added, found.removed, found.changed], [Some(1), Some(1), Some(1)]);
        assert_eq!(found.mart, "public/x");
    }

    #[test]
    fn null_and_the_empty_text_differ() {
        let [old, new] =
            [None, Some("")].map(|label| table(&[("code", &[Some("a")]), ("label", &[label])]));
        let found = compare("x.parquet", &["code".to_owned()], Some(&old), Some(&new));
        assert_eq!([found.added, found.removed, found.changed], [Some(0), Some(0), Some(1)]);
    }
}

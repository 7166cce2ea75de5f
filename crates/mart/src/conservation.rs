//! The mart `conservation`: where every delivered cell ended, per column; the sums close.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use survey::Fate;
use survey::handoff::{RawAbout, Treatment};

use crate::error::Error;
use crate::reports::Reports;
use crate::table::Columns;

/// Delivery, column, panel, fate, reason.
type Key = (String, u32, String, &'static str, String);

/// One row a delivery, column, panel, fate and reason; what is not accounted for is a row of its own.
pub fn table(reports: &Reports) -> Result<RecordBatch, Error> {
    let mut cells = counts(reports);
    for (delivery, column, open) in open(reports, &cells) {
        cells.insert(
            (delivery, column, String::new(), "unaccounted", String::new()),
            open.unsigned_abs(),
        );
    }
    let of = |key: &Key| reports.raw.get(&key.0);
    let column = |key: &Key| {
        of(key).and_then(|raw| raw.columns.iter().find(|column| column.position == key.1))
    };
    let header = |key: &Key| column(key).map_or("", |column| column.header.as_str());
    let unique = |key: &Key| match column(key) {
        Some(column) if column.occurrence > 1 => {
            format!("{} ({})", column.header, column.occurrence)
        }
        Some(column) if !column.header.is_empty() => column.header.clone(),
        _ => format!("column {}", key.1 + 1),
    };
    Columns::default()
        .text("delivery", cells.keys().map(|key| key.0.as_str()))
        .texts("column", cells.keys().map(unique))
        .small("column_position", cells.keys().map(|key| key.1 as i32))
        .text("header", cells.keys().map(header))
        .text("panel", cells.keys().map(|key| key.2.as_str()))
        .text("fate", cells.keys().map(|key| key.3))
        .text("reason", cells.keys().map(|key| key.4.as_str()))
        .count("cells", cells.values().copied())
        .count("rows_in", cells.keys().map(|key| of(key).map_or(0, |raw| raw.rows_in)))
        .build()
}

/// Columns whose fates do not add up to the rows that were read: `delivery: column …`.
pub fn unclosed(reports: &Reports) -> Vec<String> {
    let cells = counts(reports);
    let open = open(reports, &cells).into_iter();
    open.map(|(delivery, column, cells)| {
        format!("{delivery}: column {column}: {cells} cells without a fate")
    })
    .collect()
}

/// Rows of a delivery that belong to no panel; one panel of the delivery counts them.
pub fn unassigned(reports: &Reports, delivery: &str) -> u64 {
    let of_delivery = reports.admitted.values().filter(|about| about.delivery == delivery);
    of_delivery.flat_map(|about| about.rows_unassigned.values()).sum()
}

fn counts(reports: &Reports) -> BTreeMap<Key, u64> {
    let mut cells = BTreeMap::new();
    for (name, raw) in &reports.raw {
        add_before_panels(&mut cells, name, raw);
    }
    let admitted = reports.admitted.values().flat_map(|about| &about.fates);
    for count in admitted.chain(reports.checked.values().flat_map(|about| &about.fates)) {
        let reason = match count.fate {
            Fate::Missing(reason) if count.reason.is_empty() => reason.name(),
            _ => count.reason.as_str(),
        };
        let panel = count.panel.clone().unwrap_or_default();
        let key =
            (count.delivery.clone(), count.column, panel, count.fate.name(), reason.to_owned());
        *cells.entry(key).or_default() += count.cells;
    }
    cells.retain(|_, count| *count > 0);
    cells
}

/// Rows cut on reading and personal columns; rows that no panel got are said by admit.
fn add_before_panels(cells: &mut BTreeMap<Key, u64>, name: &str, raw: &RawAbout) {
    for column in &raw.columns {
        let mut drop = |reason: &str, count: u64| {
            let key = (
                name.to_owned(),
                column.position,
                String::new(),
                Fate::Dropped.name(),
                reason.to_owned(),
            );
            *cells.entry(key).or_default() += count;
        };
        for (rule, rows) in &raw.rows_cut {
            drop(rule, *rows);
        }
        if column.treatment == Treatment::DroppedPersonal {
            drop("personal", raw.rows_out);
        }
    }
}

/// Per column what is missing from the sum; negative where cells have two ends.
fn open(reports: &Reports, cells: &BTreeMap<Key, u64>) -> Vec<(String, u32, i64)> {
    let mut sums: BTreeMap<(&str, u32), u64> = BTreeMap::new();
    for (key, count) in cells {
        *sums.entry((key.0.as_str(), key.1)).or_default() += count;
    }
    let columns = reports
        .raw
        .iter()
        .flat_map(|(name, raw)| raw.columns.iter().map(move |column| (name, raw, column)));
    columns
        .filter_map(|(name, raw, column)| {
            let sum = sums.get(&(name.as_str(), column.position)).copied().unwrap_or_default();
            let open = raw.rows_in as i64 - sum as i64;
            (open != 0).then(|| (name.clone(), column.position, open))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop where it breaks
    use arrow::array::AsArray;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_column_is_named_by_its_header_the_second_of_one_name_by_its_number_too() {
        let column = |position: u32, header: &str, occurrence: u32| {
            json!({"position": position, "header": header, "occurrence": occurrence, "header_rows": [header],
                   "treatment": "dropped_personal", "classes": [0, 3, 0, 0, 0, 0, 0]})
        };
        let raw: Value = json!({"delivery": "d", "file": "d.csv", "profile": "csv", "bytes": 10, "blake3": "00",
            "container": "csv", "encoding": null, "encoding_reason": null, "decimal_comma": false, "sheet": null,
            "sheets": [], "used_range": null, "header_row": 1, "first_column": 0,
            "columns": [column(0, "mail", 1), column(1, "mail", 2), column(2, "", 1)],
            "rows_in": 3, "rows_out": 3, "blank_rows": 0, "rows_cut": {}, "notes": []});
        let raw = BTreeMap::from([("d".to_owned(), serde_json::from_value(raw).unwrap())]);
        let table = table(&Reports { raw, ..Reports::default() }).unwrap();
        let names = table.column_by_name("column").unwrap().as_string::<i32>();
        let names: Vec<&str> = names.iter().flatten().collect();
        assert_eq!(names, ["mail", "mail (2)", "column 3"]);
    }
}

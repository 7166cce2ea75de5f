//! The hand-off: kept rows, and what is said about all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use survey::handoff::{AdmittedAbout, Treatment};
use survey::{Fate, FateCount, Raw, columns};

use super::cells::Cells;
use super::columns::Columns;
use super::ids::{Identifier, Quarantine};
use super::rows::Shares;
use super::{AdmitSettings, Places, broken_handoff, is_pseudonym, values};
use crate::error::Error;

pub(super) fn rows_kept(
    places: &Places<'_>,
    ids: &StringArray,
    items: &[Cells<'_>],
    ours: &[u32],
    kept: &[usize],
    settings: &AdmitSettings,
) -> Result<RecordBatch, Error> {
    let rows = || kept.iter().map(|place| ours[*place] as usize);
    let respondents: StringArray = rows().map(|row| Some(ids.value(row).trim())).collect();
    let mut fields = vec![
        Field::new(columns::RESPONDENT, DataType::Utf8, false),
        Field::new(columns::RECORD, DataType::Int64, false),
        Field::new(columns::LINE, DataType::Int64, false),
        Field::new(columns::SHEET_ROW, DataType::Int64, false),
    ];
    let numbers = |array: &Int64Array| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(rows().map(|row| array.value(row))))
    };
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(respondents),
        numbers(places.records),
        numbers(places.lines),
        numbers(places.sheet_rows),
    ];
    for cells in items {
        let concept = &cells.placed.item.concept;
        let values = values::values(cells, kept, settings)?;
        fields.push(Field::new(concept, values.data_type().clone(), true));
        fields.push(Field::new(columns::item_fate(concept), DataType::Int8, false));
        arrays.extend([values, Arc::new(values::fates(cells, kept))]);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|error| broken_handoff(settings, &error.to_string()))
}

pub(super) fn about(
    raw: &Raw,
    settings: &AdmitSettings,
    columns: &Columns<'_>,
    shares: &Shares,
    quarantine: &Quarantine,
    identifier: Identifier<'_>,
) -> AdmittedAbout {
    let mut rows_quarantined: BTreeMap<String, u64> = BTreeMap::new();
    for reason in quarantine.reasons.iter().flatten() {
        *rows_quarantined.entry(reason.name().to_owned()).or_default() += 1;
    }
    let rows_in = shares.ours.len() as u64;
    let rows_kept = rows_in - rows_quarantined.values().sum::<u64>();
    let sources = columns
        .items
        .iter()
        .map(|placed| {
            (placed.item.concept.clone(), (placed.column.position, placed.column.header.clone()))
        })
        .collect();
    AdmittedAbout {
        panel_wave: settings.panel_wave.clone(),
        delivery: raw.about.delivery.clone(),
        sheet: raw.about.sheet.clone(),
        first_column: raw.about.first_column,
        sources,
        identifier: (
            identifier.column.position,
            identifier.column.header.clone(),
            is_pseudonym(identifier.column),
        ),
        rows_in,
        rows_kept,
        fates: fates(raw, settings, columns, shares, &rows_quarantined, rows_kept),
        rows_quarantined,
        rows_unassigned: shares.unassigned.clone(),
        unused_recodes: Vec::new(),
    }
}

/// What is settled here: rows of no panel, quarantined rows, columns without an item.
fn fates(
    raw: &Raw,
    settings: &AdmitSettings,
    columns: &Columns<'_>,
    shares: &Shares,
    quarantined: &BTreeMap<String, u64>,
    rows_kept: u64,
) -> Vec<FateCount> {
    let mut fates = Vec::new();
    let delivered =
        raw.about.columns.iter().filter(|column| column.treatment != Treatment::DroppedPersonal);
    for column in delivered {
        let mut count = |panel: Option<&str>, fate: Fate, reason: &str, cells: u64| {
            fates.push(FateCount {
                delivery: raw.about.delivery.clone(),
                column: column.position,
                header: column.header.clone(),
                panel: panel.map(str::to_owned),
                fate,
                reason: reason.to_owned(),
                cells,
            });
        };
        for (why, rows) in &shares.unassigned {
            count(None, Fate::Dropped, why, *rows);
        }
        let panel = Some(settings.panel_wave.panel.as_str());
        for (reason, rows) in quarantined {
            count(panel, Fate::Quarantined, reason, *rows);
        }
        if rows_kept > 0
            && columns.without_item.iter().any(|other| other.position == column.position)
        {
            count(panel, Fate::NotInCodebook, "", rows_kept);
        }
    }
    fates
}

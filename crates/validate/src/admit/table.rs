//! The hand-off: kept rows, and what is said about all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int8Array, Int64Array, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use survey::handoff::{AdmittedAbout, CellState, Treatment};
use survey::{Fate, FateCount, Raw, columns};

use super::cells::{Cells, State};
use super::columns::Columns;
use super::rows::{Identifier, Quarantine, Shares};
use super::{AdmitSettings, Places, is_pseudonym};

pub(super) fn rows_kept(
    places: &Places<'_>,
    ids: &StringArray,
    items: &[Cells<'_>],
    ours: &[u32],
    quarantine: &Quarantine,
) -> Result<RecordBatch, ArrowError> {
    let kept: Vec<usize> =
        (0..ours.len()).filter(|place| quarantine.reasons[*place].is_none()).collect();
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
        fields.push(Field::new(concept, DataType::Utf8, true));
        fields.push(Field::new(columns::state(concept), DataType::Int8, false));
        let mut texts = StringBuilder::with_capacity(kept.len(), kept.len() * 8);
        for &place in &kept {
            let admitted = cells.states[place] == State::Admitted;
            texts.append_option(cells.outcome(place).text.as_deref().filter(|_| admitted));
        }
        arrays.push(Arc::new(texts.finish()));
        let states = kept.iter().map(|place| settled(cells.states[*place]) as i8);
        arrays.push(Arc::new(Int8Array::from_iter_values(states)));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

fn settled(state: State) -> CellState {
    match state {
        State::Admitted | State::Implied => CellState::Admitted,
        State::Empty => CellState::Empty,
        State::NotRouted | State::Undetermined => CellState::NotRouted,
        State::BrokeOff => CellState::BrokeOff,
        State::Invalid | State::AnsweredNotRouted => CellState::Invalid,
    }
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
        *rows_quarantined.entry((*reason).to_owned()).or_default() += 1;
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

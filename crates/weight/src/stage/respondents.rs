//! Who is weighted: base weights, and the respondents that are left out or stay neutral.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};
use config::panel::MissingAuxiliary;
use survey::columns;
use survey::design::NO_CODE;

use super::margins::Auxiliary;
use super::numbers::Number;
use super::refusal::Fault;
use crate::Settings;

/// What the weighting does with a respondent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Calibrated,
    /// Keeps the base weight, scaled to mean 1.
    Neutral,
    /// Weight 0: a missing auxiliary under the policy `drop`.
    Dropped,
    /// Weight 0: a quality flag that the settings exclude.
    Flagged,
    /// Weight 0: did not answer, and is stood for by those of the class who did.
    Nonrespondent,
}

impl Part {
    /// Why somebody has weight 0; none for who has a weight.
    fn reason(self) -> Option<&'static str> {
        match self {
            Self::Calibrated | Self::Neutral => None,
            Self::Dropped => Some("missing_auxiliary"),
            Self::Flagged => Some("flagged"),
            Self::Nonrespondent => Some("nonrespondent"),
        }
    }

    pub fn has_weight(self) -> bool {
        self.reason().is_none()
    }
}

/// Respondents with weight 0, by reason.
pub(super) fn without_weight(parts: &[Part]) -> BTreeMap<String, u64> {
    let mut reasons = BTreeMap::new();
    for reason in parts.iter().filter_map(|part| part.reason()) {
        *reasons.entry(reason.to_owned()).or_default() += 1;
    }
    reasons
}

/// Base weights as the delivery has them, 1 where the panel has none.
pub(super) fn base_weights(
    table: &RecordBatch,
    settings: &Settings,
) -> Result<Vec<f64>, Box<Fault>> {
    let Some(concept) = &settings.weighting.base_weight else {
        return Ok(vec![1.0; table.num_rows()]);
    };
    let panel = settings.panel_wave.panel.clone();
    let column =
        table.column_by_name(concept).and_then(|column| column.as_primitive_opt::<Float64Type>());
    let Some(column) = column else {
        return Err(Box::new(Fault::Setting {
            panel,
            key: "weighting.base_weight",
            found: format!("`{concept}`"),
            expected: "a number concept of the codebook".to_owned(),
            hint: "leave base_weight out where all respondents have the same".to_owned(),
        }));
    };
    let weights: Vec<f64> = (0..column.len())
        .map(|row| if column.is_null(row) { f64::NAN } else { column.value(row) })
        .collect();
    let bad: Vec<usize> = (0..weights.len())
        .filter(|&row| !(weights[row].is_finite() && weights[row] > 0.0))
        .collect();
    if bad.is_empty() {
        return Ok(weights);
    }
    Err(Box::new(Fault::BadBaseWeight {
        panel,
        concept: concept.clone(),
        rows: bad.len(),
        records: records(table, &bad),
    }))
}

/// Everybody, but for those with a quality flag that the settings exclude.
pub(super) fn flagged(table: &RecordBatch, settings: &Settings) -> Vec<Part> {
    let mut parts = vec![Part::Calibrated; table.num_rows()];
    for flag in &settings.exclude_flagged {
        let Some(column) = table.column_by_name(flag).and_then(|column| column.as_boolean_opt())
        else {
            continue;
        };
        for (row, part) in parts.iter_mut().enumerate() {
            if column.is_valid(row) && column.value(row) {
                *part = Part::Flagged;
            }
        }
    }
    parts
}

/// Gives those with a missing auxiliary the part that the policy says; faults under the policy `stop`.
pub(super) fn missing_auxiliaries(
    table: &RecordBatch,
    auxiliaries: &[Auxiliary],
    numbers: &[Number],
    parts: &mut [Part],
    settings: &Settings,
) -> Vec<Fault> {
    let is_missing = |codes: &[u32]| codes.iter().map(|&code| code == NO_CODE).collect::<Vec<_>>();
    let margins = auxiliaries.iter().map(|margin| (&margin.name, is_missing(&margin.codes)));
    let numbers = numbers.iter().map(|number| {
        (&number.name, number.values.iter().map(|value| !value.is_finite()).collect())
    });
    let mut faults = Vec::new();
    for (name, is_missing) in margins.chain(numbers) {
        let takes_part = |part| !matches!(part, Part::Flagged | Part::Nonrespondent);
        let missing: Vec<usize> =
            (0..parts.len()).filter(|&row| is_missing[row] && takes_part(parts[row])).collect();
        let part = match settings.weighting.missing_auxiliary {
            MissingAuxiliary::OwnCategory => continue,
            MissingAuxiliary::Drop => Part::Dropped,
            MissingAuxiliary::Neutral => Part::Neutral,
            MissingAuxiliary::Stop if missing.is_empty() => continue,
            MissingAuxiliary::Stop => {
                faults.push(Fault::MissingAuxiliary {
                    panel: settings.panel_wave.panel.clone(),
                    margin: name.clone(),
                    rows: missing.len(),
                    records: records(table, &missing),
                });
                continue;
            }
        };
        for row in missing {
            parts[row] = part;
        }
    }
    faults
}

/// How many respondents each part has, by the measure's name.
pub(super) fn part_counts(parts: &[Part]) -> BTreeMap<&'static str, usize> {
    let count = |wanted| parts.iter().filter(|&&part| part == wanted).count();
    BTreeMap::from([
        ("n_neutral", count(Part::Neutral)),
        ("n_dropped_missing_auxiliary", count(Part::Dropped)),
        ("n_excluded_flagged", count(Part::Flagged)),
        ("n_nonrespondents", count(Part::Nonrespondent)),
    ])
}

/// The first record numbers, for a message.
pub(super) fn records(table: &RecordBatch, rows: &[usize]) -> String {
    const SHOWN: usize = 5;
    let record = table
        .column_by_name(columns::RECORD)
        .and_then(|column| column.as_primitive_opt::<Int64Type>());
    let number = |row: usize| record.map_or(row as i64 + 1, |record| record.value(row));
    let shown: Vec<String> = rows.iter().take(SHOWN).map(|&row| number(row).to_string()).collect();
    let more = if rows.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

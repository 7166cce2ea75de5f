//! Numeric auxiliaries and their population totals, and the numbers that the model's variance is proportional to.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Float64Type;
use config::panel::MissingAuxiliary;

use super::margins::{margin_totals, place};
use super::refusal::Fault;
use super::respondents::{Part, records};
use crate::Settings;
use crate::calibrate::NumericTotal;

/// A numeric auxiliary; NaN where it is missing.
pub(super) struct Number {
    pub name: String,
    pub values: Vec<f64>,
}

/// A numeric auxiliary that is ready to be met, with the line of its total.
pub(super) struct NumericTarget {
    pub total: NumericTotal,
    pub line: Option<u32>,
}

/// Level of a numeric auxiliary in the table of population totals.
pub(super) const TOTAL: &str = "total";

pub(super) fn auxiliaries(
    table: &RecordBatch,
    asked: &BTreeSet<String>,
    settings: &Settings,
) -> Result<Vec<Number>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut numbers = Vec::new();
    for concept in &settings.weighting.numeric {
        match read(table, asked, "weighting.numeric", concept, settings) {
            Ok(values) => numbers.push(Number { name: concept.clone(), values }),
            Err(fault) => faults.push(*fault),
        }
    }
    if faults.is_empty() { Ok(numbers) } else { Err(faults) }
}

/// Heteroscedasticity: above 0 for everybody who is calibrated, 1 for the others.
pub(super) fn variance(
    table: &RecordBatch,
    asked: &BTreeSet<String>,
    parts: &[Part],
    settings: &Settings,
) -> Result<Option<Arc<[f64]>>, Vec<Fault>> {
    let Some(concept) = &settings.weighting.variance_of else { return Ok(None) };
    let key = "weighting.variance_of";
    let values = read(table, asked, key, concept, settings).map_err(|fault| vec![*fault])?;
    let takes_part = |row: usize| parts[row] == Part::Calibrated;
    let bad: Vec<usize> = (0..values.len())
        .filter(|&row| takes_part(row) && !(values[row].is_finite() && values[row] > 0.0))
        .collect();
    if !bad.is_empty() {
        return Err(vec![Fault::BadNumber {
            key,
            concept: concept.clone(),
            rows: bad.len(),
            above: " above zero",
            records: records(table, &bad),
            hint: "derive a number without gaps, or leave variance_of out".to_owned(),
        }]);
    }
    let value = |row: usize| if takes_part(row) { values[row] } else { 1.0 };
    Ok(Some((0..values.len()).map(value).collect()))
}

/// The numeric totals over the calibrated respondents, who stand for `share` of the population. Who has no value under
/// `own_category` adds nothing, and the total is that of the others' share.
pub(super) fn targets(
    numbers: &[Number],
    parts: &[Part],
    base: &[f64],
    share: f64,
    settings: &Settings,
) -> Result<Vec<NumericTarget>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut targets = Vec::new();
    for Number { name, values } in numbers {
        let Some(total) = margin_totals(name, settings).find(|total| total.level == TOTAL) else {
            faults.push(Fault::MarginWithoutTotals {
                targets: place(settings, None),
                margin: name.clone(),
                hint: format!(
                    "add the line `{},{name},{TOTAL},<total>,<source>,<status>`",
                    settings.panel_wave.wave
                ),
            });
            continue;
        };
        if !total.total.is_finite() {
            faults.push(Fault::BadTotal {
                targets: place(settings, Some(total.line.0)),
                margin: name.clone(),
                level: TOTAL.to_owned(),
                total: total.total,
            });
        }
        let (mut all, mut missing) = (0.0, 0.0);
        let mut value = |row: usize| {
            if parts[row] != Part::Calibrated {
                return 0.0;
            }
            all += base[row];
            if values[row].is_finite() {
                return values[row];
            }
            missing += base[row];
            0.0
        };
        let values: Arc<[f64]> = (0..values.len()).map(&mut value).collect();
        let own = settings.weighting.missing_auxiliary == MissingAuxiliary::OwnCategory;
        let known = if own && all > 0.0 { 1.0 - missing / all } else { 1.0 };
        let total_of =
            NumericTotal { name: name.clone(), values, total: total.total * share * known };
        targets.push(NumericTarget { total: total_of, line: Some(total.line.0) });
    }
    if faults.is_empty() { Ok(targets) } else { Err(faults) }
}

fn read(
    table: &RecordBatch,
    asked: &BTreeSet<String>,
    key: &'static str,
    concept: &str,
    settings: &Settings,
) -> Result<Vec<f64>, Box<Fault>> {
    let column = table.column_by_name(concept).filter(|_| asked.contains(concept));
    let column = column.and_then(|column| column.as_primitive_opt::<Float64Type>());
    let panel = settings.panel_wave.panel.clone();
    let wrong = || Box::new(Fault::NotANumber { panel, key, concept: concept.to_owned() });
    Ok(column.ok_or_else(wrong)?.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

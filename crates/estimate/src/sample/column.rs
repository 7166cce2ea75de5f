//! Values of an indicator, one per respondent: who is in its base and who counts as yes.

use std::borrow::Cow;

use arrow::array::{Array, AsArray, BooleanArray, Float64Array, PrimitiveArray, StringArray};
use arrow::datatypes::{Int8Type, Int16Type};
use config::Indicator;
use survey::design::NO_CODE;
use survey::{MissingReason, columns};

use super::parts::Part;
use super::refusal::Refusal;
use crate::kernel::Values;
use crate::settings::Settings;

/// Outside the base in a column of zeros and ones.
pub(crate) const OUTSIDE: u8 = u8::MAX;

/// Values of an indicator, one per respondent.
#[derive(Clone)]
pub(crate) enum Column {
    Binary(Vec<u8>),
    Numeric(Vec<f64>),
    /// One of a few numbers each, NaN outside the base; every one of them belongs to one level.
    Few {
        keys: Vec<u8>,
        numbers: Vec<f64>,
        levels: Vec<u32>,
    },
}

impl Column {
    /// Value of a respondent; NaN outside the base.
    pub(crate) fn value(&self, row: usize) -> f64 {
        match self {
            Self::Binary(values) if values[row] == OUTSIDE => f64::NAN,
            Self::Binary(values) => f64::from(values[row]),
            Self::Numeric(values) => values[row],
            Self::Few { keys, numbers, .. } => numbers[usize::from(keys[row])],
        }
    }

    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Binary(values) => values.len(),
            Self::Numeric(values) => values.len(),
            Self::Few { keys, .. } => keys.len(),
        }
    }

    /// All of them, as the kernel takes them; none of a few numbers by their keys.
    pub(crate) fn values(&self) -> Option<Values<'_>> {
        match self {
            Self::Binary(values) => Some(Values::Binary(values)),
            Self::Numeric(values) => Some(Values::Numeric(values)),
            Self::Few { .. } => None,
        }
    }

    /// The same column, a few numbers written out.
    pub(crate) fn without_keys(&self) -> Cow<'_, Self> {
        match self {
            Self::Few { keys, .. } => {
                Cow::Owned(Self::Numeric((0..keys.len()).map(|row| self.value(row)).collect()))
            }
            Self::Binary(_) | Self::Numeric(_) => Cow::Borrowed(self),
        }
    }

    /// All of them, as the kernel takes them.
    pub(crate) fn with_values<R>(&self, with: impl FnOnce(Values<'_>) -> R) -> R {
        let column = self.without_keys();
        with(column.values().unwrap_or(Values::Numeric(&[])))
    }
}

/// The numbers of a column, NaN where there is none.
pub(crate) fn floats(column: &Float64Array) -> Vec<f64> {
    let mut numbers = column.values().to_vec();
    if let Some(nulls) = column.nulls() {
        for row in (!nulls.inner()).set_indices() {
            numbers[row] = f64::NAN;
        }
    }
    numbers
}

/// Answer keys with the position of each in `levels`.
pub(crate) fn category<'p>(
    part: &'p Part<'_>,
    concept: &str,
    levels: &[String],
) -> Result<(&'p PrimitiveArray<Int16Type>, Vec<u32>), Refusal> {
    let wrong =
        || part.wrong(&format!("column `{concept}`"), "no category", "codes of its answer list");
    let column = part.weighted.table.column_by_name(concept).ok_or_else(wrong)?;
    let column = column.as_dictionary_opt::<Int16Type>().ok_or_else(wrong)?;
    let names: &StringArray = column.values().as_string_opt().ok_or_else(wrong)?;
    let position = |name: Option<&str>| {
        levels
            .iter()
            .position(|level| Some(level.as_str()) == name)
            .map_or(NO_CODE, |position| position as u32)
    };
    Ok((column.keys(), names.iter().map(position).collect()))
}

fn base_of<'p>(
    part: &Part<'p>,
    indicator: &Indicator,
) -> Result<Option<&'p BooleanArray>, Refusal> {
    let Some(masks) = part.bases.get(&indicator.indicator) else { return Ok(None) };
    let mask = masks.get(part.position).filter(|mask| mask.len() == part.rows());
    let place = format!("base of `{}`", indicator.indicator);
    let expected = format!("{} rows", part.rows());
    mask.map(Some)
        .ok_or_else(|| part.wrong(&place, "another number of rows or hand-offs", &expected))
}

fn in_base(base: Option<&BooleanArray>, row: usize) -> bool {
    base.is_none_or(|mask| mask.is_valid(row) && mask.value(row))
}

/// 1 for the indicator's codes, 0 for other answers and missing reasons that the concept keeps in the base.
pub(crate) fn binary(
    part: &Part<'_>,
    indicator: &Indicator,
    values: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let concept = &indicator.concept;
    if !part.was_asked(indicator) {
        values.extend(std::iter::repeat_n(OUTSIDE, part.rows()));
        return Ok(());
    }
    let base = base_of(part, indicator)?;
    let answers = &part.settings.answers[concept];
    let (keys, positions) = category(part, concept, answers)?;
    let yes = |position: &u32| u8::from(indicator.codes.contains(&answers[*position as usize]));
    let known = |position: &u32| if *position == NO_CODE { OUTSIDE } else { yes(position) };
    let value_of_key: Vec<u8> = positions.iter().map(known).collect();
    let value_of_reason = value_of_reason(part.settings, indicator);
    let reasons = columns::missing(concept);
    let missing = part.weighted.table.column_by_name(&reasons);
    let missing = missing.and_then(|column| column.as_primitive_opt::<Int8Type>());
    let missing =
        missing.ok_or_else(|| part.wrong(&format!("column `{reasons}`"), "nothing", "reasons"))?;
    let of_key = |&key: &i16| value_of_key.get(key as usize).copied().unwrap_or(OUTSIDE);
    let mut own: Vec<u8> = keys.values().iter().map(of_key).collect();
    // Whatever key stands where there is no answer, the reason counts.
    if let Some(nulls) = keys.nulls() {
        for row in (!nulls.inner()).set_indices() {
            let reason = missing.is_valid(row).then(|| missing.value(row).cast_unsigned());
            own[row] = reason.map_or(OUTSIDE, |reason| value_of_reason[usize::from(reason)]);
        }
    }
    if base.is_some() {
        for (row, value) in own.iter_mut().enumerate() {
            if !in_base(base, row) {
                *value = OUTSIDE;
            }
        }
    }
    values.append(&mut own);
    Ok(())
}

/// By reason's number. Those that stay in the base: "no", unless the indicator counts the reason itself.
fn value_of_reason(settings: &Settings, indicator: &Indicator) -> [u8; 256] {
    let counts =
        |reason: MissingReason| u8::from(indicator.codes.iter().any(|code| code == reason.name()));
    let mut values = [OUTSIDE; 256];
    let kept = settings.concepts[&indicator.concept].base_includes.iter();
    for &reason in kept.filter(|reason| **reason != MissingReason::NotAsked) {
        values[usize::from((reason as i8).cast_unsigned())] = counts(reason);
    }
    values
}

pub(crate) fn numeric(
    part: &Part<'_>,
    indicator: &Indicator,
    values: &mut Vec<f64>,
) -> Result<(), Refusal> {
    if !part.was_asked(indicator) {
        values.extend(std::iter::repeat_n(f64::NAN, part.rows()));
        return Ok(());
    }
    let base = base_of(part, indicator)?;
    let mut numbers = part.numbers(&indicator.concept)?;
    if base.is_some() {
        for (_, number) in numbers.iter_mut().enumerate().filter(|at| !in_base(base, at.0)) {
            *number = f64::NAN;
        }
    }
    values.append(&mut numbers);
    Ok(())
}

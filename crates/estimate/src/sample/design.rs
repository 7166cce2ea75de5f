//! The sample design of one wave as the weights' hand-offs tell it: strata, units, populations, replicates.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type};
use survey::columns;
use survey::design::{Design, LonelyPsu, Stage};

use super::column::floats;
use super::parts::Part;
use super::refusal::Refusal;

/// Replicate weights of one panel's respondents.
pub(crate) struct Replicates {
    /// A column a replicate.
    weights: Vec<Float64Array>,
    /// Factor of each replicate's square, the overall scale in it.
    pub factors: Vec<f64>,
    /// Squares are taken from the estimate and not from the mean over replicates.
    pub mean_squared_error: bool,
}

impl Replicates {
    pub fn count(&self) -> usize {
        self.weights.len()
    }

    /// The weights of replicate `index`.
    pub fn of(&self, index: usize) -> &[f64] {
        self.weights[index].values()
    }
}

/// The replicates of a panel; none where its errors are linearised.
pub(crate) fn replicates(part: &Part<'_>) -> Result<Option<Replicates>, Refusal> {
    let extra = &part.weighted.extra;
    let Some(table) = extra.get("replicate") else { return Ok(None) };
    let wrong = |found: &str| part.wrong("extra `replicate`", found, "a weight a replicate");
    let scales = extra.get("replicate_scale").ok_or_else(|| wrong("no `replicate_scale`"))?;
    let number = |name: &str| numbers(scales, name).ok_or_else(|| wrong("no scales"));
    let (of_replicate, scale) = (number(columns::REPLICATE_SCALE)?, number(columns::SCALE)?);
    let centre = scales.column_by_name(columns::MEAN_SQUARED_ERROR);
    let centre =
        centre.and_then(|column| column.as_boolean_opt()).filter(|column| !column.is_empty());
    let count = table.num_columns();
    if table.num_rows() != part.rows() || of_replicate.len() != count || centre.is_none() {
        return Err(wrong("another number of rows or replicates"));
    }
    let weights = (0..count).map(|index| {
        let column = table.column_by_name(&columns::replicate(index));
        let column = column.and_then(|column| column.as_primitive_opt::<Float64Type>());
        let complete = column.filter(|column| column.null_count() == 0);
        complete.cloned().ok_or_else(|| wrong("a replicate that is no number"))
    });
    Ok(Some(Replicates {
        weights: weights.collect::<Result<_, Refusal>>()?,
        factors: of_replicate.iter().zip(&scale).map(|(one, all)| one * all).collect(),
        mean_squared_error: centre.is_some_and(|column| column.value(0)),
    }))
}

fn numbers(table: &RecordBatch, name: &str) -> Option<Vec<f64>> {
    let column = table.column_by_name(name)?.as_primitive_opt::<Float64Type>()?;
    Some(floats(column))
}

/// Strata, units and populations of all panels; no stratum and no unit is of two panels.
pub(crate) fn design(parts: &[Part<'_>], weights: Vec<f64>) -> Result<Design, Refusal> {
    let rows = weights.len();
    let mut strata = Vec::with_capacity(rows);
    let mut units: Vec<u32> = (0..rows as u32).collect();
    let (mut population, mut is_finite) = (vec![f64::INFINITY; rows], false);
    let (mut first_row, mut next_stratum, mut next_unit) = (0, 0_u32, rows as u32);
    for part in parts {
        let Some(table) = part.weighted.extra.get("design") else {
            strata.extend(std::iter::repeat_n(next_stratum, part.rows()));
            next_stratum += 1;
            first_row += part.rows();
            continue;
        };
        let wrong =
            |found: &str| part.wrong("extra `design`", found, "a place for every respondent");
        if table.num_rows() != part.rows() {
            return Err(wrong("another number of rows"));
        }
        let codes = table.column_by_name(columns::STRATUM);
        let codes = codes.and_then(|column| column.as_primitive_opt::<Int32Type>());
        let codes = codes.ok_or_else(|| wrong("no strata"))?;
        // Who is left out has weight 0 and takes no part, in whatever stratum.
        strata.extend(codes.values().iter().map(|&code| next_stratum + code.max(0) as u32));
        next_stratum +=
            codes.values().iter().map(|&code| code.max(0) as u32 + 1).max().unwrap_or(0);
        if let Some(names) = table.column_by_name(columns::UNIT) {
            let names = names.as_string_opt::<i32>().ok_or_else(|| wrong("units without names"))?;
            let mut known: BTreeMap<&str, u32> = BTreeMap::new();
            for (row, name) in names.iter().enumerate() {
                let Some(name) = name else { continue };
                let next = next_unit + known.len() as u32;
                units[first_row + row] = *known.entry(name).or_insert(next);
            }
            next_unit += known.len() as u32;
        }
        if let Some(sizes) = numbers(table, columns::POPULATION) {
            is_finite = true;
            for (row, size) in sizes.into_iter().enumerate().filter(|(_, size)| size.is_finite()) {
                population[first_row + row] = size;
            }
        }
        first_row += part.rows();
    }
    let stage = Stage { strata, units, population: is_finite.then_some(population) };
    Ok(Design {
        stages: vec![stage],
        weights,
        lonely_psu: lonely_psu(parts)?,
        adjustments: Vec::new(),
    })
}

/// The policy of the panels that have one: without a design one respondent has no error; under `fail` none is lonely.
fn lonely_psu(parts: &[Part<'_>]) -> Result<LonelyPsu, Refusal> {
    let of = |part: &Part<'_>| part.settings.design.lonely_psu;
    let mut asked = parts
        .iter()
        .filter(|part| part.weighted.extra.contains_key("design") && of(part) != LonelyPsu::Fail);
    let Some(first) = asked.next() else { return Ok(LonelyPsu::Remove) };
    match asked.find(|part| of(part) != of(first)) {
        None => Ok(of(first)),
        Some(other) => Err(Refusal::Group {
            group: format!("{} and {}", first.settings.panel, other.settings.panel),
            found: format!("design.lonely_psu {:?} and {:?}", of(first), of(other)).to_lowercase(),
            expected: "one policy in the panels of a group".to_owned(),
        }),
    }
}

/// Name of the unit of each row of a panel, the same in every wave.
pub(crate) fn unit_names<'p>(part: &'p Part<'_>) -> Result<Vec<Option<&'p str>>, Refusal> {
    let column = clusters(part).or_else(|| part.weighted.table.column_by_name(columns::RESPONDENT));
    let names = column.and_then(|column| column.as_string_opt::<i32>());
    let names = names.ok_or_else(|| part.wrong("the respondents", "nothing", "pseudonyms"))?;
    Ok(names.iter().collect())
}

/// The column of the panel's clusters; none where its respondents are the units.
pub(crate) fn clusters<'p>(part: &'p Part<'_>) -> Option<&'p ArrayRef> {
    part.weighted.extra.get("design").and_then(|table| table.column_by_name(columns::UNIT))
}

/// Code of the stratum of each row of a panel, the same in every wave; 0 without design.
pub(crate) fn strata(part: &Part<'_>) -> Vec<i32> {
    let table = part.weighted.extra.get("design");
    let codes = table.and_then(|table| table.column_by_name(columns::STRATUM));
    let codes = codes.and_then(|column| column.as_primitive_opt::<Int32Type>());
    codes.map_or_else(|| vec![0; part.rows()], |codes| codes.values().to_vec())
}

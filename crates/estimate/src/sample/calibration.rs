//! What the weighting has explained, as the weights' hand-offs tell it: the extra `calibration`.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{Float64Type, Int32Type};
use survey::columns;
use survey::design::{Adjustment, Auxiliaries, Factor, NO_CODE, SweepMargin};

use super::column::floats;
use super::parts::Part;
use super::refusal::Refusal;

/// R's sweeps.
const SWEEPS: usize = 10;

/// How the errors of one panel account for its calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Regression on margins alone, or on nothing.
    Margins,
    /// Margins with numbers or heteroscedasticity.
    Numbers,
    /// Columns averaged within clusters.
    Averaged,
    /// R's sweeps.
    Sweeps,
}

fn kind(part: &Part<'_>) -> Kind {
    let has = |name: &str| {
        let table = part.weighted.extra.get("calibration");
        table.is_some_and(|table| table.column_by_name(name).is_some())
    };
    if has(&columns::averaged(0)) {
        Kind::Averaged
    } else if has(&columns::multiplier(0)) {
        Kind::Sweeps
    } else if has(&columns::numeric(0)) || has(columns::HETEROSCEDASTICITY) {
        Kind::Numbers
    } else {
        Kind::Margins
    }
}

/// Everything is explained by one regression on margins and numbers: sums by cell suffice.
pub(crate) fn is_by_cell(parts: &[Part<'_>]) -> bool {
    parts.iter().all(|part| matches!(kind(part), Kind::Margins | Kind::Numbers))
}

/// The numeric auxiliaries: the k-th column is the k-th of each panel, 0 where it has fewer and for rows without weight. Each is
/// in units of its root mean square, which changes nothing that is explained, and makes the regression well conditioned.
pub(crate) fn scaled_numbers(parts: &[Part<'_>], base: &[f64]) -> Vec<Vec<f64>> {
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut first = 0;
    for part in parts {
        let rows = first..first + part.rows();
        first = rows.end;
        for (k, numbers) in numbered(part, columns::numeric).enumerate() {
            if columns.len() <= k {
                columns.push(vec![0.0; base.len()]);
            }
            let taken = numbers.into_iter().zip(&base[rows.clone()]);
            let taken = taken.map(|(number, base)| if *base > 0.0 { number } else { 0.0 });
            let own = &mut columns[k][rows.clone()];
            own.iter_mut().zip(taken).for_each(|(own, number)| *own = number);
            let squares: f64 = own.iter().map(|number| number * number).sum();
            let unit = (squares / own.len() as f64).sqrt();
            if unit > 0.0 {
                for number in own {
                    *number /= unit;
                }
            }
        }
    }
    columns
}

/// Divides base weights by what the variance of the calibration's model is proportional to.
pub(crate) fn by_variance(parts: &[Part<'_>], base: &mut [f64]) {
    let mut first = 0;
    for part in parts {
        let rows = first..first + part.rows();
        first = rows.end;
        if let Some(variance) = numbers(part, columns::HETEROSCEDASTICITY) {
            let own = base[rows].iter_mut().zip(variance).filter(|own| *own.0 > 0.0);
            own.for_each(|(base, variance)| *base /= variance);
        }
    }
}

/// Base weight of each row before the calibration; 0 where the final weight is 0.
pub(crate) fn base(part: &Part<'_>, weights: &[f64]) -> Result<Vec<f64>, Refusal> {
    let base = match numbers(part, columns::BASE) {
        Some(base) => base,
        None => part.numbers(columns::BASE_WEIGHT)?,
    };
    let taken = |(base, weight): (f64, &f64)| if *weight == 0.0 { 0.0 } else { base };
    Ok(base.into_iter().zip(weights).map(taken).collect())
}

/// The margins of all panels; panels share no level, so that each is calibrated on its own.
pub(crate) fn factors(parts: &[Part<'_>]) -> Result<Vec<Factor>, Refusal> {
    let count = |part: &Part<'_>| match kind(part) {
        Kind::Averaged | Kind::Sweeps => 0,
        Kind::Margins | Kind::Numbers => part.weighted.about.margins.len(),
    };
    let margins: Vec<usize> = parts.iter().map(count).collect();
    let mut factors = Vec::new();
    for k in 0..margins.iter().copied().max().unwrap_or(0) {
        let (mut codes, mut levels) = (Vec::new(), 0_u32);
        for (part, &count) in parts.iter().zip(&margins) {
            // A panel with fewer margins repeats its first one: the same level twice explains nothing more.
            let own =
                if count == 0 { None } else { Some(margin(part, if k < count { k } else { 0 })?) };
            let offset = levels;
            match own {
                None => codes.extend(std::iter::repeat_n(NO_CODE, part.rows())),
                Some(own) => codes.extend(own.into_iter().map(|code| {
                    let code = if code < 0 { return NO_CODE } else { offset + code as u32 };
                    levels = levels.max(code + 1);
                    code
                })),
            }
        }
        factors.push(Factor { codes: codes.into(), levels: levels as usize });
    }
    Ok(factors)
}

/// What leaves the influence values: one regression for all panels, and sweeps for those that ask them.
pub(crate) fn adjustments(
    parts: &[Part<'_>],
    factors: &[Factor],
    base: &[f64],
    weights: &[f64],
) -> Result<Vec<Adjustment>, Refusal> {
    let mut adjustments = Vec::new();
    let mut columns: Vec<Arc<[f64]>> = Vec::new();
    let ratio = |row: usize| if base[row] > 0.0 { weights[row] / base[row] } else { 1.0 };
    let mut g: Vec<f64> = (0..weights.len()).map(ratio).collect();
    let mut variance: Option<Vec<f64>> = None;
    let mut first = 0;
    for part in parts {
        let rows = first..first + part.rows();
        let spread = |values: Vec<f64>, otherwise: f64| {
            let mut column = vec![otherwise; weights.len()];
            column[rows.clone()].copy_from_slice(&values);
            column
        };
        match kind(part) {
            Kind::Margins => {}
            Kind::Sweeps => {
                adjustments.push(sweeps(part, &base[rows.clone()], first, weights.len())?);
            }
            Kind::Averaged => {
                columns.extend(
                    numbered(part, columns::averaged).map(|values| spread(values, 0.0).into()),
                );
                if let Some(own) = numbers(part, columns::G) {
                    g[rows.clone()].copy_from_slice(&own);
                }
            }
            Kind::Numbers => {
                columns.extend(
                    numbered(part, columns::numeric).map(|values| spread(values, 0.0).into()),
                );
                if let Some(own) = numbers(part, columns::HETEROSCEDASTICITY) {
                    let all = variance.get_or_insert_with(|| vec![1.0; weights.len()]);
                    all[rows.clone()].copy_from_slice(&own);
                }
            }
        }
        first = rows.end;
    }
    if !factors.is_empty() || !columns.is_empty() {
        let auxiliaries = Auxiliaries { intercept: false, factors: factors.to_vec(), columns };
        let (base, g) = (base.into(), g.into());
        let variance = variance.map(Into::into);
        adjustments.insert(0, Adjustment::Regression { auxiliaries, base, g, variance });
    }
    Ok(adjustments)
}

/// R's sweeps over the margins of one panel, whose rows begin at `first` of `all`.
fn sweeps(part: &Part<'_>, base: &[f64], first: usize, all: usize) -> Result<Adjustment, Refusal> {
    let count = part.weighted.about.margins.len();
    let margins = (0..count).map(|k| margin(part, k)).collect::<Result<Vec<_>, _>>()?;
    let mut cells: std::collections::BTreeMap<Vec<i32>, u32> = std::collections::BTreeMap::new();
    let mut codes = vec![NO_CODE; all];
    let mut first_rows: Vec<usize> = Vec::new();
    for row in (0..part.rows()).filter(|&row| base[row] > 0.0) {
        let key: Vec<i32> = margins.iter().map(|codes| codes[row]).collect();
        if key.iter().any(|&code| code < 0) {
            continue;
        }
        let next = cells.len() as u32;
        let cell = *cells.entry(key).or_insert(next);
        if cell == next {
            first_rows.push(row);
        }
        codes[first + row] = cell;
    }
    let sweep = |(k, codes): (usize, &Vec<i32>)| {
        let name = columns::multiplier(k);
        let multiplier = numbers(part, &name).ok_or_else(|| wrong(part, &name))?;
        Ok(SweepMargin {
            level_of_cell: first_rows.iter().map(|&row| codes[row] as u32).collect(),
            levels: codes.iter().map(|&code| code.max(-1) + 1).max().unwrap_or(0) as usize,
            multiplier: first_rows.iter().map(|&row| multiplier[row]).collect(),
        })
    };
    let margins = margins.iter().enumerate().map(sweep).collect::<Result<Vec<_>, Refusal>>()?;
    let mut whole = vec![0.0; all];
    whole[first..first + base.len()].copy_from_slice(base);
    let cells = Factor { codes: codes.into(), levels: cells.len() };
    Ok(Adjustment::RakeSweeps { cells, margins, base: whole.into(), sweeps: SWEEPS })
}

fn margin(part: &Part<'_>, k: usize) -> Result<Vec<i32>, Refusal> {
    let name = columns::margin(k);
    let wrong = || wrong(part, &name);
    let table = part.weighted.extra.get("calibration").ok_or_else(wrong)?;
    let column =
        table.column_by_name(&name).and_then(|column| column.as_primitive_opt::<Int32Type>());
    let codes: Vec<i32> = column.ok_or_else(wrong)?.iter().map(|code| code.unwrap_or(-1)).collect();
    if codes.len() == part.rows() { Ok(codes) } else { Err(wrong()) }
}

fn wrong(part: &Part<'_>, name: &str) -> Refusal {
    part.wrong(
        "extra `calibration`",
        &format!("no column `{name}`"),
        "a level for every respondent",
    )
}

/// The columns of this name by their number, from 0.
fn numbered<'a>(
    part: &'a Part<'_>,
    name: fn(usize) -> String,
) -> impl Iterator<Item = Vec<f64>> + 'a {
    (0..).map_while(move |k| numbers(part, &name(k)))
}

fn numbers(part: &Part<'_>, name: &str) -> Option<Vec<f64>> {
    let table = part.weighted.extra.get("calibration")?;
    let column = table.column_by_name(name)?.as_primitive_opt::<Float64Type>()?;
    (column.len() == part.rows()).then(|| floats(column))
}

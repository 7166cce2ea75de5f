//! Cells by influence values, an estimate at a time: every design.

use crate::cell::{Breakdown, Cell, Domains, Facts, Values};
use crate::point::{Influence, mean};
use crate::{Error, Linearisation};

/// Means of the categories with their covariance.
pub(crate) fn exact_domains(
    linearisation: &Linearisation,
    values: Values<'_>,
    breakdown: &Breakdown<'_>,
) -> Result<Domains, Error> {
    let levels = 0..breakdown.levels;
    let cells = levels.clone().map(|level| exact(linearisation, values, breakdown, level));
    let influences = levels.map(|level| influence(linearisation, values, breakdown, level));
    let influences = influences.collect::<Result<Vec<_>, _>>()?;
    let totals =
        |influence| Ok(linearisation.scaled_unit_totals(&linearisation.adjusted(influence)?));
    Ok(Domains {
        cells: cells.collect::<Result<_, _>>()?,
        covariance: linearisation.covariance(&influences)?,
        unit_totals: influences.iter().map(totals).collect::<Result<_, Error>>()?,
    })
}

/// Influence values of the mean in a category; none at all on an empty base.
fn influence(
    linearisation: &Linearisation,
    values: Values<'_>,
    breakdown: &Breakdown<'_>,
    level: usize,
) -> Result<Influence, Error> {
    let weights = linearisation.weights();
    let value = |row: usize| Some(values.value(row)).filter(|value| value.is_finite());
    let inside = |row: usize| breakdown.codes[row] as usize == level && value(row).is_some();
    let rows: Vec<bool> = (0..weights.len()).map(inside).collect();
    let numbers: Vec<f64> = (0..weights.len()).map(|row| value(row).unwrap_or(0.0)).collect();
    mean(weights, &numbers, &rows)
}

/// The cells of an indicator in all breakdowns.
pub(crate) fn exact_indicator(
    linearisation: &Linearisation,
    values: Values<'_>,
    breakdowns: &[Breakdown<'_>],
) -> Result<Vec<Vec<Cell>>, Error> {
    let of_breakdown = |breakdown: &Breakdown<'_>| {
        (0..breakdown.levels).map(|level| exact(linearisation, values, breakdown, level)).collect()
    };
    breakdowns.iter().map(of_breakdown).collect()
}

/// One cell by its influence values.
pub(crate) fn exact(
    linearisation: &Linearisation,
    values: Values<'_>,
    breakdown: &Breakdown<'_>,
    level: usize,
) -> Result<Cell, Error> {
    let weights = linearisation.weights();
    let mut numbers: Vec<f64> = (0..weights.len()).map(|row| values.value(row)).collect();
    let inside = |row: usize| {
        breakdown.codes[row] as usize == level && weights[row] != 0.0 && numbers[row].is_finite()
    };
    let rows: Vec<bool> = (0..weights.len()).map(inside).collect();
    let respondents = rows.iter().filter(|row| **row).count();
    if respondents == 0 {
        return Ok(Cell::EMPTY);
    }
    numbers.iter_mut().zip(&rows).filter(|row| !row.1).for_each(|row| *row.0 = 0.0);
    let influence = mean(weights, &numbers, &rows)?;
    let of_rows = |value: &dyn Fn(usize) -> f64| {
        (0..weights.len()).filter(|&row| rows[row]).map(value).sum::<f64>()
    };
    let facts = Facts {
        respondents,
        nonzero: (0..weights.len()).filter(|&row| rows[row] && numbers[row] != 0.0).count(),
        weight_sum: of_rows(&|row| weights[row]),
        weight_squares: of_rows(&|row| weights[row] * weights[row]),
        mean: influence.estimate,
        squares: of_rows(&|row| weights[row] * (numbers[row] - influence.estimate).powi(2)),
        variance: linearisation.variance(&influence)?,
        degrees_of_freedom: linearisation.degrees_of_freedom(Some(&rows)),
    };
    Ok(facts.cell())
}

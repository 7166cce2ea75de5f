//! The kernel for any design: strata, clusters, later stages, finite populations and lone PSUs.
//!
//! With w the final weight, u = g·base and β = G Σ X w z / g, the total of a unit is Σ w z - Σ_cells (Σ u) Xβ: a pass over
//! the rows fills Σ w y by unit and Σ w y / g by cross cell of the calibration, and every total follows from these. A numeric
//! auxiliary x is one place more beside the cells: Σ w y x / g, and Σ u x of each unit.

mod explained;

use nalgebra::{DMatrix, DVector};
use survey::design::NO_CODE;

use self::explained::Explained;
use crate::Linearisation;
use crate::algebra::Semidefinite;
use crate::cell::{Breakdown, Cell, Domains, Facts, Values};
use crate::grouped::cells_of;
use crate::residual::{Number, Regression, Residual};

/// Numeric auxiliaries take sums by unit from so many rows a unit on: with one row each, influence values are faster (5.9
/// against 8.9 CPU s for five waves of 100,000); the number between is not measured.
const ROWS_A_UNIT: usize = 4;

/// A design made ready for many indicators and breakdowns.
pub(crate) struct Clustered<'a> {
    linearisation: &'a Linearisation,
    /// Unit of the last stage that counts; `NO_CODE` for rows with weight 0.
    unit_of_row: &'a [u32],
    units: usize,
    /// Per stage but the last: its unit of each unit of the last one.
    parents: Vec<Vec<u32>>,
    /// Cross cell of the calibration; one cell without calibration.
    cell_of_row: Vec<u32>,
    parameters_of_cell: Vec<Vec<u32>>,
    /// Numeric auxiliaries, each behind its parameter.
    numbers: Vec<Number>,
    /// Per row: w and w / (g·sigma).
    moments: Vec<[f64; 2]>,
    calibration: Option<(Semidefinite, Explained)>,
}

/// Sums of one breakdown over a base: category × unit and category × cell.
#[derive(Clone)]
pub(crate) struct Base {
    units: Vec<f64>,
    cells: Vec<f64>,
    /// Category × numeric auxiliary.
    numbers: Vec<f64>,
    /// Per category.
    respondents: Vec<usize>,
    weight_squares: Vec<f64>,
    degrees_of_freedom: Vec<i64>,
}

/// The buffers of one thread: sums of y as in `Base`.
#[derive(Default)]
pub(crate) struct Buffers {
    units: Vec<f64>,
    cells: Vec<f64>,
    numbers: Vec<f64>,
    nonzero: Vec<usize>,
    squares: Vec<f64>,
    predicted: Vec<f64>,
    totals: Vec<f64>,
}

impl<'a> Clustered<'a> {
    /// `None` when a weighting step needs more than cross cells and numbers (several steps, sweeps), or numbers without clusters.
    pub fn new(linearisation: &'a Linearisation) -> Option<Self> {
        let regression = match linearisation.residuals.as_slice() {
            [] => None,
            [Residual::Regression(regression)] => Some(regression),
            _ => return None,
        };
        let (last, before) = linearisation.selections.split_last()?;
        let units = last.units();
        let unit_of_row = last.unit_of_row.as_slice();
        let parent = |stage: &crate::selection::Selection| {
            let mut parents = vec![0; units];
            for (&unit, &parent) in unit_of_row.iter().zip(&stage.unit_of_row) {
                if unit != NO_CODE {
                    parents[unit as usize] = parent;
                }
            }
            parents
        };
        let weights = linearisation.weights();
        let (cell_of_row, parameters_of_cell) = cells_of(weights, regression);
        let numbers = regression.map_or_else(Vec::new, Regression::numbers);
        if !numbers.is_empty() && units * ROWS_A_UNIT > weights.len() {
            return None;
        }
        let moment = |row: usize| {
            let weight = weights[row];
            let divisor = regression.map_or(0.0, |regression| {
                if regression.base[row] > 0.0 {
                    regression.g[row] * regression.sigma(row)
                } else {
                    0.0
                }
            });
            [weight, if divisor == 0.0 { 0.0 } else { weight / divisor }]
        };
        let calibration = regression.map(|regression| {
            let fitted = |row: usize| regression.base[row] * regression.g[row];
            let rows = (unit_of_row, cell_of_row.as_slice());
            let (cells, parameters) = (&parameters_of_cell, regression.parameters());
            let explained = Explained::new(rows, units, (cells, &numbers), parameters, fitted);
            (regression.gram.clone(), explained)
        });
        Some(Self {
            linearisation,
            unit_of_row,
            units,
            parents: before.iter().map(parent).collect(),
            moments: (0..weights.len()).map(moment).collect(),
            cell_of_row,
            parameters_of_cell,
            numbers,
            calibration,
        })
    }

    fn cells(&self) -> usize {
        self.parameters_of_cell.len()
    }

    /// Sums over the rows that `takes` names.
    pub fn base(&self, breakdown: &Breakdown<'_>, takes: impl Fn(usize) -> bool) -> Base {
        let levels = breakdown.levels;
        let mut counts = vec![0_u32; levels * self.units];
        let mut base = Base {
            units: vec![0.0; levels * self.units],
            cells: vec![0.0; levels * self.cells()],
            numbers: vec![0.0; levels * self.numbers.len()],
            respondents: vec![0; levels],
            weight_squares: vec![0.0; levels],
            degrees_of_freedom: Vec::new(),
        };
        for (row, &unit) in self.unit_of_row.iter().enumerate().filter(|row| *row.1 != NO_CODE) {
            let level = breakdown.codes[row] as usize;
            if level < levels && takes(row) {
                let [weight, right] = self.moments[row];
                base.units[level * self.units + unit as usize] += weight;
                base.cells[level * self.cells() + self.cell_of_row[row] as usize] += right;
                self.add_numbers(&mut base.numbers, (level, row), right);
                base.weight_squares[level] += weight * weight;
                base.respondents[level] += 1;
                counts[level * self.units + unit as usize] += 1;
            }
        }
        base.degrees_of_freedom = (0..levels)
            .map(|level| self.degrees_of_freedom(&counts[level * self.units..][..self.units]))
            .collect();
        base
    }

    /// Adds `right` times each numeric auxiliary of a row to the sums of its category.
    fn add_numbers(&self, sums: &mut [f64], (level, row): (usize, usize), right: f64) {
        let sums = &mut sums[level * self.numbers.len()..];
        for (sum, (_, numbers)) in sums.iter_mut().zip(&self.numbers) {
            *sum += right * numbers[row];
        }
    }

    /// PSUs minus strata with a row.
    fn degrees_of_freedom(&self, counts: &[u32]) -> i64 {
        let first = &self.linearisation.selections[0];
        let mut units = vec![false; first.units()];
        let mut strata = vec![false; first.strata.len()];
        for (unit, _) in counts.iter().enumerate().filter(|count| *count.1 > 0) {
            let first_unit = self.parents.first().map_or(unit, |parents| parents[unit] as usize);
            units[first_unit] = true;
            strata[first.stratum_of_unit[first_unit] as usize] = true;
        }
        let count = |seen: &[bool]| seen.iter().filter(|seen| **seen).count() as i64;
        count(&units) - count(&strata)
    }

    /// The cells of one indicator; `all` = the base of complete answers.
    pub fn means(
        &self,
        values: Values<'_>,
        breakdown: &Breakdown<'_>,
        all: &Base,
        buffers: &mut Buffers,
    ) -> Vec<Cell> {
        let (own, shift) = self.own_base(values, breakdown);
        let base = own.as_ref().unwrap_or(all);
        self.sum(values, breakdown, shift, buffers);
        let of_level = |level: usize| {
            let Some(mean) = self.totals(base, level, buffers) else { return Cell::EMPTY };
            let variance = self.variance(&mut buffers.totals);
            self.cell(base, level, buffers, (mean, shift), variance)
        };
        (0..breakdown.levels).map(of_level).collect()
    }

    /// The cells of one indicator with the covariance of their means and the scaled totals of the PSUs.
    pub fn domains(&self, values: Values<'_>, breakdown: &Breakdown<'_>) -> Domains {
        let (own, shift) = self.own_base(values, breakdown);
        let base = own.unwrap_or_else(|| self.base(breakdown, |_| true));
        let mut buffers = Buffers::default();
        self.sum(values, breakdown, shift, &mut buffers);
        let mut totals = Vec::new();
        let mut means = Vec::new();
        for level in 0..breakdown.levels {
            means.push(self.totals(&base, level, &mut buffers));
            totals.push(buffers.totals.clone());
        }
        let mut covariance = DMatrix::zeros(breakdown.levels, breakdown.levels);
        for (selection, stage) in self.linearisation.selections.iter().zip(0..) {
            let of_stage = totals.iter().map(|totals| self.of_stage(stage, totals)).collect();
            covariance += selection.covariance(of_stage);
        }
        let cell = |level: usize| {
            let variance = self.variance(&mut totals[level].clone());
            means[level].map_or(Cell::EMPTY, |mean| {
                self.cell(&base, level, &buffers, (mean, shift), variance)
            })
        };
        let cells = (0..breakdown.levels).map(cell).collect();
        let scale = |totals: &Vec<f64>| self.linearisation.scaled(self.of_stage(0, totals));
        Domains { cells, unit_totals: totals.iter().map(scale).collect(), covariance }
    }

    /// The base of an indicator with missing answers, and the number taken off numbers before they are squared.
    fn own_base(&self, values: Values<'_>, breakdown: &Breakdown<'_>) -> (Option<Base>, f64) {
        let (mut sum, mut size, mut missing) = (0.0, 0.0, false);
        for (row, [weight, _]) in self.moments.iter().enumerate().filter(|row| row.1[0] != 0.0) {
            let value = values.value(row);
            if value.is_finite() {
                sum += weight * value;
                size += weight;
            } else {
                missing = true;
            }
        }
        let is_number = matches!(values, Values::Numeric(_)) && size > 0.0;
        let own = missing.then(|| self.base(breakdown, |row| values.value(row).is_finite()));
        (own, if is_number { sum / size } else { 0.0 })
    }

    /// One pass over the rows: Σ w (y - shift) by unit and Σ w (y - shift) / g by cell.
    fn sum(
        &self,
        values: Values<'_>,
        breakdown: &Breakdown<'_>,
        shift: f64,
        buffers: &mut Buffers,
    ) {
        let levels = breakdown.levels;
        let reset = |numbers: &mut Vec<f64>, size: usize| {
            numbers.clear();
            numbers.resize(size, 0.0);
        };
        reset(&mut buffers.units, levels * self.units);
        reset(&mut buffers.cells, levels * self.cells());
        reset(&mut buffers.numbers, levels * self.numbers.len());
        reset(&mut buffers.squares, levels);
        buffers.nonzero.clear();
        buffers.nonzero.resize(levels, 0);
        let mut add = |row: usize, value: f64, is_nonzero: bool| {
            let (level, unit) = (breakdown.codes[row] as usize, self.unit_of_row[row]);
            if level < levels && unit != NO_CODE {
                let [weight, right] = self.moments[row];
                buffers.units[level * self.units + unit as usize] += weight * value;
                buffers.cells[level * self.cells() + self.cell_of_row[row] as usize] +=
                    right * value;
                self.add_numbers(&mut buffers.numbers, (level, row), right * value);
                buffers.squares[level] += weight * value * value;
                buffers.nonzero[level] += usize::from(is_nonzero);
            }
        };
        match values {
            Values::Binary(values) => {
                for (row, _) in values.iter().enumerate().filter(|row| *row.1 == 1) {
                    add(row, 1.0, true);
                }
            }
            Values::Numeric(values) => {
                for (row, &value) in values.iter().enumerate().filter(|row| row.1.is_finite()) {
                    add(row, value - shift, value != 0.0);
                }
            }
        }
    }

    /// Total of each unit of the last stage into `buffers.totals`; the mean (less the shift), none on an empty base.
    fn totals(&self, base: &Base, level: usize, buffers: &mut Buffers) -> Option<f64> {
        let of_units = level * self.units..(level + 1) * self.units;
        let of_cells = level * self.cells()..(level + 1) * self.cells();
        let (weights, sums) = (&base.units[of_units.clone()], &buffers.units[of_units]);
        buffers.totals.clear();
        if base.respondents[level] == 0 {
            buffers.totals.resize(self.units, 0.0);
            return None;
        }
        let size: f64 = weights.iter().sum();
        let mean = sums.iter().sum::<f64>() / size;
        let total = |(sum, weight): (&f64, &f64)| (sum - mean * weight) / size;
        buffers.totals.extend(sums.iter().zip(weights).map(total));
        if let Some((gram, explained)) = &self.calibration {
            let mut right = DVector::zeros(explained.parameters());
            let cells = base.cells[of_cells.clone()].iter().zip(&buffers.cells[of_cells]);
            for ((base, sum), parameters) in cells.zip(&self.parameters_of_cell) {
                let value = (sum - mean * base) / size;
                if value != 0.0 {
                    for &parameter in parameters {
                        right[parameter as usize] += value;
                    }
                }
            }
            for (k, (parameter, _)) in self.numbers.iter().enumerate() {
                let place = level * self.numbers.len() + k;
                right[*parameter] += (buffers.numbers[place] - mean * base.numbers[place]) / size;
            }
            let beta = gram.solve(&right);
            let places = (self.parameters_of_cell.as_slice(), self.numbers.as_slice());
            explained.subtract(&beta, places, &mut buffers.predicted, &mut buffers.totals);
        }
        Some(mean)
    }

    /// Variance that all stages add.
    fn variance(&self, totals: &mut [f64]) -> f64 {
        let selections = &self.linearisation.selections;
        let early: f64 = (0..self.parents.len())
            .map(|stage| selections[stage].variance(&mut self.of_stage(stage, totals)))
            .sum();
        early + selections[self.parents.len()].variance(totals)
    }

    /// Totals of the units of a stage from those of the last one.
    fn of_stage(&self, stage: usize, totals: &[f64]) -> Vec<f64> {
        let Some(parents) = self.parents.get(stage) else { return totals.to_vec() };
        let mut sums = vec![0.0; self.linearisation.selections[stage].units()];
        parents.iter().zip(totals).for_each(|(&parent, total)| sums[parent as usize] += total);
        sums
    }

    fn cell(
        &self,
        base: &Base,
        level: usize,
        buffers: &Buffers,
        (mean, shift): (f64, f64),
        variance: f64,
    ) -> Cell {
        let size: f64 = base.units[level * self.units..(level + 1) * self.units].iter().sum();
        let facts = Facts {
            respondents: base.respondents[level],
            nonzero: buffers.nonzero[level],
            weight_sum: size,
            weight_squares: base.weight_squares[level],
            mean: mean + shift,
            squares: buffers.squares[level] - mean * mean * size,
            variance,
            degrees_of_freedom: base.degrees_of_freedom[level],
        };
        facts.cell()
    }
}

#[cfg(test)]
mod tests;

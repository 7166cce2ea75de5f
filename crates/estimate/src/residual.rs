//! What the weighting steps explain is taken out of the influence values.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use survey::design::{Adjustment, Auxiliaries, Factor, NO_CODE, SweepMargin};

use crate::Error;
use crate::algebra::Semidefinite;

/// A weighting step made ready to be applied to contributions (weight × influence value, per row).
#[derive(Debug, Clone)]
pub(crate) enum Residual {
    Regression(Regression),
    Sweeps {
        cells: Factor,
        margins: Vec<SweepMargin>,
        base: Arc<[f64]>,
        sweeps: usize,
        rows: Vec<f64>,
    },
}

/// A numeric auxiliary behind its parameter.
pub(crate) type Number = (usize, Arc<[f64]>);

/// A regression on auxiliaries with base weights.
#[derive(Debug, Clone)]
pub(crate) struct Regression {
    pub auxiliaries: Auxiliaries,
    pub base: Arc<[f64]>,
    pub g: Arc<[f64]>,
    pub variance: Option<Arc<[f64]>>,
    pub gram: Semidefinite,
}

impl Residual {
    pub fn new(adjustment: &Adjustment, rows: usize) -> Result<Self, Error> {
        check_lengths(adjustment, rows)?;
        Ok(match adjustment {
            Adjustment::PostStratified { cells, before, after } => {
                // Removing cell means is the residual of a regression on the cells.
                let factors = vec![cells.clone()];
                let auxiliaries = Auxiliaries { intercept: false, factors, columns: Vec::new() };
                let ratio = |(after, before): (&f64, &f64)| {
                    if *before > 0.0 { after / before } else { 1.0 }
                };
                let g: Arc<[f64]> = after.iter().zip(before.iter()).map(ratio).collect();
                Self::Regression(Regression::new(&auxiliaries, before, &g, None))
            }
            Adjustment::Regression { auxiliaries, base, g, variance } => {
                Self::Regression(Regression::new(auxiliaries, base, g, variance.as_ref()))
            }
            Adjustment::RakeSweeps { cells, margins, base, sweeps } => Self::Sweeps {
                rows: cell_sums(cells, |_| 1.0),
                cells: cells.clone(),
                margins: margins.clone(),
                base: base.clone(),
                sweeps: *sweeps,
            },
        })
    }

    /// Takes the explained part out of `contributions`.
    pub fn apply(&self, contributions: &mut [f64]) {
        match self {
            Self::Regression(regression) => regression.apply(contributions),
            Self::Sweeps { cells, margins, base, sweeps, rows } => {
                let share = |row: usize| {
                    if base[row] == 0.0 { 0.0 } else { contributions[row] / base[row] }
                };
                let sums = cell_sums(cells, share);
                let explained = sweep(sums, rows, margins, *sweeps);
                for (row, &code) in cells.codes.iter().enumerate().filter(|row| *row.1 != NO_CODE) {
                    contributions[row] -= base[row] * explained[code as usize];
                }
            }
        }
    }
}

impl Regression {
    fn new(
        auxiliaries: &Auxiliaries,
        base: &Arc<[f64]>,
        g: &Arc<[f64]>,
        variance: Option<&Arc<[f64]>>,
    ) -> Self {
        let mut regression = Self {
            auxiliaries: auxiliaries.clone(),
            base: base.clone(),
            g: g.clone(),
            variance: variance.cloned(),
            gram: Semidefinite::new(DMatrix::zeros(0, 0)),
        };
        let size = regression.parameters();
        let mut gram = DMatrix::zeros(size, size);
        for row in regression.rows() {
            regression.add_products(row, base[row] / regression.sigma(row), &mut gram);
        }
        gram.fill_upper_triangle_with_lower_triangle();
        regression.gram = Semidefinite::new(gram);
        regression
    }

    pub fn parameters(&self) -> usize {
        let Auxiliaries { intercept, factors, columns } = &self.auxiliaries;
        usize::from(*intercept)
            + columns.len()
            + factors.iter().map(|factor| factor.levels).sum::<usize>()
    }

    pub fn sigma(&self, row: usize) -> f64 {
        self.variance.as_ref().map_or(1.0, |variance| variance[row])
    }

    fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.base.len()).filter(|&row| self.base[row] > 0.0)
    }

    /// Calls `visit` with each parameter and value of the auxiliaries of a row.
    pub fn visit(&self, row: usize, mut visit: impl FnMut(usize, f64)) {
        let Auxiliaries { intercept, factors, columns } = &self.auxiliaries;
        if *intercept {
            visit(0, 1.0);
        }
        let mut first = usize::from(*intercept);
        for column in columns {
            visit(first, column[row]);
            first += 1;
        }
        for factor in factors {
            let code = factor.codes[row] as usize;
            if code < factor.levels {
                visit(first + code, 1.0);
            }
            first += factor.levels;
        }
    }

    /// The parameters that are 1 for a row: the intercept, and its categories.
    pub fn ones(&self, row: usize) -> Vec<u32> {
        let Auxiliaries { intercept, factors, columns } = &self.auxiliaries;
        let mut ones = if *intercept { vec![0] } else { Vec::new() };
        let mut first = usize::from(*intercept) + columns.len();
        for factor in factors {
            let code = factor.codes[row] as usize;
            if code < factor.levels {
                ones.push((first + code) as u32);
            }
            first += factor.levels;
        }
        ones
    }

    /// The numeric auxiliaries, each behind its parameter.
    pub fn numbers(&self) -> Vec<Number> {
        let Auxiliaries { intercept, columns, .. } = &self.auxiliaries;
        (usize::from(*intercept)..).zip(columns.iter().cloned()).collect()
    }

    /// Adds `value` × x x' of a row to the lower triangle of `sum`.
    pub fn add_products(&self, row: usize, value: f64, sum: &mut DMatrix<f64>) {
        self.visit(row, |left, left_value| {
            let scaled = value * left_value;
            self.visit(row, |right, right_value| {
                if right <= left {
                    sum[(left, right)] += scaled * right_value;
                }
            });
        });
    }

    fn apply(&self, contributions: &mut [f64]) {
        let mut right = DVector::zeros(self.parameters());
        for row in self.rows().filter(|&row| self.g[row] != 0.0 && contributions[row] != 0.0) {
            let value = contributions[row] / (self.g[row] * self.sigma(row));
            self.visit(row, |parameter, auxiliary| right[parameter] += value * auxiliary);
        }
        let beta = self.gram.solve(&right);
        for row in self.rows() {
            let mut explained = 0.0;
            self.visit(row, |parameter, auxiliary| explained += beta[parameter] * auxiliary);
            contributions[row] -= self.base[row] * self.g[row] * explained;
        }
    }
}

/// Repeats x ← x - w mean(x / w) over the margins, on sums per cross cell of x / base; returns what left each cell.
fn sweep(mut sums: Vec<f64>, rows: &[f64], margins: &[SweepMargin], sweeps: usize) -> Vec<f64> {
    let mut explained = vec![0.0; sums.len()];
    let mut of_level: Vec<Vec<(f64, f64)>> =
        margins.iter().map(|margin| vec![(0.0, 0.0); margin.levels]).collect();
    for _ in 0..sweeps {
        for (margin, of_level) in margins.iter().zip(&mut of_level) {
            of_level.fill((0.0, 0.0));
            for (cell, &level) in margin.level_of_cell.iter().enumerate() {
                let (sum, count) = &mut of_level[level as usize];
                *sum += sums[cell] / margin.multiplier[cell];
                *count += rows[cell];
            }
            for (cell, &level) in margin.level_of_cell.iter().enumerate() {
                let (sum, count) = of_level[level as usize];
                let mean = margin.multiplier[cell] * (sum / count);
                sums[cell] -= rows[cell] * mean;
                explained[cell] += mean;
            }
        }
    }
    explained
}

fn cell_sums(cells: &Factor, value: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0; cells.levels];
    for (row, &code) in cells.codes.iter().enumerate() {
        if let Some(sum) = sums.get_mut(code as usize) {
            *sum += value(row);
        }
    }
    sums
}

fn check_lengths(adjustment: &Adjustment, rows: usize) -> Result<(), Error> {
    let lengths: Vec<usize> = match adjustment {
        Adjustment::PostStratified { cells, before, after } => {
            vec![cells.codes.len(), before.len(), after.len()]
        }
        Adjustment::RakeSweeps { cells, base, .. } => vec![cells.codes.len(), base.len()],
        Adjustment::Regression { auxiliaries, base, g, variance } => {
            let factors = auxiliaries.factors.iter().map(|factor| factor.codes.len());
            let columns = auxiliaries.columns.iter().map(|column| column.len());
            let variance = variance.iter().map(|variance| variance.len());
            factors.chain(columns).chain(variance).chain([base.len(), g.len()]).collect()
        }
    };
    match lengths.into_iter().find(|&length| length != rows) {
        None => Ok(()),
        Some(found) => Err(Error::Length { what: "weighting step".into(), found, expected: rows }),
    }
}

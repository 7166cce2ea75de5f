//! The equations of a calibration and their solution by a damped Newton method on the dual.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use semidefinite::Cholesky;
use survey::design::{Adjustment, Auxiliaries};

use crate::link::Link;
use crate::margin::CrossTable;
use crate::totals::{CalibrateOptions, Totals};
use crate::{Error, Miss};

/// Points with equal auxiliaries (cross cells, or rows where a column is numeric), their weights and the totals to meet.
pub(crate) struct System {
    /// Σ of the base weights at each point.
    weights: Vec<f64>,
    /// Heteroscedasticity at each point.
    sigma: Vec<f64>,
    /// Per factor: first parameter and level at each point.
    factors: Vec<(usize, Vec<u32>)>,
    /// Dense columns: values at each point; they are the first parameters.
    columns: Vec<Vec<f64>>,
    /// Population total of each parameter.
    totals: Vec<f64>,
    /// Margin and level of each parameter, for messages.
    names: Vec<(String, String)>,
    /// Point of each row, when points are cells.
    cells: Option<CrossTable>,
    /// Averaged base weights, when g is equal within units.
    averaged: Option<Arc<[f64]>>,
}

/// Linear predictor at each point and how it was reached.
pub(crate) struct Solution {
    pub linear: Vec<f64>,
    pub rounds: usize,
    pub converged: bool,
    pub worst: Miss,
}

/// A miss above this after the last round means that the totals cannot be met.
const REACHABLE: f64 = 1e-6;
/// Newton rounds that always suffice when the totals can be met.
const ENOUGH_ROUNDS: usize = 30;
/// Halvings of a Newton step.
const HALVINGS: usize = 40;

impl System {
    pub fn new(base: &[f64], totals: &Totals, options: &CalibrateOptions) -> Result<Self, Error> {
        let sigma = match &options.variance {
            Some(variance) => check_variance(variance, base)?,
            None => vec![1.0; base.len()],
        };
        let by_cell = totals.numeric.is_empty()
            && options.variance.is_none()
            && options.equal_within.is_none()
            && !totals.margins.is_empty();
        let mut system = Self::empty(totals);
        if by_cell {
            let table = CrossTable::new(base, &totals.margins);
            system.weights = table.sums(base);
            system.sigma = vec![1.0; table.cells];
            system.columns = constant(totals, table.cells);
            let levels = table.levels.iter().cloned();
            system.factors = first_parameters(totals, system.columns.len()).zip(levels).collect();
            system.cells = Some(table);
            return Ok(system);
        }
        system.weights = base.to_vec();
        system.sigma = sigma;
        system.columns = constant(totals, base.len());
        system.columns.extend(totals.numeric.iter().map(|numeric| numeric.values.to_vec()));
        if let Some(units) = &options.equal_within {
            system.average_within(units, totals)?;
        } else {
            let codes = totals.margins.iter().map(|margin| margin.codes.to_vec());
            system.factors = first_parameters(totals, system.columns.len()).zip(codes).collect();
        }
        Ok(system)
    }

    fn empty(totals: &Totals) -> Self {
        let population =
            totals.population.map(|total| (("population".into(), String::new()), total));
        let numeric = totals
            .numeric
            .iter()
            .map(|numeric| ((numeric.name.clone(), String::new()), numeric.total));
        let levels = totals.margins.iter().flat_map(|margin| {
            let name = |level: usize| (margin.name.clone(), margin.levels[level].name.clone());
            (0..margin.levels.len()).map(move |level| (name(level), margin.total(level)))
        });
        let (names, totals) = population.into_iter().chain(numeric).chain(levels).unzip();
        Self {
            weights: Vec::new(),
            sigma: Vec::new(),
            factors: Vec::new(),
            columns: Vec::new(),
            totals,
            names,
            cells: None,
            averaged: None,
        }
    }

    /// Replaces auxiliaries, base weights and heteroscedasticity by their means within units.
    fn average_within(&mut self, units: &[u32], totals: &Totals) -> Result<(), Error> {
        let rows = self.weights.len();
        if units.len() != rows {
            return Err(Error::Length {
                what: "equal_within".into(),
                found: units.len(),
                expected: rows,
            });
        }
        for margin in &totals.margins {
            let dummy = |level: u32| margin.codes.iter().map(move |&code| f64::from(code == level));
            self.columns.extend(
                (0..margin.levels.len() as u32).map(|level| dummy(level).collect::<Vec<_>>()),
            );
        }
        let takes_part: Vec<bool> = self.weights.iter().map(|&weight| weight > 0.0).collect();
        for column in self.columns.iter_mut().chain([&mut self.weights, &mut self.sigma]) {
            average(column, units, &takes_part);
        }
        self.averaged = Some(self.weights.as_slice().into());
        Ok(())
    }

    fn parameters(&self) -> usize {
        self.totals.len()
    }

    /// Auxiliary times coefficient at a point.
    fn predict(&self, point: usize, lambda: &DVector<f64>) -> f64 {
        let columns =
            self.columns.iter().enumerate().map(|(index, column)| column[point] * lambda[index]);
        let factors =
            self.factors.iter().map(|(first, levels)| lambda[first + levels[point] as usize]);
        columns.chain(factors).sum()
    }

    /// Adds `value` times the auxiliaries of a point to `sums`.
    fn add(&self, point: usize, value: f64, sums: &mut DVector<f64>) {
        for (index, column) in self.columns.iter().enumerate() {
            sums[index] += value * column[point];
        }
        for (first, levels) in &self.factors {
            sums[first + levels[point] as usize] += value;
        }
    }

    fn points(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.weights.len()).filter(|&point| self.weights[point] > 0.0)
    }

    /// Refuses a level whose total lies outside its base weight times the bounds.
    pub fn check_bounds(&self, link: Link) -> Result<(), Error> {
        let (lower, upper) = link.bounds();
        let mut sums = DVector::zeros(self.parameters());
        self.points().for_each(|point| self.add(point, self.weights[point], &mut sums));
        let first = if self.averaged.is_some() { self.parameters() } else { self.columns.len() };
        for index in first..self.parameters() {
            let (low, high) = (sums[index] * lower, sums[index] * upper);
            let expected = self.totals[index];
            if sums[index] > 0.0
                && !(low * (1.0 - 1e-12) <= expected && expected <= high * (1.0 + 1e-12))
            {
                return Err(self.unreachable(index, expected.clamp(low, high), 0, link));
            }
        }
        Ok(())
    }

    pub fn solve(&self, link: Link, options: &CalibrateOptions) -> Result<Solution, Error> {
        let mut lambda = DVector::zeros(self.parameters());
        let mut state = self.evaluate(&lambda, link);
        let (mut rounds, mut stalled) = (0, false);
        let mut converged = self.is_met(&state.miss, options.tolerance);
        while !converged && rounds < options.max_rounds && !stalled {
            let hessian = self.hessian(&state.linear, link);
            let direction = Cholesky::new(&hessian).solve(&state.miss);
            match self.step(&lambda, &direction, &state, link) {
                Some((next, next_state)) => (lambda, state) = (next, next_state),
                None => stalled = true,
            }
            rounds += 1;
            converged = self.is_met(&state.miss, options.tolerance);
        }
        let worst = self.worst(&state.miss);
        if !converged && worst.1.relative > REACHABLE && (stalled || rounds >= ENOUGH_ROUNDS) {
            return Err(self.unreachable(worst.0, worst.1.found, rounds, link));
        }
        Ok(Solution { linear: state.linear, rounds, converged, worst: worst.1 })
    }

    /// A step that lowers the dual objective or the largest miss.
    fn step(
        &self,
        lambda: &DVector<f64>,
        direction: &DVector<f64>,
        state: &State,
        link: Link,
    ) -> Option<(DVector<f64>, State)> {
        let mut part = 1.0;
        for _ in 0..HALVINGS {
            let next = lambda + direction * part;
            let next_state = self.evaluate(&next, link);
            let finite = next_state.objective.is_finite()
                && next_state.miss.iter().all(|miss| miss.is_finite());
            let gain = state.objective - next_state.objective;
            let better = next_state.miss.amax() < state.miss.amax();
            if finite && (gain > 1e-4 * part * state.miss.dot(direction).abs() || better) {
                return Some((next, next_state));
            }
            part /= 2.0;
        }
        None
    }

    fn evaluate(&self, lambda: &DVector<f64>, link: Link) -> State {
        let mut linear = vec![0.0; self.weights.len()];
        let mut reached = DVector::zeros(self.parameters());
        let mut objective = 0.0;
        for point in self.points() {
            let (weight, sigma) = (self.weights[point], self.sigma[point]);
            let u = self.predict(point, lambda) / sigma;
            linear[point] = u;
            self.add(point, weight * link.g(u), &mut reached);
            objective += weight * sigma * link.integral(u);
        }
        let totals = DVector::from_column_slice(&self.totals);
        objective -= totals.dot(lambda);
        State { linear, miss: totals - reached, objective }
    }

    fn hessian(&self, linear: &[f64], link: Link) -> DMatrix<f64> {
        let mut hessian = DMatrix::zeros(self.parameters(), self.parameters());
        let mut entries: Vec<(usize, f64)> =
            Vec::with_capacity(self.columns.len() + self.factors.len());
        for point in self.points() {
            let value = self.weights[point] * link.derivative(linear[point]) / self.sigma[point];
            if value == 0.0 {
                continue;
            }
            entries.clear();
            entries.extend(
                self.columns.iter().enumerate().map(|(index, column)| (index, column[point])),
            );
            let parameter =
                |(first, levels): &(usize, Vec<u32>)| (first + levels[point] as usize, 1.0);
            entries.extend(self.factors.iter().map(parameter));
            for (position, &(row, left)) in entries.iter().enumerate() {
                for &(column, right) in &entries[..=position] {
                    hessian[(row, column)] += value * left * right;
                }
            }
        }
        hessian.fill_upper_triangle_with_lower_triangle();
        hessian
    }

    fn is_met(&self, miss: &DVector<f64>, tolerance: f64) -> bool {
        miss.iter()
            .zip(&self.totals)
            .all(|(miss, total)| miss.abs() / (1.0 + total.abs()) < tolerance)
    }

    fn worst(&self, miss: &DVector<f64>) -> (usize, Miss) {
        let of = |index: usize| {
            let (margin, level) = &self.names[index];
            let expected = self.totals[index];
            (index, Miss::new(margin, level, expected - miss[index], expected))
        };
        let larger =
            |a: (usize, Miss), b: (usize, Miss)| if b.1.relative > a.1.relative { b } else { a };
        (1..self.parameters()).map(of).fold(of(0), larger)
    }

    fn unreachable(&self, index: usize, found: f64, rounds: usize, link: Link) -> Error {
        let (margin, level) = self.names[index].clone();
        let (lower, upper) = link.bounds();
        let bounded = lower > 0.0 || upper.is_finite();
        let within =
            if bounded { format!(" within the bounds {lower} to {upper}") } else { String::new() };
        Error::Unreachable { margin, level, found, expected: self.totals[index], rounds, within }
    }

    /// g of each row from the linear predictor at each point; rows with weight 0 get 1.
    pub fn g_of_rows(&self, linear: &[f64], link: Link, base: &[f64]) -> Vec<f64> {
        let g: Vec<f64> = linear.iter().map(|&u| link.g(u)).collect();
        match &self.cells {
            Some(table) => table.spread(&g, 1.0),
            None => {
                g.into_iter().zip(base).map(|(g, &base)| if base > 0.0 { g } else { 1.0 }).collect()
            }
        }
    }

    /// What the variance needs; heteroscedasticity only with plain GREG, as in R.
    pub fn adjustment(
        &self,
        base: &[f64],
        totals: &Totals,
        options: &CalibrateOptions,
        g: Vec<f64>,
    ) -> Adjustment {
        let is_greg = Link::new(options).is_ok_and(Link::is_unbounded_linear);
        let averaged = self.averaged.is_some();
        let auxiliaries = if averaged {
            let columns = self.columns.iter().map(|column| column.as_slice().into()).collect();
            Auxiliaries { intercept: false, factors: Vec::new(), columns }
        } else {
            Auxiliaries {
                intercept: totals.population.is_some() && totals.margins.is_empty(),
                factors: totals.margins.iter().map(crate::Margin::factor).collect(),
                columns: totals.numeric.iter().map(|numeric| Arc::clone(&numeric.values)).collect(),
            }
        };
        let base = self.averaged.clone().unwrap_or_else(|| base.into());
        let variance =
            (is_greg && options.variance.is_some()).then(|| self.sigma.as_slice().into());
        Adjustment::Regression { auxiliaries, base, g: g.into(), variance }
    }
}

/// Linear predictor, totals minus reached, and dual objective at one λ.
struct State {
    linear: Vec<f64>,
    miss: DVector<f64>,
    objective: f64,
}

fn constant(totals: &Totals, points: usize) -> Vec<Vec<f64>> {
    totals.population.iter().map(|_| vec![1.0; points]).collect()
}

/// First parameter of each margin, after `columns` dense ones.
fn first_parameters(totals: &Totals, columns: usize) -> impl Iterator<Item = usize> + '_ {
    totals.margins.iter().scan(columns, |next, margin| {
        let first = *next;
        *next += margin.levels.len();
        Some(first)
    })
}

fn check_variance(variance: &[f64], base: &[f64]) -> Result<Vec<f64>, Error> {
    if variance.len() != base.len() {
        let (found, expected) = (variance.len(), base.len());
        return Err(Error::Length { what: "variance".into(), found, expected });
    }
    let bad = |(&sigma, &weight): (&f64, &f64)| weight > 0.0 && !(sigma.is_finite() && sigma > 0.0);
    let rows = variance.iter().zip(base).filter(|row| bad(*row)).count();
    if rows > 0 {
        let (found, expected) =
            (format!("{rows} rows not above zero"), "numbers above zero".into());
        return Err(Error::Setting { place: "variance".into(), found, expected });
    }
    Ok(variance.to_vec())
}

/// Replaces values by their mean over the rows of the same unit that take part.
fn average(values: &mut [f64], units: &[u32], takes_part: &[bool]) {
    let last = units.iter().max().map_or(0, |&unit| unit as usize + 1);
    let mut sums = vec![(0.0, 0.0); last];
    for ((&value, &unit), _) in values.iter().zip(units).zip(takes_part).filter(|row| *row.1) {
        sums[unit as usize].0 += value;
        sums[unit as usize].1 += 1.0;
    }
    for ((value, &unit), _) in values.iter_mut().zip(units).zip(takes_part).filter(|row| *row.1) {
        let (sum, count) = sums[unit as usize];
        *value = sum / count;
    }
}

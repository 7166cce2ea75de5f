//! Raking: iterative proportional fitting of the cross table of the margins.

mod prepared;

use std::sync::Arc;

use survey::design::{Adjustment, Auxiliaries, Factor, SweepMargin};

use crate::margin::{CrossTable, check_equal_totals, check_weights};
use crate::{Error, Margin, Miss};

pub use prepared::{Fitter, Raking};

/// When raking stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Convergence {
    /// The largest relative miss of any level is below this.
    MarginMiss(f64),
    /// The largest change of a cell of the cross table between rounds is below this part of the sum of the base weights (R's rule).
    TableChange(f64),
}

/// Settings of `rake`.
#[derive(Debug, Clone, PartialEq)]
pub struct RakeOptions {
    /// Stop rule; default `MarginMiss(1e-10)`.
    pub convergence: Convergence,
    /// Rounds over all margins before it stops with `converged: false`; default 500.
    pub max_rounds: usize,
}

/// Raked weights and how they were reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Raked {
    /// Weight per row.
    pub weights: Vec<f64>,
    /// Rounds over all margins.
    pub rounds: usize,
    /// The stop rule was met; otherwise the caller warns with `worst`.
    pub converged: bool,
    /// The level furthest from its total after the last round.
    pub worst: Miss,
    /// For the variance by theory: the GREG residual.
    pub regression: Adjustment,
    /// For the variance as R's `rake()` reports it.
    pub sweeps: Adjustment,
}

/// Sweeps of cell means in R's `rake()` variance.
const R_SWEEPS: usize = 10;

/// A miss above this that no longer shrinks means that no weights meet all margins.
const REACHABLE: f64 = 1e-6;
/// Rounds before which a miss that hardly shrinks is only told.
const ENOUGH_ROUNDS: usize = 50;

/// Rakes `base` (weight per row) to the totals of all margins.
pub fn rake(base: &[f64], margins: &[Margin], options: &RakeOptions) -> Result<Raked, Error> {
    let table = cross(base, margins)?;
    let mut fit = Fit::new(&table, table.sums(base), margins);
    let (rounds, converged) = fit.run(options)?;
    let worst = fit.worst();
    let g: Arc<[f64]> = table.spread(&fit.multiplier, 0.0);
    let weights = base.iter().zip(g.iter()).map(|(base, g)| base * g).collect();
    let after = fit.after_margin;
    let base: Arc<[f64]> = base.into();
    let factors = margins.iter().map(Margin::factor).collect();
    let regression = Adjustment::Regression {
        auxiliaries: Auxiliaries { intercept: false, factors, columns: Vec::new() },
        base: Arc::clone(&base),
        g,
        variance: None,
    };
    let sweep = |(levels, (margin, multiplier)): (Vec<u32>, (&Margin, Vec<f64>))| SweepMargin {
        level_of_cell: levels,
        levels: margin.levels.len(),
        multiplier,
    };
    let margins = table.levels.into_iter().zip(margins.iter().zip(after)).map(sweep).collect();
    let cells = Factor { codes: table.codes, levels: table.cells };
    let sweeps = Adjustment::RakeSweeps { cells, margins, base, sweeps: R_SWEEPS };
    Ok(Raked { weights, rounds, converged, worst, regression, sweeps })
}

/// The cross table of the margins; refuses weights and margins that cannot be raked.
fn cross(base: &[f64], margins: &[Margin]) -> Result<CrossTable, Error> {
    check_weights(base)?;
    if margins.is_empty() {
        let (found, expected) = ("none".into(), "at least one".into());
        return Err(Error::Setting { place: "margins".into(), found, expected });
    }
    let table = CrossTable::checked(base, margins)?;
    let sums: Vec<_> =
        margins.iter().map(|margin| (margin.name.as_str(), margin.population())).collect();
    check_equal_totals(&sums)?;
    Ok(table)
}

/// The cross table while it is fitted.
struct Fit<'a> {
    table: &'a CrossTable,
    margins: &'a [Margin],
    base: Vec<f64>,
    multiplier: Vec<f64>,
    /// Multiplier after the round before.
    before: Vec<f64>,
    after_margin: Vec<Vec<f64>>,
    level_sums: Vec<Vec<f64>>,
}

impl<'a> Fit<'a> {
    fn new(table: &'a CrossTable, base: Vec<f64>, margins: &'a [Margin]) -> Self {
        let multiplier = vec![1.0; table.cells];
        let after_margin = vec![multiplier.clone(); margins.len()];
        let level_sums = margins.iter().map(|margin| vec![0.0; margin.levels.len()]).collect();
        let before = multiplier.clone();
        Self { table, margins, base, multiplier, before, after_margin, level_sums }
    }

    /// Rounds until the stop rule is met: how many, and whether it was.
    fn run(&mut self, options: &RakeOptions) -> Result<(usize, bool), Error> {
        let scale: f64 = self.base.iter().sum();
        let mut halfway = f64::INFINITY;
        for round in 1..=options.max_rounds {
            let change = self.round();
            let done = match options.convergence {
                Convergence::TableChange(part) => change < part * scale,
                Convergence::MarginMiss(limit) => self.largest_miss() < limit,
            };
            if done {
                return Ok((round, true));
            }
            if round == options.max_rounds / 2 {
                halfway = self.largest_miss();
            }
        }
        let miss = self.largest_miss();
        let has_stalled = options.max_rounds >= ENOUGH_ROUNDS && miss > 0.9 * halfway;
        if miss.is_nan() || (miss > REACHABLE && has_stalled) {
            let Miss { margin, level, found, expected, .. } = self.worst();
            let (rounds, within) = (options.max_rounds, String::new());
            return Err(Error::Unreachable { margin, level, found, expected, rounds, within });
        }
        Ok((options.max_rounds, false))
    }

    /// One round over all margins; the largest change of a cell.
    fn round(&mut self) -> f64 {
        let mut before = std::mem::take(&mut self.before);
        before.copy_from_slice(&self.multiplier);
        for index in 0..self.margins.len() {
            self.sum_levels(index);
            let (levels, sums) = (&self.table.levels[index], &mut self.level_sums[index]);
            for (level, sum) in sums.iter_mut().enumerate() {
                *sum = if *sum > 0.0 { self.margins[index].total(level) / *sum } else { 0.0 };
            }
            for (multiplier, &level) in self.multiplier.iter_mut().zip(levels) {
                *multiplier *= sums[level as usize];
            }
            self.after_margin[index].copy_from_slice(&self.multiplier);
        }
        let change = |((new, old), base): ((&f64, &f64), &f64)| ((new - old) * base).abs();
        let largest =
            self.multiplier.iter().zip(&before).zip(&self.base).map(change).fold(0.0, f64::max);
        self.before = before;
        largest
    }

    /// Weighted total of each level of a margin, into `level_sums`.
    fn sum_levels(&mut self, index: usize) {
        let (levels, sums) = (&self.table.levels[index], &mut self.level_sums[index]);
        sums.fill(0.0);
        for ((&level, multiplier), base) in levels.iter().zip(&self.multiplier).zip(&self.base) {
            sums[level as usize] += multiplier * base;
        }
    }

    fn largest_miss(&mut self) -> f64 {
        let mut largest = 0.0;
        for index in 0..self.margins.len() {
            self.sum_levels(index);
            for (level, &found) in self.level_sums[index].iter().enumerate() {
                let expected = self.margins[index].total(level);
                if expected > 0.0 {
                    let miss = (found - expected).abs() / expected;
                    largest = if miss > largest || miss.is_nan() { miss } else { largest };
                }
            }
        }
        largest
    }

    fn worst(&mut self) -> Miss {
        let mut worst = Miss::new("", "", 0.0, 0.0);
        for index in 0..self.margins.len() {
            self.sum_levels(index);
            for (level, &found) in self.level_sums[index].iter().enumerate() {
                let margin = &self.margins[index];
                let miss =
                    Miss::new(&margin.name, &margin.levels[level].name, found, margin.total(level));
                if worst.margin.is_empty() || miss.relative > worst.relative {
                    worst = miss;
                }
            }
        }
        worst
    }
}

impl Default for RakeOptions {
    fn default() -> Self {
        Self { convergence: Convergence::MarginMiss(1e-10), max_rounds: 500 }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use survey::design::NO_CODE;

    use super::*;
    use crate::margin::tests::margin;

    fn totals(totals: &[f64]) -> Vec<Option<f64>> {
        totals.iter().copied().map(Some).collect()
    }

    fn two(codes: [&[u32]; 2], sums: [&[f64]; 2]) -> Vec<Margin> {
        vec![margin("sex", codes[0], &totals(sums[0])), margin("age", codes[1], &totals(sums[1]))]
    }

    #[test]
    fn both_margins_are_met() {
        let margins = two([&[0, 0, 1, 1], &[0, 1, 0, 1]], [&[60.0, 40.0], &[30.0, 70.0]]);
        let raked = rake(&[1.0, 2.0, 3.0, 4.0], &margins, &RakeOptions::default()).unwrap();
        assert!(raked.converged && raked.worst.relative < 1e-10);
        assert!((raked.weights[0] + raked.weights[1] - 60.0).abs() < 1e-8);
        assert!((raked.weights[1] + raked.weights[3] - 70.0).abs() < 1e-8);
    }

    #[test]
    fn margins_of_different_size_are_an_error() {
        let margins = two([&[0, 1], &[0, 1]], [&[60.0, 40.0], &[30.0, 71.0]]);
        let error = rake(&[1.0, 1.0], &margins, &RakeOptions::default()).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("margin `age`: totals add up to 101, expected 100 as in margin `sex`")
        );
    }

    #[test]
    fn totals_that_an_empty_corner_forbids_are_an_error_with_the_level() {
        let margins = two([&[0, 1], &[0, 1]], [&[60.0, 40.0], &[30.0, 70.0]]);
        let error = rake(&[1.0, 1.0], &margins, &RakeOptions::default()).unwrap_err();
        assert!(
            matches!(error, Error::Unreachable { ref margin, .. } if margin == "sex"),
            "{error}"
        );
    }

    #[test]
    fn too_few_rounds_are_told_with_the_worst_level() {
        let margins = two([&[0, 0, 1, 1], &[0, 1, 0, 1]], [&[60.0, 40.0], &[30.0, 70.0]]);
        let options = RakeOptions { max_rounds: 2, ..RakeOptions::default() };
        let raked = rake(&[1.0, 9.0, 3.0, 0.1], &margins, &options).unwrap();
        assert!(!raked.converged && raked.worst.relative > 1e-10);
        assert_eq!(raked.worst.margin, "sex");
    }

    #[test]
    fn few_rounds_asked_for_never_make_an_error() {
        let margins = two([&[0, 1], &[0, 1]], [&[60.0, 40.0], &[30.0, 70.0]]);
        let options = RakeOptions { max_rounds: 10, ..RakeOptions::default() };
        assert!(!rake(&[1.0, 1.0], &margins, &options).unwrap().converged);
    }

    #[test]
    fn a_margin_given_twice_changes_nothing() {
        let once = [margin("sex", &[0, 0, 1], &totals(&[60.0, 40.0]))];
        let twice = [once[0].clone(), once[0].clone()];
        let options = RakeOptions::default();
        let weights =
            |margins: &[Margin]| rake(&[1.0, 2.0, 3.0], margins, &options).unwrap().weights;
        assert_eq!(weights(&once), weights(&twice));
    }

    #[test]
    fn rows_with_weight_zero_stay_out() {
        let margins = two([&[0, 0, 1, 1, 9], &[0, 1, 0, 1, 9]], [&[60.0, 40.0], &[30.0, 70.0]]);
        let raked = rake(&[1.0, 1.0, 1.0, 1.0, 0.0], &margins, &RakeOptions::default()).unwrap();
        assert_eq!(raked.weights[4], 0.0);
    }

    #[test]
    fn a_row_without_a_level_is_an_error_even_where_its_key_is_that_of_another_cell() {
        for (code, is_error) in [(2, true), (9, true), (NO_CODE, true), (1, false)] {
            let margins =
                two([&[0, 0, 1, 1, 0], &[0, 1, 0, 1, code]], [&[60.0, 40.0], &[30.0, 70.0]]);
            let found = rake(&[1.0; 5], &margins, &RakeOptions::default());
            assert_eq!(
                matches!(found, Err(Error::MissingAuxiliary { rows: 1, .. })),
                is_error,
                "{code}"
            );
        }
    }

    #[test]
    fn a_sample_of_one_gets_the_whole_population() {
        let raked = rake(&[3.0], &[margin("all", &[0], &totals(&[50.0]))], &RakeOptions::default())
            .unwrap();
        assert_eq!(raked.weights, [50.0]);
    }
}

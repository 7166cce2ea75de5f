//! Raking of many sets of weights of the same rows: the cross table is made once, a fit takes one pass over the rows.

use survey::design::NO_CODE;

use super::{Convergence, RakeOptions, cross};
use crate::margin::CrossTable;
use crate::{Error, Margin};

/// Margins made ready for the replicates of one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Raking {
    table: CrossTable,
    /// Population total of each level of each margin.
    totals: Vec<Vec<f64>>,
    options: RakeOptions,
}

/// The buffers of one thread.
#[derive(Debug, Clone)]
pub struct Fitter<'a> {
    raking: &'a Raking,
    /// Weight of each cross cell, before and while it is fitted.
    base: Vec<f64>,
    fitted: Vec<f64>,
    /// The table after the round before.
    before: Vec<f64>,
    /// Per margin the sum of each level.
    sums: Vec<Vec<f64>>,
    /// Factor of each level of one margin.
    factors: Vec<f64>,
}

impl Raking {
    /// Checks `base` (weight per row) and margins, and crosses them.
    pub fn new(base: &[f64], margins: &[Margin], options: RakeOptions) -> Result<Self, Error> {
        let table = cross(base, margins)?;
        let totals = |margin: &Margin| (0..margin.levels.len()).map(|k| margin.total(k)).collect();
        let totals = margins.iter().map(totals).collect();
        Ok(Self { table, totals, options })
    }

    /// Rows that it expects.
    pub fn rows(&self) -> usize {
        self.table.codes.len()
    }

    /// Buffers for one thread.
    pub fn fitter(&self) -> Fitter<'_> {
        Fitter {
            raking: self,
            base: vec![0.0; self.table.cells],
            fitted: vec![0.0; self.table.cells],
            before: vec![0.0; self.table.cells],
            sums: self.totals.iter().map(|totals| vec![0.0; totals.len()]).collect(),
            factors: vec![0.0; self.totals.iter().map(Vec::len).max().unwrap_or(0)],
        }
    }
}

impl Fitter<'_> {
    /// Rakes `weights` in place; `false` = the totals were not met and the weights are as they came.
    pub fn rake(&mut self, weights: &mut [f64]) -> bool {
        let codes = &self.raking.table.codes;
        self.base.fill(0.0);
        for (&code, &weight) in codes.iter().zip(weights.iter()) {
            if code != NO_CODE {
                self.base[code as usize] += weight;
            }
        }
        if !self.fit() {
            return false;
        }
        for (fitted, base) in self.fitted.iter_mut().zip(&self.base) {
            *fitted = if *base == 0.0 { 0.0 } else { *fitted / base };
        }
        for (&code, weight) in codes.iter().zip(weights) {
            *weight = self.fitted.get(code as usize).map_or(0.0, |multiplier| *weight * multiplier);
        }
        true
    }

    /// Rounds until the stop rule is met.
    fn fit(&mut self) -> bool {
        self.fitted.copy_from_slice(&self.base);
        self.sum_first();
        let scale: f64 = self.base.iter().sum();
        self.before.copy_from_slice(&self.base);
        for _ in 0..self.raking.options.max_rounds {
            let miss = self.round();
            if !miss.is_finite() {
                return false;
            }
            let is_done = match self.raking.options.convergence {
                Convergence::MarginMiss(limit) => miss < limit,
                Convergence::TableChange(part) => {
                    let change = |(new, old): (&f64, &mut f64)| {
                        let change = (new - *old).abs();
                        *old = *new;
                        change
                    };
                    let changes = self.fitted.iter().zip(&mut self.before).map(change);
                    changes.fold(0.0, f64::max) < part * scale
                }
            };
            if is_done {
                return true;
            }
        }
        false
    }

    fn sum_first(&mut self) {
        if let (Some(sums), Some(levels)) =
            (self.sums.first_mut(), self.raking.table.levels.first())
        {
            sums.fill(0.0);
            levels
                .iter()
                .zip(&self.fitted)
                .for_each(|(&level, value)| sums[level as usize] += value);
        }
    }

    /// One round over all margins; the largest relative miss that a margin had when its turn came.
    ///
    /// A pass scales a margin and sums the next one, so that a round reads the table once a margin.
    fn round(&mut self) -> f64 {
        let Raking { table, totals, .. } = self.raking;
        let mut largest = 0.0;
        for index in 0..totals.len() {
            let next = if index + 1 == totals.len() { 0 } else { index + 1 };
            for ((factor, &sum), &total) in
                self.factors.iter_mut().zip(&self.sums[index]).zip(&totals[index])
            {
                if total > 0.0 {
                    // Nobody left in a level that the population has: no weights meet it.
                    let miss = if sum > 0.0 { (sum - total).abs() / total } else { f64::INFINITY };
                    largest = if miss > largest || miss.is_nan() { miss } else { largest };
                }
                *factor = if sum > 0.0 { total / sum } else { 0.0 };
            }
            let sums = &mut self.sums[next];
            sums.fill(0.0);
            let cells = table.levels[index].iter().zip(&table.levels[next]);
            for ((&level, &next), value) in cells.zip(&mut self.fitted) {
                *value *= self.factors[level as usize];
                sums[next as usize] += *value;
            }
        }
        largest
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use crate::margin::tests::margin;
    use crate::rake::rake;

    fn margins() -> [Margin; 2] {
        let some = |totals: &[f64]| totals.iter().copied().map(Some).collect::<Vec<_>>();
        [
            margin("sex", &[0, 0, 1, 1, 0, 1], &some(&[60.0, 40.0])),
            margin("age", &[0, 1, 0, 1, 1, 2], &some(&[30.0, 50.0, 20.0])),
        ]
    }

    const BASE: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 0.5, 2.0];

    #[test]
    fn prepared_raking_gives_the_raked_weights() {
        let few = [margin("all", &[0; 6], &[Some(9.0)])];
        let zero = [1.0, 2.0, 3.0, 4.0, 0.0, 2.0];
        for (base, margins) in [(BASE, &margins()[..]), (zero, &margins()), (BASE, &few)] {
            for convergence in [Convergence::MarginMiss(1e-12), Convergence::TableChange(1e-13)] {
                let options = RakeOptions { convergence, ..RakeOptions::default() };
                let raking = Raking::new(&base, margins, options.clone()).unwrap();
                let mut fitter = raking.fitter();
                for _ in 0..2 {
                    let mut weights = base;
                    assert!(fitter.rake(&mut weights));
                    let expected = rake(&base, margins, &options).unwrap().weights;
                    for (found, expected) in weights.iter().zip(expected) {
                        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_replicate_without_anybody_in_a_level_is_told_and_left_as_it_was() {
        let margins = margins();
        let raking = Raking::new(&BASE, &margins, RakeOptions::default()).unwrap();
        let mut weights = [1.0, 2.0, 3.0, 4.0, 0.5, 0.0];
        assert!(!raking.fitter().rake(&mut weights));
        assert_eq!(weights, [1.0, 2.0, 3.0, 4.0, 0.5, 0.0]);
    }
}

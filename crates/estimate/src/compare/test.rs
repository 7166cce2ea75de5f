//! The test of a difference (or of any linear combination of figures): its interval at every level, and the p value that
//! belongs to it.
//!
//! Shares: MOVER (Zou and Donner 2008, Newcombe 1998), the ends of the difference from how far the published intervals of
//! the figures reach: L = d - √Σ r_ij s_i s_j δ_i δ_j with δ the reach towards the lower end, |c| times, s the sign of c
//! and r the correlation of the figures. p is where the interval just excludes 0. Means: t.

use config::IndicatorKind;

use super::block::Block;
use super::shares::{Shares, quadratic};
use crate::distribution::{student_of_tail, student_two_sided};
use crate::interval::{Interval, ProportionFacts};
use crate::tabulate::Figure;

/// Why a difference is not tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoTest {
    /// A figure is missing, has no error, or differs without any spread.
    NothingKnown,
    /// The variances and covariances do not belong together.
    NegativeVariance,
}

/// A difference with its test.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub estimate: f64,
    /// √c'Vc; NaN where a share of 0 or 1 takes part, whose variance is not known.
    pub standard_error: f64,
    /// Of means; NaN for shares, whose p follows from the interval.
    pub statistic: f64,
    pub degrees_of_freedom: f64,
    pub p: f64,
    reach: Reach,
}

/// How far the interval reaches at each level.
#[derive(Debug, Clone)]
enum Reach {
    /// t times the standard error.
    Student,
    Shares(Shares),
}

/// A variance below this part of the sum of the figures' own is rounding.
const ROUNDING: f64 = 1e-10;

/// Σ of `coefficients` × figures of each block.
pub(crate) fn test(
    kind: IndicatorKind,
    coefficients: &[f64],
    blocks: &[Block<'_>],
) -> Result<Test, NoTest> {
    let is_known = |figure: &&Figure| {
        figure.interval.0.is_finite()
            && figure.estimate.is_finite()
            && figure.degrees_of_freedom > 0.0
    };
    if !blocks.iter().all(|block| block.figures.iter().all(is_known)) {
        return Err(NoTest::NothingKnown);
    }
    let estimate = difference(coefficients, blocks);
    let spread = Spread::of(coefficients, blocks)?;
    let degrees_of_freedom = spread.degrees_of_freedom;
    let known = spread.variance > ROUNDING * spread.sum && spread.sum > 0.0;
    let standard_error = spread.variance.sqrt();
    if kind == IndicatorKind::Mean {
        let has_spread = |figure: &&Figure| figure.has_spread;
        let all = blocks.iter().all(|block| block.figures.iter().all(has_spread));
        if !(all && known && degrees_of_freedom > 0.0) {
            return Err(NoTest::NothingKnown);
        }
        let statistic = estimate / standard_error;
        let p = student_two_sided(statistic, degrees_of_freedom);
        let reach = Reach::Student;
        return Ok(Test { estimate, standard_error, statistic, degrees_of_freedom, p, reach });
    }
    let at_an_end =
        blocks.iter().flat_map(|block| &block.figures).any(|figure| figure.is_at_an_end());
    if !(at_an_end || known) {
        return Err(NoTest::NothingKnown);
    }
    let shares = Shares::of(coefficients, blocks);
    Ok(Test {
        estimate,
        standard_error: if at_an_end { f64::NAN } else { standard_error },
        statistic: f64::NAN,
        degrees_of_freedom,
        p: shares.p(estimate, estimate / standard_error),
        reach: Reach::Shares(shares),
    })
}

/// Σ of `coefficients` × figures, whether it can be tested or not.
pub(crate) fn difference(coefficients: &[f64], blocks: &[Block<'_>]) -> f64 {
    let of_block = |block: &Block<'_>| {
        let products = coefficients.iter().zip(&block.figures);
        block.weight * products.map(|(c, figure)| c * figure.estimate).sum::<f64>()
    };
    blocks.iter().map(of_block).sum()
}

/// Variance of a combination with its degrees of freedom.
struct Spread {
    variance: f64,
    /// Σ of the figures' own parts.
    sum: f64,
    degrees_of_freedom: f64,
}

impl Spread {
    fn of(coefficients: &[f64], blocks: &[Block<'_>]) -> Result<Self, NoTest> {
        let (mut variance, mut sum) = (0.0, 0.0);
        // Independent parts of the variance with their degrees of freedom.
        let mut parts: Vec<(f64, f64)> = Vec::new();
        for Block { figures, weight, together } in blocks {
            let error = |k: usize| weight * coefficients[k] * figures[k].error();
            let errors: Vec<f64> = (0..figures.len()).map(error).collect();
            let of_block = quadratic(&errors, &together.correlation);
            let own: f64 = errors.iter().map(|error| error * error).sum();
            if of_block < -ROUNDING * own {
                return Err(NoTest::NegativeVariance);
            }
            variance += of_block.max(0.0);
            sum += own;
            match together.degrees_of_freedom {
                Some(degrees) => parts.push((of_block.max(0.0), degrees)),
                None => parts.extend(
                    errors
                        .iter()
                        .zip(figures)
                        .map(|(error, figure)| (error * error, figure.degrees_of_freedom)),
                ),
            }
        }
        Ok(Self { variance, sum, degrees_of_freedom: satterthwaite(&parts) })
    }
}

/// Welch–Satterthwaite degrees of freedom of a sum of independent variances.
fn satterthwaite(parts: &[(f64, f64)]) -> f64 {
    if let [(_, degrees)] = parts {
        return *degrees;
    }
    let sum: f64 = parts.iter().map(|part| part.0).sum();
    if sum <= 0.0 {
        return parts.iter().map(|part| part.1).sum();
    }
    let squares = parts.iter().filter(|part| part.0 > 0.0);
    sum * sum / squares.map(|(variance, degrees)| variance * variance / degrees).sum::<f64>()
}

/// Numbers of a kept test before those of its reach.
const HEAD: usize = 5;

impl Test {
    /// All that decides it, as numbers: estimate, standard error, statistic, degrees of freedom and p; of shares also each
    /// figure (coefficient, proportion, variance, rows, degrees of freedom) and the correlation matrix, row by row.
    pub(crate) fn keep(&self) -> Vec<f64> {
        let mut numbers = vec![
            self.estimate,
            self.standard_error,
            self.statistic,
            self.degrees_of_freedom,
            self.p,
        ];
        if let Reach::Shares(Shares { terms, correlation }) = &self.reach {
            for (coefficient, facts) in terms {
                let ProportionFacts { proportion, variance, rows, degrees_of_freedom } = *facts;
                numbers.extend([
                    *coefficient,
                    proportion,
                    variance,
                    rows as f64,
                    degrees_of_freedom,
                ]);
            }
            numbers.extend(correlation.transpose().iter());
        }
        numbers
    }

    /// The test that was kept as these numbers.
    pub(crate) fn kept(numbers: &[f64]) -> Option<Self> {
        let (head, rest) = numbers.split_at_checked(HEAD)?;
        let reach =
            if rest.is_empty() { Reach::Student } else { Reach::Shares(Shares::kept(rest)?) };
        let [estimate, standard_error, statistic, degrees_of_freedom, p] = *head else {
            return None;
        };
        Some(Self { estimate, standard_error, statistic, degrees_of_freedom, p, reach })
    }

    /// Interval whose two-sided error is `tail`; it excludes 0 exactly where p < `tail`.
    pub(crate) fn interval(&self, tail: f64) -> Interval {
        self.at(tail).0
    }

    /// The interval, and the smallest difference, in the direction of this one, that would have been called at `tail`.
    pub(crate) fn at(&self, tail: f64) -> (Interval, f64) {
        let (below, above) = self.reach(tail);
        let (low, high) = (self.estimate - below, self.estimate + above);
        let reach = if self.estimate > 0.0 {
            below
        } else if self.estimate < 0.0 {
            above
        } else {
            below.max(above)
        };
        if self.p < tail {
            ((low, high), reach)
        } else {
            ((low.min(0.0), high.max(0.0)), reach.max(self.estimate.abs()))
        }
    }

    fn reach(&self, tail: f64) -> (f64, f64) {
        match &self.reach {
            Reach::Student => {
                let half = student_of_tail(tail, self.degrees_of_freedom) * self.standard_error;
                (half, half)
            }
            Reach::Shares(shares) => shares.reach(tail),
        }
    }
}

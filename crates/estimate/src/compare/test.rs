//! The test of a difference (or of any linear combination of figures): its interval at every level, and the p value that
//! belongs to it.
//!
//! Shares: MOVER (Zou and Donner 2008, Newcombe 1998), the ends of the difference from how far the published intervals of
//! the figures reach: L = d - √Σ r_ij s_i s_j δ_i δ_j with δ the reach towards the lower end, |c| times, s the sign of c
//! and r the correlation of the figures. p is where the interval just excludes 0. Means: t.

use config::IndicatorKind;
use nalgebra::DMatrix;

use crate::distribution::{student_of_tail, student_two_sided};
use crate::interval::{Interval, ProportionFacts, share_reach};
use crate::tabulate::Figure;

/// Figures of one panel that may share respondents, as they enter a comparison.
pub(crate) struct Block<'f> {
    pub figures: Vec<&'f Figure>,
    /// What the block counts: 1, or 1/k for the mean of k panels.
    pub weight: f64,
    pub together: Together,
}

/// What figures of one panel have in common.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Together {
    pub correlation: DMatrix<f64>,
    /// PSUs of the union minus its strata; none where the figures share nobody: Welch and Satterthwaite.
    pub degrees_of_freedom: Option<f64>,
}

impl Together {
    /// Figures of samples that have nothing in common.
    pub(crate) fn independent(figures: usize) -> Self {
        Self { correlation: DMatrix::identity(figures, figures), degrees_of_freedom: None }
    }
}

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

/// The figures of a comparison of shares.
#[derive(Debug, Clone)]
struct Shares {
    /// Coefficient and facts of each figure.
    terms: Vec<(f64, ProportionFacts)>,
    correlation: DMatrix<f64>,
}

/// A variance below this part of the sum of the figures' own is rounding.
const ROUNDING: f64 = 1e-10;
/// A standard error below this part of the scale of its figure is rounding.
const NO_ERROR: f64 = 1e-7;

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

impl Figure {
    /// A share of nobody or everybody: its estimated variance of 0 says nothing.
    pub(crate) fn is_at_an_end(&self) -> bool {
        self.n_yes.is_some_and(|yes| yes == 0 || yes == self.n)
    }

    /// Standard error without what is rounding.
    fn error(&self) -> f64 {
        let scale = self.estimate.abs().min(1.0);
        if self.standard_error > NO_ERROR * scale { self.standard_error } else { 0.0 }
    }

    fn share(&self) -> ProportionFacts {
        let is_all = self.n_yes == Some(self.n);
        let ends = if is_all { 1.0 } else { 0.0 };
        ProportionFacts {
            proportion: if self.is_at_an_end() { ends } else { self.estimate.clamp(0.0, 1.0) },
            variance: self.error().powi(2),
            rows: self.n as usize,
            degrees_of_freedom: self.degrees_of_freedom,
        }
    }
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

/// x'Rx.
fn quadratic(x: &[f64], correlation: &DMatrix<f64>) -> f64 {
    let row = |a: usize| (0..x.len()).map(|b| correlation[(a, b)] * x[b]).sum::<f64>();
    (0..x.len()).map(|a| x[a] * row(a)).sum()
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
/// Numbers of a kept figure.
const TERM: usize = 5;

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

impl Shares {
    fn kept(numbers: &[f64]) -> Option<Self> {
        let size = (1..=numbers.len()).find(|k| k * (TERM + k) >= numbers.len())?;
        if size * (TERM + size) != numbers.len() {
            return None;
        }
        let (terms, correlation) = numbers.split_at(size * TERM);
        let term = |term: &[f64]| {
            let facts = ProportionFacts {
                proportion: term[1],
                variance: term[2],
                rows: term[3] as usize,
                degrees_of_freedom: term[4],
            };
            (term[0], facts)
        };
        let correlation = DMatrix::from_row_slice(size, size, correlation);
        Some(Self { terms: terms.chunks_exact(TERM).map(term).collect(), correlation })
    }

    fn of(coefficients: &[f64], blocks: &[Block<'_>]) -> Self {
        let mut terms = Vec::new();
        let size = coefficients.len() * blocks.len();
        let mut correlation = DMatrix::identity(size, size);
        for Block { figures, weight, together } in blocks {
            let first = terms.len();
            for (k, (coefficient, figure)) in coefficients.iter().zip(figures).enumerate() {
                for (other, before) in figures[..k].iter().enumerate() {
                    // Without a variance of its own a share of 0 or 1 has no correlation.
                    let defined = !(figure.is_at_an_end() || before.is_at_an_end());
                    let value = if defined { together.correlation[(k, other)] } else { 0.0 };
                    correlation[(first + k, first + other)] = value;
                    correlation[(first + other, first + k)] = value;
                }
                terms.push((weight * coefficient, figure.share()));
            }
        }
        Self { terms, correlation }
    }

    /// How far the interval reaches below and above the difference.
    fn reach(&self, tail: f64) -> (f64, f64) {
        // Many figures have the same degrees of freedom: of one panel, or of one set of replicates.
        let mut last = (f64::NAN, f64::NAN);
        self.reach_at(
            || tail,
            |degrees_of_freedom| {
                if last.0 != degrees_of_freedom {
                    last = (degrees_of_freedom, student_of_tail(tail, degrees_of_freedom));
                }
                last.1
            },
        )
    }

    /// `tail`: the two-sided error, `t`: its t quantile for degrees of freedom; both are made where they are needed.
    fn reach_at(&self, tail: impl Fn() -> f64, mut t: impl FnMut(f64) -> f64) -> (f64, f64) {
        let reach = |(_, facts): &(f64, ProportionFacts)| {
            share_reach(*facts, &tail, || t(facts.degrees_of_freedom))
        };
        let reaches: Vec<(f64, f64)> = self.terms.iter().map(reach).collect();
        let towards = |lower: bool| {
            let of_term = |((coefficient, _), (below, above)): (&(f64, _), &(f64, f64))| {
                coefficient * if lower == (*coefficient > 0.0) { *below } else { *above }
            };
            let signed: Vec<f64> = self.terms.iter().zip(&reaches).map(of_term).collect();
            quadratic(&signed, &self.correlation).max(0.0).sqrt()
        };
        (towards(true), towards(false))
    }

    /// The largest two-sided error at which the interval holds 0, near that of `statistic`.
    fn p(&self, estimate: f64, statistic: f64) -> f64 {
        /// First step of the search, on the scale of t.
        const STEP: f64 = 0.5;
        /// An error below this is none.
        const NONE: f64 = 1e-315;
        // The search is for the t of the first figure whose reach follows from one; figures at an end have none.
        let is_inside = |share: f64| share > 0.0 && share < 1.0;
        let inside = self.terms.iter().find(|(_, facts)| is_inside(facts.proportion));
        let own = inside.map_or(f64::INFINITY, |(_, facts)| facts.degrees_of_freedom);
        let tail_of = |t: f64| student_two_sided(t, own);
        let excess = |t: f64| {
            let of = |degrees_of_freedom: f64| {
                let is_own = degrees_of_freedom == own;
                if is_own { t } else { student_of_tail(tail_of(t), degrees_of_freedom) }
            };
            let (below, above) = self.reach_at(|| tail_of(t), of);
            if estimate > 0.0 { below - estimate } else { above + estimate }
        };
        if estimate == 0.0 {
            return 1.0;
        }
        let mut outside =
            if statistic.is_finite() { (statistic.abs() - STEP / 2.0).max(0.0) } else { 0.0 };
        let mut before = excess(outside);
        while before >= 0.0 {
            if outside == 0.0 {
                return 1.0;
            }
            outside = (outside / 2.0 - STEP).max(0.0);
            before = excess(outside);
        }
        let mut step = STEP;
        let (inside, after) = loop {
            if tail_of(outside) < NONE {
                return 0.0;
            }
            let next = outside + step;
            let found = excess(next);
            if found >= 0.0 {
                break (next, found);
            }
            (outside, before) = (next, found);
            step *= 2.0;
        };
        tail_of(root(excess, (outside, before), (inside, after)))
    }
}

/// Where `excess` turns from below 0 to 0 or more: false position in the manner of Illinois.
pub(super) fn root(
    excess: impl Fn(f64) -> f64,
    (mut low, mut below): (f64, f64),
    (mut high, mut above): (f64, f64),
) -> f64 {
    let mut last_was_low = None;
    for _ in 0..100 {
        if high - low <= 1e-12 * high || above == 0.0 {
            break;
        }
        let between = low - below * (high - low) / (above - below);
        let middle =
            if between > low && between < high { between } else { f64::midpoint(low, high) };
        let found = excess(middle);
        if found >= 0.0 {
            (high, above) = (middle, found);
            if last_was_low == Some(false) {
                below /= 2.0;
            }
            last_was_low = Some(false);
        } else {
            (low, below) = (middle, found);
            if last_was_low == Some(true) {
                above /= 2.0;
            }
            last_was_low = Some(true);
        }
        if found.abs() < 1e-15 {
            return middle;
        }
    }
    high
}

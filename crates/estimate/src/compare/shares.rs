//! How far the interval of a difference of shares reaches, and where it just excludes 0.

use nalgebra::DMatrix;

use super::block::Block;
use crate::distribution::{student_of_tail, student_two_sided};
use crate::interval::{ProportionFacts, share_reach};

/// The figures of a comparison of shares.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    /// Coefficient and facts of each figure.
    pub terms: Vec<(f64, ProportionFacts)>,
    pub correlation: DMatrix<f64>,
}

/// Numbers of a kept figure.
const TERM: usize = 5;

/// x'Rx.
pub(super) fn quadratic(x: &[f64], correlation: &DMatrix<f64>) -> f64 {
    let row = |a: usize| (0..x.len()).map(|b| correlation[(a, b)] * x[b]).sum::<f64>();
    (0..x.len()).map(|a| x[a] * row(a)).sum()
}

impl Shares {
    pub fn kept(numbers: &[f64]) -> Option<Self> {
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

    pub fn of(coefficients: &[f64], blocks: &[Block<'_>]) -> Self {
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
    pub fn reach(&self, tail: f64) -> (f64, f64) {
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
    pub fn p(&self, estimate: f64, statistic: f64) -> f64 {
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
            let tail = tail_of(outside);
            if tail.is_nan() || tail < NONE {
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

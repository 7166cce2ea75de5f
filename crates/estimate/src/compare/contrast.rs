//! Differences between the levels of a breakdown within one wave, all pairs.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::block::{Block, Together};
use super::family::{Decision, decide, side};
use super::test::{NoTest, Test, difference, test};
use crate::tabulate::{Figure, Plan, Series, Status, WaveErrors};

/// `level_b - level_a` of one indicator in one wave; levels by position.
pub(crate) struct LevelContrast {
    pub indicator: usize,
    pub wave: usize,
    pub cut: usize,
    pub levels: [usize; 2],
    pub difference: f64,
    pub test: Option<Test>,
    pub decision: Option<Decision>,
    /// Its variance is negative.
    pub is_negative: bool,
}

impl LevelContrast {
    /// What is said of `level_b`.
    pub(crate) fn call(&self) -> &'static str {
        side(self.decision, self.difference)
    }
}

/// All pairs of levels with answers of every indicator, wave and breakdown, p adjusted within these three.
pub(crate) fn contrasts(
    plan: &Plan<'_>,
    all: &[Series],
    wave: usize,
    errors: &WaveErrors,
    strata: usize,
) -> Vec<LevelContrast> {
    let of_cut = |of_cut: &[Series]| {
        let (indicator, cut) = (of_cut[0].indicator, of_cut[0].cut);
        let Some(covariance) = errors.covariance(indicator, cut).filter(|_| of_cut.len() > 1)
        else {
            return Vec::new();
        };
        let answered: Vec<(usize, &Figure)> = of_cut
            .iter()
            .filter_map(|series| series.figures[wave].as_ref().map(|figure| (series.level, figure)))
            .filter(|(_, figure)| figure.status == Status::Estimated)
            .collect();
        let mut family = Vec::new();
        for (k, &(a, first)) in answered.iter().enumerate() {
            for &(b, second) in &answered[k + 1..] {
                let respondents = (first.n + second.n, strata);
                let degrees = errors.pair_degrees((indicator, cut), [a, b], respondents);
                let together = Together {
                    correlation: correlation(covariance, [a, b]),
                    degrees_of_freedom: Some(degrees),
                };
                let block = Block { figures: vec![first, second], weight: 1.0, together };
                family.push(pair(plan, (indicator, wave, cut), [a, b], &block));
            }
        }
        decide_family(plan, &mut family);
        family
    };
    let by_cut = all.par_chunk_by(|a, b| (a.indicator, a.cut) == (b.indicator, b.cut));
    by_cut.flat_map_iter(of_cut).collect()
}

fn pair(
    plan: &Plan<'_>,
    (indicator, wave, cut): (usize, usize, usize),
    levels: [usize; 2],
    block: &Block<'_>,
) -> LevelContrast {
    let (coefficients, blocks) = ([-1.0, 1.0], std::slice::from_ref(block));
    let tested = test(plan.indicators[indicator].kind, &coefficients, blocks);
    LevelContrast {
        indicator,
        wave,
        cut,
        levels,
        difference: difference(&coefficients, blocks),
        is_negative: tested.as_ref().err() == Some(&NoTest::NegativeVariance),
        test: tested.ok(),
        decision: None,
    }
}

fn correlation(covariance: &DMatrix<f64>, [a, b]: [usize; 2]) -> DMatrix<f64> {
    let scale = (covariance[(a, a)] * covariance[(b, b)]).sqrt();
    let value = if scale > 0.0 { covariance[(a, b)] / scale } else { 0.0 };
    DMatrix::from_row_slice(2, 2, &[1.0, value, value, 1.0])
}

fn decide_family(plan: &Plan<'_>, family: &mut [LevelContrast]) {
    let tests: Vec<(&Test, bool)> =
        family.iter().filter_map(|pair| pair.test.as_ref().map(|test| (test, false))).collect();
    let mut decisions = decide(&tests, plan.significance()).into_iter();
    for pair in family.iter_mut().filter(|pair| pair.test.is_some()) {
        pair.decision = decisions.next();
    }
}

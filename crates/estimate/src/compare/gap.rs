//! Differences of pairs of indicators within one wave, in one sample: the same rule as for any comparison.

use std::collections::BTreeMap;

use config::IndicatorKind;
use rayon::prelude::*;

use super::block::Block;
use super::family::{Decision, decide, side};
use super::test::{NoTest, Test, difference, test};
use crate::tabulate::{Figure, Plan, Series, Status};

/// One gap in one wave; `series` and `wave` by position.
pub(crate) struct GapTest {
    pub series: usize,
    pub wave: usize,
    pub difference: f64,
    pub test: Option<Test>,
    pub decision: Option<Decision>,
    /// Its variance is negative.
    pub is_negative: bool,
}

impl GapTest {
    /// What is said of the indicator from which is taken off.
    pub(crate) fn call(&self) -> &'static str {
        side(self.decision, self.difference)
    }
}

/// Both figures of a gap in a wave, a block a panel.
pub(crate) type Sides<'f> = dyn Fn(usize, usize) -> Vec<Block<'f>> + Sync + 'f;

/// All gaps with answers, p adjusted within gap, wave and breakdown; `kinds`: how each indicator of the plan is tested.
pub(crate) fn gap_tests(
    plan: &Plan<'_>,
    kinds: &[IndicatorKind],
    all: &[Series],
    sides: &Sides<'_>,
) -> Vec<GapTest> {
    let of_series = |(position, series): (usize, &Series)| {
        let of_wave = |(wave, figure): (usize, &Option<Figure>)| {
            let figure = figure.as_ref().filter(|one| one.status == Status::Estimated)?;
            let (coefficients, blocks) = ([-1.0, 1.0], sides(position, wave));
            let tested = test(kinds[series.indicator], &coefficients, &blocks);
            let tested = if blocks.is_empty() { Err(NoTest::NothingKnown) } else { tested };
            let sum = difference(&coefficients, &blocks);
            Some(GapTest {
                series: position,
                wave,
                difference: if blocks.is_empty() { figure.estimate } else { sum },
                is_negative: tested.as_ref().err() == Some(&NoTest::NegativeVariance),
                test: tested.ok(),
                decision: None,
            })
        };
        series.figures.iter().enumerate().filter_map(of_wave).collect::<Vec<_>>()
    };
    let mut found: Vec<GapTest> = all.par_iter().enumerate().flat_map_iter(of_series).collect();
    decide_families(plan, all, &mut found);
    found
}

fn decide_families(plan: &Plan<'_>, all: &[Series], tests: &mut [GapTest]) {
    let mut families: BTreeMap<(&str, usize, usize), Vec<usize>> = BTreeMap::new();
    for (position, gap) in tests.iter().enumerate().filter(|(_, gap)| gap.test.is_some()) {
        let series = &all[gap.series];
        let name = plan.pairs[series.indicator].gap.as_str();
        families.entry((name, gap.wave, series.cut)).or_default().push(position);
    }
    for members in families.into_values() {
        let family: Vec<(&Test, bool)> = members
            .iter()
            .filter_map(|&at| tests[at].test.as_ref().map(|test| (test, false)))
            .collect();
        let decisions = decide(&family, plan.significance());
        for (at, decision) in members.into_iter().zip(decisions) {
            tests[at].decision = Some(decision);
        }
    }
}

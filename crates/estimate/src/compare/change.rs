//! Change of every figure against the wave before, the first wave and over all waves, called increased, stable or decreased.

use std::collections::BTreeMap;

use config::Indicator;
use rayon::prelude::*;
use survey::Wave;

use super::block::Block;
use super::family::{Decision, decide};
use super::overlap::Sharing;
use super::test::{NoTest, Test, difference, test};
use crate::contrast::trend_coefficients;
use crate::tabulate::{Figure, Plan, Series};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Against {
    PreviousWave,
    FirstWave,
    /// The slope over all comparable waves.
    Trend,
}

impl Against {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PreviousWave => "previous_wave",
            Self::FirstWave => "first_wave",
            Self::Trend => "trend",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Increased,
    Stable,
    Decreased,
    NoTest,
    NotComparable,
}

impl Call {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Increased => "increased",
            Self::Stable => "stable",
            Self::Decreased => "decreased",
            Self::NoTest => "no_test",
            Self::NotComparable => "not_comparable",
        }
    }
}

/// One figure against earlier ones; waves by position.
pub(crate) struct Change {
    pub series: usize,
    pub wave: usize,
    pub against: Against,
    pub reference: usize,
    /// NaN where it cannot be told.
    pub difference: f64,
    pub test: Option<Test>,
    pub decision: Option<Decision>,
    pub call: Call,
    pub sharing: Sharing,
    /// Against the first wave where that is the wave before: the same test twice.
    pub is_duplicate: bool,
    /// Its variance is negative.
    pub is_negative: bool,
}

/// Figures of a series in some waves, as they enter a comparison, and what these waves share.
pub(crate) type Joint<'j> = dyn Fn(usize, &[usize]) -> (Vec<Block<'j>>, Sharing) + Sync + 'j;

/// All changes by series, wave and reference.
pub(crate) fn changes(plan: &Plan<'_>, all: &[Series], joint: &Joint<'_>) -> Vec<Change> {
    let of_series = |(position, series): (usize, &Series)| {
        let mut changes = Vec::new();
        let waves = asked(series);
        for pair in waves.windows(2) {
            let [before, wave] = [pair[0], pair[1]];
            let new = |against, reference| {
                let is_broken = plan.is_broken(series, reference, wave);
                let compared = [reference, wave];
                let mut change = Change::new((position, wave), against, reference);
                change.measure(plan, series, (&compared, is_broken), joint);
                change
            };
            changes.push(new(Against::PreviousWave, before));
            let mut first = new(Against::FirstWave, waves[0]);
            first.is_duplicate = waves[0] == before;
            changes.push(first);
        }
        if let (Some(&last), true) = (waves.last(), waves.len() >= FEWEST) {
            let run = run(plan, series);
            let is_broken = run.len() < FEWEST;
            let reference = if is_broken { waves[0] } else { run[0] };
            let mut trend = Change::new((position, last), Against::Trend, reference);
            trend.measure(plan, series, (&run, is_broken), joint);
            changes.push(trend);
        }
        changes
    };
    let mut changes: Vec<Change> = all.par_iter().enumerate().flat_map_iter(of_series).collect();
    adjust_and_call(plan, all, &mut changes);
    changes
}

/// Waves that make a trend: of two it would be the change against the wave before.
const FEWEST: usize = 3;

/// Waves in which the series was asked, by position.
fn asked(series: &Series) -> Vec<usize> {
    let asked = |&at: &usize| series.figures[at].as_ref().is_some_and(Figure::is_asked);
    (0..series.figures.len()).filter(asked).collect()
}

/// Waves up to the last that are comparable with it, one after the other.
fn run(plan: &Plan<'_>, series: &Series) -> Vec<usize> {
    let mut run: Vec<usize> = Vec::new();
    for wave in asked(series).into_iter().rev() {
        if run.last().is_some_and(|&after| plan.is_broken(series, wave, after)) {
            break;
        }
        run.push(wave);
    }
    run.reverse();
    run
}

/// Pairs of waves of a series that are compared, and the waves of its trend (none for fewer than three).
pub(crate) fn waves_compared(
    plan: &Plan<'_>,
    series: &Series,
) -> (Vec<(usize, usize)>, Vec<usize>) {
    let waves = asked(series);
    let mut run = run(plan, series);
    if run.len() < FEWEST {
        run.clear();
    }
    let steps = waves.windows(2).flat_map(|pair| [(pair[0], pair[1]), (waves[0], pair[1])]);
    let of_run = |(k, &first): (usize, &usize)| run[k + 1..].iter().map(move |&next| (first, next));
    let mut pairs: Vec<(usize, usize)> = steps
        .filter(|&(from, to)| !plan.is_broken(series, from, to))
        .chain(run.iter().enumerate().flat_map(of_run))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    (pairs, run)
}

impl Change {
    fn new((series, wave): (usize, usize), against: Against, reference: usize) -> Self {
        Self {
            series,
            wave,
            against,
            reference,
            difference: f64::NAN,
            test: None,
            decision: None,
            call: Call::NotComparable,
            sharing: Sharing::Independent,
            is_duplicate: false,
            is_negative: false,
        }
    }

    fn measure(
        &mut self,
        plan: &Plan<'_>,
        series: &Series,
        (waves, is_broken): (&[usize], bool),
        joint: &Joint<'_>,
    ) {
        let (blocks, sharing) = joint(self.series, waves);
        self.sharing = sharing;
        if is_broken {
            return;
        }
        let coefficients = self.coefficients(plan, waves);
        self.difference = difference(&coefficients, &blocks);
        let kind = plan.indicators[series.indicator].kind;
        let tested = test(kind, &coefficients, &blocks);
        self.is_negative = tested.as_ref().err() == Some(&NoTest::NegativeVariance);
        self.test = tested.ok();
        self.call = Call::NoTest;
    }

    fn coefficients(&self, plan: &Plan<'_>, waves: &[usize]) -> Vec<f64> {
        if self.against != Against::Trend {
            return vec![-1.0, 1.0];
        }
        let numbers: Vec<Wave> = waves.iter().map(|&at| plan.waves[at]).collect();
        trend_coefficients(&times(&numbers)).unwrap_or_default()
    }
}

/// Waves on the axis of time: years as they are; numbers of another kind, such as 202411, one step apart.
fn times(waves: &[Wave]) -> Vec<f64> {
    const YEARS: std::ops::RangeInclusive<Wave> = 1900..=2200;
    if waves.iter().all(|wave| YEARS.contains(wave)) {
        waves.iter().map(|wave| f64::from(*wave)).collect()
    } else {
        (0..waves.len()).map(|place| place as f64).collect()
    }
}

/// Adjusts p within panel, wave, breakdown and reference, once; then calls.
fn adjust_and_call(plan: &Plan<'_>, all: &[Series], changes: &mut [Change]) {
    let mut families: BTreeMap<(usize, usize, Against), Vec<usize>> = BTreeMap::new();
    for (position, change) in changes.iter().enumerate() {
        if change.call == Call::NoTest && change.test.is_some() {
            let cut = all[change.series].cut;
            families.entry((change.wave, cut, change.against)).or_default().push(position);
        }
    }
    let families: Vec<Vec<usize>> = families.into_values().collect();
    let decided = |members: &Vec<usize>| {
        let test = |&at: &usize| {
            let change: &Change = &changes[at];
            change.test.as_ref().map(|test| (test, is_equal_as_published(plan, all, change)))
        };
        decide(&members.iter().filter_map(test).collect::<Vec<_>>(), plan.significance())
    };
    let decisions: Vec<Vec<Decision>> = families.par_iter().map(decided).collect();
    for (members, decisions) in families.into_iter().zip(decisions) {
        for (at, decision) in members.into_iter().zip(decisions) {
            let change = &mut changes[at];
            change.decision = Some(decision);
            change.call = match (decision.is_called, change.difference > 0.0) {
                (false, _) => Call::Stable,
                (true, true) => Call::Increased,
                (true, false) => Call::Decreased,
            };
        }
    }
}

/// The setting asks that such a change is not called.
fn is_equal_as_published(plan: &Plan<'_>, all: &[Series], change: &Change) -> bool {
    let series = &all[change.series];
    let rounded = |at: usize| {
        let figure = series.figures[at].as_ref();
        figure.map(|figure| rounded(figure.estimate, plan.indicators[series.indicator]))
    };
    // A trend is no difference between its ends.
    plan.significance().equal_when_rounded_is_stable
        && change.against != Against::Trend
        && rounded(change.reference) == rounded(change.wave)
}

/// The figure as published, half away from zero, in units of its last decimal.
fn rounded(estimate: f64, indicator: &Indicator) -> f64 {
    /// Sums of weights end a hair below the half that they mean.
    const HAIR: f64 = 1e-9;
    let unit = if indicator.unit == "percent" { 100.0 } else { 1.0 };
    let scaled = estimate * unit * 10_f64.powi(indicator.decimals as i32);
    (scaled + HAIR.copysign(scaled)).round()
}

//! Differences of pairs of indicators: who answers both is compared with himself.
//!
//! The difference D = b - a of two means of one sample is a mean itself, of y = D + W u: u is the difference of the influence
//! values (y - mean) / Σw of a respondent on both, W the sum of the weights of those who are in either base. So its error, its
//! change and what it shares with other waves are those of any mean (linearisation; Woodruff 1971). Where the weights have
//! replicates, these are of the linearised difference.

use std::sync::Arc;

use config::{Indicator, IndicatorKind};
use nalgebra::DMatrix;
use rayon::prelude::*;
use survey::design::NO_CODE;

use crate::compare::{Block, Together, gap_tests};
use crate::computed::{Computed, Shared, in_order};
use crate::measure::{Gaps, Measure};
use crate::sample::{Column, Refusal, Sample};
use crate::tabulate::{Codes, Cut, Figure, Plan, Series, Side, Status, Values, WaveErrors};

/// Pairs of figures of a plan, of which the differences are figures of a plan of their own.
pub(crate) struct Pairs<'a> {
    /// An indicator a pair and cut.
    pub plan: Plan<'a>,
    /// Of each of these: what is taken off, and from what.
    sides: Vec<[Side; 2]>,
    /// How the figures of each are tested.
    pub kinds: Vec<IndicatorKind>,
}

impl<'a> Pairs<'a> {
    /// Pairs of indicators, each in every breakdown that both have; `plan` of the figures.
    pub(crate) fn new(plan: &Plan<'a>) -> Self {
        let mut pairs = Self::none(plan, plan.cuts.clone());
        for (pair, [minus, own]) in plan.pairs_of_indicators() {
            for &cut in plan.cuts_of[own].iter().filter(|cut| plan.cuts_of[minus].contains(cut)) {
                pairs.plan.pairs.push(pair);
                let sides = [minus, own].map(|indicator| Side { indicator, cut, level: None });
                pairs.add(plan, &pair.difference, cut, sides);
            }
        }
        pairs
    }

    /// Pairs of levels of the breakdowns in which an indicator is followed, the first of them taken off.
    pub(crate) fn of_levels(plan: &Plan<'a>) -> Self {
        let mut pairs = Self::none(plan, Vec::new());
        let mut known: Vec<(usize, usize)> = Vec::new();
        for followed in plan.panels.iter().flat_map(|panel| &panel.followed) {
            let name = &followed.difference.indicator;
            let indicator = plan.indicators.iter().position(|own| own.indicator == *name);
            let cut = plan.cuts.iter().position(|own| own.name == followed.breakdown);
            let Some((indicator, cut)) = indicator.zip(cut) else { continue };
            if known.contains(&(indicator, cut)) || !plan.cuts_of[indicator].contains(&cut) {
                continue;
            }
            known.push((indicator, cut));
            let levels = &plan.cuts[cut].levels;
            for first in 0..levels.len() {
                for second in first + 1..levels.len() {
                    let names = [first, second].map(|level| levels[level].clone());
                    pairs
                        .plan
                        .cuts
                        .push(Cut { levels: vec![names.join("|")], ..plan.cuts[cut].clone() });
                    pairs.plan.levels.push(names);
                    let side = |level| Side { indicator, cut, level: Some(level) };
                    let own = pairs.plan.cuts.len() - 1;
                    pairs.add(plan, &followed.difference, own, [side(first), side(second)]);
                }
            }
        }
        pairs
    }

    fn none(plan: &Plan<'a>, cuts: Vec<Cut>) -> Self {
        let (indicators, concepts) = (Vec::new(), Vec::new());
        let plan = Plan { indicators, cuts, cuts_of: Vec::new(), concepts, ..plan.clone() };
        Self { plan, sides: Vec::new(), kinds: Vec::new() }
    }

    fn add(&mut self, figures: &Plan<'a>, difference: &'a Indicator, cut: usize, sides: [Side; 2]) {
        let kinds = sides.map(|side| figures.indicators[side.indicator].kind);
        let is_mean = kinds.contains(&IndicatorKind::Mean);
        self.plan.indicators.push(difference);
        self.plan.cuts_of.push(vec![cut]);
        let mut concepts = sides.map(|side| figures.concepts[side.indicator].clone()).concat();
        concepts.dedup();
        self.plan.concepts.push(concepts);
        self.sides.push(sides);
        let kind = if is_mean { IndicatorKind::Mean } else { IndicatorKind::Proportion };
        self.kinds.push(kind);
    }

    /// The same pairs for one of the panels alone.
    pub(crate) fn of_panel(&self, panel: usize) -> Self {
        let (sides, kinds) = (self.sides.clone(), self.kinds.clone());
        Self { plan: self.plan.of_panel(panel), sides, kinds }
    }

    pub(crate) fn compute<'s>(&self, figures: &Computed<'s>) -> Result<Paired<'s>, Refusal> {
        let of_wave = |at: usize| {
            let (Some(sample), Some(own), Some(known)) =
                (&figures.samples[at], &figures.values[at], &figures.errors[at])
            else {
                return Ok((None, None));
            };
            let values = self.values(sample, own, known);
            let errors = known.of_differences(&self.plan, sample, &values, &self.sides)?;
            Ok((Some(values), Some(errors)))
        };
        let waves = (0..figures.samples.len()).into_par_iter();
        let (values, errors) = in_order(waves.map(of_wave).collect())?.into_iter().unzip();
        let mut paired = Paired {
            computed: Computed { samples: figures.samples, values, errors, series: Vec::new() },
            sides: PairedSides::default(),
        };
        for (pair, cut, level) in self.plan.cells() {
            let side = |side: Side| {
                let place = (side.indicator, side.cut, side.level.unwrap_or(level));
                let is_it = |one: &Series| (one.indicator, one.cut, one.level) == place;
                figures.series.iter().position(is_it)
            };
            let [minus, own] = self.sides[pair].map(side);
            let (Some(minus), Some(own)) = (minus, own) else { continue };
            let place = (pair, cut, level);
            let waves = (0..self.plan.waves.len()).map(|wave| {
                let sides = [minus, own].map(|side| figures.series[side].figures[wave].as_ref());
                let [Some(first), Some(second)] = sides else { return (None, None) };
                let cell = paired.computed.errors[wave].as_ref();
                let cell = cell.and_then(|errors| errors.cell(pair, cut, level));
                let figure = self.figure([first, second], cell);
                let together = together([first, second], &figure);
                (Some(figure), together)
            });
            let (of_waves, together) = waves.unzip();
            let (indicator, cut, level) = place;
            paired.computed.series.push(Series { indicator, cut, level, figures: of_waves });
            paired.sides.together.push(together);
            paired.sides.series.push([minus, own]);
        }
        self.plan.judge(&mut paired.computed.series);
        Ok(paired)
    }

    /// The differences of each respondent.
    fn values(&self, sample: &Sample<'_>, own: &Values, errors: &WaveErrors) -> Values {
        let codes = self.codes(own);
        let column = |pair: usize| {
            let (cut, sides) = (self.plan.cuts_of[pair][0], self.sides[pair]);
            let answers = |side: Side| {
                let column = own.columns[side.indicator].as_ref()?;
                Some(Answers { column, codes: own.codes[side.cut].as_ref()?, level: side.level })
            };
            let mean = |side: Side, level: usize| {
                let cell = errors.cell(side.indicator, side.cut, side.level.unwrap_or(level))?;
                Some([cell.mean, cell.weight_sum])
            };
            let both = [answers(sides[0])?, answers(sides[1])?];
            let levels = 0..self.plan.cuts[cut].levels.len();
            let means: Vec<[[f64; 2]; 2]> = levels
                .map(|level| Some([mean(sides[0], level)?, mean(sides[1], level)?]))
                .collect::<Option<_>>()?;
            let codes = codes[cut].as_ref()?;
            Some(differences(sample.weights(), &both, codes, &means))
        };
        let pairs = (0..self.plan.indicators.len()).into_par_iter();
        let columns = pairs.map(column).collect();
        Values { columns, codes }
    }

    /// Level of each respondent: that of the figures, or of a pair of levels whether he is in one of them.
    fn codes(&self, own: &Values) -> Codes {
        if self.plan.levels.is_empty() {
            return Arc::clone(&own.codes);
        }
        let of_pair = |sides: &[Side; 2]| {
            let codes = own.codes[sides[0].cut].as_ref()?;
            let is_in = |code: &u32| sides.iter().any(|side| side.level == Some(*code as usize));
            Some(codes.iter().map(|code| if is_in(code) { 0 } else { NO_CODE }).collect())
        };
        Arc::new(self.sides.par_iter().map(of_pair).collect())
    }

    fn figure(&self, sides: [&Figure; 2], cell: Option<&crate::kernel::Cell>) -> Figure {
        let panels = &sides[0].panels & &sides[1].panels;
        let is_asked = sides.iter().all(|side| side.is_asked()) && !panels.is_empty();
        let (Some(cell), true) = (cell, is_asked) else { return Figure::not_asked() };
        let confidence = self.plan.confidence();
        let mut figure = Figure::of(cell, IndicatorKind::Mean, confidence);
        figure.estimate = sides[1].estimate - sides[0].estimate;
        figure.interval = figure.interval_of(IndicatorKind::Mean, confidence);
        // The variance of a share of nobody or everybody is not known, and so is not that of the difference.
        figure.has_spread &= !sides.iter().any(|side| side.is_at_an_end());
        figure.n_sample = sides[1].n_sample;
        figure.status = Status::of_base(sides[0].n.min(sides[1].n));
        figure.panels = panels;
        figure
    }
}

/// What respondents answered to one figure of a pair.
struct Answers<'a> {
    column: &'a Column,
    codes: &'a [u32],
    /// None: whichever level.
    level: Option<usize>,
}

impl Answers<'_> {
    /// NaN outside the base or the level.
    fn value(&self, row: usize) -> f64 {
        let is_in = self.level.is_none_or(|level| self.codes[row] == level as u32);
        if is_in { self.column.value(row) } else { f64::NAN }
    }
}

/// y = D + W u of each respondent, NaN outside both bases; `means`: of each level the mean and the sum of the weights of both.
fn differences(
    weights: &[f64],
    sides: &[Answers<'_>; 2],
    codes: &[u32],
    means: &[[[f64; 2]; 2]],
) -> Column {
    let difference = |size: f64, level: usize, answers: [f64; 2]| {
        let influence = |side: usize| {
            let ([mean, size], y) = (means[level][side], answers[side]);
            if y.is_nan() { 0.0 } else { (y - mean) / size }
        };
        let own = means[level][1][0] - means[level][0][0];
        own + size * (influence(1) - influence(0))
    };
    if let [Column::Binary(first), Column::Binary(second)] =
        sides.each_ref().map(|side| side.column)
        && means.len() * KINDS < usize::from(u8::MAX)
    {
        let (keys, sizes) = keys(weights, [first, second], sides, (codes, means.len()));
        // No, yes or nothing on either side, in some level: few numbers.
        let number = |key: usize| {
            let answer = |kind: usize| if kind == NOTHING { f64::NAN } else { kind as f64 };
            let [first, second] = [key % KINDS / ANSWERS, key % ANSWERS].map(answer);
            difference(sizes[key / KINDS], key / KINDS, [first, second])
        };
        let outside = means.len() * KINDS;
        let numbers = (0..outside).map(number).chain([f64::NAN]).collect();
        let levels = (0..=outside).map(|key| (key / KINDS) as u32).collect();
        return Column::Few { keys, numbers, levels };
    }
    let answers = |row: usize| sides.each_ref().map(|side| side.value(row));
    let is_in = |row: usize| codes[row] != NO_CODE && !answers(row).iter().all(|y| y.is_nan());
    let mut sizes = vec![0.0; means.len()];
    for row in (0..codes.len()).filter(|&row| is_in(row)) {
        sizes[codes[row] as usize] += weights[row];
    }
    let of_row = |row: usize| {
        let level = codes[row] as usize;
        if is_in(row) { difference(sizes[level], level, answers(row)) } else { f64::NAN }
    };
    Column::Numeric((0..codes.len()).map(of_row).collect())
}

/// No, yes, and nothing.
const ANSWERS: usize = 3;
const NOTHING: usize = 2;
/// Answers to both.
const KINDS: usize = ANSWERS * ANSWERS;

/// Level and both answers of each respondent as one number, the last one outside both bases; Σw of each level.
fn keys(
    weights: &[f64],
    shares: [&Vec<u8>; 2],
    sides: &[Answers<'_>; 2],
    (codes, levels): (&[u32], usize),
) -> (Vec<u8>, Vec<f64>) {
    let answer = |side: usize, row: usize| {
        let of: &Answers<'_> = &sides[side];
        let is_in = of.level.is_none_or(|level| of.codes[row] == level as u32);
        if is_in { usize::from(shares[side][row]).min(NOTHING) } else { NOTHING }
    };
    let mut sizes = vec![0.0; levels];
    let key = |row: usize| {
        let [first, second] = [answer(0, row), answer(1, row)];
        if codes[row] == NO_CODE || first + second == 2 * NOTHING {
            return (levels * KINDS) as u8;
        }
        sizes[codes[row] as usize] += weights[row];
        (codes[row] as usize * KINDS + first * ANSWERS + second) as u8
    };
    let keys = (0..codes.len()).map(key).collect();
    (keys, sizes)
}

/// The correlation of both figures, from the variance of their difference.
fn together(sides: [&Figure; 2], difference: &Figure) -> Option<Together> {
    let [first, second] = sides.map(|side| side.standard_error);
    let covariance =
        f64::midpoint(first * first, second * second) - difference.standard_error.powi(2) / 2.0;
    let scale = first * second;
    let correlation = if scale > 0.0 { (covariance / scale).clamp(-1.0, 1.0) } else { 0.0 };
    let is_known = difference.degrees_of_freedom > 0.0 && correlation.is_finite();
    is_known.then(|| Together {
        correlation: DMatrix::from_row_slice(2, 2, &[1.0, correlation, correlation, 1.0]),
        degrees_of_freedom: Some(difference.degrees_of_freedom),
    })
}

/// The differences of the pairs, as figures.
pub(crate) struct Paired<'s> {
    pub computed: Computed<'s>,
    pub sides: PairedSides,
}

/// The figures of which the differences are.
#[derive(Default)]
pub(crate) struct PairedSides {
    /// What both figures of a pair have in common, by series and wave.
    together: Vec<Vec<Option<Together>>>,
    /// Series of what is taken off, and of what it is taken from.
    series: Vec<[usize; 2]>,
}

impl PairedSides {
    /// Both figures of a pair in one wave.
    pub(crate) fn block<'f>(
        &self,
        figures: &'f [Series],
        (series, wave): (usize, usize),
        weight: f64,
    ) -> Option<Block<'f>> {
        let sides = self.series[series].map(|side| figures[side].figures[wave].as_ref());
        let [Some(first), Some(second)] = sides else { return None };
        let together = self.together[series][wave].clone()?;
        Some(Block { figures: vec![first, second], weight, together })
    }
}

impl Paired<'_> {
    /// The gaps of one panel, or of respondents pooled.
    pub(crate) fn gaps<'p>(
        &self,
        pairs: &'p Pairs<'p>,
        figures: &Computed<'_>,
        shared: &Shared<'_>,
        panel: &str,
    ) -> Result<Gaps<'p>, Refusal> {
        let shared = self.computed.shared_as(&pairs.plan, shared)?;
        let measure = self.computed.with_changes(&pairs.plan, &shared, panel);
        let sides = |series: usize, wave: usize| {
            self.sides.block(&figures.series, (series, wave), 1.0).into_iter().collect()
        };
        let tests = gap_tests(&pairs.plan, &pairs.kinds, &self.computed.series, &sides);
        Ok(Gaps { measure, tests })
    }

    /// The changes of the differences of one panel, or of respondents pooled.
    pub(crate) fn changes<'p>(
        &self,
        pairs: &'p Pairs<'p>,
        shared: &Shared<'_>,
        panel: &str,
    ) -> Result<Measure<'p>, Refusal> {
        let shared = self.computed.shared_as(&pairs.plan, shared)?;
        Ok(self.computed.with_changes(&pairs.plan, &shared, panel))
    }
}

//! Differences of pairs of indicators: who answers both is compared with himself.
//!
//! The difference D = b - a of two means of one sample is a mean itself, of y = D + W u: u is the difference of the influence
//! values (y - mean) / Σw of a respondent on both, W the sum of the weights of those who are in either base. So its error, its
//! change and what it shares with other waves are those of any mean (linearisation; Woodruff 1971). Where the weights have
//! replicates, these are of the linearised difference.

use config::IndicatorKind;
use nalgebra::DMatrix;
use survey::design::NO_CODE;

use crate::compare::{Block, Together, gap_tests};
use crate::computed::{Computed, Shared};
use crate::sample::{Column, Refusal, Sample};
use crate::settings::Pair;
use crate::stage::Gaps;
use crate::tabulate::{Figure, Plan, Series, Status, Values, WaveErrors};

/// The pairs of a plan, each in every breakdown that both of its indicators have.
pub(crate) struct Pairs<'a> {
    /// An indicator a pair and cut.
    pub plan: Plan<'a>,
    /// Of each of these: what is taken off and from what, by position in the plan of the figures.
    sides: Vec<[usize; 2]>,
    /// How the figures of each are tested.
    pub kinds: Vec<IndicatorKind>,
}

impl<'a> Pairs<'a> {
    /// `plan` of the figures.
    pub(crate) fn new(plan: &Plan<'a>) -> Self {
        let position = |name: &str| plan.indicators.iter().position(|own| own.indicator == name);
        let mut known: Vec<(&Pair, [usize; 2])> = Vec::new();
        for pair in plan.panels.iter().flat_map(|panel| &panel.pairs) {
            let is_new = known.iter().all(|(other, _)| other.key() != pair.key());
            let sides = position(&pair.minus).zip(position(&pair.difference.indicator));
            known.extend(sides.filter(|_| is_new).map(|(minus, own)| (pair, [minus, own])));
        }
        let mut pairs = Self {
            plan: Plan {
                indicators: Vec::new(),
                cuts_of: Vec::new(),
                concepts: Vec::new(),
                ..plan.clone()
            },
            sides: Vec::new(),
            kinds: Vec::new(),
        };
        for (pair, sides) in known {
            for &cut in &plan.cuts_of[sides[1]] {
                if !plan.cuts_of[sides[0]].contains(&cut) {
                    continue;
                }
                let is_mean =
                    sides.iter().any(|&side| plan.indicators[side].kind == IndicatorKind::Mean);
                pairs.plan.indicators.push(&pair.difference);
                pairs.plan.pairs.push(pair);
                pairs.plan.cuts_of.push(vec![cut]);
                pairs.plan.concepts.push(sides.map(|side| plan.concepts[side].clone()).concat());
                pairs.sides.push(sides);
                pairs.kinds.push(if is_mean {
                    IndicatorKind::Mean
                } else {
                    IndicatorKind::Proportion
                });
            }
        }
        pairs
    }

    /// The same pairs for one of the panels alone.
    pub(crate) fn of_panel(&self, panel: usize) -> Self {
        let (sides, kinds) = (self.sides.clone(), self.kinds.clone());
        Self { plan: self.plan.of_panel(panel), sides, kinds }
    }

    pub(crate) fn compute<'s>(&self, figures: &Computed<'s>) -> Result<Paired<'s>, Refusal> {
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for (at, sample) in figures.samples.iter().enumerate() {
            let (Some(sample), Some(own), Some(known)) =
                (sample, &figures.values[at], &figures.errors[at])
            else {
                values.push(None);
                errors.push(None);
                continue;
            };
            let of_wave = self.values(sample, own, known);
            errors.push(Some(known.of_further(&self.plan, sample, &of_wave)?));
            values.push(Some(of_wave));
        }
        let mut paired = Paired {
            computed: Computed { samples: figures.samples, values, errors, series: Vec::new() },
            together: Vec::new(),
            sides: Vec::new(),
        };
        for (pair, cut, level) in self.plan.cells() {
            let side = |indicator: usize| {
                let is_it =
                    |one: &Series| (one.indicator, one.cut, one.level) == (indicator, cut, level);
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
            paired.together.push(together);
            paired.sides.push([minus, own]);
        }
        self.plan.judge(&mut paired.computed.series);
        Ok(paired)
    }

    /// The differences of each respondent.
    fn values(&self, sample: &Sample<'_>, own: &Values, errors: &WaveErrors) -> Values {
        let column = |pair: usize| {
            let cut = self.plan.cuts_of[pair][0];
            let [minus, indicator] = self.sides[pair];
            let columns = [own.columns[minus].as_ref()?, own.columns[indicator].as_ref()?];
            let codes = own.codes[cut].as_ref()?;
            let levels = 0..self.plan.cuts[cut].levels.len();
            let mean = |indicator: usize, level: usize| {
                let cell = errors.cell(indicator, cut, level)?;
                Some([cell.mean, cell.weight_sum])
            };
            let means: Vec<[[f64; 2]; 2]> = levels
                .map(|level| Some([mean(minus, level)?, mean(indicator, level)?]))
                .collect::<Option<_>>()?;
            Some(Column::Numeric(differences(sample.weights(), columns, codes, &means)))
        };
        let columns = (0..self.plan.indicators.len()).map(column).collect();
        Values { columns, codes: own.codes.clone() }
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

/// y = D + W u of each respondent, NaN outside both bases; `means`: of each level the mean and the sum of the weights of both.
fn differences(
    weights: &[f64],
    columns: [&Column; 2],
    codes: &[u32],
    means: &[[[f64; 2]; 2]],
) -> Vec<f64> {
    let answers = |row: usize| columns.map(|column| column.value(row));
    let is_in = |row: usize| codes[row] != NO_CODE && answers(row).iter().any(|y| !y.is_nan());
    let mut sizes = vec![0.0; means.len()];
    for row in (0..codes.len()).filter(|&row| is_in(row)) {
        sizes[codes[row] as usize] += weights[row];
    }
    let of_row = |row: usize| {
        if !is_in(row) {
            return f64::NAN;
        }
        let level = codes[row] as usize;
        let influence = |side: usize| {
            let ([mean, size], y) = (means[level][side], answers(row)[side]);
            if y.is_nan() { 0.0 } else { (y - mean) / size }
        };
        let difference = means[level][1][0] - means[level][0][0];
        difference + sizes[level] * (influence(1) - influence(0))
    };
    (0..codes.len()).map(of_row).collect()
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
    /// What both figures of a pair have in common, by series and wave.
    together: Vec<Vec<Option<Together>>>,
    /// Series of what is taken off, and of what it is taken from.
    sides: Vec<[usize; 2]>,
}

impl Paired<'_> {
    /// Both figures of a pair in one wave.
    pub(crate) fn block<'f>(
        &self,
        figures: &'f [Series],
        (series, wave): (usize, usize),
        weight: f64,
    ) -> Option<Block<'f>> {
        let sides = self.sides[series].map(|side| figures[side].figures[wave].as_ref());
        let [Some(first), Some(second)] = sides else { return None };
        let together = self.together[series][wave].clone()?;
        Some(Block { figures: vec![first, second], weight, together })
    }

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
            self.block(&figures.series, (series, wave), 1.0).into_iter().collect()
        };
        let tests = gap_tests(&pairs.plan, &pairs.kinds, &self.computed.series, &sides);
        Ok(Gaps { measure, tests })
    }
}

//! The figures: every indicator in every wave, for all and by breakdown, with the decision to publish.

mod basis;
mod errors;
mod figure;
mod general;
mod plan;
mod reach;
mod replicated;
mod scores;
mod tally;

pub(crate) use basis::{Basis, Mean};
pub(crate) use errors::WaveErrors;
pub(crate) use figure::{Figure, Status, Verdict};
pub(crate) use general::{Domains, General, Of, PartLimit};
pub(crate) use plan::{Cut, Plan, Side};
pub(crate) use reach::Positions;
pub(crate) use scores::WaveScores;

use std::sync::Arc;

use config::{Indicator, IndicatorKind};
use survey::design::NO_CODE;

use crate::interval::{self, ProportionFacts, ProportionMethod};
use crate::kernel::Cell;
use crate::sample::{Column, Refusal, Sample};

/// One figure over the waves.
#[derive(Clone)]
pub(crate) struct Series {
    pub indicator: usize,
    pub cut: usize,
    pub level: usize,
    /// A figure a wave of the plan; none outside the indicator's first and last wave.
    pub figures: Vec<Option<Figure>>,
}

/// What one wave gives: values of each indicator and level of each respondent in each cut; none where not asked.
pub(crate) struct Values {
    pub columns: Vec<Option<Column>>,
    pub codes: Codes,
}

/// Level of each respondent in each cut.
pub(crate) type Codes = Arc<Vec<Option<Vec<u32>>>>;

/// All series of a plan, without verdicts of comparability; the slices have an entry a wave.
pub(crate) fn series(
    plan: &Plan<'_>,
    samples: &[Option<Sample<'_>>],
    values: &[Option<Values>],
    errors: &[Option<WaveErrors>],
) -> Vec<Series> {
    let mut series: Vec<Series> = plan
        .cells()
        .map(|(indicator, cut, level)| Series { indicator, cut, level, figures: Vec::new() })
        .collect();
    for (at, wave) in plan.waves.iter().enumerate() {
        let made = match (&samples[at], &values[at], &errors[at]) {
            (Some(sample), Some(values), Some(errors)) => {
                Some(Made::new(plan, sample, values, errors))
            }
            _ => None,
        };
        for one in &mut series {
            let indicator = plan.indicators[one.indicator];
            let within = indicator.is_made_in(*wave);
            let figure =
                || made.as_ref().map_or_else(Figure::not_asked, |made| made.figure(plan, one));
            let figure = within.then(figure);
            one.figures.push(figure);
        }
    }
    series
}

/// The values of one wave.
pub(crate) fn values(plan: &Plan<'_>, sample: &Sample<'_>) -> Result<Values, Refusal> {
    let asked_in_wave =
        |indicator: &Indicator| indicator.is_made_in(sample.wave) && sample.was_asked(indicator);
    let columns = plan
        .indicators
        .iter()
        .map(|indicator| asked_in_wave(indicator).then(|| sample.values(indicator)).transpose())
        .collect::<Result<_, _>>()?;
    let codes = plan
        .cuts
        .iter()
        .map(|cut| match &cut.concept {
            None => Ok(Some(vec![0; sample.weights().len()])),
            Some(concept) => {
                sample.asked(concept).then(|| sample.levels(concept, &cut.levels)).transpose()
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Values { columns, codes: Arc::new(codes) })
}

/// What the figures of one wave are made of.
struct Made<'a> {
    sample: &'a Sample<'a>,
    errors: &'a WaveErrors,
    /// Respondents by cut and level.
    respondents: Vec<Vec<u64>>,
}

impl<'a> Made<'a> {
    fn new(
        plan: &Plan<'_>,
        sample: &'a Sample<'a>,
        values: &Values,
        errors: &'a WaveErrors,
    ) -> Self {
        let cuts = plan.cuts.iter().zip(values.codes.iter());
        let respondents = cuts.map(|(cut, codes)| count(cut, codes.as_deref(), sample)).collect();
        Self { sample, errors, respondents }
    }

    fn figure(&self, plan: &Plan<'_>, series: &Series) -> Figure {
        let indicator = plan.indicators[series.indicator];
        let Some(cell) = self.errors.cell(series.indicator, series.cut, series.level) else {
            return Figure::not_asked();
        };
        let cut = &plan.cuts[series.cut];
        if !self.was_a_level(indicator, cut, series.level) {
            return Figure::not_asked();
        }
        let mut figure = Figure::of(cell, indicator.kind, plan.confidence());
        figure.n_sample = Some(self.respondents[series.cut][series.level]);
        figure.status = Status::of_base(figure.n);
        let asked = self.sample.parts.iter().filter(|part| part.was_asked(indicator));
        figure.panels = asked.map(|part| part.panel).collect();
        figure
    }
}

impl Made<'_> {
    /// Whether the level was an answer in this wave, to any panel that was asked the indicator.
    fn was_a_level(&self, indicator: &Indicator, cut: &Cut, level: usize) -> bool {
        let Some(concept) = &cut.concept else { return true };
        let mut asked = self.sample.parts.iter().filter(|part| part.was_asked(indicator));
        asked.any(|part| part.offers(concept, &cut.levels[level]))
    }
}

fn count(cut: &Cut, codes: Option<&[u32]>, sample: &Sample<'_>) -> Vec<u64> {
    let mut counts = vec![0; cut.levels.len()];
    for (&code, &weight) in codes.unwrap_or(&[]).iter().zip(sample.weights()) {
        if code != NO_CODE && weight > 0.0 {
            counts[code as usize] += 1;
        }
    }
    counts
}

/// A standard deviation below this part of the mean is rounding.
const SAME: f64 = 1e-6;

impl Figure {
    pub(crate) fn of(cell: &Cell, kind: IndicatorKind, confidence: f64) -> Self {
        let degrees_of_freedom = cell.degrees_of_freedom as f64;
        // One respondent, or one a panel, tells nothing about the spread.
        let standard_error =
            if cell.degrees_of_freedom > 0 { cell.standard_error } else { f64::NAN };
        let mut figure = Self {
            n: cell.respondents as u64,
            n_yes: (kind == IndicatorKind::Proportion).then_some(cell.nonzero as u64),
            sum_of_weights: cell.weight_sum,
            n_eff: cell.effective_sample_size,
            deff: cell.design_effect,
            estimate: cell.mean,
            standard_error,
            has_spread: cell.standard_deviation > SAME * cell.mean.abs(),
            degrees_of_freedom,
            ..Self::empty()
        };
        figure.interval = figure.interval_of(kind, confidence);
        figure
    }

    /// Logit interval of a proportion (one-sided Korn–Graubard at 0 and 1), t interval of a mean.
    pub(crate) fn interval_of(&self, kind: IndicatorKind, confidence: f64) -> (f64, f64) {
        if self.n == 0 || self.standard_error.is_nan() || self.degrees_of_freedom <= 0.0 {
            return (f64::NAN, f64::NAN);
        }
        let (estimate, degrees_of_freedom) = (self.estimate, self.degrees_of_freedom);
        if kind == IndicatorKind::Mean {
            return interval::student(
                estimate,
                self.standard_error,
                degrees_of_freedom,
                confidence,
            );
        }
        let facts = ProportionFacts {
            proportion: estimate.clamp(0.0, 1.0),
            variance: self.standard_error * self.standard_error,
            rows: self.n as usize,
            degrees_of_freedom,
        };
        interval::proportion(facts, ProportionMethod::Logit, confidence)
            .unwrap_or((f64::NAN, f64::NAN))
    }
}

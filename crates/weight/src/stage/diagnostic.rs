//! What the weights did: precision lost, bounds met, distance to the totals, margin by margin.

use std::sync::Arc;

use arrow::array::{Float64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use config::panel::Trim;

use super::frame::Sample;
use super::method::{Outcome, Problem, solve};
use super::misses::{miss, misses};
use super::numbers::TOTAL;
use super::respondents::{Part, part_counts};
use super::tables::batch;
use crate::diagnostics::diagnose;
use crate::{Miss, Settings};

/// Measure, margin, level, value.
type Row = (&'static str, String, String, f64);

/// The rows of extra `diagnostic`, and what `about` repeats of them.
pub(super) struct Diagnostic {
    rows: Vec<Row>,
    pub design_effect: f64,
    pub effective_sample_size: f64,
    /// Largest relative distance of any level to its total under the final weights.
    pub largest_distance: f64,
}

/// Nearness to a bound that counts as being at it, relative.
const AT_BOUND: f64 = 1e-6;

pub(super) fn describe(sample: &Sample, outcome: &Outcome, settings: &Settings) -> Diagnostic {
    let base = [sample.scaled_base(Part::Calibrated), sample.scaled_base(Part::Neutral)];
    let start: Vec<f64> =
        base[0].iter().zip(&base[1]).map(|(calibrated, neutral)| calibrated + neutral).collect();
    let figures = diagnose(&outcome.weights, &start);
    let mut diagnostic = Diagnostic {
        rows: Vec::new(),
        design_effect: figures.design_effect,
        effective_sample_size: figures.effective_sample_size,
        largest_distance: 0.0,
    };
    diagnostic.say("n", sample.base.len() as f64);
    diagnostic.say("n_weighted", figures.n as f64);
    for (measure, count) in part_counts(&sample.parts) {
        diagnostic.say(measure, count as f64);
    }
    diagnostic.say("population", sample.population);
    diagnostic.say("sum_of_weights", figures.sum);
    diagnostic.say("deff_kish", figures.design_effect);
    diagnostic.say("n_eff", figures.effective_sample_size);
    diagnostic.say("weight_cv", figures.cv);
    diagnostic.say("weight_mean", figures.mean);
    diagnostic.say("weight_min", figures.min);
    for (measure, probability) in QUANTILES {
        diagnostic.say(measure, figures.quantile(probability));
    }
    diagnostic.say("weight_max", figures.max);
    diagnostic.say("g_min", figures.g_min);
    diagnostic.say("g_max", figures.g_max);
    diagnostic.bounds(outcome, &start, settings);
    diagnostic.say("rounds", outcome.rounds as f64);
    diagnostic.say("converged", f64::from(u8::from(outcome.converged)));
    diagnostic.trimming(outcome);
    diagnostic.margins(sample, outcome, &base[0], settings);
    let largest = diagnostic.largest_distance;
    diagnostic.say("largest_distance", largest);
    diagnostic
}

const QUANTILES: [(&str, f64); 5] = [
    ("weight_p01", 0.01),
    ("weight_p05", 0.05),
    ("weight_median", 0.5),
    ("weight_p95", 0.95),
    ("weight_p99", 0.99),
];

impl Diagnostic {
    fn say(&mut self, measure: &'static str, value: f64) {
        self.rows.push((measure, String::new(), String::new(), value));
    }

    /// Share of the weights at the bounds: of the mean-1 weight where trimmed, else of weight / base weight.
    fn bounds(&mut self, outcome: &Outcome, start: &[f64], settings: &Settings) {
        let Some([lower, upper]) = settings.weighting.bounds else { return };
        let positive: Vec<usize> =
            (0..start.len()).filter(|&row| outcome.weights[row] > 0.0).collect();
        let mean = outcome.weights.iter().sum::<f64>() / positive.len() as f64;
        let relative = |row: usize| match settings.weighting.trim {
            Trim::None => outcome.weights[row] / start[row],
            Trim::Once | Trim::ToStable => outcome.weights[row] / mean,
        };
        let share = |at: &dyn Fn(f64) -> bool| {
            positive.iter().filter(|&&row| at(relative(row))).count() as f64 / positive.len() as f64
        };
        self.say("share_at_lower_bound", share(&|value| value <= lower * (1.0 + AT_BOUND)));
        self.say("share_at_upper_bound", share(&|value| value >= upper * (1.0 - AT_BOUND)));
    }

    fn trimming(&mut self, outcome: &Outcome) {
        let Some(trimmed) = &outcome.trimmed else { return };
        let moved: f64 = outcome
            .weights
            .iter()
            .zip(&outcome.untrimmed)
            .map(|(after, before)| (after - before).abs())
            .sum();
        self.say("trim_raised", trimmed.raised as f64);
        self.say("trim_lowered", trimmed.lowered as f64);
        self.say("trim_passes", trimmed.passes as f64);
        self.say("trim_share_moved", moved / 2.0 / outcome.weights.iter().sum::<f64>());
    }

    fn margins(&mut self, sample: &Sample, outcome: &Outcome, base: &[f64], settings: &Settings) {
        let problem = Problem::of(sample);
        for (k, margin) in problem.margins.iter().enumerate() {
            let size = sample.population * sample.calibrated_share;
            let mut respondents = vec![0_u32; margin.levels.len()];
            for &code in margin.codes.iter() {
                if let Some(count) = respondents.get_mut(code as usize) {
                    *count += 1;
                }
            }
            let (before, after) = (misses(margin, base), misses(margin, &outcome.weights));
            for ((before, after), n) in before.iter().zip(&after).zip(respondents) {
                let mut say = |measure, value: f64| {
                    self.rows.push((measure, margin.name.clone(), before.level.clone(), value));
                };
                say("level_n", f64::from(n));
                say("population_share", before.expected / size);
                say("sample_share", before.found / size);
                say("weighted_share", after.found / size);
            }
            let mut without = problem.clone();
            without.margins.remove(k);
            let distances = [before, misses(margin, &outcome.untrimmed), after];
            let contribution = deff_contribution(&without, base, outcome, settings);
            self.distances(&margin.name, &distances, contribution);
        }
        for (k, number) in problem.numeric.iter().enumerate() {
            let weights = [base, &outcome.untrimmed, &outcome.weights];
            let distances = weights.map(|weights| vec![miss(number, weights)]);
            let reached = [("population_total", distances[0][0].expected)].into_iter().chain(
                ["sample_total", "weighted_total"]
                    .into_iter()
                    .zip([distances[0][0].found, distances[2][0].found]),
            );
            for (measure, value) in reached {
                self.rows.push((measure, number.name.clone(), TOTAL.to_owned(), value));
            }
            let mut without = problem.clone();
            without.numeric.remove(k);
            let contribution = deff_contribution(&without, base, outcome, settings);
            self.distances(&number.name, &distances, contribution);
        }
    }

    /// Largest relative distance of a margin before, untrimmed and after, and what the margin costs.
    fn distances(&mut self, margin: &str, misses: &[Vec<Miss>; 3], deff_contribution: Option<f64>) {
        let mut say = |measure, value: f64| {
            self.rows.push((measure, margin.to_owned(), String::new(), value));
        };
        let worst = |misses: &[Miss]| misses.iter().map(|miss| miss.relative).fold(0.0, f64::max);
        say("distance_before", worst(&misses[0]));
        say("distance_untrimmed", worst(&misses[1]));
        say("distance_after", worst(&misses[2]));
        if let Some(contribution) = deff_contribution {
            say("deff_contribution", contribution);
        }
        self.largest_distance = self.largest_distance.max(worst(&misses[2]));
    }

    pub(super) fn table(&self) -> RecordBatch {
        let text = |pick: fn(&Row) -> &str| {
            Arc::new(self.rows.iter().map(|row| Some(pick(row))).collect::<StringArray>())
        };
        let value = self
            .rows
            .iter()
            .map(|row| Some(row.3).filter(|value| value.is_finite()))
            .collect::<Float64Array>();
        let schema = Schema::new(vec![
            Field::new("measure", DataType::Utf8, false),
            Field::new("margin", DataType::Utf8, false),
            Field::new("level", DataType::Utf8, false),
            Field::new("value", DataType::Float64, true),
        ]);
        let fields = schema.fields().iter().cloned().collect();
        let columns: Vec<arrow::array::ArrayRef> =
            vec![text(|row| row.0), text(|row| &row.1), text(|row| &row.2), Arc::new(value)];
        batch(fields, columns, self.rows.len())
    }
}

/// Kish design effect with all margins over that without one, before trimming; none where those weights do not exist.
fn deff_contribution(
    without: &Problem,
    base: &[f64],
    outcome: &Outcome,
    settings: &Settings,
) -> Option<f64> {
    let without = if without.margins.is_empty() && without.numeric.is_empty() {
        base.to_vec()
    } else {
        solve(base, without, &settings.weighting).ok()?.weights
    };
    let calibrated = |row: usize| base[row] > 0.0;
    let with: Vec<f64> = (0..base.len())
        .map(|row| if calibrated(row) { outcome.untrimmed[row] } else { 0.0 })
        .collect();
    Some(diagnose(&with, base).design_effect / diagnose(&without, base).design_effect)
}

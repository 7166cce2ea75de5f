//! The weighting method of the settings, then trimming, with what did not go as asked.

use std::sync::Arc;

use config::Weighting;
use config::panel::{RakingErrors, Trim, WeightingMethod};
use survey::design::Adjustment;
use survey::{Code, Message};

use super::frame::Sample;
use super::numbers::TOTAL;
use super::refusal::{Fault, Targets};
use super::respondents::Part;
use super::trimming::{Trimmed, trim, with_trimming_note};
use crate::calibrate::{CalibrateOptions, Distance, NumericTotal, Totals, calibrate};
use crate::post_stratify::post_stratify;
use crate::rake::{Convergence, RakeOptions, rake};
use crate::{Error, Margin, Miss, Settings};

/// Weights of all respondents and how they were reached.
pub(super) struct Outcome {
    pub weights: Vec<f64>,
    /// Weights before trimming.
    pub untrimmed: Vec<f64>,
    pub rounds: usize,
    pub converged: bool,
    pub trimmed: Option<Trimmed>,
    /// What the variance has to know of the calibration; none without one.
    pub adjustment: Option<Adjustment>,
    /// Warnings: code and message.
    pub notes: Vec<(Code, Message)>,
}

/// Weights of one method before trimming.
pub(super) struct Solution {
    pub weights: Vec<f64>,
    pub rounds: usize,
    pub converged: bool,
    pub worst: Option<Miss>,
    pub adjustment: Option<Adjustment>,
}

/// What a method has to meet, and how.
#[derive(Clone)]
pub(super) struct Problem {
    pub margins: Vec<Margin>,
    pub numeric: Vec<NumericTotal>,
    pub variance: Option<Arc<[f64]>>,
    pub equal_within: Option<Arc<[u32]>>,
}

impl Problem {
    pub fn of(sample: &Sample) -> Self {
        Self {
            margins: sample.targets.iter().map(|target| target.margin.clone()).collect(),
            numeric: sample.numeric.iter().map(|target| target.total.clone()).collect(),
            variance: sample.variance.clone(),
            equal_within: sample.equal_within.clone(),
        }
    }
}

pub(super) fn name(method: WeightingMethod) -> &'static str {
    match method {
        WeightingMethod::None => "none",
        WeightingMethod::PostStratification => "post_stratification",
        WeightingMethod::Raking => "raking",
        WeightingMethod::RakingRatio => "raking_ratio",
        WeightingMethod::Linear => "linear",
        WeightingMethod::Logit => "logit",
    }
}

/// What in the settings contradicts itself.
pub(super) fn check(settings: &Settings) -> Vec<Fault> {
    let weighting = &settings.weighting;
    let fault = |key, found: String, expected: &str, hint: &str| Fault::Setting {
        panel: settings.panel_wave.panel.clone(),
        key,
        found,
        expected: expected.to_owned(),
        hint: hint.to_owned(),
    };
    let mut faults = Vec::new();
    let margins = weighting.margins.len();
    let found = format!("{margins} with method = \"{}\"", name(weighting.method));
    match weighting.method {
        WeightingMethod::None if margins > 0 => {
            faults.push(fault(
                "weighting.margins",
                found,
                "none",
                "choose a method, or delete the margins",
            ));
        }
        WeightingMethod::PostStratification if margins != 1 => {
            faults.push(fault(
                "weighting.margins",
                found,
                "exactly one",
                "cross concepts in one list, or choose raking",
            ));
        }
        WeightingMethod::Raking
        | WeightingMethod::RakingRatio
        | WeightingMethod::Linear
        | WeightingMethod::Logit
            if margins == 0 =>
        {
            faults.push(fault(
                "weighting.margins",
                found,
                "at least one",
                "choose method = \"none\" for base weights alone",
            ));
        }
        _ => {}
    }
    if weighting.margins.iter().any(Vec::is_empty) {
        faults.push(fault(
            "weighting.margins",
            "an empty list".to_owned(),
            "at least one concept a margin",
            "delete it",
        ));
    }
    match weighting.bounds {
        Some([lower, upper])
            if !((0.0..1.0).contains(&lower) && 1.0 < upper && upper.is_finite()) =>
        {
            let expected = "a lower bound below 1 and an upper one above 1";
            faults.push(fault(
                "weighting.bounds",
                format!("[{lower}, {upper}]"),
                expected,
                "as in [0.2, 5.0]",
            ));
        }
        None if weighting.trim != Trim::None || weighting.method == WeightingMethod::Logit => {
            faults.push(fault(
                "weighting.bounds",
                "none".to_owned(),
                "two bounds",
                "logit and trimming need them: [0.2, 5.0]",
            ));
        }
        _ => {}
    }
    faults
}

/// Weighs the calibrated respondents to their targets, gives the neutral ones their share and trims.
pub(super) fn weigh(sample: &Sample, settings: &Settings) -> Result<Outcome, Box<Fault>> {
    let base = sample.scaled_base(Part::Calibrated);
    let solution = solve(&base, &Problem::of(sample), &settings.weighting)
        .map_err(|error| refused(error, sample, settings))?;
    let mut notes = Vec::new();
    if let (false, Some(worst)) = (solution.converged, &solution.worst) {
        notes.push(not_converged(worst, solution.rounds, sample, settings)?);
    }
    let mut untrimmed = solution.weights;
    for (weight, neutral) in untrimmed.iter_mut().zip(sample.scaled_base(Part::Neutral)) {
        *weight += neutral;
    }
    let (weights, trimmed) = trim(&untrimmed, sample.population, settings)?;
    let Solution { rounds, converged, adjustment, .. } = solution;
    let outcome = Outcome { weights, untrimmed, rounds, converged, trimmed, adjustment, notes };
    Ok(with_trimming_note(outcome, sample))
}

/// Refuses weights below zero: a base, a count and a share of them mean nothing.
pub(super) fn refuse_negative(outcome: &Outcome, settings: &Settings) -> Result<(), Box<Fault>> {
    let negative = outcome.weights.iter().filter(|weight| **weight < 0.0);
    let (rows, lowest) =
        negative.fold((0, 0.0_f64), |(rows, lowest), weight| (rows + 1, lowest.min(*weight)));
    if rows == 0 {
        return Ok(());
    }
    let method = name(settings.weighting.method);
    Err(Box::new(Fault::NegativeWeights { method, rows, lowest }))
}

/// One method without trimming, from base weights that add up to the population (0 = takes no part).
pub(super) fn solve(
    base: &[f64],
    problem: &Problem,
    weighting: &Weighting,
) -> Result<Solution, Error> {
    let bounds = weighting
        .bounds
        .filter(|_| weighting.trim == Trim::None)
        .map(|[lower, upper]| (lower, upper));
    match weighting.method {
        WeightingMethod::None => Ok(Solution {
            weights: base.to_vec(),
            rounds: 0,
            converged: true,
            worst: None,
            adjustment: None,
        }),
        WeightingMethod::PostStratification => {
            let met = post_stratify(base, &problem.margins[0])?;
            let (weights, adjustment) = (met.weights, Some(met.adjustment));
            Ok(Solution { weights, rounds: 1, converged: true, worst: None, adjustment })
        }
        WeightingMethod::Raking if bounds.is_none() => raked(base, problem, weighting),
        WeightingMethod::Raking | WeightingMethod::RakingRatio => {
            calibrated(base, problem, weighting, (Distance::Raking, bounds))
        }
        WeightingMethod::Linear => calibrated(base, problem, weighting, (Distance::Linear, bounds)),
        WeightingMethod::Logit => {
            let bounds = weighting.bounds.map(|[lower, upper]| (lower, upper));
            calibrated(base, problem, weighting, (Distance::Logit, bounds))
        }
    }
}

fn raked(base: &[f64], problem: &Problem, weighting: &Weighting) -> Result<Solution, Error> {
    let convergence = Convergence::MarginMiss(weighting.tolerance);
    let options = RakeOptions { convergence, max_rounds: weighting.maximum_rounds as usize };
    let raked = rake(base, &problem.margins, &options)?;
    let adjustment = match weighting.errors {
        RakingErrors::Greg => raked.regression,
        RakingErrors::RSweeps => raked.sweeps,
    };
    Ok(Solution {
        weights: raked.weights,
        rounds: raked.rounds,
        converged: raked.converged,
        worst: Some(raked.worst),
        adjustment: Some(adjustment),
    })
}

fn calibrated(
    base: &[f64],
    problem: &Problem,
    weighting: &Weighting,
    (distance, bounds): (Distance, Option<(f64, f64)>),
) -> Result<Solution, Error> {
    let totals = Totals {
        population: None,
        margins: problem.margins.clone(),
        numeric: problem.numeric.clone(),
    };
    let options = CalibrateOptions {
        distance,
        bounds,
        tolerance: weighting.tolerance,
        max_rounds: weighting.maximum_rounds as usize,
        variance: problem.variance.clone(),
        equal_within: problem.equal_within.clone(),
    };
    let calibrated = calibrate(base, &totals, &options)?;
    Ok(Solution {
        weights: calibrated.weights,
        rounds: calibrated.rounds,
        converged: calibrated.converged,
        worst: Some(calibrated.worst),
        adjustment: Some(calibrated.adjustment),
    })
}

/// A method that stopped early: a warning, or a fault where it is bounded or far from its totals.
fn not_converged(
    worst: &Miss,
    rounds: usize,
    sample: &Sample,
    settings: &Settings,
) -> Result<(Code, Message), Box<Fault>> {
    let bounded = settings.weighting.trim == Trim::None && settings.weighting.bounds.is_some();
    if bounded || worst.relative > settings.refused_distance || !worst.relative.is_finite() {
        return Err(totals_not_met(worst, rounds, sample, settings).into());
    }
    let code = match settings.weighting.method {
        WeightingMethod::Raking | WeightingMethod::RakingRatio => Code::RakingNotConverged,
        _ => Code::CalibrationNotConverged,
    };
    let (Miss { margin, found, expected, relative, .. }, level) = (worst, level_of(worst));
    let message = format!(
        "margin `{margin}`: level `{level}` is at {found} after {rounds} rounds, expected {expected} \
         (distance {relative:.3e})"
    );
    let hint = "raise maximum_rounds, or merge small levels of the margins".to_owned();
    Ok((code, Message::new(message, Some(hint))))
}

fn refused(error: Error, sample: &Sample, settings: &Settings) -> Fault {
    match error {
        Error::Unreachable { margin, level, found, expected, rounds, .. } => {
            let relative = (found - expected).abs() / expected.abs();
            totals_not_met(
                &Miss { margin, level, found, expected, relative },
                rounds,
                sample,
                settings,
            )
        }
        other => Fault::Method(Box::new(other)),
    }
}

fn totals_not_met(worst: &Miss, rounds: usize, sample: &Sample, settings: &Settings) -> Fault {
    let weighting = &settings.weighting;
    let bounds = weighting.bounds.filter(|_| weighting.trim == Trim::None);
    let hint = match bounds {
        Some(_) => "widen weighting.bounds, merge the level with a neighbour, or drop the margin",
        None => "merge small levels, or check that the totals can hold together",
    };
    Fault::TotalsNotMet {
        targets: Targets {
            panel: settings.panel_wave.panel.clone(),
            line: line_of(sample, &worst.margin, &worst.level),
        },
        margin: worst.margin.clone(),
        level: level_of(worst).to_owned(),
        found: worst.found,
        expected: worst.expected,
        percent: worst.relative * 100.0,
        after: if rounds == 0 { String::new() } else { format!(" after {rounds} rounds") },
        within: bounds.map_or(String::new(), |[lower, upper]| {
            format!(" within the bounds {lower} to {upper}")
        }),
        hint: hint.to_owned(),
    }
}

fn line_of(sample: &Sample, margin: &str, level: &str) -> Option<u32> {
    if let Some(target) = sample.targets.iter().find(|target| target.margin.name == margin) {
        let position = target.margin.levels.iter().position(|known| known.name == level)?;
        return target.lines[position];
    }
    sample.numeric.iter().find(|target| target.total.name == margin)?.line
}

/// The level as the targets name it.
pub(super) fn level_of(miss: &Miss) -> &str {
    if miss.level.is_empty() { TOTAL } else { &miss.level }
}

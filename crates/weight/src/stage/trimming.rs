//! Trimming by the rule of the settings, and what it did to the totals.

use config::panel::{Redistribute, Trim};
use survey::{Code, Message};

use super::frame::Sample;
use super::method::{Outcome, level_of};
use super::misses::{miss, misses};
use super::refusal::Fault;
use crate::trim::{TrimOptions, trim as trim_equally, trim_relative};
use crate::{Miss, Settings};

/// What trimming did.
pub(super) struct Trimmed {
    pub raised: usize,
    pub lowered: usize,
    pub passes: usize,
}

/// Holds the mean-1 weights within the bounds; the sum stays the population unless nothing is redistributed.
pub(super) fn trim(
    weights: &[f64],
    population: f64,
    settings: &Settings,
) -> Result<(Vec<f64>, Option<Trimmed>), Box<Fault>> {
    let weighting = &settings.weighting;
    let (Some([lower, upper]), false) = (weighting.bounds, weighting.trim == Trim::None) else {
        return Ok((weights.to_vec(), None));
    };
    let refused = |error| Box::new(Fault::Method(Box::new(error)));
    let strict = weighting.trim == Trim::ToStable;
    let (trimmed, counts) = match weighting.redistribute {
        Redistribute::Proportional if strict => {
            let trimmed = trim_relative(weights, lower, upper).map_err(refused)?;
            let (raised, lowered) = (trimmed.raised, trimmed.lowered);
            (trimmed.weights, Trimmed { raised, lowered, passes: trimmed.passes })
        }
        Redistribute::Proportional => trim_once(weights, lower, upper),
        Redistribute::Equal => {
            let mean = mean(weights);
            let options = TrimOptions { lower: lower * mean, upper: upper * mean, strict };
            let trimmed = trim_equally(weights, options).map_err(refused)?;
            let (raised, lowered) = (trimmed.raised, trimmed.lowered);
            (trimmed.weights, Trimmed { raised, lowered, passes: trimmed.passes })
        }
        // Clipped once, all are inside: nothing is lifted again.
        Redistribute::None => {
            let (trimmed, counts) = trim_once(weights, lower, upper);
            return Ok((trimmed, Some(counts)));
        }
    };
    let scale = population / trimmed.iter().sum::<f64>();
    Ok((trimmed.into_iter().map(|weight| weight * scale).collect(), Some(counts)))
}

fn mean(weights: &[f64]) -> f64 {
    let rows = weights.iter().filter(|&&weight| weight > 0.0).count();
    weights.iter().sum::<f64>() / rows as f64
}

/// One pass: clip, and leave the rescaling to the caller, which may lift some above the bound again.
fn trim_once(weights: &[f64], lower: f64, upper: f64) -> (Vec<f64>, Trimmed) {
    let mean = mean(weights);
    let (low, high) = (lower * mean, upper * mean);
    let outside =
        |beyond: &dyn Fn(f64) -> bool| weights.iter().filter(|&&w| w > 0.0 && beyond(w)).count();
    let counts =
        Trimmed { raised: outside(&|w| w < low), lowered: outside(&|w| w > high), passes: 1 };
    let clip = |weight: f64| if weight > 0.0 { weight.clamp(low, high) } else { 0.0 };
    (weights.iter().map(|&weight| clip(weight)).collect(), counts)
}

/// Says what trimming cost where it cut anything.
pub(super) fn with_trimming_note(mut outcome: Outcome, sample: &Sample) -> Outcome {
    let Some(trimmed) =
        outcome.trimmed.as_ref().filter(|trimmed| trimmed.raised + trimmed.lowered > 0)
    else {
        return outcome;
    };
    let numbers = sample.numeric.iter().map(|target| miss(&target.total, &outcome.weights));
    let worst = sample
        .targets
        .iter()
        .flat_map(|target| misses(&target.margin, &outcome.weights))
        .chain(numbers)
        .max_by(|a, b| a.relative.total_cmp(&b.relative));
    if let Some(worst) = worst {
        let level = level_of(&worst).to_owned();
        let Miss { margin, found, expected, relative, .. } = worst;
        let percent = relative * 100.0;
        let (raised, lowered) = (trimmed.raised, trimmed.lowered);
        outcome.notes.push((
            Code::TrimmingMovedTotals,
            Message::plain(format!(
                "{raised} weights raised and {lowered} lowered to the bounds; margin `{margin}` is furthest off: \
                 level `{level}` at {found:.1}, expected {expected:.1} ({percent:.2} %)"
            )),
        ));
    }
    outcome
}

//! Change of every figure against the wave before and the first wave, called increased, stable or decreased.

use std::collections::BTreeMap;

use survey::config::Indicator;

use super::{difference, multiplicity};
use crate::adjust::adjust;
use crate::contrast::Contrast;
use crate::tabulate::{Figure, Plan, Series};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Against {
    PreviousWave,
    FirstWave,
}

impl Against {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PreviousWave => "previous_wave",
            Self::FirstWave => "first_wave",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Increased,
    Stable,
    Decreased,
    NotComparable,
    Withheld,
}

impl Call {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Increased => "increased",
            Self::Stable => "stable",
            Self::Decreased => "decreased",
            Self::NotComparable => "not_comparable",
            Self::Withheld => "withheld",
        }
    }
}

/// One figure against an earlier one; waves by position.
pub(crate) struct Change {
    pub series: usize,
    pub wave: usize,
    pub against: Against,
    pub reference: usize,
    /// None where it cannot be told, or may not.
    pub contrast: Option<Contrast>,
    pub p_adjusted: f64,
    pub call: Call,
    pub overlapping: bool,
}

/// All changes by series, wave and reference; `covariance` of a series between two waves, none where they share nobody.
pub(crate) fn changes(
    plan: &Plan<'_>,
    all: &[Series],
    covariance: &dyn Fn(usize, usize, usize) -> Option<f64>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (position, series) in all.iter().enumerate() {
        for (wave, against, reference) in references(series) {
            let shared = covariance(position, reference, wave);
            let mut change = Change {
                series: position,
                wave,
                against,
                reference,
                contrast: None,
                p_adjusted: f64::NAN,
                call: Call::NotComparable,
                overlapping: shared.is_some(),
            };
            if !plan.is_broken(series, reference, wave) {
                change.measure(plan, series, shared.unwrap_or(0.0));
            }
            changes.push(change);
        }
    }
    adjust_and_call(plan, all, &mut changes);
    changes
}

/// Wave, kind of reference and reference wave of every change of a series, by position.
pub(crate) fn references(series: &Series) -> Vec<(usize, Against, usize)> {
    let asked = |&at: &usize| series.figures[at].as_ref().is_some_and(Figure::is_asked);
    let waves: Vec<usize> = (0..series.figures.len()).filter(asked).collect();
    let pairs = waves.windows(2).flat_map(|pair| {
        [(pair[1], Against::PreviousWave, pair[0]), (pair[1], Against::FirstWave, waves[0])]
    });
    pairs.collect()
}

impl Change {
    fn measure(&mut self, plan: &Plan<'_>, series: &Series, covariance: f64) {
        let (Some(before), Some(after)) =
            (&series.figures[self.reference], &series.figures[self.wave])
        else {
            return;
        };
        let withheld = before.status.is_withheld() || after.status.is_withheld();
        self.call = if withheld { Call::Withheld } else { Call::Stable };
        let variances = [before.standard_error.powi(2), after.standard_error.powi(2)];
        let degrees = welch(variances, [before.degrees_of_freedom, after.degrees_of_freedom]);
        let matrix = [variances[0], covariance, variances[1]];
        self.contrast =
            difference([before.estimate, after.estimate], matrix, degrees, plan.confidence());
    }
}

/// Welch–Satterthwaite degrees of freedom of a difference.
fn welch(variances: [f64; 2], degrees: [f64; 2]) -> f64 {
    let sum = variances[0] + variances[1];
    if sum == 0.0 {
        return degrees[0] + degrees[1];
    }
    let part =
        |k: usize| if variances[k] == 0.0 { 0.0 } else { variances[k] * variances[k] / degrees[k] };
    sum * sum / (part(0) + part(1))
}

/// Adjusts p within panel, wave, breakdown and reference, once, over the figures that may be seen; then calls.
fn adjust_and_call(plan: &Plan<'_>, all: &[Series], changes: &mut [Change]) {
    let mut families: BTreeMap<(usize, usize, Against), Vec<usize>> = BTreeMap::new();
    for (position, change) in changes.iter().enumerate() {
        if change.call == Call::Stable && change.contrast.is_some() {
            let cut = all[change.series].cut;
            families.entry((change.wave, cut, change.against)).or_default().push(position);
        }
    }
    for members in families.into_values() {
        let p: Vec<f64> = members
            .iter()
            .map(|&at| changes[at].contrast.map_or(f64::NAN, |found| found.p))
            .collect();
        let adjusted = adjust(&p, multiplicity(plan.significance().adjustment));
        for (at, p_adjusted) in members.into_iter().zip(adjusted) {
            changes[at].p_adjusted = p_adjusted;
            changes[at].call = call(plan, &all[changes[at].series], &changes[at]);
        }
    }
}

fn call(plan: &Plan<'_>, series: &Series, change: &Change) -> Call {
    let significance = plan.significance();
    let rounded = |at: usize| {
        let figure = series.figures[at].as_ref();
        figure.map(|figure| rounded(figure.estimate, plan.indicators[series.indicator]))
    };
    let equal = significance.equal_when_rounded_is_stable
        && rounded(change.reference) == rounded(change.wave);
    let difference = change.contrast.map_or(0.0, |contrast| contrast.estimate);
    if equal || change.p_adjusted.is_nan() || change.p_adjusted >= significance.level {
        Call::Stable
    } else if difference > 0.0 {
        Call::Increased
    } else {
        Call::Decreased
    }
}

/// The figure as published, half away from zero, in units of its last decimal.
fn rounded(estimate: f64, indicator: &Indicator) -> f64 {
    /// Sums of weights end a hair below the half that they mean.
    const HAIR: f64 = 1e-9;
    let unit = if indicator.unit == "percent" { 100.0 } else { 1.0 };
    let scaled = estimate * unit * 10_f64.powi(indicator.decimals as i32);
    (scaled + HAIR.copysign(scaled)).round()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_of_freedom_follow_welch_and_satterthwaite() {
        assert!((welch([1.0, 1.0], [10.0, 10.0]) - 20.0).abs() < 1e-12);
        assert!((welch([4.0, 1.0], [9.0, 19.0]) - 25.0 / (16.0 / 9.0 + 1.0 / 19.0)).abs() < 1e-12);
        assert_eq!(welch([0.0, 1.0], [9.0, 19.0]), 19.0);
        assert_eq!(welch([0.0, 0.0], [9.0, 19.0]), 28.0);
    }
}

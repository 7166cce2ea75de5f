//! Covariances of levels over replicate weights, for all figures of a wave in one fused pass over the respondents.
//!
//! A panel whose weights have replicates adds Σ f (θ_r - θ)², θ_r the mean with its replicate weights and the weights of
//! the other panels.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use nalgebra::DMatrix;

use super::{Plan, Values};
use crate::Error;
use crate::cell::Breakdown;
use crate::replicate::{AllMeans, Asked, all_means};
use crate::sample::{Column, Replicates, Sample};

/// By indicator and cut; none where not asked.
pub(super) type Covariances = Vec<Vec<Option<DMatrix<f64>>>>;

/// The sum over the panels with replicates; none where no panel has any.
pub(super) fn covariances(
    plan: &Plan<'_>,
    sample: &Sample<'_>,
    values: &Values,
) -> Result<Option<Covariances>, Error> {
    let mut first = 0;
    let mut of_panels: Vec<OfPanel<'_>> = Vec::new();
    for (part, replicates) in sample.parts.iter().zip(&sample.replicates) {
        let rows = first..first + part.rows();
        first = rows.end;
        if let Some(replicates) = replicates {
            of_panels.push(OfPanel { replicates, rows, full: sample.weights() });
        }
    }
    if of_panels.is_empty() {
        return Ok(None);
    }
    let mut covariances: Covariances =
        plan.indicators.iter().map(|_| vec![None; plan.cuts.len()]).collect();
    let everybody = vec![0; sample.weights().len()];
    let batches = batches(plan, values, &everybody);
    let asked: Vec<Asked<'_>> = batches.iter().map(Batch::asked).collect();
    for panel in &of_panels {
        let means = all_means(panel, panel.full, &asked)?;
        for (batch, means) in batches.iter().zip(&means) {
            batch.add(panel, means, &mut covariances);
        }
    }
    Ok(Some(covariances))
}

/// Indicators with the same breakdowns, as far as they were asked.
#[derive(Default)]
struct Batch<'a> {
    /// Each with the cuts that its breakdowns are.
    indicators: Vec<(usize, Vec<usize>)>,
    columns: Vec<Cow<'a, Column>>,
    breakdowns: Vec<Breakdown<'a>>,
}

/// One batch for all indicators in the same cuts; those in a single level each are one batch more, since whoever is not in
/// the level has no value either.
fn batches<'a>(plan: &Plan<'_>, values: &'a Values, everybody: &'a [u32]) -> Vec<Batch<'a>> {
    let mut batches: BTreeMap<Vec<usize>, Batch<'a>> = BTreeMap::new();
    for (indicator, cuts) in plan.cuts_of.iter().enumerate() {
        let asked = |cut: &&usize| values.codes[**cut].is_some();
        let cuts: Vec<usize> = cuts.iter().filter(asked).copied().collect();
        let Some(column) = values.columns[indicator].as_ref().filter(|_| !cuts.is_empty()) else {
            continue;
        };
        let level = |&cut: &usize| {
            let codes = values.codes[cut].as_deref().unwrap_or_default();
            let has_no_value =
                |(row, &code): (usize, &u32)| code == 0 || column.value(row).is_nan();
            plan.cuts[cut].levels.len() == 1 && codes.iter().enumerate().all(has_no_value)
        };
        let is_level = cuts.len() == 1 && level(&cuts[0]);
        let batch = batches.entry(if is_level { Vec::new() } else { cuts.clone() }).or_default();
        if batch.indicators.is_empty() {
            let breakdown = |&cut: &usize| {
                let levels = plan.cuts[cut].levels.len();
                Some(Breakdown { codes: values.codes[cut].as_deref()?, levels })
            };
            batch.breakdowns = if is_level {
                vec![Breakdown { codes: everybody, levels: 1 }]
            } else {
                cuts.iter().filter_map(breakdown).collect()
            };
        }
        batch.indicators.push((indicator, cuts));
        batch.columns.push(column.without_keys());
    }
    batches.into_values().collect()
}

impl Batch<'_> {
    fn asked(&self) -> Asked<'_> {
        let indicators = self.columns.iter().filter_map(|column| column.values()).collect();
        Asked { indicators, breakdowns: &self.breakdowns }
    }

    /// Adds the covariances over the replicates of one panel.
    fn add(&self, panel: &OfPanel<'_>, means: &AllMeans, covariances: &mut Covariances) {
        let Replicates { factors, mean_squared_error, .. } = panel.replicates;
        for (place, (indicator, cuts)) in self.indicators.iter().enumerate() {
            for (breakdown, &cut) in cuts.iter().enumerate() {
                let levels = self.breakdowns[breakdown].levels;
                let deviations: Vec<Vec<f64>> = (0..levels)
                    .map(|level| {
                        let (full, of_replicates) = means.of(place, breakdown, level);
                        let centre = if *mean_squared_error {
                            full
                        } else {
                            centre(&of_replicates, factors)
                        };
                        // A replicate in which the domain has nobody adds nothing.
                        let deviation =
                            |mean: f64| if mean.is_finite() { mean - centre } else { 0.0 };
                        of_replicates.into_iter().map(deviation).collect()
                    })
                    .collect();
                let own = DMatrix::from_fn(levels, levels, |a, b| {
                    let both = deviations[a].iter().zip(&deviations[b]).zip(factors);
                    both.map(|((a, b), factor)| factor * a * b).sum()
                });
                let sum = &mut covariances[*indicator][cut];
                *sum = Some(sum.take().map_or_else(|| own.clone(), |sum| sum + &own));
            }
        }
    }
}

/// Mean over the replicates that count and in which the domain has somebody.
fn centre(means: &[f64], factors: &[f64]) -> f64 {
    let counted =
        means.iter().zip(factors).filter(|(mean, factor)| mean.is_finite() && **factor > 0.0);
    let (sum, count) =
        counted.fold((0.0, 0.0), |(sum, count), (mean, _)| (sum + mean, count + 1.0));
    sum / count
}

/// The replicates of one panel in a sample of several: the other panels keep their weights.
struct OfPanel<'a> {
    replicates: &'a Replicates,
    rows: Range<usize>,
    full: &'a [f64],
}

impl survey::design::Replicates for OfPanel<'_> {
    fn count(&self) -> usize {
        self.replicates.count()
    }

    fn scale(&self) -> f64 {
        1.0
    }

    fn replicate_scales(&self) -> &[f64] {
        &self.replicates.factors
    }

    fn mean_squared_error(&self) -> bool {
        self.replicates.mean_squared_error
    }

    fn fill(&self, index: usize, weights: &mut [f64]) {
        weights.copy_from_slice(self.full);
        weights[self.rows.clone()].copy_from_slice(self.replicates.of(index));
    }

    fn kept(&self, index: usize) -> Option<&[f64]> {
        // Of a panel on its own.
        (self.rows.len() == self.full.len()).then(|| self.replicates.of(index))
    }
}

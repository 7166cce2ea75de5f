//! Sums of figures under replicate weights, for all plans of a wave in one fused pass over the respondents, and the
//! covariances of levels over them.
//!
//! A panel whose weights have replicates adds Σ f (θ_r - θ)², θ_r the mean with its replicate weights and the weights of
//! the other panels. A difference of two figures needs no pass: Σ w y of its linearised form is made of their sums.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use nalgebra::DMatrix;

use super::{Plan, Side, Values};
use crate::Error;
use crate::cell::Breakdown;
use crate::replicate::{AllSums, Asked, all_sums};
use crate::sample::{Column, OUTSIDE, Replicates, Sample};

/// The figures of a plan under the replicate weights of each panel that has some.
pub(crate) struct Replicated {
    panels: Vec<PanelSums>,
    /// Where the sums of an indicator in a cut are.
    places: BTreeMap<(usize, usize), Place>,
    /// The same of whoever is in the base of either indicator of a pair.
    unions: BTreeMap<([usize; 2], usize), Place>,
    /// Pairs of which one base holds the other: which.
    holds: Vec<([usize; 2], usize)>,
}

/// One panel's replicates, and the sums of each batch under them.
struct PanelSums {
    factors: Vec<f64>,
    mean_squared_error: bool,
    of_batch: Vec<AllSums>,
}

#[derive(Clone, Copy)]
struct Place {
    batch: usize,
    column: usize,
    breakdown: usize,
}

/// Σ w y and Σ w of one level: of the whole sample, and of each replicate.
struct Level {
    full: (f64, f64),
    of_replicate: Vec<(f64, f64)>,
}

/// A plan and its values.
pub(crate) type Asks<'a> = (&'a Plan<'a>, &'a Values);

impl Replicated {
    /// Of each plan; none where no panel has replicates.
    pub(super) fn of(sample: &Sample<'_>, plans: &[Asks<'_>]) -> Result<Option<Vec<Self>>, Error> {
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
        let (batches, mut all): (Vec<_>, Vec<_>) = plans.iter().map(Self::batches).unzip();
        let asked: Vec<Asked<'_>> = batches.iter().flatten().map(Batch::asked).collect();
        for panel in &of_panels {
            let mut sums = all_sums(panel, panel.full, &asked)?.into_iter();
            for (plan, batches) in all.iter_mut().zip(&batches) {
                let Replicates { factors, mean_squared_error, .. } = panel.replicates;
                plan.panels.push(PanelSums {
                    factors: factors.clone(),
                    mean_squared_error: *mean_squared_error,
                    of_batch: sums.by_ref().take(batches.len()).collect(),
                });
            }
        }
        Ok(Some(all))
    }

    /// What of a plan is summed together, and where its sums will be.
    fn batches<'a>(asks: &Asks<'a>) -> (Vec<Batch<'a>>, Self) {
        let (batches, holds) = batches(asks);
        let (mut places, mut unions) = (BTreeMap::new(), BTreeMap::new());
        for (batch, of_batch) in batches.iter().enumerate() {
            for (column, of_column) in of_batch.of_column.iter().enumerate() {
                for (breakdown, &cut) in of_batch.cuts.iter().enumerate() {
                    let place = Place { batch, column, breakdown };
                    match *of_column {
                        OfColumn::Indicator(indicator) => {
                            places.insert((indicator, cut), place);
                        }
                        OfColumn::Union(pair) => {
                            unions.insert((pair, cut), place);
                        }
                    }
                }
            }
        }
        (batches, Self { panels: Vec::new(), places, unions, holds })
    }

    /// Covariance of the levels of a cut; none where not asked.
    pub(super) fn covariance(
        &self,
        indicator: usize,
        cut: usize,
        levels: usize,
    ) -> Option<DMatrix<f64>> {
        let place = *self.places.get(&(indicator, cut))?;
        let of_panel = |panel: &PanelSums| {
            let levels: Vec<Level> = (0..levels).map(|level| panel.level(place, level)).collect();
            panel.covariance(&levels)
        };
        self.panels.iter().map(of_panel).reduce(|sum, own| sum + own)
    }

    /// Covariance of the levels of a difference, `sides[0]` taken off; none where one of them was not asked.
    pub(super) fn covariance_of_difference(
        &self,
        sides: [Side; 2],
        levels: usize,
    ) -> Option<DMatrix<f64>> {
        let place = |side: Side| self.places.get(&(side.indicator, side.cut)).copied();
        let places = [place(sides[0])?, place(sides[1])?];
        let pair = sides.map(|side| side.indicator);
        let union = self.unions.get(&(pair, sides[1].cut)).copied();
        let holds = self.holds.iter().find(|known| known.0 == pair).map(|known| known.1);
        let of_panel = |panel: &PanelSums| {
            let difference = |level: usize| {
                let of_side = |at: usize| panel.level(places[at], sides[at].level.unwrap_or(level));
                let both = [of_side(0), of_side(1)];
                if let Some(union) = union {
                    let union = panel.level(union, level);
                    let mut bases = union.all().map(|(_, base)| base);
                    return Level::difference(&both, |_| bases.next().unwrap_or(f64::NAN));
                }
                match holds {
                    Some(side) => Level::difference(&both, |bases| bases[side]),
                    // Nobody is in two levels.
                    None => Level::difference(&both, |[first, second]| first + second),
                }
            };
            panel.covariance(&(0..levels).map(difference).collect::<Vec<_>>())
        };
        self.panels.iter().map(of_panel).reduce(|sum, own| sum + own)
    }
}

impl PanelSums {
    fn level(&self, place: Place, level: usize) -> Level {
        let mut sums = self.of_batch[place.batch].of(place.column, place.breakdown, level);
        let full = sums.next().unwrap_or((f64::NAN, f64::NAN));
        Level { full, of_replicate: sums.collect() }
    }

    /// Over the replicates.
    fn covariance(&self, levels: &[Level]) -> DMatrix<f64> {
        let deviations = |level: &Level| -> Vec<f64> {
            let mean = |(sum, base): (f64, f64)| sum / base;
            let of_replicates: Vec<f64> = level.of_replicate.iter().copied().map(mean).collect();
            let centre = if self.mean_squared_error {
                mean(level.full)
            } else {
                centre(&of_replicates, &self.factors)
            };
            // A replicate in which the domain has nobody adds nothing.
            let deviation = |mean: f64| if mean.is_finite() { mean - centre } else { 0.0 };
            of_replicates.into_iter().map(deviation).collect()
        };
        let deviations: Vec<Vec<f64>> = levels.iter().map(deviations).collect();
        DMatrix::from_fn(levels.len(), levels.len(), |a, b| {
            let both = deviations[a].iter().zip(&deviations[b]).zip(&self.factors);
            both.map(|((a, b), factor)| factor * a * b).sum()
        })
    }
}

impl Level {
    fn all(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        std::iter::once(self.full).chain(self.of_replicate.iter().copied())
    }

    /// Σ w y and Σ w of y = D + W u: D the difference of the means, u that of the influence values (y - mean) / Σw of a
    /// respondent on both, W = Σw of those who are in either base, whom `bases` tells from both bases, in order.
    fn difference([first, second]: &[Self; 2], mut bases: impl FnMut([f64; 2]) -> f64) -> Self {
        let mean = |level: &Self| level.full.0 / level.full.1;
        let means = [mean(first), mean(second)];
        let own = means[1] - means[0];
        let both = first.all().zip(second.all());
        let mut size = f64::NAN;
        let mut sums = both.enumerate().map(|(at, sums)| {
            let sums = [sums.0, sums.1];
            let base = bases(sums.map(|sums| sums.1));
            if at == 0 {
                size = base;
            }
            let influence = |side: usize| {
                let (sum, base) = sums[side];
                (sum - means[side] * base) / [first, second][side].full.1
            };
            (own * base + size * (influence(1) - influence(0)), base)
        });
        let full = sums.next().unwrap_or((f64::NAN, f64::NAN));
        Self { full, of_replicate: sums.collect() }
    }
}

/// Indicators with the same cuts, as far as they were asked.
#[derive(Default)]
struct Batch<'a> {
    cuts: Vec<usize>,
    of_column: Vec<OfColumn>,
    columns: Vec<Cow<'a, Column>>,
    breakdowns: Vec<Breakdown<'a>>,
}

/// What a column of a batch is.
enum OfColumn {
    Indicator(usize),
    /// Whoever is in the base of either.
    Union([usize; 2]),
}

/// With the pairs of which one base holds the other.
fn batches<'a>(&(plan, values): &Asks<'a>) -> (Vec<Batch<'a>>, Vec<([usize; 2], usize)>) {
    let mut batches: BTreeMap<Vec<usize>, Batch<'a>> = BTreeMap::new();
    let mut holds = Vec::new();
    let mut add = |cuts: Vec<usize>, of_column: OfColumn, column: Cow<'a, Column>| {
        let asked = cuts.into_iter().filter(|cut| values.codes[*cut].is_some());
        let cuts: Vec<usize> = asked.collect();
        if cuts.is_empty() {
            return;
        }
        let batch = batches.entry(cuts).or_default();
        batch.of_column.push(of_column);
        batch.columns.push(column);
    };
    for (indicator, cuts) in plan.cuts_of.iter().enumerate() {
        if let Some(column) = &values.columns[indicator] {
            add(cuts.clone(), OfColumn::Indicator(indicator), column.without_keys());
        }
    }
    for (_, pair) in plan.pairs_of_indicators() {
        let [Some(first), Some(second)] = pair.map(|side| values.columns[side].as_ref()) else {
            continue;
        };
        match union(first, second) {
            Union::Holds(side) => holds.push((pair, side)),
            Union::Column(union) => {
                let is_of_both = |cut: &&usize| plan.cuts_of[pair[0]].contains(cut);
                let cuts = plan.cuts_of[pair[1]].iter().filter(is_of_both).copied().collect();
                add(cuts, OfColumn::Union(pair), Cow::Owned(union));
            }
        }
    }
    let with_cuts = |(cuts, batch): (Vec<usize>, Batch<'a>)| {
        let breakdown = |&cut: &usize| {
            let levels = plan.cuts[cut].levels.len();
            Some(Breakdown { codes: values.codes[cut].as_deref()?, levels })
        };
        let breakdowns = cuts.iter().filter_map(breakdown).collect();
        Batch { cuts, breakdowns, ..batch }
    };
    (batches.into_iter().map(with_cuts).collect(), holds)
}

/// Whoever is in the base of either of two indicators.
enum Union {
    /// Those of this one: its base holds that of the other.
    Holds(usize),
    /// A column of zeros.
    Column(Column),
}

fn union(first: &Column, second: &Column) -> Union {
    let is_in = |column: &Column, row: usize| !column.value(row).is_nan();
    let rows = first.rows();
    let is_only_in =
        |one: &Column, other: &Column| (0..rows).any(|row| is_in(one, row) && !is_in(other, row));
    if !is_only_in(first, second) {
        return Union::Holds(1);
    }
    if !is_only_in(second, first) {
        return Union::Holds(0);
    }
    let of_row = |row: usize| if is_in(first, row) || is_in(second, row) { 0 } else { OUTSIDE };
    Union::Column(Column::Binary((0..rows).map(of_row).collect()))
}

impl Batch<'_> {
    fn asked(&self) -> Asked<'_> {
        let indicators = self.columns.iter().filter_map(|column| column.values()).collect();
        Asked { indicators, breakdowns: &self.breakdowns }
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

//! Means of many indicators in many categories over replicates: a block of replicates at a time, one fused pass each.

mod layout;
mod pattern;

use std::sync::Mutex;

use rayon::prelude::*;
use survey::design::Replicates;

use self::layout::{Buffers, Layout, Weights};
use crate::Error;
use crate::kernel::{Breakdown, Values, check_rows};

/// A weighted mean with its error over replicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReplicateMean {
    /// Full-sample mean; NaN on an empty base.
    pub mean: f64,
    /// Standard error over the replicates; NaN when none gave a number.
    pub standard_error: f64,
    /// Replicates in which the mean was a number.
    pub used: usize,
}

/// Replicates that are filled and summed together: they share the reading of the answers.
const BLOCK: usize = 8;

/// Means by indicator, breakdown and category, `full` = the weights of the whole sample.
///
/// Holds `BLOCK` columns of weights a thread, twice, and never the matrix of all replicates; the same on any number of threads.
pub fn means(
    replicates: &dyn Replicates,
    full: &[f64],
    indicators: &[Values<'_>],
    breakdowns: &[Breakdown<'_>],
) -> Result<Vec<Vec<Vec<ReplicateMean>>>, Error> {
    check_rows(full.len(), indicators, breakdowns)?;
    let layouts = [Layout::new(full, indicators, breakdowns)];
    let [layout] = &layouts;
    let estimates = layout.means(&layout.sums(full));
    let scales = replicates.replicate_scales();
    let blocks = by_block(replicates, full.len(), &layouts, |first, block| {
        let mut sums = vec![Deviations::default(); estimates.len()];
        for (of_replicate, scale) in block.iter().zip(&scales[first..]) {
            let means = layout.means(of_replicate);
            for ((sum, mean), full) in sums.iter_mut().zip(means).zip(&estimates) {
                sum.add(mean - full, *scale);
            }
        }
        sums
    });
    let mut all = vec![Deviations::default(); estimates.len()];
    for block in blocks.iter().flatten() {
        all.iter_mut().zip(block).for_each(|(sum, block)| sum.merge(block));
    }
    let centred = !replicates.mean_squared_error();
    let figure = |(sum, &mean): (&Deviations, &f64)| ReplicateMean {
        mean,
        standard_error: (replicates.scale() * sum.variance(centred)).sqrt(),
        used: sum.used,
    };
    let figures: Vec<ReplicateMean> = all.iter().zip(&estimates).map(figure).collect();
    Ok(layout.by_indicator(&figures))
}

/// The sums of every replicate.
pub(crate) struct AllSums {
    layout: Layout,
    full: Vec<f64>,
    of_replicate: Vec<Vec<f64>>,
}

impl AllSums {
    /// Σ w y and Σ w of the whole sample, then of each replicate.
    pub fn of(
        &self,
        indicator: usize,
        breakdown: usize,
        level: usize,
    ) -> impl Iterator<Item = (f64, f64)> + '_ {
        let all = std::iter::once(&self.full).chain(&self.of_replicate);
        all.map(move |sums| self.layout.of(sums, indicator, breakdown, level))
    }
}

/// Indicators, each in all of some breakdowns.
pub(crate) struct Asked<'a> {
    pub indicators: Vec<Values<'a>>,
    pub breakdowns: &'a [Breakdown<'a>],
}

/// As `means`, for several sets of indicators and with every replicate kept: figures × replicates numbers.
pub(crate) fn all_sums(
    replicates: &dyn Replicates,
    full: &[f64],
    asked: &[Asked<'_>],
) -> Result<Vec<AllSums>, Error> {
    let layout = |asked: &Asked<'_>| {
        check_rows(full.len(), &asked.indicators, asked.breakdowns)?;
        Ok(Layout::new(full, &asked.indicators, asked.breakdowns))
    };
    let layouts: Vec<Result<Layout, Error>> = asked.par_iter().map(layout).collect();
    let layouts: Vec<Layout> = layouts.into_iter().collect::<Result<_, _>>()?;
    let mut of_replicate: Vec<Vec<Vec<f64>>> = layouts.iter().map(|_| Vec::new()).collect();
    for block in by_block(replicates, full.len(), &layouts, |_, sums| sums) {
        for (all, sums) in of_replicate.iter_mut().zip(block) {
            all.extend(sums);
        }
    }
    let all = layouts.into_iter().zip(of_replicate);
    let all = all.map(|(layout, of_replicate)| {
        let full = layout.sums(full);
        AllSums { layout, full, of_replicate }
    });
    Ok(all.collect())
}

/// What `make` makes of the first replicate's number and the sums of each replicate, by block of replicates and layout, in
/// their order. A block of weights is taken once for all layouts.
fn by_block<T: Send>(
    replicates: &dyn Replicates,
    rows: usize,
    layouts: &[Layout],
    make: impl Fn(usize, Vec<Vec<f64>>) -> T + Sync,
) -> Vec<Vec<T>> {
    let count = replicates.count();
    let new = || {
        let buffers: Vec<Buffers> = layouts.iter().map(Layout::buffers).collect();
        (replicates.filler(), vec![Vec::new(); BLOCK], Weights::new(rows), buffers)
    };
    // One for each thread that is at work, however many pieces of the blocks it takes.
    let idle = Mutex::new(Vec::new());
    (0..count.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let held = idle.lock().ok().and_then(|mut idle| idle.pop());
            let mut held = held.unwrap_or_else(new);
            let (fill, made, weights, buffers) = &mut held;
            let of_block = block * BLOCK..count.min((block + 1) * BLOCK);
            for (index, made) in of_block.clone().zip(made.iter_mut()) {
                if replicates.kept(index).is_none() {
                    made.resize(rows, 0.0);
                    fill(index, made);
                }
            }
            let made = made.iter().map(Vec::as_slice);
            let columns = of_block.clone().zip(made);
            let columns: Vec<&[f64]> =
                columns.map(|(index, made)| replicates.kept(index).unwrap_or(made)).collect();
            weights.take(&columns);
            let sums = layouts.iter().zip(buffers);
            let sums = sums.map(|(layout, buffers)| buffers.sums(layout, weights, columns.len()));
            let made = sums.map(|sums| make(of_block.start, sums)).collect();
            if let Ok(mut idle) = idle.lock() {
                idle.push(held);
            }
            made
        })
        .collect()
}

/// Σ over replicates of their distance from the full-sample estimate, and of its square with the replicate's scale.
#[derive(Debug, Clone, Copy, Default)]
struct Deviations {
    used: usize,
    scaled_squares: f64,
    scaled: f64,
    scales: f64,
    /// Of replicates with a scale above 0: they make the mean.
    sum: f64,
    counted: f64,
}

impl Deviations {
    fn add(&mut self, deviation: f64, scale: f64) {
        if !deviation.is_finite() {
            return;
        }
        self.used += 1;
        self.scaled_squares += scale * deviation * deviation;
        self.scaled += scale * deviation;
        self.scales += scale;
        if scale > 0.0 {
            self.sum += deviation;
            self.counted += 1.0;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.used += other.used;
        self.scaled_squares += other.scaled_squares;
        self.scaled += other.scaled;
        self.scales += other.scales;
        self.sum += other.sum;
        self.counted += other.counted;
    }

    /// Σ scale × (θ - centre)²; around the mean over replicates when `centred`.
    fn variance(&self, centred: bool) -> f64 {
        if self.used == 0 {
            return f64::NAN;
        }
        let centre = if centred && self.counted > 0.0 { self.sum / self.counted } else { 0.0 };
        let variance =
            self.scaled_squares - 2.0 * centre * self.scaled + centre * centre * self.scales;
        variance.max(0.0)
    }
}

#[cfg(test)]
mod tests;

//! Means of many indicators in many categories over replicates: a block of replicates at a time, one fused pass each.

mod layout;

use rayon::prelude::*;
use survey::design::Replicates;

use self::layout::Layout;
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
/// Holds `BLOCK` columns of weights a thread and never the matrix of all replicates; the same on any number of threads.
pub fn means(
    replicates: &dyn Replicates,
    full: &[f64],
    indicators: &[Values<'_>],
    breakdowns: &[Breakdown<'_>],
) -> Result<Vec<Vec<Vec<ReplicateMean>>>, Error> {
    check_rows(full.len(), indicators, breakdowns)?;
    let layout = Layout::new(full, indicators, breakdowns);
    let estimates = layout.means(full);
    let scales = replicates.replicate_scales();
    let blocks = by_block(replicates, full, &layout, |means: Block<'_>| {
        let mut sums = vec![Deviations::default(); estimates.len()];
        means(&mut |index, means| {
            for ((sum, mean), full) in sums.iter_mut().zip(means).zip(&estimates) {
                sum.add(mean - full, scales[index]);
            }
        });
        sums
    });
    let mut all = vec![Deviations::default(); estimates.len()];
    for block in &blocks {
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

/// The means of every replicate.
pub(crate) struct AllMeans {
    layout: Layout,
    full: Vec<f64>,
    of_replicate: Vec<Vec<f64>>,
}

impl AllMeans {
    /// Mean of the whole sample and of each replicate; NaN on an empty base.
    pub fn of(&self, indicator: usize, breakdown: usize, level: usize) -> (f64, Vec<f64>) {
        let place = self.layout.place(indicator, breakdown, level);
        (self.full[place], self.of_replicate.iter().map(|means| means[place]).collect())
    }
}

/// As `means`, with every replicate kept: indicators × categories × replicates numbers.
pub(crate) fn all_means(
    replicates: &dyn Replicates,
    full: &[f64],
    indicators: &[Values<'_>],
    breakdowns: &[Breakdown<'_>],
) -> Result<AllMeans, Error> {
    check_rows(full.len(), indicators, breakdowns)?;
    let layout = Layout::new(full, indicators, breakdowns);
    let blocks = by_block(replicates, full, &layout, |means: Block<'_>| {
        let mut kept: Vec<Vec<f64>> = Vec::with_capacity(BLOCK);
        means(&mut |_, means| kept.push(means.to_vec()));
        kept
    });
    let of_replicate = blocks.into_iter().flatten().collect();
    Ok(AllMeans { full: layout.means(full), of_replicate, layout })
}

/// Hands on each replicate of a block with its means.
type Block<'b> = &'b mut dyn FnMut(&mut dyn FnMut(usize, &[f64]));

/// What `make` makes of each block of replicates, in their order.
fn by_block<T: Send>(
    replicates: &dyn Replicates,
    full: &[f64],
    layout: &Layout,
    make: impl Fn(Block<'_>) -> T + Sync,
) -> Vec<T> {
    let count = replicates.count();
    (0..count.div_ceil(BLOCK))
        .into_par_iter()
        .map_init(
            || (replicates.filler(), vec![0.0; full.len()], layout.buffers()),
            |(fill, weights, buffers), block| {
                let first = block * BLOCK;
                let size = BLOCK.min(count - first);
                buffers.clear();
                for index in 0..size {
                    fill(first + index, weights);
                    buffers.place(layout, index, weights);
                }
                make(&mut |take| {
                    buffers.means(layout, |index, means| take(first + index, means), size);
                })
            },
        )
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

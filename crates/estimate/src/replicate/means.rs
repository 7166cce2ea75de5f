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
    let mut buffers = layout.buffers();
    buffers.clear();
    buffers.place(&layout, 0, full);
    let mut estimates = vec![0.0; layout.figures()];
    buffers.means(&layout, |_, means| estimates.copy_from_slice(means), 1);

    let count = replicates.count();
    let blocks: Vec<Vec<Deviations>> = (0..count.div_ceil(BLOCK))
        .into_par_iter()
        .map_init(
            || (replicates.filler(), vec![0.0; full.len()], layout.buffers()),
            |(fill, weights, buffers), block| {
                let first = block * BLOCK;
                let size = BLOCK.min(count - first);
                buffers.clear();
                for index in 0..size {
                    fill(first + index, weights);
                    buffers.place(&layout, index, weights);
                }
                let mut sums = vec![Deviations::default(); estimates.len()];
                let scales = &replicates.replicate_scales()[first..first + size];
                let add = |index: usize, means: &[f64]| {
                    for ((sum, mean), full) in sums.iter_mut().zip(means).zip(&estimates) {
                        sum.add(mean - full, scales[index]);
                    }
                };
                buffers.means(&layout, add, size);
                sums
            },
        )
        .collect();
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

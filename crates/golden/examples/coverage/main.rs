//! `coverage [FILE]`: how often the 95 % intervals hold the truth; writes the tables of docs/coverage.md.
//!
//! Changes and contrasts go through the stages (`changes`); levels through the functions of slices:
//! draws many samples from a planted finite population, by three designs and four sizes, with and without calibration,
//! and counts per estimator and method of error. Seeded: the same tables on any number of threads.
#![allow(clippy::print_stdout, reason = "a program that reports")]
#![allow(clippy::unwrap_used, reason = "a simulation that cannot be made should stop")]

mod changes;
mod draw;
mod intervals;
mod population;
mod report;

use rayon::prelude::*;

use draw::{Sampling, draw};
use intervals::{COLUMNS, Held, held};
use population::Population;

/// Seed of the population and of all draws.
const SEED: u64 = 20251;
/// Samples of each design, size and calibration.
const DRAWS: u64 = 1000;
const SIZES: [usize; 4] = [100, 400, 1000, 4000];

/// One row of the tables.
pub struct Row {
    pub sampling: Sampling,
    pub size: usize,
    pub is_calibrated: bool,
    /// Per column: samples in which there was an interval, and in which it held the truth.
    pub counts: Vec<(u64, u64)>,
}

fn main() -> std::io::Result<()> {
    let compared = changes::simulate(SEED);
    let population = Population::new(SEED);
    let mut rows = Vec::new();
    for sampling in [Sampling::Simple, Sampling::Stratified, Sampling::Clustered] {
        for size in SIZES {
            for is_calibrated in [false, true] {
                rows.push(simulate(&population, sampling, size, is_calibrated));
                eprint_progress(rows.last().unwrap());
            }
        }
    }
    let text = report::markdown(&rows, &changes::markdown(&compared));
    if let Some(file) = std::env::args().nth(1) {
        return std::fs::write(file, text);
    }
    print!("{text}");
    Ok(())
}

fn simulate(population: &Population, sampling: Sampling, size: usize, is_calibrated: bool) -> Row {
    let of_draw = |index: u64| {
        let sample = draw(population, sampling, size, SEED, index);
        held(population, &sample, is_calibrated, index)
    };
    let all: Vec<Vec<Held>> = (0..DRAWS).into_par_iter().map(of_draw).collect();
    let mut counts = vec![(0, 0); COLUMNS];
    for held in &all {
        for (count, held) in counts.iter_mut().zip(held) {
            count.0 += u64::from(*held != Held::NoInterval);
            count.1 += u64::from(*held == Held::Yes);
        }
    }
    Row { sampling, size, is_calibrated, counts }
}

#[allow(clippy::print_stderr, reason = "progress of a long run")]
fn eprint_progress(row: &Row) {
    let first = row.counts[0];
    eprintln!("{:?} {} calibrated {}: {first:?}", row.sampling, row.size, row.is_calibrated);
}

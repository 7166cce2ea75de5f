//! Answers and categories in the order of the sums: rows of equal categories are neighbours, and what a row adds to the sums
//! is one pattern for many indicators.

use super::pattern::{Parts, Patterns};
use super::{BLOCK, ReplicateMean};
use crate::kernel::{Breakdown, Values};

/// Indicators of many different numbers that are summed together.
const WIDTH: usize = 4;
/// Rows whose weights stay near while every group of indicators takes them (64 kB).
const TILE: usize = 1024;
/// A crossing of breakdowns is kept while its ranges have this many rows on average.
const ROWS_A_RANGE: usize = 512;
/// A range has so many times the rows of the patterns that are taken apart after it.
const ROWS_A_PATTERN: usize = 8;
/// Patterns whose sums stay in the nearest cache (16 kB); a pattern is a byte.
const MOST_PATTERNS: usize = 256;
const LEAST_PATTERNS: usize = 16;

/// A number for each replicate of a block.
type Lanes = [f64; BLOCK];

/// Everything about the sample that is the same for all replicates.
pub(super) struct Layout {
    /// Sums of a category: Σw, then of the answers, then of the bases of indicators with missing answers.
    sums: usize,
    indicators: Vec<Sum>,
    orders: Vec<Order>,
    /// First category of each breakdown among all categories, and their number.
    first: Vec<usize>,
    categories: usize,
    /// Levels of each breakdown.
    levels: Vec<usize>,
}

/// The sums of an indicator.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    pub answers: usize,
    /// None where everybody answered: then Σw is its base.
    pub own_base: Option<usize>,
}

impl Sum {
    fn base(self) -> usize {
        self.own_base.unwrap_or(0)
    }
}

/// Rows sorted by the cross of some breakdowns.
struct Order {
    rows: Vec<u32>,
    /// Rows with the same categories: first, end, and their categories among all.
    ranges: Vec<(usize, usize, Vec<usize>)>,
    patterns: Vec<Patterns>,
    numbers: Vec<Numbers>,
}

/// Some indicators of many numbers.
struct Numbers {
    /// Of the answers and the base of each: the last may be fewer.
    sums: Vec<usize>,
    of_row: Vec<[f64; WIDTH]>,
}

/// Weights of a block of replicates by row of the sample.
pub(super) struct Weights(Vec<Lanes>);

/// The buffers of one thread.
pub(super) struct Buffers {
    tile: Vec<Lanes>,
    /// Of one order, the sum of each pattern of each group.
    bins: Vec<Box<[Lanes; MOST_PATTERNS]>>,
    /// Category × sum.
    sums: Vec<Lanes>,
    /// Sums of one range.
    range: Vec<Lanes>,
}

impl Layout {
    pub fn new(full: &[f64], indicators: &[Values<'_>], breakdowns: &[Breakdown<'_>]) -> Self {
        let rows: Vec<u32> =
            (0..full.len() as u32).filter(|&row| full[row as usize] != 0.0).collect();
        let mut sums = 1 + indicators.len();
        let places = indicators.iter().enumerate().map(|(index, values)| {
            let is_complete = match values {
                Values::Binary(values) => rows.iter().all(|&row| values[row as usize] <= 1),
                Values::Numeric(values) => rows.iter().all(|&row| values[row as usize].is_finite()),
            };
            let own_base = (!is_complete).then_some(sums);
            sums += usize::from(!is_complete);
            Sum { answers: 1 + index, own_base }
        });
        let places: Vec<Sum> = places.collect();
        let mut few = vec![Parts::of_everybody(0, full.len())];
        let mut many: Vec<(Values<'_>, Sum)> = Vec::new();
        for (&values, &sum) in indicators.iter().zip(&places) {
            match Parts::new(values, sum) {
                Some(parts) => few.push(parts),
                None => many.push((values, sum)),
            }
        }
        let mut first = Vec::new();
        let mut categories = 0;
        for breakdown in breakdowns {
            first.push(categories);
            categories += breakdown.levels;
        }
        let mut orders = Vec::new();
        let mut start = 0;
        while start < breakdowns.len() {
            let (mut order, end) = sort(&rows, breakdowns, &first, start);
            let a_range = order.rows.len() / order.ranges.len().max(1);
            let most = (a_range / ROWS_A_PATTERN).clamp(LEAST_PATTERNS, MOST_PATTERNS);
            order.patterns = Patterns::of(&few, &order.rows, most);
            order.numbers = Numbers::of(&many, &order.rows);
            orders.push(order);
            start = end;
        }
        let levels = breakdowns.iter().map(|breakdown| breakdown.levels).collect();
        Self { sums, indicators: places, orders, first, categories, levels }
    }

    /// Place of a mean among all.
    fn place(&self, indicator: usize, breakdown: usize, level: usize) -> usize {
        (self.first[breakdown] + level) * self.indicators.len() + indicator
    }

    /// The sums under one column of weights.
    pub fn sums(&self, weights: &[f64]) -> Vec<f64> {
        let mut of_row = Weights::new(weights.len());
        of_row.take(&[weights]);
        self.buffers().sums(self, &of_row, 1).swap_remove(0)
    }

    /// Of the sums under one column of weights Σ w y and Σ w of an indicator in a category.
    pub fn of(&self, sums: &[f64], indicator: usize, breakdown: usize, level: usize) -> (f64, f64) {
        let (category, sum) = (self.first[breakdown] + level, self.indicators[indicator]);
        let sums = &sums[category * self.sums..(category + 1) * self.sums];
        (sums[sum.answers], sums[sum.base()])
    }

    /// The means that the sums make, category by category.
    pub fn means(&self, sums: &[f64]) -> Vec<f64> {
        let of_category = |sums: &[f64]| -> Vec<f64> {
            self.indicators.iter().map(|sum| sums[sum.answers] / sums[sum.base()]).collect()
        };
        sums.chunks_exact(self.sums).flat_map(of_category).collect()
    }

    pub fn buffers(&self) -> Buffers {
        let groups = self.orders.iter().map(|order| order.patterns.len()).max().unwrap_or(0);
        Buffers {
            tile: Vec::with_capacity(TILE),
            bins: vec![Box::new([[0.0; BLOCK]; MOST_PATTERNS]); groups],
            sums: vec![[0.0; BLOCK]; self.categories * self.sums],
            range: vec![[0.0; BLOCK]; self.sums],
        }
    }

    /// Figures (category by category) as indicator, breakdown, category.
    pub fn by_indicator(&self, figures: &[ReplicateMean]) -> Vec<Vec<Vec<ReplicateMean>>> {
        let of_breakdown = |indicator: usize, breakdown: usize| {
            let place = |level: usize| self.place(indicator, breakdown, level);
            (0..self.levels[breakdown]).map(|level| figures[place(level)]).collect()
        };
        let of_indicator = |indicator: usize| {
            (0..self.levels.len()).map(|breakdown| of_breakdown(indicator, breakdown)).collect()
        };
        (0..self.indicators.len()).map(of_indicator).collect()
    }
}

impl Weights {
    pub fn new(rows: usize) -> Self {
        Self(vec![[0.0; BLOCK]; rows])
    }

    /// Takes a column of weights for each replicate of a block; what is left of the block is not handed on.
    pub fn take(&mut self, columns: &[&[f64]]) {
        if let Ok(columns) = <[&[f64]; BLOCK]>::try_from(columns) {
            for (row, lanes) in self.0.iter_mut().enumerate() {
                *lanes = columns.map(|column| column[row]);
            }
            return;
        }
        for (place, column) in columns.iter().enumerate() {
            self.0.iter_mut().zip(*column).for_each(|(lanes, weight)| lanes[place] = *weight);
        }
    }
}

impl Buffers {
    /// The sums of each of the first `size` replicates, category by category.
    pub fn sums(&mut self, layout: &Layout, weights: &Weights, size: usize) -> Vec<Vec<f64>> {
        self.sums.fill([0.0; BLOCK]);
        for order in &layout.orders {
            for (first, end, categories) in &order.ranges {
                self.sum_range(order, weights, (*first, *end));
                for category in categories {
                    let sums = &mut self.sums[category * layout.sums..];
                    sums.iter_mut().zip(&self.range).for_each(|(sum, range)| add(sum, range));
                }
            }
        }
        (0..size).map(|lane| self.sums.iter().map(|lanes| lanes[lane]).collect()).collect()
    }

    /// All sums of a range of rows.
    fn sum_range(&mut self, order: &Order, weights: &Weights, (first, end): (usize, usize)) {
        let Self { tile, bins, range, .. } = self;
        range.fill([0.0; BLOCK]);
        for start in (first..end).step_by(TILE) {
            let rows = start..end.min(start + TILE);
            tile.clear();
            tile.extend(order.rows[rows.clone()].iter().map(|&row| weights.0[row as usize]));
            for (groups, bins) in order.patterns.chunks(2).zip(bins.chunks_mut(2)) {
                add_tile(groups, rows.start, tile, bins);
            }
            for numbers in &order.numbers {
                numbers.add(&numbers.of_row[rows.clone()], tile, range);
            }
        }
        for (group, bins) in order.patterns.iter().zip(bins) {
            for (adds, bin) in group.adds.iter().zip(bins.iter_mut()) {
                for &(sum, number) in adds {
                    for (sum, bin) in range[sum].iter_mut().zip(*bin) {
                        *sum += number * bin;
                    }
                }
                *bin = [0.0; BLOCK];
            }
        }
    }
}

/// Adds the weights of a tile to the patterns of its rows: two groups at a time, so that one need not wait for the other.
fn add_tile(
    groups: &[Patterns],
    first: usize,
    tile: &[Lanes],
    bins: &mut [Box<[Lanes; MOST_PATTERNS]>],
) {
    let rows = first..first + tile.len();
    match (groups, bins) {
        ([one, other], [one_bins, other_bins]) => {
            let patterns = one.of_row[rows.clone()].iter().zip(&other.of_row[rows]);
            for (weights, (&one, &other)) in tile.iter().zip(patterns) {
                add(&mut one_bins[usize::from(one)], weights);
                add(&mut other_bins[usize::from(other)], weights);
            }
        }
        ([one], [bins, ..]) => {
            for (weights, &pattern) in tile.iter().zip(&one.of_row[rows]) {
                add(&mut bins[usize::from(pattern)], weights);
            }
        }
        _ => {}
    }
}

fn add(sums: &mut Lanes, weights: &Lanes) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum += weight;
    }
}

impl Numbers {
    /// Four columns of answers or bases to a group.
    fn of(indicators: &[(Values<'_>, Sum)], rows: &[u32]) -> Vec<Self> {
        let columns = indicators.iter().flat_map(|&(values, sum)| {
            let answers = Some((values, sum.answers, false));
            answers.into_iter().chain(sum.own_base.map(|base| (values, base, true)))
        });
        let columns: Vec<(Values<'_>, usize, bool)> = columns.collect();
        let number = |&(values, _, is_base): &(Values<'_>, usize, bool), row: u32| {
            let value = values.value(row as usize);
            match (value.is_finite(), is_base) {
                (true, false) => value,
                (inside, _) => f64::from(inside),
            }
        };
        let group = |columns: &[(Values<'_>, usize, bool)]| {
            let of_row = |&row: &u32| {
                std::array::from_fn(|place| {
                    columns.get(place).map_or(0.0, |column| number(column, row))
                })
            };
            Self {
                sums: columns.iter().map(|column| column.1).collect(),
                of_row: rows.iter().map(of_row).collect(),
            }
        };
        columns.chunks(WIDTH).map(group).collect()
    }

    /// Adds Σ weight × number of some rows, for each replicate of the block.
    fn add(&self, numbers: &[[f64; WIDTH]], weights: &[Lanes], range: &mut [Lanes]) {
        // Two replicates × four columns keep their sums in registers.
        for pair in 0..BLOCK / 2 {
            let mut sums = [[0.0; WIDTH]; 2];
            for (number, weight) in numbers.iter().zip(weights) {
                for (replicate, sums) in sums.iter_mut().enumerate() {
                    let weight = weight[2 * pair + replicate];
                    for (sum, number) in sums.iter_mut().zip(number) {
                        *sum += weight * number;
                    }
                }
            }
            for (place, &sum) in self.sums.iter().enumerate() {
                range[sum][2 * pair] += sums[0][place];
                range[sum][2 * pair + 1] += sums[1][place];
            }
        }
    }
}

/// Rows sorted by the cross of as many breakdowns from `start` as leave ranges long enough; and where they end.
fn sort(
    rows: &[u32],
    breakdowns: &[Breakdown<'_>],
    first: &[usize],
    start: usize,
) -> (Order, usize) {
    // Per row of the order its range, and per range the categories of its rows.
    let mut range_of_row = vec![0_u32; rows.len()];
    let mut categories: Vec<Vec<usize>> = vec![Vec::new()];
    let mut end = start;
    while end < breakdowns.len() {
        let Breakdown { codes, levels } = breakdowns[end];
        let kinds = levels + 1;
        let mut known = vec![u32::MAX; categories.len() * kinds];
        let mut crossed: Vec<Vec<usize>> = Vec::new();
        let cross = |(&range, &row): (&u32, &u32)| {
            let level = (codes[row as usize] as usize).min(levels);
            let known = &mut known[range as usize * kinds + level];
            if *known == u32::MAX {
                *known = crossed.len() as u32;
                let mut categories = categories[range as usize].clone();
                categories.extend((level < levels).then_some(first[end] + level));
                crossed.push(categories);
            }
            *known
        };
        let of_row: Vec<u32> = range_of_row.iter().zip(rows).map(cross).collect();
        if end > start && crossed.len() * ROWS_A_RANGE > rows.len() {
            break;
        }
        (range_of_row, categories) = (of_row, crossed);
        end += 1;
    }
    let mut next = vec![0; categories.len() + 1];
    for &range in &range_of_row {
        next[range as usize + 1] += 1;
    }
    for range in 0..categories.len() {
        next[range + 1] += next[range];
    }
    let bounds = |(range, categories)| (next[range], next[range + 1], categories);
    let mut ranges: Vec<_> = categories.into_iter().enumerate().map(bounds).collect();
    ranges.retain(|range| !range.2.is_empty());
    let mut sorted = vec![0; rows.len()];
    for (&range, &row) in range_of_row.iter().zip(rows) {
        let place = &mut next[range as usize];
        sorted[*place] = row;
        *place += 1;
    }
    (Order { rows: sorted, ranges, patterns: Vec::new(), numbers: Vec::new() }, end)
}

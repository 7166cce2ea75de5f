//! Answers and categories in the order of the sums: rows of equal categories are neighbours, answers stand four to a group.

use super::{BLOCK, ReplicateMean};
use crate::kernel::{Breakdown, Values};

/// Columns of a group of answers.
const WIDTH: usize = 4;
/// Rows whose answers are turned into numbers at a time (8 kB).
const TILE: usize = 256;
/// A crossing of breakdowns is kept while its ranges have this many rows on average.
const ROWS_A_RANGE: usize = 16;

/// Everything about the sample that is the same for all replicates.
pub(super) struct Layout {
    /// Columns of sums: Σw, then the answers, then the bases of indicators with missing answers.
    columns: usize,
    /// Per indicator the column of its answers and of its base.
    indicators: Vec<(usize, usize)>,
    orders: Vec<Order>,
    /// First category of each breakdown among all categories, and their number.
    first: Vec<usize>,
    categories: usize,
    /// Levels of each breakdown.
    levels: Vec<usize>,
}

/// Rows sorted by the cross of some breakdowns.
struct Order {
    rows: Vec<u32>,
    /// Rows with the same categories: first, end, and their categories among all.
    ranges: Vec<(usize, usize, Vec<usize>)>,
    groups: Vec<Group>,
}

/// Four columns of answers in the order of the rows.
enum Group {
    Binary(Vec<[u8; WIDTH]>),
    Numeric(Vec<[f64; WIDTH]>),
}

/// The buffers of one thread.
pub(super) struct Buffers {
    /// Per order the weights of a block of replicates.
    weights: Vec<Vec<[f64; BLOCK]>>,
    /// Category × column: sums of each replicate of the block.
    sums: Vec<[f64; BLOCK]>,
    /// Columns of one range.
    range: Vec<[f64; BLOCK]>,
    means: Vec<f64>,
}

impl Layout {
    pub fn new(full: &[f64], indicators: &[Values<'_>], breakdowns: &[Breakdown<'_>]) -> Self {
        let rows: Vec<u32> =
            (0..full.len() as u32).filter(|&row| full[row as usize] != 0.0).collect();
        let mut columns = 1 + indicators.len();
        let places = indicators.iter().enumerate().map(|(index, values)| {
            let is_complete = rows.iter().all(|&row| values.value(row as usize).is_finite());
            let base = if is_complete { 0 } else { columns };
            columns += usize::from(!is_complete);
            (1 + index, base)
        });
        let places: Vec<(usize, usize)> = places.collect();
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
            order.groups = groups(&order.rows, indicators, &places, columns);
            orders.push(order);
            start = end;
        }
        let levels = breakdowns.iter().map(|breakdown| breakdown.levels).collect();
        Self { columns, indicators: places, orders, first, categories, levels }
    }

    /// Number of means.
    pub fn figures(&self) -> usize {
        self.categories * self.indicators.len()
    }

    /// Place of a mean among all.
    pub fn place(&self, indicator: usize, breakdown: usize, level: usize) -> usize {
        (self.first[breakdown] + level) * self.indicators.len() + indicator
    }

    /// The means under one column of weights.
    pub fn means(&self, weights: &[f64]) -> Vec<f64> {
        let mut buffers = self.buffers();
        buffers.place(self, 0, weights);
        let mut all = Vec::new();
        buffers.means(self, |_, means| all = means.to_vec(), 1);
        all
    }

    pub fn buffers(&self) -> Buffers {
        let of_order = |order: &Order| vec![[0.0; BLOCK]; order.rows.len()];
        Buffers {
            weights: self.orders.iter().map(of_order).collect(),
            sums: vec![[0.0; BLOCK]; self.categories * self.columns],
            range: vec![[0.0; BLOCK]; self.columns.next_multiple_of(WIDTH)],
            means: vec![0.0; self.figures()],
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

impl Buffers {
    pub fn clear(&mut self) {
        self.weights.iter_mut().for_each(|weights| weights.fill([0.0; BLOCK]));
    }

    /// Puts the weights of replicate `index` of the block in the order of the sums.
    pub fn place(&mut self, layout: &Layout, index: usize, weights: &[f64]) {
        for (order, placed) in layout.orders.iter().zip(&mut self.weights) {
            for (placed, &row) in placed.iter_mut().zip(&order.rows) {
                placed[index] = weights[row as usize];
            }
        }
    }

    /// Hands the means of each of the first `size` replicates to `take`.
    pub fn means(&mut self, layout: &Layout, mut take: impl FnMut(usize, &[f64]), size: usize) {
        self.sums.fill([0.0; BLOCK]);
        for (order, weights) in layout.orders.iter().zip(&self.weights) {
            for (first, end, categories) in &order.ranges {
                for (group, sums) in order.groups.iter().zip(self.range.chunks_exact_mut(WIDTH)) {
                    sum_group(group, weights, (*first, *end), sums);
                }
                for category in categories {
                    let sums = &mut self.sums[category * layout.columns..];
                    for (sum, range) in sums.iter_mut().zip(&self.range[..layout.columns]) {
                        sum.iter_mut().zip(range).for_each(|(sum, range)| *sum += range);
                    }
                }
            }
        }
        for index in 0..size {
            let of_category = self.sums.chunks_exact(layout.columns);
            let means = self.means.chunks_exact_mut(layout.indicators.len().max(1));
            for (sums, means) in of_category.zip(means) {
                for (mean, &(answers, base)) in means.iter_mut().zip(&layout.indicators) {
                    *mean = sums[answers][index] / sums[base][index];
                }
            }
            take(index, &self.means);
        }
    }
}

/// Σ weight × answer of four columns over a range of rows, for each replicate of the block.
fn sum_group(
    group: &Group,
    weights: &[[f64; BLOCK]],
    (first, end): (usize, usize),
    sums: &mut [[f64; BLOCK]],
) {
    let mut total = [[0.0; BLOCK]; WIDTH];
    let mut tile = [[0.0; WIDTH]; TILE];
    let mut start = first;
    while start < end {
        let stop = end.min(start + TILE);
        let answers: &[[f64; WIDTH]] = match group {
            Group::Numeric(answers) => &answers[start..stop],
            Group::Binary(answers) => {
                for (number, answer) in tile.iter_mut().zip(&answers[start..stop]) {
                    *number = answer.map(f64::from);
                }
                &tile[..stop - start]
            }
        };
        // Two replicates × four columns keep their sums in registers.
        for pair in 0..BLOCK / 2 {
            let mut sums = [[0.0; WIDTH]; 2];
            for (answer, weight) in answers.iter().zip(&weights[start..stop]) {
                for (replicate, sums) in sums.iter_mut().enumerate() {
                    let weight = weight[2 * pair + replicate];
                    for (sum, answer) in sums.iter_mut().zip(answer) {
                        *sum += weight * answer;
                    }
                }
            }
            for (column, total) in total.iter_mut().enumerate() {
                total[2 * pair] += sums[0][column];
                total[2 * pair + 1] += sums[1][column];
            }
        }
        start = stop;
    }
    sums.copy_from_slice(&total);
}

/// Rows sorted by the cross of as many breakdowns from `start` as leave ranges long enough; and where they end.
fn sort(
    rows: &[u32],
    breakdowns: &[Breakdown<'_>],
    first: &[usize],
    start: usize,
) -> (Order, usize) {
    let mut end = start;
    let mut keyed: Vec<(u64, u32)> = rows.iter().map(|&row| (0, row)).collect();
    while end < breakdowns.len() {
        let Breakdown { codes, levels } = breakdowns[end];
        let count = levels as u64 + 1;
        let key = |&(key, row): &(u64, u32)| {
            (key * count + u64::from(codes[row as usize]).min(count - 1), row)
        };
        let mut next: Vec<(u64, u32)> = keyed.iter().map(key).collect();
        next.sort_unstable();
        let ranges = 1 + next.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
        if end > start && ranges * ROWS_A_RANGE > rows.len() {
            break;
        }
        keyed = next;
        end += 1;
    }
    let mut ranges: Vec<(usize, usize, Vec<usize>)> = Vec::new();
    for (place, &(key, row)) in keyed.iter().enumerate() {
        if place > 0 && keyed[place - 1].0 == key {
            if let Some(range) = ranges.last_mut() {
                range.1 = place + 1;
            }
            continue;
        }
        let category = |index: usize| {
            let code = breakdowns[index].codes[row as usize] as usize;
            (code < breakdowns[index].levels).then_some(first[index] + code)
        };
        ranges.push((place, place + 1, (start..end).filter_map(category).collect()));
    }
    ranges.retain(|range| !range.2.is_empty());
    let rows = keyed.into_iter().map(|row| row.1).collect();
    (Order { rows, ranges, groups: Vec::new() }, end)
}

/// The columns of all indicators in the order of `rows`, four to a group.
fn groups(
    rows: &[u32],
    indicators: &[Values<'_>],
    places: &[(usize, usize)],
    columns: usize,
) -> Vec<Group> {
    let number = |column: usize, row: usize| {
        if column == 0 {
            return 1.0;
        }
        if column >= columns {
            return 0.0;
        }
        if let Some(values) = indicators.get(column - 1) {
            return Some(values.value(row)).filter(|value| value.is_finite()).unwrap_or(0.0);
        }
        let of_base = places.iter().position(|place| place.1 == column);
        of_base.map_or(0.0, |index| f64::from(indicators[index].value(row).is_finite()))
    };
    let is_binary =
        |column: usize| !matches!(indicators.get(column.wrapping_sub(1)), Some(Values::Numeric(_)));
    let group = |first: usize| {
        let columns: [usize; WIDTH] = std::array::from_fn(|offset| first + offset);
        if columns.into_iter().all(is_binary) {
            let bytes = |&row: &u32| columns.map(|column| number(column, row as usize) as u8);
            Group::Binary(rows.iter().map(bytes).collect())
        } else {
            let numbers = |&row: &u32| columns.map(|column| number(column, row as usize));
            Group::Numeric(rows.iter().map(numbers).collect())
        }
    };
    (0..columns).step_by(WIDTH).map(group).collect()
}

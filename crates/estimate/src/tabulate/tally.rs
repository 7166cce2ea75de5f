//! One pass over the respondents of a wave: sums by level of a cut and cell of the cross table of the margins.

use survey::design::NO_CODE;

use crate::few::few;
use crate::sample::Column;

/// Sums over the rows of one level in one cell; y is a number less what was taken off.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    /// Respondents with weight.
    pub n: f64,
    /// Those who count as yes; 0 for numbers.
    pub nonzero: f64,
    pub w: f64,
    pub wy: f64,
    pub wyy: f64,
    pub d: f64,
    pub dy: f64,
    pub ww: f64,
    pub wwy: f64,
    pub wwyy: f64,
}

/// Number of respondents with weight, Σw, Σd and Σw².
type Moments = [f64; 4];

impl Sums {
    /// Adds rows that all have the answer `y`.
    fn add(&mut self, [n, w, d, ww]: Moments, y: f64) {
        self.n += n;
        self.w += w;
        self.wy += w * y;
        self.wyy += w * y * y;
        self.d += d;
        self.dy += d * y;
        self.ww += ww;
        self.wwy += ww * y;
        self.wwyy += ww * y * y;
    }
}

/// Where the rows of a wave are counted in one cut: level × cells + cell; the last slot takes those in no level.
pub(super) struct Slots {
    of_row: Vec<u32>,
    pub levels: usize,
}

impl Slots {
    pub fn new(codes: &[u32], levels: usize, rows: &Rows<'_>) -> Self {
        let (cells, outside) = (rows.cells as u32, (levels * rows.cells) as u32);
        let slot = |(&code, &cell): (&u32, &u32)| {
            if code == NO_CODE { outside } else { code * cells + cell }
        };
        Self { of_row: codes.iter().zip(rows.cell_of_row).map(slot).collect(), levels }
    }
}

/// The respondents of a wave as the sums read them: cell, final and base weight.
pub(super) struct Rows<'a> {
    pub cell_of_row: &'a [u32],
    pub cells: usize,
    pub weights: &'a [f64],
    pub base: &'a [f64],
}

/// Rows that are counted in all cuts before the next ones are read: their weights stay in the nearest cache.
const BLOCK: usize = 2048;

impl Rows<'_> {
    fn moments(&self, row: usize) -> Moments {
        let (w, d) = (self.weights[row], self.base[row]);
        [if w > 0.0 { 1.0 } else { 0.0 }, w, d, w * w]
    }

    /// Sums of each cut by level and cell, and what was taken off the numbers before they were squared.
    pub fn sums(&self, column: &Column, cuts: &[&Slots]) -> Vec<(Vec<Sums>, f64)> {
        match column {
            Column::Binary(values) => {
                let sums = self.of_places(values, &[0.0, 1.0], cuts).into_iter();
                sums.map(|(mut sums, yes)| {
                    for (sums, yes) in sums.iter_mut().zip(yes) {
                        sums.nonzero = yes;
                    }
                    (sums, 0.0)
                })
                .collect()
            }
            Column::Few { keys, numbers, levels } => {
                cuts.iter().map(|cut| self.of_keys(keys, numbers, levels, cut.levels)).collect()
            }
            Column::Numeric(values) => {
                let shift = self.mean(values);
                if let Some((places, mut numbers)) = few(values) {
                    for number in &mut numbers {
                        *number -= shift;
                    }
                    let sums = self.of_places(&places, &numbers, cuts).into_iter();
                    return sums.map(|(sums, _)| (sums, shift)).collect();
                }
                let sums = |cut: &&Slots| (self.of_numbers(values, shift, cut), shift);
                cuts.iter().map(sums).collect()
            }
        }
    }

    /// Of a few numbers, each row's by its place among them; whoever has a place behind the last is outside the base. With the
    /// respondents who have the last number.
    fn of_places(
        &self,
        places: &[u8],
        numbers: &[f64],
        cuts: &[&Slots],
    ) -> Vec<(Vec<Sums>, Vec<f64>)> {
        // By slot: each number, and outside the base, so that no branch hangs on an answer.
        let (last, outside) = (numbers.len() - 1, numbers.len());
        let kinds = outside + 1;
        let place = |place: u8| usize::from(place).min(outside);
        let slots = |cut: &&Slots| cut.levels * self.cells + 1;
        let mut tallies: Vec<Vec<Moments>> =
            cuts.iter().map(|cut| vec![[0.0; 4]; slots(cut) * kinds]).collect();
        for start in (0..places.len()).step_by(BLOCK) {
            let block = start..places.len().min(start + BLOCK);
            for (tally, cut) in tallies.iter_mut().zip(cuts) {
                for row in block.clone() {
                    let at = cut.of_row[row] as usize * kinds + place(places[row]);
                    add(&mut tally[at], self.moments(row));
                }
            }
        }
        let of_slot = |of_slot: &[Moments]| {
            let mut sums = Sums::default();
            for (moments, number) in of_slot.iter().zip(numbers) {
                sums.add(*moments, *number);
            }
            (sums, of_slot[last][0])
        };
        let of_cut = |(tally, cut): (&Vec<Moments>, &&Slots)| {
            tally.chunks_exact(kinds).take(cut.levels * self.cells).map(of_slot).unzip()
        };
        tallies.iter().zip(cuts).map(of_cut).collect()
    }

    /// Of a few numbers, each in one level.
    fn of_keys(
        &self,
        keys: &[u8],
        numbers: &[f64],
        levels: &[u32],
        count: usize,
    ) -> (Vec<Sums>, f64) {
        let mut tally: Vec<Moments> = vec![[0.0; 4]; self.cells * numbers.len()];
        for (row, (&key, &cell)) in keys.iter().zip(self.cell_of_row).enumerate() {
            add(&mut tally[cell as usize * numbers.len() + usize::from(key)], self.moments(row));
        }
        let inside = |key: &usize| !numbers[*key].is_nan();
        let (mut sum, mut size) = (0.0, 0.0);
        for of_cell in tally.chunks_exact(numbers.len()) {
            for key in (0..numbers.len()).filter(inside) {
                sum += of_cell[key][1] * numbers[key];
                size += of_cell[key][1];
            }
        }
        let shift = if size > 0.0 { sum / size } else { 0.0 };
        let mut sums = vec![Sums::default(); count * self.cells];
        for (cell, of_cell) in tally.chunks_exact(numbers.len()).enumerate() {
            for key in (0..numbers.len()).filter(inside) {
                let place = levels[key] as usize * self.cells + cell;
                sums[place].add(of_cell[key], numbers[key] - shift);
            }
        }
        (sums, shift)
    }

    fn of_numbers(&self, values: &[f64], shift: f64, cut: &Slots) -> Vec<Sums> {
        let mut sums = vec![Sums::default(); cut.levels * self.cells + 1];
        for (row, (&slot, &value)) in cut.of_row.iter().zip(values).enumerate() {
            if !value.is_nan() {
                sums[slot as usize].add(self.moments(row), value - shift);
            }
        }
        sums.pop();
        sums
    }

    /// Weighted mean of numbers.
    fn mean(&self, values: &[f64]) -> f64 {
        let (mut sum, mut size) = (0.0, 0.0);
        for (&value, &weight) in values.iter().zip(self.weights).filter(|row| !row.0.is_nan()) {
            sum += weight * value;
            size += weight;
        }
        if size > 0.0 { sum / size } else { 0.0 }
    }
}

fn add(sums: &mut Moments, moments: Moments) {
    for (sum, moment) in sums.iter_mut().zip(moments) {
        *sum += moment;
    }
}

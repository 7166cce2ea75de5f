//! Numbers that certainly fit the public figures: the truth, and what shifts between a few numbers make of it. Where these leave
//! enough open, no linear program is needed.

use std::collections::BTreeMap;

use crate::block::{Range, System};

/// Numbers with the amounts by which they move together.
type Shift = BTreeMap<usize, f64>;

/// Most rounds in which the sums of a shift are balanced.
const ROUNDS: usize = 12;
const NOTHING: f64 = 1e-12;

/// A system with a point that fits it.
pub struct Inner<'s> {
    system: &'s System,
    truth: Vec<f64>,
    rows: Vec<Row<'s>>,
    /// Rows of each number.
    of_number: Vec<Vec<usize>>,
}

struct Row<'s> {
    terms: &'s [(usize, f64)],
    range: Range,
    /// Two numbers whose difference is known, and not parts of a whole.
    is_tie: bool,
}

impl Row<'_> {
    fn is_exact(&self) -> bool {
        self.range.0 >= self.range.1
    }

    fn sum(&self, of: impl Fn(usize) -> f64) -> f64 {
        self.terms.iter().map(|&(number, share)| share * of(number)).sum()
    }
}

impl<'s> Inner<'s> {
    pub fn new(system: &'s System, truth: Vec<f64>) -> Self {
        let sums = system.sums.iter().map(|sum| Row {
            terms: &sum.terms,
            range: sum.range,
            is_tie: false,
        });
        let ties =
            system.ties.iter().map(|tie| Row { terms: &tie.terms, range: tie.range, is_tie: true });
        let rows: Vec<Row<'_>> = sums.chain(ties).collect();
        let mut of_number = vec![Vec::new(); system.numbers.len()];
        for (at, row) in rows.iter().enumerate() {
            row.terms.iter().for_each(|&(number, _)| of_number[number].push(at));
        }
        Self { system, truth, rows, of_number }
    }

    /// Whether the sum of these numbers certainly can take a range that is enough; the whole range may be wider still.
    pub fn reaches(&self, group: &[usize], is_enough: impl Fn(Range) -> bool) -> bool {
        let mut ends = [(self.truth.clone(), -1.0), (self.truth.clone(), 1.0)];
        let sum = |point: &[f64]| group.iter().map(|&number| point[number]).sum::<f64>();
        for &number in group {
            // Made only where the simple ones are not enough.
            let swaps = std::iter::once_with(|| self.swaps(number, group)).flatten();
            for shift in self.shifts(number, group).chain(swaps) {
                for (point, sign) in &mut ends {
                    let steps = self.steps(point, &shift, *sign);
                    if steps > 0.0 && steps.is_finite() {
                        let moved = shift.iter().map(|(number, amount)| (*number, *amount));
                        moved.for_each(|(number, amount)| point[number] += *sign * steps * amount);
                    }
                }
                if is_enough((sum(&ends[0].0), sum(&ends[1].0))) {
                    return true;
                }
            }
        }
        false
    }

    /// Shifts that move a number of the group by one, against each other number of a sum that it is in.
    fn shifts(&self, number: usize, group: &[usize]) -> impl Iterator<Item = Shift> {
        let rows = self.of_number[number].iter().map(|&row| &self.rows[row]);
        let against = rows.flat_map(move |row| {
            let own = row.terms.iter().find(|(at, _)| *at == number);
            let own = own.map_or(0.0, |(_, share)| *share);
            let others = row.terms.iter().filter(|(other, _)| !group.contains(other));
            others.map(move |(other, share)| Shift::from([(number, 1.0), (*other, -own / share)]))
        });
        let alone = Shift::from([(number, 1.0)]);
        let shifts = std::iter::once(alone).chain(against);
        shifts.filter_map(|shift| self.balanced(shift, group))
    }

    /// Shifts round four numbers, each a part of a sum with the next: no whole moves.
    fn swaps(&self, number: usize, group: &[usize]) -> Vec<Shift> {
        let sums = self.sums_of(number);
        let mut swaps = Vec::new();
        for (place, &one) in sums.iter().enumerate() {
            for &two in &sums[place + 1..] {
                for next in self.others(one, number, group) {
                    for last in self.others(two, number, group) {
                        swaps.extend(self.swap(number, (next, one), (last, two)));
                    }
                }
            }
        }
        swaps.into_iter().filter_map(|shift| self.balanced(shift, group)).collect()
    }

    fn swap(&self, number: usize, next: (usize, usize), last: (usize, usize)) -> Option<Shift> {
        let of_next = self.sums_of(next.0);
        let far = self.sums_of(last.0).into_iter().filter(|row| *row != last.1).find_map(|row| {
            let meets = |far: usize| {
                of_next.iter().any(|&at| at != next.1 && at != row && self.share(at, far) != 0.0)
            };
            let mut parts = self.rows[row].terms.iter().map(|(far, _)| *far);
            let far = parts.find(|far| ![number, next.0, last.0].contains(far) && meets(*far))?;
            Some((far, row))
        });
        let (far, row) = far?;
        let against =
            |row: usize, of: usize, other: usize| -self.share(row, of) / self.share(row, other);
        let by_last = against(last.1, number, last.0);
        Some(Shift::from([
            (number, 1.0),
            (next.0, against(next.1, number, next.0)),
            (last.0, by_last),
            (far, by_last * against(row, last.0, far)),
        ]))
    }

    /// Sums that a number is a part of.
    fn sums_of(&self, number: usize) -> Vec<usize> {
        self.of_number[number].iter().copied().filter(|&row| !self.rows[row].is_tie).collect()
    }

    fn others(&self, row: usize, number: usize, group: &[usize]) -> Vec<usize> {
        let terms = self.rows[row].terms.iter().map(|(other, _)| *other);
        terms.filter(|other| *other != number && !group.contains(other)).collect()
    }

    fn share(&self, row: usize, number: usize) -> f64 {
        let mut terms = self.rows[row].terms.iter();
        terms.find(|(at, _)| *at == number).map_or(0.0, |(_, share)| *share)
    }

    /// The shift with the wholes that keep all exact sums.
    fn balanced(&self, mut shift: Shift, group: &[usize]) -> Option<Shift> {
        for _ in 0..ROUNDS {
            let touched = shift.keys().flat_map(|&number| &self.of_number[number]);
            let off = touched.map(|&row| &self.rows[row]).find_map(|row| {
                let sum = row.sum(|number| shift.get(&number).copied().unwrap_or(0.0));
                (row.is_exact() && sum.abs() > NOTHING).then_some((row, sum))
            });
            let Some((row, sum)) = off else { return Some(shift) };
            // The whole stands last.
            let free = |&&(number, _): &&(usize, f64)| {
                !shift.contains_key(&number) && !group.contains(&number)
            };
            let &(number, share) = row.terms.iter().rev().find(free)?;
            shift.insert(number, -sum / share);
        }
        None
    }

    /// How often the shift can be made until something no longer fits.
    fn steps(&self, point: &[f64], shift: &Shift, sign: f64) -> f64 {
        let mut most = f64::INFINITY;
        let mut limit = |value: f64, by: f64, (low, high): Range| {
            let by = sign * by;
            if by > NOTHING {
                most = most.min((high - value) / by);
            } else if by < -NOTHING {
                most = most.min((low - value) / by);
            }
        };
        for (&number, &by) in shift {
            limit(point[number], by, self.system.numbers[number].range);
            for row in self.of_number[number].iter().map(|&row| &self.rows[row]) {
                if row.is_tie || !row.is_exact() {
                    let by = row.sum(|number| shift.get(&number).copied().unwrap_or(0.0));
                    limit(row.sum(|number| point[number]), by, row.range);
                }
            }
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{Number, Sum};
    use crate::bounds;

    /// Three parts, of which the last is hidden, and their whole; all shown ones rounded.
    #[test]
    fn shifts_reach_a_part_of_the_range_and_often_all_of_it() {
        let numbers = [(18.0, 22.0), (28.0, 32.0), (0.0, 300.0), (53.0, 57.0)];
        let system = System {
            numbers: numbers.map(|range| Number { range }).to_vec(),
            sums: vec![Sum {
                terms: vec![(0, 1.0), (1, 1.0), (2, 1.0), (3, -1.0)],
                range: (0.0, 0.0),
            }],
            ties: Vec::new(),
        };
        let inner = Inner::new(&system, vec![20.0, 31.0, 4.0, 55.0]);
        let whole = bounds::range(&system, &[(2, 1.0)]).expect("the system has numbers");
        assert!(inner.reaches(&[2], |range| range == (0.0, 11.0)));
        assert!(!inner.reaches(&[2], |range| range.0 < 0.0 || range.1 > 11.0));
        assert!((whole.0 - 0.0).abs() < 1e-9 && (whole.1 - 11.0).abs() < 1e-9, "{whole:?}");
    }

    /// A table of three rows and three columns with its wholes, all of it told as far as chance has it.
    #[test]
    fn shifts_never_reach_beyond_the_range() {
        let mut state = 11_u64;
        let mut below = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((state >> 33) % limit) as f64
        };
        for _ in 0..200 {
            let parts: Vec<f64> = (0..9).map(|_| below(30)).collect();
            let sum = |cells: [usize; 3]| cells.iter().map(|&cell| parts[cell]).sum::<f64>();
            let lines: [[usize; 3]; 6] =
                [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8]];
            let mut truth = parts.clone();
            truth.extend(lines.map(sum));
            let told = |value: &f64| match below(3) as u8 {
                0 => (0.0, 300.0),
                width => (value - below(4) * f64::from(width), value + below(4)),
            };
            let ranges: Vec<Range> = truth.iter().map(told).collect();
            let sums = lines.iter().enumerate().map(|(at, line)| {
                let parts = line.iter().map(|&cell| (cell, 1.0));
                Sum { terms: parts.chain([(9 + at, -1.0)]).collect(), range: (0.0, 0.0) }
            });
            let system = System {
                numbers: ranges.into_iter().map(|range| Number { range }).collect(),
                sums: sums.collect(),
                ties: Vec::new(),
            };
            let inner = Inner::new(&system, truth);
            for cell in 0..9 {
                let (low, high) = bounds::range(&system, &[(cell, 1.0)]).expect("the truth fits");
                let beyond = |range: Range| range.0 < low - 1e-6 || range.1 > high + 1e-6;
                assert!(!inner.reaches(&[cell], beyond), "cell {cell}: {low}..{high}");
            }
        }
    }
}

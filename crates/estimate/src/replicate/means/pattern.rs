//! Columns of few different numbers as one pattern a row: a weight is added once for all of them.

use super::layout::Sum;
use crate::few::few;
use crate::kernel::Values;

/// No pattern yet.
const NONE: u16 = u16::MAX;

/// An indicator as what each row adds to its sums.
pub(super) struct Parts {
    /// Per row of the sample its place in `adds`.
    of_row: Vec<u8>,
    /// What such a row adds: sums, and how many times its weight; nothing where it is 0.
    adds: Vec<Vec<(usize, f64)>>,
}

/// Some indicators together.
pub(super) struct Patterns {
    /// Per row, in the order of the rows.
    pub of_row: Vec<u8>,
    /// What a row of each pattern adds.
    pub adds: Vec<Vec<(usize, f64)>>,
}

impl Parts {
    /// Of rows that all add their weight to the same sum.
    pub fn of_everybody(sum: usize, rows: usize) -> Self {
        Self { of_row: vec![0; rows], adds: vec![vec![(sum, 1.0)]] }
    }

    /// Of an indicator; none where its numbers are many.
    pub fn new(values: Values<'_>, sum: Sum) -> Option<Self> {
        let (of_row, numbers) = match values {
            Values::Binary(values) => {
                let of_row = values.iter().map(|&value| value.min(2)).collect();
                (of_row, vec![0.0, 1.0, f64::NAN])
            }
            Values::Numeric(values) => {
                let (places, mut numbers) = few(values)?;
                // Whoever is outside the base has the place behind the last number.
                let outside = numbers.len() as u8;
                numbers.push(f64::NAN);
                (places.into_iter().map(|place| place.min(outside)).collect(), numbers)
            }
        };
        let adds = |&number: &f64| {
            let of_answers = (number.is_finite() && number != 0.0).then_some((sum.answers, number));
            let of_base = sum.own_base.filter(|_| number.is_finite()).map(|base| (base, 1.0));
            of_answers.into_iter().chain(of_base).collect()
        };
        Some(Self { of_row, adds: numbers.iter().map(adds).collect() })
    }
}

impl Patterns {
    /// As few groups of neighbours as have at most `most` patterns each; an indicator with more is alone.
    pub fn of(indicators: &[Parts], rows: &[u32], most: usize) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for parts in indicators {
            let joined = groups.last().and_then(|last| last.with(parts, rows, most));
            match (joined, groups.last_mut()) {
                (Some(joined), Some(last)) => *last = joined,
                _ => groups.push(Self {
                    of_row: rows.iter().map(|&row| parts.of_row[row as usize]).collect(),
                    adds: parts.adds.clone(),
                }),
            }
        }
        groups
    }

    /// With one more indicator; none where that makes more than `most` patterns.
    fn with(&self, parts: &Parts, rows: &[u32], most: usize) -> Option<Self> {
        let kinds = parts.adds.len();
        let mut known = vec![NONE; self.adds.len() * kinds];
        let mut adds: Vec<Vec<(usize, f64)>> = Vec::new();
        let pattern = |(&old, &row): (&u8, &u32)| {
            let (old, part) = (usize::from(old), usize::from(parts.of_row[row as usize]));
            let known = &mut known[old * kinds + part];
            if *known == NONE {
                if adds.len() == most {
                    return None;
                }
                *known = adds.len() as u16;
                adds.push([self.adds[old].as_slice(), parts.adds[part].as_slice()].concat());
            }
            Some(*known as u8)
        };
        let of_row = self.of_row.iter().zip(rows).map(pattern).collect::<Option<Vec<u8>>>()?;
        Some(Self { of_row, adds })
    }
}

//! Which units and strata a domain reaches, for its degrees of freedom.

use std::ops::Range;

use crate::selection::Selection;

/// A set of positions.
#[derive(Clone, Default)]
pub(crate) struct Positions(Vec<u64>);

impl Positions {
    /// With room for this many.
    pub(crate) fn with_room(room: usize) -> Self {
        Self(vec![0; room.div_ceil(64)])
    }

    /// Inserts a position for which there is room.
    pub(crate) fn put(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Whether it is new.
    pub(crate) fn insert(&mut self, at: usize) -> bool {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        let (word, bit) = (&mut self.0[at / 64], 1 << (at % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    pub(crate) fn contains(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// Those of both.
    pub(crate) fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    /// Number of positions within `range`.
    pub(crate) fn count(&self, range: &Range<usize>) -> i64 {
        let of_word = |(index, &word): (usize, &u64)| {
            let from = range.start.saturating_sub(index * 64).min(64);
            let to = range.end.saturating_sub(index * 64).min(64);
            let below = |bits: usize| if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
            i64::from((word & below(to) & !below(from)).count_ones())
        };
        let (first, last) = (range.start / 64, range.end.div_ceil(64).min(self.0.len()));
        (first..last).map(|index| of_word((index, &self.0[index]))).sum()
    }
}

/// Units and strata of the first stage with a row of the domain.
#[derive(Clone, Default)]
pub(crate) struct Reach {
    pub units: Positions,
    pub strata: Positions,
}

impl Reach {
    /// The units, and the strata that they are of.
    pub(crate) fn of(units: Positions, selection: &Selection) -> Self {
        let mut strata = Positions::default();
        let mut first = 0;
        // The units of a stratum stand together.
        for (stratum, own) in selection.strata.iter().enumerate() {
            let range = first..first + own.units;
            first = range.end;
            if units.count(&range) > 0 {
                strata.insert(stratum);
            }
        }
        Self { units, strata }
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.units.join(&other.units);
        self.strata.join(&other.strata);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_within_any_range() {
        let mut positions = Positions::default();
        let members = [0, 5, 63, 64, 127, 128, 200];
        assert!(members.into_iter().all(|at| positions.insert(at)) && !positions.insert(64));
        for from in [0, 1, 63, 64, 65, 128, 199] {
            for to in [0, 6, 64, 65, 128, 129, 201, 500] {
                let expected = members.iter().filter(|&&at| from <= at && at < to).count();
                assert_eq!(positions.count(&(from..to.max(from))), expected as i64, "{from}..{to}");
            }
        }
        let mut put = Positions::with_room(201);
        for at in members {
            put.put(at);
        }
        assert_eq!(put.0, positions.0);
        assert!(positions.contains(127) && !positions.contains(126) && !positions.contains(999));
    }
}

//! Margins: a level per row and a population total per level.

use std::sync::Arc;

use survey::design::{Factor, NO_CODE};

use crate::Error;

/// A level of a margin and the number of people (or other units) that have it in the population.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Name, for messages.
    pub name: String,
    /// Population total; `None` = the targets do not name this level.
    pub total: Option<f64>,
}

/// A categorical auxiliary with its population totals; a crossed margin has one level per cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Margin {
    /// Name, for messages.
    pub name: String,
    /// Level of each row; `NO_CODE` = missing.
    pub codes: Arc<[u32]>,
    /// Levels in code order.
    pub levels: Vec<Level>,
}

/// How far a total is from its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Miss {
    /// Margin or numeric auxiliary.
    pub margin: String,
    /// Level; empty for a numeric auxiliary.
    pub level: String,
    /// Weighted total reached.
    pub found: f64,
    /// Population total.
    pub expected: f64,
    /// |found - expected| / |expected|.
    pub relative: f64,
}

impl Margin {
    /// The codes without the totals.
    pub fn factor(&self) -> Factor {
        Factor { codes: Arc::clone(&self.codes), levels: self.levels.len() }
    }

    /// Refuses missing values, levels without total and totals without sample; rows with weight 0 do not count.
    pub fn check(&self, weights: &[f64]) -> Result<(), Error> {
        if self.codes.len() != weights.len() {
            let (found, expected) = (self.codes.len(), weights.len());
            return Err(Error::Length { what: self.name.clone(), found, expected });
        }
        let mut rows = vec![0_usize; self.levels.len()];
        let mut missing = 0;
        for (&code, &weight) in self.codes.iter().zip(weights) {
            if weight > 0.0 {
                match rows.get_mut(code as usize) {
                    Some(count) => *count += 1,
                    None => missing += 1,
                }
            }
        }
        if missing > 0 {
            return Err(Error::MissingAuxiliary { margin: self.name.clone(), rows: missing });
        }
        self.levels.iter().zip(rows).try_for_each(|(level, rows)| self.check_level(level, rows))
    }

    fn check_level(&self, level: &Level, rows: usize) -> Result<(), Error> {
        let (margin, name) = (self.name.clone(), level.name.clone());
        match level.total {
            None if rows > 0 => Err(Error::LevelWithoutTotal { margin, level: name, rows }),
            Some(total) if !total.is_finite() || total < 0.0 || (total == 0.0 && rows > 0) => {
                Err(Error::BadTotal { margin, level: name, total, rows })
            }
            Some(total) if rows == 0 && total > 0.0 => {
                Err(Error::EmptyLevel { margin, level: name, total })
            }
            _ => Ok(()),
        }
    }

    /// Population total of a level; 0 where the targets name none.
    pub fn total(&self, level: usize) -> f64 {
        self.levels[level].total.unwrap_or(0.0)
    }

    /// Sum of the totals of all levels.
    pub fn population(&self) -> f64 {
        self.levels.iter().filter_map(|level| level.total).sum()
    }
}

impl Miss {
    /// Distance of `found` from `expected`.
    pub fn new(margin: &str, level: &str, found: f64, expected: f64) -> Self {
        let scale = if expected == 0.0 { 1.0 } else { expected.abs() };
        let relative = (found - expected).abs() / scale;
        Self { margin: margin.into(), level: level.into(), found, expected, relative }
    }
}

/// Refuses weights that are negative or not a number, and samples without any weight.
pub(crate) fn check_weights(weights: &[f64]) -> Result<(), Error> {
    let (mut rows, mut is_any) = (0, false);
    for &weight in weights {
        rows += usize::from(!(weight.is_finite() && weight >= 0.0));
        is_any |= weight > 0.0;
    }
    match (rows, is_any) {
        (0, true) => Ok(()),
        (0, false) => Err(Error::NoWeight),
        _ => Err(Error::BadWeight { rows }),
    }
}

/// Largest relative difference between the sums of two margins.
const EQUAL_TOTALS: f64 = 1e-9;

/// Refuses margins (name, sum of totals) that describe populations of different size.
pub(crate) fn check_equal_totals(sums: &[(&str, f64)]) -> Result<(), Error> {
    let Some(&(other, expected)) = sums.first() else { return Ok(()) };
    for &(margin, found) in sums {
        if (found - expected).abs() > EQUAL_TOTALS * expected.abs() {
            let (margin, other) = (margin.to_owned(), other.to_owned());
            return Err(Error::UnequalTotals { margin, found, other, expected });
        }
    }
    Ok(())
}

/// The occupied cells of the cross of several margins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CrossTable {
    /// Cell of each row; `NO_CODE` for rows with weight 0.
    pub codes: Arc<[u32]>,
    /// Number of occupied cells.
    pub cells: usize,
    /// Per margin its level in every cell.
    pub levels: Vec<Vec<u32>>,
}

/// Above this size of the full cross the occupied cells are found by sorting.
const DIRECT_CELLS: u64 = 1 << 22;
/// Rows that are crossed at a time, so that their keys stay in the cache.
const BLOCK_ROWS: usize = 4096;

impl CrossTable {
    /// Checks margins (of checked weights) and crosses them; rows are read once where all is well.
    pub fn checked(weights: &[f64], margins: &[Margin]) -> Result<Self, Error> {
        let has_rows = |margin: &Margin| margin.codes.len() == weights.len();
        let direct = (size(margins) <= DIRECT_CELLS && margins.iter().all(has_rows))
            .then(|| Self::direct(weights, margins))
            .flatten();
        if let Some(table) = direct.filter(|table| table.fits(margins)) {
            return Ok(table);
        }
        // Something is wrong, or the cross is large: the margins say what, in their order.
        margins.iter().try_for_each(|margin| margin.check(weights))?;
        Ok(Self::new(weights, margins))
    }

    /// Crosses checked margins.
    pub fn new(weights: &[f64], margins: &[Margin]) -> Self {
        let direct =
            (size(margins) <= DIRECT_CELLS).then(|| Self::direct(weights, margins)).flatten();
        direct.unwrap_or_else(|| Self::sorted(weights, margins))
    }

    /// By a table of the full cross; `None` when a row has no level.
    fn direct(weights: &[f64], margins: &[Margin]) -> Option<Self> {
        let size = size(margins) as usize;
        let mut keys = vec![0_u32; weights.len()];
        let mut is_occupied = vec![false; size];
        for (block, keys) in keys.chunks_mut(BLOCK_ROWS).enumerate() {
            let rows = block * BLOCK_ROWS..block * BLOCK_ROWS + keys.len();
            let weights = &weights[rows.clone()];
            for margin in margins {
                let (codes, count) = (&margin.codes[rows.clone()], margin.levels.len() as u32);
                // Counted and not searched for: a loop without branches.
                let is_missing = |(&code, &weight): (&u32, &f64)| {
                    u32::from(code >= count) * u32::from(weight != 0.0)
                };
                if codes.iter().zip(weights).map(is_missing).sum::<u32>() > 0 {
                    return None;
                }
                for (key, &code) in keys.iter_mut().zip(codes) {
                    *key = key.wrapping_mul(count).wrapping_add(code);
                }
            }
            for (key, &weight) in keys.iter_mut().zip(weights) {
                match is_occupied.get_mut(*key as usize) {
                    Some(is_occupied) if weight != 0.0 => *is_occupied = true,
                    _ => *key = NO_CODE,
                }
            }
        }
        let occupied: Vec<u64> =
            (0..size as u64).filter(|&key| is_occupied[key as usize]).collect();
        let mut cell_of_key = vec![NO_CODE; size];
        for (cell, &key) in occupied.iter().enumerate() {
            cell_of_key[key as usize] = cell as u32;
        }
        let code = |&key: &u32| cell_of_key.get(key as usize).copied().unwrap_or(NO_CODE);
        Some(Self::of_keys(keys.iter().map(code).collect(), &occupied, margins))
    }

    /// By sorting the keys of the rows.
    fn sorted(weights: &[f64], margins: &[Margin]) -> Self {
        let keys = keys(weights, margins);
        let mut occupied: Vec<u64> = keys.iter().copied().filter(|key| *key != u64::MAX).collect();
        occupied.sort_unstable();
        occupied.dedup();
        let code = |key: &u64| occupied.binary_search(key).map_or(NO_CODE, |cell| cell as u32);
        Self::of_keys(keys.iter().map(code).collect(), &occupied, margins)
    }

    fn of_keys(codes: Arc<[u32]>, occupied: &[u64], margins: &[Margin]) -> Self {
        let mut levels = vec![vec![0; occupied.len()]; margins.len()];
        for (cell, &key) in occupied.iter().enumerate() {
            let mut rest = key;
            for (margin, levels) in margins.iter().zip(&mut levels).rev() {
                let count = margin.levels.len() as u64;
                levels[cell] = (rest % count) as u32;
                rest /= count;
            }
        }
        Self { codes, cells: occupied.len(), levels }
    }

    /// Every level with rows has a total above 0, and every total above 0 has rows.
    fn fits(&self, margins: &[Margin]) -> bool {
        margins.iter().zip(&self.levels).all(|(margin, levels)| {
            let mut rows = vec![0; margin.levels.len()];
            for &level in levels {
                rows[level as usize] = 1;
            }
            margin
                .levels
                .iter()
                .zip(rows)
                .all(|(level, rows)| margin.check_level(level, rows).is_ok())
        })
    }

    /// Sum of `values` per cell.
    pub fn sums(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.cells];
        for (&code, &value) in self.codes.iter().zip(values) {
            if code != NO_CODE {
                sums[code as usize] += value;
            }
        }
        sums
    }

    /// Spreads a value per cell over the rows; `otherwise` for rows in no cell.
    pub fn spread<T: FromIterator<f64>>(&self, of_cell: &[f64], otherwise: f64) -> T {
        let value = |&code: &u32| of_cell.get(code as usize).copied().unwrap_or(otherwise);
        self.codes.iter().map(value).collect()
    }
}

/// Cells of the full cross.
fn size(margins: &[Margin]) -> u64 {
    margins.iter().fold(1, |size: u64, margin| size.saturating_mul(margin.levels.len() as u64))
}

/// Mixed-radix key of each row's cell (last margin fastest); the largest number for rows with weight 0.
fn keys(weights: &[f64], margins: &[Margin]) -> Vec<u64> {
    let mut keys = vec![0_u64; weights.len()];
    for margin in margins {
        let count = margin.levels.len() as u64;
        for (key, &code) in keys.iter_mut().zip(margin.codes.iter()) {
            *key = key.wrapping_mul(count).wrapping_add(u64::from(code));
        }
    }
    for (key, &weight) in keys.iter_mut().zip(weights) {
        if weight == 0.0 {
            *key = u64::MAX;
        }
    }
    keys
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    /// A margin from codes and totals, levels named `0`, `1`, …
    pub(crate) fn margin(name: &str, codes: &[u32], totals: &[Option<f64>]) -> Margin {
        let level = |(code, &total): (usize, &Option<f64>)| Level { name: code.to_string(), total };
        let levels = totals.iter().enumerate().map(level).collect();
        Margin { name: name.into(), codes: codes.into(), levels }
    }

    fn check(codes: &[u32], totals: &[Option<f64>], message: &str) {
        let found = margin("sex", codes, totals).check(&vec![1.0; codes.len()]).unwrap_err();
        assert!(found.to_string().starts_with(message), "{found}");
    }

    #[test]
    fn each_way_in_which_a_margin_does_not_fit_names_margin_and_level() {
        check(&[0, NO_CODE], &[Some(1.0)], "margin `sex`: 1 rows have no value");
        check(
            &[0, 1],
            &[Some(1.0), None],
            "margin `sex`: level `1` has 1 rows and no population total",
        );
        check(&[0, 0], &[Some(1.0), Some(2.0)], "margin `sex`: level `1` has total 2 and nobody");
        check(&[0, 1], &[Some(1.0), Some(0.0)], "margin `sex`: level `1` has total 0 for 1 rows");
        check(&[0, 1], &[Some(1.0), Some(-3.0)], "margin `sex`: level `1` has total -3");
        check(&[0, 1], &[Some(1.0), Some(f64::NAN)], "margin `sex`: level `1` has total NaN");
    }

    #[test]
    fn a_row_with_weight_zero_needs_no_level() {
        margin("sex", &[0, NO_CODE], &[Some(1.0)]).check(&[1.0, 0.0]).unwrap();
    }

    #[test]
    fn direct_and_sorted_cross_tables_are_the_same() {
        let wide = vec![Some(1.0); 3000];
        let (a, b) = ([2, 0, 2, 1, 2], [1, 2999, 1, 7, 2]);
        let small = [margin("a", &a, &[Some(1.0); 3]), margin("b", &b, &wide)];
        let large = [margin("a", &a, &wide), margin("b", &b, &wide)];
        let weights = [1.0, 1.0, 1.0, 0.0, 1.0];
        let (small, large) = (CrossTable::new(&weights, &small), CrossTable::new(&weights, &large));
        assert_eq!(small, large);
        assert_eq!(small.codes[..], [1, 0, 1, NO_CODE, 2]);
        assert_eq!(small.levels, [[0, 2, 2], [2999, 1, 2]]);
    }
}

//! Groups of rows with the same auxiliaries, g and stratum.

use nalgebra::{DMatrix, DVector};
use survey::design::NO_CODE;

use crate::residual::Regression;
use crate::selection::{Selection, Stratum};

/// A cross cell of the calibration within a stratum.
pub(super) struct Group {
    pub stratum: usize,
    /// Parameters that are 1 for its rows.
    pub parameters: Vec<u32>,
    /// weight / (g·sigma) is `share` times the weight.
    pub share: f64,
}

/// A stratum's factor, its number of units and Σ u X.
pub(super) struct StratumPart {
    pub factor: f64,
    pub units: f64,
    pub explained: DVector<f64>,
}

/// Largest relative difference of g within a group.
const SAME: f64 = 1e-9;
/// Size of the full cross up to which groups are found by a table instead of a search.
const DIRECT: u64 = 1 << 22;

/// Group of each row; `None` when g differs within a group.
pub(super) fn group(
    strata: &[u32],
    regression: Option<&Regression>,
) -> Option<(Vec<u32>, Vec<Group>)> {
    let (keys, size) = keys(strata, regression);
    let group_of_row = dense(&keys, size);
    let count = group_of_row
        .iter()
        .filter(|group| **group != NO_CODE)
        .max()
        .map_or(0, |&group| group as usize + 1);
    let mut groups: Vec<Option<Group>> = (0..count).map(|_| None).collect();
    for (row, &index) in group_of_row.iter().enumerate().filter(|row| *row.1 != NO_CODE) {
        let share =
            regression.map_or(0.0, |regression| 1.0 / (regression.g[row] * regression.sigma(row)));
        match &groups[index as usize] {
            None => {
                let parameters =
                    regression.map_or_else(Vec::new, |regression| regression.ones(row));
                groups[index as usize] =
                    Some(Group { stratum: strata[row] as usize, parameters, share });
            }
            Some(group) if (group.share - share).abs() > SAME * share.abs() => return None,
            Some(_) => {}
        }
    }
    Some((group_of_row, groups.into_iter().collect::<Option<_>>()?))
}

/// Cross cell of the calibration of each row with weight, and the parameters that are 1 in each cell.
pub(crate) fn cells_of(
    weights: &[f64],
    regression: Option<&Regression>,
) -> (Vec<u32>, Vec<Vec<u32>>) {
    let one = |&weight: &f64| if weight == 0.0 { NO_CODE } else { 0 };
    let one: Vec<u32> = weights.iter().map(one).collect();
    let (keys, size) = keys(&one, regression);
    let cell_of_row = dense(&keys, size);
    let mut parameters: Vec<Option<Vec<u32>>> = Vec::new();
    for (row, &cell) in cell_of_row.iter().enumerate().filter(|row| *row.1 != NO_CODE) {
        if parameters.len() <= cell as usize {
            parameters.resize(cell as usize + 1, None);
        }
        parameters[cell as usize].get_or_insert_with(|| {
            regression.map_or_else(Vec::new, |regression| regression.ones(row))
        });
    }
    (cell_of_row, parameters.into_iter().flatten().collect())
}

/// Mixed-radix key of stratum and factors (the largest number for rows with weight 0), and the size of the full cross.
fn keys(strata: &[u32], regression: Option<&Regression>) -> (Vec<u64>, u64) {
    let mut keys: Vec<u64> = strata.iter().map(|&stratum| u64::from(stratum)).collect();
    let used = strata.iter().filter(|stratum| **stratum != NO_CODE);
    let mut size = used.max().map_or(0, |&stratum| u64::from(stratum) + 1);
    for factor in regression.iter().flat_map(|regression| &regression.auxiliaries.factors) {
        let count = factor.levels as u64 + 1;
        size = size.saturating_mul(count);
        for (key, &code) in keys.iter_mut().zip(factor.codes.iter()) {
            *key = key.wrapping_mul(count).wrapping_add(u64::from(code).min(count - 1));
        }
    }
    for (key, &stratum) in keys.iter_mut().zip(strata) {
        if stratum == NO_CODE {
            *key = u64::MAX;
        }
    }
    (keys, size)
}

/// Keys as consecutive numbers in the order of the keys.
fn dense(keys: &[u64], size: u64) -> Vec<u32> {
    if size > DIRECT {
        let mut order: Vec<u64> = keys.iter().copied().filter(|key| *key != u64::MAX).collect();
        order.sort_unstable();
        order.dedup();
        return keys
            .iter()
            .map(|key| order.binary_search(key).map_or(NO_CODE, |index| index as u32))
            .collect();
    }
    let mut index = vec![NO_CODE; size as usize];
    keys.iter().filter(|key| **key != u64::MAX).for_each(|&key| index[key as usize] = 0);
    for (count, place) in index.iter_mut().filter(|place| **place == 0).enumerate() {
        *place = count as u32;
    }
    keys.iter().map(|&key| index.get(key as usize).copied().unwrap_or(NO_CODE)).collect()
}

pub(super) fn strata_parts(
    selection: &Selection,
    groups: &[Group],
    of_group: &[(f64, f64)],
    parameters: usize,
) -> Vec<StratumPart> {
    let part = |(index, stratum): (usize, &Stratum)| StratumPart {
        factor: selection.factor(index),
        units: stratum.units as f64,
        explained: DVector::zeros(parameters),
    };
    let mut parts: Vec<StratumPart> = selection.strata.iter().enumerate().map(part).collect();
    for (group, &(fitted, _)) in groups.iter().zip(of_group) {
        for &parameter in &group.parameters {
            parts[group.stratum].explained[parameter as usize] += fitted;
        }
    }
    parts
}

/// Σ s u² X X'.
pub(super) fn spread(
    strata: &[StratumPart],
    groups: &[Group],
    of_group: &[(f64, f64)],
    parameters: usize,
) -> DMatrix<f64> {
    let mut spread = DMatrix::zeros(parameters, parameters);
    for (group, &(_, squares)) in groups.iter().zip(of_group) {
        let value = strata[group.stratum].factor * squares;
        for &row in &group.parameters {
            for &column in &group.parameters {
                spread[(row as usize, column as usize)] += value;
            }
        }
    }
    spread
}

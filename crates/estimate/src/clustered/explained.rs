//! What the calibration explains of the total of a unit: a sparse matrix of units × cells and numeric auxiliaries, or ×
//! parameters if that is smaller.

use nalgebra::DVector;
use survey::design::NO_CODE;

use crate::residual::Number;

/// Parameters of each cell, and the numeric auxiliaries behind theirs.
pub(super) type Places<'p> = (&'p [Vec<u32>], &'p [Number]);

/// Σ u by unit and place; the places of unit k are `entries[starts[k]..starts[k + 1]]`.
pub(super) struct Explained {
    starts: Vec<usize>,
    entries: Vec<(u32, f64)>,
    parameters: usize,
    is_by_cell: bool,
}

impl Explained {
    /// `rows`: unit and cell of each row; `fitted` = g·base of a row.
    pub fn new(
        rows: (&[u32], &[u32]),
        units: usize,
        (parameters_of_cell, numbers): Places<'_>,
        parameters: usize,
        fitted: impl Fn(usize) -> f64,
    ) -> Self {
        let mut triples: Vec<(u32, u32, f64)> = Vec::with_capacity(rows.0.len());
        for (row, (&unit, &cell)) in rows.0.iter().zip(rows.1).enumerate() {
            if unit != NO_CODE {
                triples.push((unit, cell, fitted(row)));
            }
        }
        let by_cell = merge(triples);
        let of_parameter = |&(unit, cell, value): &(u32, u32, f64)| {
            parameters_of_cell[cell as usize].iter().map(move |&parameter| (unit, parameter, value))
        };
        // The smaller of the two is the faster; the dense bound spares most designs the second sort.
        let is_by_cell = by_cell.len() <= units * parameters;
        let mut merged = if is_by_cell {
            by_cell
        } else {
            merge(by_cell.iter().flat_map(of_parameter).collect())
        };
        if !numbers.is_empty() {
            for (k, (parameter, numbers)) in numbers.iter().enumerate() {
                let place = if is_by_cell { parameters_of_cell.len() + k } else { *parameter };
                let rows = rows.0.iter().enumerate().filter(|row| *row.1 != NO_CODE);
                merged.extend(
                    rows.map(|(row, &unit)| (unit, place as u32, fitted(row) * numbers[row])),
                );
            }
            merged = merge(merged);
        }
        let mut starts = vec![0; units + 1];
        for entry in &merged {
            starts[entry.0 as usize + 1] += 1;
        }
        for unit in 0..units {
            starts[unit + 1] += starts[unit];
        }
        let entries = merged.into_iter().map(|(_, place, value)| (place, value)).collect();
        Self { starts, entries, parameters, is_by_cell }
    }

    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// Takes Σ u Xβ out of the total of each unit; `predicted` is a buffer.
    pub fn subtract(
        &self,
        beta: &DVector<f64>,
        (parameters_of_cell, numbers): Places<'_>,
        predicted: &mut Vec<f64>,
        totals: &mut [f64],
    ) {
        predicted.clear();
        if self.is_by_cell {
            let predict = |parameters: &Vec<u32>| {
                parameters.iter().map(|&parameter| beta[parameter as usize]).sum::<f64>()
            };
            predicted.extend(parameters_of_cell.iter().map(predict));
            predicted.extend(numbers.iter().map(|(parameter, _)| beta[*parameter]));
        } else {
            predicted.extend(beta.iter());
        }
        for (total, bounds) in totals.iter_mut().zip(self.starts.windows(2)) {
            let entries = &self.entries[bounds[0]..bounds[1]];
            *total -= entries
                .iter()
                .map(|&(place, value)| value * predicted[place as usize])
                .sum::<f64>();
        }
    }
}

/// Sums the values of equal (unit, place), in their order.
fn merge(mut triples: Vec<(u32, u32, f64)>) -> Vec<(u32, u32, f64)> {
    triples.sort_by_key(|triple| (triple.0, triple.1));
    triples.dedup_by(|later, first| {
        let is_same = (later.0, later.1) == (first.0, first.1);
        first.2 += if is_same { later.2 } else { 0.0 };
        is_same
    });
    triples
}

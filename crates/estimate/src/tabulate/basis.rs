//! Means of domains with their covariance under a calibration by one regression on categories and numbers, from sums per
//! cell of the cross table of the margins (Deville and Särndal 1992: residuals of the calibration's regression).
//!
//! Within a cell the regression predicts a number that is the same for all, and a slope times each numeric auxiliary a: so
//! beside Σw, Σwy, … of a cell stand Σwa, Σway, …, which is all that a variance needs.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use nalgebra::{DMatrix, DVector};
use survey::design::NO_CODE;

use super::tally::{Classes, Measured, Sums};
use crate::kernel::Cell;
use crate::sample::Sample;

/// The regression of a calibration: built once a wave, used for every domain.
pub(crate) struct Basis {
    pub cell_of_row: Vec<u32>,
    /// None where the weights are too different to be counted.
    pub(super) classes: Option<Classes>,
    /// Dummies that are 1 in a cell.
    pub(super) dummies_of_cell: Vec<Vec<usize>>,
    /// Of each numeric auxiliary, as `classes`.
    pub(super) number_classes: Vec<Option<Classes>>,
    /// Where the slopes of the first stratum begin among the parameters, behind the dummies; then those of the next stratum.
    first_slope: usize,
    /// Generalised inverse of X'DX.
    inverse: DMatrix<f64>,
    /// Σw and Σw² of a cell over the whole sample.
    weight_sums: Vec<[f64; 2]>,
    /// The same times each numeric auxiliary.
    number_sums: Vec<Vec<[f64; 2]>>,
    /// Of a cell Σw² times both of two numeric auxiliaries.
    number_products: Vec<DMatrix<f64>>,
    pub stratum_of_cell: Vec<usize>,
    /// Respondents with weight in each stratum.
    pub stratum_rows: Vec<f64>,
}

/// Means of one indicator over the levels of one cut.
pub(crate) struct Scores {
    pub levels: Vec<Mean>,
    pub covariance: DMatrix<f64>,
}

/// The mean of one level, with what the calibration predicts of its influence values (y - mean) / Σw.
pub(crate) struct Mean {
    pub cell: Cell,
    pub predicted: Predicted,
    /// Mean of the scores of each stratum.
    pub centres: Vec<f64>,
    /// Respondents of each stratum in the level.
    pub stratum_rows: Vec<f64>,
}

/// What a regression predicts of the influence values of one level.
pub(crate) struct Predicted {
    /// By cell of the cross table.
    pub by_cell: Vec<f64>,
    /// By stratum and numeric auxiliary: a respondent's number times the slope comes to it.
    slopes: Vec<f64>,
}

impl Predicted {
    /// The slopes in a stratum.
    pub(crate) fn slopes(&self, stratum: usize, numbers: usize) -> &[f64] {
        &self.slopes[stratum * numbers..(stratum + 1) * numbers]
    }
}

/// A spread below this part of the mean square, or of that before the calibration, is rounding.
const ROUNDING: f64 = 1e-13;

/// Weights of a sample, times a numeric auxiliary.
pub(super) fn measured<'a>(sample: &'a Sample<'_>, times: Option<&'a Vec<f64>>) -> Measured<'a> {
    let times = times.map(Vec::as_slice);
    Measured { weights: sample.weights(), base: &sample.base, times }
}

impl Basis {
    pub(crate) fn new(sample: &Sample<'_>) -> Self {
        let (cell_of_row, dummies_of_cell, first_row) = cells(sample);
        let (weights, cells) = (sample.weights(), dummies_of_cell.len());
        let strata = sample.panel_of_row.iter().max().map_or(0, |&panel| panel as usize + 1);
        let mut stratum_rows = vec![0.0; strata];
        for (&panel, _) in
            sample.panel_of_row.iter().zip(weights).filter(|(_, weight)| **weight > 0.0)
        {
            stratum_rows[panel as usize] += 1.0;
        }
        let stratum_of_cell: Vec<usize> =
            first_row.iter().map(|&row| sample.panel_of_row[row] as usize).collect();
        // Sums by cell: of the weights, and of the weights times each numeric auxiliary.
        let numbers = &sample.numbers;
        let sums = |times: &dyn Fn(usize) -> f64| {
            let mut sums = vec![[0.0; 3]; cells];
            for (row, &cell) in cell_of_row.iter().enumerate() {
                let (weight, times) = (weights[row], times(row));
                let products = [weight, weight * weight, sample.base[row]];
                for (sum, product) in sums[cell as usize].iter_mut().zip(products) {
                    *sum += product * times;
                }
            }
            sums
        };
        let of_weights = sums(&|_| 1.0);
        let of_numbers: Vec<Vec<[f64; 3]>> =
            numbers.iter().map(|numbers| sums(&|row| numbers[row])).collect();
        let of_both = |k: usize, l: usize| sums(&|row| numbers[k][row] * numbers[l][row]);
        let first_slope: usize = sample.factors.iter().map(|factor| factor.levels).sum();
        let size = first_slope + strata * numbers.len();
        let mut gram = DMatrix::zeros(size, size);
        let slope = |cell: usize, k: usize| first_slope + stratum_of_cell[cell] * numbers.len() + k;
        for (cell, ones) in dummies_of_cell.iter().enumerate() {
            for &i in ones {
                for &j in ones {
                    gram[(i, j)] += of_weights[cell][2];
                }
                for (k, of_number) in of_numbers.iter().enumerate() {
                    gram[(i, slope(cell, k))] += of_number[cell][2];
                    gram[(slope(cell, k), i)] += of_number[cell][2];
                }
            }
        }
        let mut number_products = vec![DMatrix::zeros(numbers.len(), numbers.len()); cells];
        for k in 0..numbers.len() {
            for l in 0..numbers.len() {
                for (cell, [_, squares, base]) in of_both(k, l).into_iter().enumerate() {
                    gram[(slope(cell, k), slope(cell, l))] += base;
                    number_products[cell][(k, l)] = squares;
                }
            }
        }
        let inverse = generalised_inverse(gram);
        let weight_sums = |sums: &Vec<[f64; 3]>| -> Vec<[f64; 2]> {
            sums.iter().map(|[weights, squares, _]| [*weights, *squares]).collect()
        };
        let classes = |times| Classes::new(&cell_of_row, measured(sample, times));
        Self {
            classes: classes(None),
            number_classes: numbers.iter().map(|numbers| classes(Some(numbers))).collect(),
            cell_of_row,
            dummies_of_cell,
            first_slope,
            inverse,
            weight_sums: weight_sums(&of_weights),
            number_sums: of_numbers.iter().map(weight_sums).collect(),
            number_products,
            stratum_of_cell,
            stratum_rows,
        }
    }

    /// `sums`: by level and cell; the same times each numeric auxiliary.
    pub(super) fn scores(&self, sums: (&[Sums], &[&[Sums]]), shift: f64, levels: usize) -> Scores {
        let cells = self.dummies_of_cell.len();
        let of_level = |level: usize| {
            let own = level * cells..(level + 1) * cells;
            let numbers = sums.1.iter().map(|sums| &sums[own.clone()]).collect();
            self.side(&sums.0[own], numbers)
        };
        let sides: Vec<Side<'_>> = (0..levels).map(of_level).collect();
        let mut covariance = DMatrix::zeros(levels, levels);
        for a in 0..levels {
            for b in a..levels {
                covariance[(a, b)] = self.covariance(&sides[a], &sides[b], a == b);
                covariance[(b, a)] = covariance[(a, b)];
            }
        }
        let mean = |(level, side): (usize, Side<'_>)| Mean {
            cell: self.cell(&side, covariance[(level, level)], shift),
            centres: self
                .totals(&side)
                .iter()
                .zip(&self.stratum_rows)
                .map(|(total, rows)| total / rows)
                .collect(),
            stratum_rows: self.rows_of_strata(&side),
            predicted: side.predicted,
        };
        Scores { levels: sides.into_iter().enumerate().map(mean).collect(), covariance }
    }

    fn side<'a>(&self, sums: &'a [Sums], numbers: Vec<&'a [Sums]>) -> Side<'a> {
        let size: f64 = sums.iter().map(|sums| sums.w).sum();
        let mean = sums.iter().map(|sums| sums.wy).sum::<f64>() / size;
        let predicted = self.predict((sums, &numbers), mean, size);
        Side { sums, numbers, mean, size, predicted }
    }

    /// The published facts of one level; `variance` of its mean.
    fn cell(&self, side: &Side<'_>, variance: f64, shift: f64) -> Cell {
        let sum = |of: &dyn Fn(&Sums) -> f64| side.sums.iter().map(of).sum::<f64>();
        let n = sum(&|sums| sums.n);
        let moment = sum(&|sums| sums.wyy) / side.size;
        let square = moment - side.mean * side.mean;
        // Where all answers are equal, both are rounding.
        let (square, variance) = if square > ROUNDING * moment {
            (square * n / (n - 1.0), variance)
        } else {
            (0.0, 0.0)
        };
        let strata = self.rows_of_strata(side).into_iter().filter(|&rows| rows > 0.0).count();
        let standard_error = if n > 0.0 { variance.max(0.0).sqrt() } else { f64::NAN };
        Cell {
            respondents: n as usize,
            nonzero: sum(&|sums| sums.nonzero) as usize,
            weight_sum: side.size,
            effective_sample_size: side.size * side.size / sum(&|sums| sums.ww),
            mean: side.mean + shift,
            standard_deviation: if n > 1.0 { square.sqrt() } else { f64::NAN },
            standard_error,
            design_effect: if n > 1.0 && square > 0.0 { variance / (square / n) } else { f64::NAN },
            degrees_of_freedom: n as i64 - strata as i64,
        }
    }

    /// Respondents of each stratum in a level.
    fn rows_of_strata(&self, side: &Side<'_>) -> Vec<f64> {
        let mut of_stratum = vec![0.0; self.stratum_rows.len()];
        for (sums, &stratum) in side.sums.iter().zip(&self.stratum_of_cell) {
            of_stratum[stratum] += sums.n;
        }
        of_stratum
    }

    /// What the auxiliaries explain of the influence values (y - mean) / size of one level.
    fn predict(&self, sums: (&[Sums], &[&[Sums]]), mean: f64, size: f64) -> Predicted {
        let mut explained = DVector::zeros(self.inverse.nrows());
        let value = |sums: &Sums| (sums.dy - mean * sums.d) / size;
        for (cell, ones) in self.dummies_of_cell.iter().enumerate() {
            if sums.0[cell].d > 0.0 {
                for &dummy in ones {
                    explained[dummy] += value(&sums.0[cell]);
                }
                let slope = self.first_slope + self.stratum_of_cell[cell] * sums.1.len();
                for (k, numbers) in sums.1.iter().enumerate() {
                    explained[slope + k] += value(&numbers[cell]);
                }
            }
        }
        let coefficients = &self.inverse * explained;
        let of_cell = |ones: &Vec<usize>| ones.iter().map(|&dummy| coefficients[dummy]).sum();
        Predicted {
            by_cell: self.dummies_of_cell.iter().map(of_cell).collect(),
            slopes: coefficients.as_slice()[self.first_slope..].to_vec(),
        }
    }

    /// Covariance of two levels' means; different levels share no respondent.
    fn covariance(&self, a: &Side<'_>, b: &Side<'_>, same: bool) -> f64 {
        let mut products = vec![0.0; self.stratum_rows.len()];
        for (cell, &stratum) in self.stratum_of_cell.iter().enumerate() {
            let own = if same { a.squares(cell) } else { 0.0 };
            products[stratum] += own
                - a.explained_by(&b.predicted, (cell, stratum))
                - b.explained_by(&a.predicted, (cell, stratum))
                + self.both_predicted([&a.predicted, &b.predicted], (cell, stratum));
        }
        let (totals_a, totals_b) = (self.totals(a), self.totals(b));
        let of_stratum = |(stratum, &rows): (usize, &f64)| {
            let centred = products[stratum] - totals_a[stratum] * totals_b[stratum] / rows;
            if rows > 1.0 { centred * rows / (rows - 1.0) } else { 0.0 }
        };
        let covariance: f64 = self.stratum_rows.iter().enumerate().map(of_stratum).sum();
        // What the calibration explains altogether leaves rounding.
        let before = || (0..self.stratum_of_cell.len()).map(|cell| a.squares(cell)).sum::<f64>();
        if same && covariance <= ROUNDING * before() { 0.0 } else { covariance }
    }

    /// Σ w² of a cell times what is predicted for either level.
    fn both_predicted(&self, of: [&Predicted; 2], (cell, stratum): (usize, usize)) -> f64 {
        let by_cell = of.map(|predicted| predicted.by_cell[cell]);
        let mut sum = by_cell[0] * by_cell[1] * self.weight_sums[cell][1];
        let numbers = self.number_sums.len();
        let slopes = of.map(|predicted| predicted.slopes(stratum, numbers));
        for k in 0..numbers {
            let squares = self.number_sums[k][cell][1];
            sum += (by_cell[0] * slopes[1][k] + by_cell[1] * slopes[0][k]) * squares;
            for l in 0..numbers {
                sum += slopes[0][k] * slopes[1][l] * self.number_products[cell][(k, l)];
            }
        }
        sum
    }

    /// Σ of the scores of each stratum.
    fn totals(&self, side: &Side<'_>) -> Vec<f64> {
        let numbers = self.number_sums.len();
        let mut totals = vec![0.0; self.stratum_rows.len()];
        for (cell, &stratum) in self.stratum_of_cell.iter().enumerate() {
            let mut predicted = side.predicted.by_cell[cell] * self.weight_sums[cell][0];
            let slopes = side.predicted.slopes(stratum, numbers).iter().zip(&self.number_sums);
            predicted += slopes.map(|(slope, sums)| slope * sums[cell][0]).sum::<f64>();
            totals[stratum] += side.weighted(cell) - predicted;
        }
        totals
    }
}

/// One level in a covariance; z is the influence value (y - mean) / size.
struct Side<'a> {
    sums: &'a [Sums],
    /// The same times each numeric auxiliary.
    numbers: Vec<&'a [Sums]>,
    mean: f64,
    size: f64,
    predicted: Predicted,
}

impl Side<'_> {
    /// Σ w z of a cell.
    fn weighted(&self, cell: usize) -> f64 {
        (self.sums[cell].wy - self.mean * self.sums[cell].w) / self.size
    }

    /// Σ w² z of a cell times what is predicted for another level.
    fn explained_by(&self, predicted: &Predicted, (cell, stratum): (usize, usize)) -> f64 {
        let squared_weights = |sums: &Sums| (sums.wwy - self.mean * sums.ww) / self.size;
        let slopes = predicted.slopes(stratum, self.numbers.len()).iter().zip(&self.numbers);
        predicted.by_cell[cell] * squared_weights(&self.sums[cell])
            + slopes.map(|(slope, sums)| slope * squared_weights(&sums[cell])).sum::<f64>()
    }

    /// Σ w² z² of a cell.
    fn squares(&self, cell: usize) -> f64 {
        let Sums { ww, wwy, wwyy, .. } = self.sums[cell];
        (wwyy - 2.0 * self.mean * wwy + self.mean * self.mean * ww) / (self.size * self.size)
    }
}

/// The cell of each row in the cross table of panel and margins; of each cell its dummies and a row in it.
fn cells(sample: &Sample<'_>) -> (Vec<u32>, Vec<Vec<usize>>, Vec<usize>) {
    let mut cell_of_row = sample.panel_of_row.clone();
    for factor in &sample.factors {
        let mut known: HashMap<(u32, u32), u32, FixedState> = HashMap::default();
        for (cell, &code) in cell_of_row.iter_mut().zip(factor.codes.iter()) {
            let next = known.len() as u32;
            *cell = *known.entry((*cell, code)).or_insert(next);
        }
    }
    let cells = cell_of_row.iter().max().map_or(0, |&cell| cell as usize + 1);
    let mut first_row = vec![usize::MAX; cells];
    for (row, &cell) in cell_of_row.iter().enumerate().rev() {
        first_row[cell as usize] = row;
    }
    if sample.factors.is_empty() {
        // Panels without respondents leave gaps in the numbering.
        first_row.iter_mut().filter(|row| **row == usize::MAX).for_each(|row| *row = 0);
    }
    let dummies = first_row.iter().map(|&row| {
        let mut offset = 0;
        let mut ones = Vec::new();
        for factor in &sample.factors {
            if factor.codes[row] != NO_CODE {
                ones.push(offset + factor.codes[row] as usize);
            }
            offset += factor.levels;
        }
        ones
    });
    (cell_of_row, dummies.collect(), first_row.clone())
}

/// Moore–Penrose inverse of a symmetric matrix: margins overlap, so that X'DX is singular.
fn generalised_inverse(matrix: DMatrix<f64>) -> DMatrix<f64> {
    const NEGLIGIBLE: f64 = 1e-11;
    if matrix.nrows() == 0 {
        return matrix;
    }
    let eigen = matrix.symmetric_eigen();
    let limit = eigen.eigenvalues.amax() * NEGLIGIBLE;
    let inverse = eigen.eigenvalues.map(|value| if value > limit { 1.0 / value } else { 0.0 });
    &eigen.eigenvectors * DMatrix::from_diagonal(&inverse) * eigen.eigenvectors.transpose()
}

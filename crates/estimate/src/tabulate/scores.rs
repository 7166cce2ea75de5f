//! Means of domains with their covariance under a calibration on categories, from one pass to sums per cell of the
//! cross table of the margins (Deville and Särndal 1992: residuals of the calibration's regression).

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use survey::design::NO_CODE;

use super::tally::{Classes, CutCodes, Rows, Sums};
use super::{Plan, Values};
use crate::kernel::Cell;
use crate::sample::Sample;

/// The regression of a calibration: built once a wave, used for every domain.
pub(crate) struct Basis {
    pub cell_of_row: Vec<u32>,
    /// None where the weights are too different to be counted.
    classes: Option<Classes>,
    /// Dummies that are 1 in a cell.
    dummies_of_cell: Vec<Vec<usize>>,
    /// Generalised inverse of X'DX.
    inverse: DMatrix<f64>,
    /// Σw and Σw² of a cell over the whole sample.
    weight_sums: Vec<[f64; 2]>,
    pub stratum_of_cell: Vec<usize>,
    /// Respondents with weight in each stratum.
    pub stratum_rows: Vec<f64>,
}

/// A spread below this part of the mean square is rounding.
const ROUNDING: f64 = 1e-13;

/// Means of one indicator over the levels of one cut.
pub(crate) struct Scores {
    pub levels: Vec<Mean>,
    pub covariance: DMatrix<f64>,
}

/// The mean of one level, with what the calibration predicts of its influence values (y - mean) / Σw.
pub(crate) struct Mean {
    pub cell: Cell,
    /// Prediction by cell of the cross table.
    pub predictions: Vec<f64>,
    /// Mean of the scores of each stratum.
    pub centres: Vec<f64>,
    /// Respondents of each stratum in the level.
    pub stratum_rows: Vec<f64>,
}

/// Scores of one wave: by indicator, then by cut; none where not asked.
pub(crate) struct WaveScores {
    pub basis: Arc<Basis>,
    pub scores: Vec<Vec<Option<Scores>>>,
}

impl WaveScores {
    pub(crate) fn new(
        basis: Arc<Basis>,
        plan: &Plan<'_>,
        sample: &Sample<'_>,
        values: &Values,
    ) -> Self {
        let codes = plan.cuts.iter().zip(values.codes.iter());
        let cuts: Vec<Option<CutCodes<'_>>> =
            codes.map(|(cut, codes)| Some((codes.as_deref()?, cut.levels.len()))).collect();
        let cells = (basis.cell_of_row.as_slice(), basis.dummies_of_cell.len());
        let weights = (sample.weights(), sample.base.as_slice());
        let rows = Rows::new(cells, weights, basis.classes.as_ref(), &cuts);
        let of_indicator = |indicator: usize| {
            let mut scores: Vec<Option<Scores>> = plan.cuts.iter().map(|_| None).collect();
            let Some(column) = &values.columns[indicator] else { return scores };
            for (cut, sums, shift) in rows.sums(column, &plan.cuts_of[indicator]) {
                scores[cut] = Some(basis.scores(&sums, shift, plan.cuts[cut].levels.len()));
            }
            scores
        };
        let indicators = (0..plan.indicators.len()).into_par_iter();
        let scores = indicators.map(of_indicator).collect();
        Self { basis, scores }
    }
}

impl Basis {
    pub(crate) fn new(sample: &Sample<'_>) -> Self {
        let (cell_of_row, dummies_of_cell, first_row) = cells(sample);
        let weights = sample.weights();
        let mut weight_sums = vec![[0.0; 2]; dummies_of_cell.len()];
        let mut base_sums = vec![0.0; dummies_of_cell.len()];
        for (row, &cell) in cell_of_row.iter().enumerate() {
            let weight = weights[row];
            weight_sums[cell as usize][0] += weight;
            weight_sums[cell as usize][1] += weight * weight;
            base_sums[cell as usize] += sample.base[row];
        }
        let dummies: usize = sample.factors.iter().map(|factor| factor.levels).sum();
        let mut gram = DMatrix::zeros(dummies, dummies);
        for (ones, base) in dummies_of_cell.iter().zip(&base_sums) {
            for &i in ones {
                for &j in ones {
                    gram[(i, j)] += base;
                }
            }
        }
        let strata = sample.panel_of_row.iter().max().map_or(0, |&panel| panel as usize + 1);
        let mut stratum_rows = vec![0.0; strata];
        for (&panel, _) in
            sample.panel_of_row.iter().zip(weights).filter(|(_, weight)| **weight > 0.0)
        {
            stratum_rows[panel as usize] += 1.0;
        }
        let stratum_of_cell =
            first_row.iter().map(|&row| sample.panel_of_row[row] as usize).collect();
        let inverse = generalised_inverse(gram);
        let classes = Classes::new(&cell_of_row, weights, &sample.base);
        Self {
            cell_of_row,
            classes,
            dummies_of_cell,
            inverse,
            weight_sums,
            stratum_of_cell,
            stratum_rows,
        }
    }

    fn scores(&self, sums: &[Sums], shift: f64, levels: usize) -> Scores {
        let cells = self.dummies_of_cell.len();
        let sides: Vec<Side<'_>> =
            (0..levels).map(|level| self.side(&sums[level * cells..(level + 1) * cells])).collect();
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
            predictions: side.predictions,
        };
        Scores { levels: sides.into_iter().enumerate().map(mean).collect(), covariance }
    }

    fn side<'a>(&self, sums: &'a [Sums]) -> Side<'a> {
        let size: f64 = sums.iter().map(|sums| sums.w).sum();
        let mean = sums.iter().map(|sums| sums.wy).sum::<f64>() / size;
        Side { sums, mean, size, predictions: self.predict(sums, mean, size) }
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

    /// What the auxiliaries explain of the influence values (y - mean) / size of one level, by cell.
    fn predict(&self, sums: &[Sums], mean: f64, size: f64) -> Vec<f64> {
        let mut explained = DVector::zeros(self.inverse.nrows());
        for (sums, ones) in sums.iter().zip(&self.dummies_of_cell) {
            if sums.d > 0.0 {
                let value = (sums.dy - mean * sums.d) / size;
                for &dummy in ones {
                    explained[dummy] += value;
                }
            }
        }
        let coefficients = &self.inverse * explained;
        self.dummies_of_cell
            .iter()
            .map(|ones| ones.iter().map(|&dummy| coefficients[dummy]).sum())
            .collect()
    }

    /// Covariance of two levels' means; different levels share no respondent.
    fn covariance(&self, a: &Side<'_>, b: &Side<'_>, same: bool) -> f64 {
        let mut products = vec![0.0; self.stratum_rows.len()];
        for (cell, &stratum) in self.stratum_of_cell.iter().enumerate() {
            let (predicted_a, predicted_b) = (a.predictions[cell], b.predictions[cell]);
            let own = if same { a.squares(cell) } else { 0.0 };
            products[stratum] +=
                own - predicted_b * a.squared_weights(cell) - predicted_a * b.squared_weights(cell)
                    + predicted_a * predicted_b * self.weight_sums[cell][1];
        }
        let (totals_a, totals_b) = (self.totals(a), self.totals(b));
        let of_stratum = |(stratum, &rows): (usize, &f64)| {
            let centred = products[stratum] - totals_a[stratum] * totals_b[stratum] / rows;
            if rows > 1.0 { centred * rows / (rows - 1.0) } else { 0.0 }
        };
        self.stratum_rows.iter().enumerate().map(of_stratum).sum()
    }

    /// Σ of the scores of each stratum.
    fn totals(&self, side: &Side<'_>) -> Vec<f64> {
        let mut totals = vec![0.0; self.stratum_rows.len()];
        for (cell, &stratum) in self.stratum_of_cell.iter().enumerate() {
            totals[stratum] +=
                side.weighted(cell) - side.predictions[cell] * self.weight_sums[cell][0];
        }
        totals
    }
}

/// One level in a covariance; z is the influence value (y - mean) / size.
struct Side<'a> {
    sums: &'a [Sums],
    mean: f64,
    size: f64,
    predictions: Vec<f64>,
}

impl Side<'_> {
    /// Σ w z of a cell.
    fn weighted(&self, cell: usize) -> f64 {
        (self.sums[cell].wy - self.mean * self.sums[cell].w) / self.size
    }

    /// Σ w² z of a cell.
    fn squared_weights(&self, cell: usize) -> f64 {
        (self.sums[cell].wwy - self.mean * self.sums[cell].ww) / self.size
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

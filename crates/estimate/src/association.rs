//! Tests of association in a two-way table (Rao and Scott 1984, Wald).

use nalgebra::{DMatrix, DVector};

use crate::Error;
use crate::contrast::wald;
use crate::distribution::{chi_square_upper, f_upper, normal_upper};

/// Statistic of a test of association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Statistic {
    /// Rao–Scott second order, as F.
    #[default]
    F,
    /// Rao–Scott first order, as chi-square.
    ChiSquare,
    /// Distribution of the linear combination of chi-squares over that of the variance, by the saddlepoint approximation (Kuonen 1999).
    Saddlepoint,
    /// The same with the degrees of freedom of the variance cut to a whole number, as R does.
    SaddlepointAsR,
}

/// Outcome of a test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// Value of the statistic.
    pub value: f64,
    /// Numerator degrees of freedom.
    pub numerator: f64,
    /// Denominator degrees of freedom; infinite = chi-square.
    pub denominator: f64,
    /// p value.
    pub p: f64,
}

/// A weighted table with the covariance of its cell proportions (row-major cells).
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Number of rows of the table.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// Proportion of each cell, summing to 1.
    pub proportions: Vec<f64>,
    /// Their covariance.
    pub covariance: DMatrix<f64>,
    /// Respondents in the table.
    pub respondents: usize,
    /// Degrees of freedom of the design.
    pub degrees_of_freedom: f64,
}

/// A weighted table with the covariance of its cell totals (row-major cells).
#[derive(Debug, Clone, PartialEq)]
pub struct TotalsTable {
    /// Number of rows of the table.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// Weighted total of each cell.
    pub totals: Vec<f64>,
    /// Their covariance.
    pub covariance: DMatrix<f64>,
    /// Degrees of freedom of the design.
    pub degrees_of_freedom: f64,
}

/// Wald test that every total is row total × column total / sum (Koch, Freeman and Freeman 1975), adjusted for few degrees of freedom or not.
pub fn wald_test(table: &TotalsTable, is_adjusted: bool) -> Result<Test, Error> {
    let TotalsTable { rows, columns, totals, covariance, degrees_of_freedom: df } = table;
    let sums = check(*rows, *columns, totals, covariance)?;
    let (row_sums, column_sums) = &sums;
    let sum: f64 = row_sums.iter().sum();
    let size = (rows - 1) * (columns - 1);
    let place = |position: usize| (position / (columns - 1) + 1, position % (columns - 1) + 1);
    let differences = DVector::from_fn(size, |position, _| {
        let (row, column) = place(position);
        totals[row * columns + column] - row_sums[row] * column_sums[column] / sum
    });
    let gradient = DMatrix::from_fn(size, totals.len(), |position, cell| {
        let (row, column) = place(position);
        let (in_row, in_column) = (cell / columns == row, cell % columns == column);
        f64::from(in_row && in_column)
            - f64::from(in_row) * column_sums[column] / sum
            - f64::from(in_column) * row_sums[row] / sum
            + row_sums[row] * column_sums[column] / (sum * sum)
    });
    let variance = &gradient * covariance * gradient.transpose();
    let chi_square = wald(&differences, &variance, "Wald test of association")?;
    let numerator = size as f64;
    let denominator = if is_adjusted { df - numerator + 1.0 } else { *df };
    let value = chi_square / numerator * denominator / df;
    Ok(Test { value, numerator, denominator, p: f_upper(value, numerator, denominator) })
}

/// Tests that rows and columns of `table` are independent.
pub fn test(table: &Table, statistic: Statistic) -> Result<Test, Error> {
    let Table { rows, columns, proportions, covariance, .. } = table;
    check(*rows, *columns, proportions, covariance)?;
    let numerator = (table.rows as f64 - 1.0) * (table.columns as f64 - 1.0);
    let df = table.degrees_of_freedom;
    let pearson = table.pearson();
    let delta = table.design_effects()?;
    let trace = delta.trace();
    let none = f64::NAN;
    Ok(match statistic {
        Statistic::F => {
            let numerator = trace * trace / (&delta * &delta).trace();
            let (value, denominator) = (pearson / trace, numerator * df);
            Test { value, numerator, denominator, p: f_upper(value, numerator, denominator) }
        }
        Statistic::ChiSquare => {
            let p = chi_square_upper(pearson * numerator / trace, numerator);
            Test { value: pearson, numerator, denominator: f64::INFINITY, p }
        }
        Statistic::Saddlepoint | Statistic::SaddlepointAsR => {
            let effective = trace * trace / (&delta * &delta).trace();
            let effects: Vec<f64> =
                delta.complex_eigenvalues().iter().map(|value| value.re).collect();
            let denominator = effective * df;
            let terms = if statistic == Statistic::SaddlepointAsR {
                denominator.floor()
            } else {
                denominator
            };
            let p = saddlepoint(pearson, &effects, denominator, terms);
            Test { value: pearson, numerator: none, denominator: none, p }
        }
    })
}

impl Table {
    fn expected(&self) -> Vec<f64> {
        let (row_sums, column_sums) = sums(self.rows, self.columns, &self.proportions);
        row_sums.iter().flat_map(|row| column_sums.iter().map(move |column| row * column)).collect()
    }

    /// Pearson's X² as if the respondents were a simple random sample.
    fn pearson(&self) -> f64 {
        let distance = |(p, e): (&f64, &f64)| (p - e).powi(2) / e;
        self.respondents as f64
            * self.proportions.iter().zip(&self.expected()).map(distance).sum::<f64>()
    }

    /// Rao and Scott's matrix of generalised design effects of the interaction contrasts.
    fn design_effects(&self) -> Result<DMatrix<f64>, Error> {
        let contrasts = self.interaction();
        let cells = self.proportions.len();
        let inverse = |cell: usize| {
            if self.proportions[cell] > 0.0 { 1.0 / self.proportions[cell] } else { 0.0 }
        };
        let scaled = DMatrix::from_fn(cells, contrasts.ncols(), |cell, column| {
            inverse(cell) * contrasts[(cell, column)]
        });
        let simple = contrasts.tr_mul(&scaled) / self.respondents as f64;
        let actual = scaled.tr_mul(&(&self.covariance * &scaled));
        let singular = || Error::Singular { place: "test of association".into() };
        let decomposed = simple.cholesky().ok_or_else(singular)?;
        Ok(decomposed.solve(&actual))
    }

    /// Interaction contrasts, orthogonal to rows and columns (cells × (r-1)(c-1)).
    fn interaction(&self) -> DMatrix<f64> {
        let centred =
            |index: usize, level: usize, size: usize| f64::from(index == level) - 1.0 / size as f64;
        DMatrix::from_fn(
            self.rows * self.columns,
            (self.rows - 1) * (self.columns - 1),
            |cell, contrast| {
                let (row, column) = (cell / self.columns, cell % self.columns);
                let (of_row, of_column) =
                    (contrast / (self.columns - 1) + 1, contrast % (self.columns - 1) + 1);
                centred(row, of_row, self.rows) * centred(column, of_column, self.columns)
            },
        )
    }
}

/// Sums of the rows and of the columns of row-major cells.
fn sums(rows: usize, columns: usize, cells: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let of_row = |row: usize| cells[row * columns..(row + 1) * columns].iter().sum();
    let of_column = |column: usize| (0..rows).map(|row| cells[row * columns + column]).sum();
    ((0..rows).map(of_row).collect(), (0..columns).map(of_column).collect())
}

/// P(Σ effect χ²₁ > x χ²_count / df) by the saddlepoint approximation; Satterthwaite where it fails.
fn saddlepoint(x: f64, effects: &[f64], df: f64, count: f64) -> f64 {
    let trace: f64 = effects.iter().sum();
    let squares: f64 = effects.iter().map(|effect| effect * effect).sum();
    let numerator = trace * trace / squares;
    let satterthwaite = f_upper(x / trace, numerator, df);
    let largest = effects.iter().copied().fold(-x / df, f64::max);
    // Σ weight × count terms: the design effects, and the denominator with `df` degrees of freedom
    let mut terms: Vec<(f64, f64)> = effects.iter().map(|effect| (effect / largest, 1.0)).collect();
    let target = if df.is_finite() { 0.0 } else { x / largest };
    if df.is_finite() {
        terms.push((-x / df / largest, count));
    }
    let cumulant = |zeta: f64| {
        -terms.iter().map(|(weight, count)| count * (-2.0 * zeta * weight).ln_1p()).sum::<f64>()
            / 2.0
    };
    let slope = |zeta: f64| {
        terms
            .iter()
            .map(|(weight, count)| count * weight / (1.0 - 2.0 * zeta * weight))
            .sum::<f64>()
    };
    let curvature = |zeta: f64| {
        2.0 * terms
            .iter()
            .map(|(weight, count)| count * (weight / (1.0 - 2.0 * zeta * weight)).powi(2))
            .sum::<f64>()
    };
    let negative = terms.iter().filter(|term| term.0 < 0.0).map(|term| 1.0 / (2.0 * term.0));
    let size: f64 = terms.iter().map(|term| term.1).sum();
    let mut low = negative.fold(f64::NEG_INFINITY, f64::max) * 0.99999;
    if low == f64::NEG_INFINITY {
        low = -size / (2.0 * target);
    }
    let mut high = 0.5 * 0.99999;
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if slope(middle) > target { high = middle } else { low = middle }
    }
    let zeta = f64::midpoint(low, high);
    if zeta.is_nan() || zeta.abs() < 1e-4 {
        return satterthwaite;
    }
    let w = zeta.signum() * (2.0 * (zeta * target - cumulant(zeta))).sqrt();
    let v = zeta * curvature(zeta).sqrt();
    normal_upper(w + (v / w).ln() / w)
}

/// Sums of rows and columns of a table that can be tested.
fn check(
    rows: usize,
    columns: usize,
    cells: &[f64],
    covariance: &DMatrix<f64>,
) -> Result<(Vec<f64>, Vec<f64>), Error> {
    for (what, found) in [("cells", cells.len()), ("covariance", covariance.nrows())] {
        if found != rows * columns {
            return Err(Error::Length { what: what.into(), found, expected: rows * columns });
        }
    }
    let (row_sums, column_sums) = sums(rows, columns, cells);
    let is_empty = row_sums.iter().chain(&column_sums).any(|&sum| sum.is_nan() || sum <= 0.0);
    if rows < 2 || columns < 2 || is_empty {
        let found = format!("{rows} x {columns} with an empty row or column, or too small");
        let expected = "two or more rows and columns that occur".into();
        return Err(Error::Argument { place: "table".into(), found, expected });
    }
    Ok((row_sums, column_sums))
}

#[cfg(test)]
mod tests;

//! Inverse of a positive semidefinite matrix with redundant rows.

use nalgebra::{DMatrix, DVector};

/// Pivots below this (of a matrix with unit diagonal) belong to redundant parameters.
const REDUNDANT: f64 = 1e-11;

/// A symmetric positive semidefinite matrix and its generalised inverse.
#[derive(Debug, Clone)]
pub(crate) struct Semidefinite {
    matrix: DMatrix<f64>,
    inverse: DMatrix<f64>,
}

impl Semidefinite {
    /// Inverts the part of `matrix` that pivoted Cholesky finds independent; the rest of the inverse is 0.
    pub fn new(matrix: DMatrix<f64>) -> Self {
        let size = matrix.nrows();
        let inverse_root = |value: f64| if value > 0.0 { 1.0 / value.sqrt() } else { 0.0 };
        let scale: Vec<f64> = (0..size).map(|index| inverse_root(matrix[(index, index)])).collect();
        let scaled = DMatrix::from_fn(size, size, |row, column| {
            matrix[(row, column)] * scale[row] * scale[column]
        });
        let (lower, order) = pivoted_cholesky(scaled);
        let rank = order.len();
        let triangle = DMatrix::from_fn(rank, rank, |row, column| {
            if row >= column { lower[(order[row], order[column])] } else { 0.0 }
        });
        let identity = DMatrix::identity(rank, rank);
        let half = triangle.solve_lower_triangular(&identity).unwrap_or(identity);
        let small = half.tr_mul(&half);
        let mut inverse = DMatrix::zeros(size, size);
        for (row, &to_row) in order.iter().enumerate() {
            for (column, &to_column) in order.iter().enumerate() {
                inverse[(to_row, to_column)] =
                    small[(row, column)] * scale[to_row] * scale[to_column];
            }
        }
        Self { matrix, inverse }
    }

    /// A solution of matrix × β = right, refined once.
    pub fn solve(&self, right: &DVector<f64>) -> DVector<f64> {
        let first = &self.inverse * right;
        let rest = right - &self.matrix * &first;
        first + &self.inverse * rest
    }
}

/// Lower factor (in the rows and columns of the matrix) and the pivots in the order in which they were taken.
fn pivoted_cholesky(mut lower: DMatrix<f64>) -> (DMatrix<f64>, Vec<usize>) {
    let size = lower.nrows();
    let mut order: Vec<usize> = (0..size).collect();
    for rank in 0..size {
        let diagonal = |position: &usize| lower[(order[*position], order[*position])];
        let largest =
            (rank..size).max_by(|a, b| diagonal(a).total_cmp(&diagonal(b))).unwrap_or(rank);
        if diagonal(&largest) < REDUNDANT {
            order.truncate(rank);
            return (lower, order);
        }
        order.swap(rank, largest);
        let pivot = order[rank];
        let root = lower[(pivot, pivot)].sqrt();
        for &row in &order[rank..] {
            lower[(row, pivot)] /= root;
        }
        for &column in &order[rank + 1..] {
            let factor = lower[(column, pivot)];
            for &row in &order[rank + 1..] {
                let value = lower[(row, pivot)];
                lower[(row, column)] -= value * factor;
            }
        }
    }
    (lower, order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redundant_rows_do_not_matter() {
        let dummies = DMatrix::from_row_slice(
            4,
            3,
            &[1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0],
        );
        let answers = DVector::from_column_slice(&[1.0, 3.0, 10.0, 20.0]);
        let gram = Semidefinite::new(dummies.tr_mul(&dummies));
        let fitted = &dummies * gram.solve(&dummies.tr_mul(&answers));
        assert!((fitted - DVector::from_column_slice(&[2.0, 2.0, 15.0, 15.0])).amax() < 1e-12);
    }
}

//! Inverse of a positive semidefinite matrix with redundant rows.

use nalgebra::{DMatrix, DVector};
use semidefinite::Cholesky;

/// A symmetric positive semidefinite matrix and its generalised inverse.
#[derive(Debug, Clone)]
pub(crate) struct Semidefinite {
    matrix: DMatrix<f64>,
    inverse: DMatrix<f64>,
}

impl Semidefinite {
    /// Inverts the part of `matrix` whose rows are independent; the rest of the inverse is 0.
    pub fn new(matrix: DMatrix<f64>) -> Self {
        Self { inverse: Cholesky::new(&matrix).inverse(), matrix }
    }

    /// A solution of matrix × β = right, refined once.
    pub fn solve(&self, right: &DVector<f64>) -> DVector<f64> {
        let first = &self.inverse * right;
        let rest = right - &self.matrix * &first;
        first + &self.inverse * rest
    }
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

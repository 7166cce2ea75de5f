//! Symmetric positive semidefinite matrices whose rows may be redundant, as those of overlapping margins are: solved and
//! inverted by Cholesky with pivots (Higham 1990), each row scaled to a unit diagonal.

use nalgebra::{DMatrix, DVector};

/// Pivots below this (of a matrix with unit diagonal) belong to redundant parameters.
const REDUNDANT: f64 = 1e-11;

/// The factor of a scaled matrix.
#[derive(Debug, Clone)]
pub struct Cholesky {
    /// Lower factor, in the rows and columns of the matrix.
    lower: DMatrix<f64>,
    /// Rows in the order in which they were taken; redundant ones are not among them.
    order: Vec<usize>,
    /// Each row and column was multiplied by this.
    scale: Vec<f64>,
}

impl Cholesky {
    /// Of a symmetric matrix; only its lower triangle is read.
    pub fn new(matrix: &DMatrix<f64>) -> Self {
        let size = matrix.nrows();
        let inverse_root = |value: f64| if value > 0.0 { 1.0 / value.sqrt() } else { 0.0 };
        let scale: Vec<f64> = (0..size).map(|index| inverse_root(matrix[(index, index)])).collect();
        let lower = DMatrix::from_fn(size, size, |row, column| {
            matrix[(row, column)] * scale[row] * scale[column]
        });
        let mut factor = Self { lower, order: (0..size).collect(), scale };
        for rank in 0..size {
            if !factor.take_pivot(rank) {
                factor.order.truncate(rank);
                break;
            }
        }
        factor
    }

    /// Takes the row with the largest diagonal that is left; none where that is nothing but rounding.
    fn take_pivot(&mut self, rank: usize) -> bool {
        let Self { lower, order, .. } = self;
        let diagonal = |position: &usize| lower[(order[*position], order[*position])];
        let largest =
            (rank..order.len()).max_by(|a, b| diagonal(a).total_cmp(&diagonal(b))).unwrap_or(rank);
        if diagonal(&largest) < REDUNDANT {
            return false;
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
        true
    }

    /// A solution of matrix × x = right; redundant parameters are 0.
    pub fn solve(&self, right: &DVector<f64>) -> DVector<f64> {
        let Self { lower, order, scale } = self;
        let mut half = vec![0.0; order.len()];
        for (position, &row) in order.iter().enumerate() {
            let known: f64 =
                (0..position).map(|earlier| lower[(row, order[earlier])] * half[earlier]).sum();
            half[position] = (right[row] * scale[row] - known) / lower[(row, row)];
        }
        let mut solution = DVector::zeros(right.len());
        for (position, &row) in order.iter().enumerate().rev() {
            let later = &order[position + 1..];
            let known: f64 = later.iter().map(|&other| lower[(other, row)] * solution[other]).sum();
            solution[row] = (half[position] - known) / lower[(row, row)];
        }
        for (value, scale) in solution.iter_mut().zip(scale) {
            *value *= scale;
        }
        solution
    }

    /// The inverse of the part that is not redundant; 0 in the other rows and columns.
    pub fn inverse(&self) -> DMatrix<f64> {
        let Self { lower, order, scale } = self;
        let (size, rank) = (scale.len(), order.len());
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
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two margins that say the same of four people, and the intercept that both add up to.
    fn redundant() -> (DMatrix<f64>, DVector<f64>) {
        let dummies = DMatrix::from_row_slice(
            4,
            3,
            &[1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0],
        );
        let answers = DVector::from_column_slice(&[1.0, 3.0, 10.0, 20.0]);
        (dummies, answers)
    }

    #[test]
    fn redundant_rows_do_not_matter() {
        let (dummies, answers) = redundant();
        let (gram, right) = (dummies.tr_mul(&dummies), dummies.tr_mul(&answers));
        let expected = DVector::from_column_slice(&[2.0, 2.0, 15.0, 15.0]);
        let factor = Cholesky::new(&gram);
        assert!((&dummies * factor.solve(&right) - &expected).amax() < 1e-12);
        assert!((&dummies * (factor.inverse() * right) - expected).amax() < 1e-12);
    }

    #[test]
    fn a_row_that_is_redundant_gets_nothing() {
        let (dummies, answers) = redundant();
        let gram = dummies.tr_mul(&dummies);
        let factor = Cholesky::new(&gram);
        let solution = factor.solve(&dummies.tr_mul(&answers));
        let none = |at: &usize| solution[*at] == 0.0 && factor.inverse().row(*at).amax() == 0.0;
        assert_eq!((0..3).filter(none).count(), 1);
    }
}

//! A mean in a category of a breakdown, and what it is made of.

use nalgebra::DMatrix;

/// Values of an indicator, one per row.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// 0 or 1; any other value = not in the base.
    Binary(&'a [u8]),
    /// Numbers; NaN = not in the base.
    Numeric(&'a [f64]),
}

/// Categories of a breakdown, one per row.
#[derive(Debug, Clone, Copy)]
pub struct Breakdown<'a> {
    /// Category of the row; `levels` or more (`NO_CODE`) = in none.
    pub codes: &'a [u32],
    /// Number of categories.
    pub levels: usize,
}

/// A weighted mean (share) of an indicator in a category.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Respondents in the base (weight above 0).
    pub respondents: usize,
    /// Respondents in the base with a value other than 0.
    pub nonzero: usize,
    /// Σw over the base.
    pub weight_sum: f64,
    /// (Σw)²/Σw² over the base.
    pub effective_sample_size: f64,
    /// Weighted mean; NaN on an empty base.
    pub mean: f64,
    /// Weighted standard deviation (n/(n-1)); NaN below two respondents.
    pub standard_deviation: f64,
    /// Design-based standard error; NaN on an empty base.
    pub standard_error: f64,
    /// Variance over that of simple random sampling with replacement; NaN without variation.
    pub design_effect: f64,
    /// PSUs minus strata with a row in the base.
    pub degrees_of_freedom: i64,
}

/// The means of one indicator in the categories of a breakdown, together.
#[derive(Debug, Clone, PartialEq)]
pub struct Domains {
    /// A cell a category.
    pub cells: Vec<Cell>,
    /// Covariance of the means.
    pub covariance: DMatrix<f64>,
    /// Per category a total a PSU, centred and scaled so that Σ of the squares is the first stage's variance: what
    /// two waves that share PSUs have in common is the sum of the products.
    pub unit_totals: Vec<Vec<f64>>,
}

impl Values<'_> {
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Binary(values) => values.len(),
            Self::Numeric(values) => values.len(),
        }
    }

    /// Value of a row; NaN outside the base.
    pub(crate) fn value(&self, row: usize) -> f64 {
        match self {
            Self::Binary(values) if values[row] <= 1 => f64::from(values[row]),
            Self::Binary(_) => f64::NAN,
            Self::Numeric(values) => values[row],
        }
    }
}

/// What a cell is made of.
pub(crate) struct Facts {
    pub respondents: usize,
    pub nonzero: usize,
    pub weight_sum: f64,
    pub weight_squares: f64,
    pub mean: f64,
    /// Σ w (y - mean)².
    pub squares: f64,
    pub variance: f64,
    pub degrees_of_freedom: i64,
}

impl Facts {
    pub fn cell(&self) -> Cell {
        let n = self.respondents as f64;
        let spread = if self.respondents > 1 {
            n / (n - 1.0) * self.squares.max(0.0) / self.weight_sum
        } else {
            f64::NAN
        };
        Cell {
            respondents: self.respondents,
            nonzero: self.nonzero,
            weight_sum: self.weight_sum,
            effective_sample_size: self.weight_sum * self.weight_sum / self.weight_squares,
            mean: self.mean,
            standard_deviation: spread.sqrt(),
            standard_error: self.variance.max(0.0).sqrt(),
            design_effect: if spread > 0.0 { self.variance / (spread / n) } else { f64::NAN },
            degrees_of_freedom: self.degrees_of_freedom,
        }
    }
}

impl Cell {
    /// A cell without respondents.
    pub const EMPTY: Self = Self {
        respondents: 0,
        nonzero: 0,
        weight_sum: 0.0,
        effective_sample_size: 0.0,
        mean: f64::NAN,
        standard_deviation: f64::NAN,
        standard_error: f64::NAN,
        design_effect: f64::NAN,
        degrees_of_freedom: 0,
    };
}

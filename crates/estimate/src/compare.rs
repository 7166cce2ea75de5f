//! Comparisons of figures: between waves and between the levels of a breakdown.

mod change;
mod contrast;
mod overlap;

pub(crate) use change::{Change, changes, references};
pub(crate) use contrast::{LevelContrast, contrasts};
pub(crate) use overlap::{Overlap, Side};

use nalgebra::DMatrix;
use survey::config::monitor::Adjustment;

use crate::adjust::Multiplicity;
use crate::contrast::Contrast;

/// A difference that is exact: both figures are without spread.
const NO_SPREAD: f64 = 1e-12;

fn multiplicity(adjustment: Adjustment) -> Multiplicity {
    match adjustment {
        Adjustment::None => Multiplicity::None,
        Adjustment::Bonferroni => Multiplicity::Bonferroni,
        Adjustment::Holm => Multiplicity::Holm,
        Adjustment::BenjaminiHochberg => Multiplicity::BenjaminiHochberg,
    }
}

/// `second - first` with its test; without spread a difference of 0 has p 1 and any other p 0.
fn difference(
    estimates: [f64; 2],
    covariance: [f64; 3],
    degrees_of_freedom: f64,
    confidence: f64,
) -> Option<Contrast> {
    let [first, between, second] = covariance;
    let difference = estimates[1] - estimates[0];
    let standard_error = (first + second - 2.0 * between).max(0.0).sqrt();
    if !(difference.is_finite() && standard_error.is_finite() && degrees_of_freedom > 0.0) {
        return None;
    }
    if standard_error < NO_SPREAD {
        let p = if difference.abs() < NO_SPREAD { 1.0 } else { 0.0 };
        let interval = (difference, difference);
        return Some(Contrast {
            estimate: difference,
            standard_error: 0.0,
            t: f64::NAN,
            degrees_of_freedom,
            p,
            interval,
        });
    }
    let matrix = DMatrix::from_row_slice(2, 2, &[first, between, between, second]);
    crate::contrast::contrast(&[-1.0, 1.0], &estimates, &matrix, degrees_of_freedom, confidence)
        .ok()
}

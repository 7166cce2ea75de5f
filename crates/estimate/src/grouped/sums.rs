//! Sums of one category, over its base and of the answers.

use nalgebra::DVector;

use super::groups::Group;

/// Sums of one category over its base.
#[derive(Clone)]
pub(super) struct Base {
    pub ones: Part,
    pub weight_squares: f64,
    pub respondents: f64,
    pub respondents_by_stratum: Vec<f64>,
}

/// Sums of y in one category.
pub(super) struct Answers {
    pub values: Part,
    /// Σ w y² and Σ s w² y².
    pub squares: (f64, f64),
    pub nonzero: f64,
}

/// Sums of v over the rows of a category.
#[derive(Clone)]
pub(super) struct Part {
    /// Σ w v.
    pub weighted: f64,
    /// Σ s w² v.
    pub spread: f64,
    /// Σ X w v / g.
    pub right: DVector<f64>,
    /// Σ s w u X v.
    pub cross: DVector<f64>,
    /// Σ w v by stratum.
    pub by_stratum: Vec<f64>,
}

impl Base {
    pub fn new(ones: Part, strata: usize) -> Self {
        Self {
            ones,
            weight_squares: 0.0,
            respondents: 0.0,
            respondents_by_stratum: vec![0.0; strata],
        }
    }

    pub fn subtract(&mut self, other: &Self) {
        self.ones.subtract(&other.ones);
        self.weight_squares -= other.weight_squares;
        self.respondents -= other.respondents;
        subtract(&mut self.respondents_by_stratum, &other.respondents_by_stratum);
    }
}

impl Part {
    pub fn new(parameters: usize, strata: usize) -> Self {
        Self {
            weighted: 0.0,
            spread: 0.0,
            right: DVector::zeros(parameters),
            cross: DVector::zeros(parameters),
            by_stratum: vec![0.0; strata],
        }
    }

    pub fn add(&mut self, group: &Group, factor: f64, moments: &[f64; 4]) {
        self.weighted += moments[0];
        self.spread += factor * moments[1];
        self.by_stratum[group.stratum] += moments[0];
        let (right, cross) = (self.right.as_mut_slice(), self.cross.as_mut_slice());
        let (of_right, of_cross) = (group.share * moments[0], factor * moments[2]);
        for &parameter in &group.parameters {
            right[parameter as usize] += of_right;
            cross[parameter as usize] += of_cross;
        }
    }

    pub fn subtract(&mut self, other: &Self) {
        self.weighted -= other.weighted;
        self.spread -= other.spread;
        self.right -= &other.right;
        self.cross -= &other.cross;
        subtract(&mut self.by_stratum, &other.by_stratum);
    }
}

fn subtract(left: &mut [f64], right: &[f64]) {
    left.iter_mut().zip(right).for_each(|(left, right)| *left -= right);
}

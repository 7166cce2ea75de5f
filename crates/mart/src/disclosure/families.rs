//! Tests that are made together: handed in, since the methods belong to another stage.

/// One of them.
#[derive(Debug, Clone)]
pub struct Tested {
    /// The numbers that decide it, as its stage keeps them.
    pub numbers: Vec<f64>,
    /// Not called whatever its p.
    pub stays: bool,
}

/// What a family makes of one of its tests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    pub p_adjusted: f64,
    pub is_called: bool,
    /// At the level at which the test was made.
    pub interval: (f64, f64),
    /// The smallest difference that would have been called.
    pub detectable: f64,
}

/// Decides all tests of a family together.
pub trait Families {
    fn decide(&self, family: &[Tested]) -> Vec<Decision>;
}

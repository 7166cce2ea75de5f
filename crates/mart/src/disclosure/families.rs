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

/// A figure of one panel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PanelFigure {
    pub n: u64,
    /// None for a mean.
    pub n_yes: Option<u64>,
    pub estimate: f64,
    pub standard_error: f64,
    pub interval: (f64, f64),
    pub degrees_of_freedom: f64,
}

/// A difference between two of them.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelContrast {
    pub standard_error: f64,
    pub interval: (f64, f64),
    pub statistic: f64,
    pub degrees_of_freedom: f64,
    pub p: f64,
    pub tested: Vec<f64>,
}

/// Makes tests, and decides all of a family together.
pub trait Families {
    /// The second less the first, of two panels that share nobody; none where there is no test.
    fn between_panels(&self, figures: [&PanelFigure; 2]) -> Option<PanelContrast>;

    fn decide(&self, family: &[Tested]) -> Vec<Decision>;
}

//! Tests that are made together: handed in, since the methods belong to another stage.

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Tested {
    pub p: f64,
    /// Not called whatever its p.
    pub stays: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    pub p_adjusted: f64,
    pub is_called: bool,
}

/// Decides all tests of a family together.
pub trait Families {
    fn decide(&self, family: &[Tested]) -> Vec<Decision>;
}

//! Tests that are made together: their p values adjusted for their number, and what that makes of their intervals.

use config::monitor::{Adjustment, Significance};

use super::test::Test;
use crate::adjust::{Multiplicity, adjust, thresholds};
use crate::interval::Interval;

/// What the family makes of one of its tests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    pub p_adjusted: f64,
    /// At the level at which the test was made: it excludes 0 exactly where the difference is called.
    pub interval: Interval,
    /// A difference is called exactly where it is larger.
    pub detectable: f64,
    pub is_called: bool,
}

/// Decides a family again, from tests as a hand-off keeps them (`columns::TEST`): of those that are published, other tests are
/// no part. None where the numbers are not those of a test.
pub fn decide_kept(tests: &[(&[f64], bool)], significance: &Significance) -> Option<Vec<Decision>> {
    let read: Option<Vec<Test>> = tests.iter().map(|(numbers, _)| Test::kept(numbers)).collect();
    let read = read?;
    let tests: Vec<(&Test, bool)> =
        read.iter().zip(tests).map(|(test, (_, stays))| (test, *stays)).collect();
    Some(decide(&tests, significance))
}

/// Decides all tests of a family together; `stays` = a difference that is not called whatever its p.
pub(crate) fn decide(tests: &[(&Test, bool)], significance: &Significance) -> Vec<Decision> {
    let method = multiplicity(significance.adjustment);
    let p: Vec<f64> = tests.iter().map(|(test, _)| test.p).collect();
    let adjusted = adjust(&p, method);
    let levels = thresholds(&p, method, significance.level);
    let decision = |(&(test, stays), (p_adjusted, level)): (&(&Test, bool), (f64, f64))| {
        let is_called = p_adjusted < significance.level && !stays;
        let (mut interval, mut detectable) = test.at(level);
        if !is_called {
            interval = (interval.0.min(0.0), interval.1.max(0.0));
            detectable = detectable.max(test.estimate.abs());
        }
        Decision { p_adjusted, interval, detectable, is_called }
    };
    tests.iter().zip(adjusted.into_iter().zip(levels)).map(decision).collect()
}

/// What is said of the second figure against the first, within a wave.
pub(crate) fn side(decision: Option<Decision>, difference: f64) -> &'static str {
    match decision {
        None => "no_test",
        Some(decision) if !decision.is_called => "not_different",
        Some(_) if difference > 0.0 => "higher",
        Some(_) => "lower",
    }
}

fn multiplicity(adjustment: Adjustment) -> Multiplicity {
    match adjustment {
        Adjustment::None => Multiplicity::None,
        Adjustment::Bonferroni => Multiplicity::Bonferroni,
        Adjustment::Holm => Multiplicity::Holm,
        Adjustment::BenjaminiHochberg => Multiplicity::BenjaminiHochberg,
    }
}

//! Differences between panels: samples of which nobody is in both.

use config::IndicatorKind;

use super::block::{Block, Together};
use super::test::{Test, test};
use crate::interval::Interval;
use crate::tabulate::{Figure, Status};

/// A standard error below this part of its mean is rounding.
const SAME: f64 = 1e-7;

/// A figure of one panel as the exact tables keep it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PanelFigure {
    /// Respondents in the base.
    pub n: u64,
    /// Those who count as yes; none for a mean.
    pub n_yes: Option<u64>,
    pub estimate: f64,
    pub standard_error: f64,
    pub interval: Interval,
    pub degrees_of_freedom: f64,
}

/// `second - first`, with its test.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelContrast {
    pub standard_error: f64,
    /// At the confidence that was asked for.
    pub interval: Interval,
    pub statistic: f64,
    pub degrees_of_freedom: f64,
    pub p: f64,
    /// As a family decides it (`decide_kept`).
    pub kept: Vec<f64>,
}

/// None where there is no test: a figure without an error, or two that differ without any spread.
pub fn between_panels(figures: [&PanelFigure; 2], confidence: f64) -> Option<PanelContrast> {
    let kind = match figures[0].n_yes {
        Some(_) => IndicatorKind::Proportion,
        None => IndicatorKind::Mean,
    };
    let [first, second] = figures.map(PanelFigure::figure);
    let together = Together::independent(2);
    let block = Block { figures: vec![&first, &second], weight: 1.0, together };
    let test: Test = test(kind, &[-1.0, 1.0], std::slice::from_ref(&block)).ok()?;
    Some(PanelContrast {
        standard_error: test.standard_error,
        interval: test.interval(1.0 - confidence),
        statistic: test.statistic,
        degrees_of_freedom: test.degrees_of_freedom,
        p: test.p,
        kept: test.keep(),
    })
}

impl PanelFigure {
    fn figure(&self) -> Figure {
        Figure {
            status: Status::of_base(self.n),
            n: self.n,
            n_yes: self.n_yes,
            estimate: self.estimate,
            standard_error: self.standard_error,
            has_spread: self.standard_error > SAME * self.estimate.abs(),
            interval: self.interval,
            degrees_of_freedom: self.degrees_of_freedom,
            ..Figure::empty()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a panic is the test's failure
    use super::*;

    fn mean(estimate: f64, standard_error: f64, degrees_of_freedom: f64) -> PanelFigure {
        let interval = (estimate - 2.0 * standard_error, estimate + 2.0 * standard_error);
        PanelFigure { n: 100, n_yes: None, estimate, standard_error, interval, degrees_of_freedom }
    }

    /// Welch: t = 0.5 / √(0.1² + 0.2²), degrees of freedom 0.05² / (0.01² / 99 + 0.04² / 49).
    #[test]
    fn means_of_two_panels_differ_as_in_welchs_test() {
        let found = between_panels([&mean(5.0, 0.1, 99.0), &mean(5.5, 0.2, 49.0)], 0.95).unwrap();
        assert!((found.standard_error - 0.05_f64.sqrt()).abs() < 1e-12);
        assert!((found.statistic - 0.5 / 0.05_f64.sqrt()).abs() < 1e-12);
        let degrees = 0.0025 / (0.0001 / 99.0 + 0.0016 / 49.0);
        assert!((found.degrees_of_freedom - degrees).abs() < 1e-9);
        assert!(found.p < 0.05 && found.interval.0 > 0.0);
        let turned = between_panels([&mean(5.5, 0.2, 49.0), &mean(5.0, 0.1, 99.0)], 0.95).unwrap();
        assert!((turned.p - found.p).abs() < 1e-12);
        assert!((turned.interval.0 + found.interval.1).abs() < 1e-12);
    }

    #[test]
    fn a_figure_without_an_error_is_no_test() {
        assert_eq!(between_panels([&mean(5.0, f64::NAN, 99.0), &mean(5.5, 0.2, 49.0)], 0.95), None);
        assert_eq!(between_panels([&mean(5.0, 0.0, 99.0), &mean(5.5, 0.2, 49.0)], 0.95), None);
    }
}

//! Calibration functions: g as a function of the linear predictor, its slope and its integral.

use crate::Error;
use crate::totals::{CalibrateOptions, Distance};

/// A distance with its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Link {
    /// 1 + u, truncated.
    Linear { lower: f64, upper: f64 },
    /// exp(u), truncated.
    Exponential { lower: f64, upper: f64 },
    /// Logistic between the bounds; `slope` is A of Deville and Särndal (1992).
    Logit { lower: f64, upper: f64, slope: f64 },
}

impl Link {
    pub fn new(options: &CalibrateOptions) -> Result<Self, Error> {
        let (lower, upper) = options.bounds.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        if !(lower < 1.0 && 1.0 < upper) {
            return Err(bad_bounds(lower, upper, "lower < 1 < upper"));
        }
        Ok(match options.distance {
            Distance::Linear => Self::Linear { lower, upper },
            Distance::Raking => Self::Exponential { lower: lower.max(0.0), upper },
            Distance::Logit if lower.is_finite() && upper.is_finite() => {
                let slope = (upper - lower) / ((upper - 1.0) * (1.0 - lower));
                Self::Logit { lower, upper, slope }
            }
            Distance::Logit => return Err(bad_bounds(lower, upper, "finite bounds for logit")),
        })
    }

    pub fn bounds(self) -> (f64, f64) {
        match self {
            Self::Linear { lower, upper }
            | Self::Exponential { lower, upper }
            | Self::Logit { lower, upper, .. } => (lower, upper),
        }
    }

    /// Plain GREG: the solution is one linear system.
    pub fn is_unbounded_linear(self) -> bool {
        self == Self::Linear { lower: f64::NEG_INFINITY, upper: f64::INFINITY }
    }

    /// g at `u`.
    pub fn g(self, u: f64) -> f64 {
        match self {
            Self::Linear { lower, upper } => (1.0 + u).clamp(lower, upper),
            Self::Exponential { lower, upper } => u.exp().clamp(lower, upper),
            Self::Logit { lower, upper, slope } => {
                let part = 1.0 / (1.0 + (upper - 1.0) / (1.0 - lower) * (-slope * u).exp());
                lower + (upper - lower) * part
            }
        }
    }

    /// dg/du at `u`.
    pub fn derivative(self, u: f64) -> f64 {
        match self {
            Self::Linear { lower, upper } => f64::from((lower..upper).contains(&(1.0 + u))),
            Self::Exponential { lower, upper } => {
                let g = u.exp();
                if (lower..upper).contains(&g) { g } else { 0.0 }
            }
            Self::Logit { lower, upper, slope } => {
                let g = self.g(u);
                slope * (g - lower) * (upper - g) / (upper - lower)
            }
        }
    }

    /// Integral of g from 0 to `u`: the dual objective of calibration.
    pub fn integral(self, u: f64) -> f64 {
        match self {
            Self::Linear { lower, upper } => {
                let inside = u.clamp(lower - 1.0, upper - 1.0);
                let outside = if u == inside { 0.0 } else { (u - inside) * self.g(u) };
                inside + inside * inside / 2.0 + outside
            }
            Self::Exponential { lower, upper } => {
                let inside = u.clamp(lower.ln(), upper.ln());
                let outside = if u == inside { 0.0 } else { (u - inside) * self.g(u) };
                inside.exp_m1() + outside
            }
            Self::Logit { lower, upper, slope } => {
                // ln((U-1) + (1-L)e^{Au}) - ln(U-L), written so that a large Au does not overflow
                let power = slope * u;
                let shifted =
                    (upper - 1.0) * (-power.max(0.0)).exp() + (1.0 - lower) * power.min(0.0).exp();
                let log = shifted.ln() + power.max(0.0) - (upper - lower).ln();
                lower * u + (upper - lower) / slope * log
            }
        }
    }
}

fn bad_bounds(lower: f64, upper: f64, expected: &str) -> Error {
    let found = format!("[{lower}, {upper}]");
    Error::Setting { place: "bounds of g".into(), found, expected: expected.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivative_and_integral_belong_to_g() {
        let links = [
            Link::Linear { lower: 0.5, upper: 2.0 },
            Link::Exponential { lower: 0.5, upper: 2.0 },
            Link::Logit { lower: 0.5, upper: 2.0, slope: 1.5 / (1.0 * 0.5) },
        ];
        for link in links {
            assert_eq!(link.g(0.0), 1.0);
            assert!(link.integral(0.0).abs() < 1e-15);
            for u in [-2.0, -0.3, 0.01, 0.4, 1.7] {
                let step = 1e-6;
                let slope = (link.g(u + step) - link.g(u - step)) / (2.0 * step);
                let height = (link.integral(u + step) - link.integral(u - step)) / (2.0 * step);
                assert!((slope - link.derivative(u)).abs() < 1e-8, "{link:?} {u}");
                assert!((height - link.g(u)).abs() < 1e-8, "{link:?} {u}");
            }
        }
    }
}

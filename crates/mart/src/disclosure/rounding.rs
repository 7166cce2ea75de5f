//! How public figures are rounded, and what a rounded figure tells of the exact one.

use config::Indicator;

use super::block::Interval;

/// Sums of weights end a hair below the half that they mean.
const HAIR: f64 = 1e-9;

/// How the figures of an indicator are shown: in its unit, with its decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounding {
    /// 100 where proportions are shown as percentages.
    pub unit: f64,
    /// Figures are shown in steps of this, in the unit; none where they are not rounded.
    pub step: Option<f64>,
}

impl Rounding {
    pub fn of(indicator: &Indicator) -> Self {
        let unit = if indicator.unit == "percent" { 100.0 } else { 1.0 };
        Self { unit, step: Some(0.1_f64.powi(indicator.decimals as i32)) }
    }

    /// The figure as it is shown, half away from zero.
    pub fn shown(self, exact: f64) -> f64 {
        let scaled = exact * self.unit;
        let Some(step) = self.step else { return scaled };
        round_to(scaled, step)
    }

    /// A sum of shown values, without the hair that adding leaves.
    pub fn again(self, shown: f64) -> f64 {
        self.step.map_or(shown, |step| round_to(shown, step))
    }

    /// The exact values that are shown as this one is.
    pub fn told(self, exact: f64) -> Interval {
        let half = self.step.map_or(0.0, |step| step / 2.0 + HAIR);
        let shown = self.shown(exact);
        Interval { low: (shown - half) / self.unit, high: (shown + half) / self.unit }
    }
}

/// To a whole number of steps, half away from zero.
pub fn round_to(value: f64, step: f64) -> f64 {
    let steps = value / step;
    let whole = (steps + HAIR.copysign(steps)).round();
    // Dividing by the inverse gives the number that its decimals are read as.
    let inverse = (1.0 / step).round();
    let rounded = if step < 1.0 { whole / inverse } else { whole * step };
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// A base as it is shown: to the nearest multiple, half up.
pub fn base(respondents: u64, multiple: u64) -> u64 {
    let multiple = multiple.max(1);
    (respondents + multiple / 2) / multiple * multiple
}

/// The bases that are shown as this one is.
pub fn base_told(respondents: u64, multiple: u64) -> Interval {
    let multiple = multiple.max(1);
    let shown = base(respondents, multiple);
    let low = shown.saturating_sub(multiple / 2);
    Interval { low: low as f64, high: (shown + multiple - multiple / 2 - 1) as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERCENT: Rounding = Rounding { unit: 100.0, step: Some(1.0) };
    const SCORE: Rounding = Rounding { unit: 1.0, step: Some(0.1) };

    #[test]
    fn halves_go_away_from_zero_and_no_zero_is_negative() {
        assert_eq!([0.125, -0.125, 0.124_9].map(|exact| PERCENT.shown(exact)), [13.0, -13.0, 12.0]);
        assert_eq!([5.45, 0.3, -0.04].map(|exact| SCORE.shown(exact)), [5.5, 0.3, 0.0]);
        assert!(SCORE.shown(-0.04).is_sign_positive());
        assert_eq!(Rounding { step: None, ..PERCENT }.shown(0.1234), 12.34);
    }

    #[test]
    fn a_shown_figure_tells_its_rounding_interval() {
        for exact in [0.0, 0.004_9, 0.005, 0.333, 1.0] {
            let told = PERCENT.told(exact);
            assert!(told.holds(exact), "{exact} in {told:?}");
            assert!((told.high - told.low - 0.01).abs() < 1e-6);
        }
        assert_eq!(Rounding { step: None, ..PERCENT }.told(0.25), Interval::point(0.25));
    }

    #[test]
    fn a_shown_base_tells_the_bases_that_round_to_it() {
        for multiple in 1..=12 {
            for respondents in 0..60 {
                let told = base_told(respondents, multiple);
                let same =
                    (0..80).filter(|&other| base(other, multiple) == base(respondents, multiple));
                let same: Vec<u64> = same.collect();
                assert_eq!(told.low as u64, same[0], "{respondents} by {multiple}");
                assert_eq!(told.high as u64, same[same.len() - 1], "{respondents} by {multiple}");
            }
        }
    }
}

//! A cell of a release: where it stands, what is public of it, what is true, and how its figures are rounded.

use crate::text::Text;

pub const TOTAL: &str = "total";
pub const UNKNOWN: &str = "background_unknown";

/// Indicator, panel, wave, breakdown, level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub indicator: Text,
    pub wave: i64,
    pub breakdown: Text,
    pub panel: Text,
    pub level: Text,
}

/// What is public of a cell.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    pub n: Option<f64>,
    pub value: Option<f64>,
    pub interval: Option<(f64, f64)>,
}

/// The truth of a cell.
#[derive(Debug, Clone)]
pub struct Truth {
    pub n: f64,
    /// None for a mean.
    pub yes: Option<f64>,
    pub weight: f64,
    /// Proportion or mean, in the unit in which it is published.
    pub value: f64,
    pub is_asked: bool,
}

/// How an indicator is published.
#[derive(Debug, Clone)]
pub struct Indicator {
    pub decimals: i32,
    /// 100 where proportions are published in percent.
    pub unit: f64,
    pub is_proportion: bool,
    /// The share of an answer to a question.
    pub is_share: bool,
}

/// Half of the step to which a number was rounded; hardly anything where it was not.
pub fn half_step(value: f64, decimals: i32) -> f64 {
    const HAIR: f64 = 1e-7;
    if is_rounded(value, decimals) { 0.5 * 10_f64.powi(-decimals) + HAIR } else { HAIR }
}

pub fn is_rounded(value: f64, decimals: i32) -> bool {
    let scaled = value * 10_f64.powi(decimals);
    (scaled - scaled.round()).abs() < 1e-6 * scaled.abs().max(1.0)
}

//! Comparisons of figures: between waves and between the levels of a breakdown.

mod block;
mod change;
mod contrast;
mod family;
mod gap;
mod overlap;
mod panels;
mod shares;
mod test;
#[cfg(test)]
mod tests;

pub(crate) use block::{Block, Together};
pub(crate) use change::{Change, changes, waves_compared};
pub(crate) use contrast::{LevelContrast, contrasts};
pub use family::{Decision, decide_kept};
pub(crate) use gap::{GapTest, gap_tests};
pub(crate) use overlap::{Overlap, Place, PlaceOverlap, Returning, Sharing, Side, WavesSharing};
pub use panels::{PanelContrast, PanelFigure, between_panels};
pub(crate) use test::Test;

use survey::{Code, Warning, Wave};

/// A warning for the comparisons of a panel that could not be tested because their variance is negative; none for 0.
pub(crate) fn negative_variances(panel: &str, wave: Wave, count: usize) -> Option<Warning> {
    (count > 0).then(|| Warning {
        code: Code::NegativeVariance,
        panel: Some(panel.to_owned()),
        wave: Some(wave),
        message: format!(
            "{panel} {wave}: {count} comparisons have a negative variance and are no test (`no_test`)"
        ),
        hint: Some(
            "variances and covariances come from samples that are not described alike".to_owned(),
        ),
    })
}

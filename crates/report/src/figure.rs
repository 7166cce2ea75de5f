//! A figure of the publication: its cells, its chart and its sentences.

pub mod arrange;
pub mod cell;
pub mod draw;
mod label;
mod maker;
mod matrix;
mod part;
pub mod sentence;
mod series;
pub mod start;

use crate::release::fact::{Contrast, Estimate};
use crate::release::figure::Figure;
use crate::view::View;

/// What a figure shows, in its order.
pub struct Content<'a> {
    pub figure: &'a Figure,
    /// Every estimate of the figure, shown or not, the reference too.
    pub estimates: Vec<&'a Estimate>,
    /// Contrasts of a matrix over the levels of breakdowns.
    pub contrasts: Vec<&'a Contrast>,
}

impl<'a> Content<'a> {
    pub fn of(view: View<'a>, figure: &'a Figure) -> Self {
        let cells = arrange::cells(view.release, figure);
        let estimates = cells.iter().filter_map(|key| view.release.estimate(*key)).collect();
        let contrasts = if draw::is_of_contrasts(view.release, figure) {
            arrange::contrasts(view.release, figure)
        } else {
            Vec::new()
        };
        Self { figure, estimates, contrasts }
    }
}

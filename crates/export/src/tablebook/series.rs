//! What is known of a series over the waves.

use super::dimensions::Indicator;
use super::facts::{Cell, Figure, Series};
use crate::release::Text;

/// What is said of a series in a wave.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    pub wave: i64,
    pub label: Text,
    pub comparability: Text,
    pub note: Text,
}

/// The last wave in which it was asked.
pub fn last_asked(series: &Series) -> Option<i64> {
    let asked = |figure: &Figure| &*figure.status != "not_asked";
    let waves = series.iter().filter(|((_, cell), figure)| *cell == Cell::total() && asked(figure));
    waves.map(|((wave, _), _)| *wave).max()
}

/// Wave by wave what is said of each series.
pub fn said(indicators: &[(&Indicator, &Series)]) -> Vec<Said> {
    let mut said = Vec::new();
    for (indicator, series) in indicators {
        for ((wave, cell), figure) in *series {
            if *cell == Cell::total() && !figure.note.is_empty() {
                said.push(Said {
                    wave: *wave,
                    label: indicator.label.clone(),
                    comparability: figure.comparability.clone(),
                    note: figure.note.clone(),
                });
            }
        }
    }
    said.sort();
    said
}

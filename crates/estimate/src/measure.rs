//! What is told of a panel, or of a total over panels: its figures and their comparisons.

use survey::{Warning, Wave};

use crate::compare::{Change, GapTest, LevelContrast};
use crate::tabulate::{Plan, Series};

/// One measure's results, as the tables name it.
pub(crate) struct Measure<'a> {
    pub panel: String,
    pub plan: &'a Plan<'a>,
    pub series: Vec<Series>,
    pub changes: Vec<Change>,
    pub contrasts: Vec<LevelContrast>,
    pub warnings: Vec<Warning>,
}

/// The differences of pairs of indicators, as figures of a plan of pairs, and their tests.
pub(crate) struct Gaps<'a> {
    pub measure: Measure<'a>,
    pub tests: Vec<GapTest>,
}

impl<'a> Measure<'a> {
    /// Figures that are compared with nothing.
    pub(crate) fn of_figures(panel: &str, plan: &'a Plan<'a>, series: Vec<Series>) -> Self {
        Self {
            panel: panel.to_owned(),
            plan,
            series,
            changes: Vec::new(),
            contrasts: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl Measure<'_> {
    /// Series and wave of every figure: indicator, wave, breakdown, level.
    pub(crate) fn figures(&self) -> Vec<(usize, usize)> {
        let mut places: Vec<(usize, usize)> = (0..self.series.len())
            .flat_map(|series| (0..self.plan.waves.len()).map(move |wave| (series, wave)))
            .filter(|&(series, wave)| self.series[series].figures[wave].is_some())
            .collect();
        places.sort_by_key(|&(series, wave)| (self.series[series].indicator, wave, series));
        places
    }

    pub(crate) fn indicator(&self, indicator: usize) -> String {
        self.plan.indicators[indicator].indicator.clone()
    }

    pub(crate) fn breakdown(&self, cut: usize) -> String {
        self.plan.cuts[cut].name.clone()
    }

    pub(crate) fn level(&self, cut: usize, level: usize) -> String {
        self.plan.cuts[cut].levels[level].clone()
    }

    pub(crate) fn wave(&self, at: usize) -> Wave {
        self.plan.waves[at]
    }
}

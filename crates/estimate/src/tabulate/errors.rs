//! The errors of one wave's figures: by cells of the margins where that suffices, else by influence values or replicates.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::basis::Basis;
use super::general::General;
use super::replicated::Asks;
use super::scores::WaveScores;
use super::{Plan, Side, Values};
use crate::kernel::Cell;
use crate::sample::{Refusal, Sample};

pub(crate) enum WaveErrors {
    ByCell(WaveScores),
    General(General),
}

impl WaveErrors {
    /// Of each plan.
    pub(crate) fn all(sample: &Sample<'_>, plans: &[Asks<'_>]) -> Result<Vec<Self>, Refusal> {
        let Some(linearisation) = sample.linearisation() else {
            let basis = Arc::new(Basis::new(sample));
            let of_plan = |&(plan, values): &Asks<'_>| {
                Self::ByCell(WaveScores::new(Arc::clone(&basis), plan, sample, values))
            };
            return Ok(plans.iter().map(of_plan).collect());
        };
        let all = General::all(sample, linearisation, plans)?;
        Ok(all.into_iter().map(Self::General).collect())
    }

    /// Of a plan of differences of these figures, `sides` of each.
    pub(crate) fn of_differences(
        &self,
        plan: &Plan<'_>,
        sample: &Sample<'_>,
        values: &Values,
        sides: &[[Side; 2]],
    ) -> Result<Self, Refusal> {
        match self {
            Self::General(general) => {
                Ok(Self::General(general.of_differences(plan, sample, values, sides)?))
            }
            Self::ByCell(scores) => {
                Ok(Self::ByCell(WaveScores::new(Arc::clone(&scores.basis), plan, sample, values)))
            }
        }
    }

    /// The facts of one level; none where not asked.
    pub(crate) fn cell(&self, indicator: usize, cut: usize, level: usize) -> Option<&Cell> {
        match self {
            Self::ByCell(scores) => {
                scores.scores[indicator][cut].as_ref().map(|scores| &scores.levels[level].cell)
            }
            Self::General(general) => {
                general.domains(indicator, cut).map(|domains| &domains.cells[level])
            }
        }
    }

    /// Covariance of the levels of a cut.
    pub(crate) fn covariance(&self, indicator: usize, cut: usize) -> Option<&DMatrix<f64>> {
        match self {
            Self::ByCell(scores) => {
                scores.scores[indicator][cut].as_ref().map(|scores| &scores.covariance)
            }
            Self::General(general) => {
                general.domains(indicator, cut).map(|domains| &domains.covariance)
            }
        }
    }

    /// Degrees of freedom of a difference of two levels, as R's `svyttest`: units of both less strata and one.
    pub(crate) fn pair_degrees(
        &self,
        (indicator, cut): (usize, usize),
        levels: [usize; 2],
        (respondents, strata): (u64, usize),
    ) -> f64 {
        match self {
            Self::ByCell(_) => respondents as f64 - strata as f64 - 1.0,
            Self::General(general) => general
                .domains(indicator, cut)
                .map_or(f64::NAN, |domains| general.pair_degrees(domains, levels)),
        }
    }
}

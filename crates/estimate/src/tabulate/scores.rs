//! Means of domains with their covariance: of all indicators and cuts of a wave, by one pass and the regression of its
//! calibration.

use std::sync::Arc;

use rayon::prelude::*;

use super::basis::{Basis, Scores, measured};
use super::tally::{CutCodes, OfCut, Rows, Sums};
use super::{Plan, Values};
use crate::sample::Sample;

/// Scores of one wave: by indicator, then by cut; none where not asked.
pub(crate) struct WaveScores {
    pub basis: Arc<Basis>,
    pub scores: Vec<Vec<Option<Scores>>>,
}

impl WaveScores {
    pub(crate) fn new(
        basis: Arc<Basis>,
        plan: &Plan<'_>,
        sample: &Sample<'_>,
        values: &Values,
    ) -> Self {
        let codes = plan.cuts.iter().zip(values.codes.iter());
        let cuts: Vec<Option<CutCodes<'_>>> =
            codes.map(|(cut, codes)| Some((codes.as_deref()?, cut.levels.len()))).collect();
        let cells = (basis.cell_of_row.as_slice(), basis.dummies_of_cell.len());
        let rows = Rows::new(cells, measured(sample, None), basis.classes.as_ref(), &cuts);
        let numbers = sample.numbers.iter().zip(&basis.number_classes);
        let numbers: Vec<Rows<'_>> = numbers
            .map(|(numbers, classes)| {
                Rows::new(cells, measured(sample, Some(numbers)), classes.as_ref(), &cuts)
            })
            .collect();
        let of_indicator = |indicator: usize| {
            let mut scores: Vec<Option<Scores>> = plan.cuts.iter().map(|_| None).collect();
            let Some(column) = &values.columns[indicator] else { return scores };
            let made = &plan.cuts_of[indicator];
            let (shift, sums) = rows.sums(column, made, None);
            let of_numbers: Vec<Vec<OfCut>> =
                numbers.iter().map(|rows| rows.sums(column, made, Some(shift)).1).collect();
            for (place, (cut, sums)) in sums.into_iter().enumerate() {
                let of_numbers: Vec<&[Sums]> =
                    of_numbers.iter().map(|cuts| cuts[place].1.as_slice()).collect();
                let levels = plan.cuts[cut].levels.len();
                scores[cut] = Some(basis.scores((&sums, &of_numbers), shift, levels));
            }
            scores
        };
        let indicators = (0..plan.indicators.len()).into_par_iter();
        let scores = indicators.map(of_indicator).collect();
        Self { basis, scores }
    }
}

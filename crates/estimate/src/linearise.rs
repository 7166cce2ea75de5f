//! Variance by linearisation: stages, strata, finite populations and the weighting steps of a design.

use nalgebra::DMatrix;
use rayon::prelude::*;
use survey::design::{Design, NO_CODE};

use crate::residual::Residual;
use crate::selection::Selection;
use crate::{Error, Influence};

/// A design made ready for variances: built once, used for every estimate.
#[derive(Debug, Clone)]
pub struct Linearisation {
    design: Design,
    pub(crate) selections: Vec<Selection>,
    pub(crate) residuals: Vec<Residual>,
}

impl Linearisation {
    /// Checks the design and prepares its strata and regressions.
    pub fn new(design: Design) -> Result<Self, Error> {
        let rows = design.weights.iter().filter(|weight| !weight.is_finite()).count();
        if rows > 0 {
            return Err(Error::BadWeight { rows });
        }
        let selections = Selection::of(&design)?;
        let prepare = |adjustment| Residual::new(adjustment, design.rows());
        let residuals = design.adjustments.iter().map(prepare).collect::<Result<_, _>>()?;
        Ok(Self { design, selections, residuals })
    }

    /// The design.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// Final weight per row.
    pub fn weights(&self) -> &[f64] {
        &self.design.weights
    }

    /// Variance of one estimate.
    pub fn variance(&self, influence: &Influence) -> Result<f64, Error> {
        Ok(self.covariance(std::slice::from_ref(influence))?[(0, 0)])
    }

    /// Covariance matrix of several estimates of this design.
    pub fn covariance(&self, influences: &[Influence]) -> Result<DMatrix<f64>, Error> {
        let adjusted: Vec<Vec<f64>> = influences
            .par_iter()
            .map(|influence| self.adjusted(influence))
            .collect::<Result<_, _>>()?;
        let mut sum = DMatrix::zeros(influences.len(), influences.len());
        for selection in &self.selections {
            sum += selection
                .covariance(adjusted.iter().map(|values| selection.totals(values)).collect());
        }
        Ok(sum)
    }

    /// Contributions per row after the weighting steps have taken out what they explain.
    pub fn adjusted(&self, influence: &Influence) -> Result<Vec<f64>, Error> {
        let (found, expected) = (influence.contributions.len(), self.design.rows());
        if found != expected {
            return Err(Error::Length { what: "contributions".into(), found, expected });
        }
        let mut contributions = influence.contributions.clone();
        self.residuals.iter().for_each(|residual| residual.apply(&mut contributions));
        Ok(contributions)
    }

    /// PSUs minus strata that have a row with weight in `rows` (`None` = all rows); can be 0 or less.
    pub fn degrees_of_freedom(&self, rows: Option<&[bool]>) -> i64 {
        let first = &self.selections[0];
        let mut units = vec![false; first.units()];
        let mut strata = vec![false; first.strata.len()];
        for (row, &unit) in first.unit_of_row.iter().enumerate().filter(|row| *row.1 != NO_CODE) {
            if rows.is_none_or(|rows| rows[row]) {
                units[unit as usize] = true;
                strata[first.stratum_of_unit[unit as usize] as usize] = true;
            }
        }
        let count = |seen: &[bool]| seen.iter().filter(|seen| **seen).count() as i64;
        count(&units) - count(&strata)
    }

    /// Total of each PSU, centred in its stratum and scaled so that Σ of the squares is the first stage's variance.
    pub(crate) fn scaled_unit_totals(&self, contributions: &[f64]) -> Vec<f64> {
        self.scaled(self.selections[0].totals(contributions))
    }

    /// The same from the totals themselves.
    pub(crate) fn scaled(&self, mut totals: Vec<f64>) -> Vec<f64> {
        let first = &self.selections[0];
        first.centre(&mut totals);
        let scale = |&stratum: &u32| first.centred_factor(stratum as usize).sqrt();
        totals
            .iter_mut()
            .zip(&first.stratum_of_unit)
            .for_each(|(total, stratum)| *total *= scale(stratum));
        totals
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use survey::design::{LonelyPsu, Stage};

    use super::*;
    use crate::point::{mean, total};

    const VALUES: [f64; 5] = [1.0, 4.0, 2.0, 8.0, 5.0];

    fn stratified(
        strata: [u32; 5],
        population: Option<f64>,
        lonely_psu: LonelyPsu,
    ) -> Result<Linearisation, Error> {
        let population = population.map(|size| vec![size; 5]);
        Linearisation::new(Design::stratified(
            vec![2.0; 5],
            strata.to_vec(),
            population,
            lonely_psu,
        ))
    }

    fn variance_of_total(linearisation: &Linearisation) -> f64 {
        let influence = total(linearisation.weights(), &VALUES, &[true; 5]).unwrap();
        linearisation.variance(&influence).unwrap()
    }

    #[test]
    fn a_lone_psu_is_refused_or_handled_by_the_rule_asked_for() {
        let lone = [0, 0, 1, 1, 2];
        let error = stratified(lone, None, LonelyPsu::Fail).unwrap_err();
        assert_eq!(error, Error::LonelyPsu { stage: 1, stratum: 2 });
        let variance = |rule| variance_of_total(&stratified(lone, None, rule).unwrap());
        // totals 2 8 | 4 16 | 10: 2/1 × 18 + 2/1 × 72
        assert_eq!(variance(LonelyPsu::Remove), 180.0);
        assert_eq!(variance(LonelyPsu::Average), 270.0);
        assert_eq!(variance(LonelyPsu::Adjust), 180.0 + 4.0);
    }

    #[test]
    fn a_population_smaller_than_its_sample_is_an_error() {
        let error = stratified([0; 5], Some(4.0), LonelyPsu::Fail).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("stage 1: stratum 0 has population 4 and 5 sampled units")
        );
    }

    #[test]
    fn a_census_has_no_variance() {
        assert_eq!(
            variance_of_total(&stratified([0; 5], Some(5.0), LonelyPsu::Fail).unwrap()),
            0.0
        );
    }

    #[test]
    fn a_stratum_with_two_population_sizes_is_an_error() {
        let population = Some(vec![10.0, 10.0, 10.0, 10.0, 11.0]);
        let design = Design::stratified(vec![1.0; 5], vec![0; 5], population, LonelyPsu::Fail);
        let error = Linearisation::new(design).unwrap_err();
        assert_eq!(
            error,
            Error::UnequalPopulation { stage: 1, stratum: 0, first: 10.0, other: 11.0 }
        );
    }

    #[test]
    fn a_psu_code_in_two_strata_is_an_error() {
        let stage =
            Stage { strata: vec![0, 0, 1, 1, 1], units: vec![1, 2, 2, 3, 4], population: None };
        let design = Design { stages: vec![stage], ..Design::of_elements(vec![1.0; 5]) };
        let error = Linearisation::new(design).unwrap_err();
        assert_eq!(error, Error::UnitInTwoStrata { stage: 1, unit: 2, first: 0, other: 1 });
    }

    #[test]
    fn a_weight_that_is_not_a_number_is_an_error() {
        let error = Linearisation::new(Design::of_elements(vec![1.0, f64::NAN])).unwrap_err();
        assert_eq!(error, Error::BadWeight { rows: 1 });
    }

    #[test]
    fn a_missing_value_in_the_domain_is_an_error() {
        let error = mean(&[1.0, 1.0], &[1.0, f64::NAN], &[true, true]).unwrap_err();
        assert!(matches!(error, Error::MissingValue { rows: 1, .. }));
        assert!(mean(&[1.0, 1.0], &[1.0, f64::NAN], &[true, false]).is_ok());
        assert!(
            mean(&[1.0, 0.0], &[1.0, f64::NAN], &[true, true]).is_ok(),
            "weight 0 takes no part"
        );
    }

    #[test]
    fn an_empty_domain_has_no_mean_and_everybody_equal_no_variance() {
        let linearisation = stratified([0; 5], None, LonelyPsu::Fail).unwrap();
        assert!(mean(linearisation.weights(), &VALUES, &[false; 5]).unwrap().estimate.is_nan());
        let equal = mean(linearisation.weights(), &[1.0; 5], &[true; 5]).unwrap();
        assert_eq!((equal.estimate, linearisation.variance(&equal).unwrap()), (1.0, 0.0));
    }

    #[test]
    fn a_sample_of_one_or_none_is_an_error_or_empty() {
        let error = Linearisation::new(Design::of_elements(vec![1.0])).unwrap_err();
        assert_eq!(error, Error::LonelyPsu { stage: 1, stratum: 0 });
        assert_eq!(
            Linearisation::new(Design::of_elements(Vec::new())).unwrap().degrees_of_freedom(None),
            0
        );
    }

    #[test]
    fn degrees_of_freedom_count_units_and_strata_of_the_rows() {
        let linearisation = stratified([0, 0, 1, 1, 1], None, LonelyPsu::Fail).unwrap();
        assert_eq!(linearisation.degrees_of_freedom(None), 3);
        assert_eq!(linearisation.degrees_of_freedom(Some(&[true, true, false, false, true])), 1);
    }
}

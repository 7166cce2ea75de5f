//! Replicates whose weighting steps run again on each of them.

use survey::design::{Filler, Replicates};

use super::ReplicatePlan;
use crate::Error;
use crate::rake::Raking;

/// The weighting of one column of weights, in place.
type Steps = Box<dyn Fn(&mut [f64]) -> Result<(), Error> + Sync + Send>;

/// A plan with what is done to every replicate; a replicate that cannot be weighted is NaN throughout.
pub struct Reweighted {
    plan: ReplicatePlan,
    steps: Again,
}

enum Again {
    Raking(Raking),
    Steps(Steps),
}

impl Reweighted {
    /// Rakes every replicate: sums per cross cell, a fit of the table, a factor per cell.
    pub fn raked(plan: ReplicatePlan, raking: Raking) -> Result<Self, Error> {
        let (found, expected) = (raking.rows(), plan.base.len());
        if found != expected {
            return Err(Error::Length { what: "margins".into(), found, expected });
        }
        Ok(Self { plan, steps: Again::Raking(raking) })
    }

    /// Runs any `steps` (calibration, trimming, …) on every replicate.
    pub fn by_steps(
        plan: ReplicatePlan,
        steps: impl Fn(&mut [f64]) -> Result<(), Error> + Sync + Send + 'static,
    ) -> Self {
        Self { plan, steps: Again::Steps(Box::new(steps)) }
    }
}

impl Replicates for Reweighted {
    fn count(&self) -> usize {
        self.plan.count()
    }

    fn scale(&self) -> f64 {
        self.plan.scale()
    }

    fn replicate_scales(&self) -> &[f64] {
        self.plan.replicate_scales()
    }

    fn mean_squared_error(&self) -> bool {
        self.plan.mean_squared_error()
    }

    fn fill(&self, index: usize, weights: &mut [f64]) {
        self.filler()(index, weights);
    }

    fn filler(&self) -> Filler<'_> {
        let mut factors = vec![1.0; self.plan.units()];
        match &self.steps {
            Again::Raking(raking) => {
                let mut fitter = raking.fitter();
                Box::new(move |index, weights| {
                    self.plan.weigh(index, &mut factors, weights);
                    if !fitter.rake(weights) {
                        weights.fill(f64::NAN);
                    }
                })
            }
            Again::Steps(steps) => Box::new(move |index, weights| {
                self.plan.weigh(index, &mut factors, weights);
                if steps(weights).is_err() {
                    weights.fill(f64::NAN);
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use survey::design::Design;

    use super::*;
    use crate::margin::tests::margin;
    use crate::rake::{RakeOptions, rake};
    use crate::replicate::Method;

    fn column(replicates: &dyn Replicates, index: usize) -> Vec<f64> {
        let mut weights = vec![0.0; 60];
        replicates.fill(index, &mut weights);
        weights
    }

    #[test]
    fn every_replicate_meets_the_totals_in_either_way() {
        let base: Vec<f64> = (0..60).map(|row| 1.0 + f64::from(row % 7)).collect();
        let codes: Vec<u32> = (0..60).map(|row| row % 3).collect();
        let margins = [margin("age", &codes, &[Some(100.0), Some(50.0), Some(80.0)])];
        let plan =
            || ReplicatePlan::new(&Design::of_elements(base.clone()), Method::RaoWu, 9, 5).unwrap();
        let raking = Raking::new(&base, &margins, RakeOptions::default()).unwrap();
        let raked = Reweighted::raked(plan(), raking).unwrap();
        let of_steps = margins.clone();
        let by_steps = Reweighted::by_steps(plan(), move |weights| {
            let raked = rake(weights, &of_steps, &RakeOptions::default())?;
            weights.copy_from_slice(&raked.weights);
            Ok(())
        });
        let mut filler = raked.filler();
        for index in 0..9 {
            let found = column(&raked, index);
            let young: f64 = found.iter().step_by(3).sum();
            assert!((young - 100.0).abs() < 1e-8);
            for (left, right) in found.iter().zip(column(&by_steps, index)) {
                assert!((left - right).abs() < 1e-9);
            }
            let mut again = vec![0.0; 60];
            filler(index, &mut again);
            assert_eq!(found, again);
        }
    }

    #[test]
    fn a_replicate_that_cannot_be_weighted_is_not_a_number() {
        let margins = [margin("age", &[0, 1, 1, 1], &[Some(10.0), Some(20.0)])];
        let plan =
            ReplicatePlan::new(&Design::of_elements(vec![1.0; 4]), Method::Jk1, 0, 1).unwrap();
        let raking = Raking::new(&[1.0; 4], &margins, RakeOptions::default()).unwrap();
        let raked = Reweighted::raked(plan, raking).unwrap();
        let mut weights = vec![0.0; 4];
        raked.fill(0, &mut weights);
        assert!(weights.iter().all(|weight| weight.is_nan()));
        raked.fill(1, &mut weights);
        assert!((weights.iter().sum::<f64>() - 30.0).abs() < 1e-9);
    }
}

//! Replicate weights, made one column at a time so that no rows × replicates matrix is kept.

mod reweighted;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use survey::design::{Design, Filler, LonelyPsu, Replicates};

use crate::Error;
use crate::hadamard;
use crate::margin::check_weights;

pub use reweighted::Reweighted;

/// How replicates are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// Rao–Wu–Yue rescaled bootstrap: n-1 of n units per stratum, with the finite population correction.
    RaoWu,
    /// n-1 bootstrap without correction for the population size (R: subbootstrap).
    Subbootstrap,
    /// Delete one unit, unstratified.
    Jk1,
    /// Delete one unit, stratified.
    Jkn,
    /// Balanced half-samples; two units per stratum.
    Brr,
    /// Balanced half-samples with Fay's factor from 0 to below 1.
    Fay(f64),
}

/// The plan of all replicates of a design.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicatePlan {
    method: Method,
    seed: u64,
    scale: f64,
    scales: Vec<f64>,
    base: Vec<f64>,
    unit_of_row: Vec<u32>,
    strata: Vec<Stratum>,
    stratum_of_unit: Vec<u32>,
    signs: Vec<Vec<bool>>,
    mean_squared_error: bool,
}

/// The PSUs of a stratum and the part of the population that was not sampled.
#[derive(Debug, Clone, PartialEq)]
struct Stratum {
    code: u32,
    units: Vec<u32>,
    unsampled: f64,
}

impl ReplicatePlan {
    /// Plans `count` replicates (ignored by jackknife and half-samples) from the PSUs and weights of `design`.
    pub fn new(design: &Design, method: Method, count: usize, seed: u64) -> Result<Self, Error> {
        check_weights(&design.weights)?;
        let mut plan = Self::of_units(design, method, seed)?;
        plan.check_strata(design.lonely_psu)?;
        let units = plan.stratum_of_unit.len();
        match method {
            Method::RaoWu | Method::Subbootstrap => plan.plan_bootstrap(count)?,
            Method::Jk1 => {
                let all = plan
                    .strata
                    .iter()
                    .map(|stratum| stratum.unsampled * stratum.units.len() as f64);
                let unsampled = all.sum::<f64>() / units as f64;
                plan.scale = (units as f64 - 1.0) / units as f64 * unsampled;
                plan.scales = vec![1.0; units];
            }
            Method::Jkn => {
                plan.scale = 1.0;
                plan.scales = (0..units).map(|unit| plan.jackknife_scale(unit)).collect();
            }
            Method::Brr => plan.plan_half_samples(0.0)?,
            Method::Fay(factor) => plan.plan_half_samples(factor)?,
        }
        Ok(plan)
    }

    /// Centres the variance at the mean over replicates instead of the full-sample estimate.
    #[must_use]
    pub fn centred_at_mean(mut self) -> Self {
        self.mean_squared_error = false;
        self
    }

    /// Method of the plan.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Seed of the ChaCha8 streams, a stream per replicate.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    fn of_units(design: &Design, method: Method, seed: u64) -> Result<Self, Error> {
        let Some(stage) = design.stages.first() else {
            let (found, expected) = ("none".into(), "at least one".into());
            return Err(Error::Setting { place: "stages of selection".into(), found, expected });
        };
        let mut rows: Vec<u32> = (0..design.rows() as u32).collect();
        rows.retain(|&row| design.weights[row as usize] > 0.0);
        rows.sort_by_key(|&row| (stage.strata[row as usize], stage.units[row as usize]));
        let mut unit_of_row = vec![0; design.rows()];
        let (mut strata, mut stratum_of_unit) = (Vec::<Stratum>::new(), Vec::new());
        let mut previous = None;
        for &row in &rows {
            let (code, unit) = (stage.strata[row as usize], stage.units[row as usize]);
            if strata.last().is_none_or(|stratum| stratum.code != code) {
                let unsampled =
                    stage.population.as_ref().map_or(f64::INFINITY, |sizes| sizes[row as usize]);
                strata.push(Stratum { code, units: Vec::new(), unsampled });
            }
            let index = strata.len() - 1;
            if previous != Some((code, unit)) {
                previous = Some((code, unit));
                strata[index].units.push(stratum_of_unit.len() as u32);
                stratum_of_unit.push(index as u32);
            }
            unit_of_row[row as usize] = stratum_of_unit.len() as u32 - 1;
        }
        for stratum in &mut strata {
            let (population, units) = (stratum.unsampled, stratum.units.len() as f64);
            stratum.unsampled = if population.is_finite() { 1.0 - units / population } else { 1.0 };
        }
        Ok(Self {
            method,
            seed,
            scale: 1.0,
            scales: Vec::new(),
            base: design.weights.clone(),
            unit_of_row,
            strata,
            stratum_of_unit,
            signs: Vec::new(),
            mean_squared_error: true,
        })
    }

    fn check_strata(&self, lonely: LonelyPsu) -> Result<(), Error> {
        for stratum in &self.strata {
            let found = stratum.units.len();
            let error = |method, expected| {
                Err(Error::Replicates { method, stratum: stratum.code, found, expected })
            };
            if stratum.unsampled < 0.0 {
                return error("of a finite population", "no more than the population");
            }
            match self.method {
                Method::Brr | Method::Fay(_) if found != 2 => {
                    return error("half-samples", "exactly 2");
                }
                Method::Jk1 if self.stratum_of_unit.len() < 2 => return error("jk1", "2 or more"),
                Method::RaoWu | Method::Subbootstrap | Method::Jkn
                    if found < 2 && lonely == LonelyPsu::Fail && stratum.unsampled > 0.0 =>
                {
                    return error("by stratum", "2 or more");
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn plan_bootstrap(&mut self, count: usize) -> Result<(), Error> {
        if count < 2 {
            let (found, expected) = (count.to_string(), "2 or more".into());
            return Err(Error::Setting { place: "number of replicates".into(), found, expected });
        }
        self.scales = vec![1.0; count];
        let divisor = if self.method == Method::RaoWu { count } else { count - 1 };
        self.scale = 1.0 / divisor as f64;
        Ok(())
    }

    fn jackknife_scale(&self, unit: usize) -> f64 {
        let stratum = &self.strata[self.stratum_of_unit[unit] as usize];
        let units = stratum.units.len() as f64;
        if units < 2.0 { 0.0 } else { (units - 1.0) / units * stratum.unsampled }
    }

    fn plan_half_samples(&mut self, factor: f64) -> Result<(), Error> {
        if !(0.0..1.0).contains(&factor) {
            let (found, expected) = (factor.to_string(), "0 to below 1".into());
            return Err(Error::Setting { place: "Fay's factor".into(), found, expected });
        }
        self.signs = hadamard::of_at_least(self.strata.len() + 1);
        let count = self.signs.len();
        self.scales = vec![1.0; count];
        self.scale = 1.0 / (count as f64 * (1.0 - factor).powi(2));
        Ok(())
    }

    /// Number of PSUs.
    fn units(&self) -> usize {
        self.stratum_of_unit.len()
    }

    /// Writes the factor of each PSU in replicate `index`.
    fn factors(&self, index: usize, factors: &mut [f64]) {
        factors.fill(1.0);
        match self.method {
            Method::RaoWu => self.resample(index, true, factors),
            Method::Subbootstrap => self.resample(index, false, factors),
            Method::Jk1 => {
                let units = factors.len() as f64;
                factors.fill(units / (units - 1.0));
                factors[index] = 0.0;
            }
            Method::Jkn => {
                let stratum = &self.strata[self.stratum_of_unit[index] as usize];
                let units = stratum.units.len() as f64;
                if units > 1.0 {
                    stratum
                        .units
                        .iter()
                        .for_each(|&unit| factors[unit as usize] = units / (units - 1.0));
                    factors[index] = 0.0;
                }
            }
            Method::Brr => self.halve(index, 0.0, factors),
            Method::Fay(factor) => self.halve(index, factor, factors),
        }
    }

    /// Writes the weights of replicate `index`; `factors` is a buffer of a number a PSU.
    fn weigh(&self, index: usize, factors: &mut [f64], weights: &mut [f64]) {
        self.factors(index, factors);
        for ((weight, &base), &unit) in weights.iter_mut().zip(&self.base).zip(&self.unit_of_row) {
            *weight = if base > 0.0 { base * factors[unit as usize] } else { 0.0 };
        }
    }

    /// Draws n-1 of n units with replacement in each stratum.
    fn resample(&self, index: usize, correct: bool, factors: &mut [f64]) {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(index as u64);
        for stratum in &self.strata {
            let units = stratum.units.len();
            if units < 2 {
                continue;
            }
            let stretch = if correct { stratum.unsampled.sqrt() } else { 1.0 };
            let step = stretch * units as f64 / (units as f64 - 1.0);
            stratum.units.iter().for_each(|&unit| factors[unit as usize] = 1.0 - stretch);
            for _ in 1..units {
                // Multiply-shift: its bias (units / 2^64) is far below the error of any bootstrap.
                let drawn = (u128::from(random.next_u64()) * units as u128) >> 64;
                factors[stratum.units[drawn as usize] as usize] += step;
            }
        }
    }

    fn halve(&self, index: usize, factor: f64, factors: &mut [f64]) {
        for (position, stratum) in self.strata.iter().enumerate() {
            let first_is_kept = self.signs[index][position + 1];
            for (&unit, is_first) in stratum.units.iter().zip([true, false]) {
                factors[unit as usize] =
                    if is_first == first_is_kept { 2.0 - factor } else { factor };
            }
        }
    }
}

impl Replicates for ReplicatePlan {
    fn count(&self) -> usize {
        self.scales.len()
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    fn replicate_scales(&self) -> &[f64] {
        &self.scales
    }

    fn mean_squared_error(&self) -> bool {
        self.mean_squared_error
    }

    fn fill(&self, index: usize, weights: &mut [f64]) {
        self.weigh(index, &mut vec![1.0; self.units()], weights);
    }

    fn filler(&self) -> Filler<'_> {
        let mut factors = vec![1.0; self.units()];
        Box::new(move |index, weights| self.weigh(index, &mut factors, weights))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn design(strata: &[u32], population: Option<f64>) -> Design {
        let weights = (0..strata.len()).map(|row| row as f64 + 1.0).collect();
        let population = population.map(|size| vec![size; strata.len()]);
        Design::stratified(weights, strata.to_vec(), population, LonelyPsu::Fail)
    }

    /// Variance of the weighted total by all replicates.
    fn variance_of_total(plan: &ReplicatePlan, rows: usize) -> f64 {
        let mut weights = vec![0.0; rows];
        let mut total = |index: usize| {
            plan.fill(index, &mut weights);
            weights.iter().sum::<f64>()
        };
        let full: f64 = (1..=rows).map(|row| row as f64).sum();
        let squares = (0..plan.count())
            .map(|index| plan.replicate_scales()[index] * (total(index) - full).powi(2));
        plan.scale() * squares.sum::<f64>()
    }

    /// Σ over strata of (1 - m/N) m/(m-1) Σ (t - mean)².
    fn textbook(strata: &[u32], population: f64) -> f64 {
        let of_stratum = |code: u32| {
            let rows = strata.iter().enumerate().filter(move |row| *row.1 == code);
            let totals: Vec<f64> = rows.map(|row| row.0 as f64 + 1.0).collect();
            let size = totals.len() as f64;
            let mean = totals.iter().sum::<f64>() / size;
            let squares: f64 = totals.iter().map(|total| (total - mean).powi(2)).sum();
            (1.0 - size / population) * size / (size - 1.0) * squares
        };
        (0..=*strata.iter().max().unwrap()).map(of_stratum).sum()
    }

    fn check_exact(method: Method, strata: &[u32], population: Option<f64>) {
        let plan = ReplicatePlan::new(&design(strata, population), method, 0, 1).unwrap();
        let (found, expected) = (
            variance_of_total(&plan, strata.len()),
            textbook(strata, population.unwrap_or(f64::INFINITY)),
        );
        assert!((found - expected).abs() < 1e-9 * expected, "{method:?}: {found} {expected}");
    }

    #[test]
    fn jackknife_and_half_samples_give_the_textbook_variance_of_a_total() {
        check_exact(Method::Jk1, &[0; 7], Some(20.0));
        check_exact(Method::Jkn, &[0, 0, 0, 1, 1, 2, 2, 2, 2], Some(9.0));
        check_exact(Method::Jkn, &[0, 0, 1, 1], None);
        for strata in [1, 2, 3, 4, 7, 11, 12, 19, 27] {
            let codes: Vec<u32> = (0..2 * strata).map(|row| row / 2).collect();
            check_exact(Method::Brr, &codes, None);
            check_exact(Method::Fay(0.3), &codes, None);
        }
    }

    #[test]
    fn bootstraps_come_near_the_textbook_variance() {
        let strata: Vec<u32> = (0..40).map(|row| row / 20).collect();
        for (method, population) in [(Method::RaoWu, 50.0), (Method::Subbootstrap, f64::INFINITY)] {
            let design = design(&strata, population.is_finite().then_some(population));
            let plan = ReplicatePlan::new(&design, method, 4000, 7).unwrap();
            let ratio = variance_of_total(&plan, 40) / textbook(&strata, population);
            assert!((0.93..1.07).contains(&ratio), "{method:?}: {ratio}");
        }
    }

    #[test]
    fn a_replicate_is_the_same_in_any_order() {
        let plan = ReplicatePlan::new(&design(&[0; 30], None), Method::RaoWu, 10, 42).unwrap();
        let column = |index| {
            let mut weights = vec![0.0; 30];
            plan.fill(index, &mut weights);
            weights
        };
        let forward: Vec<_> = (0..10).map(column).collect();
        let backward: Vec<_> = (0..10).rev().map(column).collect();
        assert!(forward.iter().eq(backward.iter().rev()));
        assert_ne!(forward[0], forward[1]);
    }

    #[test]
    fn strata_that_do_not_fit_the_method_are_an_error() {
        let error = ReplicatePlan::new(&design(&[0, 0, 0], None), Method::Brr, 0, 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "replicates half-samples: stratum 0 has 3 units, expected exactly 2"
        );
        assert!(ReplicatePlan::new(&design(&[0, 0, 1], None), Method::Jkn, 0, 1).is_err());
        assert!(ReplicatePlan::new(&design(&[0], None), Method::Jk1, 0, 1).is_err());
        assert!(ReplicatePlan::new(&design(&[0, 0], Some(1.0)), Method::RaoWu, 9, 1).is_err());
        assert!(ReplicatePlan::new(&design(&[0, 0], None), Method::RaoWu, 1, 1).is_err());
        assert!(ReplicatePlan::new(&design(&[0, 0], None), Method::Fay(1.0), 1, 1).is_err());
    }

    #[test]
    fn rows_with_weight_zero_are_no_units() {
        let mut design = design(&[0, 0, 0], None);
        design.weights[1] = 0.0;
        assert_eq!(ReplicatePlan::new(&design, Method::Jk1, 0, 1).unwrap().count(), 2);
    }
}

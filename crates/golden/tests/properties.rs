//! What holds for every sample: properties of weights, errors and replicates.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use estimate::kernel::{Breakdown, Cell, Values, means};
use estimate::{Linearisation, point, replicate};
use proptest::prelude::*;
use survey::design::{Design, LonelyPsu, Replicates, Stage};
use weight::calibrate::{CalibrateOptions, Distance, NumericTotal, Totals, calibrate};
use weight::rake::{RakeOptions, Raking, rake};
use weight::replicate::{Method, ReplicatePlan, Reweighted};
use weight::{Level, Margin};

/// A random sample with two margins, clusters in strata, an answer and a number.
#[derive(Debug, Clone)]
struct Sample {
    base: Vec<f64>,
    sex: Vec<u32>,
    age: Vec<u32>,
    strata: Vec<u32>,
    units: Vec<u32>,
    answers: Vec<u8>,
    numbers: Vec<f64>,
    groups: Vec<u32>,
}

type Row = ((f64, u32, u32, u32), (u8, f64, u32));

/// Three strata with six clusters each; every level of the margins occurs in every cluster's first rows.
fn sample() -> impl Strategy<Value = Sample> {
    let row = ((0.5_f64..5.0, 0_u32..2, 0_u32..3, 0_u32..18), (0_u8..3, -50.0_f64..50.0, 0_u32..4));
    proptest::collection::vec(row, 120..300).prop_map(|rows: Vec<Row>| {
        let mut sample = Sample {
            base: Vec::new(),
            sex: Vec::new(),
            age: Vec::new(),
            strata: Vec::new(),
            units: Vec::new(),
            answers: Vec::new(),
            numbers: Vec::new(),
            groups: Vec::new(),
        };
        for (index, ((weight, sex, age, unit), (answer, number, group))) in
            rows.into_iter().enumerate()
        {
            let fixed = index as u32;
            let is_fixed = index < 108;
            let unit = if is_fixed { fixed % 18 } else { unit };
            sample.base.push(weight);
            sample.sex.push(if is_fixed { fixed / 18 % 2 } else { sex });
            sample.age.push(if is_fixed { fixed / 36 % 3 } else { age });
            sample.strata.push(unit / 6);
            sample.units.push(unit);
            // 2 = not in the base.
            sample.answers.push(answer);
            sample.numbers.push(number);
            sample.groups.push(group);
        }
        sample
    })
}

impl Sample {
    fn rows(&self) -> usize {
        self.base.len()
    }

    fn margins(&self) -> Vec<Margin> {
        let make = |name: &str, codes: &[u32], totals: &[f64]| Margin {
            name: name.into(),
            codes: codes.into(),
            levels: totals
                .iter()
                .map(|&total| Level { name: total.to_string(), total: Some(total) })
                .collect(),
        };
        vec![
            make("sex", &self.sex, &[450.0, 550.0]),
            make("age", &self.age, &[300.0, 350.0, 350.0]),
        ]
    }

    fn design(&self, weights: Vec<f64>, is_clustered: bool) -> Design {
        if is_clustered {
            let (strata, units) = (self.strata.clone(), self.units.clone());
            let stage = Stage { strata, units, population: Some(vec![50.0; self.rows()]) };
            Design { stages: vec![stage], ..Design::of_elements(weights) }
        } else {
            Design::stratified(weights, self.strata.clone(), None, LonelyPsu::Fail)
        }
    }

    /// Raked weights with what the variance needs, all base weights times `scale`.
    fn raked(&self, scale: f64, is_clustered: bool) -> Design {
        let base: Vec<f64> = self.base.iter().map(|weight| weight * scale).collect();
        let mut margins = self.margins();
        for level in margins.iter_mut().flat_map(|margin| &mut margin.levels) {
            level.total = level.total.map(|total| total * scale);
        }
        let raked = rake(&base, &margins, &RakeOptions::default()).unwrap();
        let design = self.design(raked.weights, is_clustered);
        Design { adjustments: vec![raked.regression], ..design }
    }

    fn cells(&self, design: Design) -> Vec<Cell> {
        let linearisation = Linearisation::new(design).unwrap();
        let values = [Values::Binary(&self.answers), Values::Numeric(&self.numbers)];
        let breakdown = Breakdown { codes: &self.groups, levels: 4 };
        means(&linearisation, &values, &[breakdown])
            .unwrap()
            .into_iter()
            .flatten()
            .flatten()
            .collect()
    }

    /// The same rows in another order.
    fn permuted(&self) -> Self {
        let mut order: Vec<usize> = (0..self.rows()).collect();
        order.sort_by_key(|row| (row * 7919) % 1009);
        Self {
            base: pick(&self.base, &order),
            sex: pick(&self.sex, &order),
            age: pick(&self.age, &order),
            strata: pick(&self.strata, &order),
            units: pick(&self.units, &order),
            answers: pick(&self.answers, &order),
            numbers: pick(&self.numbers, &order),
            groups: pick(&self.groups, &order),
        }
    }
}

/// Values in another order.
fn pick<T: Copy>(values: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|&row| values[row]).collect()
}

fn close(left: f64, right: f64, tolerance: f64) -> bool {
    (left.is_nan() && right.is_nan()) || (left - right).abs() <= tolerance * (1.0 + left.abs())
}

fn same(left: &[Cell], right: &[Cell], tolerance: f64) -> bool {
    left.iter().zip(right).all(|(left, right)| {
        (left.respondents, left.nonzero, left.degrees_of_freedom)
            == (right.respondents, right.nonzero, right.degrees_of_freedom)
            && close(left.mean, right.mean, tolerance)
            && close(left.standard_error, right.standard_error, tolerance)
            && close(left.effective_sample_size, right.effective_sample_size, tolerance)
    })
}

fn replicate_means(sample: &Sample, threads: usize) -> Vec<f64> {
    let design = sample.design(sample.base.clone(), true);
    let plan = ReplicatePlan::new(&design, Method::RaoWu, 40, 7).unwrap();
    let raking = Raking::new(&sample.base, &sample.margins(), RakeOptions::default()).unwrap();
    let replicates = Reweighted::raked(plan, raking).unwrap();
    let full = sample.raked(1.0, true).weights;
    let values = [Values::Binary(&sample.answers), Values::Numeric(&sample.numbers)];
    let breakdowns = [Breakdown { codes: &sample.groups, levels: 4 }];
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let found =
        pool.install(|| replicate::means(&replicates, &full, &values, &breakdowns)).unwrap();
    found.iter().flatten().flatten().flat_map(|mean| [mean.mean, mean.standard_error]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn scaling_the_weights_changes_no_mean_and_no_error(sample in sample(), scale in 1e-3_f64..1e3) {
        for is_clustered in [false, true] {
            let (one, other) = (sample.raked(1.0, is_clustered), sample.raked(scale, is_clustered));
            prop_assert!(same(&sample.cells(one), &sample.cells(other), 1e-8));
            let plain = |scale: f64| {
                let weights = sample.base.iter().map(|weight| weight * scale).collect();
                sample.cells(sample.design(weights, is_clustered))
            };
            prop_assert!(same(&plain(1.0), &plain(scale), 1e-11));
        }
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(sample in sample()) {
        for is_clustered in [false, true] {
            let permuted = sample.permuted();
            let found = permuted.cells(permuted.raked(1.0, is_clustered));
            prop_assert!(same(&sample.cells(sample.raked(1.0, is_clustered)), &found, 1e-9));
            let plain = |sample: &Sample| sample.cells(sample.design(sample.base.clone(), is_clustered));
            prop_assert!(same(&plain(&sample), &plain(&permuted), 1e-12));
        }
    }

    #[test]
    fn replicates_are_the_same_on_any_number_of_threads(sample in sample()) {
        let bits = |threads: usize| {
            replicate_means(&sample, threads).into_iter().map(f64::to_bits).collect::<Vec<_>>()
        };
        let one = bits(1);
        prop_assert_eq!(&one, &bits(2));
        prop_assert_eq!(&one, &bits(8));
    }

    #[test]
    fn every_replicate_meets_the_totals(sample in sample()) {
        let design = sample.design(sample.base.clone(), true);
        let plan = ReplicatePlan::new(&design, Method::RaoWu, 20, 3).unwrap();
        let raking = Raking::new(&sample.base, &sample.margins(), RakeOptions::default()).unwrap();
        let replicates = Reweighted::raked(plan, raking).unwrap();
        let mut weights = vec![0.0; sample.rows()];
        for index in 0..replicates.count() {
            replicates.fill(index, &mut weights);
            let women: f64 = weights.iter().zip(&sample.sex).filter(|row| *row.1 == 1).map(|row| row.0).sum();
            prop_assert!(close(women, 550.0, 1e-8));
        }
    }

    #[test]
    fn calibration_meets_its_totals_within_its_bounds(sample in sample(), distance in 0_usize..3) {
        let total = 1.02 * sample.base.iter().zip(&sample.numbers).map(|(w, y)| w * y.abs()).sum::<f64>();
        let size: f64 = sample.base.iter().sum();
        let values: Vec<f64> = sample.numbers.iter().map(|number| number.abs()).collect();
        let sums = |codes: &[u32], level: u32| {
            sample.base.iter().zip(codes).filter(|row| *row.1 == level).map(|row| row.0).sum::<f64>()
        };
        let shifted = |codes: &[u32]| {
            let (first, second) = (sums(codes, 0) + 0.01 * size, sums(codes, 1) - 0.01 * size);
            vec![first, second]
        };
        let totals = shifted(&sample.sex);
        let levels = totals.iter().map(|&total| Level { name: total.to_string(), total: Some(total) });
        let sex = Margin { name: "sex".into(), codes: sample.sex.as_slice().into(), levels: levels.collect() };
        let totals_wanted = Totals {
            population: Some(size),
            margins: vec![sex],
            numeric: vec![NumericTotal { name: "size".into(), values: values.as_slice().into(), total }],
        };
        let distance = [Distance::Linear, Distance::Raking, Distance::Logit][distance];
        let options = CalibrateOptions { distance, bounds: Some((0.3, 3.0)), ..CalibrateOptions::default() };
        let found = calibrate(&sample.base, &totals_wanted, &options).unwrap();
        let reached: f64 = found.weights.iter().zip(&values).map(|(w, y)| w * y).sum();
        prop_assert!(close(reached, total, 1e-8));
        for (weight, base) in found.weights.iter().zip(&sample.base) {
            prop_assert!((0.3 - 1e-9..=3.0 + 1e-9).contains(&(weight / base)));
        }
        // Nothing is left of the error of what the weights are calibrated to.
        let adjustments = vec![found.adjustment];
        let design = Design { adjustments, ..sample.design(found.weights, true) };
        let linearisation = Linearisation::new(design).unwrap();
        let everyone = vec![true; sample.rows()];
        let influence = point::total(linearisation.weights(), &values, &everyone).unwrap();
        let error = linearisation.variance(&influence).unwrap().max(0.0).sqrt();
        prop_assert!(error <= 1e-9 * total, "{} of {}", error, total);
    }
}

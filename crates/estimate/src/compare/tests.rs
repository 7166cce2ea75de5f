#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
use std::cell::Cell;

use config::IndicatorKind;
use config::monitor::{Adjustment, Significance};
use nalgebra::DMatrix;

use super::block::{Block, Together};
use super::family::decide;
use super::shares::root;
use super::test::{NoTest, Test, test};
use crate::interval::student;
use crate::tabulate::Figure;

/// A share of `yes` in `n`, its error `deff` times that of a simple random sample.
fn share(yes: u64, n: u64, deff: f64) -> Figure {
    let p = yes as f64 / n as f64;
    let mut figure = Figure {
        n,
        n_yes: Some(yes),
        estimate: p,
        standard_error: (deff * p * (1.0 - p) / (n as f64 - 1.0)).sqrt(),
        has_spread: 0 < yes && yes < n,
        degrees_of_freedom: n as f64 - 1.0,
        ..Figure::empty()
    };
    figure.interval = figure.interval_of(IndicatorKind::Proportion, 0.95);
    figure
}

fn mean(estimate: f64, standard_error: f64, degrees_of_freedom: f64) -> Figure {
    Figure {
        n: 50,
        estimate,
        standard_error,
        has_spread: standard_error > 0.0,
        degrees_of_freedom,
        interval: student(estimate, standard_error, degrees_of_freedom, 0.95),
        ..Figure::empty()
    }
}

fn correlated(correlation: f64) -> Together {
    Together {
        correlation: DMatrix::from_row_slice(2, 2, &[1.0, correlation, correlation, 1.0]),
        degrees_of_freedom: Some(80.0),
    }
}

fn change(kind: IndicatorKind, figures: [&Figure; 2], together: Together) -> Result<Test, NoTest> {
    let block = Block { figures: figures.to_vec(), weight: 1.0, together };
    test(kind, &[-1.0, 1.0], &[block])
}

fn of_shares(before: &Figure, after: &Figure, correlation: f64) -> Result<Test, NoTest> {
    change(IndicatorKind::Proportion, [before, after], correlated(correlation))
}

#[test]
fn the_interval_of_a_change_of_shares_is_mover_of_the_published_intervals() {
    let (before, after) = (share(30, 120, 1.3), share(55, 140, 1.1));
    let (l1, u1) = before.interval;
    let (l2, u2) = after.interval;
    let (p1, p2) = (before.estimate, after.estimate);
    for r in [-0.3, 0.0, 0.45] {
        let found = of_shares(&before, &after, r).unwrap().interval(0.05);
        // Zou and Donner 2008, with the correlation of the estimates.
        let of = |a: f64, b: f64| (a * a - 2.0 * r * a * b + b * b).sqrt();
        let (low, high) = (p2 - p1 - of(p2 - l2, u1 - p1), p2 - p1 + of(u2 - p2, p1 - l1));
        assert!((found.0 - low).abs() < 1e-12 && (found.1 - high).abs() < 1e-12, "{found:?}");
    }
}

#[test]
fn newcombes_example_of_independent_shares_is_close_to_the_published_interval() {
    // Newcombe 1998, table II (a): 56/70 against 48/80, score intervals without correction: 0.0524 to 0.3339.
    let (after, before) = (share(56, 70, 69.0 / 70.0), share(48, 80, 79.0 / 80.0));
    let block =
        Block { figures: vec![&before, &after], weight: 1.0, together: Together::independent(2) };
    let found = test(IndicatorKind::Proportion, &[-1.0, 1.0], &[block]).unwrap().interval(0.05);
    // His limits are Wilson's, ours the logit's with t.
    assert!((found.0 - 0.0524).abs() < 0.005 && (found.1 - 0.3339).abs() < 0.005, "{found:?}");
}

#[test]
fn p_is_below_alpha_exactly_where_the_interval_excludes_zero() {
    let mut tested = 0;
    for (n, m) in [(12, 12), (60, 1000), (400, 90)] {
        for step in 0..=12 {
            for other in 0..=12 {
                for correlation in [-0.9, 0.0, 0.4, 0.95] {
                    let (before, after) =
                        (share(n * step / 12, n, 1.4), share(m * other / 12, m, 0.8));
                    let Ok(found) = of_shares(&before, &after, correlation) else { continue };
                    for alpha in [1e-12, 0.001, 0.01, 0.05, 0.2, 0.5, 0.9] {
                        let (low, high) = found.interval(alpha);
                        let excludes = low > 0.0 || high < 0.0;
                        assert_eq!(
                            found.p < alpha,
                            excludes,
                            "{step}/12 {other}/12 {alpha} {found:?}"
                        );
                        assert_eq!(excludes, found.estimate.abs() > found.at(alpha).1);
                        tested += 1;
                    }
                }
            }
        }
    }
    assert!(tested > 10_000);
}

#[test]
fn nobody_and_everybody_never_enter_with_variance_zero() {
    for n in [5, 60, 1000] {
        for end in [0, n] {
            let other = share(30, 300, 1.0);
            let found = of_shares(&share(end, n, 1.0), &other, 0.0).unwrap();
            let (low, high) = found.interval(0.05);
            let (own, others) = (share(end, n, 1.0).interval, other.interval);
            assert!(high - low > others.1 - others.0, "wider than the other side alone");
            assert!(high - low > own.1 - own.0, "wider than the end alone");
            assert!(found.standard_error.is_nan() && found.p > 0.0);
        }
    }
}

#[test]
fn a_rare_share_that_did_not_change_is_rarely_called_changed() {
    // All outcomes of two samples with their binomial probabilities: the rate of false calls is exact.
    let probabilities = |n: u64, p: f64| -> Vec<f64> {
        let mut of = vec![(1.0 - p).powi(n as i32)];
        for k in 1..=n {
            of.push(of[k as usize - 1] * (n - k + 1) as f64 / k as f64 * p / (1.0 - p));
        }
        of
    };
    for (n, m, p) in [(60, 1000, 0.02), (60, 60, 0.02), (300, 300, 0.02), (60, 1000, 0.98)] {
        let mut rate = 0.0;
        for (yes, first) in probabilities(n, p).into_iter().enumerate().filter(|of| of.1 > 1e-9) {
            for (other, second) in probabilities(m, p).into_iter().enumerate() {
                if first * second > 1e-10 {
                    let (before, after) = (share(yes as u64, n, 1.0), share(other as u64, m, 1.0));
                    let found = of_shares(&before, &after, 0.0).unwrap();
                    rate += if found.p < 0.05 { first * second } else { 0.0 };
                }
            }
        }
        assert!(rate < 0.055, "{n} {m} {p}: {rate}");
    }
}

#[test]
fn a_negative_variance_is_no_test() {
    let correlation = DMatrix::from_row_slice(2, 2, &[1.0, 1.2, 1.2, 1.0]);
    let together = || Together { correlation: correlation.clone(), degrees_of_freedom: Some(20.0) };
    let means = [&mean(5.0, 0.1, 30.0), &mean(5.2, 0.1, 30.0)];
    assert_eq!(
        change(IndicatorKind::Mean, means, together()).unwrap_err(),
        NoTest::NegativeVariance
    );
    let shares = [&share(30, 100, 1.0), &share(32, 100, 1.0)];
    let found = change(IndicatorKind::Proportion, shares, together());
    assert_eq!(found.unwrap_err(), NoTest::NegativeVariance);
}

#[test]
fn what_is_known_without_error_on_both_sides_is_no_test() {
    let known = |estimate: f64| Figure { has_spread: true, ..mean(estimate, 1e-12, 30.0) };
    let found = change(IndicatorKind::Mean, [&known(5.0), &known(5.1)], Together::independent(2));
    assert_eq!(found.unwrap_err(), NoTest::NothingKnown);
    let one =
        change(IndicatorKind::Mean, [&known(5.0), &mean(5.1, 0.2, 30.0)], Together::independent(2));
    let one = one.unwrap();
    assert_eq!((one.standard_error, one.degrees_of_freedom), (0.2, 30.0));
}

#[test]
fn degrees_of_freedom_of_independent_means_follow_welch_and_satterthwaite() {
    let degrees = |first: (f64, f64), second: (f64, f64)| {
        let figures = [&mean(5.0, first.0, first.1), &mean(6.0, second.0, second.1)];
        change(IndicatorKind::Mean, figures, Together::independent(2)).unwrap().degrees_of_freedom
    };
    assert!((degrees((1.0, 10.0), (1.0, 10.0)) - 20.0).abs() < 1e-9);
    assert!((degrees((2.0, 9.0), (1.0, 19.0)) - 25.0 / (16.0 / 9.0 + 1.0 / 19.0)).abs() < 1e-9);
}

#[test]
fn a_panel_at_an_end_keeps_its_uncertainty_in_the_mean_of_panels() {
    // Nobody of 60 in one panel before and after; the other panel rises from 25 to 30 percent of 4,000.
    let (none, before, after) = (share(0, 60, 1.0), share(1000, 4000, 1.0), share(1200, 4000, 1.0));
    let block = |figures: [&'static Figure; 2]| Block {
        figures: figures.to_vec(),
        weight: 0.5,
        together: Together::independent(2),
    };
    let leak = |figure: Figure| -> &'static Figure { Box::leak(Box::new(figure)) };
    let (none, before, after) = (leak(none), leak(before), leak(after));
    let blocks = [block([none, none]), block([before, after])];
    let found = test(IndicatorKind::Proportion, &[-1.0, 1.0], &blocks).unwrap();
    assert!((found.estimate - 0.025).abs() < 1e-12);
    // Half of the upper end of nobody of 60 alone is 0.03.
    assert!(found.p > 0.05, "{}", found.p);
}

#[test]
fn every_test_is_called_where_its_adjusted_interval_excludes_zero() {
    let changes: Vec<Test> = [(20, 30), (20, 36), (20, 44), (0, 9), (50, 51), (20, 60)]
        .map(|(before, after)| of_shares(&share(before, 100, 1.0), &share(after, 110, 1.0), 0.2))
        .into_iter()
        .map(Result::unwrap)
        .collect();
    for adjustment in
        [Adjustment::None, Adjustment::Bonferroni, Adjustment::Holm, Adjustment::BenjaminiHochberg]
    {
        let significance = Significance {
            level: 0.05,
            confidence: 0.95,
            adjustment,
            equal_when_rounded_is_stable: false,
        };
        let tests: Vec<(&Test, bool)> = changes.iter().map(|test| (test, false)).collect();
        let decisions = decide(&tests, &significance);
        assert!(
            decisions.iter().any(|one| one.is_called) && !decisions.iter().all(|one| one.is_called)
        );
        for (test, decision) in changes.iter().zip(decisions) {
            let excludes = decision.interval.0 > 0.0 || decision.interval.1 < 0.0;
            assert_eq!(decision.is_called, excludes, "{adjustment:?} {decision:?}");
            assert_eq!(decision.is_called, decision.p_adjusted < 0.05);
            assert_eq!(decision.is_called, test.estimate.abs() > decision.detectable);
        }
    }
}

#[test]
fn the_root_of_a_smooth_curve_is_found_in_a_third_of_the_steps_of_halving() {
    for high in [1.8_f64, 2.0, 3.0, 4.0] {
        let steps = Cell::new(0);
        let curve = |place: f64| {
            steps.set(steps.get() + 1);
            place.exp() - 5.0
        };
        let found = root(curve, (0.0, -4.0), (high, high.exp() - 5.0));
        assert!((found - 5.0_f64.ln()).abs() < 1e-11, "{high}: {found}");
        assert!(steps.get() <= 14, "{high}: {} steps", steps.get());
    }
}

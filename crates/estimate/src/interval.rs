//! Confidence intervals.

use crate::Error;
use crate::distribution::{beta_quantile, student_quantile};

/// Lower and upper end.
pub type Interval = (f64, f64);

/// How an interval of a proportion is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProportionMethod {
    /// On the logit scale by the delta method: p stays within 0..1 (R: xlogit, and logit up to its fitting tolerance).
    #[default]
    Logit,
    /// Estimate ± t × error.
    Mean,
    /// On the arcsine square root scale.
    Arcsine,
    /// Clopper–Pearson with the effective sample size, as R's `beta`: not capped at n.
    Beta,
    /// Korn and Graubard (1998) with n_eff capped at n; at p = 0 or 1 one-sided with n_eff = n.
    KornGraubard,
    /// Wilson score interval with the effective sample size.
    Wilson,
    /// Profile of the binomial likelihood scaled by the design effect and the dispersion n/(n-1).
    Likelihood,
}

/// What the interval of a proportion needs to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProportionFacts {
    /// Estimate within 0..=1.
    pub proportion: f64,
    /// Its variance.
    pub variance: f64,
    /// Rows of the base.
    pub rows: usize,
    /// Degrees of freedom; `f64::INFINITY` for the normal distribution.
    pub degrees_of_freedom: f64,
}

/// Interval of a proportion at `confidence` (0.95); p of 0 or 1 gives the one-sided Korn–Graubard interval whatever the method.
pub fn proportion(
    facts: ProportionFacts,
    method: ProportionMethod,
    confidence: f64,
) -> Result<Interval, Error> {
    let ProportionFacts { proportion: p, variance, rows, degrees_of_freedom: df } = facts;
    check(p, confidence)?;
    if p.is_nan() || rows == 0 {
        return Ok((f64::NAN, f64::NAN));
    }
    let upper = f64::midpoint(1.0, confidence);
    if p == 0.0 || p == 1.0 {
        return Ok(clopper_pearson(p, rows as f64, upper));
    }
    let t = student_quantile(upper, df);
    if t.is_nan() || variance.is_nan() {
        return Ok((f64::NAN, f64::NAN));
    }
    if variance <= 0.0 && method != ProportionMethod::KornGraubard {
        return Ok(if variance == 0.0 { (p, p) } else { (f64::NAN, f64::NAN) });
    }
    let error = variance.sqrt();
    let effective = p * (1.0 - p) / variance;
    Ok(match method {
        ProportionMethod::Mean => (p - t * error, p + t * error),
        ProportionMethod::Logit => {
            let (centre, half) = ((p / (1.0 - p)).ln(), t * error / (p * (1.0 - p)));
            (logistic(centre - half), logistic(centre + half))
        }
        ProportionMethod::Arcsine => {
            let (centre, half) = (p.sqrt().asin(), t * error / (2.0 * (p * (1.0 - p)).sqrt()));
            ((centre - half).sin().powi(2), (centre + half).sin().powi(2))
        }
        ProportionMethod::Beta => {
            clopper_pearson(p, effective * student_ratio(rows, t, upper).powi(2), upper)
        }
        ProportionMethod::KornGraubard => {
            let adjusted = effective * student_ratio(rows, t, upper).powi(2);
            clopper_pearson(p, adjusted.min(rows as f64), upper)
        }
        ProportionMethod::Wilson => {
            let (square, n) = (t * t, effective);
            let centre = p + square / (2.0 * n);
            let half = t * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
            ((centre - half) / (1.0 + square / n), (centre + half) / (1.0 + square / n))
        }
        ProportionMethod::Likelihood => {
            let dispersion = rows as f64 / (rows as f64 - 1.0);
            likelihood(p, effective / dispersion, t)
        }
    })
}

/// Estimate ± t quantile × error; infinite df = normal; df of 0 or less gives NaN ends.
pub fn student(
    estimate: f64,
    standard_error: f64,
    degrees_of_freedom: f64,
    confidence: f64,
) -> Interval {
    let half =
        student_quantile(f64::midpoint(1.0, confidence), degrees_of_freedom) * standard_error;
    (estimate - half, estimate + half)
}

/// How far the ends of the published interval of a share lie below and above it where the two-sided error is `tail`:
/// logit, at 0 and 1 the one-sided interval of as many answers; the same as `proportion` at `1 - tail`.
/// `t`: the t quantile of `tail`; each is made where it is needed.
pub(crate) fn share_reach(
    facts: ProportionFacts,
    tail: impl FnOnce() -> f64,
    t: impl FnOnce() -> f64,
) -> (f64, f64) {
    let ProportionFacts { proportion: p, variance, rows, .. } = facts;
    if p == 0.0 || p == 1.0 {
        let reach = -((tail() / 2.0).ln() / rows as f64).exp_m1();
        return if p == 0.0 { (0.0, reach) } else { (reach, 0.0) };
    }
    let half = t() * variance.sqrt() / (p * (1.0 - p));
    let centre = (p / (1.0 - p)).ln();
    (p - logistic(centre - half), logistic(centre + half) - p)
}

/// t quantile of a two-sided interval at `confidence`; infinite df = normal.
pub fn critical_value(degrees_of_freedom: f64, confidence: f64) -> f64 {
    student_quantile(f64::midpoint(1.0, confidence), degrees_of_freedom)
}

/// t quantile of the sample size over that of the design: Korn and Graubard's correction for few PSUs.
fn student_ratio(rows: usize, t: f64, upper: f64) -> f64 {
    student_quantile(upper, rows as f64 - 1.0) / t
}

/// Interval by the beta distribution for a share `p` of `n` (need not be whole).
fn clopper_pearson(p: f64, n: f64, upper: f64) -> Interval {
    let low = if p == 0.0 { 0.0 } else { beta_quantile(1.0 - upper, n * p, n * (1.0 - p) + 1.0) };
    let high = if p == 1.0 { 1.0 } else { beta_quantile(upper, n * p + 1.0, n * (1.0 - p)) };
    (low, high)
}

/// Shares whose deviance from `p` on `n` effective answers is at most t².
fn likelihood(p: f64, n: f64, t: f64) -> Interval {
    let excess = |share: f64| {
        2.0 * n * (p * (p / share).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - share)).ln()) - t * t
    };
    let end = |mut outside: f64| {
        let mut inside = p;
        for _ in 0..200 {
            let middle = f64::midpoint(inside, outside);
            if excess(middle) > 0.0 { outside = middle } else { inside = middle }
        }
        f64::midpoint(inside, outside)
    };
    (end(0.0), end(1.0))
}

fn logistic(value: f64) -> f64 {
    1.0 / (1.0 + (-value).exp())
}

fn check(proportion: f64, confidence: f64) -> Result<(), Error> {
    let place = if !(0.0..1.0).contains(&confidence) || confidence == 0.0 {
        ("confidence", confidence)
    } else if proportion.is_nan() || (0.0..=1.0).contains(&proportion) {
        return Ok(());
    } else {
        ("proportion", proportion)
    };
    let (found, expected) = (place.1.to_string(), "between 0 and 1".into());
    Err(Error::Argument { place: place.0.into(), found, expected })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use crate::distribution::student_of_tail;

    const METHODS: [ProportionMethod; 7] = [
        ProportionMethod::Logit,
        ProportionMethod::Mean,
        ProportionMethod::Arcsine,
        ProportionMethod::Beta,
        ProportionMethod::KornGraubard,
        ProportionMethod::Wilson,
        ProportionMethod::Likelihood,
    ];

    fn facts(proportion: f64, variance: f64) -> ProportionFacts {
        ProportionFacts { proportion, variance, rows: 50, degrees_of_freedom: 40.0 }
    }

    #[test]
    fn nobody_or_everybody_gives_a_one_sided_interval_by_every_method() {
        for method in METHODS {
            let (low, high) = proportion(facts(0.0, 0.0), method, 0.95).unwrap();
            // Clopper–Pearson: 1 - 0.025^(1/50)
            assert!(low == 0.0 && (high - 0.071_121_7).abs() < 1e-6, "{method:?} {high}");
            let (low, high) = proportion(facts(1.0, 0.0), method, 0.95).unwrap();
            assert!(high == 1.0 && (low - 0.928_878_3).abs() < 1e-6, "{method:?}");
        }
    }

    #[test]
    fn every_interval_holds_the_estimate() {
        for method in METHODS {
            let (low, high) = proportion(facts(0.3, 0.004), method, 0.95).unwrap();
            assert!(low < 0.3 && 0.3 < high && high - low < 0.4, "{method:?}");
        }
    }

    #[test]
    fn korn_graubard_never_uses_more_than_the_sample_size() {
        let capped = proportion(facts(0.3, 0.0001), ProportionMethod::KornGraubard, 0.95).unwrap();
        let free = proportion(facts(0.3, 0.0001), ProportionMethod::Beta, 0.95).unwrap();
        assert!(capped.1 - capped.0 > 2.0 * (free.1 - free.0));
    }

    #[test]
    fn no_degrees_of_freedom_give_no_interval() {
        for method in METHODS {
            let facts = ProportionFacts { degrees_of_freedom: 0.0, ..facts(0.3, 0.004) };
            assert!(proportion(facts, method, 0.95).unwrap().0.is_nan(), "{method:?}");
        }
        assert!(student(1.0, 0.1, -1.0, 0.95).1.is_nan());
    }

    #[test]
    fn the_reach_of_a_share_is_that_of_its_published_interval() {
        for share in [0.0, 1.0, 0.3, 0.02] {
            let facts = facts(share, share * (1.0 - share) / 40.0);
            for confidence in [0.95, 0.999] {
                let (low, high) = proportion(facts, ProportionMethod::Logit, confidence).unwrap();
                let (below, above) = share_reach(
                    facts,
                    || 1.0 - confidence,
                    || student_of_tail(1.0 - confidence, facts.degrees_of_freedom),
                );
                assert!((share - below - low).abs() < 1e-12, "{share} {below} {low}");
                assert!((share + above - high).abs() < 1e-12, "{share} {above} {high}");
            }
        }
    }

    #[test]
    fn impossible_arguments_are_errors() {
        assert!(proportion(facts(1.2, 0.1), ProportionMethod::Mean, 0.95).is_err());
        assert!(proportion(facts(0.2, 0.1), ProportionMethod::Mean, 1.0).is_err());
    }
}

//! Weighted quantiles with Woodruff intervals.

use crate::distribution::student_quantile;
use crate::interval::{self, Interval, ProportionFacts, ProportionMethod};
use crate::point::{check, mean, taking_part};
use crate::{Error, Linearisation};

/// How a quantile is read from the cumulative weights (Hyndman and Fan numbers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rule {
    /// Smallest value whose cumulative weight reaches p (type 1).
    #[default]
    Inverse,
    /// As `Inverse`, the midpoint when p is hit exactly (type 2).
    Midpoint,
    /// Types 1 to 9 of Hyndman and Fan (1996).
    HyndmanFan(u8),
}

/// How the interval of P(Y <= q) is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuantileInterval {
    /// Woodruff (1952): p ± t × error, inverted.
    #[default]
    Mean,
    /// Beta interval of p, inverted.
    Beta,
    /// Logit interval of p, inverted.
    Logit,
    /// Arcsine interval of p, inverted.
    Arcsine,
    /// Values whose P(Y <= value) a test does not refuse (Francisco and Fuller 1991).
    Score,
}

/// A quantile with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// Estimate; NaN on an empty base.
    pub estimate: f64,
    /// Ends of the interval.
    pub interval: Interval,
    /// Length of the interval over twice the t quantile.
    pub standard_error: f64,
}

/// What to estimate and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileOptions {
    /// Which quantile, above 0 and below 1.
    pub probability: f64,
    /// How it is read from the cumulative weights.
    pub rule: Rule,
    /// How its interval is made.
    pub interval: QuantileInterval,
    /// Degrees of freedom of the domain.
    pub degrees_of_freedom: f64,
    /// Confidence of the interval.
    pub confidence: f64,
    /// Sample size of the beta interval; `None` = rows of the domain.
    pub rows: Option<usize>,
}

/// Quantile of `values` over `rows` with its interval by linearisation.
pub fn quantile(
    linearisation: &Linearisation,
    values: &[f64],
    rows: &[bool],
    options: QuantileOptions,
) -> Result<Quantile, Error> {
    let weights = linearisation.weights();
    let share = |indicator: &[f64]| {
        let influence = mean(weights, indicator, rows)?;
        Ok((influence.estimate, linearisation.variance(&influence)?))
    };
    quantile_by(weights, values, rows, options, share)
}

/// As `quantile`, with the mean and variance of a 0/1 indicator from `share` (of replicates, for one).
pub fn quantile_by(
    weights: &[f64],
    values: &[f64],
    rows: &[bool],
    options: QuantileOptions,
    share: impl Fn(&[f64]) -> Result<(f64, f64), Error>,
) -> Result<Quantile, Error> {
    check(weights, values, rows, "values")?;
    let QuantileOptions { probability, rule, interval, degrees_of_freedom: df, confidence, .. } =
        options;
    if !(probability > 0.0 && probability < 1.0) {
        let (found, expected) = (probability.to_string(), "between 0 and 1".into());
        return Err(Error::Argument { place: "probability".into(), found, expected });
    }
    let sorted = Sorted::new(weights, values, rows);
    let estimate = sorted.quantile(probability, rule);
    let t = student_quantile(f64::midpoint(1.0, confidence), df);
    let below = |value: f64| {
        let indicator: Vec<f64> = values.iter().map(|&other| f64::from(other <= value)).collect();
        share(&indicator)
    };
    let (low, high) = match interval {
        _ if estimate.is_nan() || t.is_nan() => (f64::NAN, f64::NAN),
        QuantileInterval::Score => sorted.score_interval(probability, t, below)?,
        _ => {
            let (proportion, variance) = below(estimate)?;
            let rows = options.rows.unwrap_or(sorted.rows());
            let facts = ProportionFacts { proportion, variance, rows, degrees_of_freedom: df };
            interval::proportion(facts, interval.method(), confidence)?
        }
    };
    let invert =
        |p: f64| if (0.0..=1.0).contains(&p) { sorted.quantile(p, rule) } else { f64::NAN };
    let ends = (invert(low), invert(high));
    Ok(Quantile { estimate, interval: ends, standard_error: (ends.1 - ends.0) / (2.0 * t) })
}

/// Quantile without error.
pub fn quantile_point(
    weights: &[f64],
    values: &[f64],
    rows: &[bool],
    probability: f64,
    rule: Rule,
) -> f64 {
    Sorted::new(weights, values, rows).quantile(probability, rule)
}

impl QuantileInterval {
    fn method(self) -> ProportionMethod {
        match self {
            Self::Mean | Self::Score => ProportionMethod::Mean,
            Self::Beta => ProportionMethod::Beta,
            Self::Logit => ProportionMethod::Logit,
            Self::Arcsine => ProportionMethod::Arcsine,
        }
    }
}

/// Part of the total weight within which a cumulative weight counts as hit exactly.
const EXACT: f64 = 1e-14;

/// Values in order with their cumulative weights.
struct Sorted {
    values: Vec<f64>,
    weights: Vec<f64>,
    cumulative: Vec<f64>,
}

impl Sorted {
    fn new(weights: &[f64], values: &[f64], rows: &[bool]) -> Self {
        let mut order: Vec<usize> =
            taking_part(weights, rows).filter(|&row| !values[row].is_nan()).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        let mut sum = 0.0;
        let mut add = |row: &usize| {
            sum += weights[*row];
            sum
        };
        Self {
            cumulative: order.iter().map(&mut add).collect(),
            values: order.iter().map(|&row| values[row]).collect(),
            weights: order.iter().map(|&row| weights[row]).collect(),
        }
    }

    fn rows(&self) -> usize {
        self.values.len()
    }

    fn total(&self) -> f64 {
        self.cumulative.last().copied().unwrap_or(0.0)
    }

    fn quantile(&self, p: f64, rule: Rule) -> f64 {
        match (self.rows(), rule) {
            (0, _) => f64::NAN,
            (1, _) => self.values[0],
            (_, Rule::Inverse | Rule::Midpoint | Rule::HyndmanFan(1..=3)) => self.step(p, rule),
            (_, Rule::HyndmanFan(kind)) => self.interpolate(p, kind),
        }
    }

    /// The rules that read a value from the steps of the distribution function.
    fn step(&self, p: f64, rule: Rule) -> f64 {
        let (target, total) = (p * self.total(), self.total());
        let next = self.cumulative.partition_point(|&sum| sum < target - EXACT * total);
        let next = next.min(self.rows() - 1);
        let is_exact = (self.cumulative[next] - target).abs() <= EXACT * total;
        let after = (next + 1).min(self.rows() - 1);
        match rule {
            Rule::Midpoint | Rule::HyndmanFan(2) if is_exact => {
                f64::midpoint(self.values[next], self.values[after])
            }
            Rule::HyndmanFan(3) if is_exact && self.place_of(next) % 2 == 1 => {
                let is_last = self.values[next] == self.values[self.rows() - 1];
                if is_last { self.values[next] } else { self.values[self.first_after(next)] }
            }
            _ => self.values[next],
        }
    }

    /// Place of a value among the distinct values, from 1.
    fn place_of(&self, index: usize) -> usize {
        1 + self.values[..=index].windows(2).filter(|pair| pair[0] != pair[1]).count()
    }

    fn first_after(&self, index: usize) -> usize {
        self.values.partition_point(|&value| value <= self.values[index]).min(self.rows() - 1)
    }

    /// Types 4 to 9: linear interpolation between plotting positions.
    fn interpolate(&self, p: f64, kind: u8) -> f64 {
        let last = self.rows() - 1;
        let total = self.total();
        let position = |index: usize| {
            let (sum, weight) = (self.cumulative[index], self.weights[index]);
            let before = sum - weight;
            let last_weight = self.weights[last];
            match kind {
                4 => sum / total,
                5 => (sum - weight / 2.0) / total,
                6 => sum / (total + last_weight),
                7 => before / self.cumulative[last - 1],
                8 => (before / 3.0 + sum * 2.0 / 3.0) / (total + last_weight / 3.0),
                _ => (before * 3.0 / 8.0 + sum * 5.0 / 8.0) / (total + last_weight / 4.0),
            }
        };
        let (mut low, mut high) = (0, last);
        if p <= position(low) {
            return self.values[low];
        }
        if p >= position(high) {
            return self.values[high];
        }
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if position(middle) <= p { low = middle } else { high = middle }
        }
        let part = (p - position(low)) / (position(high) - position(low));
        self.values[low] + part * (self.values[high] - self.values[low])
    }

    /// Unweighted shares of the values at which the score test of P(Y > value) = 1 - p crosses ± t.
    ///
    /// The score is a step function that need not fall everywhere: which of several crossings is found depends on the
    /// search, here Brent's within R's limits and tolerance.
    fn score_interval(
        &self,
        p: f64,
        t: f64,
        below: impl Fn(f64) -> Result<(f64, f64), Error>,
    ) -> Result<Interval, Error> {
        let score = |value: f64| {
            let (share, variance) = below(value)?;
            Ok::<f64, Error>((p - share) / variance.sqrt())
        };
        let equal = self.unweighted();
        let rule = |p: f64| equal.quantile(p, Rule::HyndmanFan(7));
        let margin = (rule(0.75) - rule(0.25)) / 100.0;
        let ends = (self.values[0] + margin, self.values[self.rows() - 1] - margin);
        let tolerance = 1.0 / (100.0 * (self.rows() as f64).sqrt());
        let share = |value: f64| {
            let below = self.values.partition_point(|&other| other <= value);
            if value.is_nan() { value } else { below as f64 / self.rows() as f64 }
        };
        let cross = |limit: f64| root(|value| Ok(score(value)? - limit), ends, tolerance);
        Ok((share(cross(t)?), share(cross(-t)?)))
    }

    /// The same values, each counting once.
    fn unweighted(&self) -> Self {
        let rows = self.rows();
        Self {
            values: self.values.clone(),
            weights: vec![1.0; rows],
            cumulative: (1..=rows).map(|count| count as f64).collect(),
        }
    }
}

/// Steps after which the search for a root ends.
const MAX_STEPS: usize = 1000;

/// Where `f` changes sign between two ends (Brent 1973, in the form of R's `uniroot`); NaN when it does not.
fn root(
    f: impl Fn(f64) -> Result<f64, Error>,
    (low, high): (f64, f64),
    tolerance: f64,
) -> Result<f64, Error> {
    let (mut a, mut b) = (low, high);
    let (mut fa, mut fb) = (f(a)?, f(b)?);
    if fa.is_nan() || fb.is_nan() || fa * fb > 0.0 {
        return Ok(f64::NAN);
    }
    let (mut c, mut fc) = (a, fa);
    for _ in 0..=MAX_STEPS {
        let previous = b - a;
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let least = 2.0 * f64::EPSILON * b.abs() + tolerance / 2.0;
        let mut step = (c - b) / 2.0;
        if step.abs() <= least || fb == 0.0 {
            return Ok(b);
        }
        if previous.abs() >= least && fa.abs() > fb.abs() {
            let (mut p, mut q);
            let width = c - b;
            if a == c {
                p = width * (fb / fa);
                q = 1.0 - fb / fa;
            } else {
                let (first, second, third) = (fa / fc, fb / fc, fb / fa);
                p = third * (width * first * (first - second) - (b - a) * (second - 1.0));
                q = (first - 1.0) * (second - 1.0) * (third - 1.0);
            }
            if p > 0.0 {
                q = -q;
            } else {
                p = -p;
            }
            if p < 0.75 * width * q - (least * q).abs() / 2.0 && p < (previous * q / 2.0).abs() {
                step = p / q;
            }
        }
        if step.abs() < least {
            step = if step > 0.0 { least } else { -least };
        }
        (a, fa) = (b, fb);
        b += step;
        fb = f(b)?;
        if (fb > 0.0 && fc > 0.0) || (fb < 0.0 && fc < 0.0) {
            (c, fc) = (a, fa);
        }
    }
    Ok(b)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use survey::design::Design;

    use super::*;

    fn check_rule(rule: Rule, p: f64, expected: f64) {
        let found = quantile_point(&[1.0; 4], &[30.0, 10.0, 40.0, 20.0], &[true; 4], p, rule);
        assert!((found - expected).abs() < 1e-12, "{rule:?} {p}: {found}");
    }

    #[test]
    fn equal_weights_give_the_ordinary_quantiles() {
        // R 4.2.2: quantile(c(10, 20, 30, 40), p, type = k)
        check_rule(Rule::Inverse, 0.5, 20.0);
        check_rule(Rule::Inverse, 0.51, 30.0);
        check_rule(Rule::Inverse, 0.1, 10.0);
        check_rule(Rule::Midpoint, 0.5, 25.0);
        check_rule(Rule::HyndmanFan(3), 0.5, 20.0);
        check_rule(Rule::HyndmanFan(3), 0.25, 20.0);
        check_rule(Rule::HyndmanFan(4), 0.6, 24.0);
        check_rule(Rule::HyndmanFan(5), 0.5, 25.0);
        check_rule(Rule::HyndmanFan(6), 0.5, 25.0);
        check_rule(Rule::HyndmanFan(7), 0.1, 13.0);
        check_rule(Rule::HyndmanFan(8), 0.5, 25.0);
        check_rule(Rule::HyndmanFan(9), 0.9, 40.0);
    }

    #[test]
    fn a_root_is_found_and_its_absence_told() {
        let cube = |value: f64| Ok(value * value * value - 2.0);
        assert!((root(cube, (0.0, 5.0), 1e-12).unwrap() - 2.0_f64.cbrt()).abs() < 1e-11);
        assert!(root(cube, (2.0, 5.0), 1e-12).unwrap().is_nan());
        let step = |value: f64| Ok(if value < 3.0 { 1.0 } else { -0.5 });
        assert!((root(step, (0.0, 10.0), 1e-6).unwrap() - 3.0).abs() < 1e-6);
    }

    #[test]
    fn an_empty_base_or_one_answer_has_a_defined_result() {
        assert!(quantile_point(&[1.0], &[5.0], &[false], 0.5, Rule::Inverse).is_nan());
        assert_eq!(quantile_point(&[1.0], &[5.0], &[true], 0.5, Rule::HyndmanFan(7)), 5.0);
    }

    #[test]
    fn a_probability_outside_0_and_1_is_an_error() {
        let linearisation = Linearisation::new(Design::of_elements(vec![1.0; 3])).unwrap();
        let options = QuantileOptions {
            probability: 1.0,
            rule: Rule::Inverse,
            interval: QuantileInterval::Mean,
            degrees_of_freedom: 2.0,
            confidence: 0.95,
            rows: None,
        };
        assert!(quantile(&linearisation, &[1.0, 2.0, 3.0], &[true; 3], options).is_err());
    }
}

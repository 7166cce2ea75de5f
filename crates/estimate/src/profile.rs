//! Likelihood interval of a proportion, read off an interpolated profile as R's `svyciprop(method = "likelihood")` does.

use crate::distribution::{normal_upper, student_quantile};
use crate::interval::Interval;

/// Steps of the profile to either side.
const STEPS: usize = 9;

/// What R's fitted model knows of a proportion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Estimate, above 0 and below 1.
    pub proportion: f64,
    /// Its design-based variance.
    pub variance: f64,
    /// Answers in the fit.
    pub rows: f64,
    /// Sum to which the fit scales the weights.
    pub weight_sum: f64,
    /// Information of the last iteration over that of the estimate (1 = converged).
    pub information: f64,
    /// t quantile of the confidence.
    pub t: f64,
}

/// The interval; the exact one (`ProportionMethod::Likelihood`) differs by about 1e-5.
pub fn interval(fit: Fit) -> Interval {
    let Fit { proportion: p, variance, rows, weight_sum: n, information, t } = fit;
    let centre = (p / (1.0 - p)).ln();
    let error = variance.sqrt() / (p * (1.0 - p));
    let cutoff = t * error * (n * p * (1.0 - p) * information).sqrt();
    let furthest = student_quantile(1.0 - normal_upper(cutoff) / 4.0, rows - 1.0);
    let signed_root = |beta: f64| {
        let share = 1.0 / (1.0 + (-beta).exp());
        let deviance =
            2.0 * n * (p * (p / share).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - share)).ln());
        (beta - centre).signum() * (deviance.max(0.0) * (rows - 1.0) / rows).sqrt()
    };
    let mut points = vec![(centre, 0.0)];
    for sign in [-1.0, 1.0] {
        for step in 1..=STEPS {
            let beta = centre + sign * step as f64 * furthest / 5.0 * error;
            let root = signed_root(beta);
            points.push((beta, root));
            if root.abs() >= furthest {
                break;
            }
        }
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let curve = Spline::new(&points).sampled(3 * points.len());
    let end = |root: f64| 1.0 / (1.0 + (-crossing(&curve, root)).exp());
    (end(-cutoff), end(cutoff))
}

/// Place at which a sampled rising curve reaches `height`, by linear interpolation; NaN outside.
fn crossing(curve: &[(f64, f64)], height: f64) -> f64 {
    let inside = |pair: &&[(f64, f64)]| pair[0].1 <= height && height <= pair[1].1;
    curve.windows(2).find(inside).map_or(f64::NAN, |pair| {
        let part = (height - pair[0].1) / (pair[1].1 - pair[0].1);
        pair[0].0 + part * (pair[1].0 - pair[0].0)
    })
}

/// Cubic spline whose ends follow the cubics through the four outer points (Forsythe, Malcolm and Moler 1977).
struct Spline<'a> {
    points: &'a [(f64, f64)],
    /// Slope, half the second and a sixth of the third derivative at each point.
    coefficients: Vec<[f64; 3]>,
}

impl<'a> Spline<'a> {
    /// `points` by rising place, at least four.
    fn new(points: &'a [(f64, f64)]) -> Self {
        let last = points.len() - 1;
        let width = |index: usize| points[index + 1].0 - points[index].0;
        let slope = |index: usize| (points[index + 1].1 - points[index].1) / width(index);
        let span = |from: usize, to: usize| points[to].0 - points[from].0;
        let second = |index: usize| (slope(index) - slope(index - 1)) / span(index - 1, index + 1);
        let mut diagonal: Vec<f64> = (0..=last)
            .map(|index| match index {
                0 => -width(0),
                index if index == last => -width(last - 1),
                index => 2.0 * span(index - 1, index + 1),
            })
            .collect();
        let mut curvature: Vec<f64> = (0..=last)
            .map(|index| match index {
                0 => (second(2) - second(1)) * width(0).powi(2) / span(0, 3),
                index if index == last => {
                    -(second(last - 1) - second(last - 2)) * width(last - 1).powi(2)
                        / span(last - 3, last)
                }
                index => slope(index) - slope(index - 1),
            })
            .collect();
        for index in 1..=last {
            let factor = width(index - 1) / diagonal[index - 1];
            diagonal[index] -= factor * width(index - 1);
            curvature[index] -= factor * curvature[index - 1];
        }
        curvature[last] /= diagonal[last];
        for index in (0..last).rev() {
            curvature[index] =
                (curvature[index] - width(index) * curvature[index + 1]) / diagonal[index];
        }
        let coefficient = |index: usize| {
            let (here, next) = (curvature[index], curvature[index + 1]);
            [
                slope(index) - width(index) * (next + 2.0 * here),
                3.0 * here,
                (next - here) / width(index),
            ]
        };
        Self { points, coefficients: (0..last).map(coefficient).collect() }
    }

    fn value(&self, place: f64) -> f64 {
        let piece =
            self.points.partition_point(|point| point.0 <= place).clamp(1, self.coefficients.len())
                - 1;
        let (start, [linear, square, cube]) = (self.points[piece], self.coefficients[piece]);
        let along = place - start.0;
        start.1 + along * (linear + along * (square + along * cube))
    }

    /// The curve at `count` equal steps.
    fn sampled(&self, count: usize) -> Vec<(f64, f64)> {
        let (first, last) = (self.points[0].0, self.points[self.points.len() - 1].0);
        let place = |index: usize| first + (last - first) * index as f64 / (count as f64 - 1.0);
        (0..count).map(|index| (place(index), self.value(place(index)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spline_through_a_cubic_is_that_cubic() {
        let cubic = |x: f64| 2.0 - x + 0.5 * x * x + 0.25 * x * x * x;
        let points: Vec<_> = [-2.0, -1.0, 0.5, 1.0, 3.0].map(|x| (x, cubic(x))).into();
        let spline = Spline::new(&points);
        for x in [-1.9, -0.3, 0.7, 2.2] {
            assert!((spline.value(x) - cubic(x)).abs() < 1e-12);
        }
    }

    #[test]
    fn the_interval_is_that_of_svyciprop() {
        // R 4.2.2, survey 4.1.1: apiclus1 (183 schools, 14 degrees of freedom), awards = Yes, then stype = H.
        let cases = [
            (
                (0.710_382_513_660_852_9, 0.033_018_299_553_718_86),
                (0.636_352_583_271_495_8, 0.777_592_284_107_711_5),
            ),
            (
                (0.076_502_732_240_495_9, 0.026_810_219_050_770_825),
                (0.031_776_439_310_743_29, 0.147_261_172_903_477_95),
            ),
        ];
        for ((proportion, error), (low, high)) in cases {
            let (rows, t) = (183.0, student_quantile(0.975, 14.0));
            let variance = error * error;
            let fit = Fit { proportion, variance, rows, weight_sum: rows, information: 1.0, t };
            let found = interval(fit);
            assert!((found.0 - low).abs() < 1e-7 && (found.1 - high).abs() < 1e-7, "{found:?}");
        }
    }
}

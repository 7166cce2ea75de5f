//! What a set of weights does to precision.

/// Figures about weights above zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostics {
    /// Rows with weight > 0.
    pub n: usize,
    /// Sum of the weights.
    pub sum: f64,
    /// Smallest weight.
    pub min: f64,
    /// Largest weight.
    pub max: f64,
    /// Mean weight.
    pub mean: f64,
    /// Standard deviation (division by n) over mean; its square is the design effect minus 1.
    pub cv: f64,
    /// Kish: n Σw² / (Σw)².
    pub design_effect: f64,
    /// Kish: (Σw)² / Σw².
    pub effective_sample_size: f64,
    /// Smallest g = weight / base.
    pub g_min: f64,
    /// Largest g.
    pub g_max: f64,
    /// Mean g.
    pub g_mean: f64,
    sorted: Vec<f64>,
}

impl Diagnostics {
    /// Quantile of the weights by linear interpolation (type 7); `probability` within 0..=1.
    pub fn quantile(&self, probability: f64) -> f64 {
        let Some(last) = self.sorted.len().checked_sub(1) else { return f64::NAN };
        let position = probability * last as f64;
        let below = (position.floor() as usize).min(last);
        let above = (below + 1).min(last);
        let part = position - below as f64;
        self.sorted[below] + part * (self.sorted[above] - self.sorted[below])
    }
}

/// Describes `weights` against the `base` weights they come from; rows with weight 0 are left out.
pub fn diagnose(weights: &[f64], base: &[f64]) -> Diagnostics {
    let mut sorted: Vec<f64> = weights.iter().copied().filter(|weight| *weight > 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    let sum: f64 = sorted.iter().sum();
    let squares: f64 = sorted.iter().map(|weight| weight * weight).sum();
    let mean = sum / n as f64;
    let deviations: f64 = sorted.iter().map(|weight| (weight - mean).powi(2)).sum();
    let (mut g_min, mut g_max, mut g_sum) = (f64::NAN, f64::NAN, 0.0);
    for (weight, base) in weights.iter().zip(base).filter(|row| *row.0 > 0.0) {
        let g = weight / base;
        g_min = g.min(g_min);
        g_max = g.max(g_max);
        g_sum += g;
    }
    Diagnostics {
        n,
        sum,
        min: sorted.first().copied().unwrap_or(f64::NAN),
        max: sorted.last().copied().unwrap_or(f64::NAN),
        mean,
        cv: (deviations / n as f64).sqrt() / mean,
        design_effect: n as f64 * squares / (sum * sum),
        effective_sample_size: sum * sum / squares,
        g_min,
        g_max,
        g_mean: g_sum / n as f64,
        sorted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_weight_zero_do_not_count() {
        let found = diagnose(&[2.0, 0.0, 4.0], &[1.0, 1.0, 4.0]);
        assert_eq!((found.n, found.sum, found.min, found.max), (2, 6.0, 2.0, 4.0));
        assert_eq!((found.g_min, found.g_max, found.g_mean), (1.0, 2.0, 1.5));
        assert_eq!(
            (found.quantile(0.0), found.quantile(0.25), found.quantile(1.0)),
            (2.0, 2.5, 4.0)
        );
        assert!((found.effective_sample_size - 1.8).abs() < 1e-12);
    }

    #[test]
    fn equal_weights_have_design_effect_one() {
        assert_eq!(diagnose(&[3.0; 5], &[1.0; 5]).design_effect, 1.0);
    }

    #[test]
    fn no_weights_give_no_numbers() {
        let found = diagnose(&[], &[]);
        assert!(found.n == 0 && found.mean.is_nan() && found.quantile(0.5).is_nan());
    }
}

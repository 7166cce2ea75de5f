//! Covariance between two samples of one finite population.

/// A stratum of one wave, as far as the covariance asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sampled {
    pub units: f64,
    /// Part of the population's units that was not sampled; 1 without population size.
    pub unsampled: f64,
    /// Σ of the squares of the scaled unit scores: what the stratum adds to the variance.
    pub squares: f64,
}

/// Units that both samples have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    pub units: f64,
    /// Σ of the products of their scaled scores.
    pub products: f64,
}

/// Of fewer common units nothing is learnt about how the answers of both waves go together.
const FEW: f64 = 10.0;

/// Conditional on the number of common units n_c, the covariance is (n_c/(n₁n₂) - 1/N) S₁₂ (Tam 1984), here of totals:
/// (n_c - n₁n₂/N) S₁₂. It is negative where fewer units are in both than chance would bring, and then S₁₂ of fewer than
/// `FEW` counts as its bound S₁S₂, which widens the error. |S₁₂| <= S₁S₂ keeps the three terms a variance.
pub(super) fn covariance(first: Sampled, second: Sampled, common: Common) -> f64 {
    let population = |stratum: Sampled| stratum.units / (1.0 - stratum.unsampled);
    let is_finite = |stratum: &Sampled| stratum.unsampled < 1.0;
    let sizes = [first, second].into_iter().filter(is_finite).map(population);
    let Some(population) = sizes.reduce(f64::max) else { return common.products };
    let unsampled = (first.unsampled * second.unsampled).sqrt();
    if unsampled <= 0.0 || first.squares <= 0.0 || second.squares <= 0.0 {
        return 0.0;
    }
    let deviation =
        |stratum: Sampled| (stratum.squares / (stratum.unsampled * stratum.units)).sqrt();
    let bound = deviation(first) * deviation(second);
    let expected = first.units * second.units / population;
    let joint = if common.units < FEW.min(expected) {
        bound
    } else {
        (common.products / (unsampled * common.units)).clamp(-bound, bound)
    };
    (common.units - expected) * joint
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(units: f64, population: f64) -> Sampled {
        let unsampled = 1.0 - units / population;
        // Scores of variance 1: each counts unsampled × n / (n - 1).
        Sampled { units, unsampled, squares: unsampled * units }
    }

    fn common(units: f64, correlation: f64, unsampled: f64) -> Common {
        Common { units, products: correlation * units * unsampled }
    }

    #[test]
    fn the_whole_sample_twice_has_the_variance_as_covariance() {
        let sample = of(50.0, 200.0);
        let found = covariance(sample, sample, common(50.0, 1.0, 0.75));
        assert!((found - sample.squares).abs() < 1e-12, "{found}");
    }

    #[test]
    fn as_many_common_units_as_chance_brings_have_no_covariance() {
        let found = covariance(of(100.0, 200.0), of(80.0, 200.0), common(40.0, 0.8, 0.55));
        assert!(found.abs() < 1e-9, "{found}");
    }

    #[test]
    fn disjoint_samples_of_one_population_have_a_negative_covariance() {
        let found = covariance(of(100.0, 200.0), of(100.0, 200.0), common(0.0, 0.0, 0.5));
        // -n₁n₂/N S², with S² = 1.
        assert!((found + 50.0).abs() < 1e-9, "{found}");
    }

    #[test]
    fn without_a_population_size_it_is_the_sum_of_the_products() {
        let sample = Sampled { units: 50.0, unsampled: 1.0, squares: 50.0 };
        assert_eq!(covariance(sample, sample, Common { units: 7.0, products: 3.0 }), 3.0);
    }

    #[test]
    fn three_terms_are_never_a_negative_variance() {
        for population in [100.0_f64, 150.0, 1000.0] {
            for (n, m) in [(60.0, 90.0), (10.0, 95.0), (50.0, 50.0)] {
                let least = f64::max(n + m - population, 0.0);
                for shared in [least, f64::midpoint(least, n), n] {
                    for correlation in [-1.0, 0.0, 0.6, 1.0] {
                        let (first, second) = (of(n, population), of(m, population));
                        let unsampled = (first.unsampled * second.unsampled).sqrt();
                        let found =
                            covariance(first, second, common(shared, correlation, unsampled));
                        let variance = first.squares / (n * n) + second.squares / (m * m)
                            - 2.0 * found / (n * m);
                        assert!(variance > -1e-12, "{population} {n} {m} {shared} {correlation}");
                    }
                }
            }
        }
    }
}

//! P values adjusted for the number of tests.

/// Adjustment for multiple testing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Multiplicity {
    /// As they are.
    None,
    /// Bonferroni: times the number of tests.
    Bonferroni,
    /// Holm (1979).
    #[default]
    Holm,
    /// Hochberg (1988).
    Hochberg,
    /// Benjamini and Hochberg (1995): false discovery rate.
    BenjaminiHochberg,
    /// Benjamini and Yekutieli (2001): false discovery rate under any dependence.
    BenjaminiYekutieli,
}

/// Adjusted p values in the same order; NaN stays NaN and does not count as a test.
pub fn adjust(p: &[f64], method: Multiplicity) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).filter(|&index| !p[index].is_nan()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let tests = order.len() as f64;
    let mut adjusted = p.to_vec();
    let mut set = |index: usize, value: f64| adjusted[index] = value.min(1.0);
    let harmonic: f64 = (1..=order.len()).map(|rank| 1.0 / rank as f64).sum();
    match method {
        Multiplicity::None => {}
        Multiplicity::Bonferroni => order.iter().for_each(|&index| set(index, p[index] * tests)),
        Multiplicity::Holm => {
            let mut largest = 0.0_f64;
            for (rank, &index) in order.iter().enumerate() {
                largest = largest.max(p[index] * (tests - rank as f64));
                set(index, largest);
            }
        }
        Multiplicity::Hochberg
        | Multiplicity::BenjaminiHochberg
        | Multiplicity::BenjaminiYekutieli => {
            let mut smallest = f64::INFINITY;
            for (rank, &index) in order.iter().enumerate().rev() {
                let place = rank as f64 + 1.0;
                let factor = match method {
                    Multiplicity::Hochberg => tests - rank as f64,
                    Multiplicity::BenjaminiHochberg => tests / place,
                    _ => harmonic * tests / place,
                };
                smallest = smallest.min(p[index] * factor);
                set(index, smallest);
            }
        }
    }
    adjusted
}

/// Below which p each test would be called at `level`, the p of the others as they are: p < threshold exactly where the
/// adjusted p < `level`. NaN for NaN.
pub fn thresholds(p: &[f64], method: Multiplicity, level: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).filter(|&index| !p[index].is_nan()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let tests = order.len() as f64;
    let mut thresholds = vec![f64::NAN; p.len()];
    for (rank, &index) in order.iter().enumerate() {
        // p of the `place`-th of the others.
        let other = |place: usize| p[order[if place < rank { place } else { place + 1 }]];
        let others = order.len() - 1;
        thresholds[index] = match method {
            Multiplicity::None => level,
            Multiplicity::Bonferroni => level / tests,
            Multiplicity::Holm => {
                let called = |place: &usize| other(*place) < level / (tests - *place as f64);
                level / (tests - (0..others).take_while(called).count() as f64)
            }
            Multiplicity::Hochberg => {
                let reached = |place: &usize| other(*place) < level / (tests - *place as f64 - 1.0);
                let last = (0..others).rev().find(reached).map_or(0, |place| place + 1);
                level / (tests - last as f64)
            }
            Multiplicity::BenjaminiHochberg | Multiplicity::BenjaminiYekutieli => {
                let harmonic: f64 = (1..=order.len()).map(|rank| 1.0 / rank as f64).sum();
                let yekutieli = method == Multiplicity::BenjaminiYekutieli;
                let unit = level / tests / if yekutieli { harmonic } else { 1.0 };
                let reached = |place: &usize| other(*place) < unit * (*place as f64 + 2.0);
                let last = (0..others).rev().find(reached).map_or(0, |place| place + 1);
                unit * (last as f64 + 1.0)
            }
        };
    }
    thresholds
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [Multiplicity; 6] = [
        Multiplicity::None,
        Multiplicity::Bonferroni,
        Multiplicity::Holm,
        Multiplicity::Hochberg,
        Multiplicity::BenjaminiHochberg,
        Multiplicity::BenjaminiYekutieli,
    ];

    #[test]
    fn a_test_is_called_exactly_below_its_threshold() {
        // Families of up to 7 p values in steps that meet every rank's limit from both sides.
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        for _ in 0..3000 {
            let count = 1 + (next() * 7.0) as usize;
            let p: Vec<f64> = (0..count).map(|_| next().powi(3) * 0.2).collect();
            for method in METHODS {
                let (adjusted, limits) = (adjust(&p, method), thresholds(&p, method, 0.05));
                for index in 0..count {
                    let called = adjusted[index] < 0.05;
                    assert_eq!(called, p[index] < limits[index], "{method:?} {p:?} {limits:?}");
                    // The threshold is where the call turns, the others unmoved.
                    for (factor, expected) in [(0.999, true), (1.001, false)] {
                        let mut moved = p.clone();
                        moved[index] = limits[index] * factor;
                        let called = adjust(&moved, method)[index] < 0.05;
                        assert_eq!(called, expected, "{method:?} {moved:?} {index}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_test_has_no_threshold_and_does_not_count() {
        let found = thresholds(&[f64::NAN, 0.03], Multiplicity::Bonferroni, 0.05);
        assert!(found[0].is_nan() && found[1] == 0.05);
    }

    /// Expected values: R 4.2.2, p.adjust(c(0.01, 0.04, 0.03, 0.5), method).
    fn check(method: Multiplicity, expected: [f64; 4]) {
        let found = adjust(&[0.01, f64::NAN, 0.04, 0.03, 0.5], method);
        assert!(found[1].is_nan());
        for (found, expected) in [found[0], found[2], found[3], found[4]].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{method:?}: {found} {expected}");
        }
    }

    #[test]
    fn adjusted_values_are_those_of_the_literature() {
        check(Multiplicity::None, [0.01, 0.04, 0.03, 0.5]);
        check(Multiplicity::Bonferroni, [0.04, 0.16, 0.12, 1.0]);
        check(Multiplicity::Holm, [0.04, 0.09, 0.09, 0.5]);
        check(Multiplicity::Hochberg, [0.04, 0.08, 0.08, 0.5]);
        check(Multiplicity::BenjaminiHochberg, [0.04, 0.16 / 3.0, 0.16 / 3.0, 0.5]);
        let harmonic = 25.0 / 12.0;
        check(
            Multiplicity::BenjaminiYekutieli,
            [0.04 * harmonic, 0.16 / 3.0 * harmonic, 0.16 / 3.0 * harmonic, 1.0],
        );
    }
}

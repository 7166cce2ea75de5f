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

#[cfg(test)]
mod tests {
    use super::*;

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

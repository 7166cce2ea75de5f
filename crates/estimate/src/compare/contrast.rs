//! Differences between the levels of a breakdown within one wave, all pairs.

use super::{difference, multiplicity};
use crate::adjust::adjust;
use crate::contrast::Contrast;
use crate::tabulate::{Figure, Plan, Series, Status, WaveErrors};

/// `level_b - level_a` of one indicator in one wave; levels by position.
pub(crate) struct LevelContrast {
    pub indicator: usize,
    pub wave: usize,
    pub cut: usize,
    pub levels: [usize; 2],
    pub contrast: Contrast,
    pub p_adjusted: f64,
}

/// All pairs of published levels of every indicator, wave and breakdown, p adjusted within these three.
pub(crate) fn contrasts(
    plan: &Plan<'_>,
    all: &[Series],
    wave: usize,
    errors: &WaveErrors,
    strata: usize,
) -> Vec<LevelContrast> {
    let mut found = Vec::new();
    for of_cut in all.chunk_by(|a, b| (a.indicator, a.cut) == (b.indicator, b.cut)) {
        let (indicator, cut) = (of_cut[0].indicator, of_cut[0].cut);
        let Some(covariance) = errors.covariance(indicator, cut).filter(|_| of_cut.len() > 1)
        else {
            continue;
        };
        let published: Vec<(usize, &Figure)> = of_cut
            .iter()
            .filter_map(|series| series.figures[wave].as_ref().map(|figure| (series.level, figure)))
            .filter(|(_, figure)| figure.status == Status::Published)
            .collect();
        let mut family = Vec::new();
        for (k, &(a, first)) in published.iter().enumerate() {
            for &(b, second) in &published[k + 1..] {
                let matrix = [covariance[(a, a)], covariance[(a, b)], covariance[(b, b)]];
                let respondents = (first.n + second.n, strata);
                let degrees = errors.pair_degrees((indicator, cut), [a, b], respondents);
                let contrast = difference(
                    [first.estimate, second.estimate],
                    matrix,
                    degrees,
                    plan.confidence(),
                );
                let new = |contrast| LevelContrast {
                    indicator,
                    wave,
                    cut,
                    levels: [a, b],
                    contrast,
                    p_adjusted: f64::NAN,
                };
                family.extend(contrast.map(new));
            }
        }
        let p: Vec<f64> = family.iter().map(|pair| pair.contrast.p).collect();
        let adjusted = adjust(&p, multiplicity(plan.significance().adjustment));
        for (pair, p_adjusted) in family.iter_mut().zip(adjusted) {
            pair.p_adjusted = p_adjusted;
        }
        found.extend(family);
    }
    found
}

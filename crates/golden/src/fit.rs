//! The state in which R's fit of a proportion stops: iteratively reweighted least squares of a logit without covariates.

/// A change of the deviance below this part ends the fit (R: glm.control).
const EPSILON: f64 = 1e-8;
/// Rounds after which R gives up.
const MAX_ROUNDS: usize = 25;

/// Information Σ w p (1 - p) of the last round over that of its estimate: R's interval uses the former.
pub fn information(answers: &[bool], weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let start = |(&yes, &weight): (&bool, &f64)| (f64::from(yes) * weight + 0.5) / (weight + 1.0);
    let mut means: Vec<f64> = answers.iter().zip(weights).map(start).collect();
    let likelihood = |mean: f64, yes: bool| if yes { -mean.ln() } else { -(1.0 - mean).ln() };
    let mut deviance: f64 = answers
        .iter()
        .zip(weights)
        .zip(&means)
        .map(|((yes, w), mean)| 2.0 * w * likelihood(*mean, *yes))
        .sum();
    let mut ratio = 1.0;
    for _ in 0..MAX_ROUNDS {
        let (mut working, mut information) = (0.0, 0.0);
        for ((&yes, &weight), &mean) in answers.iter().zip(weights).zip(&means) {
            let of_row = weight * mean * (1.0 - mean);
            working += of_row * (mean / (1.0 - mean)).ln() + weight * (f64::from(yes) - mean);
            information += of_row;
        }
        let next = 1.0 / (1.0 + (-working / information).exp());
        ratio = information / (sum * next * (1.0 - next));
        let found: f64 =
            answers.iter().zip(weights).map(|(yes, w)| 2.0 * w * likelihood(next, *yes)).sum();
        let is_done = (found - deviance).abs() / (found.abs() + 0.1) < EPSILON;
        deviance = found;
        if is_done {
            break;
        }
        means.fill(next);
    }
    ratio
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_round_is_near_the_estimate() {
        let answers: Vec<bool> = (0..200).map(|row| row < 2).collect();
        let ratio = information(&answers, &[1.0; 200]);
        assert!(ratio != 1.0 && (ratio - 1.0).abs() < 1e-4);
    }
}

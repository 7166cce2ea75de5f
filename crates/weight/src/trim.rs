//! Trimming: weights are held within bounds and what was cut goes to the others.

use crate::Error;
use crate::margin::check_weights;

/// Which bounds and how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrimOptions {
    /// Lowest weight.
    pub lower: f64,
    /// Highest weight.
    pub upper: f64,
    /// Repeat until no weight is outside, instead of once.
    pub strict: bool,
}

/// Trimmed weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Trimmed {
    /// Weight per row.
    pub weights: Vec<f64>,
    /// Rows that the first pass raised to the lower bound.
    pub raised: usize,
    /// Rows that the first pass lowered to the upper bound.
    pub lowered: usize,
    /// Sum of the weights that was moved, over all passes.
    pub moved: f64,
    /// Passes done.
    pub passes: usize,
}

/// Passes after which trimming is given up; every pass fixes at least one more weight at a bound or ends.
const MAX_PASSES: usize = 10_000;

/// Clips weights to the bounds and spreads what was cut in equal parts over the weights inside; zero weights stay zero.
pub fn trim(weights: &[f64], options: TrimOptions) -> Result<Trimmed, Error> {
    check_weights(weights)?;
    let TrimOptions { lower, upper, strict } = options;
    check_bounds(lower, upper)?;
    let mut trimmed = start(weights, lower, upper);
    let (sum, rows) = sum_and_rows(weights);
    if strict && (sum < lower * rows || sum > upper * rows) {
        return Err(no_room(sum / rows, lower, upper));
    }
    while trimmed.weights.iter().any(|&weight| is_outside(weight, lower, upper)) {
        if trimmed.passes == MAX_PASSES {
            return Err(no_room(sum / rows, lower, upper));
        }
        pass(&mut trimmed, lower, upper).ok_or_else(|| no_room(sum / rows, lower, upper))?;
        if !strict {
            break;
        }
    }
    Ok(trimmed)
}

/// Scales weights to mean 1, then clips to `[lower, upper]` and rescales to mean 1 until both hold.
pub fn trim_relative(weights: &[f64], lower: f64, upper: f64) -> Result<Trimmed, Error> {
    check_weights(weights)?;
    check_bounds(lower, upper)?;
    if lower > 1.0 || upper < 1.0 {
        return Err(no_room(1.0, lower, upper));
    }
    let (sum, rows) = sum_and_rows(weights);
    let scaled: Vec<f64> = weights.iter().map(|weight| weight * (rows / sum)).collect();
    let mut trimmed = start(&scaled, lower, upper);
    let outside = |weight: f64| is_outside(weight, lower * (1.0 - 1e-12), upper * (1.0 + 1e-12));
    while trimmed.passes < MAX_PASSES && trimmed.weights.iter().any(|&weight| outside(weight)) {
        for weight in trimmed.weights.iter_mut().filter(|weight| **weight > 0.0) {
            let clipped = weight.clamp(lower, upper);
            trimmed.moved += (*weight - clipped).abs();
            *weight = clipped;
        }
        let factor = rows / trimmed.weights.iter().sum::<f64>();
        trimmed.weights.iter_mut().for_each(|weight| *weight *= factor);
        trimmed.passes += 1;
    }
    Ok(trimmed)
}

fn start(weights: &[f64], lower: f64, upper: f64) -> Trimmed {
    Trimmed {
        weights: weights.to_vec(),
        raised: weights.iter().filter(|&&weight| weight > 0.0 && weight < lower).count(),
        lowered: weights.iter().filter(|&&weight| weight > upper).count(),
        moved: 0.0,
        passes: 0,
    }
}

/// One pass; `None` when there is no weight inside to take what was cut.
fn pass(trimmed: &mut Trimmed, lower: f64, upper: f64) -> Option<()> {
    let (mut cut, mut moved, mut inside) = (0.0, 0.0, 0_usize);
    for &weight in trimmed.weights.iter().filter(|weight| **weight > 0.0) {
        if is_outside(weight, lower, upper) {
            let difference = weight - weight.clamp(lower, upper);
            cut += difference;
            moved += difference.abs();
        } else {
            inside += 1;
        }
    }
    if inside == 0 {
        return None;
    }
    let part = cut / inside as f64;
    for weight in trimmed.weights.iter_mut().filter(|weight| **weight > 0.0) {
        let outside = is_outside(*weight, lower, upper);
        *weight = if outside { weight.clamp(lower, upper) } else { *weight + part };
    }
    trimmed.moved += moved;
    trimmed.passes += 1;
    Some(())
}

fn is_outside(weight: f64, lower: f64, upper: f64) -> bool {
    weight > 0.0 && (weight < lower || weight > upper)
}

fn sum_and_rows(weights: &[f64]) -> (f64, f64) {
    let rows = weights.iter().filter(|weight| **weight > 0.0).count();
    (weights.iter().sum(), rows as f64)
}

fn check_bounds(lower: f64, upper: f64) -> Result<(), Error> {
    if lower < upper && !lower.is_nan() {
        return Ok(());
    }
    let (found, expected) = (format!("[{lower}, {upper}]"), "lower below upper".into());
    Err(Error::Setting { place: "trim bounds".into(), found, expected })
}

fn no_room(mean: f64, lower: f64, upper: f64) -> Error {
    let (found, expected) =
        (format!("[{lower}, {upper}]"), format!("room around the mean weight {mean}"));
    Error::Setting { place: "trim bounds".into(), found, expected }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    #[test]
    fn what_is_cut_goes_in_equal_parts_to_the_weights_inside() {
        let options = TrimOptions { lower: 0.5, upper: 4.0, strict: false };
        let trimmed = trim(&[0.0, 1.0, 2.0, 7.0], options).unwrap();
        assert_eq!(trimmed.weights, [0.0, 2.5, 3.5, 4.0]);
        assert_eq!(
            (trimmed.lowered, trimmed.raised, trimmed.moved, trimmed.passes),
            (1, 0, 3.0, 1)
        );
    }

    #[test]
    fn strict_trimming_repeats_until_all_are_inside_and_keeps_the_sum() {
        let options = TrimOptions { lower: 0.5, upper: 4.0, strict: true };
        let trimmed = trim(&[1.0, 3.0, 3.5, 8.0], options).unwrap();
        assert!(trimmed.weights.iter().all(|weight| (0.5..=4.0).contains(weight)));
        assert!((trimmed.weights.iter().sum::<f64>() - 15.5).abs() < 1e-12);
    }

    #[test]
    fn bounds_without_room_are_an_error() {
        let error =
            trim(&[1.0, 2.0], TrimOptions { lower: 3.0, upper: 4.0, strict: true }).unwrap_err();
        assert_eq!(
            error.to_string(),
            "trim bounds: [3, 4], expected room around the mean weight 1.5"
        );
        assert!(trim(&[1.0, 2.0], TrimOptions { lower: 3.0, upper: 4.0, strict: false }).is_err());
        assert!(trim(&[1.0], TrimOptions { lower: 4.0, upper: 3.0, strict: false }).is_err());
    }

    #[test]
    fn relative_trimming_ends_inside_the_band_with_mean_one() {
        let weights: Vec<f64> = (0..200).map(|row| f64::from(row * row % 97) + 0.01).collect();
        let trimmed = trim_relative(&weights, 0.2, 2.0).unwrap();
        assert!(
            trimmed.weights.iter().all(|&weight| (0.2 - 1e-11..=2.0 + 1e-11).contains(&weight))
        );
        assert!((trimmed.weights.iter().sum::<f64>() - 200.0).abs() < 1e-9);
        assert!(trimmed.passes > 1, "one pass leaves the band again");
    }

    #[test]
    fn weights_inside_or_at_a_bound_are_left_alone_and_those_outside_are_counted() {
        let inside = trim_relative(&[0.5, 1.5, 1.0, 0.0], 0.5, 1.5).unwrap();
        assert_eq!(inside.weights, [0.5, 1.5, 1.0, 0.0]);
        assert_eq!((inside.raised, inside.lowered, inside.passes), (0, 0, 0));
        let outside = trim_relative(&[0.1, 0.2, 0.7, 3.0, 0.0], 0.5, 2.0).unwrap();
        assert_eq!((outside.raised, outside.lowered), (2, 1));
        assert!((1..200).contains(&outside.passes), "{}", outside.passes);
    }
}

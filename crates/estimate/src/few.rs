//! Numbers of which there are few different ones, by their places.

use crate::sample::OUTSIDE;

/// Most different numbers that are counted by their places: more would not stay in the nearest cache.
const FEW: usize = 16;

/// The place of each value among its different numbers, where these are few; `OUTSIDE` for none.
pub(crate) fn few(values: &[f64]) -> Option<(Vec<u8>, Vec<f64>)> {
    /// Whole numbers from 0 whose places are looked up and not searched.
    const SMALL: usize = 64;
    let mut numbers: Vec<f64> = Vec::with_capacity(FEW);
    let mut of_small = [OUTSIDE; SMALL];
    let place = |&value: &f64| {
        if value.is_nan() {
            return Some(OUTSIDE);
        }
        let whole = value as usize;
        let small = of_small.get_mut(whole).filter(|_| whole as f64 == value);
        if let Some(&place) = small.as_deref().filter(|place| **place != OUTSIDE) {
            return Some(place);
        }
        let known = numbers.iter().position(|number| *number == value);
        let place = known.unwrap_or(numbers.len());
        if known.is_none() {
            numbers.push(value);
        }
        if let Some(small) = small.filter(|_| place < FEW) {
            *small = place as u8;
        }
        (place < FEW).then_some(place as u8)
    };
    let places: Vec<u8> = values.iter().map(place).collect::<Option<_>>()?;
    (!numbers.is_empty()).then_some((places, numbers))
}

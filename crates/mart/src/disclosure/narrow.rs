//! What published figures tell of one another: an interval's middle, and differences between cells.

use super::block::Interval;

/// Rounds in which differences are followed from cell to cell.
const ROUNDS: usize = 4;

/// The value in the middle of a published interval, where it lies in the middle on the scale of the figure.
pub fn middle(lower: Interval, upper: Interval, is_proportion: bool) -> Option<Interval> {
    if !is_proportion {
        let middle = |lower: f64, upper: f64| f64::midpoint(lower, upper);
        return Some(Interval {
            low: middle(lower.low, upper.low),
            high: middle(lower.high, upper.high),
        });
    }
    if lower.low <= 0.0 || upper.high >= 1.0 {
        return None;
    }
    let logit = |share: f64| (share / (1.0 - share)).ln();
    let middle = |lower: f64, upper: f64| {
        let middle = f64::midpoint(logit(lower), logit(upper));
        1.0 / (1.0 + (-middle).exp())
    };
    Some(Interval { low: middle(lower.low, upper.low), high: middle(lower.high, upper.high) })
}

/// A published difference `second - first` between two figures anywhere in the release.
pub struct Told {
    pub first: usize,
    pub second: usize,
    pub difference: Interval,
}

/// Narrows what is told of each figure by the differences between them.
pub fn follow(figures: &mut [Interval], differences: &[Told]) {
    for _ in 0..ROUNDS {
        let mut narrower = false;
        for told in differences {
            let [first, second] = [figures[told.first], figures[told.second]];
            let (low, high) = (told.difference.low, told.difference.high);
            let new_second = second.and(Interval { low: first.low + low, high: first.high + high });
            let new_first = first.and(Interval { low: second.low - high, high: second.high - low });
            narrower |= new_first != first || new_second != second;
            figures[told.first] = new_first;
            figures[told.second] = new_second;
        }
        if !narrower {
            return;
        }
    }
}

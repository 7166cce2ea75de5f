//! What published figures tell of one another: an interval's middle, and differences between cells.

use super::block::Interval;

/// Rounds in which differences are followed from cell to cell.
const ROUNDS: usize = 4;
const HAIR: f64 = 1e-12;

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

/// What is told of figures anywhere in the release together: the sum of coefficient times figure, each coefficient 1 or -1.
pub struct Told {
    pub terms: Vec<(usize, f64)>,
    pub sum: Interval,
}

/// Narrows what is told of each figure by what is told of several; `open`: what a figure can be that is not shown.
pub fn follow(figures: &mut [Interval], all: &[Told], open: impl Fn(usize) -> Option<Interval>) {
    let shown: Vec<Option<Interval>> = (0..figures.len()).map(open).collect();
    let mut news: Vec<(usize, Interval)> = Vec::new();
    for _ in 0..ROUNDS {
        let mut narrower = false;
        for told in all {
            news.clear();
            let term = |&(at, sign): &(usize, f64), figures: &[Interval]| {
                let own = shown[at].unwrap_or(figures[at]);
                if sign > 0.0 { own } else { Interval { low: -own.high, high: -own.low } }
            };
            let all = told.terms.iter().map(|one| term(one, figures));
            let (low, high) = all.fold((0.0, 0.0), |sum, own| (sum.0 + own.low, sum.1 + own.high));
            for one in told.terms.iter().filter(|(at, _)| shown[*at].is_none()) {
                let own = term(one, figures);
                // Sums of bounds end a hair beside what they are.
                let rest = Interval {
                    low: told.sum.low - (high - own.high) - HAIR,
                    high: told.sum.high - (low - own.low) + HAIR,
                };
                let rest =
                    if one.1 > 0.0 { rest } else { Interval { low: -rest.high, high: -rest.low } };
                let new = figures[one.0].and(rest);
                if new != figures[one.0] {
                    news.push((one.0, new));
                }
            }
            narrower |= !news.is_empty();
            for (at, new) in &news {
                figures[*at] = *new;
            }
        }
        if !narrower {
            return;
        }
    }
}

//! What the texts of a column mean by a crosswalk, and how the answers are spread.

use std::collections::BTreeMap;

use survey::codebook::{Becomes, Concept, Crosswalk, Item, Kind};

use crate::delivered::Values;

/// How the answers of a concept are spread.
#[derive(Debug, Clone, PartialEq)]
pub enum Spread {
    /// Share of each code.
    Codes(BTreeMap<String, f64>),
    /// Eleven points from the least to the greatest.
    Numbers(Vec<f64>),
}

/// What a column comes to as one concept.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Share of the filled cells that mean something.
    pub known: f64,
    /// Each text with what it means, for those that mean something.
    pub meanings: BTreeMap<String, Meaning>,
    /// Texts that mean nothing, with how often each occurs.
    pub unknown: BTreeMap<String, u64>,
    pub spread: Option<Spread>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    Code(String),
    Missing(survey::MissingReason),
    Number(f64),
    Other,
}

/// A number in either form of its decimal sign.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = if text.contains('.') { text.to_owned() } else { text.replace(',', ".") };
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The column's texts by the crosswalk of an item, or by the kind of its concept where there is none.
pub fn reading(
    values: &Values,
    concept: &Concept,
    crosswalk: Option<&Crosswalk>,
    range: (Option<f64>, Option<f64>),
) -> Reading {
    let (mut meanings, mut unknown) = (BTreeMap::new(), BTreeMap::new());
    let mut known = 0;
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    let mut numbers: Vec<(f64, u64)> = Vec::new();
    for (text, count) in values.counts() {
        let Some(meaning) = meaning(text, concept, crosswalk, range) else {
            unknown.insert(text.to_owned(), count);
            continue;
        };
        known += count;
        match &meaning {
            Meaning::Code(code) => *codes.entry(code.clone()).or_default() += count,
            Meaning::Number(number) => numbers.push((*number, count)),
            Meaning::Missing(_) | Meaning::Other => {}
        }
        meanings.insert(text.to_owned(), meaning);
    }
    let implied = crosswalk.and_then(|crosswalk| crosswalk.recodes.get("<empty>"));
    if let Some(Becomes::Code(code)) = implied.map(|recode| &recode.becomes) {
        *codes.entry(code.clone()).or_default() += values.empty;
    }
    let spread = if concept.kind == Kind::Number {
        points(numbers).map(Spread::Numbers)
    } else {
        let all: u64 = codes.values().sum();
        let share = |(code, count)| (code, count as f64 / all as f64);
        (all > 0).then(|| Spread::Codes(codes.into_iter().map(share).collect()))
    };
    let share = if values.filled == 0 { 0.0 } else { known as f64 / values.filled as f64 };
    Reading { known: share, meanings, unknown, spread }
}

/// As one of several answers in a cell: chosen or not.
pub fn option_reading(values: &Values) -> Reading {
    let all = values.filled.max(1) as f64;
    let codes = values.counts().map(|(text, count)| (text.to_owned(), count as f64 / all));
    Reading {
        known: 1.0,
        meanings: BTreeMap::new(),
        unknown: BTreeMap::new(),
        spread: Some(Spread::Codes(codes.collect())),
    }
}

fn meaning(
    text: &str,
    concept: &Concept,
    crosswalk: Option<&Crosswalk>,
    range: (Option<f64>, Option<f64>),
) -> Option<Meaning> {
    let recode = |text: &str| crosswalk.and_then(|crosswalk| crosswalk.recodes.get(text));
    let number = number(text);
    let found = recode(text).or_else(|| recode(&number?.to_string()));
    match found.map(|recode| &recode.becomes) {
        Some(Becomes::Code(code)) if concept.kind == Kind::Number => {
            return code.parse().ok().map(Meaning::Number);
        }
        Some(Becomes::Code(code)) => return Some(Meaning::Code(code.clone())),
        Some(Becomes::Missing(reason)) => return Some(Meaning::Missing(*reason)),
        Some(Becomes::Itself) | None => {}
    }
    let takes_numbers = crosswalk.is_none() || recode("<number>").is_some();
    match concept.kind {
        Kind::Number if takes_numbers => {
            let fits = |number: &f64| {
                range.0.is_none_or(|least| *number >= least)
                    && range.1.is_none_or(|most| *number <= most)
            };
            number.filter(fits).map(Meaning::Number)
        }
        Kind::Date if crosswalk.is_none() => looks_like_date(text).then_some(Meaning::Other),
        Kind::Text if crosswalk.is_none() => Some(Meaning::Other),
        _ => None,
    }
}

/// Day, month and year in some order with signs between.
fn looks_like_date(text: &str) -> bool {
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number) && parts.iter().any(|part| part.len() == 4)
}

/// Eleven points of the numbers, each with how often it occurs.
fn points(mut numbers: Vec<(f64, u64)>) -> Option<Vec<f64>> {
    numbers.sort_by(|left, right| left.0.total_cmp(&right.0));
    let all: u64 = numbers.iter().map(|(_, count)| count).sum();
    let last = all.checked_sub(1)?;
    let at = |rank: u64| {
        let mut below = 0;
        numbers.iter().find_map(|(number, count)| {
            below += count;
            (rank < below).then_some(*number)
        })
    };
    (0..=10).map(|tenth| at(last * tenth / 10)).collect()
}

impl Spread {
    /// How alike two spreads are, from 0 to 1.
    pub fn likeness(&self, other: &Self) -> f64 {
        match (self, other) {
            (Self::Codes(one), Self::Codes(other)) => 1.0 - distance(one, other),
            (Self::Numbers(one), Self::Numbers(other)) => {
                let range = one
                    .iter()
                    .chain(other)
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), number| {
                        (least.min(*number), most.max(*number))
                    });
                let width = (range.1 - range.0).max(f64::MIN_POSITIVE);
                let apart: f64 =
                    one.iter().zip(other).map(|(one, other)| (one - other).abs()).sum();
                1.0 - (apart / 11.0 / width).min(1.0)
            }
            _ => 0.0,
        }
    }
}

/// The share that would have to move.
pub(crate) fn distance(one: &BTreeMap<String, f64>, other: &BTreeMap<String, f64>) -> f64 {
    let of =
        |shares: &BTreeMap<String, f64>, code: &String| shares.get(code).copied().unwrap_or(0.0);
    let mut codes: Vec<&String> = one.keys().chain(other.keys()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.iter().map(|code| (of(one, code) - of(other, code)).abs()).sum::<f64>() / 2.0
}

/// The range of an item.
pub(crate) fn range(item: &Item) -> (Option<f64>, Option<f64>) {
    (item.minimum, item.maximum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_of_the_same_answers_are_alike() {
        let codes = |yes: f64| {
            Spread::Codes([("yes".to_owned(), yes), ("no".to_owned(), 1.0 - yes)].into())
        };
        assert!((codes(0.6).likeness(&codes(0.5)) - 0.9).abs() < 1e-9);
        let numbers =
            |from: f64| Spread::Numbers((0..=10).map(|step| from + f64::from(step)).collect());
        assert!(numbers(0.0).likeness(&numbers(0.0)) > 0.999);
        assert!(numbers(0.0).likeness(&numbers(100.0)) < 0.1);
        assert!(codes(1.0).likeness(&numbers(1.0)) < 0.1);
    }

    #[test]
    fn points_count_each_number_as_often_as_it_occurs() {
        let found = points(vec![(3.0, 1), (1.0, 9)]).unwrap_or_default();
        assert_eq!((found[0], found[9], found[10]), (1.0, 1.0, 3.0));
        assert_eq!(points(Vec::new()), None);
    }

    #[test]
    fn dates_have_a_day_a_month_and_a_year_of_four_digits() {
        assert!(looks_like_date("2025-03-01 08:00:00") && looks_like_date("1/3/2025"));
        assert!(!looks_like_date("1.5") && !looks_like_date("2025"));
    }
}

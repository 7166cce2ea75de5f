//! Texts that others are compared with: runs of letters count by how rare they are among them (TF-IDF), short texts also by
//! the letters that would have to change.

use std::collections::BTreeMap;

use crate::grams::grams;
use crate::normal::normal;

/// Up to this length the letters that would have to change count too: in a name every letter matters, in a sentence the words.
const SHORT: usize = 40;
/// A word put before or behind a name is the usual change.
const WORD_ADDED: f64 = 0.9;
/// Only the spaces differ.
const SQUEEZED: f64 = 0.98;
const LEAST_LETTERS: usize = 3;
/// Of names that share fewer letters the changes are not counted: they would be most of them.
const LEAST_SHARED: f64 = 0.5;

/// Texts to compare with.
#[derive(Debug, Clone)]
pub struct Texts {
    normals: Vec<String>,
    /// By run: its weight, and the texts that have it with their share of it.
    runs: BTreeMap<String, Run>,
    /// The weight of a run that no text has.
    rarest: f64,
}

#[derive(Debug, Clone, Default)]
struct Run {
    weight: f64,
    of: Vec<(usize, f64)>,
}

/// A text that is like another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Its place among the texts.
    pub place: usize,
    pub likeness: f64,
}

impl Texts {
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let normals: Vec<String> = texts.into_iter().map(normal).collect();
        let counted: Vec<_> = normals.iter().map(|text| grams(text)).collect();
        let mut runs: BTreeMap<String, Run> = BTreeMap::new();
        for (place, counts) in counted.into_iter().enumerate() {
            for (run, count) in counts {
                runs.entry(run).or_default().of.push((place, damped(count)));
            }
        }
        let all = normals.len() as f64;
        let weight = |texts: f64| ((1.0 + all) / (1.0 + texts)).ln() + 1.0;
        let mut texts = Self { normals, runs, rarest: weight(0.0) };
        for run in texts.runs.values_mut() {
            run.weight = weight(run.of.len() as f64);
        }
        texts.scale();
        texts
    }

    /// Makes every text a vector of length 1.
    fn scale(&mut self) {
        let mut squares = vec![0.0; self.normals.len()];
        for run in self.runs.values() {
            for (place, share) in &run.of {
                squares[*place] += (share * run.weight).powi(2);
            }
        }
        for run in self.runs.values_mut() {
            for (place, share) in &mut run.of {
                *share *= run.weight / squares[*place].sqrt();
            }
        }
    }

    /// How alike a text is to each of these, from 0 to 1.
    pub fn likeness(&self, text: &str) -> Vec<f64> {
        let wanted = normal(text);
        let mut likeness = self.by_runs(&wanted);
        let letters = wanted.chars().count();
        for (near, other) in likeness.iter_mut().zip(&self.normals) {
            *near = near.max(by_letters(&wanted, letters, other)).clamp(0.0, 1.0);
        }
        likeness
    }

    /// Those at least so much alike, the likest first.
    pub fn likest(&self, text: &str, least: f64) -> Vec<Near> {
        let all = self.likeness(text).into_iter().enumerate();
        let mut near: Vec<Near> = all.map(|(place, likeness)| Near { place, likeness }).collect();
        near.retain(|near| near.likeness >= least);
        near.sort_by(|left, right| {
            right.likeness.total_cmp(&left.likeness).then(left.place.cmp(&right.place))
        });
        near
    }

    fn by_runs(&self, wanted: &str) -> Vec<f64> {
        let mut products = vec![0.0; self.normals.len()];
        let mut square = 0.0;
        for (run, count) in grams(wanted) {
            let run = self.runs.get(&run);
            let share = damped(count) * run.map_or(self.rarest, |run| run.weight);
            square += share * share;
            for (place, of) in run.into_iter().flat_map(|run| &run.of) {
                products[*place] += share * of;
            }
        }
        if square > 0.0 {
            let length = f64::sqrt(square);
            for product in &mut products {
                *product /= length;
            }
        }
        products
    }
}

/// A run that comes back says less each time.
fn damped(count: u32) -> f64 {
    1.0 + f64::from(count).ln()
}

/// Of two normal texts.
fn by_letters(one: &str, letters: usize, other: &str) -> f64 {
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    if one == other {
        return 1.0;
    }
    let others = other.chars().count();
    if letters > SHORT || others > SHORT {
        return 0.0;
    }
    let squeezed = |text: &str| text.replace(' ', "");
    if squeezed(one) == squeezed(other) {
        return SQUEEZED;
    }
    let (shorter, longer) = if letters < others { (one, other) } else { (other, one) };
    let is_added = letters.min(others) >= LEAST_LETTERS
        && (longer.strip_prefix(shorter).is_some_and(|rest| rest.starts_with(' '))
            || longer.strip_suffix(shorter).is_some_and(|rest| rest.ends_with(' ')));
    let changed = if shared(one, other) < LEAST_SHARED * letters.max(others) as f64 {
        0.0
    } else {
        strsim::normalized_damerau_levenshtein(one, other)
    };
    if is_added { changed.max(WORD_ADDED) } else { changed }
}

/// Letters that two texts have both, wherever they stand: no more can stay where one is changed into the other.
fn shared(one: &str, other: &str) -> f64 {
    let mut left: Vec<char> = other.chars().collect();
    let found = one.chars().filter(|letter| {
        let at = left.iter().position(|other| other == letter);
        at.map(|at| left.swap_remove(at)).is_some()
    });
    found.count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_texts_share_counts_less_than_what_only_one_has() {
        let battery = [
            "Welke digitale toepassingen gebruikt u? – Patiëntportaal",
            "Welke digitale toepassingen gebruikt u? – E-consult",
            "Welke digitale toepassingen gebruikt u? – Videobellen",
        ];
        let near =
            Texts::of(battery).likest("Welke eHealth gebruikt u? – Beeldbellen via video", 0.0);
        assert_eq!(near[0].place, 2);
    }

    #[test]
    fn a_word_put_before_or_behind_a_name_changes_it_little() {
        let of = |one: &str, other: &str| Texts::of([other]).likeness(one)[0];
        assert!(of("geslacht", "geslacht respondent") >= WORD_ADDED);
        assert!(of("v1 geslacht", "geslacht") >= WORD_ADDED);
        assert!(of("V1", "V10_3") < 0.6);
    }
}

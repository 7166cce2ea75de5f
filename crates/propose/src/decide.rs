//! What no program may guess: questions that were split, turned around, put on another scale or reworded.

use std::collections::BTreeMap;

use likeness::likeness;
use survey::codebook::{Codebook, Concept, Item, Kind};

use crate::answers::{Reading, Spread, distance};
use crate::earlier::Earlier;
use crate::matching::Matching;
use crate::unit::Unit;
use crate::words::anchors;

/// A share that was there before is missed from here on.
const MISSED: f64 = 0.05;
const ENOUGH_CELLS: u64 = 50;
/// So much farther must the answers be from those before than they are when turned around.
const TURNED: f64 = 0.3;
/// A scale that ends so much lower is another one.
const SHORTER: f64 = 0.6;
/// Questions less alike than this are not the same without somebody's word.
const SAME_WORDS: f64 = 0.85;
/// Two columns about as like one item, neither of them quite: the question may have been split.
const HALVES: f64 = 0.1;
const HALF: f64 = 0.6;
const WHOLE: f64 = 0.97;

/// Doubts about the answers of a column as an item's concept, against the item's answers before.
pub fn of_answers(
    codebook: &Codebook,
    earlier: &Earlier,
    concept: &Concept,
    like: &Item,
    unit: &Unit,
    reading: &Reading,
) -> Vec<String> {
    let mut doubts = Vec::new();
    doubts.extend(of_anchors(like.question.plain(), &unit.question));
    let (Some(before), Some(now)) = (earlier.spread(like), &reading.spread) else { return doubts };
    if unit.values.filled < ENOUGH_CELLS {
        return doubts;
    }
    let place = format!("{} {}", like.panel, like.wave);
    match (before, now) {
        (Spread::Codes(before), Spread::Codes(now)) => {
            let codes = codebook.codes(concept);
            if concept.kind == Kind::Category && is_turned(&codes, before, now) {
                doubts.push(format!(
                    "reversed? the answers are spread as in {place} when turned around"
                ));
            }
            let gone = |one: &BTreeMap<String, f64>, other: &BTreeMap<String, f64>| {
                let often = one.iter().filter(|(_, share)| **share >= MISSED);
                let gone = often.filter(|(code, _)| !other.contains_key(*code));
                gone.map(|(code, _)| format!("`{code}`")).collect::<Vec<_>>().join(", ")
            };
            let (less, more) = (gone(before, now), gone(now, before));
            if !less.is_empty() {
                doubts.push(format!("rescaled? no cell is {less}, which {place} has"));
            }
            if !more.is_empty() {
                doubts.push(format!("rescaled? {more} is new since {place}"));
            }
        }
        (Spread::Numbers(before), Spread::Numbers(now)) => {
            let is_scale = like.minimum.is_some() && like.maximum.is_some_and(|most| most <= 100.0);
            let (before, now) = (before[10], now[10]);
            if is_scale && before > 0.0 && (now <= before * SHORTER || before <= now * SHORTER) {
                doubts.push(format!("rescaled? the greatest number is {now}, in {place} {before}"));
            }
        }
        _ => {}
    }
    doubts
}

fn is_turned(codes: &[&str], before: &BTreeMap<String, f64>, now: &BTreeMap<String, f64>) -> bool {
    let other_end = |code: &String| {
        let at = codes.iter().position(|other| other == code)?;
        Some(codes[codes.len() - 1 - at].to_owned())
    };
    let turned = now.iter().filter_map(|(code, share)| Some((other_end(code)?, *share)));
    let turned: BTreeMap<String, f64> = turned.collect();
    codes.len() > 1 && distance(before, now) - distance(before, &turned) > TURNED
}

/// The ends of a scale, as the questions name them.
fn of_anchors(before: &str, now: &str) -> Option<String> {
    let ([one, other], [first, second]) = (anchors(before)?, anchors(now)?);
    if one.1 == second.1 && other.1 == first.1 && one.1 != other.1 {
        Some("reversed? the ends of the scale changed places".to_owned())
    } else if (one.0, other.0) != (first.0, second.0) {
        Some(format!(
            "rescaled? from {} to {} instead of {} to {}",
            first.0, second.0, one.0, other.0
        ))
    } else {
        None
    }
}

/// How the question differs from the one before: none where it is the same, else whether somebody has to look.
pub fn of_words(before: &str, now: &str) -> Option<(f64, bool)> {
    if before.is_empty() || now.is_empty() {
        return None;
    }
    let alike = likeness(before, now);
    (alike < 0.9999).then_some((alike, alike < SAME_WORDS))
}

/// For each unit the header of another one that may be the other half of its question.
pub fn halves(units: &[Unit], matching: &Matching<'_>) -> BTreeMap<usize, String> {
    let mut halves = BTreeMap::new();
    for (at, found) in matching.matches.iter().enumerate() {
        let Some(item) = found.item else { continue };
        if found.evidence.question.is_none_or(|question| question >= WHOLE) {
            continue;
        }
        for (other, left) in matching.matches.iter().enumerate() {
            let Some((name, score)) = left.ranking.first() else { continue };
            let is_near = (found.evidence.score - score).abs() < HALVES && *score >= HALF;
            if left.item.is_none() && *name == item.concept && is_near {
                halves.insert(at, units[other].header.clone());
                halves.insert(other, units[at].header.clone());
            }
        }
    }
    halves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_are_turned_around_are_seen() {
        let shares = |shares: [f64; 3]| -> BTreeMap<String, f64> {
            ["low", "middle", "high"].map(str::to_owned).into_iter().zip(shares).collect()
        };
        let codes = ["low", "middle", "high"];
        assert!(is_turned(&codes, &shares([0.1, 0.3, 0.6]), &shares([0.6, 0.3, 0.1])));
        assert!(!is_turned(&codes, &shares([0.1, 0.3, 0.6]), &shares([0.2, 0.3, 0.5])));
    }

    #[test]
    fn ends_of_a_scale_that_change_places_or_numbers_are_seen() {
        let check = |now: &str, expected: Option<&str>| {
            let found = of_anchors("Invloed (0 = slecht, 10 = goed)", now);
            assert_eq!(found.as_deref().map(|text| &text[..9]), expected, "{now}");
        };
        check("Impact (0 = slecht, 10 = goed)", None);
        check("Invloed (0 = goed, 10 = slecht)", Some("reversed?"));
        check("Invloed (1 = slecht, 5 = goed)", Some("rescaled?"));
        check("Invloed", None);
    }

    #[test]
    fn a_reworded_question_is_told_from_the_same() {
        assert_eq!(of_words("Hoe oud bent u?", "hoe oud bent u"), None);
        assert!(of_words("Hoe oud bent u?", "Hoe oud bent u nu?").is_some_and(|(_, far)| !far));
        assert!(of_words("Hoe oud bent u?", "Wat is uw geboortejaar?").is_some_and(|(_, far)| far));
        assert_eq!(of_words("", "Hoe oud bent u?"), None);
    }
}

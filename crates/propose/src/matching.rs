//! Which column is which concept, one to one.

use likeness::assign;
use survey::Wave;
use survey::codebook::{Codebook, Item, Role};

use crate::earlier::Earlier;
use crate::score::{Candidates, Evidence};
use crate::unit::Unit;

/// Below this a column is like nothing that was asked before.
const LEAST: f64 = 0.5;
/// Where no question tells; what is paired so is never taken without being looked at.
const LEAST_WITHOUT_QUESTION: f64 = 0.3;
/// What only other panels were asked has to be liker: it may as well be a new question.
const LEAST_OF_OTHERS: f64 = 0.75;
const LEAST_OF_OTHERS_WITHOUT_QUESTION: f64 = 0.6;
/// Scores are raised to it before they are added: one good pair is better than two fair ones.
const POWER: i32 = 4;

/// The columns of a delivery as one panel's concepts.
#[derive(Debug)]
pub struct Matching<'a> {
    /// By unit.
    pub matches: Vec<Match<'a>>,
    /// Items of the panel's latest wave that no column is like.
    pub dropped: Vec<&'a Item>,
    pub latest: Option<Wave>,
}

/// What a column is likest to.
#[derive(Debug, Default)]
pub struct Match<'a> {
    /// The item after which it is read, where it is like one.
    pub item: Option<&'a Item>,
    pub evidence: Evidence,
    /// Concepts by score, the best first, five at most.
    pub ranking: Vec<(&'a str, f64)>,
    /// The concept with the highest score beside the one it was given.
    pub runner_up: Option<(&'a str, f64)>,
}

/// Finds for each unit the concept that it is, for a panel in a wave; own items of that wave are not looked at.
pub fn matching<'a>(
    codebook: &'a Codebook,
    earlier: &'a Earlier,
    panel: &'a str,
    wave: Wave,
    beside: &[String],
    units: &[Unit],
) -> Matching<'a> {
    let candidates = Candidates::of(codebook, earlier, panel, wave, beside);
    let evidence: Vec<Vec<Evidence>> = units
        .iter()
        .map(|unit| {
            let mut evidence = candidates.evidence(unit);
            for (of, candidate) in evidence.iter_mut().zip(&candidates.all) {
                let is_identifier = candidate.concept.role == Role::Identifier;
                if unit.is_id != is_identifier {
                    of.score = 0.0;
                } else if is_identifier {
                    of.score = 1.0;
                }
            }
            evidence
        })
        .collect();
    let gain = |of: &Evidence, is_own: bool| {
        let least = match (of.question.is_some(), is_own) {
            (true, true) => LEAST,
            (true, false) => LEAST_OF_OTHERS,
            (false, true) => LEAST_WITHOUT_QUESTION,
            (false, false) => LEAST_OF_OTHERS_WITHOUT_QUESTION,
        };
        if of.score < least { 0.0 } else { of.score.powi(POWER) }
    };
    let gains_of = |of_unit: &Vec<Evidence>| {
        let all = of_unit.iter().zip(&candidates.all);
        all.map(|(of, candidate)| gain(of, candidate.is_own(panel))).collect()
    };
    let gains: Vec<Vec<f64>> = evidence.iter().map(gains_of).collect();
    let pairs = assign(&gains);
    let matches: Vec<Match<'a>> = pairs
        .iter()
        .zip(&evidence)
        .map(|(pair, of_unit)| match_of(&candidates, *pair, of_unit))
        .collect();
    let is_found = |item: &&Item| {
        matches.iter().any(|found| found.item.is_some_and(|of| of.concept == item.concept))
    };
    let own = codebook.items.iter();
    let own = own.filter(|item| item.panel == panel && Some(item.wave) == candidates.latest);
    let dropped = own.filter(|item| !is_found(item)).collect();
    Matching { dropped, latest: candidates.latest, matches }
}

/// The pair of a unit, and what else it is like.
fn match_of<'a>(
    candidates: &Candidates<'a>,
    pair: Option<usize>,
    of_unit: &[Evidence],
) -> Match<'a> {
    let named = candidates.all.iter().zip(of_unit).enumerate();
    let mut ranking: Vec<(usize, &str, f64)> = named
        .map(|(place, (candidate, of))| (place, candidate.concept.concept.as_str(), of.score))
        .collect();
    ranking.sort_by(|left, right| right.2.total_cmp(&left.2).then(left.1.cmp(right.1)));
    if let Some(at) = ranking.iter().position(|(place, ..)| Some(*place) == pair) {
        let own = ranking.remove(at);
        ranking.insert(0, own);
    }
    let runner_up = ranking.get(usize::from(pair.is_some()));
    let runner_up = runner_up.map(|(_, name, score)| (*name, *score));
    let best = pair.or_else(|| ranking.first().map(|(place, ..)| *place));
    Match {
        item: pair.map(|place| candidates.all[place].items[0]),
        evidence: best.map(|place| of_unit[place]).unwrap_or_default(),
        ranking: ranking.iter().take(5).map(|(_, name, score)| (*name, *score)).collect(),
        runner_up: runner_up.filter(|(_, score)| *score > 0.0),
    }
}

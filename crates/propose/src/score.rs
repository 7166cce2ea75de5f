//! How much speaks for a column being a concept: question, header, answers, their spread, place.

use std::collections::BTreeMap;

use likeness::Texts;
use survey::Wave;
use survey::codebook::{Codebook, Concept, Item};

use crate::answers::{Spread, option_reading, range, reading};
use crate::earlier::Earlier;
use crate::unit::Unit;
use crate::words::{index, tail};

/// A concept that may be asked, with how it was asked before.
#[derive(Debug)]
pub struct Candidate<'a> {
    pub concept: &'a Concept,
    /// The nearest first: the same panel's, the latest wave's.
    pub items: Vec<&'a Item>,
    /// Places of its texts: whole, last part, and how much they count.
    texts: Vec<(usize, Option<usize>, f64)>,
    /// Place of its column in the panel's latest wave among the headers.
    header: Option<usize>,
    /// Where its nearest item stands among those of its panel-wave, from 0 to 1.
    place: f64,
}

/// What speaks for a pair.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Evidence {
    /// How alike the questions are; none where the column has no text.
    pub question: Option<f64>,
    pub header: f64,
    /// Share of the cells that a crosswalk of the concept knows; none where no cell is filled.
    pub answers: Option<f64>,
    /// None where nothing is known of earlier answers.
    pub spread: Option<f64>,
    pub place: f64,
    pub score: f64,
}

/// A panel's own question counts full, another panel's a little less.
const SISTER: f64 = 0.97;
/// A label says less than the question.
const LABEL: f64 = 0.85;
/// Without a question nobody can be sure.
const WITHOUT_QUESTION: f64 = 0.95;
/// Where the question is another one, all else together says that it may have been reworded.
const AGAINST_QUESTION: f64 = 0.6;
/// What only other panels were asked is less likely where no question tells.
const STRANGER: f64 = 0.8;

impl Candidate<'_> {
    /// Whether the panel itself was asked it before.
    pub fn is_own(&self, panel: &str) -> bool {
        self.items[0].panel == panel
    }
}

/// All candidates of one panel in one wave, and their texts.
pub struct Candidates<'a> {
    pub all: Vec<Candidate<'a>>,
    texts: Texts,
    /// Columns of the panel's latest wave.
    headers: Texts,
    codebook: &'a Codebook,
    earlier: &'a Earlier,
    panel: &'a str,
    /// The panel's latest wave before.
    pub latest: Option<Wave>,
}

impl<'a> Candidates<'a> {
    /// What the panels beside it in a delivery were asked, and it never was, is theirs.
    pub fn of(
        codebook: &'a Codebook,
        earlier: &'a Earlier,
        panel: &'a str,
        wave: Wave,
        beside: &[String],
    ) -> Self {
        let known = |item: &&Item| {
            if item.panel == panel { item.wave < wave } else { item.wave <= wave }
        };
        let mut items: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
        for item in codebook.items.iter().filter(known) {
            items.entry(&item.concept).or_default().push(item);
        }
        let own = codebook.items.iter().filter(known).filter(|item| item.panel == panel);
        let latest = own.map(|item| item.wave).max();
        let mut strings: Vec<String> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut place_of = |text: &str| {
            *places.entry(text.to_owned()).or_insert_with(|| {
                strings.push(text.to_owned());
                strings.len() - 1
            })
        };
        let (mut all, mut headers) = (Vec::new(), Vec::new());
        for concept in &codebook.concepts {
            let Some(mut items) = items.remove(concept.concept.as_str()) else { continue };
            let is_asked = |panel: &str| items.iter().any(|item| item.panel == panel);
            if !is_asked(panel) && beside.iter().any(|other| is_asked(other)) {
                continue;
            }
            items.sort_by_key(|item| (item.panel != panel, wave - item.wave, item.line.0));
            let mut texts = Vec::new();
            for item in &items {
                let asked = item.question.texts().chain(earlier.question(item));
                for question in asked.filter(|question| !question.is_empty()) {
                    let own = if item.panel == panel { 1.0 } else { SISTER };
                    let end = Some(item.option.as_str()).filter(|option| !option.is_empty());
                    let end = end.or_else(|| tail(question)).map(&mut place_of);
                    texts.push((place_of(question), end, own));
                }
            }
            let name = concept.concept.replace('_', " ");
            for label in concept.label.texts().chain([name.as_str()]) {
                texts.push((place_of(label), None, LABEL));
            }
            texts.sort_by(|left, right| right.2.total_cmp(&left.2));
            texts.dedup_by_key(|(whole, end, _)| (*whole, *end));
            let own = items.iter().find(|item| item.panel == panel && Some(item.wave) == latest);
            let header = own.map(|item| {
                headers.push(item.column.as_str());
                headers.len() - 1
            });
            let place = place_among(codebook, items[0]);
            all.push(Candidate { concept, items, texts, header, place });
        }
        let headers = Texts::of(headers);
        let texts = Texts::of(strings.iter().map(String::as_str));
        Self { all, texts, headers, codebook, earlier, panel, latest }
    }

    /// What speaks for each candidate.
    pub fn evidence(&self, unit: &Unit) -> Vec<Evidence> {
        let asked = if unit.question.is_empty() { &unit.header } else { &unit.question };
        let whole = self.texts.likeness(asked);
        let end = (!unit.tail.is_empty()).then(|| self.texts.likeness(&unit.tail));
        let headers = self.headers.likeness(&unit.header);
        let of_question = |candidate: &Candidate<'_>| {
            let of_text = |(at, at_end, weight): &(usize, Option<usize>, f64)| {
                let alike = match (&end, at_end) {
                    (Some(end), Some(at_end)) => 0.5 * whole[*at] + 0.5 * end[*at_end],
                    (Some(end), None) => whole[*at].max(end[*at]),
                    (None, Some(at_end)) => whole[*at].max(LABEL * whole[*at_end]),
                    (None, None) => whole[*at],
                };
                alike * weight
            };
            candidate.texts.iter().map(of_text).fold(0.0, f64::max)
        };
        let mut memo = BTreeMap::new();
        self.all
            .iter()
            .map(|candidate| {
                let question = of_question(candidate);
                let (answers, spread) = self.of_answers(unit, candidate, &mut memo);
                let header = self.of_header(unit, candidate, &headers);
                let place = of_place(unit, candidate);
                let has_question = !unit.question.is_empty();
                let own = if candidate.is_own(self.panel) { 1.0 } else { STRANGER };
                let beside_question = own
                    * weighted(&[
                        (0.30, Some(if has_question { header } else { header.max(question) })),
                        (0.15, answers),
                        (0.30, spread),
                        (0.25, Some(place)),
                    ]);
                let score = if has_question {
                    let all = weighted(&[
                        (0.70, Some(question)),
                        (0.05, Some(header)),
                        (0.13, answers),
                        (0.07, spread),
                        (0.05, Some(place)),
                    ]);
                    all.max(AGAINST_QUESTION * beside_question)
                } else {
                    WITHOUT_QUESTION * beside_question
                };
                let question = has_question.then_some(question);
                Evidence { question, header, answers, spread, place, score }
            })
            .collect()
    }

    /// The same header in the panel's own latest wave says most.
    fn of_header(&self, unit: &Unit, candidate: &Candidate<'_>, headers: &[f64]) -> f64 {
        let of_item = |item: &&Item| {
            let same = item.column == unit.header || item.aliases.contains(&unit.header);
            if !same || item.occurrence != unit.occurrence {
                0.0
            } else if item.panel != self.panel {
                0.8
            } else if Some(item.wave) == self.latest {
                1.0
            } else {
                0.9
            }
        };
        let like = candidate.header.map_or(0.0, |place| 0.6 * headers[place]);
        candidate.items.iter().map(of_item).fold(like, f64::max)
    }

    /// The largest share of the cells that any crosswalk of the concept knows, and how alike the answers are spread by it.
    fn of_answers(
        &self,
        unit: &Unit,
        candidate: &Candidate<'a>,
        memo: &mut BTreeMap<Memo<'a>, (f64, Option<Spread>)>,
    ) -> (Option<f64>, Option<f64>) {
        if unit.values.filled == 0 {
            return (None, None);
        }
        let mut best: Option<(f64, Option<f64>)> = None;
        let mut seen = Vec::new();
        for item in &candidate.items {
            let crosswalk = item.crosswalk.as_str();
            let (least, most) = range(item);
            let kind = (candidate.concept.kind, least.map(f64::to_bits), most.map(f64::to_bits));
            let key = (crosswalk, kind, unit.option.is_empty());
            if seen.contains(&key) || (unit.option.is_empty() != item.option.is_empty()) {
                continue;
            }
            seen.push(key);
            let (known, spread) = memo.entry(key).or_insert_with(|| {
                let reading = if unit.option.is_empty() {
                    let crosswalk = self.codebook.crosswalks.get(crosswalk);
                    reading(&unit.values, candidate.concept, crosswalk, (least, most))
                } else {
                    option_reading(&unit.values)
                };
                (reading.known, reading.spread)
            });
            let before = candidate.items.iter().find_map(|item| self.earlier.spread(item));
            let alike = spread.as_ref().zip(before);
            let alike = alike.map(|(spread, before)| spread.likeness(before).powi(2));
            let found = (*known, alike);
            if best.is_none_or(|best| {
                (best.0, best.1.unwrap_or(0.0)) < (found.0, found.1.unwrap_or(0.0))
            }) {
                best = Some(found);
            }
        }
        let (known, alike) = best.unwrap_or((0.5, None));
        (Some(known), alike)
    }
}

type Memo<'a> = (&'a str, (survey::codebook::Kind, Option<u64>, Option<u64>), bool);

/// Parts with their weights; what is not known leaves its weight to the others.
fn weighted(parts: &[(f64, Option<f64>)]) -> f64 {
    let known = parts.iter().filter_map(|(weight, part)| Some((weight, (*part)?)));
    let (sum, weights) = known
        .fold((0.0, 0.0), |(sum, weights), (weight, part)| (sum + weight * part, weights + weight));
    if weights > 0.0 { sum / weights } else { 0.0 }
}

fn of_place(unit: &Unit, candidate: &Candidate<'_>) -> f64 {
    let near = 1.0 - (unit.place - candidate.place).abs();
    let same = match (index(&unit.header), index(&candidate.items[0].column)) {
        (Some(one), Some(other)) => f64::from(u8::from(one == other)),
        _ => 0.5,
    };
    0.7 * near + 0.3 * same
}

fn place_among(codebook: &Codebook, of: &Item) -> f64 {
    let beside = |item: &&Item| item.panel == of.panel && item.wave == of.wave;
    let lines: Vec<u32> = codebook.items.iter().filter(beside).map(|item| item.line.0).collect();
    let before = lines.iter().filter(|line| **line < of.line.0).count();
    before as f64 / lines.len().saturating_sub(1).max(1) as f64
}

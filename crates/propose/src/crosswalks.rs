//! Which crosswalk reads a column: the panel's own before those of others, held against the delivered texts.

use std::collections::{BTreeMap, BTreeSet};

use likeness::normal;
use survey::codebook::{Becomes, Codebook, Concept, Item, Kind};

use crate::answers::{Reading, option_reading, range, reading};
use crate::draft::{Decision, DraftCrosswalk};
use crate::unit::Unit;

/// A crosswalk that knows so much of the cells fits; the rest are slips of the pen.
const FITS: f64 = 0.98;
/// A column of numbers of which so many are known is on no other scale.
const NEARLY: f64 = 0.9;
/// One that knows less than this is no start.
const START: f64 = 0.5;
/// Texts that occur less often, or in columns of more different ones, may be somebody's own words: they are not shown.
const LEAST_OFTEN: u64 = 5;
const MOST_DISTINCT: usize = 20;

/// The crosswalk of a row, and what it makes of the column.
#[derive(Debug)]
pub struct Choice {
    pub crosswalk: String,
    pub reading: Reading,
    /// Why somebody has to decide.
    pub doubts: Vec<String>,
    /// Where the crosswalk comes from.
    pub origin: String,
    /// Rows of a crosswalk that is not there yet.
    pub rows: Vec<DraftCrosswalk>,
}

/// A crosswalk that may be meant, as an item used it.
struct Fit<'a> {
    item: &'a Item,
    reading: Reading,
}

/// Chooses for a unit as the concept of an item, in the range that it will have.
pub fn choose(
    codebook: &Codebook,
    concept: &Concept,
    like: &Item,
    row: &Item,
    unit: &Unit,
) -> Choice {
    if !unit.option.is_empty() {
        let crosswalk = if like.option.is_empty() { "" } else { &like.crosswalk };
        return Choice {
            crosswalk: crosswalk.to_owned(),
            reading: option_reading(&unit.values),
            doubts: Vec::new(),
            origin: "chosen or not".to_owned(),
            rows: Vec::new(),
        };
    }
    let options = options(codebook, concept, like, row, unit);
    let fits = |option: &&Fit<'_>| option.reading.known >= FITS;
    if let Some(chosen) = options.iter().find(fits) {
        let is_before = chosen.item.panel == row.panel && chosen.item.crosswalk == like.crosswalk;
        let others = options.iter().filter(fits).filter(|_| !is_before);
        let other = others.into_iter().find(|other| disagree(&other.reading, &chosen.reading));
        let doubts = other.map(|other| {
            format!(
                "crosswalks `{}` and `{}` both fit and mean different things",
                chosen.item.crosswalk, other.item.crosswalk
            )
        });
        return Choice {
            crosswalk: chosen.item.crosswalk.clone(),
            reading: chosen.reading.clone(),
            doubts: doubts.into_iter().collect(),
            origin: origin(chosen.item),
            rows: Vec::new(),
        };
    }
    let best = options
        .into_iter()
        .reduce(|best, other| if other.reading.known > best.reading.known { other } else { best });
    match best {
        Some(best) if concept.kind != Kind::Category && !is_nearly_known(&best, unit) => {
            nearly(best, row)
        }
        best => fresh(codebook, concept, best, row, unit),
    }
}

fn origin(item: &Item) -> String {
    let name = if item.crosswalk.is_empty() { "no crosswalk" } else { &item.crosswalk };
    format!("{name} as {} {}", item.panel, item.wave)
}

/// Crosswalks of the concept, the panel's own first, then of others with the same answers.
fn options<'a>(
    codebook: &'a Codebook,
    concept: &Concept,
    like: &'a Item,
    row: &Item,
    unit: &Unit,
) -> Vec<Fit<'a>> {
    let same_answers = |item: &&Item| {
        codebook
            .concept(&item.concept)
            .is_some_and(|other| other.kind == Kind::Category && other.answers == concept.answers)
    };
    let of_concept = |item: &Item| item.concept == concept.concept;
    let mut items: Vec<&Item> = codebook
        .items
        .iter()
        .filter(|item| (&item.panel, item.wave) != (&row.panel, row.wave) && item.option.is_empty())
        .filter(|item| of_concept(item) || (concept.kind == Kind::Category && same_answers(item)))
        .collect();
    items.sort_by_key(|item| {
        let is_other = item.panel != row.panel;
        (!of_concept(item), is_other, row.wave.abs_diff(item.wave), item.line.0)
    });
    let mut seen = BTreeSet::new();
    let all = [like].into_iter().filter(|like| like.option.is_empty()).chain(items);
    all.filter(|item| seen.insert(item.crosswalk.as_str()))
        .map(|item| {
            let crosswalk = codebook.crosswalks.get(&item.crosswalk);
            Fit { item, reading: reading(&unit.values, concept, crosswalk, range(row)) }
        })
        .collect()
}

/// Whether a delivered text means one thing by one and another by the other.
fn disagree(one: &Reading, other: &Reading) -> bool {
    one.meanings
        .iter()
        .any(|(text, meaning)| other.meanings.get(text).is_some_and(|other| other != meaning))
}

/// Whether a few texts are left that somebody can say the meaning of.
fn is_nearly_known(best: &Fit<'_>, unit: &Unit) -> bool {
    best.reading.known >= NEARLY && unit.values.distinct() <= MOST_DISTINCT
}

/// Numbers, dates or texts of which some do not fit.
fn nearly(best: Fit<'_>, row: &Item) -> Choice {
    let percent = (1.0 - best.reading.known) * 100.0;
    let range = match range(row) {
        (Some(least), Some(most)) => format!(" within {least} to {most}"),
        _ => String::new(),
    };
    Choice {
        crosswalk: best.item.crosswalk.clone(),
        doubts: vec![format!(
            "rescaled? {percent:.0} % of the cells are nothing that is known{range}"
        )],
        origin: origin(best.item),
        reading: best.reading,
        rows: Vec::new(),
    }
}

/// A crosswalk of its own: what is known, what is a label of an answer, and what somebody has to say.
fn fresh(
    codebook: &Codebook,
    concept: &Concept,
    best: Option<Fit<'_>>,
    row: &Item,
    unit: &Unit,
) -> Choice {
    let best = best.filter(|best| best.reading.known >= START);
    // Columns that begin from the same crosswalk share the new one.
    let start = best.as_ref().map_or("", |best| best.item.crosswalk.as_str());
    let start = [start, concept.answers.as_str(), row.concept.as_str()];
    let start = start.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let name = format!("{start}_{}_{}", row.panel, row.wave);
    let draft = |value: &str, code: &str, missing: &str, decision, reason: &str| DraftCrosswalk {
        decision,
        reason: reason.to_owned(),
        crosswalk: name.clone(),
        value: value.to_owned(),
        code: code.to_owned(),
        missing: missing.to_owned(),
    };
    let mut rows = Vec::new();
    for (value, becomes) in crosswalk_rows(codebook, best.as_ref()) {
        let reason = format!("as in {}", best.as_ref().map_or("", |best| &best.item.crosswalk));
        let (code, missing) = match becomes {
            Becomes::Code(code) => (code.as_str(), ""),
            Becomes::Missing(missing) => ("", missing.name()),
            Becomes::Itself => ("<number>", ""),
        };
        rows.push(draft(value, code, missing, Decision::Proposed, &reason));
    }
    if concept.kind == Kind::Number && rows.is_empty() {
        rows.push(draft("<number>", "<number>", "", Decision::Proposed, "any other number"));
    }
    let labels = labels(codebook, concept);
    let reading = best.as_ref().map(|best| best.reading.clone());
    let reading = reading.unwrap_or_else(|| reading_by_nothing(unit));
    let is_shown = |count: &u64| *count >= LEAST_OFTEN && unit.values.distinct() <= MOST_DISTINCT;
    let (mut open, mut hidden) = (0, 0);
    for (text, count) in &reading.unknown {
        match labels.get(&normal(text)) {
            Some(code) => {
                rows.push(draft(text, code, "", Decision::Proposed, "the answer's label"));
            }
            None if is_shown(count) => {
                open += 1;
                rows.push(draft(text, "", "", Decision::Decide, "no answer has this label"));
            }
            None => hidden += 1,
        }
    }
    let mut doubts = Vec::new();
    if open > 0 {
        doubts.push(format!("answers: crosswalks.csv has {open} rows of `{name}` to fill in"));
    }
    if hidden > 0 {
        doubts.push(format!(
            "answers: {hidden} different texts are unknown and not shown (they occur less than {LEAST_OFTEN} times, or are more than {MOST_DISTINCT})"
        ));
    }
    Choice { crosswalk: name, reading, doubts, origin: "a crosswalk of its own".to_owned(), rows }
}

fn crosswalk_rows<'a>(
    codebook: &'a Codebook,
    best: Option<&Fit<'_>>,
) -> Vec<(&'a str, &'a Becomes)> {
    let crosswalk = best.and_then(|best| codebook.crosswalks.get(&best.item.crosswalk));
    let recodes = crosswalk.into_iter().flat_map(|crosswalk| &crosswalk.recodes);
    recodes.map(|(value, recode)| (value.as_str(), &recode.becomes)).collect()
}

/// Labels and codes of the concept's answers, each with its code.
fn labels<'a>(codebook: &'a Codebook, concept: &Concept) -> BTreeMap<String, &'a str> {
    let answers = codebook.answers.get(&concept.answers).into_iter().flatten();
    answers
        .flat_map(|answer| {
            let texts = [answer.code.as_str()].into_iter().chain(answer.label.texts());
            texts.map(|text| (normal(text), answer.code.as_str()))
        })
        .collect()
}

fn reading_by_nothing(unit: &Unit) -> Reading {
    Reading {
        known: 0.0,
        meanings: BTreeMap::new(),
        unknown: unit.values.counts().map(|(text, count)| (text.to_owned(), count)).collect(),
        spread: None,
    }
}

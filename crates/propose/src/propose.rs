//! The draft of a delivery: rows of all its panels.

use std::collections::{BTreeMap, BTreeSet};

use config::PopulationTotal;
use likeness::normal;
use survey::codebook::{Codebook, Comparability, Item, Role};
use survey::{Labels, Line, Wave};

use crate::crosswalks::choose;
use crate::decide::{halves, of_answers, of_words};
use crate::delivered::Delivered;
use crate::draft::{Decision, Draft, DraftRow, DraftTotal};
use crate::earlier::Earlier;
use crate::matching::{Match, Matching, matching};
use crate::unit::{Unit, units};

/// What is proposed, and from what.
#[derive(Debug)]
pub struct Request<'a> {
    pub codebook: &'a Codebook,
    pub targets: &'a [PopulationTotal],
    pub panels: &'a [String],
    pub wave: Wave,
    pub delivered: &'a Delivered,
    pub earlier: &'a Earlier,
    /// Questions by normal header, where a questionnaire gives them.
    pub questions: &'a BTreeMap<String, String>,
}

/// A runner-up so near leaves it open which is meant.
const NEAR: f64 = 0.03;

/// The next wave's rows as far as the delivery and the waves before tell them.
pub fn propose(request: &Request<'_>) -> Draft {
    let all = units(request.delivered, request.questions);
    let mut draft = Draft::default();
    for panel in request.panels {
        let of = PanelDraft::new(request, panel, &all);
        of.rows(&mut draft);
        draft.targets.extend(carried_over(request, panel));
    }
    let mut seen = BTreeSet::new();
    draft.crosswalks.retain(|row| seen.insert((row.crosswalk.clone(), row.value.clone())));
    draft
}

/// Totals of the latest wave, where the new one has none.
fn carried_over(request: &Request<'_>, panel: &str) -> Vec<DraftTotal> {
    let own = || request.targets.iter().filter(|total| total.panel == panel);
    let latest = own().map(|total| total.wave).filter(|wave| *wave < request.wave).max();
    if own().any(|total| total.wave == request.wave) {
        return Vec::new();
    }
    let of_latest = own().filter(|total| Some(total.wave) == latest);
    of_latest
        .map(|total| DraftTotal {
            decision: Decision::Proposed,
            reason: format!(
                "carried over from {}: replace it where there is a newer total",
                total.wave
            ),
            total: PopulationTotal {
                wave: request.wave,
                source: format!("carried over from {}: {}", total.wave, total.source),
                line: Line(0),
                ..total.clone()
            },
        })
        .collect()
}

/// The rows of one panel on their way.
struct PanelDraft<'a> {
    request: &'a Request<'a>,
    panel: &'a str,
    units: Vec<Unit>,
    /// Columns that it had before too, and that no item read.
    unread: Vec<Unit>,
    matching: Matching<'a>,
    halves: BTreeMap<usize, String>,
    /// Concepts that the wave has already.
    present: BTreeSet<&'a str>,
}

impl<'a> PanelDraft<'a> {
    fn new(request: &'a Request<'a>, panel: &'a str, all: &'a [Unit]) -> Self {
        let codebook = request.codebook;
        let own = codebook.items.iter();
        let own: Vec<&Item> =
            own.filter(|item| item.panel == panel && item.wave == request.wave).collect();
        let is_read = |unit: &Unit| {
            own.iter().any(|item| {
                (item.column == unit.header || item.aliases.contains(&unit.header))
                    && (item.occurrence, &item.option) == (unit.occurrence, &unit.option)
            })
        };
        let is_open = |unit: &Unit| !is_read(unit) && !is_of_others(request, panel, unit);
        let units: Vec<Unit> = all.iter().filter(|unit| is_open(unit)).cloned().collect();
        let (unread, units): (Vec<Unit>, Vec<Unit>) = units.into_iter().partition(|unit| {
            !unit.is_id && request.earlier.is_unread(&unit.header, &unit.question, panel)
        });
        let matching =
            matching(codebook, request.earlier, panel, request.wave, request.panels, &units);
        let halves = halves(&units, &matching);
        let present = own.iter().map(|item| item.concept.as_str()).collect();
        Self { request, panel, units, unread, matching, halves, present }
    }

    fn rows(&self, draft: &mut Draft) {
        for (at, (unit, found)) in self.units.iter().zip(&self.matching.matches).enumerate() {
            match found.item {
                Some(item) if self.present.contains(item.concept.as_str()) => {}
                Some(item) => {
                    self.known(at, unit, found, item, draft);
                    for twin in self.twins(item) {
                        let before = draft.items.len();
                        self.known(at, unit, found, twin, draft);
                        for row in &mut draft.items[before..] {
                            row.decision = Decision::Decide;
                            row.reason =
                                format!("`{}` read the same column; {}", twin.concept, row.reason);
                        }
                    }
                }
                None => draft.items.push(self.unknown(at, unit, found)),
            }
        }
        let nothing = Match::default();
        let unread = self.unread.iter().map(|unit| self.unknown(usize::MAX, unit, &nothing));
        draft.items.extend(unread);
        let dropped = self.matching.dropped.iter();
        let is_told = |item: &Item| {
            self.present.contains(item.concept.as_str())
                || draft
                    .items
                    .iter()
                    .any(|row| row.item.panel == self.panel && row.item.concept == item.concept)
        };
        let dropped: Vec<DraftRow> = dropped
            .filter(|item| !is_told(item))
            .map(|item| DraftRow {
                decision: Decision::Dropped,
                score: 0.0,
                runner_up: None,
                reason: format!(
                    "asked in {} as `{}`; no column is like it",
                    item.wave, item.column
                ),
                item: Item {
                    wave: self.request.wave,
                    column: String::new(),
                    aliases: Vec::new(),
                    line: Line(0),
                    ..(*item).clone()
                },
            })
            .collect();
        draft.items.extend(dropped);
    }

    /// Other items of its panel-wave that read the same column.
    fn twins(&self, item: &'a Item) -> Vec<&'a Item> {
        let key =
            |item: &'a Item| (&item.panel, item.wave, &item.column, item.occurrence, &item.option);
        let is_taken = |other: &Item| {
            self.matching
                .matches
                .iter()
                .any(|found| found.item.is_some_and(|of| of.concept == other.concept))
        };
        let twins = self.request.codebook.items.iter().filter(|other| {
            key(other) == key(item) && other.concept != item.concept && !is_taken(other)
        });
        twins.filter(|_| item.panel == self.panel).collect()
    }

    fn known(&self, at: usize, unit: &Unit, found: &Match<'_>, like: &Item, draft: &mut Draft) {
        let codebook = self.request.codebook;
        let Some(concept) = codebook.concept(&like.concept) else { return };
        let mut row = self.as_before(unit, like);
        let choice = choose(codebook, concept, like, &row, unit);
        row.crosswalk.clone_from(&choice.crosswalk);
        let mut doubts = choice.doubts;
        doubts.extend(of_answers(
            codebook,
            self.request.earlier,
            concept,
            like,
            unit,
            &choice.reading,
        ));
        if let Some(other) = self.halves.get(&at) {
            doubts.push(format!("split? `{other}` is about as like it"));
        }
        if like.panel != self.panel {
            doubts
                .push(format!("new for {}: {} asked it in {}", self.panel, like.panel, like.wave));
        }
        if let Some((name, score)) = found.runner_up
            && found.evidence.score - score < NEAR
        {
            doubts.push(format!("`{name}` is about as likely"));
        }
        let language = self.request.codebook.language();
        let asked = like.question.of(language);
        let before = self.request.earlier.question(like).filter(|_| asked.is_empty());
        let words = of_words(before.unwrap_or(asked), &unit.question);
        if let Some((_, is_far)) = words {
            row.comparability = Comparability::Compatible;
            row.note = format!("reworded since {}", like.wave);
            if is_far && matches!(concept.role, Role::Answer | Role::Background) {
                doubts.push("reworded: is the series still comparable?".to_owned());
            }
        }
        let evidence = evidence(found);
        let reason = if doubts.is_empty() {
            format!("as {} {}; {evidence}; {}", like.panel, like.wave, choice.origin)
        } else {
            format!(
                "{}; as {} {}; {evidence}; {}",
                doubts.join("; "),
                like.panel,
                like.wave,
                choice.origin
            )
        };
        draft.crosswalks.extend(choice.rows);
        draft.items.push(DraftRow {
            decision: if doubts.is_empty() { Decision::Proposed } else { Decision::Decide },
            score: found.evidence.score,
            runner_up: found.runner_up.map(|(name, score)| (name.to_owned(), score)),
            reason,
            item: row,
        });
    }

    /// The item of the column as the one before it, its years moved on.
    fn as_before(&self, unit: &Unit, like: &Item) -> Item {
        let language = self.request.codebook.language();
        let is_reworded = of_words(like.question.of(language), &unit.question).is_some();
        let question = if is_reworded || like.question.is_empty() {
            asked(language, &unit.question)
        } else {
            like.question.clone()
        };
        let years = self.years(like);
        let moved = |bound: Option<f64>| bound.map(|bound| bound + years);
        let aliases = like.aliases.iter().filter(|alias| **alias != unit.header);
        let keeps_names = like.panel == self.panel && like.column == unit.header;
        Item {
            panel: self.panel.to_owned(),
            wave: self.request.wave,
            column: unit.header.clone(),
            aliases: if keeps_names { aliases.cloned().collect() } else { Vec::new() },
            occurrence: unit.occurrence,
            option: unit.option.clone(),
            crosswalk: String::new(),
            minimum: moved(like.minimum),
            maximum: moved(like.maximum),
            comparability: Comparability::Identical,
            question,
            note: String::new(),
            line: Line(0),
            ..like.clone()
        }
    }

    /// By how much a range of years moves: as it moved before, or with the wave where it never had the chance.
    fn years(&self, like: &Item) -> f64 {
        let (Some(least), Some(most)) = (like.minimum, like.maximum) else { return 0.0 };
        let ahead = f64::from(self.request.wave) - f64::from(like.wave);
        let own = self.request.codebook.items.iter().filter(|item| {
            item.panel == like.panel && item.concept == like.concept && item.wave < like.wave
        });
        if let Some(before) = own.max_by_key(|item| item.wave) {
            let waves = f64::from(like.wave) - f64::from(before.wave);
            let moves =
                before.minimum == Some(least - waves) && before.maximum == Some(most - waves);
            return if moves { ahead } else { 0.0 };
        }
        let is_year = |number: f64| (1850.0..=f64::from(like.wave)).contains(&number);
        if is_year(least) && is_year(most) { ahead } else { 0.0 }
    }

    /// A column that is like nothing.
    fn unknown(&self, at: usize, unit: &Unit, found: &Match<'_>) -> DraftRow {
        let likest =
            found.ranking.first().map(|(name, score)| format!("likest is `{name}` ({score:.2})"));
        let unread = self.request.earlier.unread(&unit.header, self.panel);
        let (decision, reason) = match (unread, self.halves.get(&at)) {
            (_, Some(other)) => (
                Decision::Decide,
                format!("split? it and `{other}` are about as like one question"),
            ),
            (Some((panel, wave)), None) => {
                (Decision::Unread, format!("no item read it in {panel} {wave} either"))
            }
            _ if unit.values.filled == 0 => (Decision::Unread, "no cell is filled".to_owned()),
            _ if unit.question.is_empty() => (
                Decision::Decide,
                "nothing tells what it asks: give its question with --questions".to_owned(),
            ),
            _ => (Decision::Decide, "new: it needs a concept, or none".to_owned()),
        };
        let reason = likest.map_or(reason.clone(), |likest| format!("{reason}; {likest}"));
        DraftRow {
            decision,
            score: found.evidence.score,
            runner_up: found.runner_up.map(|(name, score)| (name.to_owned(), score)),
            reason,
            item: Item {
                panel: self.panel.to_owned(),
                wave: self.request.wave,
                concept: String::new(),
                column: unit.header.clone(),
                aliases: Vec::new(),
                occurrence: unit.occurrence,
                option: unit.option.clone(),
                crosswalk: String::new(),
                minimum: None,
                maximum: None,
                routed_by: String::new(),
                routed_codes: Vec::new(),
                comparability: Comparability::Identical,
                question: asked(self.request.codebook.language(), &unit.question),
                note: String::new(),
                line: Line(0),
            },
        }
    }
}

/// The text of a question in the language in which it is asked.
fn asked(language: &str, question: &str) -> Labels {
    if question.is_empty() { Labels::default() } else { Labels::from([(language, question)]) }
}

/// Whether the panels beside it in the delivery were asked the question before, and it never was.
fn is_of_others(request: &Request<'_>, panel: &str, unit: &Unit) -> bool {
    let same = |item: &&Item| {
        item.wave <= request.wave
            && !item.question.is_empty()
            && normal(item.question.of(request.codebook.language())) == normal(&unit.question)
    };
    if unit.question.is_empty() {
        return false;
    }
    let asked: BTreeSet<&str> =
        request.codebook.items.iter().filter(same).map(|item| item.panel.as_str()).collect();
    !asked.contains(panel) && request.panels.iter().any(|other| asked.contains(other.as_str()))
}

/// What speaks for the pair, in a few words.
fn evidence(found: &Match<'_>) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let question = found.evidence.question;
    let question =
        question.map_or("no question text".to_owned(), |of| format!("question {}", percent(of)));
    let header = if found.evidence.header >= 0.999 { ", same header" } else { "" };
    let answers = found.evidence.answers;
    let answers = answers
        .map_or(", no answers".to_owned(), |known| format!(", answers known {}", percent(known)));
    format!("{question}{header}{answers}")
}

//! Which rows are set aside: those without a respondent id, and all but one of a respondent.

use std::collections::HashMap;

use arrow::array::{Array, Int8Array, StringArray};
use survey::handoff::RawColumn;
use survey::{Class, Code, Finding, Severity};

use super::completeness::Completeness;
use super::{AdmitSettings, Places};
use crate::capped::Capped;
use crate::error::BrokenGate;

/// The column with the respondent ids and the concept's name.
#[derive(Clone, Copy)]
pub(super) struct Identifier<'a> {
    pub column: &'a RawColumn,
    pub concept: &'a str,
}

impl Identifier<'_> {
    fn finding(self, code: Code, severity: Severity, row: u32, places: &Places<'_>) -> Finding {
        places.cell(code, severity, row, self.column, self.concept)
    }
}

/// The cells with the respondent ids.
pub(super) struct Ids<'a> {
    pub texts: &'a StringArray,
    pub classes: &'a Int8Array,
}

impl Ids<'_> {
    fn id(&self, row: u32) -> Option<&str> {
        let id = self.texts.is_valid(row as usize).then(|| self.texts.value(row as usize).trim());
        id.filter(|id| !id.is_empty())
    }

    /// Ingest found what is no id there, and said so.
    fn is_spoilt(&self, row: u32) -> bool {
        let class = Class::from_code(self.classes.value(row as usize));
        let is_blank =
            self.texts.is_valid(row as usize) && !self.texts.value(row as usize).is_empty();
        self.id(row).is_none()
            && !is_blank
            && !matches!(class, None | Some(Class::Empty | Class::FormulaWithoutValue))
    }
}

/// Rows set aside with their reason.
pub(super) struct Quarantine {
    /// By row of the panel: none for a row that is kept.
    pub reasons: Vec<Option<Code>>,
    pub findings: Vec<Finding>,
    pub broken: Option<BrokenGate>,
}

impl Quarantine {
    /// The panel's rows that are kept, by their place.
    pub fn kept(&self) -> Vec<usize> {
        (0..self.reasons.len()).filter(|place| self.reasons[*place].is_none()).collect()
    }
}

const MISSING: Code = Code::MissingId;
const SPOILT: Code = Code::SpoiltId;
const DUPLICATE: Code = Code::DuplicateId;
/// A repeat that holds nothing beside a row that does: no answer is lost with it.
const EMPTY_REPEAT: Code = Code::RepeatWithoutAnswers;

/// Sets aside rows without an id, and all but the most complete of the rows of a respondent (of equal ones the last).
pub(super) fn quarantine(
    ids: &Ids<'_>,
    ours: &[u32],
    completeness: &[Completeness],
    identifier: Identifier<'_>,
    places: &Places<'_>,
    settings: &AdmitSettings,
) -> Quarantine {
    let kept = most_complete(ours.iter().map(|row| ids.id(*row)), completeness);
    let mut set_aside = SetAside { identifier, places, all: Default::default() };
    let mut reasons = vec![None; ours.len()];
    for (place, &row) in ours.iter().enumerate() {
        reasons[place] = match ids.id(row) {
            None if ids.is_spoilt(row) => Some(set_aside.spoilt(row)),
            None => Some(set_aside.missing(row)),
            Some(id) if kept[id] != place => {
                let best = kept[id];
                let lost = (completeness[place], completeness[best]);
                Some(set_aside.repeat(row, ours[best], lost))
            }
            Some(_) => None,
        };
    }
    set_aside.quarantine(reasons, settings)
}

/// The place of each respondent's most complete row.
fn most_complete<'a>(
    ids: impl ExactSizeIterator<Item = Option<&'a str>>,
    completeness: &[Completeness],
) -> HashMap<&'a str, usize> {
    let mut kept: HashMap<&str, usize> = HashMap::with_capacity(ids.len());
    for (place, id) in ids.enumerate() {
        let Some(id) = id else { continue };
        let best = kept.entry(id).or_insert(place);
        if completeness[place] >= completeness[*best] {
            *best = place;
        }
    }
    kept
}

/// The rows that are set aside, while they are gone through.
struct SetAside<'a> {
    identifier: Identifier<'a>,
    places: &'a Places<'a>,
    /// Missing, spoilt, duplicate, repeats without answers.
    all: [Capped; 4],
}

impl SetAside<'_> {
    fn missing(&mut self, row: u32) -> Code {
        let (places, identifier) = (self.places, self.identifier);
        self.all[0].add(|| Finding {
            found: Class::Empty.name().to_owned(),
            expected: "a respondent id".to_owned(),
            action: "row quarantined".to_owned(),
            hint: "ask the producer whose answers these are".to_owned(),
            ..identifier.finding(MISSING, Severity::Error, row, places)
        });
        MISSING
    }

    /// Ingest tells of each; here they are places of the gate only.
    fn spoilt(&mut self, row: u32) -> Code {
        let (places, identifier) = (self.places, self.identifier);
        self.all[1].add(|| Finding {
            found: "no id".to_owned(),
            expected: "a respondent id".to_owned(),
            ..identifier.finding(SPOILT, Severity::Error, row, places)
        });
        SPOILT
    }

    /// A row of a respondent whose row `best` is kept.
    fn repeat(&mut self, row: u32, best: u32, (lost, kept): (Completeness, Completeness)) -> Code {
        let is_empty = kept.has_answer && !lost.has_answer;
        let (code, severity, found, list) = if is_empty {
            (EMPTY_REPEAT, Severity::Warning, "a respondent's further row, without any answer", 3)
        } else {
            (DUPLICATE, Severity::Error, "a respondent who occurs more than once", 2)
        };
        let (places, identifier) = (self.places, self.identifier);
        self.all[list].add(|| Finding {
            found: found.to_owned(),
            expected: "one row a respondent".to_owned(),
            action: format!(
                "row quarantined: {} unanswered; record {} is kept as the respondent's {} row: {} unanswered",
                questions(lost.lacking.0),
                places.record(best),
                if lost == kept { "last" } else { "most complete" },
                questions(kept.lacking.0),
            ),
            hint: "ask the producer which row counts, or deliver a release without the others"
                .to_owned(),
            ..identifier.finding(code, severity, row, places)
        });
        code
    }

    /// Repeats without answers are not counted by the gate: nothing is lost with them.
    fn quarantine(self, reasons: Vec<Option<Code>>, settings: &AdmitSettings) -> Quarantine {
        let count = reasons.iter().flatten().filter(|reason| **reason != EMPTY_REPEAT).count();
        let percent = 100.0 * count as f64 / reasons.len().max(1) as f64;
        let broken = (percent > settings.gates.quarantined_row_percent).then(|| BrokenGate {
            gate: "quarantined_row_percent".to_owned(),
            subject: format!("{count} of {} rows quarantined", reasons.len()),
            found_percent: percent,
            allowed_percent: settings.gates.quarantined_row_percent,
            places: self.all[..3].iter().flat_map(|capped| capped.first(2)).collect(),
        });
        let mut findings = Vec::new();
        let [missing, _, duplicate, repeat] = self.all;
        for capped in [missing, duplicate, repeat] {
            capped.finish(&mut findings);
        }
        Quarantine { reasons, findings, broken }
    }
}

fn questions(count: u32) -> String {
    if count == 1 { "1 question".to_owned() } else { format!("{count} questions") }
}

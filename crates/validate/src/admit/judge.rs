//! Findings on single cells of the kept rows, and the gates on their shares.

use std::collections::BTreeMap;

use survey::{Code, Finding, Severity};

use super::cells::{Cells, State};
use super::form::Remark;
use super::ids::Quarantine;
use super::meaning::{Meaning, Wrong};
use super::{AdmitSettings, Places};
use crate::capped::Capped;
use crate::error::BrokenGate;

pub(super) struct Judged {
    pub findings: Vec<Finding>,
    pub broken: Vec<BrokenGate>,
}

pub(super) fn judge(
    items: &[Cells<'_>],
    ours: &[u32],
    quarantine: &Quarantine,
    places: &Places<'_>,
    settings: &AdmitSettings,
) -> Judged {
    let mut judged = Judged { findings: Vec::new(), broken: Vec::new() };
    let kept = quarantine.kept();
    if ours.is_empty() {
        judged.broken.push(BrokenGate {
            gate: "rows".to_owned(),
            subject: "no row of this panel in the delivery".to_owned(),
            found_percent: 0.0,
            allowed_percent: 0.0,
            places: Vec::new(),
        });
    }
    for cells in items {
        let mut by_wrong: BTreeMap<Wrong, (u64, Capped)> = BTreeMap::new();
        let mut numbers_as_text = 0;
        for &place in &kept {
            let wrong = match cells.states[place] {
                State::Invalid => match cells.outcome(place).meaning {
                    Meaning::Invalid(wrong) => wrong,
                    _ => continue,
                },
                State::AnsweredNotRouted => Wrong::AnsweredNotRouted,
                State::Admitted => {
                    let outcome = cells.outcome(place);
                    numbers_as_text += u64::from(outcome.number_as_text);
                    if outcome.unnamed.is_none() {
                        continue;
                    }
                    Wrong::UnknownAnswer
                }
                _ => continue,
            };
            let (count, capped) = by_wrong.entry(wrong).or_default();
            *count += 1;
            capped.add(|| finding(cells, place, ours[place], wrong, places));
        }
        judged.broken.extend(gates(cells, &by_wrong, kept.len(), settings));
        for (wrong, (_, capped)) in by_wrong {
            if !wrong.is_told_by_ingest() {
                capped.finish(&mut judged.findings);
            }
        }
        judged.findings.extend(cells.remarks.iter().map(|remark| of_column(cells, remark, places)));
        judged.findings.extend((numbers_as_text > 0).then(|| Finding {
            column: Some(cells.placed.column.header.clone()),
            concept: Some(cells.placed.item.concept.clone()),
            found: format!("{numbers_as_text} numbers held as text"),
            expected: "numbers".to_owned(),
            action: "read as numbers".to_owned(),
            count: numbers_as_text,
            ..places.file(Code::NumberAsText, Severity::Info)
        }));
    }
    judged
}

const SET_TO_MISSING: &str = "cell set to missing: invalid";

fn finding(
    cells: &Cells<'_>,
    place: usize,
    row: u32,
    wrong: Wrong,
    places: &Places<'_>,
) -> Finding {
    let item = cells.placed.item;
    let severity = if wrong == Wrong::UnknownAnswer { Severity::Error } else { Severity::Warning };
    let expected = match wrong {
        Wrong::AnsweredNotRouted => {
            format!("empty, unless `{}` is one of {}", item.routed_by, quoted(&item.routed_codes))
        }
        _ => cells.reader.expected(),
    };
    let outcome = cells.outcome(place);
    let (found, action) = match (wrong, &outcome.unnamed) {
        (Wrong::AnsweredNotRouted, _) => (format!("an answer ({})", outcome.found), SET_TO_MISSING),
        (_, Some(unnamed)) => (unnamed.clone(), "the other answers of the cell are kept"),
        (_, None) => (outcome.found.clone(), SET_TO_MISSING),
    };
    Finding {
        found,
        expected,
        action: action.to_owned(),
        hint: cells.reader.hint(wrong),
        ..places.cell(wrong.code(), severity, row, cells.placed.column, &item.concept)
    }
}

/// What is said of the form of a whole column.
fn of_column(cells: &Cells<'_>, remark: &Remark, places: &Places<'_>) -> Finding {
    Finding {
        column: Some(cells.placed.column.header.clone()),
        concept: Some(cells.placed.item.concept.clone()),
        found: remark.found.clone(),
        expected: remark.expected.clone(),
        action: remark.action.to_owned(),
        hint: remark.hint.to_owned(),
        count: remark.cells,
        ..places.file(remark.code, remark.severity)
    }
}

fn gates(
    cells: &Cells<'_>,
    by_wrong: &BTreeMap<Wrong, (u64, Capped)>,
    rows: usize,
    settings: &AdmitSettings,
) -> Vec<BrokenGate> {
    let unknown = |wrong: &Wrong| *wrong == Wrong::UnknownAnswer;
    let gate = |name: &str, allowed_percent: f64, of: &dyn Fn(&Wrong) -> bool| {
        let parts: Vec<&(u64, Capped)> = Wrong::ALL
            .iter()
            .filter(|wrong| of(wrong))
            .filter_map(|wrong| by_wrong.get(wrong))
            .collect();
        let count: u64 = parts.iter().map(|(count, _)| count).sum();
        let found_percent = 100.0 * count as f64 / rows.max(1) as f64;
        (found_percent > allowed_percent).then(|| BrokenGate {
            gate: name.to_owned(),
            subject: format!(
                "column `{}` (item `{}`): {count} of {rows} cells",
                cells.placed.column.header, cells.placed.item.concept
            ),
            found_percent,
            allowed_percent,
            places: parts.iter().flat_map(|(_, capped)| capped.first(2)).take(3).collect(),
        })
    };
    let unknown_answers =
        gate("unknown_answer_percent", settings.gates.unknown_answer_percent, &unknown);
    let invalid_cells =
        gate("invalid_cell_percent", settings.gates.invalid_cell_percent, &|wrong| !unknown(wrong));
    unknown_answers.into_iter().chain(invalid_cells).collect()
}

fn quoted(codes: &[String]) -> String {
    codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ")
}

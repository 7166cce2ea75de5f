//! Which empty cells were not asked of a respondent, and who broke off.

use std::collections::{BTreeMap, BTreeSet};

use survey::codebook::Role;
use survey::{Code, MissingReason, Warning};

use super::cells::{Cells, State};
use super::meaning::Meaning;
use super::words::item_key;
use super::{AdmitSettings, Completion};

/// Marks the cells of routed items, triggers before what they route.
pub(super) fn route(items: &mut [Cells<'_>], settings: &AdmitSettings) -> Vec<Warning> {
    let by_concept: BTreeMap<String, usize> = items
        .iter()
        .enumerate()
        .map(|(place, cells)| (cells.placed.item.concept.clone(), place))
        .collect();
    let mut warnings = Vec::new();
    let mut done = BTreeSet::new();
    for place in 0..items.len() {
        route_after_trigger(place, items, &by_concept, &mut done, &mut |message, hint| {
            warnings.push(Warning {
                code: Code::RoutingNotEvaluated,
                panel: Some(settings.panel_wave.panel.clone()),
                wave: Some(settings.panel_wave.wave),
                message,
                hint: Some(hint),
            });
        });
    }
    warnings
}

fn route_after_trigger(
    place: usize,
    items: &mut [Cells<'_>],
    by_concept: &BTreeMap<String, usize>,
    done: &mut BTreeSet<usize>,
    warn: &mut dyn FnMut(String, String),
) {
    if !done.insert(place) || items[place].placed.item.routed_by.is_empty() {
        return;
    }
    let item = items[place].placed.item;
    let Some(&trigger) = by_concept.get(&item.routed_by).filter(|trigger| **trigger != place)
    else {
        let message = format!(
            "item `{}` is routed by `{}`, which is no item here: its empty cells count as unanswered",
            item.concept, item.routed_by
        );
        warn(message, format!("see {}", item_key(item)));
        return;
    };
    route_after_trigger(trigger, items, by_concept, done, warn);
    if let Ok([cells, trigger]) = items.get_disjoint_mut([place, trigger]) {
        route_one(cells, trigger);
    }
}

fn route_one(cells: &mut Cells<'_>, trigger: &Cells<'_>) {
    let codes = &cells.placed.item.routed_codes;
    let leads_here: Vec<bool> =
        trigger.outcomes.iter().map(|outcome| codes.contains(&outcome.code)).collect();
    let not_routed = |meaning: Meaning| match meaning {
        Meaning::Answer => State::AnsweredNotRouted,
        Meaning::Invalid(_) => State::Invalid,
        Meaning::Missing(_) | Meaning::Implied | Meaning::Empty => State::NotRouted,
    };
    let when_not_routed: Vec<State> =
        cells.outcomes.iter().map(|outcome| not_routed(outcome.meaning)).collect();
    for (row, state) in cells.states.iter_mut().enumerate() {
        match trigger.states[row] {
            State::Admitted | State::Implied => {
                if !leads_here[trigger.numbers[row] as usize] {
                    *state = when_not_routed[cells.numbers[row] as usize];
                }
            }
            State::NotRouted => *state = when_not_routed[cells.numbers[row] as usize],
            State::Empty | State::Undetermined | State::BrokeOff => {
                if matches!(state, State::Empty | State::Implied) {
                    *state = State::Undetermined;
                }
            }
            // the trigger was answered, but nobody can say what
            State::Invalid | State::AnsweredNotRouted => {}
        }
    }
}

/// Marks what comes after the last answer of those who broke off.
///
/// Only items with role answer are evidence: background and paradata are often added from the panel's register.
pub(super) fn break_off(items: &mut [Cells<'_>], rows: usize, settings: &AdmitSettings) {
    let completed = completed(items, rows, settings);
    let mut seen_answer = vec![false; rows];
    let mut empty_after = vec![0_u32; rows];
    let mut counted_position = None;
    for cells in items.iter().rev().filter(|cells| cells.placed.concept.role == Role::Answer) {
        let answered = answered(cells);
        // several items of one cell with several answers are one question
        let counts = counted_position != Some(cells.placed.column.position);
        counted_position = Some(cells.placed.column.position);
        for row in 0..rows {
            if seen_answer[row] {
                continue;
            }
            match cells.states[row] {
                State::Empty => empty_after[row] += u32::from(counts),
                State::Admitted if answered[cells.numbers[row] as usize] => seen_answer[row] = true,
                State::Invalid | State::AnsweredNotRouted => seen_answer[row] = true,
                _ => {}
            }
        }
    }
    let broke_off: Vec<bool> = (0..rows)
        .map(|row| !completed[row] && empty_after[row] >= settings.broke_off_minimum_items.max(1))
        .collect();
    mark(items, &broke_off);
}

fn mark(items: &mut [Cells<'_>], broke_off: &[bool]) {
    let mut open = broke_off.to_vec();
    let asked = |cells: &&mut Cells<'_>| {
        matches!(cells.placed.concept.role, Role::Answer | Role::Background)
    };
    for cells in items.iter_mut().rev().filter(asked) {
        let answered = answered(cells);
        let is_answer = cells.placed.concept.role == Role::Answer;
        for (row, open) in open.iter_mut().enumerate().filter(|(_, open)| **open) {
            match cells.states[row] {
                State::Empty | State::Implied | State::Undetermined => {
                    cells.states[row] = State::BrokeOff;
                }
                State::Admitted if is_answer && answered[cells.numbers[row] as usize] => {
                    *open = false;
                }
                State::Invalid | State::AnsweredNotRouted if is_answer => *open = false,
                _ => {}
            }
        }
    }
}

/// By outcome: did the respondent fill in something? "Not shown" is written by the program.
pub(super) fn answered(cells: &Cells<'_>) -> Vec<bool> {
    let by_respondent = |meaning| match meaning {
        Meaning::Answer | Meaning::Invalid(_) => true,
        Meaning::Missing(reason) => !matches!(
            reason,
            MissingReason::NotRouted | MissingReason::NotAsked | MissingReason::Unanswered
        ),
        Meaning::Empty | Meaning::Implied => false,
    };
    cells.outcomes.iter().map(|outcome| by_respondent(outcome.meaning)).collect()
}

/// Who reached the end, by what the export says of it.
fn completed(items: &[Cells<'_>], rows: usize, settings: &AdmitSettings) -> Vec<bool> {
    let of = |concept: &str| items.iter().find(|cells| cells.placed.item.concept == concept);
    match &settings.completion {
        Some(Completion::Codes { concept, codes }) => of(concept).map_or_else(
            || vec![false; rows],
            |cells| (0..rows).map(|row| codes.contains(&cells.outcome(row).code)).collect(),
        ),
        Some(Completion::LastPage { concept }) => of(concept).map_or_else(
            || vec![false; rows],
            |cells| {
                let pages: Vec<Option<f64>> =
                    cells.outcomes.iter().map(|outcome| outcome.code.parse().ok()).collect();
                let last = pages.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
                cells.numbers.iter().map(|number| pages[*number as usize] == Some(last)).collect()
            },
        ),
        None => vec![false; rows],
    }
}

//! How much of the questionnaire each row answers, by which repeats of a respondent are told apart.

use std::cmp::Reverse;

use survey::MissingReason;
use survey::codebook::Role;

use super::cells::{Cells, State};
use super::meaning::Meaning;
use super::routing::answered;

/// The larger is the more complete row; a row without any answer is below all others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Completeness {
    /// To a question.
    pub has_answer: bool,
    /// Questions that were asked and have no usable answer.
    pub lacking: Reverse<u32>,
    /// Background items with an answer, which only tell rows apart that are equal otherwise.
    background: u32,
}

pub(super) fn of(items: &[Cells<'_>], rows: usize) -> Vec<Completeness> {
    let mut completeness = vec![Completeness::default(); rows];
    let mut position = None;
    for cells in items {
        let answered = answered(cells);
        let is_background = match cells.placed.concept.role {
            Role::Answer => false,
            Role::Background => true,
            // The design, and what is about the filling in.
            _ => continue,
        };
        // several items of one cell with several answers are one question
        let counts =
            position.replace(cells.placed.column.position) != Some(cells.placed.column.position);
        for (row, of_row) in completeness.iter_mut().enumerate() {
            let state = cells.states[row];
            let is_answered = match state {
                State::Admitted => answered[cells.numbers[row] as usize],
                State::Invalid | State::AnsweredNotRouted => true,
                _ => false,
            };
            if is_background {
                of_row.background += u32::from(state == State::Admitted && is_answered);
            } else {
                of_row.has_answer |= is_answered;
                of_row.lacking.0 += u32::from(counts && lacks(cells, row));
            }
        }
    }
    completeness
}

/// Whether the question was asked and nothing usable stands there.
fn lacks(cells: &Cells<'_>, row: usize) -> bool {
    match cells.states[row] {
        State::Empty | State::BrokeOff | State::Invalid | State::AnsweredNotRouted => true,
        State::Admitted => {
            cells.outcome(row).meaning == Meaning::Missing(MissingReason::Unanswered)
        }
        State::Implied | State::NotRouted | State::Undetermined => false,
    }
}

//! All items' cells of one panel's rows, each distinct text read once.

use arrow::array::{Array, AsArray, Int8Array, StringArray};
use arrow::datatypes::Int8Type;
use survey::handoff::RawColumn;
use survey::{Class, Raw};

use super::columns::Placed;
use super::distinct::Distinct;
use super::form::{Form, Remark};
use super::meaning::{Meaning, Outcome, Reader};
use super::{AdmitSettings, broken_handoff};
use crate::error::Error;

/// What is said of a cell on the way; its `Fate` once all is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Admitted,
    /// Empty, but the crosswalk says what that means.
    Implied,
    Empty,
    NotRouted,
    /// Empty, and the item that routes here is empty too.
    Undetermined,
    BrokeOff,
    Invalid,
    AnsweredNotRouted,
}

/// One item's cells.
pub(super) struct Cells<'a> {
    pub placed: Placed<'a>,
    /// Of the whole delivered column.
    pub remarks: Vec<Remark>,
    pub reader: Reader<'a>,
    /// By distinct text.
    pub outcomes: Vec<Outcome<'a>>,
    /// Which outcome, a row.
    pub numbers: Vec<u32>,
    /// A row.
    pub states: Vec<State>,
}

impl<'a> Cells<'a> {
    pub fn outcome(&self, row: usize) -> &Outcome<'a> {
        &self.outcomes[self.numbers[row] as usize]
    }

    /// Whether the cell is what its text or its emptiness says.
    pub fn counts(&self, row: usize) -> bool {
        matches!(self.states[row], State::Admitted | State::Implied)
    }
}

/// A delivered column's texts and classes.
pub(super) fn delivered<'a>(
    raw: &'a Raw,
    column: &RawColumn,
    settings: &AdmitSettings,
) -> Result<(&'a StringArray, &'a Int8Array), Error> {
    let array = |name: String| {
        raw.table
            .column_by_name(&name)
            .ok_or_else(|| broken_handoff(settings, &format!("no column `{name}`")))
    };
    let texts = array(survey::columns::text(column.position))?.as_string_opt::<i32>();
    let classes = array(survey::columns::class(column.position))?.as_primitive_opt::<Int8Type>();
    texts.zip(classes).ok_or_else(|| broken_handoff(settings, "cells are not text with a class"))
}

pub(super) fn read<'a>(
    raw: &Raw,
    placed: Placed<'a>,
    settings: &'a AdmitSettings,
    rows: &[u32],
) -> Result<Cells<'a>, Error> {
    let (texts, classes) = delivered(raw, placed.column, settings)?;
    let form = Form::of(placed.concept.kind, texts, classes, &raw.about);
    let remarks = form.remarks();
    let reader = Reader::new(placed, &settings.codebook, &raw.about, form);
    let mut distinct = Distinct::new();
    let mut outcomes: Vec<Outcome<'_>> = Vec::new();
    let mut numbers = Vec::with_capacity(rows.len());
    for &row in rows {
        let row = row as usize;
        let text = texts.is_valid(row).then(|| texts.value(row));
        let class = classes.value(row);
        let (number, new) = distinct.number(text, class);
        if new {
            outcomes.push(reader.outcome(text, Class::from_code(class).unwrap_or(Class::Text)));
        }
        numbers.push(number);
    }
    let by_outcome: Vec<State> = outcomes.iter().map(|outcome| state(outcome.meaning)).collect();
    let states = numbers.iter().map(|number| by_outcome[*number as usize]).collect();
    Ok(Cells { placed, remarks, reader, outcomes, numbers, states })
}

fn state(meaning: Meaning) -> State {
    match meaning {
        Meaning::Answer | Meaning::Missing(_) => State::Admitted,
        Meaning::Implied => State::Implied,
        Meaning::Empty => State::Empty,
        Meaning::Invalid(_) => State::Invalid,
    }
}

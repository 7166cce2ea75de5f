//! What an item's cells are handed on as: a value by the concept's kind and a fate each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int8Array, Int16Array, StringArray};
use survey::codebook::Kind;
use survey::{Fate, MissingReason, columns};

use super::AdmitSettings;
use super::cells::{Cells, State};
use super::meaning::{Outcome, parsed};
use crate::error::{Error, Mistake};

pub(super) fn fates(cells: &Cells<'_>, kept: &[usize]) -> Int8Array {
    let by_outcome: Vec<i8> = cells.outcomes.iter().map(|outcome| outcome.fate.code()).collect();
    let settled = |reason| Fate::Missing(reason).code();
    let fate = |place: &usize| match cells.states[*place] {
        State::Admitted | State::Implied => by_outcome[cells.numbers[*place] as usize],
        State::Empty => settled(MissingReason::Unanswered),
        State::NotRouted | State::Undetermined => settled(MissingReason::NotRouted),
        State::BrokeOff => settled(MissingReason::BrokeOff),
        State::Invalid | State::AnsweredNotRouted => Fate::Quarantined.code(),
    };
    Int8Array::from_iter_values(kept.iter().map(fate))
}

/// Null where the cell has no value.
pub(super) fn values(
    cells: &Cells<'_>,
    kept: &[usize],
    settings: &AdmitSettings,
) -> Result<ArrayRef, Error> {
    let codes = &cells.reader.codes;
    let key = |code: &str| codes.iter().position(|known| *known == code).map(|key| key as i16);
    let category = |keys: Int16Array| Arc::new(columns::category(keys, codes)) as ArrayRef;
    let array = match cells.placed.concept.kind {
        Kind::Category => column(cells, kept, key).map(category),
        Kind::Number => {
            column(cells, kept, parsed).map(|numbers: Float64Array| Arc::new(numbers) as ArrayRef)
        }
        Kind::Date | Kind::Text => {
            column(cells, kept, Some).map(|texts: StringArray| Arc::new(texts) as ArrayRef)
        }
    };
    array.ok_or_else(|| {
        let item = cells.placed.item;
        let mistake = Mistake {
            place: format!("config/codebook/items.csv, line {}", item.line),
            message: format!(
                "crosswalk `{}` gives what `{}` cannot have",
                item.crosswalk, item.concept
            ),
            hint: "see its rows in config/codebook/crosswalks.csv".to_owned(),
        };
        Error::Configuration { panel_wave: settings.panel_wave.clone(), mistakes: vec![mistake] }
    })
}

/// None where a code is not what the concept can have.
fn column<'c, T: Copy, A: FromIterator<Option<T>>>(
    cells: &'c Cells<'_>,
    kept: &[usize],
    read: impl Fn(&'c str) -> Option<T>,
) -> Option<A> {
    let value = |outcome: &'c Outcome<'_>| match outcome.fate.missing() {
        None => read(&outcome.code).map(Some),
        Some(_) => Some(None),
    };
    let values = cells.outcomes.iter().map(value).collect::<Option<Vec<_>>>()?;
    let of_row =
        |place: &usize| values[cells.numbers[*place] as usize].filter(|_| cells.counts(*place));
    Some(kept.iter().map(of_row).collect())
}

/// `crosswalk: value` of the rows of the items' crosswalks that no cell used.
pub(super) fn unused_recodes(
    items: &[Cells<'_>],
    kept: &[usize],
    settings: &AdmitSettings,
) -> Vec<String> {
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for cells in items {
        let mut counts = vec![false; cells.outcomes.len()];
        for place in kept.iter().filter(|place| cells.counts(**place)) {
            counts[cells.numbers[*place] as usize] = true;
        }
        let outcomes = cells.outcomes.iter().zip(counts).filter(|(_, counts)| *counts);
        let recodes = outcomes.filter_map(|(outcome, _)| outcome.recode);
        used.entry(&cells.placed.item.crosswalk).or_default().extend(recodes);
    }
    let crosswalks = settings.codebook.crosswalks.iter();
    let unused = crosswalks.filter_map(|(name, crosswalk)| {
        let used = used.get(name.as_str())?;
        let values = crosswalk.recodes.keys().filter(|value| !used.contains(value.as_str()));
        Some(values.map(move |value| format!("{name}: {value}")))
    });
    unused.flatten().collect()
}

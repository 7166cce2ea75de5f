//! Disclosure control: which figures are withheld, and their removal from everything public.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow::compute::{filter_record_batch, nullif};
use survey::config::monitor::{Disclosure, PanelGroup};

use crate::dimension::{mean_of_groups, pooled};
use crate::error::Error;
use crate::table::{count, small, text};

/// What decides whether a figure is shown.
pub struct Rules<'a> {
    pub thresholds: &'a Disclosure,
    pub groups: &'a BTreeMap<String, PanelGroup>,
    /// Where a withheld cell follows from the others and their total, withhold a second one.
    pub secondary: bool,
}

/// `estimate`, `change` and `contrast` without the figures that must not be shown.
pub fn apply(
    [estimate, change, contrast]: [&RecordBatch; 3],
    rules: &Rules<'_>,
) -> Result<[RecordBatch; 3], Error> {
    let mut cells = Cells::read(estimate, rules)?;
    if rules.secondary {
        cells.withhold_second();
    }
    Ok([cells.without_withheld(estimate)?, changes(change, &cells)?, contrasts(contrast, &cells)?])
}

const FIGURES: &[&str] = &[
    "n",
    "n_yes",
    "n_sample",
    "sum_of_weights",
    "n_eff",
    "deff",
    "estimate",
    "standard_error",
    "ci_lower",
    "ci_upper",
    "degrees_of_freedom",
];
const CHANGE_FIGURES: &[&str] = &[
    "difference",
    "standard_error",
    "ci_lower",
    "ci_upper",
    "ci_adjusted_lower",
    "ci_adjusted_upper",
    "detectable_difference",
    "statistic",
    "degrees_of_freedom",
    "p",
    "p_adjusted",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Published,
    Withheld(&'static str),
    NotAsked,
}

/// Indicator, panel, wave, breakdown, level.
type Place<'a> = (&'a str, &'a str, i32, &'a str, &'a str);

struct Cells<'a> {
    places: Vec<Place<'a>>,
    n: Vec<i64>,
    states: Vec<State>,
    /// Row of every place.
    rows: BTreeMap<Place<'a>, usize>,
    /// Panels of every total over panels.
    members: BTreeMap<String, Vec<&'a str>>,
    minimum_cell: i64,
}

impl<'a> Cells<'a> {
    fn read(table: &'a RecordBatch, rules: &Rules<'a>) -> Result<Self, Error> {
        let [indicator, panel, breakdown, level, status, reason] =
            ["indicator", "panel", "breakdown", "level", "status", "reason"]
                .map(|name| text(table, name));
        let (indicator, panel, breakdown, level) = (indicator?, panel?, breakdown?, level?);
        let (status, reason, wave) = (status?, reason?, small(table, "wave")?);
        let (n, n_yes) = (count(table, "n")?, count(table, "n_yes")?);
        let place = |row: usize| {
            (
                indicator.value(row),
                panel.value(row),
                wave.value(row),
                breakdown.value(row),
                level.value(row),
            )
        };
        let places: Vec<_> = (0..table.num_rows()).map(place).collect();
        let answers: Vec<i64> = (0..table.num_rows())
            .map(|row| if n.is_null(row) { 0 } else { n.value(row) })
            .collect();
        let state = |row: usize| match status.value(row) {
            "not_asked" => State::NotAsked,
            said => {
                let yes = (!n_yes.is_null(row)).then(|| n_yes.value(row));
                match primary(answers[row], yes, rules.thresholds) {
                    Some(reason) => State::Withheld(reason),
                    None if said == "withheld" => State::Withheld(known_reason(reason.value(row))),
                    None => State::Published,
                }
            }
        };
        let states = (0..table.num_rows()).map(state).collect();
        let rows = places.iter().copied().enumerate().map(|(row, place)| (place, row)).collect();
        let panels =
            |group: &'a PanelGroup| group.panels.iter().map(String::as_str).collect::<Vec<_>>();
        let totals = rules.groups.iter().flat_map(|(name, group)| {
            [(pooled(name), panels(group)), (mean_of_groups(name), panels(group))]
        });
        let members = totals.collect();
        let minimum_cell = rules.thresholds.minimum_cell as i64;
        Ok(Self { places, n: answers, states, rows, members, minimum_cell })
    }

    /// A cell that follows from its total and the other cells is no secret: withhold the smallest other one too,
    /// and a total over panels from which one withheld panel would follow; until nothing changes.
    fn withhold_second(&mut self) {
        loop {
            let more: Vec<usize> =
                self.second_cells().into_iter().chain(self.totals_over_panels()).collect();
            if more.is_empty() {
                return;
            }
            for row in more {
                self.states[row] = State::Withheld("secondary");
            }
        }
    }

    fn second_cells(&self) -> Vec<usize> {
        let mut groups: BTreeMap<(&str, &str, i32, &str), Vec<usize>> = BTreeMap::new();
        for (row, (indicator, panel, wave, breakdown, _)) in self.places.iter().enumerate() {
            if *breakdown != "total" {
                groups.entry((indicator, panel, *wave, breakdown)).or_default().push(row);
            }
        }
        let total_is_shown = |(indicator, panel, wave, _): &(&'a str, &'a str, i32, &'a str)| {
            let total = self.rows.get(&(*indicator, *panel, *wave, "total", "total"));
            total.is_some_and(|row| self.states[*row] == State::Published)
        };
        let open = groups.iter().filter(|(group, _)| total_is_shown(group));
        open.filter_map(|(_, rows)| self.second_cell(rows)).collect()
    }

    /// The smallest shown cell, where the withheld ones can be told from it.
    fn second_cell(&self, rows: &[usize]) -> Option<usize> {
        let withheld =
            |row: &&usize| matches!(self.states[**row], State::Withheld(_)) && self.n[**row] > 0;
        let hidden: Vec<&usize> = rows.iter().filter(withheld).collect();
        let sum: i64 = hidden.iter().map(|row| self.n[**row]).sum();
        if hidden.is_empty() || (hidden.len() > 1 && sum >= self.minimum_cell) {
            return None;
        }
        let shown = rows
            .iter()
            .copied()
            .filter(|row| self.states[*row] == State::Published && self.n[*row] > 0);
        shown.min_by_key(|row| (self.n[*row], self.places[*row].4))
    }

    fn totals_over_panels(&self) -> Vec<usize> {
        let is_told = |row: &usize| {
            let (indicator, panel, wave, breakdown, level) = self.places[*row];
            let Some(members) = self.members.get(panel) else { return false };
            let rows = members
                .iter()
                .filter_map(|member| self.rows.get(&(indicator, *member, wave, breakdown, level)));
            let hidden = rows.filter(|row| {
                matches!(self.states[**row], State::Withheld(_)) && self.n[**row] > 0
            });
            self.states[*row] == State::Published && hidden.count() == 1
        };
        (0..self.places.len()).filter(is_told).collect()
    }

    fn without_withheld(&self, table: &RecordBatch) -> Result<RecordBatch, Error> {
        let hidden: BooleanArray =
            self.states.iter().map(|state| Some(*state != State::Published)).collect();
        let status = self.states.iter().map(|state| match state {
            State::Published => "published",
            State::Withheld(_) => "withheld",
            State::NotAsked => "not_asked",
        });
        let reason = self.states.iter().map(|state| match state {
            State::Published => "",
            State::Withheld(reason) => reason,
            State::NotAsked => "not_asked",
        });
        let status: ArrayRef = Arc::new(StringArray::from_iter_values(status));
        let reason: ArrayRef = Arc::new(StringArray::from_iter_values(reason));
        replace(table, &hidden, FIGURES, &[("status", status), ("reason", reason)])
    }
}

/// Too few answers in the base, or a small cell behind a proportion; an exact zero or all is no small cell.
fn primary(n: i64, n_yes: Option<i64>, thresholds: &Disclosure) -> Option<&'static str> {
    let few = |cell: i64| 0 < cell && cell < thresholds.minimum_cell as i64;
    if n < thresholds.minimum_base as i64 {
        Some("base_below_minimum")
    } else if n_yes.is_some_and(|yes| few(yes) || few(n - yes)) {
        Some("cell_below_minimum")
    } else {
        None
    }
}

fn known_reason(reason: &str) -> &'static str {
    match reason {
        "cell_below_minimum" => "cell_below_minimum",
        "secondary" => "secondary",
        _ => "base_below_minimum",
    }
}

/// A change of which one wave is withheld would tell that wave: an end, of a trend also one in between.
fn changes(table: &RecordBatch, cells: &Cells<'_>) -> Result<RecordBatch, Error> {
    let (indicator, panel) = (text(table, "indicator")?, text(table, "panel")?);
    let (breakdown, level, call) =
        (text(table, "breakdown")?, text(table, "level")?, text(table, "call")?);
    let (wave, reference) = (small(table, "wave")?, small(table, "reference_wave")?);
    let is_hidden = |row: usize, wave: i32| {
        let place =
            (indicator.value(row), panel.value(row), wave, breakdown.value(row), level.value(row));
        cells.rows.get(&place).is_some_and(|row| matches!(cells.states[*row], State::Withheld(_)))
    };
    let against = text(table, "against")?;
    let hidden: Vec<bool> = (0..table.num_rows())
        .map(|row| {
            let (first, last) = (reference.value(row), wave.value(row));
            call.value(row) == "withheld"
                || is_hidden(row, first)
                || is_hidden(row, last)
                || (against.value(row) == "trend"
                    && (first + 1..last).any(|between| is_hidden(row, between)))
        })
        .collect();
    let called = hidden
        .iter()
        .enumerate()
        .map(|(row, hidden)| if *hidden { "withheld" } else { call.value(row) });
    let called: ArrayRef = Arc::new(StringArray::from_iter_values(called));
    replace(table, &BooleanArray::from(hidden), CHANGE_FIGURES, &[("call", called)])
}

/// A difference between levels of which one is withheld would tell that level: the pair is left out.
fn contrasts(table: &RecordBatch, cells: &Cells<'_>) -> Result<RecordBatch, Error> {
    let [indicator, panel, breakdown, level_a, level_b] =
        ["indicator", "panel", "breakdown", "level_a", "level_b"].map(|name| text(table, name));
    let (indicator, panel, breakdown) = (indicator?, panel?, breakdown?);
    let (level_a, level_b, wave) = (level_a?, level_b?, small(table, "wave")?);
    let is_shown = |row: usize, level: &str| {
        let place =
            (indicator.value(row), panel.value(row), wave.value(row), breakdown.value(row), level);
        cells.rows.get(&place).is_some_and(|row| cells.states[*row] == State::Published)
    };
    let shown: BooleanArray = (0..table.num_rows())
        .map(|row| Some(is_shown(row, level_a.value(row)) && is_shown(row, level_b.value(row))))
        .collect();
    Ok(filter_record_batch(table, &shown)?)
}

/// The table with its figures empty where hidden, and with these columns instead of its own.
fn replace(
    table: &RecordBatch,
    hidden: &BooleanArray,
    figures: &[&str],
    instead: &[(&str, ArrayRef)],
) -> Result<RecordBatch, Error> {
    let schema = table.schema();
    let column =
        |(field, array): (&Arc<arrow::datatypes::Field>, &ArrayRef)| -> Result<ArrayRef, Error> {
            let name = field.name().as_str();
            if let Some((_, new)) = instead.iter().find(|(column, _)| *column == name) {
                return Ok(Arc::clone(new));
            }
            Ok(if figures.contains(&name) { nullif(array, hidden)? } else { Arc::clone(array) })
        };
    let columns =
        schema.fields().iter().zip(table.columns()).map(column).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(Arc::clone(&schema), columns)?)
}

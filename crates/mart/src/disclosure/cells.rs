//! The cells of the exact estimates: where they stand, what is known of them, and the respondents without a background.

use std::collections::BTreeMap;

use arrow::array::{Array, RecordBatch};

use super::rule::Facts;
use crate::error::Error;
pub use crate::names::UNKNOWN;
use crate::table::{count, numbers, small, text};

pub const TOTAL: &str = "total";

/// Indicator, panel, wave, breakdown and level of a cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub indicator: String,
    pub panel: String,
    pub wave: i32,
    pub breakdown: String,
    pub level: String,
}

impl Place {
    #[must_use]
    pub fn at(&self, breakdown: &str, level: &str) -> Self {
        let (breakdown, level) = (breakdown.to_owned(), level.to_owned());
        Self { breakdown, level, ..self.clone() }
    }

    /// Breakdown and level as one key.
    pub fn cell(&self) -> String {
        crate::names::cell(&self.breakdown, &self.level)
    }

    #[must_use]
    pub fn of_panel(&self, panel: &str) -> Self {
        Self { panel: panel.to_owned(), ..self.clone() }
    }
}

/// A cell that was asked or not, with everything exact.
#[derive(Debug, Clone)]
pub struct Exact {
    pub place: Place,
    pub is_asked: bool,
    pub facts: Facts,
    pub weight: f64,
    pub comparability: String,
    pub note: String,
}

impl Exact {
    /// The same cell with the same figures, to the last bit.
    pub fn is_same(&self, other: &Self) -> bool {
        let bits = |facts: &Facts| {
            let numbers = facts.interval.map_or([f64::NAN; 2], |(low, high)| [low, high]);
            [facts.value, numbers[0], numbers[1]].map(f64::to_bits)
        };
        let (one, two) = (&self.facts, &other.facts);
        self.place == other.place
            && self.is_asked == other.is_asked
            && (one.respondents, one.yes, one.sample) == (two.respondents, two.yes, two.sample)
            && bits(one) == bits(two)
            && self.weight.to_bits() == other.weight.to_bits()
    }
}

/// All cells of the table in its order.
pub fn read(table: &RecordBatch) -> Result<Vec<Exact>, Error> {
    let texts = [
        "indicator",
        "panel",
        "breakdown",
        "level",
        "status",
        "comparability",
        "comparability_note",
    ];
    let texts = texts.map(|name| text(table, name));
    let [indicator, panel, breakdown, level, status, comparability, note] = texts;
    let (indicator, panel, breakdown, level) = (indicator?, panel?, breakdown?, level?);
    let (status, comparability, note) = (status?, comparability?, note?);
    let wave = small(table, "wave")?;
    let (n, n_yes, n_sample) =
        (count(table, "n")?, count(table, "n_yes")?, count(table, "n_sample")?);
    let figures = ["sum_of_weights", "n_eff", "estimate", "standard_error", "ci_lower", "ci_upper"];
    let [weight, effective, value, error, lower, upper] = figures.map(|name| numbers(table, name));
    let (weight, effective, value) = (weight?, effective?, value?);
    let (error, lower, upper) = (error?, lower?, upper?);
    let whole = |array: &arrow::array::Int64Array, row: usize| {
        array.is_valid(row).then(|| array.value(row).cast_unsigned())
    };
    let number = |array: &arrow::array::Float64Array, row: usize| {
        array.is_valid(row).then(|| array.value(row)).filter(|value| value.is_finite())
    };
    let cell = |row: usize| Exact {
        place: Place {
            indicator: indicator.value(row).to_owned(),
            panel: panel.value(row).to_owned(),
            wave: wave.value(row),
            breakdown: breakdown.value(row).to_owned(),
            level: level.value(row).to_owned(),
        },
        is_asked: status.value(row) != "not_asked",
        facts: Facts {
            respondents: whole(n, row).unwrap_or(0),
            yes: whole(n_yes, row),
            sample: whole(n_sample, row),
            effective: number(&effective, row),
            value: number(&value, row).unwrap_or(f64::NAN),
            standard_error: number(&error, row),
            interval: number(&lower, row).zip(number(&upper, row)),
        },
        weight: number(&weight, row).unwrap_or(0.0),
        comparability: comparability.value(row).to_owned(),
        note: note.value(row).to_owned(),
    };
    Ok((0..table.num_rows()).map(cell).collect())
}

/// A cell a breakdown, panel and wave for those whose background is unknown: the total less the levels.
pub fn unknown(cells: &[Exact]) -> Vec<Exact> {
    let mut breakdowns: BTreeMap<Place, Vec<&Exact>> = BTreeMap::new();
    let mut totals: BTreeMap<&Place, &Exact> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.is_asked) {
        if cell.place.breakdown == TOTAL {
            totals.insert(&cell.place, cell);
        } else {
            let place = cell.place.at(&cell.place.breakdown, UNKNOWN);
            breakdowns.entry(place).or_default().push(cell);
        }
    }
    let of = |(place, levels): (Place, Vec<&Exact>)| {
        let total = totals.get(&place.at(TOTAL, TOTAL))?;
        Some(rest(place, total, &levels))
    };
    breakdowns.into_iter().filter_map(of).collect()
}

/// What is left of a total when its levels are taken away.
fn rest(place: Place, total: &Exact, levels: &[&Exact]) -> Exact {
    let known =
        |of: &dyn Fn(&Facts) -> u64| levels.iter().map(|level| of(&level.facts)).sum::<u64>();
    let respondents = total.facts.respondents.saturating_sub(known(&|facts| facts.respondents));
    let yes = total.facts.yes.map(|yes| yes.saturating_sub(known(&|facts| facts.yes.unwrap_or(0))));
    let summed =
        |cell: &Exact| if cell.weight > 0.0 { cell.weight * cell.facts.value } else { 0.0 };
    let weight = total.weight - levels.iter().map(|level| level.weight).sum::<f64>();
    let sum = summed(total) - levels.iter().map(|level| summed(level)).sum::<f64>();
    let is_known = respondents > 0 && weight > 0.0 && sum.is_finite();
    // Subtracting leaves a hair beyond the ends.
    let value = |share: f64| if yes.is_some() { share.clamp(0.0, 1.0) } else { share };
    Exact {
        place,
        is_asked: true,
        facts: Facts {
            respondents,
            yes,
            sample: None,
            effective: None,
            value: if is_known { value(sum / weight) } else { f64::NAN },
            standard_error: None,
            interval: None,
        },
        weight: if is_known { weight } else { 0.0 },
        comparability: levels.first().map_or_else(String::new, |level| level.comparability.clone()),
        note: levels.first().map_or_else(String::new, |level| level.note.clone()),
    }
}

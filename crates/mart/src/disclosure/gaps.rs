//! Gaps, and changes of gaps and of contrasts, where all figures are shown of which they are made.

use std::collections::BTreeMap;

use arrow::array::{RecordBatch, StringArray};
use config::monitor::{Gap, GapPair, Significance};

use super::cells::{Exact, Place};
use super::families::Families;
use super::protect::Published;
use super::public::{Decided, Pair, pairs, places};
use crate::compared::Compared;
use crate::error::Error;
use crate::table::{Columns, small, text};

/// The rows of the exact `gap`: from the indicator that is taken off to that from which it is taken.
pub fn gaps(table: &RecordBatch, positions: &BTreeMap<&Place, usize>) -> Result<Vec<Pair>, Error> {
    let (minus, level) = (text(table, "minus")?, text(table, "level")?);
    let ends = |row: usize, place: &Place| {
        let own = place.at(&place.breakdown, level.value(row));
        ([Place { indicator: minus.value(row).to_owned(), ..own.clone() }, own], true)
    };
    pairs(table, positions, "level", ends)
}

/// The rows of the exact `gap_change` or `contrast_change`: between the waves of the figure from which is taken off, with all
/// other cells between.
pub fn changes_of_differences(
    table: &RecordBatch,
    positions: &BTreeMap<&Place, usize>,
) -> Result<Vec<Pair>, Error> {
    let is_of_levels = table.column_by_name("level_b").is_some();
    let level = text(table, if is_of_levels { "level_b" } else { "level" })?;
    let minus = text(table, if is_of_levels { "level_a" } else { "minus" })?;
    let reference = small(table, "reference_wave")?;
    let against = text(table, "against")?;
    let ends = |row: usize, place: &Place| {
        let own = place.at(&place.breakdown, level.value(row));
        ([Place { wave: reference.value(row), ..own.clone() }, own], false)
    };
    let mut all = pairs(table, positions, if is_of_levels { "level_b" } else { "level" }, ends)?;
    for (row, pair) in all.iter_mut().enumerate() {
        let other = minus.value(row).to_owned();
        let other = if is_of_levels {
            Place { level: other, ..pair.place.clone() }
        } else {
            Place { indicator: other, ..pair.place.clone() }
        };
        let at = |place: &Place, wave| positions.get(&Place { wave, ..place.clone() }).copied();
        let (first, last) = (reference.value(row), pair.place.wave);
        let is_trend = against.value(row) == "trend";
        let waves = (first..=last).filter(|wave| is_trend || *wave == first || *wave == last);
        let waves: Vec<i32> = waves.collect();
        let own = waves.iter().filter_map(|&wave| at(&pair.place, wave));
        let others = waves.iter().filter_map(|&wave| at(&other, wave));
        pair.between = own.chain(others).collect();
    }
    Ok(all)
}

/// What the changes of differences tell of the figures of both waves.
pub fn told_of_changes(
    table: &RecordBatch,
    positions: &BTreeMap<&Place, usize>,
) -> Result<Vec<Published>, Error> {
    let against = text(table, "against")?;
    let told = |(row, pair): (usize, Pair)| {
        let [before, now, minus_before, minus_now] = *pair.between.as_slice() else { return None };
        let terms = vec![(now, 1.0), (before, -1.0), (minus_now, -1.0), (minus_before, 1.0)];
        let is_told = against.value(row) != "trend" && pair.difference.is_finite();
        let Pair { difference, interval, .. } = pair;
        is_told.then_some(Published { terms, difference, interval })
    };
    Ok(changes_of_differences(table, positions)?.into_iter().enumerate().filter_map(told).collect())
}

/// The gaps of a release of before their exact table: what the exact figures say.
pub fn of_figures(
    gaps: &[Gap],
    cells: &[Exact],
    positions: &BTreeMap<&Place, usize>,
) -> Vec<Published> {
    let mut by_indicator: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate() {
        by_indicator.entry(&cell.place.indicator).or_default().push(at);
    }
    let of_pair = |pair: &GapPair| -> Vec<Published> {
        let own = by_indicator.get(pair.indicator.as_str()).into_iter().flatten();
        let row = |&second: &usize| {
            let minus = Place { indicator: pair.minus.clone(), ..cells[second].place.clone() };
            let first = *positions.get(&minus)?;
            let difference = cells[second].facts.value - cells[first].facts.value;
            let told = Published::between(first, second, difference, None);
            difference.is_finite().then_some(told)
        };
        own.filter_map(row).collect()
    };
    gaps.iter().flat_map(|gap| &gap.pairs).flat_map(of_pair).collect()
}

impl Decided<'_> {
    /// The mart `gap`: pairs of indicators that are both shown, p adjusted over those of a gap, panel, wave and breakdown.
    pub fn gap(&self, compared: &Compared, families: &dyn Families) -> Result<RecordBatch, Error> {
        let exact = &compared.table;
        let (gap, subject, minus) =
            (text(exact, "gap")?, text(exact, "subject")?, text(exact, "minus")?);
        let all = gaps(exact, &self.positions)?;
        let between = self.between(compared, all, &["gap", "panel", "breakdown"], families)?;
        let rows = &between.rows;
        let columns = places(&between.pairs)
            .text("gap", rows.iter().map(|&row| gap.value(row)))
            .text("subject", rows.iter().map(|&row| subject.value(row)))
            .text("minus", rows.iter().map(|&row| minus.value(row)));
        self.said_between(columns, &between).build()
    }

    /// The mart `gap_change`: where one of the four figures is withheld, only that is told.
    pub fn gap_change(
        &self,
        compared: &Compared,
        significance: &Significance,
        families: &dyn Families,
    ) -> Result<RecordBatch, Error> {
        let exact = &compared.table;
        let (gap, subject, minus) =
            (text(exact, "gap")?, text(exact, "subject")?, text(exact, "minus")?);
        let pairs = changes_of_differences(exact, &self.positions)?;
        let rows = 0..pairs.len();
        let columns = places(&pairs)
            .text("gap", rows.clone().map(|row| gap.value(row)))
            .text("subject", rows.clone().map(|row| subject.value(row)))
            .text("minus", rows.map(|row| minus.value(row)));
        self.changed(compared, &pairs, columns, &["gap"], &self.stays(significance), families)?
            .build()
    }

    /// The mart `contrast_change`.
    pub fn contrast_change(
        &self,
        compared: &Compared,
        significance: &Significance,
        families: &dyn Families,
    ) -> Result<RecordBatch, Error> {
        let exact = &compared.table;
        let (level_a, level_b) = (text(exact, "level_a")?, text(exact, "level_b")?);
        let pairs = changes_of_differences(exact, &self.positions)?;
        let rows = 0..pairs.len();
        let place = |row: usize| &pairs[row].place;
        let cell = |row: usize, level: &StringArray| {
            place(row).at(&place(row).breakdown, level.value(row)).cell()
        };
        let columns = Columns::default()
            .text("indicator", rows.clone().map(|row| place(row).indicator.as_str()))
            .text("panel", rows.clone().map(|row| place(row).panel.as_str()))
            .small("wave", rows.clone().map(|row| place(row).wave))
            .text("breakdown", rows.clone().map(|row| place(row).breakdown.as_str()))
            .text("level_a", rows.clone().map(|row| level_a.value(row)))
            .text("level_b", rows.clone().map(|row| level_b.value(row)))
            .texts("cell_a", rows.clone().map(|row| cell(row, level_a)))
            .texts("cell_b", rows.map(|row| cell(row, level_b)));
        self.changed(compared, &pairs, columns, &[], &self.stays(significance), families)?.build()
    }

    /// Which changes of differences are none, whatever their p.
    fn stays(&self, significance: &Significance) -> impl Fn(&Pair) -> bool {
        move |pair| significance.equal_when_rounded_is_stable && self.are_equal_gaps(pair)
    }

    /// Both differences are shown as the same number; a trend is no difference between its ends.
    fn are_equal_gaps(&self, pair: &Pair) -> bool {
        let [before, now, minus_before, minus_now] = *pair.between.as_slice() else { return false };
        let value = |at: usize| self.cells[at].facts.value;
        let gap = |own, minus| self.rounded(&pair.place.indicator, value(own) - value(minus));
        gap(before, minus_before) == gap(now, minus_now)
    }
}

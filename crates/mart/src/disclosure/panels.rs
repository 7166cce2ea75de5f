//! Panel against panel, in each indicator and wave: the exact table, and what of it everybody may read.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, Float64Array, RecordBatch};
use config::monitor::PanelGroup;

use super::cells::{Place, TOTAL};
use super::families::{Families, PanelContrast, PanelFigure};
use super::public::{Decided, Pair};
use crate::compared::Compared;
use crate::error::Error;
use crate::names::{mean_of_groups, pooled};
use crate::table::{Columns, count, numbers, small, text};

/// A panel's figure of an indicator in a wave.
type OfPanel<'a> = (&'a str, PanelFigure);

/// The pairs of panels that were both asked, from the exact `estimate`; totals over panels are no part.
pub fn exact(
    estimate: &RecordBatch,
    groups: &BTreeMap<String, PanelGroup>,
    families: &dyn Families,
) -> Result<Compared, Error> {
    let totals: BTreeSet<String> =
        groups.keys().flat_map(|group| [pooled(group), mean_of_groups(group)]).collect();
    let mut rows: Vec<(&str, i32, [OfPanel<'_>; 2])> = Vec::new();
    for ((indicator, wave), panels) in &figures(estimate, &totals)? {
        for (place, first) in panels.iter().enumerate() {
            let pairs = panels[place + 1..].iter();
            rows.extend(pairs.map(|second| (*indicator, *wave, [*first, *second])));
        }
    }
    let tests: Vec<Option<PanelContrast>> = rows
        .iter()
        .map(|(_, _, [first, second])| families.between_panels([&first.1, &second.1]))
        .collect();
    let number =
        |of: fn(&PanelContrast) -> f64| tests.iter().map(move |test| Some(of(test.as_ref()?)));
    let table = Columns::default()
        .text("indicator", rows.iter().map(|row| row.0))
        .small("wave", rows.iter().map(|row| row.1))
        .text("panel", rows.iter().map(|row| row.2[0].0))
        .text("other_panel", rows.iter().map(|row| row.2[1].0))
        .numbers(
            "difference",
            rows.iter().map(|(_, _, [first, second])| Some(second.1.estimate - first.1.estimate)),
        )
        .numbers("standard_error", number(|test| test.standard_error))
        .numbers("ci_lower", number(|test| test.interval.0))
        .numbers("ci_upper", number(|test| test.interval.1))
        .numbers("statistic", number(|test| test.statistic))
        .numbers("degrees_of_freedom", number(|test| test.degrees_of_freedom))
        .numbers("p", number(|test| test.p))
        .build()?;
    Ok(Compared { table, tests: tests.into_iter().map(|test| Some(test?.tested)).collect() })
}

/// Figures of the totals by indicator and wave, a panel each.
fn figures<'a>(
    estimate: &'a RecordBatch,
    totals: &BTreeSet<String>,
) -> Result<BTreeMap<(&'a str, i32), Vec<OfPanel<'a>>>, Error> {
    let [indicator, panel, breakdown] =
        ["indicator", "panel", "breakdown"].map(|name| text(estimate, name));
    let (indicator, panel, breakdown) = (indicator?, panel?, breakdown?);
    let wave = small(estimate, "wave")?;
    let (n, n_yes) = (count(estimate, "n")?, count(estimate, "n_yes")?);
    let [value, error, lower, upper, degrees] =
        ["estimate", "standard_error", "ci_lower", "ci_upper", "degrees_of_freedom"]
            .map(|name| numbers(estimate, name));
    let (value, error, lower, upper, degrees) = (value?, error?, lower?, upper?, degrees?);
    let number = |array: &Float64Array, row: usize| {
        if array.is_valid(row) { array.value(row) } else { f64::NAN }
    };
    let mut all: BTreeMap<(&str, i32), Vec<OfPanel<'_>>> = BTreeMap::new();
    for row in 0..estimate.num_rows() {
        let is_own = breakdown.value(row) == TOTAL && !totals.contains(panel.value(row));
        if !is_own || !n.is_valid(row) || n.value(row) == 0 || !value.is_valid(row) {
            continue;
        }
        let figure = PanelFigure {
            n: n.value(row).cast_unsigned(),
            n_yes: n_yes.is_valid(row).then(|| n_yes.value(row).cast_unsigned()),
            estimate: number(&value, row),
            standard_error: number(&error, row),
            interval: (number(&lower, row), number(&upper, row)),
            degrees_of_freedom: number(&degrees, row),
        };
        let of = all.entry((indicator.value(row), wave.value(row))).or_default();
        of.push((panel.value(row), figure));
    }
    Ok(all)
}

/// The rows of the exact table with the positions of both cells.
pub fn pairs(table: &RecordBatch, positions: &BTreeMap<&Place, usize>) -> Result<Vec<Pair>, Error> {
    let [indicator, panel, other] =
        ["indicator", "panel", "other_panel"].map(|name| text(table, name));
    let (indicator, panel, other) = (indicator?, panel?, other?);
    let wave = small(table, "wave")?;
    let [difference, lower, upper, p] =
        ["difference", "ci_lower", "ci_upper", "p"].map(|name| numbers(table, name));
    let (difference, lower, upper, p) = (difference?, lower?, upper?, p?);
    let number = |array: &Float64Array, row: usize| {
        array.is_valid(row).then(|| array.value(row)).filter(|value| value.is_finite())
    };
    let pair = |row: usize| {
        let place = Place {
            indicator: indicator.value(row).to_owned(),
            panel: panel.value(row).to_owned(),
            wave: wave.value(row),
            breakdown: TOTAL.to_owned(),
            level: TOTAL.to_owned(),
        };
        Pair {
            first: positions.get(&place).copied(),
            second: positions.get(&place.of_panel(other.value(row))).copied(),
            place,
            difference: number(&difference, row).unwrap_or(f64::NAN),
            interval: number(&lower, row).zip(number(&upper, row)),
            p: number(&p, row),
            is_difference: true,
            between: Vec::new(),
        }
    };
    Ok((0..table.num_rows()).map(pair).collect())
}

impl Decided<'_> {
    /// The mart `panel_contrast`: pairs of panels that are both shown, p adjusted over those of an indicator and wave.
    pub fn between_panels(
        &self,
        compared: &Compared,
        families: &dyn Families,
    ) -> Result<RecordBatch, Error> {
        let exact = &compared.table;
        let other = text(exact, "other_panel")?;
        let all = pairs(exact, &self.positions)?;
        let between = self.between(compared, all, &["indicator"], families)?;
        let (rows, pairs) = (&between.rows, &between.pairs);
        let columns = Columns::default()
            .text("indicator", pairs.iter().map(|pair| pair.place.indicator.as_str()))
            .small("wave", pairs.iter().map(|pair| pair.place.wave))
            .text("panel", pairs.iter().map(|pair| pair.place.panel.as_str()))
            .text("other_panel", rows.iter().map(|&row| other.value(row)));
        self.said_between(columns, &between).build()
    }
}

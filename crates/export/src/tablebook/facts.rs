//! The figures of a release, each with what is said of it: its change, and which levels are lower.

use std::collections::BTreeMap;

use super::dimensions::{Dimensions, Indicator};
use crate::error::Error;
use crate::release::{PUBLIC, RESTRICTED, Release, TOTAL, Table, Text};

/// A level of a breakdown, or the total.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub breakdown: Text,
    pub level: Text,
}

impl Cell {
    pub fn total() -> Self {
        Self { breakdown: Text::from(TOTAL), level: Text::from(TOTAL) }
    }

    /// A key of one column, `breakdown:level`.
    fn of_key(key: &str) -> Self {
        let (breakdown, level) = key.split_once(':').unwrap_or((key, key));
        Self { breakdown: Text::from(breakdown), level: Text::from(level) }
    }
}

/// One figure: its value and interval in its unit, its base, and what is said of it.
#[derive(Debug, Clone)]
pub struct Figure {
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub n: Option<f64>,
    /// Sum of weights; only in the restricted version.
    pub weighted: Option<f64>,
    pub effective: Option<f64>,
    pub status: Text,
    pub reason: Text,
    pub comparability: Text,
    pub note: Text,
    /// Against the wave before; empty where there is no row.
    pub call: Text,
    /// Levels of the same breakdown that are significantly lower.
    pub lower: Vec<Text>,
    /// Whether it was compared with another level.
    pub is_compared: bool,
}

/// The figures of a thing in a panel, by wave and cell.
pub type Series = BTreeMap<(i64, Cell), Figure>;

/// By concept and panel, then by code.
pub type Answers = BTreeMap<(Text, Text), BTreeMap<Text, Series>>;

pub struct Facts {
    /// By indicator and panel.
    pub figures: BTreeMap<(Text, Text), Series>,
    /// By concept and panel, each answer's figures; empty where the release has no distributions.
    pub answers: Answers,
    pub is_restricted: bool,
}

impl Facts {
    pub fn read(
        release: &Release,
        dimensions: &Dimensions,
        is_restricted: bool,
    ) -> Result<Self, Error> {
        let mut figures = statuses(&release.table(PUBLIC, "estimate")?)?;
        let (part, ending) = if is_restricted { (RESTRICTED, "_exact") } else { (PUBLIC, "") };
        if is_restricted {
            exact(&mut figures, &release.table(part, "estimate_exact")?, dimensions)?;
        }
        calls(&mut figures, &release.table(part, &format!("change{ending}"))?)?;
        contrasts(&mut figures, &release.table(part, &format!("contrast{ending}"))?)?;
        let distribution = release.optional(part, &format!("answer_distribution{ending}"))?;
        let answers = distribution.map_or(Ok(BTreeMap::new()), |table| answers(&table))?;
        Ok(Self { figures, answers, is_restricted })
    }
}

/// One row's text; a missing one is empty.
fn at(column: &[Option<Text>], row: usize) -> Text {
    column[row].clone().unwrap_or_else(|| Text::from(""))
}

fn maybe(column: Option<&[Option<Text>]>, row: usize) -> Text {
    column.map_or_else(|| Text::from(""), |column| at(column, row))
}

/// Row by row: the cell, from its two columns or its one key.
fn cells(table: &Table) -> Result<Vec<Cell>, Error> {
    if let (Some(breakdown), Some(level)) =
        (table.optional_text("breakdown"), table.optional_text("level"))
    {
        let cell = |row| Cell { breakdown: at(breakdown, row), level: at(level, row) };
        return Ok((0..table.rows).map(cell).collect());
    }
    let keys = table.text("cell")?;
    Ok((0..table.rows).map(|row| Cell::of_key(&at(keys, row))).collect())
}

/// The published figures, also those that are not shown.
fn statuses(table: &Table) -> Result<BTreeMap<(Text, Text), Series>, Error> {
    let (indicator, panel) = (table.text("indicator")?, table.text("panel")?);
    let (wave, n) = (table.number("wave")?, table.number("n")?);
    let value = table.number("estimate")?;
    let (low, high) = (table.number("ci_lower")?, table.number("ci_upper")?);
    let (status, reason) = (table.text("status")?, table.text("reason")?);
    let comparability = table.text("comparability")?;
    let note = table.optional_text("comparability_note");
    let mut figures: BTreeMap<(Text, Text), Series> = BTreeMap::new();
    for (row, cell) in cells(table)?.into_iter().enumerate() {
        let figure = Figure {
            value: value[row],
            low: low[row],
            high: high[row],
            n: n[row],
            weighted: None,
            effective: None,
            status: at(status, row),
            reason: at(reason, row),
            comparability: at(comparability, row),
            note: maybe(note, row),
            call: Text::from(""),
            lower: Vec::new(),
            is_compared: false,
        };
        let series = figures.entry((at(indicator, row), at(panel, row))).or_default();
        series.insert((year(wave[row]), cell), figure);
    }
    Ok(figures)
}

fn year(wave: Option<f64>) -> i64 {
    wave.unwrap_or(0.0) as i64
}

/// Puts the exact values in place of the rounded ones.
fn exact(
    figures: &mut BTreeMap<(Text, Text), Series>,
    table: &Table,
    dimensions: &Dimensions,
) -> Result<(), Error> {
    let (indicator, panel) = (table.text("indicator")?, table.text("panel")?);
    let wave = table.number("wave")?;
    let value = table.number("estimate")?;
    let (low, high) = (table.number("ci_lower")?, table.number("ci_upper")?);
    let n = table.number("n")?;
    let (weighted, effective) = (table.number("sum_of_weights")?, table.number("n_eff")?);
    // Nothing rounded among what is exact.
    for figure in figures.values_mut().flat_map(BTreeMap::values_mut) {
        (figure.value, figure.low, figure.high, figure.n) = (None, None, None, None);
    }
    for (row, cell) in cells(table)?.into_iter().enumerate() {
        let name = at(indicator, row);
        let scale = dimensions.indicator(&name).map_or(1.0, Indicator::exact_scale);
        let series = figures.get_mut(&(name, at(panel, row)));
        let Some(figure) = series.and_then(|series| series.get_mut(&(year(wave[row]), cell)))
        else {
            continue;
        };
        let scaled = |column: &[Option<f64>]| column[row].map(|value| value * scale);
        (figure.value, figure.low, figure.high) = (scaled(value), scaled(low), scaled(high));
        (figure.n, figure.weighted, figure.effective) = (n[row], weighted[row], effective[row]);
    }
    Ok(())
}

fn calls(figures: &mut BTreeMap<(Text, Text), Series>, table: &Table) -> Result<(), Error> {
    let (indicator, panel) = (table.text("indicator")?, table.text("panel")?);
    let (wave, against) = (table.number("wave")?, table.text("against")?);
    let call = table.text("call")?;
    for (row, cell) in cells(table)?.into_iter().enumerate() {
        if against[row].as_deref() != Some("previous_wave") {
            continue;
        }
        let series = figures.get_mut(&(at(indicator, row), at(panel, row)));
        if let Some(figure) = series.and_then(|series| series.get_mut(&(year(wave[row]), cell))) {
            figure.call = at(call, row);
        }
    }
    Ok(())
}

fn contrasts(figures: &mut BTreeMap<(Text, Text), Series>, table: &Table) -> Result<(), Error> {
    let (indicator, panel) = (table.text("indicator")?, table.text("panel")?);
    let (wave, breakdown) = (table.number("wave")?, table.text("breakdown")?);
    let (first, second) = (table.text("level_a")?, table.text("level_b")?);
    let call = table.text("call")?;
    for row in 0..table.rows {
        let Some(series) = figures.get_mut(&(at(indicator, row), at(panel, row))) else {
            continue;
        };
        let mut say = |of: Text, other: Text, is_higher: bool| {
            let cell = Cell { breakdown: at(breakdown, row), level: of };
            if let Some(figure) = series.get_mut(&(year(wave[row]), cell)) {
                figure.is_compared = true;
                figure.lower.extend(is_higher.then_some(other));
            }
        };
        let (first, second) = (at(first, row), at(second, row));
        // The call is of the second against the first.
        let call = call[row].as_deref().unwrap_or_default();
        if call != "no_test" {
            say(second.clone(), first.clone(), call == "higher");
            say(first, second, call == "lower");
        }
    }
    Ok(())
}

fn answers(table: &Table) -> Result<Answers, Error> {
    let (concept, panel) = (table.text("concept")?, table.text("panel")?);
    let (wave, code) = (table.number("wave")?, table.text("code")?);
    // Percentages are ready; a proportion is not.
    let (value, scale) = match table.optional_number("percent") {
        Some(percent) => (percent, 1.0),
        None => (table.number("estimate")?, 100.0),
    };
    let (low, high) = (table.optional_number("ci_lower"), table.optional_number("ci_upper"));
    let number = |column: Option<&[Option<f64>]>, row: usize| column.and_then(|column| column[row]);
    let (weighted, effective) =
        (table.optional_number("sum_of_weights"), table.optional_number("n_eff"));
    let (n, status) = (table.number("n")?, table.text("status")?);
    let reason = table.optional_text("reason");
    let mut answers = Answers::new();
    // Distributions are of everybody where they do not say.
    let says = ["cell", "breakdown"].iter().any(|name| table.optional_text(name).is_some());
    let cells = if says { cells(table)? } else { vec![Cell::total(); table.rows] };
    for (row, cell) in cells.into_iter().enumerate() {
        let figure = Figure {
            value: value[row].map(|value| value * scale),
            low: number(low, row).map(|value| value * scale),
            high: number(high, row).map(|value| value * scale),
            n: n[row],
            weighted: number(weighted, row),
            effective: number(effective, row),
            status: at(status, row),
            reason: maybe(reason, row),
            comparability: Text::from(""),
            note: Text::from(""),
            call: Text::from(""),
            lower: Vec::new(),
            is_compared: false,
        };
        let of_concept = answers.entry((at(concept, row), at(panel, row))).or_default();
        let series = of_concept.entry(at(code, row)).or_default();
        series.insert((year(wave[row]), cell), figure);
    }
    Ok(answers)
}

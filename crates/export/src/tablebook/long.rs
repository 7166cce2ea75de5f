//! The same figures for machines: one row a figure, every wave and level, one sheet a theme.

use super::dimensions::{Concept, Indicator};
use super::facts::{Cell, Figure, Series};
use super::marks;
use super::table::{Source, Value};
use crate::release::Text;

/// Names of the columns, the same in every language.
pub fn header(is_restricted: bool) -> Vec<&'static str> {
    let mut header = vec![
        "table",
        "concept",
        "indicator",
        "code",
        "label",
        "statistic",
        "wave",
        "breakdown",
        "breakdown_label",
        "level",
        "level_label",
        "letter",
        "value",
        "ci_lower",
        "ci_upper",
        "n",
    ];
    if is_restricted {
        header.extend(["n_weighted", "n_effective"]);
    }
    header.extend(["unit", "status", "reason", "mark", "comparability", "higher_than", "change"]);
    header
}

/// What a series is the figures of.
struct Of<'a> {
    table: &'a str,
    concept: &'a Concept,
    indicator: Option<&'a Indicator>,
    code: &'a str,
    label: &'a str,
}

/// The rows of a concept.
pub fn rows(source: &Source<'_>, concept: &Concept, table: &str) -> Vec<Vec<Option<Value>>> {
    let mut rows = Vec::new();
    let key = (concept.key.clone(), source.panel.key.clone());
    for (code, series) in source.facts.answers.get(&key).into_iter().flatten() {
        let label = concept.answers.iter().find(|(known, _)| known == code);
        let label = label.map_or(code, |(_, label)| label);
        let of = Of { table, concept, indicator: None, code, label };
        rows.extend(of_series(source, &of, series));
    }
    for (indicator, series) in source.indicators(concept) {
        let label = &indicator.label;
        let of = Of { table, concept, indicator: Some(indicator), code: "", label };
        rows.extend(of_series(source, &of, series));
    }
    rows
}

fn of_series(source: &Source<'_>, of: &Of<'_>, series: &Series) -> Vec<Vec<Option<Value>>> {
    let levels = &source.dimensions.levels;
    let place = |cell: &Cell| levels.iter().position(|level| level.cell == *cell);
    let mut sorted: Vec<(i64, Option<usize>, &Cell, &Figure)> =
        series.iter().map(|((wave, cell), figure)| (*wave, place(cell), cell, figure)).collect();
    sorted.sort_by_key(|(wave, place, ..)| (*wave, *place));
    let row = |(wave, place, cell, figure): (i64, Option<usize>, &Cell, &Figure)| {
        let level = place.map(|place| &levels[place]);
        let total = Text::from(source.words.column.total.as_str());
        let breakdown_label = level.map_or(&total, |level| &level.breakdown_label);
        let level_label = level.map_or(&total, |level| &level.label);
        let text = |text: &str| (!text.is_empty()).then(|| Value::Text(text.to_owned()));
        let number = |value: Option<f64>| value.map(|value| Value::Number(value + 0.0));
        let is_mean = of.indicator.is_some_and(|indicator| indicator.is_mean);
        let statistic = match (of.indicator, is_mean) {
            (None, _) => "answer",
            (Some(_), true) => "mean",
            (Some(_), false) => "proportion",
        };
        let mut row = vec![
            text(of.table),
            text(&of.concept.key),
            of.indicator.and_then(|indicator| text(&indicator.key)),
            text(of.code),
            text(of.label),
            text(statistic),
            Some(Value::Number(wave as f64)),
            text(&cell.breakdown),
            text(breakdown_label),
            text(&cell.level),
            text(level_label),
            source.letters.letter(cell, source.dimensions).and_then(text),
            number(figure.value),
            number(figure.low),
            number(figure.high),
            number(figure.n),
        ];
        if source.facts.is_restricted {
            row.extend([number(figure.weighted), number(figure.effective)]);
        }
        let mark = figure.value.is_none().then(|| marks::missing(Some(figure), place.is_none()));
        let higher = source.letters.of(&cell.breakdown, &figure.lower, source.dimensions);
        row.extend([
            text(of.indicator.map_or("percent", |indicator| &indicator.unit)),
            text(&figure.status),
            text(&figure.reason),
            mark.and_then(text),
            text(&figure.comparability),
            text(&higher),
            text(&figure.call),
        ]);
        row
    };
    sorted.into_iter().map(row).collect()
}

//! Figures to take away: CSV for machines, a workbook for people.

mod workbook;

use std::io;

use csv::{QuoteStyle, WriterBuilder};

use crate::Error;
use crate::figure::Content;
use crate::release::fact::{Contrast, Estimate};
use crate::view::View;

const ESTIMATES: [&str; 19] = [
    "indicator",
    "indicator_label",
    "panel",
    "panel_label",
    "wave",
    "cell",
    "level_label",
    "unit",
    "estimate",
    "ci_lower",
    "ci_upper",
    "n",
    "status",
    "reason",
    "status_label",
    "comparability",
    "change",
    "change_call",
    "reference_wave",
];
const INDICATOR: [&str; 15] = [
    "indicator",
    "panel",
    "wave",
    "cell",
    "unit",
    "estimate",
    "ci_lower",
    "ci_upper",
    "n",
    "status",
    "reason",
    "comparability",
    "change",
    "change_call",
    "reference_wave",
];
const CONTRASTS: [&str; 14] = [
    "indicator",
    "indicator_label",
    "panel",
    "panel_label",
    "wave",
    "breakdown_label",
    "cell",
    "level_label",
    "other_cell",
    "other_level_label",
    "difference",
    "ci_lower",
    "ci_upper",
    "call_label",
];

#[derive(Debug, Clone)]
enum Field {
    Text(String),
    Number(f64),
    Empty,
}

fn number(value: Option<f64>) -> Field {
    value.map_or(Field::Empty, Field::Number)
}

fn text(value: &str) -> Field {
    if value.is_empty() { Field::Empty } else { Field::Text(value.to_owned()) }
}

fn estimate(view: View<'_>, one: &Estimate) -> Vec<Field> {
    let of = &view.release.dimensions;
    let key = one.key;
    let status = &of.statuses[one.status];
    let change = view.release.change(key);
    let level = &of.levels[key.level];
    vec![
        text(&of.indicators[key.indicator].key),
        text(view.indicator(key.indicator)),
        text(&of.panels[key.panel].key),
        text(view.panel(key.panel)),
        Field::Number(f64::from(of.waves[key.wave].wave)),
        text(&level.cell()),
        text(view.level(key.level)),
        text(&of.indicators[key.indicator].unit),
        number(one.value),
        number(one.low),
        number(one.high),
        number(one.n),
        text(&status.status),
        text(&status.reason),
        text(view.status(one.status)),
        text(&one.comparability),
        number(change.and_then(|change| change.difference)),
        text(change.map_or("", |change| change.call.word())),
        number(change.map(|change| f64::from(of.waves[change.reference].wave))),
    ]
}

fn contrast(view: View<'_>, one: &Contrast) -> Vec<Field> {
    let of = &view.release.dimensions;
    let key = one.key;
    vec![
        text(&of.indicators[key.indicator].key),
        text(view.indicator(key.indicator)),
        text(&of.panels[key.panel].key),
        text(view.panel(key.panel)),
        Field::Number(f64::from(of.waves[key.wave].wave)),
        text(view.breakdown(key.level)),
        text(&of.levels[key.level].cell()),
        text(view.level(key.level)),
        text(&of.levels[one.other].cell()),
        text(view.level(one.other)),
        number(one.difference),
        number(one.low),
        number(one.high),
        text(crate::figure::cell::contrast_word(view, one.call)),
    ]
}

/// The header and the rows of a figure.
fn rows(view: View<'_>, content: &Content<'_>) -> (Vec<&'static str>, Vec<Vec<Field>>) {
    if content.contrasts.is_empty() {
        let rows = content.estimates.iter().map(|one| estimate(view, one)).collect();
        (ESTIMATES.to_vec(), rows)
    } else {
        let rows = content.contrasts.iter().map(|one| contrast(view, one)).collect();
        (CONTRASTS.to_vec(), rows)
    }
}

pub use workbook::workbook;

pub fn csv(view: View<'_>, content: &Content<'_>) -> Result<Vec<u8>, Error> {
    let (header, rows) = rows(view, content);
    as_csv(&header, rows.into_iter())
}

/// All figures of an indicator; `labels` says what the codes mean.
pub fn indicator(view: View<'_>, place: usize) -> Result<Vec<u8>, Error> {
    let of = &view.release.dimensions;
    // Groups of unknown background are counted, they have no figures.
    let is_figure = |one: &&Estimate| of.statuses[one.status].status != "counted";
    let rows = view.release.of_indicator(place).iter().filter(is_figure).map(|one| {
        let change = view.release.change(one.key);
        let status = &of.statuses[one.status];
        vec![
            text(&of.indicators[place].key),
            text(&of.panels[one.key.panel].key),
            Field::Number(f64::from(of.waves[one.key.wave].wave)),
            text(&of.levels[one.key.level].cell()),
            text(&of.indicators[place].unit),
            number(one.value),
            number(one.low),
            number(one.high),
            number(one.n),
            text(&status.status),
            text(&status.reason),
            text(&one.comparability),
            number(change.and_then(|change| change.difference)),
            text(change.map_or("", |change| change.call.word())),
            number(change.map(|change| f64::from(of.waves[change.reference].wave))),
        ]
    });
    as_csv(&INDICATOR, rows)
}

/// What the codes of the tables mean, in every language.
pub fn labels(views: &[View<'_>]) -> Result<Vec<u8>, Error> {
    let Some(first) = views.first() else { return Ok(Vec::new()) };
    let of = &first.release.dimensions;
    let languages = views.iter().map(|view| format!("label_{}", view.words.language));
    let header: Vec<String> =
        ["kind", "code"].map(str::to_owned).into_iter().chain(languages).collect();
    let mut rows = Vec::new();
    let mut add = |kind: &str, code: &str, label: &dyn Fn(&View<'_>) -> String| {
        let labels = views.iter().map(|view| text(&label(view)));
        rows.push([text(kind), text(code)].into_iter().chain(labels).collect());
    };
    for (place, one) in of.indicators.iter().enumerate() {
        add("indicator", &one.key, &|view| view.indicator(place).to_owned());
    }
    for (place, one) in of.panels.iter().enumerate() {
        add("panel", &one.key, &|view| view.panel(place).to_owned());
    }
    for (place, one) in of.levels.iter().enumerate() {
        let label = |view: &View<'_>| {
            let level = view.level(place);
            if one.is_total() {
                level.to_owned()
            } else {
                format!("{}: {level}", view.breakdown(place))
            }
        };
        add("cell", &one.cell(), &label);
    }
    for (place, one) in of.statuses.iter().enumerate() {
        let code = [one.status.as_str(), one.reason.as_str()];
        let code: Vec<&str> = code.into_iter().filter(|part| !part.is_empty()).collect();
        add("status", &code.join(":"), &|view| view.status(place).to_owned());
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    as_csv(&header, rows.into_iter())
}

/// UTF-8 with a mark, so that spreadsheets take it as such.
fn as_csv(header: &[&str], rows: impl Iterator<Item = Vec<Field>>) -> Result<Vec<u8>, Error> {
    let failed = |problem: csv::Error| Error::Write {
        path: "a table in memory".into(),
        source: io::Error::other(problem),
    };
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Necessary)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        let fields = row.iter().map(|field| match field {
            Field::Text(text) => harmless(text),
            Field::Number(number) => number.to_string(),
            Field::Empty => String::new(),
        });
        writer.write_record(fields).map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|problem| failed(csv::Error::from(io::Error::other(problem.to_string()))))
}

/// A text that a spreadsheet would run as a formula is made a text.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_text_that_a_spreadsheet_would_run_is_made_a_text_and_a_number_is_not() {
        let row = vec![text("=1+1"), number(Some(-3.0)), text("a,\"b\""), number(None)];
        let bytes = as_csv(&["a", "b", "c", "d"], [row].into_iter()).unwrap();
        let lines = String::from_utf8(bytes).unwrap();
        assert_eq!(lines, "\u{feff}a,b,c,d\n'=1+1,-3,\"a,\"\"b\"\"\",\n");
    }
}

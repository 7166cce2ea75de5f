//! The key below a chart: only what the chart has.

use super::drawing::{Drawing, SMALL};
use super::style::{QUIET, Series, series_style};
use super::text::{width, wrapped};
use super::{Cell, Chart, Layout};
use crate::release::fact::Call;
use crate::release::figure::Form;

#[derive(Clone, Copy)]
enum Sign {
    Interval,
    Unreliable,
    Withheld,
    NotAsked,
    Break,
    Star,
}

/// Adds the key and gives the new height.
pub fn below(chart: &Chart, layout: Layout, drawn: (Drawing, f64)) -> (Drawing, f64) {
    let (mut drawing, height) = drawn;
    let (mut x, mut y) = (0.0, height + 14.0);
    let room = layout.width();
    for (sign, text) in entries(chart) {
        let long = 24.0 + width(text, 11.0) + 20.0;
        if x > 0.0 && x + long - 20.0 > room {
            x = 0.0;
            y += 18.0;
        }
        draw(&mut drawing, chart, layout, sign, (x, y));
        let lines = wrapped(text, 11.0, room - x - 24.0);
        drawing.texts((x + 24.0, y + 9.0), &lines, SMALL);
        y += (lines.len() as f64 - 1.0) * 13.4;
        x += long;
    }
    (drawing, y + 22.0)
}

fn entries(chart: &Chart) -> Vec<(Sign, &str)> {
    let has = |wanted: &dyn Fn(&Cell) -> bool| chart.points().any(|point| wanted(&point.cell));
    let terms = &chart.terms;
    let mut entries = Vec::new();
    if has(&|cell| matches!(cell, Cell::Value { low: Some(_), .. })) {
        entries.push((Sign::Interval, terms.interval.as_str()));
    }
    let is_hollow_free = matches!(chart.form, Form::Lines | Form::DotsBands);
    if is_hollow_free && has(&|cell| matches!(cell, Cell::Value { is_unreliable: true, .. })) {
        entries.push((Sign::Unreliable, terms.unreliable.as_str()));
    }
    let is_withheld =
        |cell: &Cell| matches!(cell, Cell::Withheld | Cell::Called { call: Call::Withheld, .. });
    if has(&is_withheld) {
        entries.push((Sign::Withheld, terms.withheld.as_str()));
    }
    if has(&|cell| matches!(cell, Cell::NotAsked)) {
        entries.push((Sign::NotAsked, terms.not_asked.as_str()));
    }
    if has(&|cell| matches!(cell, Cell::NoAnswers)) {
        entries.push((Sign::NotAsked, terms.no_answers.as_str()));
    }
    if chart.has_break() {
        entries.push((Sign::Break, terms.series_break.as_str()));
    }
    if has(&|cell| matches!(cell, Cell::Called { is_corrected: true, .. })) {
        entries.push((Sign::Star, terms.corrected.as_str()));
    }
    entries
}

fn draw(drawing: &mut Drawing, chart: &Chart, layout: Layout, sign: Sign, place: (f64, f64)) {
    let (x, y) = place;
    let dot = |is_hollow| Series { is_hollow, ..series_style(String::new(), QUIET.to_owned(), 0) };
    match sign {
        Sign::Interval if chart.form == Form::Lines => {
            drawing.line((x + 9.0, y - 3.0), (x + 9.0, y + 13.0), QUIET, 1.2, "");
            drawing.mark((x + 9.0, y + 5.0), &dot(false), 3.4, false);
        }
        Sign::Interval => {
            drawing.line((x, y + 5.0), (x + 18.0, y + 5.0), QUIET, 1.4, "");
            drawing.mark((x + 9.0, y + 5.0), &dot(false), 3.4, false);
        }
        Sign::Unreliable => drawing.mark((x + 9.0, y + 5.0), &dot(true), 3.6, true),
        Sign::Withheld => {
            drawing.hatched(&format!("{}-{}", chart.id, layout.name()), [x, y, 18.0, 10.0]);
        }
        Sign::NotAsked => drawing.slot([x, y, 18.0, 10.0]),
        Sign::Break => drawing.line((x + 9.0, y - 3.0), (x + 9.0, y + 13.0), QUIET, 1.4, "1 3"),
        Sign::Star => drawing.text((x + 6.0, y + 11.0), "*", SMALL),
    }
}

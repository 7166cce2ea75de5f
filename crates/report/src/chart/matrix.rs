//! A matrix of calls: a sign, a word and the difference a cell.

use super::drawing::{Drawing, PLAIN, SMALL, Type, at};
use super::lines::opened;
use super::style::{AXIS, GRID, QUIET};
use super::text::{width, wrapped};
use super::{Cell, Chart, Layout, Point};
use crate::release::fact::Call;

const SIZE: f64 = 12.5;
const UP: &str = "#0b6b3a";
const DOWN: &str = "#a02c10";

pub fn draw(chart: &Chart, layout: Layout) -> (Drawing, f64) {
    let mut drawing = Drawing::default();
    let is_wide = layout == Layout::Wide;
    let count = chart.columns.len().max(1) as f64;
    let widest = chart.columns.iter().map(|label| width(label, 11.0)).fold(48.0, f64::max);
    let each = if is_wide {
        (widest + 16.0).clamp(104.0, 150.0).min(500.0 / count)
    } else {
        (layout.width() / count).min(96.0)
    };
    let left = layout.width() - each * count;
    let mut y = 0.0;
    for facet in &chart.facets {
        if !facet.title.is_empty() {
            let indent = if let Some(colour) = &facet.colour {
                drawing.rectangle([0.0, y + 3.0, 10.0, 10.0], colour, "");
                17.0
            } else {
                0.0
            };
            let kind = Type { size: 14.5, is_bold: true, ..PLAIN };
            let lines = wrapped(&facet.title, 14.5, layout.width() - indent);
            y += drawing.texts((indent, y + 13.0), &lines, kind) + 2.0;
        }
        y = heads(&mut drawing, chart, y, left, each);
        for group in &facet.groups {
            let room = if is_wide { left - 14.0 } else { layout.width() };
            let lines = wrapped(&group.label, SIZE, room);
            let tall = lines.len() as f64 * SIZE * 1.22;
            let row = if is_wide { tall.max(20.0) + 6.0 } else { tall + 38.0 };
            drawing.texts((0.0, y + 15.0), &lines, PLAIN_ROW);
            let middle = if is_wide { y + 13.0 } else { y + tall + 16.0 };
            for point in group.lines.iter().flat_map(|line| &line.points) {
                let x = left + each * point.column as f64;
                opened(&mut drawing, point, layout);
                cell(&mut drawing, chart, point, layout, (x, middle, each));
                drawing.add("</g>");
            }
            y += row;
            drawing.line((0.0, y), (layout.width(), y), GRID, 1.0, "");
        }
        y += 24.0;
    }
    (drawing, y - 12.0)
}

const PLAIN_ROW: Type<'static> = Type { size: SIZE, ..PLAIN };

fn heads(drawing: &mut Drawing, chart: &Chart, top: f64, left: f64, each: f64) -> f64 {
    let lines: Vec<Vec<String>> =
        chart.columns.iter().map(|label| wrapped(label, 11.0, each - 6.0)).collect();
    let most = lines.iter().map(Vec::len).max().unwrap_or(1) as f64;
    for (column, lines) in lines.iter().enumerate() {
        let first = top + 12.0 + (most - lines.len() as f64) * 13.4;
        drawing.texts((left + each * column as f64 + 4.0, first), lines, SMALL);
    }
    let y = top + most * 13.4 + 6.0;
    drawing.line((0.0, y), (left + each * chart.columns.len() as f64, y), AXIS, 1.0, "");
    y
}

fn colour(call: Call) -> &'static str {
    match call {
        Call::Increased => UP,
        Call::Decreased => DOWN,
        _ => QUIET,
    }
}

/// The sign of a call, drawn so that no typeface has to have it.
fn sign(drawing: &mut Drawing, call: Call, x: f64, y: f64) {
    let (x0, x1, x2) = (at(x), at(x + 5.0), at(x + 10.0));
    let (high, low) = (at(y - 4.5), at(y + 4.5));
    let fill = colour(call);
    let path = match call {
        Call::Increased => format!("M{x0} {low}L{x1} {high}L{x2} {low}Z"),
        Call::Decreased => format!("M{x0} {high}L{x1} {low}L{x2} {high}Z"),
        Call::Stable => {
            let (up, down) = (at(y - 1.8), at(y + 1.8));
            format!("M{x0} {up}H{x2}V{down}H{x0}Z")
        }
        _ => return,
    };
    drawing.add(&format!(r#"<path d="{path}" fill="{fill}"/>"#));
}

fn cell(
    drawing: &mut Drawing,
    chart: &Chart,
    point: &Point,
    layout: Layout,
    place: (f64, f64, f64),
) {
    let (x, y, each) = place;
    let x = x + 4.0;
    match point.cell {
        Cell::Called { call: Call::Withheld, .. } | Cell::Withheld => {
            let id = format!("{}-{}", chart.id, layout.name());
            drawing.hatched(&id, [x, y - 6.0, 18.0, 12.0]);
            said(drawing, &chart.terms.withheld, (x + 23.0, y), each - 28.0, SMALL);
        }
        Cell::Called {
            call: call @ (Call::Increased | Call::Stable | Call::Decreased),
            is_corrected,
            ..
        } => {
            sign(drawing, call, x, y);
            let star = if is_corrected { "*" } else { "" };
            let word = format!("{}{star}", chart.terms.calls[call as usize]);
            let bold = Type { size: SIZE, fill: colour(call), is_bold: true, ..PLAIN };
            let number = Type { is_bold: call != Call::Stable, ..bold };
            drawing.text((x + 15.0, y + 4.5), &point.written, number);
            let after = x + 21.0 + width(&point.written, SIZE);
            let small = Type { fill: colour(call), ..SMALL };
            if width(&word, 11.0) <= each - (after - x) {
                drawing.text((after, y + 4.5), &word, small);
            } else {
                drawing.text((x, y + 18.0), &word, Type { size: 10.0, ..small });
            }
        }
        Cell::Called { call, .. } => {
            let word = &chart.terms.calls[call as usize];
            said(drawing, word, (x, y), each - 6.0, SMALL);
        }
        Cell::NotAsked | Cell::NoAnswers => {
            let term = super::lines::term(chart, point.cell);
            drawing.slot([x, y - 6.0, 18.0, 12.0]);
            said(drawing, term, (x + 23.0, y), each - 28.0, SMALL);
        }
        Cell::Value { .. } => drawing.text((x, y + 4.5), &point.written, PLAIN_ROW),
        Cell::None => drawing.text((x, y + 4.5), "–", SMALL),
    }
}

/// A word where it fits; the key below the chart says it anyway.
fn said(drawing: &mut Drawing, word: &str, place: (f64, f64), room: f64, kind: Type<'_>) {
    if width(word, kind.size) <= room {
        drawing.text((place.0, place.1 + 4.0), word, kind);
    }
}

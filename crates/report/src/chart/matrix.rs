//! A matrix of calls: a sign, a word and the difference a cell.

use super::drawing::{Drawing, PLAIN, SMALL, Type, at, escaped};
use super::lines::opened;
use super::style::{AXIS, GRID, QUIET};
use super::text::{width, wrapped};
use super::{Cell, Chart, Facet, Group, Layout, Point};
use crate::release::fact::Call;

const SIZE: f64 = 12.5;
const UP: &str = "#0b6b3a";
const DOWN: &str = "#a02c10";

/// Where the cells stand.
struct Grid {
    left: f64,
    each: f64,
    /// The word of a call stands below its number, where columns are narrow.
    is_tall: bool,
    /// Cells stand below one another, each with the label of its column: on a telephone with long labels.
    is_stacked: bool,
}

impl Grid {
    fn of(chart: &Chart, layout: Layout) -> Self {
        let count = chart.columns.len().max(1) as f64;
        let widest = chart.columns.iter().map(|label| width(label, 11.0)).fold(48.0, f64::max);
        let words = chart.columns.iter().flat_map(|label| label.split_whitespace());
        let word = words.map(|word| width(word, 11.0)).fold(0.0, f64::max);
        let each = if layout == Layout::Wide {
            (widest + 16.0).clamp(112.0, 150.0).min(500.0 / count)
        } else {
            (layout.width() / count).min(96.0)
        };
        let is_stacked = layout == Layout::Narrow && (word > each - 6.0 || each < 56.0);
        let each = if is_stacked { 118.0 } else { each };
        let columns = if is_stacked { 1.0 } else { count };
        let is_tall = !is_stacked && each < 112.0;
        Self { left: layout.width() - each * columns, each, is_tall, is_stacked }
    }
}

pub fn draw(chart: &Chart, layout: Layout) -> (Drawing, f64) {
    let mut drawing = Drawing::default();
    let grid = Grid::of(chart, layout);
    let mut y = 0.0;
    for facet in &chart.facets {
        if !facet.title.is_empty() {
            y = title(&mut drawing, facet, layout, y);
        }
        y = if grid.is_stacked { y + 4.0 } else { heads(&mut drawing, chart, y, &grid) };
        for group in &facet.groups {
            y = row(&mut drawing, chart, group, layout, &grid, y);
            drawing.line((0.0, y), (layout.width(), y), GRID, 1.0, "");
        }
        y += 24.0;
    }
    (drawing, y - 12.0)
}

fn title(drawing: &mut Drawing, facet: &Facet, layout: Layout, y: f64) -> f64 {
    let mut indent = 0.0;
    if let Some(colour) = &facet.colour {
        drawing.rectangle([0.0, y + 3.0, 10.0, 10.0], colour, "");
        indent = 17.0;
    }
    let kind = Type { size: 14.5, is_bold: true, ..PLAIN };
    let lines = wrapped(&facet.title, 14.5, layout.width() - indent);
    y + drawing.texts((indent, y + 13.0), &lines, kind) + 2.0
}

/// A row of cells, or of lines with a cell each; gives its lowest point.
fn row(
    drawing: &mut Drawing,
    chart: &Chart,
    group: &Group,
    layout: Layout,
    grid: &Grid,
    top: f64,
) -> f64 {
    let is_wide = layout == Layout::Wide;
    let room = if is_wide { grid.left - 14.0 } else { layout.width() };
    let lines = wrapped(&group.label, SIZE, room);
    let tall = lines.len() as f64 * SIZE * 1.22;
    let kind = Type { is_bold: grid.is_stacked, ..PLAIN_ROW };
    drawing.texts((0.0, top + 15.0), &lines, kind);
    let points = group.lines.iter().flat_map(|line| &line.points);
    if grid.is_stacked {
        let mut y = top + tall + 8.0;
        for point in points {
            let label = chart.columns.get(point.column).map_or("", String::as_str);
            let lines = wrapped(label, 11.0, grid.left - 8.0);
            let high = drawing.texts((0.0, y + 11.0), &lines, SMALL);
            of_point(drawing, point, layout, |drawing| {
                cell(drawing, chart, point, layout, (grid.left, y + 7.0, grid.each));
            });
            y += high.max(18.0) + 5.0;
        }
        return y + 2.0;
    }
    let middle = if is_wide { top + 13.0 } else { top + tall + 16.0 };
    for point in points {
        let x = grid.left + grid.each * point.column as f64;
        of_point(drawing, point, layout, |drawing| {
            cell(drawing, chart, point, layout, (x, middle, grid.each));
        });
    }
    match (is_wide, grid.is_tall) {
        (true, false) => top + tall.max(20.0) + 6.0,
        (true, true) => top + tall.max(30.0) + 8.0,
        (false, _) => top + tall + 38.0,
    }
}

/// A cell in a group that names it, on a desk; a large matrix has no such groups.
fn of_point(drawing: &mut Drawing, point: &Point, layout: Layout, draw: impl FnOnce(&mut Drawing)) {
    if layout == Layout::Narrow || point.words.is_empty() {
        draw(drawing);
        return;
    }
    opened(drawing, point, layout);
    draw(drawing);
    drawing.add("</g>");
}

const PLAIN_ROW: Type<'static> = Type { size: SIZE, ..PLAIN };

fn heads(drawing: &mut Drawing, chart: &Chart, top: f64, grid: &Grid) -> f64 {
    let Grid { left, each, .. } = *grid;
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
            called(drawing, (&point.written, &word), call, (x, y, each));
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

/// The number and the word of a call, in one line where there is room.
fn called(drawing: &mut Drawing, texts: (&str, &str), call: Call, place: (f64, f64, f64)) {
    let ((number, word), (x, y, each)) = (texts, place);
    let room = each - 25.0 - width(number, SIZE);
    let small = if width(word, 11.0) <= room && each >= 112.0 {
        r#" dx="6" font-size="11""#.to_owned()
    } else {
        format!(r#" x="{}" dy="13.5" font-size="10""#, at(x))
    };
    let is_bold = call != Call::Stable;
    let weight = if is_bold { r#" font-weight="600""# } else { "" };
    let plain = if is_bold { r#" font-weight="400""# } else { "" };
    let (x, y) = (at(x + 15.0), at(y + 4.5));
    let (number, word, fill) = (escaped(number), escaped(word), colour(call));
    drawing.add(&format!(
        r#"<text x="{x}" y="{y}" font-size="12.5" fill="{fill}"{weight}>{number}<tspan{small}{plain}>{word}</tspan></text>"#
    ));
}

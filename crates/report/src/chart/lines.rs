//! Lines with intervals, a small multiple a facet.

use std::fmt::Write;

use super::drawing::{Drawing, PLAIN, SMALL, Type, escaped};
use super::style::{AXIS, GRID, QUIET};
use super::text::{width, wrapped};
use super::{Cell, Chart, Facet, Layout, Line, Point};

const GUTTER: f64 = 28.0;
const LEFT: f64 = 36.0;
pub(super) const LABEL: f64 = 11.5;
/// Between the edge of the plot and the first and the last wave.
const INSET: f64 = 16.0;

/// Where the plot of a facet stands, without titles, axis and labels.
pub(super) struct Plot<'a> {
    pub(super) chart: &'a Chart,
    pub(super) layout: Layout,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    /// Where the labels at the end of the lines stop.
    pub(super) edge: f64,
}

pub fn draw(chart: &Chart, layout: Layout) -> (Drawing, f64) {
    let columns = if layout == Layout::Wide && chart.facets.len() > 1 { 2 } else { 1 };
    let width = (layout.width() - GUTTER * f64::from(columns - 1)) / f64::from(columns);
    let mut drawing = Drawing::default();
    let mut y = 0.0;
    for pair in chart.facets.chunks(columns as usize) {
        let titles = pair.iter().map(|facet| title(facet, width).len()).max().unwrap_or(0);
        let top = y + titles as f64 * 17.0 + 12.0;
        let plots: Vec<Plot<'_>> = (0..pair.len())
            .map(|column| plot(chart, layout, pair, column as f64 * (width + GUTTER), width, top))
            .collect();
        let mut lowest = top;
        for (facet, plot) in pair.iter().zip(&plots) {
            let from = plot.left - LEFT;
            drawing.texts(
                (from, y + 13.0),
                &title(facet, width),
                Type { size: 14.0, is_bold: true, ..PLAIN },
            );
            lowest = lowest.max(plot.draw(&mut drawing, facet));
        }
        y = lowest + 22.0;
    }
    (drawing, y - 8.0)
}

fn title(facet: &Facet, width: f64) -> Vec<String> {
    if facet.title.is_empty() { Vec::new() } else { wrapped(&facet.title, 14.0, width) }
}

fn plot<'a>(
    chart: &'a Chart,
    layout: Layout,
    row: &[Facet],
    left: f64,
    total: f64,
    top: f64,
) -> Plot<'a> {
    let labels = room_of_labels(chart, row, total);
    let most = row.iter().map(|facet| lines(facet).count()).max().unwrap_or(1);
    let height = (most as f64 * 38.0).clamp(if total > 500.0 { 270.0 } else { 176.0 }, 420.0);
    Plot {
        chart,
        layout,
        left: left + LEFT,
        right: left + total - labels,
        top,
        bottom: top + height,
        edge: left + total,
    }
}

/// Beside the plots: a third at most, but never less than the longest word.
fn room_of_labels(chart: &Chart, row: &[Facet], total: f64) -> f64 {
    let written = chart.points().map(|point| width(&point.written, LABEL)).fold(0.0, f64::max);
    let beside = written + 8.0 + 14.0;
    let labels = || row.iter().flat_map(lines).map(|line| line.label.as_str());
    let whole = labels().map(|label| width(label, LABEL)).fold(0.0, f64::max) + beside;
    let words = labels().flat_map(str::split_whitespace);
    let word = words.map(|word| width(word, LABEL)).fold(0.0, f64::max) + beside;
    let most = if total > 500.0 { 230.0 } else { total * 0.36 };
    whole.min(most).max(word).clamp(40.0, total * 0.52)
}

pub(super) fn lines(facet: &Facet) -> impl Iterator<Item = &Line> {
    facet.groups.iter().flat_map(|group| &group.lines)
}

/// Columns before which a line breaks off because its figures are not comparable.
pub fn breaks(line: &Line) -> Vec<usize> {
    let is_value = |point: &&Point| matches!(point.cell, Cell::Value { .. });
    let shown: Vec<&Point> = line.points.iter().filter(is_value).collect();
    let broken = shown.windows(2).filter(|pair| pair[0].segment != pair[1].segment);
    broken.map(|pair| pair[1].column).collect()
}

impl Plot<'_> {
    pub(super) fn x(&self, column: usize) -> f64 {
        let count = self.chart.columns.len();
        if count < 2 {
            return f64::midpoint(self.left, self.right);
        }
        let step = (self.right - self.left - 2.0 * INSET) / (count as f64 - 1.0);
        self.left + INSET + step * column as f64
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.chart.axis.place(value, self.bottom, self.top)
    }

    /// Draws a facet and gives its lowest point.
    fn draw(&self, drawing: &mut Drawing, facet: &Facet) -> f64 {
        self.axes(drawing);
        self.empty_waves(drawing, facet);
        self.rules_of_breaks(drawing, facet);
        let count = lines(facet).count();
        for (number, line) in lines(facet).enumerate() {
            let shift = (number as f64 - (count as f64 - 1.0) / 2.0) * 3.5;
            self.line(drawing, line, shift);
        }
        self.labels(drawing, facet);
        self.strips(drawing, facet)
    }

    fn axes(&self, drawing: &mut Drawing) {
        for tick in self.chart.axis.ticks() {
            let y = self.y(tick);
            let is_base = tick == self.chart.axis.low;
            drawing.line(
                (self.left, y),
                (self.right, y),
                if is_base { AXIS } else { GRID },
                1.0,
                "",
            );
            let kind = Type { anchor: "end", ..SMALL };
            drawing.text((self.left - 6.0, y + 4.0), &self.chart.axis.label(tick), kind);
        }
        let gaps = self.chart.columns.len().max(2) as f64 - 1.0;
        let step = (self.right - self.left - 2.0 * INSET) / gaps;
        let widest = self.chart.columns.iter().map(|label| width(label, 11.0)).fold(0.0, f64::max);
        let every = ((widest + 4.0) / step).ceil().max(1.0) as usize;
        let last = self.chart.columns.len().saturating_sub(1);
        for (column, label) in self.chart.columns.iter().enumerate() {
            if (last - column).is_multiple_of(every) {
                let kind = Type { anchor: "middle", ..SMALL };
                drawing.text((self.x(column), self.bottom + 15.0), label, kind);
            }
        }
    }

    /// A wave of which no line has a figure: its slot says why.
    fn empty_waves(&self, drawing: &mut Drawing, facet: &Facet) {
        for column in 0..self.chart.columns.len() {
            let Some(cell) = Self::common(facet, column) else { continue };
            let x = self.x(column);
            let place = [x - 8.0, self.top + 2.0, 16.0, self.bottom - self.top - 3.0];
            match cell {
                Cell::Withheld => {
                    drawing.hatched(&format!("{}-{}", self.chart.id, self.layout.name()), place);
                }
                _ => drawing.slot(place),
            }
            let term = term(self.chart, cell);
            let long = width(term, 11.0) + 8.0;
            let middle = f64::midpoint(self.top, self.bottom);
            drawing.rectangle([x - 6.5, middle - long / 2.0, 13.0, long], "#fff", "");
            let kind = Type { size: 11.0, fill: QUIET, anchor: "middle", is_bold: false };
            drawing.upwards((x + 4.0, middle), term, kind);
        }
    }

    /// Why no line has a figure in a wave, where it is the same for all.
    pub(super) fn common(facet: &Facet, column: usize) -> Option<Cell> {
        let at = |line: &Line| line.points.iter().find(|p| p.column == column).map(|p| p.cell);
        let mut cells = lines(facet).map(|line| at(line).unwrap_or(Cell::None));
        let first = cells.next().filter(is_empty)?;
        cells.all(|cell| cell == first).then_some(first)
    }

    fn rules_of_breaks(&self, drawing: &mut Drawing, facet: &Facet) {
        let mut columns: Vec<usize> = lines(facet).flat_map(breaks).collect();
        columns.sort_unstable();
        columns.dedup();
        for column in columns.into_iter().filter(|column| *column > 0) {
            let x = f64::midpoint(self.x(column - 1), self.x(column));
            drawing.line((x, self.top - 4.0), (x, self.bottom), QUIET, 1.2, "1 3");
        }
    }

    fn line(&self, drawing: &mut Drawing, line: &Line, shift: f64) {
        let Some(series) = line.points.first().and_then(|p| self.chart.series.get(p.series)) else {
            return;
        };
        for run in runs(line) {
            let path: Vec<(f64, f64)> = run
                .iter()
                .filter_map(|p| value(p).map(|value| (self.x(p.column) + shift, self.y(value))))
                .collect();
            if path.len() > 1 {
                drawing.polyline(&path, &series.colour, 2.0, series.dash);
            }
        }
        for point in &line.points {
            let Cell::Value { value, low, high, is_unreliable } = point.cell else { continue };
            let x = self.x(point.column) + shift;
            opened(drawing, point, self.layout);
            if let (Some(low), Some(high)) = (low, high) {
                drawing.line((x, self.y(low)), (x, self.y(high)), &series.colour, 1.2, "");
            }
            drawing.mark((x, self.y(value)), series, 3.6, is_unreliable);
            drawing.add("</g>");
        }
    }
}

/// Opens the group of a point; the wide drawing carries the figure itself.
pub fn opened(drawing: &mut Drawing, point: &Point, layout: Layout) {
    if layout == Layout::Narrow {
        drawing.add("<g>");
        return;
    }
    let mut group = format!(r#"<g data-of="{}""#, escaped(&point.of));
    if let Cell::Value { value, low, high, .. } = point.cell {
        let _ = write!(group, r#" data-value="{value}""#);
        let bounds = [("low", low), ("high", high)];
        for (name, bound) in bounds.into_iter().filter_map(|(name, b)| Some((name, b?))) {
            let _ = write!(group, r#" data-{name}="{bound}""#);
        }
    }
    drawing.add(&group);
    drawing.add("><title>");
    drawing.add(&escaped(&point.words));
    drawing.add("</title>");
}

/// The points between which a line is drawn: shown, next to each other, of one segment.
fn runs(line: &Line) -> Vec<Vec<&Point>> {
    let mut runs: Vec<Vec<&Point>> = Vec::new();
    let mut before: Option<&Point> = None;
    for point in line.points.iter().filter(|point| value(point).is_some()) {
        let goes_on = before.is_some_and(|before| {
            before.segment == point.segment && before.column + 1 == point.column
        });
        match runs.last_mut() {
            Some(run) if goes_on => run.push(point),
            _ => runs.push(vec![point]),
        }
        before = Some(point);
    }
    runs
}

pub(super) fn value(point: &Point) -> Option<f64> {
    match point.cell {
        Cell::Value { value, .. } => Some(value),
        _ => None,
    }
}

pub fn is_empty(cell: &Cell) -> bool {
    matches!(cell, Cell::Withheld | Cell::NotAsked | Cell::NoAnswers)
}

pub fn term(chart: &Chart, cell: Cell) -> &str {
    match cell {
        Cell::Withheld => &chart.terms.withheld,
        Cell::NotAsked => &chart.terms.not_asked,
        Cell::NoAnswers => &chart.terms.no_answers,
        _ => "",
    }
}

//! One row: its marks, the link between them, and the figures as numbers.

use super::drawing::{Drawing, PLAIN, SMALL, Type};
use super::lines::{is_empty, opened, term};
use super::rows::{Columns, SIZE};
use super::style::{INK, QUIET, Series, tint};
use super::text::{width, wrapped};
use super::{Cell, Facet, Layout, Line, Point};
use crate::release::figure::Form;

impl Columns<'_> {
    pub(super) fn line(&self, drawing: &mut Drawing, facet: &Facet, line: &Line, top: f64) {
        let mut y = top + 11.0;
        if !line.label.is_empty() {
            let kind = Type { size: 11.5, fill: QUIET, ..PLAIN };
            if self.line_label > 0.0 {
                let lines = wrapped(&line.label, 11.5, self.line_label - 10.0);
                let first = y + 4.0 - (lines.len() as f64 - 1.0) * 7.0;
                drawing.texts((self.label + 2.0, first), &lines, kind);
            } else {
                drawing.text((self.label + 2.0, y + 1.0), &line.label, kind);
                y += 16.0;
            }
        }
        self.link(drawing, line, y);
        self.gaps(drawing, line, y);
        let count = line.points.len();
        let overlap = overlapping(line);
        for (number, point) in line.points.iter().enumerate() {
            let Some(series) = self.chart.series.get(point.series) else { continue };
            let series = Self::styled(facet, series);
            let shift = if overlap && count > 1 { (number as f64 - 0.5) * 5.0 } else { 0.0 };
            opened(drawing, point, self.layout);
            self.point(drawing, point, &series, (y, shift));
            drawing.add("</g>");
        }
        self.written(drawing, line, y);
    }

    /// The line between the two marks of a dumbbell.
    fn link(&self, drawing: &mut Drawing, line: &Line, y: f64) {
        let value = |point: &Point| match point.cell {
            Cell::Value { value, .. } => Some(value),
            _ => None,
        };
        let values: Vec<f64> = line.points.iter().filter_map(value).collect();
        if self.chart.form == Form::Dumbbell && values.len() > 1 {
            let (from, to) = (self.x(values[0]), self.x(values[values.len() - 1]));
            drawing.line((from, y), (to, y), "#c3cbd2", 5.0, "");
        }
    }

    /// What is not shown, in words, where its mark would stand.
    fn gaps(&self, drawing: &mut Drawing, line: &Line, y: f64) {
        let mut missing = line.points.iter().filter(|point| is_empty(&point.cell));
        let Some(first) = missing.next() else { return };
        if line.points.iter().any(|point| !is_empty(&point.cell)) {
            return;
        }
        let place = [self.left + 3.0, y - 5.0, 16.0, 10.0];
        match first.cell {
            Cell::Withheld => {
                drawing.hatched(&format!("{}-{}", self.chart.id, self.layout.name()), place);
            }
            _ => drawing.slot(place),
        }
        let term = term(self.chart, first.cell);
        if width(term, 11.0) < self.right - self.left - 26.0 {
            drawing.text((self.left + 25.0, y + 4.0), term, SMALL);
        }
    }

    fn point(&self, drawing: &mut Drawing, point: &Point, series: &Series, place: (f64, f64)) {
        let (y, shift) = place;
        let Cell::Value { value, low, high, is_unreliable } = point.cell else { return };
        let x = self.x(value);
        let bounds = low.zip(high).map(|(low, high)| (self.x(low), self.x(high)));
        if self.is_bars() && !series.is_hollow {
            let edge = format!(r#" stroke="{}" stroke-width="1""#, series.colour);
            let from = self.x(self.chart.axis.low.max(0.0));
            drawing.rectangle([from, y - 6.0, x - from, 12.0], &tint(&series.colour, 0.45), &edge);
            if let Some((low, high)) = bounds {
                let y = y + shift.abs();
                drawing.line((low, y), (high, y), &series.colour, 1.6, "");
            }
            return;
        }
        if self.is_bars() {
            if let Some((low, high)) = bounds {
                let y = y - shift.abs();
                drawing.line((low, y), (high, y), INK, 1.2, "");
            }
            drawing.line((x, y - 8.0), (x, y + 8.0), INK, 3.0, "");
            return;
        }
        if let Some((low, high)) = bounds {
            drawing.line((low, y + shift), (high, y + shift), &series.colour, 1.4, "");
        }
        let hollow = series.is_hollow || (self.chart.form == Form::DotsBands && is_unreliable);
        drawing.mark((x, y), series, 4.6, hollow);
    }

    /// The figure; of dots on a desk, with its interval.
    fn number(&self, drawing: &mut Drawing, point: &Point, right: f64, y: f64) {
        let kind = Type { size: SIZE, anchor: "end", ..PLAIN };
        let has_interval = self.chart.form == Form::DotsBands && self.layout == Layout::Wide;
        if !has_interval || point.interval.is_empty() {
            drawing.text((right, y + 4.5), &point.written, kind);
            return;
        }
        drawing.text((right - 58.0, y + 4.5), &point.written, Type { is_bold: true, ..kind });
        let interval = format!("({})", point.interval);
        drawing.text((right, y + 4.5), &interval, Type { size: 11.0, fill: QUIET, ..kind });
    }

    fn written(&self, drawing: &mut Drawing, line: &Line, y: f64) {
        let kind = Type { size: SIZE, anchor: "end", ..PLAIN };
        let count = self.numbers.len() - usize::from(self.has_difference);
        for point in line.points.iter().take(2) {
            let place = if count > 1 { point.series.min(count - 1) } else { 0 };
            let Some(right) = self.numbers.get(place) else { continue };
            match point.cell {
                Cell::Withheld => {
                    let id = format!("{}-{}", self.chart.id, self.layout.name());
                    drawing.hatched(&id, [right - 16.0, y - 5.0, 16.0, 10.0]);
                }
                cell if is_empty(&cell) => drawing.text((*right, y + 4.5), "–", kind),
                _ => self.number(drawing, point, *right, y),
            }
        }
        if let (true, Some((difference, interval))) = (self.has_difference, &line.difference) {
            let right = self.numbers[self.numbers.len() - 1];
            let own = right - self.for_interval;
            drawing.text((own, y + 4.5), difference, Type { is_bold: true, ..kind });
            if self.for_interval > 0.0 {
                let quiet = Type { size: 11.0, fill: QUIET, ..kind };
                drawing.text((right, y + 4.5), interval, quiet);
            }
        }
    }
}

/// Whether the intervals of a line's marks lie over one another.
fn overlapping(line: &Line) -> bool {
    let bounds = |point: &Point| match point.cell {
        Cell::Value { value, low, high, .. } => Some((low.unwrap_or(value), high.unwrap_or(value))),
        _ => None,
    };
    let bounds: Vec<(f64, f64)> = line.points.iter().filter_map(bounds).collect();
    bounds.windows(2).any(|pair| pair[0].0 <= pair[1].1 && pair[1].0 <= pair[0].1)
}

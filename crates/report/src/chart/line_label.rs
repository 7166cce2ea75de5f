//! What stands beside and below the lines: names, last figures, and which figures are missing.

use super::drawing::{Drawing, SMALL, Type};
use super::lines::{LABEL, Plot, is_empty, lines, opened, value};
use super::style::INK;
use super::text::{apart, width, wrapped};
use super::{Cell, Facet, Line, Point};

impl Plot<'_> {
    /// The name and last figure of every line, beside its end.
    pub(super) fn labels(&self, drawing: &mut Drawing, facet: &Facet) {
        let last = |line: &Line| line.points.iter().rev().find(|p| value(p).is_some()).cloned();
        let ends: Vec<(&Line, Point)> =
            lines(facet).filter_map(|line| Some((line, last(line)?))).collect();
        let left = self.right + 12.0;
        let number = ends.iter().map(|(_, p)| width(&p.written, LABEL)).fold(0.0, f64::max) + 8.0;
        let texts: Vec<Vec<String>> = ends
            .iter()
            .map(|(line, _)| wrapped(&line.label, LABEL, self.edge - left - number))
            .collect();
        let heights: Vec<f64> = texts.iter().map(|lines| lines.len() as f64 * 14.0 + 3.0).collect();
        let wanted: Vec<f64> =
            ends.iter().map(|(_, p)| self.y(value(p).unwrap_or_default())).collect();
        let centres = apart(&wanted, &heights, self.top - 8.0, self.bottom + 8.0);
        for (place, (_, point)) in ends.iter().enumerate() {
            let Some(series) = self.chart.series.get(point.series) else { continue };
            let first = centres[place] - heights[place] / 2.0 + 12.0;
            let is_last = point.column + 1 == self.chart.columns.len();
            let shift = (place as f64 - (ends.len() as f64 - 1.0) / 2.0) * 3.5;
            let from = (self.x(point.column) + shift + 6.0, wanted[place]);
            if is_last {
                drawing.line(from, (left - 4.0, first - 4.0), &series.colour, 0.8, "");
            }
            let kind = Type { size: LABEL, fill: &series.colour, anchor: "start", is_bold: true };
            let written = if is_last { point.written.as_str() } else { "" };
            drawing.text((left, first), written, kind);
            let kind = Type { is_bold: false, ..kind };
            drawing.texts((left + number, first), &texts[place], kind);
        }
    }

    /// Below the axis: which figures of single lines are missing, and why.
    pub(super) fn strips(&self, drawing: &mut Drawing, facet: &Facet) -> f64 {
        let mut y = self.bottom + 22.0;
        let is_alone = |p: &&Point| is_empty(&p.cell) && Self::common(facet, p.column).is_none();
        for line in lines(facet) {
            let missing: Vec<&Point> = line.points.iter().filter(is_alone).collect();
            let Some(series) = missing.first().and_then(|p| self.chart.series.get(p.series)) else {
                continue;
            };
            drawing.mark((self.left - 10.0, y + 5.0), series, 3.4, false);
            for point in missing {
                let place = [self.x(point.column) - 9.0, y, 18.0, 10.0];
                opened(drawing, point, self.layout);
                match point.cell {
                    Cell::Withheld => {
                        drawing
                            .hatched(&format!("{}-{}", self.chart.id, self.layout.name()), place);
                    }
                    _ => drawing.slot(place),
                }
                drawing.add("</g>");
            }
            let kind = Type { size: 10.5, fill: INK, ..SMALL };
            drawing.text(
                (self.right + 12.0, y + 9.0),
                &cut(&line.label, self.edge - self.right - 12.0),
                kind,
            );
            y += 15.0;
        }
        y
    }
}

/// A label on one line.
fn cut(label: &str, most: f64) -> String {
    let mut lines = wrapped(label, 10.5, most - 8.0);
    let rest = lines.len() > 1;
    let first = lines.swap_remove(0);
    if rest { first + " …" } else { first }
}

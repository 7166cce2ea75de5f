//! Rows of labels, marks and numbers: bar with tick, dumbbell, dots over bands.

use super::drawing::{Drawing, PLAIN, SMALL, Type};
use super::style::{AXIS, GRID, INK, QUIET, Series, tint};
use super::text::{width, wrapped};
use super::{Chart, Facet, Group, Layout};
use crate::release::figure::Form;

pub const SIZE: f64 = 12.5;

/// Where the parts of all rows stand.
pub struct Columns<'a> {
    pub chart: &'a Chart,
    pub layout: Layout,
    /// Width of the labels of groups; none where they stand above.
    pub label: f64,
    /// Width of the labels of lines; none where there are none or they stand above.
    pub line_label: f64,
    pub lines_are_labelled: bool,
    pub lines_wrap: bool,
    pub left: f64,
    pub right: f64,
    /// The right edges of the numbers.
    pub numbers: Vec<f64>,
    pub has_difference: bool,
    /// Room beside the difference for its interval.
    pub for_interval: f64,
}

pub fn draw(chart: &Chart, layout: Layout) -> (Drawing, f64) {
    let columns = Columns::of(chart, layout);
    let mut drawing = Drawing::default();
    let mut y = 0.0;
    for facet in &chart.facets {
        y = columns.facet(&mut drawing, facet, y) + 26.0;
    }
    (drawing, y - 14.0)
}

impl<'a> Columns<'a> {
    pub(super) fn of(chart: &'a Chart, layout: Layout) -> Self {
        let groups = || chart.facets.iter().flat_map(|facet| &facet.groups);
        let lines = || groups().flat_map(|group| &group.lines);
        let widest = |labels: &mut dyn Iterator<Item = &String>| {
            labels.map(|label| width(label, SIZE)).fold(0.0, f64::max)
        };
        let label = widest(&mut groups().map(|group| &group.label));
        let line_label = widest(&mut lines().map(|line| &line.label));
        let has_difference = lines().any(|line| line.difference.is_some());
        let is_wide = layout == Layout::Wide;
        let in_a_row = lines().map(|line| line.points.len()).max().unwrap_or(1);
        let count = in_a_row.min(2) + usize::from(has_difference && (is_wide || in_a_row < 2));
        let is_interval = chart.form == Form::DotsBands && is_wide;
        let each = if is_interval {
            112.0
        } else if is_wide {
            88.0
        } else {
            44.0
        };
        let most = if is_wide { 168.0 } else { 64.0 };
        let widest = if line_label > 100.0 { 170.0 } else { 230.0 };
        let label = if is_wide { (label + 14.0).min(widest) } else { 0.0 };
        let inline = line_label > 0.0 && (is_wide || line_label <= most);
        let line_label_width = if inline { line_label.min(most) + 12.0 } else { 0.0 };
        let total = layout.width();
        let has_column = has_difference && count > in_a_row.min(2);
        let intervals = lines().filter_map(|line| Some(width(&line.difference.as_ref()?.1, 11.0)));
        let for_interval = if has_column && is_wide { intervals.fold(0.0, f64::max) } else { 0.0 };
        let for_interval = if for_interval > 0.0 { for_interval + 6.0 } else { 0.0 };
        let before = total - for_interval;
        Self {
            chart,
            layout,
            label,
            line_label: line_label_width,
            lines_are_labelled: line_label > 0.0,
            lines_wrap: line_label > most,
            left: label + line_label_width + 4.0,
            right: before - count as f64 * each - 14.0,
            numbers: (0..count)
                .map(|place| match count - 1 - place {
                    0 => total,
                    behind => before - behind as f64 * each,
                })
                .collect(),
            has_difference: has_column,
            for_interval,
        }
    }

    pub(super) fn is_bars(&self) -> bool {
        self.chart.form == Form::BarTick
    }

    pub(super) fn x(&self, value: f64) -> f64 {
        self.chart.axis.place(value, self.left, self.right)
    }

    /// Height of one line, with its label where that stands above.
    pub(super) fn step(&self) -> f64 {
        match (self.lines_are_labelled, self.line_label > 0.0) {
            (true, false) => 38.0,
            (true, true) if self.lines_wrap => 25.0,
            _ => 22.0,
        }
    }

    pub(super) fn facet(&self, drawing: &mut Drawing, facet: &Facet, top: f64) -> f64 {
        let mut y = top;
        if !facet.title.is_empty() {
            let kind = Type { size: 14.5, is_bold: true, ..PLAIN };
            let indent = if let Some(colour) = &facet.colour {
                drawing.rectangle([0.0, y + 3.0, 10.0, 10.0], colour, "");
                17.0
            } else {
                0.0
            };
            let lines = wrapped(&facet.title, 14.5, self.layout.width() - indent);
            y += drawing.texts((indent, y + 13.0), &lines, kind) + 4.0;
        }
        y = self.heads(drawing, facet, y);
        let plot_top = y;
        let mut body = Drawing::default();
        for group in &facet.groups {
            y = self.group(&mut body, facet, group, y);
        }
        self.behind(drawing, plot_top, y);
        drawing.add(&body.text);
        y + 16.0
    }

    /// Above the numbers: which mark they belong to.
    pub(super) fn heads(&self, drawing: &mut Drawing, facet: &Facet, top: f64) -> f64 {
        let mut heads: Vec<(String, Option<Series>)> = Vec::new();
        if self.chart.form != Form::DotsBands {
            for series in self.chart.series.iter().take(2) {
                heads.push((series.label.clone(), Some(Self::styled(facet, series))));
            }
        }
        if self.has_difference {
            heads.push((self.chart.terms.difference.clone(), None));
        }
        if heads.is_empty() || facet.is_single {
            return top + 4.0;
        }
        if self.layout == Layout::Narrow {
            return self.legend(drawing, &heads, top);
        }
        let each = self.numbers.windows(2).next().map_or(74.0, |pair| pair[1] - pair[0]);
        let texts: Vec<Vec<String>> =
            heads.iter().map(|(label, _)| wrapped(label, 11.0, each - 26.0)).collect();
        let most = texts.iter().map(Vec::len).max().unwrap_or(1) as f64;
        for (((_, series), lines), right) in heads.iter().zip(&texts).zip(&self.numbers) {
            let kind = Type { anchor: "end", ..SMALL };
            let first = top + 11.0 + (most - lines.len() as f64) * 13.4;
            drawing.texts((*right, first), lines, kind);
            if let Some(series) = series {
                let widest = lines.iter().map(|line| width(line, 11.0)).fold(0.0, f64::max);
                self.sign(drawing, (right - widest - 8.0, first - 4.0), series);
            }
        }
        top + most * 13.4 + 6.0
    }

    pub(super) fn legend(
        &self,
        drawing: &mut Drawing,
        heads: &[(String, Option<Series>)],
        top: f64,
    ) -> f64 {
        let mut y = top + 4.0;
        for (label, series) in heads.iter().filter_map(|(label, s)| Some((label, s.as_ref()?))) {
            self.sign(drawing, (7.0, y + 6.0), series);
            let lines = wrapped(label, 11.0, self.layout.width() - 20.0);
            y += drawing.texts((18.0, y + 10.0), &lines, SMALL) + 2.0;
        }
        y + 6.0
    }

    /// The mark of a side, as it is drawn in the rows.
    pub(super) fn sign(&self, drawing: &mut Drawing, place: (f64, f64), series: &Series) {
        let (x, y) = place;
        match (self.is_bars(), series.is_hollow) {
            (true, true) => drawing.line((x, y - 6.0), (x, y + 6.0), INK, 3.0, ""),
            (true, false) => {
                let edge = format!(r#" stroke="{}""#, series.colour);
                drawing.rectangle(
                    [x - 6.0, y - 4.5, 11.0, 9.0],
                    &tint(&series.colour, 0.45),
                    &edge,
                );
            }
            (false, is_hollow) => drawing.mark(place, series, 4.4, is_hollow),
        }
    }

    /// A series in the colour of its facet, where the facet has one.
    pub(super) fn styled(facet: &Facet, series: &Series) -> Series {
        let colour = facet.colour.clone().unwrap_or_else(|| series.colour.clone());
        Series { colour, ..series.clone() }
    }

    pub(super) fn behind(&self, drawing: &mut Drawing, top: f64, bottom: f64) {
        for (number, band) in self.chart.bands.iter().enumerate() {
            let lower = self.x(band.lower.max(self.chart.axis.low));
            let upper = self.x(band.upper.min(self.chart.axis.high));
            if upper - lower < 1.0 {
                continue;
            }
            let fill = if number % 2 == 0 { "#eef2f5" } else { "#f8f9fa" };
            drawing.rectangle([lower, top, upper - lower, bottom - top], fill, "");
            if width(&band.label, 10.5) < upper - lower {
                let kind = Type { size: 10.5, fill: QUIET, anchor: "middle", is_bold: false };
                drawing.text((f64::midpoint(lower, upper), bottom + 26.0), &band.label, kind);
            }
        }
        let every = if self.layout == Layout::Narrow { 2 } else { 1 };
        for (number, tick) in self.chart.axis.ticks().into_iter().enumerate() {
            let x = self.x(tick);
            let is_base = number == 0 && self.chart.axis.begins_at_zero();
            let stroke = if is_base { AXIS } else { GRID };
            drawing.line((x, top), (x, bottom), stroke, 1.0, "");
            if number.is_multiple_of(every) {
                let kind = Type { size: 10.5, anchor: "middle", ..SMALL };
                drawing.text((x, bottom + 13.0), &self.chart.axis.label(tick), kind);
            }
        }
    }

    pub(super) fn group(
        &self,
        drawing: &mut Drawing,
        facet: &Facet,
        group: &Group,
        top: f64,
    ) -> f64 {
        let mut y = top + 5.0;
        let kind = Type { size: SIZE, is_bold: self.lines_are_labelled, ..PLAIN };
        let rows = group.lines.len() as f64 * self.step();
        let mut height = rows;
        if !group.label.is_empty() {
            if self.label > 0.0 {
                let lines = wrapped(&group.label, SIZE, self.label - 14.0);
                let tall = lines.len() as f64 * SIZE * 1.22;
                height = height.max(tall);
                drawing.texts((0.0, y + f64::midpoint(self.step().min(22.0), 8.0)), &lines, kind);
            } else {
                let lines = wrapped(&group.label, SIZE, self.layout.width());
                y += drawing.texts((0.0, y + 11.0), &lines, kind) + 2.0;
            }
        }
        for (number, line) in group.lines.iter().enumerate() {
            self.line(drawing, facet, line, y + number as f64 * self.step());
        }
        y += height + 5.0;
        drawing.line((0.0, y), (self.layout.width(), y), GRID, 1.0, "");
        y
    }
}

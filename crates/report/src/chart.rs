//! A chart as a value: what is drawn, apart from how.

mod drawing;
mod key;
mod line_label;
mod lines;
mod matrix;
mod row;
mod rows;
mod scale;
mod style;
mod text;
mod vega;

pub use scale::Axis;
pub use style::{Series, colour_of, series_style};

use crate::release::fact::Call;
use crate::release::figure::Form;

#[derive(Debug, Clone)]
pub struct Chart {
    pub form: Form,
    /// Unique in a page: ids of title and description begin with it.
    pub id: String,
    pub title: String,
    /// The chart in a sentence, for those who do not see it.
    pub description: String,
    pub axis: Axis,
    pub series: Vec<Series>,
    /// Waves of lines, columns of a matrix.
    pub columns: Vec<String>,
    pub bands: Vec<Range>,
    pub facets: Vec<Facet>,
    pub terms: Terms,
    /// Notice, source and release, below the chart.
    pub source: String,
}

/// A band behind the dots.
#[derive(Debug, Clone)]
pub struct Range {
    pub label: String,
    pub lower: f64,
    pub upper: f64,
}

/// One of the small multiples.
#[derive(Debug, Clone)]
pub struct Facet {
    pub title: String,
    pub colour: Option<String>,
    /// Its figures stand alone in a chart of pairs.
    pub is_single: bool,
    pub groups: Vec<Group>,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub label: String,
    pub lines: Vec<Line>,
}

/// Points that stand on one line, or make one.
#[derive(Debug, Clone)]
pub struct Line {
    pub label: String,
    pub points: Vec<Point>,
    /// The difference of its points, as it is written, and its interval.
    pub difference: Option<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct Point {
    pub series: usize,
    pub column: usize,
    pub segment: i64,
    pub cell: Cell,
    /// Which figure of the marts it is: `portal_use|gp|2025|total`.
    pub of: String,
    /// The figure in words.
    pub words: String,
    /// The figure as it is written, and its interval.
    pub written: String,
    pub interval: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    Value {
        value: f64,
        low: Option<f64>,
        high: Option<f64>,
        is_unreliable: bool,
    },
    /// A call with the difference that it is about.
    Called {
        call: Call,
        difference: Option<f64>,
        is_corrected: bool,
    },
    Withheld,
    NotAsked,
    NoAnswers,
    /// The first wave, or nothing to compare with.
    None,
}

/// Words inside a drawing.
#[derive(Debug, Clone)]
pub struct Terms {
    pub interval: String,
    pub withheld: String,
    pub not_asked: String,
    pub no_answers: String,
    pub series_break: String,
    pub unreliable: String,
    pub difference: String,
    /// Calls in a word, as `Call` is ordered: increased, stable, decreased, not comparable, withheld, no test.
    pub calls: [String; 6],
    pub corrected: String,
}

/// The room that a drawing has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A column of text on a desk.
    Wide,
    /// A telephone of 320 pixels.
    Narrow,
}

impl Layout {
    pub fn width(self) -> f64 {
        match self {
            Self::Wide => 760.0,
            Self::Narrow => 288.0,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }
}

impl Chart {
    /// The chart as SVG, without a script or a style sheet.
    pub fn to_svg(&self, layout: Layout) -> String {
        let body = match self.form {
            Form::Lines => lines::draw(self, layout),
            Form::BarTick | Form::Dumbbell | Form::DotsBands => rows::draw(self, layout),
            Form::Matrix => matrix::draw(self, layout),
        };
        let (body, height) = key::below(self, layout, body);
        drawing::whole(self, layout, &body, height)
    }

    /// The same chart as a Vega-Lite specification with its data.
    pub fn to_vega_lite(&self) -> serde_json::Value {
        vega::specification(self)
    }

    pub fn points(&self) -> impl Iterator<Item = &Point> {
        let groups = self.facets.iter().flat_map(|facet| &facet.groups);
        groups.flat_map(|group| &group.lines).flat_map(|line| &line.points)
    }

    /// Whether there is a figure in it at all.
    pub fn is_empty(&self) -> bool {
        !self.points().any(|point| {
            matches!(point.cell, Cell::Value { .. } | Cell::Called { difference: Some(_), .. })
        })
    }

    fn has_break(&self) -> bool {
        let mut lines = self.facets.iter().flat_map(|f| &f.groups).flat_map(|group| &group.lines);
        self.form == Form::Lines && lines.any(|line| !lines::breaks(line).is_empty())
    }
}

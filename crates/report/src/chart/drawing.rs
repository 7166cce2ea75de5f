//! Elements of SVG, with coordinates to a tenth of a pixel.

use std::fmt::Write;

use super::style::{AXIS, INK, QUIET, Series, Shape};
use super::text::wrapped;
use super::{Chart, Layout};

const FACE: &str =
    "'Source Sans 3', 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

/// What is drawn so far.
#[derive(Default)]
pub struct Drawing {
    pub text: String,
}

/// How a text stands.
#[derive(Clone, Copy)]
pub struct Type<'a> {
    pub size: f64,
    pub fill: &'a str,
    pub anchor: &'static str,
    pub is_bold: bool,
}

pub const PLAIN: Type<'static> = Type { size: 12.0, fill: INK, anchor: "start", is_bold: false };
pub const SMALL: Type<'static> = Type { size: 11.0, fill: QUIET, anchor: "start", is_bold: false };

/// Text that HTML and XML take as text.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // XML has no such characters.
            control if control < ' ' && control != '\n' && control != '\t' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

/// A coordinate.
pub fn at(number: f64) -> String {
    let text = format!("{number:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

impl Drawing {
    pub fn add(&mut self, element: &str) {
        self.text.push_str(element);
    }

    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: &str, width: f64, dash: &str) {
        let (x1, y1, x2, y2) = (at(from.0), at(from.1), at(to.0), at(to.1));
        let width = at(width);
        let _ = write!(
            self.text,
            r#"<path d="M{x1} {y1}L{x2} {y2}" stroke="{stroke}" stroke-width="{width}""#
        );
        self.dash(dash);
        self.add("/>");
    }

    fn dash(&mut self, dash: &str) {
        if !dash.is_empty() {
            let _ = write!(self.text, r#" stroke-dasharray="{dash}""#);
        }
    }

    pub fn polyline(&mut self, points: &[(f64, f64)], stroke: &str, width: f64, dash: &str) {
        let path: Vec<String> =
            points.iter().map(|point| format!("{} {}", at(point.0), at(point.1))).collect();
        let (path, width) = (path.join("L"), at(width));
        let _ = write!(
            self.text,
            r#"<path d="M{path}" fill="none" stroke="{stroke}" stroke-width="{width}" stroke-linejoin="round""#
        );
        self.dash(dash);
        self.add("/>");
    }

    /// Left, top, width and height.
    pub fn rectangle(&mut self, place: [f64; 4], fill: &str, more: &str) {
        let [x, y, width, height] = place.map(at);
        let _ = write!(
            self.text,
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"{more}/>"#
        );
    }

    pub fn text(&mut self, place: (f64, f64), text: &str, kind: Type<'_>) {
        let (x, y, size, text) = (at(place.0), at(place.1), at(kind.size), escaped(text));
        let _ =
            write!(self.text, r#"<text x="{x}" y="{y}" font-size="{size}" fill="{}""#, kind.fill);
        if kind.anchor != "start" {
            let _ = write!(self.text, r#" text-anchor="{}""#, kind.anchor);
        }
        if kind.is_bold {
            self.add(r#" font-weight="600""#);
        }
        let _ = write!(self.text, ">{text}</text>");
    }

    /// Several lines, the first one's base line at the place; gives the height.
    pub fn texts(&mut self, place: (f64, f64), lines: &[String], kind: Type<'_>) -> f64 {
        let step = kind.size * 1.22;
        for (number, line) in lines.iter().enumerate() {
            self.text((place.0, place.1 + number as f64 * step), line, kind);
        }
        lines.len() as f64 * step
    }

    /// A text that reads upwards.
    pub fn upwards(&mut self, place: (f64, f64), text: &str, kind: Type<'_>) {
        let (x, y, size, text) = (at(place.0), at(place.1), at(kind.size), escaped(text));
        let _ = write!(
            self.text,
            r#"<text transform="translate({x} {y}) rotate(-90)" font-size="{size}" fill="{}" text-anchor="{}">{text}</text>"#,
            kind.fill, kind.anchor
        );
    }

    /// The mark of a series; hollow where it stands for a figure of low reliability, or for the second side.
    pub fn mark(&mut self, place: (f64, f64), series: &Series, radius: f64, is_hollow: bool) {
        let (x, y) = place;
        let fill = if is_hollow { "#fff" } else { series.colour.as_str() };
        let style = format!(r#" fill="{fill}" stroke="{}" stroke-width="1.6""#, series.colour);
        let r = radius;
        let path = |points: &[(f64, f64)]| {
            let steps: Vec<String> =
                points.iter().map(|(dx, dy)| format!("{} {}", at(x + dx), at(y + dy))).collect();
            format!(r#"<path d="M{}Z"{style}/>"#, steps.join("L"))
        };
        let s = r * 0.9;
        let element = match series.shape {
            Shape::Circle => {
                format!(r#"<circle cx="{}" cy="{}" r="{}"{style}/>"#, at(x), at(y), at(r))
            }
            Shape::Square => path(&[(-s, -s), (s, -s), (s, s), (-s, s)]),
            Shape::Triangle => path(&[(0.0, -r * 1.15), (r * 1.1, r * 0.8), (-r * 1.1, r * 0.8)]),
            Shape::Down => path(&[(0.0, r * 1.15), (r * 1.1, -r * 0.8), (-r * 1.1, -r * 0.8)]),
            Shape::Diamond => {
                path(&[(0.0, -r * 1.3), (r * 1.3, 0.0), (0.0, r * 1.3), (-r * 1.3, 0.0)])
            }
            Shape::Cross => {
                let t = r * 0.4;
                path(&[
                    (-t, -r),
                    (t, -r),
                    (t, -t),
                    (r, -t),
                    (r, t),
                    (t, t),
                    (t, r),
                    (-t, r),
                    (-t, t),
                    (-r, t),
                    (-r, -t),
                    (-t, -t),
                ])
            }
        };
        self.add(&element);
    }

    /// The box of a withheld figure.
    pub fn hatched(&mut self, id: &str, place: [f64; 4]) {
        let fill = format!("url(#{id}-hatch)");
        let edge = format!(r#" stroke="{AXIS}" stroke-width="1""#);
        self.rectangle(place, &fill, &edge);
    }

    /// The empty slot of what was not asked.
    pub fn slot(&mut self, place: [f64; 4]) {
        let edge = format!(r#" stroke="{AXIS}" stroke-width="1" stroke-dasharray="2 2""#);
        self.rectangle(place, "none", &edge);
    }
}

/// The drawing as a document of its own.
pub fn whole(chart: &Chart, layout: Layout, body: &Drawing, height: f64) -> String {
    let id = format!("{}-{}", chart.id, layout.name());
    let (width, mut height) = (layout.width(), height);
    let mut foot = Drawing::default();
    for line in wrapped(&chart.source, 10.5, width) {
        foot.text((0.0, height + 12.0), &line, Type { size: 10.5, ..SMALL });
        height += 14.0;
    }
    let (w, h) = (at(width), at(height + 4.0));
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" "#,
            r#"aria-labelledby="{id}-t {id}-d" class="{layout}" font-family="{face}"><title id="{id}-t">{title}</title>"#,
            r#"<desc id="{id}-d">{description}</desc><defs><pattern id="{id}-hatch" width="5" height="5" "#,
            r#"patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V5" stroke="{axis}" stroke-width="3"/>"#,
            "</pattern></defs>{body}{foot}</svg>"
        ),
        w = w,
        h = h,
        id = id,
        layout = layout.name(),
        face = FACE,
        title = escaped(&chart.title),
        description = escaped(&chart.description),
        axis = "#b4bcc4",
        body = body.text,
        foot = foot.text,
    )
}

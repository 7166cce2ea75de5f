//! A chart as Vega-Lite 6, with the figures that it shows.

use serde_json::{Value, json};

use super::{Cell, Chart};
use crate::release::figure::Form;

const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v6.json";

pub fn specification(chart: &Chart) -> Value {
    let layers = match chart.form {
        Form::Lines => lines(chart),
        Form::BarTick => bar_tick(chart),
        Form::Dumbbell => dumbbell(chart),
        Form::DotsBands => dots(chart),
        Form::Matrix => matrix(),
    };
    json!({
        "$schema": SCHEMA,
        "title": chart.title,
        "description": chart.description,
        "data": { "values": values(chart) },
        "facet": { "field": "facet", "type": "nominal", "title": null, "sort": null },
        "columns": if chart.form == Form::Lines { 2 } else { 1 },
        "spec": { "width": 320, "layer": layers },
        "resolve": { "scale": { "y": if chart.form == Form::Lines { "shared" } else { "independent" } } },
        "config": { "font": "sans-serif", "view": { "stroke": null } }
    })
}

/// One row a point; NULL where nothing is shown, with the reason.
fn values(chart: &Chart) -> Vec<Value> {
    let mut values = Vec::new();
    for facet in &chart.facets {
        for group in &facet.groups {
            for line in &group.lines {
                for point in &line.points {
                    let label = [group.label.as_str(), line.label.as_str()];
                    let is_row = chart.form != Form::Lines;
                    let row: Vec<&str> =
                        label.into_iter().filter(|text| is_row && !text.is_empty()).collect();
                    let (value, low, high, state) = state(point.cell);
                    values.push(json!({
                        "facet": facet.title,
                        "row": row.join(" · "),
                        "series": chart.series.get(point.series).map_or("", |series| series.label.as_str()),
                        "column": chart.columns.get(point.column).map_or("", String::as_str),
                        "segment": point.segment,
                        "value": value, "low": low, "high": high, "state": state,
                        "written": point.written, "words": point.words
                    }));
                }
            }
        }
    }
    values
}

fn state(cell: Cell) -> (Option<f64>, Option<f64>, Option<f64>, &'static str) {
    match cell {
        Cell::Value { value, low, high, .. } => (Some(value), low, high, "shown"),
        Cell::Called { call, difference, .. } => (difference, None, None, call.word()),
        Cell::Withheld => (None, None, None, "withheld"),
        Cell::NotAsked => (None, None, None, "not_asked"),
        Cell::NoAnswers => (None, None, None, "no_answers"),
        Cell::None => (None, None, None, "none"),
    }
}

fn domain(chart: &Chart) -> Value {
    json!({ "domain": [chart.axis.low, chart.axis.high] })
}

/// The series by colour, with the colours of the site.
fn colour(chart: &Chart) -> Value {
    let (labels, colours): (Vec<&str>, Vec<&str>) =
        chart.series.iter().map(|one| (one.label.as_str(), one.colour.as_str())).unzip();
    json!({
        "field": "series", "type": "nominal", "title": null,
        "scale": { "domain": labels, "range": colours }
    })
}

fn lines(chart: &Chart) -> Value {
    let x = json!({ "field": "column", "type": "ordinal", "sort": null, "title": null });
    let y =
        json!({ "field": "value", "type": "quantitative", "scale": domain(chart), "title": null });
    let low =
        json!({ "field": "low", "type": "quantitative", "scale": domain(chart), "title": null });
    let shape = json!({ "field": "series", "type": "nominal", "title": null });
    json!([
        { "mark": { "type": "line", "strokeWidth": 2 }, "encoding": {
            "x": x, "y": y, "color": colour(chart), "detail": { "field": "segment", "type": "nominal" },
            "strokeDash": shape } },
        { "mark": { "type": "rule" }, "encoding": { "x": x, "y": low, "y2": { "field": "high" }, "color": colour(chart) } },
        { "mark": { "type": "point", "filled": true, "size": 45 }, "encoding": {
            "x": x, "y": y, "color": colour(chart), "shape": shape,
            "tooltip": { "field": "words", "type": "nominal" } } }
    ])
}

fn across(chart: &Chart, field: &str) -> Value {
    json!({ "field": field, "type": "quantitative", "scale": domain(chart), "title": null })
}

fn row() -> Value {
    json!({ "field": "row", "type": "nominal", "sort": null, "title": null, "axis": { "labelLimit": 260 } })
}

fn interval(chart: &Chart) -> Value {
    json!({ "mark": { "type": "rule" }, "encoding": {
        "y": row(), "x": across(chart, "low"), "x2": { "field": "high" }, "color": colour(chart) } })
}

fn bar_tick(chart: &Chart) -> Value {
    let of = |place: usize| {
        let label = chart.series.get(place).map_or("", |series| series.label.as_str());
        json!([{ "filter": { "field": "series", "equal": label } }])
    };
    let tooltip = json!({ "field": "words", "type": "nominal" });
    json!([
        { "transform": of(0), "mark": { "type": "bar", "opacity": 0.6 }, "encoding": {
            "y": row(), "x": across(chart, "value"), "color": colour(chart), "tooltip": tooltip } },
        { "transform": of(1), "mark": { "type": "tick", "thickness": 3 }, "encoding": {
            "y": row(), "x": across(chart, "value"), "color": colour(chart), "tooltip": tooltip } },
        interval(chart)
    ])
}

fn dots(chart: &Chart) -> Value {
    let mut layers: Vec<Value> = Vec::new();
    for (number, band) in chart.bands.iter().enumerate() {
        let fill = if number % 2 == 0 { "#eef2f5" } else { "#f8f9fa" };
        layers.push(json!({ "mark": { "type": "rect", "color": fill }, "encoding": {
            "x": { "datum": band.lower.max(chart.axis.low), "type": "quantitative" },
            "x2": { "datum": band.upper.min(chart.axis.high) } } }));
    }
    layers.push(interval(chart));
    layers.push(points(chart));
    json!(layers)
}

fn points(chart: &Chart) -> Value {
    json!({ "mark": { "type": "point", "filled": true, "size": 60 }, "encoding": {
        "y": row(), "x": across(chart, "value"), "color": colour(chart),
        "shape": { "field": "series", "type": "nominal", "title": null },
        "tooltip": { "field": "words", "type": "nominal" } } })
}

fn dumbbell(chart: &Chart) -> Value {
    let link = json!({ "mark": { "type": "line", "color": "#c3cbd2", "strokeWidth": 5 }, "encoding": {
        "y": row(), "x": across(chart, "value"), "detail": { "field": "row", "type": "nominal" } } });
    json!([link, interval(chart), points(chart)])
}

fn matrix() -> Value {
    json!([{ "mark": { "type": "text" }, "encoding": {
        "x": { "field": "column", "type": "nominal", "sort": null, "title": null, "axis": { "orient": "top", "labelAngle": 0 } },
        "y": row(),
        "text": { "field": "written", "type": "nominal" },
        "color": { "field": "state", "type": "nominal", "title": null },
        "tooltip": { "field": "words", "type": "nominal" } } }])
}

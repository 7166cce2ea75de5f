//! The figures of the publication: what each shows, as one table and its bridges.

use arrow::array::RecordBatch;
use config::publication::{Dimension, Waves};
use config::{Configuration, Figure, Indicator};
use survey::Wave;

use super::wave::in_order;
use crate::error::Error;
use crate::table::Columns;

/// The mart `dim_figure`.
pub fn figures(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let rows = &configuration.figures;
    let dimension = |of: fn(&Figure) -> Option<Dimension>| -> Vec<Option<&'static str>> {
        rows.iter().map(|row| of(row).map(Dimension::name)).collect()
    };
    let languages = &configuration.monitor.languages;
    Columns::default()
        .text("figure", rows.iter().map(|row| row.figure.as_str()))
        .small("sort_order", 1..=rows.len() as i32)
        .labels("title", languages, rows.iter().map(|row| &row.title))
        .labels("subtitle", languages, rows.iter().map(|row| &row.subtitle))
        .maybe_labels("note", languages, rows.iter().map(|row| &row.note))
        .text("form", rows.iter().map(|row| row.form.name()))
        .text("measure", rows.iter().map(|row| row.measure.name()))
        .maybe_text("facet", dimension(|row| row.facet))
        .maybe_text("row", dimension(|row| row.row))
        .maybe_text("series", dimension(|row| row.series))
        .text("waves", rows.iter().map(|row| row.waves.name()))
        .maybe_text("gap", rows.iter().map(|row| row.gap.as_deref()))
        .maybe_text("reference", rows.iter().map(|row| row.reference.as_deref()))
        .maybe_text("unit", rows.iter().map(|figure| unit(configuration, figure)))
        .build()
}

/// The unit of all its indicators, where it is one.
fn unit<'a>(configuration: &'a Configuration, figure: &'a Figure) -> Option<&'a str> {
    let mut units = indicators_of(configuration, figure).into_iter().map(|(one, _)| &one.unit);
    let first = units.next()?;
    units.all(|unit| unit == first).then_some(first.as_str())
}

/// The indicators of a figure in order, each with its group.
fn indicators_of<'a>(
    configuration: &'a Configuration,
    figure: &'a Figure,
) -> Vec<(&'a Indicator, Option<&'a str>)> {
    let is_in = |one: &&Indicator| figure.every_indicator || one.figures.contains(&figure.figure);
    let group = |one: &Indicator| {
        let mut groups = figure.groups.iter();
        let group = groups.find(|group| group.indicators.contains(&one.indicator))?;
        Some(group.name.as_str())
    };
    let indicators = configuration.indicators.iter().filter(is_in);
    indicators.map(|one| (one, group(one))).collect()
}

/// The bridge `figure_indicator`.
pub fn indicators(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let mut rows = Vec::new();
    for figure in &configuration.figures {
        let indicators = indicators_of(configuration, figure).into_iter().enumerate();
        rows.extend(indicators.map(|(place, (one, group))| {
            (figure.figure.as_str(), one.indicator.as_str(), place as i32 + 1, group)
        }));
    }
    Columns::default()
        .text("figure", rows.iter().map(|row| row.0))
        .text("indicator", rows.iter().map(|row| row.1))
        .small("sort_order", rows.iter().map(|row| row.2))
        .maybe_text("group_name", rows.iter().map(|row| row.3))
        .build()
}

/// The bridge `figure_panel`: panels and totals in order, and the total beside them.
pub fn panels(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let mut rows = Vec::new();
    for figure in &configuration.figures {
        let panels = figure.panels.iter().map(|panel| (panel, "panel"));
        let reference = figure.reference.iter().filter(|total| !figure.panels.contains(total));
        let all = panels.chain(reference.map(|total| (total, "reference"))).enumerate();
        rows.extend(all.map(|(place, (panel, role))| {
            (figure.figure.as_str(), panel.as_str(), place as i32 + 1, role)
        }));
    }
    Columns::default()
        .text("figure", rows.iter().map(|row| row.0))
        .text("panel", rows.iter().map(|row| row.1))
        .small("sort_order", rows.iter().map(|row| row.2))
        .text("role", rows.iter().map(|row| row.3))
        .build()
}

/// The bridge `figure_breakdown`.
pub fn breakdowns(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let mut rows = Vec::new();
    for figure in &configuration.figures {
        let breakdowns = figure.breakdowns.iter().enumerate();
        rows.extend(breakdowns.map(|(place, breakdown)| {
            (figure.figure.as_str(), breakdown.as_str(), place as i32 + 1)
        }));
    }
    Columns::default()
        .text("figure", rows.iter().map(|row| row.0))
        .text("breakdown", rows.iter().map(|row| row.1))
        .small("sort_order", rows.iter().map(|row| row.2))
        .build()
}

/// The bridge `figure_wave`: the waves that are drawn, the latest being the last in which one of its indicators is made.
pub fn waves(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let mut rows: Vec<(&str, Wave)> = Vec::new();
    for figure in &configuration.figures {
        let indicators = indicators_of(configuration, figure);
        let mut waves = in_order(configuration);
        waves.retain(|&wave| indicators.iter().any(|(one, _)| one.is_made_in(wave)));
        let drawn = match figure.waves {
            Waves::All => waves.len(),
            Waves::Latest => 1,
            Waves::LatestTwo => 2,
        };
        let drawn = &waves[waves.len().saturating_sub(drawn)..];
        rows.extend(drawn.iter().map(|&wave| (figure.figure.as_str(), wave)));
    }
    Columns::default()
        .text("figure", rows.iter().map(|row| row.0))
        .small("wave", rows.iter().map(|row| row.1 as i32))
        .build()
}

/// The mart `figure_group`: indicators of a figure that belong together.
pub fn groups(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let mut rows = Vec::new();
    for figure in &configuration.figures {
        let groups = figure.groups.iter().enumerate();
        rows.extend(groups.map(|(place, group)| (figure.figure.as_str(), group, place as i32 + 1)));
    }
    Columns::default()
        .text("figure", rows.iter().map(|row| row.0))
        .text("group_name", rows.iter().map(|row| row.1.name.as_str()))
        .small("sort_order", rows.iter().map(|row| row.2))
        .labels("label", &configuration.monitor.languages, rows.iter().map(|row| &row.1.label))
        .build()
}

//! Indicators, the answers that they count, and the panels that they are made for.

use arrow::array::RecordBatch;
use config::{Configuration, Indicator, IndicatorKind};
use survey::Wave;

use super::{known, panel};
use crate::error::Error;
use crate::names::{mean_of_groups, pooled};
use crate::table::Columns;

/// The mart `dim_indicator`; an open end of a series is that of the monitor.
pub fn indicators(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let (codebook, rows) = (&configuration.codebook, &configuration.indicators);
    let monitor = &configuration.monitor;
    let languages = &monitor.languages;
    let end = |given: Option<Wave>, open: Option<Wave>| given.or(open).unwrap_or_default() as i32;
    let theme =
        |row: &Indicator| codebook.concept(&row.concept).and_then(|concept| known(&concept.theme));
    let kind = |row: &Indicator| match row.kind {
        IndicatorKind::Proportion => "proportion",
        IndicatorKind::Mean => "mean",
    };
    Columns::default()
        .text("indicator", rows.iter().map(|row| row.indicator.as_str()))
        .small("sort_order", 1..=rows.len() as i32)
        .text("concept", rows.iter().map(|row| row.concept.as_str()))
        .maybe_text("theme", rows.iter().map(theme))
        .text("kind", rows.iter().map(kind))
        .maybe_text("base", rows.iter().map(|row| known(&row.base)))
        .small("first_wave", rows.iter().map(|row| end(row.first_wave, monitor.waves().min())))
        .small("last_wave", rows.iter().map(|row| end(row.last_wave, monitor.waves().max())))
        .text("unit", rows.iter().map(|row| row.unit.as_str()))
        .small("decimals", rows.iter().map(|row| row.decimals as i32))
        .maybe_text("colour", rows.iter().map(|row| row.colour.as_deref()))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .build()
}

/// The bridge `indicator_code`: the answers that count as yes.
pub fn codes(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let rows: Vec<(&Indicator, &str)> = configuration
        .indicators
        .iter()
        .flat_map(|row| row.codes.iter().map(move |code| (row, code.as_str())))
        .collect();
    Columns::default()
        .text("indicator", rows.iter().map(|row| row.0.indicator.as_str()))
        .text("concept", rows.iter().map(|row| row.0.concept.as_str()))
        .text("code", rows.iter().map(|row| row.1))
        .build()
}

/// The bridge `indicator_panel`: panels, and totals of groups of which a panel has it.
pub fn panels(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let mut rows: Vec<(&str, String)> = Vec::new();
    for indicator in &configuration.indicators {
        let own = panel::in_order(configuration).into_iter();
        let own = own.filter(|(name, _)| indicator.is_for(name)).map(|(name, _)| name.clone());
        let groups = configuration.monitor.groups.iter();
        let made = groups.filter(|(_, group)| group.panels.iter().any(|one| indicator.is_for(one)));
        let totals = made.flat_map(|(name, _)| [pooled(name), mean_of_groups(name)]);
        rows.extend(own.chain(totals).map(|panel| (indicator.indicator.as_str(), panel)));
    }
    Columns::default()
        .text("indicator", rows.iter().map(|row| row.0))
        .text("panel", rows.iter().map(|row| row.1.as_str()))
        .build()
}

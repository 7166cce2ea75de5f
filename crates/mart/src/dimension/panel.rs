//! Panels and the totals over them.

use arrow::array::RecordBatch;
use config::Configuration;
use config::panel::Panel;

use survey::Labels;

use super::{known, labelled};
use crate::error::Error;
use crate::names::{mean_of_groups, pooled};
use crate::table::Columns;

struct PanelRow<'a> {
    panel: String,
    kind: &'a str,
    measure: &'static str,
    group: Option<String>,
    members: Vec<String>,
    label: Labels,
    population: Labels,
    unit: String,
    colour: Option<String>,
}

/// The panels in the monitor's order; those that it does not name follow by name.
pub fn in_order(configuration: &Configuration) -> Vec<(&String, &Panel)> {
    let order = &configuration.monitor.panel_order;
    let place = |name: &str| order.iter().position(|one| one == name).unwrap_or(order.len());
    let mut panels: Vec<(&String, &Panel)> = configuration.panels.iter().collect();
    panels.sort_by_key(|(name, _)| (place(name), *name));
    panels
}

fn rows(configuration: &Configuration) -> Vec<PanelRow<'_>> {
    let own = in_order(configuration).into_iter().map(|(name, panel)| PanelRow {
        panel: name.clone(),
        kind: &panel.kind,
        measure: "panel",
        group: None,
        members: vec![name.clone()],
        label: panel.label.clone(),
        population: panel.population.clone(),
        unit: panel.unit.clone(),
        colour: panel.colour.clone(),
    });
    let mut rows: Vec<PanelRow<'_>> = own.collect();
    for (name, group) in &configuration.monitor.groups {
        let members: Vec<_> =
            group.panels.iter().filter_map(|panel| configuration.panels.get(panel)).collect();
        let kind = members.first().map_or("mixed", |panel| panel.kind.as_str());
        let kind = if members.iter().all(|panel| panel.kind == kind) { kind } else { "mixed" };
        let title = labelled(&group.label, name);
        let unit = members.first().map(|panel| panel.unit.clone()).unwrap_or_default();
        let total = |panel: String, measure: &'static str, added: &str| PanelRow {
            panel,
            kind,
            measure,
            group: Some(name.clone()),
            members: group.panels.clone(),
            label: title.followed_by(&configuration.words.of(added)),
            population: title.clone(),
            unit: unit.clone(),
            colour: group.colour.clone(),
        };
        rows.push(total(pooled(name), "pooled", ", pooled"));
        rows.push(total(mean_of_groups(name), "mean_of_groups", ", mean of the groups"));
    }
    rows
}

/// The mart `dim_panel`.
pub fn panels(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let (rows, languages) = (rows(configuration), &configuration.monitor.languages);
    Columns::default()
        .text("panel", rows.iter().map(|row| row.panel.as_str()))
        .small("sort_order", 1..=rows.len() as i32)
        .maybe_text("kind", rows.iter().map(|row| known(row.kind)))
        .text("measure", rows.iter().map(|row| row.measure))
        .truths("is_total", rows.iter().map(|row| row.group.is_some()))
        .maybe_text("group_name", rows.iter().map(|row| row.group.as_deref()))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .maybe_labels("population", languages, rows.iter().map(|row| &row.population))
        .maybe_text("unit", rows.iter().map(|row| known(&row.unit)))
        .maybe_text("colour", rows.iter().map(|row| row.colour.as_deref()))
        .build()
}

/// The bridge `panel_member`: whose respondents a panel or total has.
pub fn members(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let rows = rows(configuration);
    let pairs: Vec<(&str, usize, &str)> = rows
        .iter()
        .flat_map(|row| {
            let members = row.members.iter().enumerate();
            members.map(|(place, member)| (row.panel.as_str(), place, member.as_str()))
        })
        .collect();
    Columns::default()
        .text("panel", pairs.iter().map(|pair| pair.0))
        .text("member", pairs.iter().map(|pair| pair.2))
        .small("sort_order", pairs.iter().map(|pair| pair.1 as i32 + 1))
        .build()
}

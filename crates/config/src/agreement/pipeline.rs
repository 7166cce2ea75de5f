//! A pipeline file against the configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::mistake::{Mistake, did_you_mean};
use crate::name::is_name;
use crate::pipeline::LimitsSpec;
use crate::{Configuration, DeliverySpec, PipelineFile};
use survey::Wave;

/// All disagreements of a pipeline file with the configuration.
pub fn check_pipeline(
    path: &Path,
    text: &str,
    file: &PipelineFile,
    configuration: &Configuration,
) -> Vec<Mistake> {
    let mut mistakes = check_limits(path, text, file);
    // The line on which a delivery gives its name.
    let line_of = |name: &str| {
        let quoted = format!("\"{name}\"");
        let found = text
            .lines()
            .position(|line| line.trim_start().starts_with("name") && line.contains(&quoted));
        found.map(|line| line as u32 + 1)
    };
    let waves: Vec<Wave> = configuration.monitor.waves().collect();
    let mut names = BTreeSet::new();
    let mut fed: BTreeMap<(&str, Wave), &str> = BTreeMap::new();
    let replaced: BTreeSet<&str> =
        file.deliveries.iter().filter_map(|delivery| delivery.replaces.as_deref()).collect();
    for delivery in &file.deliveries {
        let line = line_of(&delivery.name);
        let mut add = |message: String, hint: String| {
            let message = format!("delivery `{}`: {message}", delivery.name);
            let mut mistake = Mistake::new(path, line, message);
            mistake.hint = (!hint.is_empty()).then_some(hint);
            mistakes.push(mistake);
        };
        if !names.insert(delivery.name.to_lowercase()) {
            add("the name stands twice, whatever its capitals".to_owned(), String::new());
        }
        if !is_name(&delivery.name) {
            let hint = "the file's name makes no name for the delivery: add `name`".to_owned();
            add(format!("{:?} is no name", delivery.name), hint);
        }
        if delivery.panels.is_empty() {
            add("it feeds no panel".to_owned(), "`panels` names them".to_owned());
        }
        for (place, panel) in delivery.panels.iter().enumerate() {
            if delivery.panels[..place].contains(panel) {
                add(format!("panel `{panel}` stands twice"), String::new());
            }
        }
        if !configuration.exports.contains_key(&delivery.profile) {
            let hint =
                did_you_mean(&delivery.profile, configuration.exports.keys().map(String::as_str));
            add(
                format!("there is no export profile `{}` in config/exports", delivery.profile),
                hint,
            );
        }
        if !waves.contains(&delivery.wave) {
            let hint = format!("monitor.toml has {waves:?}");
            add(format!("wave {} is not in the monitor", delivery.wave), hint);
        }
        check_id_space(delivery, &mut add);
        for panel in &delivery.panels {
            if !configuration.panels.contains_key(panel) {
                let hint = did_you_mean(panel, configuration.panels.keys().map(String::as_str));
                add(format!("there is no panel `{panel}`"), hint);
                continue;
            }
            let items = &configuration.codebook.items;
            if !items.iter().any(|item| item.panel == *panel && item.wave == delivery.wave) {
                let hint = "add its rows to config/codebook/items.csv".to_owned();
                add(format!("the codebook has no items of {panel} {}", delivery.wave), hint);
            }
            if !replaced.contains(delivery.name.as_str())
                && let Some(other) = fed.insert((panel, delivery.wave), &delivery.name)
            {
                let hint = format!("where it is a later release, add replaces = \"{other}\"");
                add(format!("{panel} {} is fed by `{other}` already", delivery.wave), hint);
            }
        }
        if let Some(replaces) = &delivery.replaces
            && !file
                .deliveries
                .iter()
                .any(|other| other.name == *replaces && other.name != delivery.name)
        {
            let hint =
                did_you_mean(replaces, file.deliveries.iter().map(|other| other.name.as_str()));
            add(format!("replaces `{replaces}`, which is no delivery"), hint);
        }
    }
    mistakes
}

fn check_limits(path: &Path, text: &str, file: &PipelineFile) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (name, limit) in file.limits.given() {
        let least = if name == "memory_mib" { LimitsSpec::LEAST_MEMORY_MIB } else { 1 };
        if !(least..=LimitsSpec::MOST).contains(&limit) {
            let line = text.lines().position(|line| line.trim_start().starts_with(name));
            let message = format!(
                "limits: `{name}` is {limit}, expected {least} or more, at most {}",
                LimitsSpec::MOST
            );
            let mistake = Mistake::new(path, line.map(|line| line as u32 + 1), message);
            mistakes.push(mistake.hint("leave it out for the usual limit"));
        }
    }
    mistakes
}

/// A file that feeds several panels says whose ids it holds.
fn check_id_space(delivery: &DeliverySpec, add: &mut impl FnMut(String, String)) {
    match &delivery.id_space {
        None if delivery.panels.len() > 1 => {
            let hint = "add id_space = \"NAME\": an id is the same respondent in all deliveries of that id space".to_owned();
            let panels = delivery.panels.len();
            add(format!("it feeds {panels} panels and names no `id_space`"), hint);
        }
        Some(space) if space.trim().is_empty() => {
            add(
                "`id_space` is empty".to_owned(),
                "leave it out where the file feeds one panel".to_owned(),
            );
        }
        _ => {}
    }
}

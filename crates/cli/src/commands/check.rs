//! `peil check`: the configuration only, every mistake at once.

use pipeline::Error;

use crate::arguments::PipelineArgument;
use crate::commands;
use crate::print::message;

pub fn check(arguments: &PipelineArgument) -> Result<u8, Error> {
    commands::open(arguments.path())?.check_addresses()?;
    let project = commands::open_releases(arguments.path())?;
    let mut mistakes = project.sql_mistakes();
    mistakes.extend(project.broken_promises());
    if !mistakes.is_empty() {
        return Err(Error::Configuration(mistakes));
    }
    for warning in project.configuration.warnings.iter().chain(&project.without_figures()) {
        message(&warning.render(false));
    }
    let configuration = &project.configuration;
    message(&format!(
        "no mistakes: {} panels, {} concepts, {} items, {} indicators, {} rules, {} marts; {} deliveries for {} panel-waves",
        configuration.panels.len(),
        configuration.codebook.concepts.len(),
        configuration.codebook.items.len(),
        configuration.indicators.len(),
        configuration.rules.len(),
        configuration.marts.len(),
        project.used().len(),
        project.panel_waves().values().map(std::collections::BTreeSet::len).sum::<usize>(),
    ));
    Ok(0)
}

//! `peil diff`: what another release says that this one does not.

use pipeline::Error;
use pipeline::diff::{self, Difference, SchemaChange};
use pipeline::project::Project;
use pipeline::start::{self, Request};

use crate::arguments::{DiffArguments, PlanFormat};
use crate::print::{data, message, table};
use crate::{commands, outside, progress};

/// Exit code where the releases differ.
const DIFFERENT: u8 = 10;

pub fn diff(arguments: &DiffArguments) -> Result<u8, Error> {
    let names = [arguments.from.as_deref(), arguments.to.as_deref()];
    let ([from, to], pipeline) = arguments.of.apart(names);
    let project = commands::open_releases(pipeline)?;
    if let Some(name) = from.filter(|_| arguments.pending) {
        return Err(Error::Selection {
            pattern: format!("--pending {name}"),
            found: "release to compare beside what is pending".to_owned(),
            exist: "`--pending` alone, or two releases".to_owned(),
        });
    }
    let difference = if arguments.pending {
        pending(&project, arguments)?
    } else {
        diff::diff(&project, from, to)?
    };
    match arguments.format {
        PlanFormat::Json => {
            data(&format!("{}\n", serde_json::to_string_pretty(&difference).unwrap_or_default()));
        }
        PlanFormat::Table => as_table(&difference),
    }
    if let Some(threshold) = arguments.threshold {
        difference.check(threshold)?;
    }
    Ok(if difference.is_empty() { 0 } else { DIFFERENT })
}

/// Makes what a run would publish, short of publishing it.
fn pending(project: &Project, arguments: &DiffArguments) -> Result<Difference, Error> {
    let request = Request { threads: arguments.threads, ..Request::default() };
    let mut outside = outside::outside(None);
    let (bar, observe) = progress::observer();
    outside.observe = observe;
    let done = start::pending(project, &request, &outside);
    bar.finish_and_clear();
    let (report, difference) = done?;
    message(&format!(
        "{} of {} steps ran in {:.1} s and are kept; nothing published",
        report.ran(),
        report.outcomes.len(),
        report.seconds
    ));
    match report.error {
        Some(error) => Err(error),
        None => Ok(difference.unwrap_or_default()),
    }
}

fn as_table(difference: &Difference) {
    let from = difference.from.as_deref().unwrap_or("none");
    let about = if difference.pending { ", which is not published yet" } else { "" };
    message(&format!("from release {from} to {}{about}", difference.to));
    if difference.is_empty() {
        message("no difference");
        return;
    }
    schemas(difference);
    let rows: Vec<Vec<String>> = difference
        .marts
        .iter()
        .filter(|mart| mart.is_different())
        .map(|mart| {
            let count =
                |count: Option<u64>| count.map_or("?".to_owned(), |count| count.to_string());
            vec![
                mart.mart.clone(),
                count(mart.added),
                count(mart.removed),
                count(mart.changed),
                mart.note.clone(),
            ]
        })
        .collect();
    data(&table(&["mart", "rows added", "removed", "changed", ""], &rows));
    statuses(difference);
    if difference.moves.is_empty() {
        return;
    }
    data(&format!(
        "\nestimates that moved: {} (the largest first; proportions in percentage points)\n",
        difference.moves.len()
    ));
    let rows: Vec<Vec<String>> = difference
        .moves
        .iter()
        .take(20)
        .map(|moved| {
            let number =
                |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
            vec![moved.key.clone(), number(moved.from), number(moved.to), number(moved.by)]
        })
        .collect();
    data(&table(&["estimate", "from", "to", "by"], &rows));
}

/// What the marts promise otherwise, what may break a reader first.
fn schemas(difference: &Difference) {
    if difference.schemas.is_empty() {
        return;
    }
    let (major, minor): (Vec<_>, Vec<_>) =
        difference.schemas.iter().partition(|change| change.is_major);
    let row = |change: &&_| {
        let SchemaChange { mart, is_major, what } = change;
        vec![
            mart.clone(),
            if *is_major { "may break readers" } else { "" }.to_owned(),
            what.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = major.iter().chain(&minor).map(row).collect();
    data(&table(&["mart", "schema", "change"], &rows));
    data("\n");
}

/// Cells that are shown or withheld where they were not, with the reason of both.
fn statuses(difference: &Difference) {
    if difference.from.is_none() || difference.statuses.is_empty() {
        return;
    }
    data(&format!("\ncells with another status: {}\n", difference.statuses.len()));
    let text = |status: &Option<String>| status.clone().unwrap_or_else(|| "-".to_owned());
    let rows: Vec<Vec<String>> = difference
        .statuses
        .iter()
        .take(20)
        .map(|change| vec![change.key.clone(), text(&change.from), text(&change.to)])
        .collect();
    data(&table(&["cell", "from", "to"], &rows));
}

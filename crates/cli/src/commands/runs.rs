//! `peil runs`: the ledger, the latest run first.

use std::collections::BTreeMap;

use pipeline::Error;
use store::ledger::{Ledger, Line};

use crate::arguments::{PlanFormat, RunsArguments};
use crate::commands;
use crate::print::{data, in_one_line, message, table};

pub fn runs(arguments: &RunsArguments) -> Result<u8, Error> {
    let project = commands::open(arguments.of.path())?;
    let store = &project.pipeline.store;
    if project.pipeline.elsewhere.store.is_some() {
        message("note: these are the runs of this worker; each keeps its own in its cache");
    }
    let lines = Ledger::read(store)
        .map_err(|error| store::Error::Unwritable { path: Ledger::path(store), error })?;
    let mut steps: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    let mut runs = Vec::new();
    for line in &lines {
        match line {
            Line::Run { .. } => runs.push(line),
            Line::Step { run, .. } => steps.entry(run).or_default().push(line),
        }
    }
    runs.reverse();
    runs.truncate(arguments.last);
    if arguments.format == PlanFormat::Json {
        for line in &runs {
            if let (true, Line::Run { run, .. }) = (arguments.steps, *line) {
                steps.get(run.as_str()).into_iter().flatten().for_each(|step| print_json(step));
            }
            print_json(line);
        }
        return Ok(0);
    }
    if runs.is_empty() {
        message("no runs yet");
        return Ok(0);
    }
    let rows: Vec<Vec<String>> = runs.iter().filter_map(|line| row(line)).collect();
    data(&table(
        &["run", "started", "seconds", "ran", "up to date", "failed", "ended", "release"],
        &rows,
    ));
    if arguments.steps {
        for line in &runs {
            if let Line::Run { run, .. } = line {
                data(&format!("\n{run}\n"));
                steps.get(run.as_str()).into_iter().flatten().for_each(|step| print_step(step));
            }
        }
    }
    Ok(0)
}

fn print_json(line: &Line) {
    data(&format!("{}\n", serde_json::to_string(line).unwrap_or_default()));
}

fn row(line: &Line) -> Option<Vec<String>> {
    let Line::Run {
        run,
        started,
        seconds,
        steps_run,
        steps_up_to_date,
        steps_failed,
        ended,
        release,
        ..
    } = line
    else {
        return None;
    };
    Some(vec![
        run.clone(),
        started.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        format!("{seconds:.1}"),
        steps_run.to_string(),
        steps_up_to_date.to_string(),
        steps_failed.to_string(),
        ended.name().to_owned(),
        release.clone().unwrap_or_default(),
    ])
}

fn print_step(line: &Line) {
    let Line::Step { step, seconds, why, rows, ended, problem, .. } = line else { return };
    let why: Vec<String> = why.iter().map(ToString::to_string).collect();
    let problem =
        problem.as_ref().map_or(String::new(), |problem| format!("; {}", in_one_line(problem)));
    data(&format!(
        "  {step}: {}, {rows} rows, {seconds:.2} s: {}{problem}\n",
        ended.name(),
        why.join("; ")
    ));
}

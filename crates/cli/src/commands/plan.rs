//! `peil plan`: the grid of panel-waves × stages with what would run, then why.

use pipeline::Error;
use pipeline::outcome::Decision;
use pipeline::plan::Plan;
use pipeline::start;
use store::Stage;

use crate::arguments::{PlanArguments, PlanFormat};
use crate::print::{data, message, table};
use crate::{commands, outside};

/// Exit code where something would run.
const SOMETHING: u8 = 10;

pub fn plan(arguments: &PlanArguments) -> Result<u8, Error> {
    let project = commands::open(arguments.of.path())?;
    let outcomes =
        start::plan(&project, &commands::request(&arguments.selection), &outside::outside(None))?;
    let plan = Plan::new(&project, &outcomes);
    match arguments.format {
        PlanFormat::Json => {
            data(&format!("{}\n", serde_json::to_string_pretty(&plan).unwrap_or_default()));
        }
        PlanFormat::Table => as_table(&plan),
    }
    Ok(if plan.anything || plan.cannot > 0 { SOMETHING } else { 0 })
}

fn as_table(plan: &Plan) {
    if !plan.anything && plan.cannot == 0 {
        message(&format!("nothing to do: {} steps are up to date", plan.up_to_date));
    }
    let mut header = vec![""];
    header.extend(Stage::ALL.iter().map(|stage| stage.name()));
    let rows: Vec<Vec<String>> = plan
        .rows()
        .into_iter()
        .map(|row| {
            [row.place].into_iter().chain(row.squares.iter().map(ToString::to_string)).collect()
        })
        .collect();
    data(&table(&header, &rows));
    data(&format!(
        "\n{} would run, {} may run, {} up to date{}\n",
        plan.would_run,
        plan.may_run,
        plan.up_to_date,
        if plan.not_selected > 0 {
            format!(", {} out of date and not selected", plan.not_selected)
        } else {
            String::new()
        }
    ));
    why(plan);
}

/// The reasons; steps with the same one share a line.
fn why(plan: &Plan) {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for step in &plan.steps {
        if matches!(step.decision, Decision::MayRun { .. }) && step.problem.is_none() {
            continue;
        }
        for text in step.problem.iter().chain(&step.because) {
            match reasons.iter_mut().find(|(known, _)| known == text) {
                Some((_, steps)) => steps.push(&step.name),
                None => reasons.push((text.clone(), vec![&step.name])),
            }
        }
    }
    if !reasons.is_empty() {
        data("\nwhy:\n");
    }
    for (text, steps) in reasons {
        let named = if steps.len() > 3 {
            format!("{} and {} more", steps[..2].join(", "), steps.len() - 2)
        } else {
            steps.join(", ")
        };
        data(&format!("  {named}: {text}\n"));
    }
}

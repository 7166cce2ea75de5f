//! `peil diff`: what another release says that this one does not.

use pipeline::Error;
use pipeline::diff::{self, Difference};

use crate::arguments::{DiffArguments, PlanFormat};
use crate::commands;
use crate::print::{data, message, table};

/// Exit code where the releases differ.
const DIFFERENT: u8 = 10;

pub fn diff(arguments: &DiffArguments) -> Result<u8, Error> {
    let project = commands::open(&arguments.of.pipeline)?;
    let difference = diff::diff(&project, arguments.from.as_deref(), arguments.to.as_deref())?;
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

fn as_table(difference: &Difference) {
    message(&format!("from release {} to {}", difference.from, difference.to));
    if difference.is_empty() {
        message("no difference");
        return;
    }
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

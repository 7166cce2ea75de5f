//! `peil show`: a hand-off between two stages.

use pipeline::Error;
use pipeline::look::{self, Shown};

use crate::arguments::{PlanFormat, ShowArguments};
use crate::commands;
use crate::print::{data, in_one_line, table};

pub fn show(arguments: &ShowArguments) -> Result<u8, Error> {
    let project = commands::open_handoffs(arguments.of.path())?;
    for shown in look::show(&project, &arguments.step, arguments.rows)? {
        match arguments.format {
            PlanFormat::Json => {
                data(&format!("{}\n", serde_json::to_string_pretty(&shown).unwrap_or_default()));
            }
            PlanFormat::Table => as_text(&shown),
        }
    }
    Ok(0)
}

fn as_text(shown: &Shown) {
    data(&format!("{} ({}, {} rows)\n", shown.step, shown.kind, shown.rows));
    data(&format!("  content  {}\n  program  {}\n", shown.content, shown.program));
    for (name, from) in &shown.inputs {
        data(&format!("  reads    {name} {from}\n"));
    }
    for why in &shown.why {
        data(&format!("  made as  {why}\n"));
    }
    for (severity, count) in &shown.findings {
        data(&format!("  findings {count} {severity}\n"));
    }
    for warning in &shown.warnings {
        data(&format!("  warning  {}\n", in_one_line(warning)));
    }
    for (name, path) in &shown.files {
        data(&format!("  file     {name}: {}\n", path.display()));
    }
    data("\n");
    match shown.receipt_text() {
        Some(receipt) => data(&format!("receipt\n{receipt}")),
        None => columns(shown),
    }
    if let Some(header) = shown.first_rows.first() {
        data("\nfirst rows (ids shortened, texts hidden)\n");
        let header: Vec<&str> = header.iter().map(|(name, _)| name.as_str()).collect();
        let rows: Vec<Vec<String>> = shown
            .first_rows
            .iter()
            .map(|row| row.iter().map(|(_, value)| value.clone()).collect())
            .collect();
        data(&table(&header, &rows));
    }
}

fn columns(shown: &Shown) {
    let columns: Vec<Vec<String>> = shown
        .columns
        .iter()
        .map(|column| {
            vec![
                column.name.clone(),
                column.kind.clone(),
                column.filled.to_string(),
                column.counts.clone(),
            ]
        })
        .collect();
    data(&table(&["column", "type", "filled", "counts"], &columns));
}

//! `peil propose`: the next wave as a draft, and what of it is accepted.

use std::path::Path;

use pipeline::Error;
use pipeline::propose::{Accepted, ProposeRequest, Proposed, accept, propose};

use crate::arguments::ProposeArguments;
use crate::print::{data, message, table};

pub fn run(arguments: &ProposeArguments) -> Result<u8, Error> {
    super::exists(arguments.of.path())?;
    if let Some(folder) = &arguments.accept {
        let accepted = accept(folder, arguments.of.path(), arguments.bar)?;
        accepted_page(&accepted);
        return Ok(0);
    }
    let request = ProposeRequest {
        file: arguments.file.clone().unwrap_or_default(),
        pipeline: arguments.of.path().to_owned(),
        panels: arguments.panel.clone(),
        wave: arguments.wave.unwrap_or_default(),
        profile: arguments.profile.clone(),
        sheet: arguments.sheet.clone(),
        questions: arguments.questions.clone(),
        out: arguments.out.clone(),
    };
    let proposed = propose(&request)?;
    for note in &proposed.notes {
        message(&format!("note: {note}"));
    }
    proposed_page(&proposed, arguments);
    Ok(0)
}

fn proposed_page(proposed: &Proposed, arguments: &ProposeArguments) {
    use pipeline::propose::Decision::{Decide, Dropped, Proposed as Taken, Unread};
    let rows = proposed.panels.iter().map(|panel| {
        let above = proposed.above(panel, arguments.bar);
        let below = proposed.count(panel, Taken) - above;
        let counts = [
            above,
            below + proposed.count(panel, Decide),
            proposed.count(panel, Unread),
            proposed.count(panel, Dropped),
        ];
        [panel.clone()].into_iter().chain(counts.map(|count| count.to_string())).collect()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    data(&format!("read by {}\n\n", proposed.profile));
    data(&table(&["panel", "accepted as it stands", "to decide", "unread", "dropped"], &rows));
    let open = proposed.draft.items.iter().filter(|row| {
        row.decision == Decide || (row.decision == Taken && row.score < arguments.bar)
    });
    let open: Vec<Vec<String>> = open
        .map(|row| {
            let item = &row.item;
            let concept = if item.concept.is_empty() { "?" } else { item.concept.as_str() };
            // Never rounded up over the bar.
            let score = format!("{:.2}", (row.score * 100.0).floor() / 100.0);
            let reason = row.reason.split("; as ").next().unwrap_or_default();
            [item.panel.as_str(), &item.column, concept, &score, reason].map(str::to_owned).to_vec()
        })
        .collect();
    if !open.is_empty() {
        data(&format!("\n{}", table(&["panel", "column", "concept", "score", "to decide"], &open)));
    }
    let folder = shown(&proposed.folder);
    data(&format!(
        "\ndraft: {folder} (items.csv, crosswalks.csv, targets.csv, delivery.toml)\nnext: write `accept` or `leave` where items.csv says `decide`, then `peil propose --accept {folder}`\n"
    ));
}

fn accepted_page(accepted: &Accepted) {
    let merged = &accepted.merged;
    for left in &merged.left {
        message(&format!("left: {left}"));
    }
    for warning in &accepted.warnings {
        message(&warning.render(false));
    }
    if accepted.files.is_empty() {
        data(&format!("nothing new: {} rows are in the configuration already\n", merged.present));
        return;
    }
    data(&format!(
        "accepted: {} items, {} crosswalk rows, {} population totals; {} were there already, {} items are left\n",
        merged.items,
        merged.crosswalk_rows,
        merged.totals,
        merged.present,
        merged.left.len()
    ));
    if !accepted.waves.is_empty() {
        let waves: Vec<String> = accepted.waves.iter().map(ToString::to_string).collect();
        data(&format!("new wave: {}\n", waves.join(", ")));
    }
    if let Some(delivery) = &accepted.delivery {
        data(&format!("new delivery: {delivery}\n"));
    }
    let files: Vec<String> = accepted.files.iter().map(|file| shown(file)).collect();
    data(&format!("changed: {}\nnext: `peil check`, then `peil run`\n", files.join(", ")));
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

//! Which rows of the delivery are this panel's.

use std::collections::BTreeMap;

use survey::{Code, Finding, Raw, Severity};

use super::cells::{self, State};
use super::columns::Columns;
use super::meaning::Wrong;
use super::{AdmitSettings, Places};
use crate::capped::Capped;
use crate::error::{BrokenGate, Error, Mistake};

/// The delivery's rows, shared out.
pub(super) struct Shares {
    /// This panel's rows, in the order of the delivery.
    pub ours: Vec<u32>,
    /// Rows of no panel, by reason; counted by the first of the delivery's panels only.
    pub unassigned: BTreeMap<String, u64>,
    pub findings: Vec<Finding>,
    pub broken: Option<BrokenGate>,
}

/// Shares out the rows by the panel's split where the delivery feeds several panels.
pub(super) fn share(
    raw: &Raw,
    columns: &Columns<'_>,
    places: &Places<'_>,
    settings: &AdmitSettings,
) -> Result<Shares, Error> {
    let all = 0..raw.table.num_rows() as u32;
    if settings.delivered_panels.len() < 2 {
        return Ok(Shares {
            ours: all.collect(),
            unassigned: BTreeMap::new(),
            findings: Vec::new(),
            broken: None,
        });
    }
    let split = settings.split.as_ref();
    let item = split
        .and_then(|split| columns.items.iter().find(|placed| placed.item.concept == split.concept));
    let (Some(split), Some(&placed)) = (split, item) else {
        return Err(cannot_split(raw, settings));
    };
    let all: Vec<u32> = all.collect();
    let cells = cells::read(raw, placed, settings, &all)?;
    let counts_unassigned = settings.delivered_panels.first() == Some(&settings.panel_wave.panel);
    let mut shares = Shares {
        ours: Vec::new(),
        unassigned: BTreeMap::new(),
        findings: Vec::new(),
        broken: None,
    };
    let mut unknown = Capped::default();
    let mut unknown_count = 0;
    for (place, &row) in all.iter().enumerate() {
        let code = &cells.outcome(place).code;
        if *code == split.code {
            shares.ours.push(row);
        } else if counts_unassigned && !settings.other_splits.contains(code) {
            let why = match cells.states[place] {
                State::Invalid => "split:unknown_answer",
                State::Empty => "split:unanswered",
                _ => "split:other_function",
            };
            *shares.unassigned.entry(why.to_owned()).or_default() += 1;
            if cells.states[place] == State::Invalid {
                unknown_count += 1;
                unknown.add(|| Finding {
                    found: cells.outcome(place).found.clone(),
                    expected: cells.reader.expected(),
                    action: "row given to no panel".to_owned(),
                    hint: cells.reader.hint(Wrong::UnknownAnswer),
                    ..places.cell(
                        Wrong::UnknownAnswer.code(),
                        Severity::Error,
                        row,
                        placed.column,
                        &placed.item.concept,
                    )
                });
            }
        }
    }
    let percent = 100.0 * f64::from(unknown_count) / all.len().max(1) as f64;
    if percent > settings.gates.unknown_answer_percent {
        shares.broken = Some(BrokenGate {
            gate: "unknown_answer_percent".to_owned(),
            subject: format!(
                "column `{}` (item `{}`), which shares out the rows",
                placed.column.header, split.concept
            ),
            found_percent: percent,
            allowed_percent: settings.gates.unknown_answer_percent,
            places: unknown.first(3),
        });
    }
    unknown.finish(&mut shares.findings);
    shares.findings.extend(shares.unassigned.iter().map(|(why, count)| Finding {
        column: Some(placed.column.header.clone()),
        concept: Some(split.concept.clone()),
        found: format!("{count} rows of no panel"),
        expected: "a function that one of the delivery's panels is for".to_owned(),
        action: format!("dropped as `{why}`"),
        count: *count,
        ..places.file(Code::RowsOfNoPanel, Severity::Info)
    }));
    Ok(shares)
}

fn cannot_split(raw: &Raw, settings: &AdmitSettings) -> Error {
    let panel = &settings.panel_wave.panel;
    let message = match &settings.split {
        None => format!(
            "`{}` feeds {} panels, but this one has no split",
            raw.about.delivery,
            settings.delivered_panels.len()
        ),
        Some(split) => format!(
            "`{}` feeds several panels, but the split's concept `{}` is no item here",
            raw.about.delivery, split.concept
        ),
    };
    let mistake = Mistake {
        place: format!("config/panels/{panel}.toml, [split]"),
        message,
        hint: "name the concept and the code of this panel's rows, and add its item to config/codebook/items.csv".to_owned(),
    };
    Error::Configuration { panel_wave: settings.panel_wave.clone(), mistakes: vec![mistake] }
}

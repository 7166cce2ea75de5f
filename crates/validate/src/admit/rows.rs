//! Which rows of the delivery are this panel's, and which of them are set aside.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, Int8Array, StringArray};
use survey::handoff::RawColumn;
use survey::{Class, Finding, Raw, Severity};

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
        ..places.file("rows_of_no_panel", Severity::Info)
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

/// The column with the respondent ids and the concept's name.
#[derive(Clone, Copy)]
pub(super) struct Identifier<'a> {
    pub column: &'a RawColumn,
    pub concept: &'a str,
}

/// The cells with the respondent ids.
pub(super) struct Ids<'a> {
    pub texts: &'a StringArray,
    pub classes: &'a Int8Array,
}

impl Ids<'_> {
    fn id(&self, row: u32) -> Option<&str> {
        let id = self.texts.is_valid(row as usize).then(|| self.texts.value(row as usize).trim());
        id.filter(|id| !id.is_empty())
    }

    /// Ingest found what is no id there, and said so.
    fn is_spoilt(&self, row: u32) -> bool {
        let class = Class::from_code(self.classes.value(row as usize));
        self.id(row).is_none()
            && !matches!(class, None | Some(Class::Empty | Class::FormulaWithoutValue))
    }
}

/// Rows set aside with their reason.
pub(super) struct Quarantine {
    /// By row of the panel: none for a row that is kept.
    pub reasons: Vec<Option<&'static str>>,
    pub findings: Vec<Finding>,
    pub broken: Option<BrokenGate>,
}

/// Sets aside rows without an id, and all but one of the rows of the same respondent: the last complete one, else the last.
pub(super) fn quarantine(
    ids: &Ids<'_>,
    ours: &[u32],
    broke_off: &[bool],
    identifier: Identifier<'_>,
    places: &Places<'_>,
    settings: &AdmitSettings,
) -> Quarantine {
    let id = |row: u32| ids.id(row);
    let mut kept: HashMap<&str, usize> = HashMap::with_capacity(ours.len());
    for (place, &row) in ours.iter().enumerate() {
        let Some(id) = id(row) else { continue };
        kept.entry(id)
            .and_modify(|best| {
                if !broke_off[place] || broke_off[*best] {
                    *best = place;
                }
            })
            .or_insert(place);
    }
    let mut missing = Capped::default();
    let mut duplicate = Capped::default();
    let mut spoilt = Capped::default();
    let mut reasons = vec![None; ours.len()];
    for (place, &row) in ours.iter().enumerate() {
        let of =
            |code| places.cell(code, Severity::Error, row, identifier.column, identifier.concept);
        match id(row) {
            None if ids.is_spoilt(row) => {
                reasons[place] = Some("spoilt_id");
                spoilt.add(|| Finding {
                    found: "no id".to_owned(),
                    expected: "a respondent id".to_owned(),
                    ..of("spoilt_id")
                });
            }
            None => {
                reasons[place] = Some("missing_id");
                missing.add(|| Finding {
                    found: Class::Empty.name().to_owned(),
                    expected: "a respondent id".to_owned(),
                    action: "row quarantined".to_owned(),
                    hint: "ask the producer whose answers these are".to_owned(),
                    ..of("missing_id")
                });
            }
            Some(id) if kept[id] != place => {
                reasons[place] = Some("duplicate_id");
                let other = ours[kept[id]];
                duplicate.add(|| Finding {
                    found: "a respondent who occurs more than once".to_owned(),
                    expected: "one row a respondent".to_owned(),
                    action: format!(
                        "row quarantined; record {} is kept as the respondent's last {} row",
                        places.record(other),
                        if broke_off[kept[id]] { "(all broke off)" } else { "complete" }
                    ),
                    hint:
                        "ask the producer which row counts, or deliver a release without the others"
                            .to_owned(),
                    ..of("duplicate_id")
                });
            }
            Some(_) => {}
        }
    }
    let count = reasons.iter().flatten().count();
    let percent = 100.0 * count as f64 / ours.len().max(1) as f64;
    let broken = (percent > settings.gates.quarantined_row_percent).then(|| BrokenGate {
        gate: "quarantined_row_percent".to_owned(),
        subject: format!("{count} of {} rows quarantined", ours.len()),
        found_percent: percent,
        allowed_percent: settings.gates.quarantined_row_percent,
        places: [missing.first(2), spoilt.first(2), duplicate.first(2)].concat(),
    });
    let mut findings = Vec::new();
    missing.finish(&mut findings);
    duplicate.finish(&mut findings);
    Quarantine { reasons, findings, broken }
}

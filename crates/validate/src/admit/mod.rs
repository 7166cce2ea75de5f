//! A delivery against the codebook of one panel-wave: columns, rows, ids, values, ranges, routing.

mod cells;
mod columns;
mod completeness;
mod distinct;
mod form;
mod ids;
mod judge;
mod meaning;
mod number;
mod options;
mod routing;
mod rows;
mod table;
mod values;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{AsArray, Int64Array};
use arrow::datatypes::Int64Type;
use config::monitor::Gates;
use config::panel::Split;
use serde::Serialize;
use survey::codebook::{Codebook, Role};
use survey::handoff::{AdmittedAbout, RawAbout, RawColumn, Treatment};
use survey::{Admitted, Code, Finding, PanelWave, Raw, Severity};

use crate::error::{BrokenGate, Error, Place};
use ids::{Identifier, Ids};

/// What admit reads beside the delivery.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AdmitSettings {
    pub panel_wave: PanelWave,
    /// Cut to the panel-wave by `Codebook::of`.
    pub codebook: Codebook,
    pub split: Option<Split>,
    /// The panels that the delivery feeds; the first one counts the rows of no panel.
    pub delivered_panels: Vec<String>,
    /// Codes of the split of the delivery's other panels.
    pub other_splits: Vec<String>,
    pub gates: Gates,
    pub broke_off_minimum_items: u32,
    /// How the export says that somebody reached the end; none where it does not.
    pub completion: Option<Completion>,
}

/// A paradata item by which somebody who left the last questions empty is told from somebody who broke off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    /// Complete where the concept has one of the codes.
    Codes { concept: String, codes: Vec<String> },
    /// Complete where the number is the largest of the delivery.
    LastPage { concept: String },
}

impl Completion {
    /// By the role of an item's concept: `completed` with the answer `yes`, else `last_page`.
    pub fn of(codebook: &Codebook) -> Option<Self> {
        let asked = |role: Role| {
            let mut of_role = codebook.concepts.iter().filter(|concept| concept.role == role);
            let is_asked = |name: &str| codebook.items.iter().any(|item| item.concept == name);
            of_role
                .find(|concept| is_asked(&concept.concept))
                .map(|concept| concept.concept.clone())
        };
        let completed = asked(Role::Completed)
            .map(|concept| Self::Codes { concept, codes: vec!["yes".to_owned()] });
        completed.or_else(|| asked(Role::LastPage).map(|concept| Self::LastPage { concept }))
    }
}

/// Confronts a delivery with the codebook of one panel-wave.
pub fn admit(raw: &Raw, settings: &AdmitSettings) -> Result<Admitted, Error> {
    let places = Places::new(raw, settings)?;
    let mut columns = columns::find(&raw.about, settings)?;
    let shares = rows::share(raw, &columns, &places, settings)?;
    let mut items = columns
        .items
        .iter()
        .map(|placed| cells::read(raw, *placed, settings, &shares.ours))
        .collect::<Result<Vec<_>, _>>()?;
    let warnings = routing::route(&mut items, settings);
    routing::break_off(&mut items, shares.ours.len(), settings);
    let completeness = completeness::of(&items, shares.ours.len());
    let identifier =
        Identifier { column: columns.identifier, concept: identifier_name(&settings.codebook) };
    let (texts, classes) = cells::delivered(raw, columns.identifier, settings)?;
    let ids = Ids { texts, classes };
    let quarantine =
        ids::quarantine(&ids, &shares.ours, &completeness, identifier, &places, settings);
    let ids = ids.texts;
    let judged = judge::judge(&items, &shares.ours, &quarantine, &places, settings);

    let mut findings = std::mem::take(&mut columns.findings);
    findings.extend(shares.findings.iter().cloned());
    findings.extend(quarantine.findings.iter().cloned());
    findings.extend(judged.findings);
    let gates: Vec<BrokenGate> =
        shares.broken.iter().chain(&quarantine.broken).chain(&judged.broken).cloned().collect();
    if !gates.is_empty() {
        return Err(Error::Gate { place: Box::new(place(&raw.about, settings)), gates, findings });
    }
    let kept = quarantine.kept();
    let table = table::rows_kept(&places, ids, &items, &shares.ours, &kept, settings)?;
    let about = AdmittedAbout {
        unused_recodes: values::unused_recodes(&items, &kept, settings),
        ..table::about(raw, settings, &columns, &shares, &quarantine, identifier)
    };
    Ok(Admitted { table, extra: BTreeMap::new(), findings, warnings, about })
}

/// The columns of the delivery's table that `admit` reads; those of no item stay where they are.
pub fn columns_read(about: &RawAbout, settings: &AdmitSettings) -> BTreeSet<String> {
    let mut read: BTreeSet<String> =
        [survey::columns::RECORD, survey::columns::LINE, survey::columns::SHEET_ROW]
            .map(str::to_owned)
            .into();
    // Where not all items have their column `admit` says so itself.
    if let Ok(columns) = columns::find(about, settings) {
        let items = columns.items.iter().map(|placed| placed.column);
        for column in items.chain([columns.identifier]) {
            read.extend([
                survey::columns::text(column.position),
                survey::columns::class(column.position),
            ]);
        }
    }
    read
}

fn identifier_name(codebook: &Codebook) -> &str {
    codebook
        .concepts
        .iter()
        .find(|concept| concept.role == Role::Identifier)
        .map_or("respondent", |concept| concept.concept.as_str())
}

fn place(about: &RawAbout, settings: &AdmitSettings) -> Place {
    let (delivery, sheet) = (about.delivery.clone(), about.sheet.clone());
    Place { panel_wave: settings.panel_wave.clone(), delivery, sheet }
}

fn broken_handoff(settings: &AdmitSettings, what: &str) -> Error {
    Error::Handoff { panel_wave: settings.panel_wave.clone(), what: what.to_owned() }
}

/// Where the delivery's rows and cells stand, for findings.
struct Places<'a> {
    raw: &'a Raw,
    panel_wave: &'a PanelWave,
    records: &'a Int64Array,
    lines: &'a Int64Array,
    sheet_rows: &'a Int64Array,
}

impl<'a> Places<'a> {
    fn new(raw: &'a Raw, settings: &'a AdmitSettings) -> Result<Self, Error> {
        let numbers = |name: &str| {
            raw.table
                .column_by_name(name)
                .and_then(|column| column.as_primitive_opt::<Int64Type>())
                .ok_or_else(|| {
                    broken_handoff(settings, &format!("no column `{name}` of whole numbers"))
                })
        };
        Ok(Self {
            raw,
            panel_wave: &settings.panel_wave,
            records: numbers(survey::columns::RECORD)?,
            lines: numbers(survey::columns::LINE)?,
            sheet_rows: numbers(survey::columns::SHEET_ROW)?,
        })
    }

    fn record(&self, row: u32) -> i64 {
        self.records.value(row as usize)
    }

    /// A finding about the whole file.
    fn file(&self, code: Code, severity: Severity) -> Finding {
        let about = &self.raw.about;
        Finding { sheet: about.sheet.clone(), ..Finding::new(code, severity, &about.delivery) }
            .of(self.panel_wave)
    }

    /// A finding about one cell.
    fn cell(
        &self,
        code: Code,
        severity: Severity,
        row: u32,
        column: &RawColumn,
        concept: &str,
    ) -> Finding {
        let line = self.lines.value(row as usize) as u64;
        let sheet_row = self.sheet_rows.value(row as usize) as u64;
        Finding {
            cell: Some(self.raw.about.address(sheet_row, column.position).to_string()),
            record: Some(self.record(row) as u64),
            line: Some(line),
            column: Some(column.header.clone()),
            concept: Some(concept.to_owned()),
            ..self.file(code, severity)
        }
    }
}

/// Whether the ids in this column came as keyed hashes.
fn is_pseudonym(column: &RawColumn) -> bool {
    column.treatment == Treatment::Pseudonymised
}

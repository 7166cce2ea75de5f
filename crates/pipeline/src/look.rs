//! Looking at what is kept: hand-offs and findings. Nothing here shows an answer of a respondent in words.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int8Type, Int16Type};
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use serde::Serialize;
use store::{Stage, Step, Store};
use survey::handoff::{RawAbout, RawColumn};
use survey::{Class, Finding, MissingReason, columns};

use crate::error::Error;
use crate::page;
use crate::project::Project;
use crate::select::matching;

/// A hand-off as `peil show` presents it.
#[derive(Debug, Serialize)]
pub struct Shown {
    pub step: String,
    pub kind: String,
    pub content: String,
    /// Hash of the sources of the program that made it.
    pub program: String,
    pub inputs: BTreeMap<String, String>,
    pub why: Vec<String>,
    pub findings: BTreeMap<String, u64>,
    pub warnings: Vec<String>,
    pub files: BTreeMap<String, PathBuf>,
    pub rows: usize,
    /// Of a delivery: what was read, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<RawAbout>,
    /// Not of a delivery, whose columns stand in its receipt.
    pub columns: Vec<ShownColumn>,
    /// Column and value of the first rows.
    pub first_rows: Vec<Vec<(String, String)>>,
}

#[derive(Debug, Serialize)]
pub struct ShownColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Rows with a value.
    pub filled: usize,
    /// How many rows have each code or missing reason.
    pub counts: String,
}

impl Shown {
    /// The receipt of a delivery as people read it.
    pub fn receipt_text(&self) -> Option<String> {
        self.receipt.as_ref().map(ingest::receipt_text)
    }
}

/// The kept hand-offs that a pattern names.
pub fn show(project: &Project, pattern: &str, rows: usize) -> Result<Vec<Shown>, Error> {
    let store = project.store(false)?;
    let steps = matching(pattern, &page::grid(project))?;
    steps.iter().map(|step| one(&store, step, rows)).collect()
}

fn one(store: &Store, step: &Step, rows: usize) -> Result<Shown, Error> {
    let record = store.record_to_read(step)?;
    let record = record.ok_or_else(|| store::Error::NothingKept { step: step.to_string() })?;
    let unkept = |error| store.unkept(step, error);
    let table = record.output.files.get("table");
    let table = table.ok_or_else(|| store::Error::NothingKept { step: step.to_string() })?;
    // A delivery may be larger than the memory.
    let is_delivery = step.stage == Stage::Ingest;
    let (table, receipt) = if is_delivery {
        let about = store.objects.read_about(&record.output).map_err(unkept)?;
        (store.objects.read_first_rows("table", table, rows).map_err(unkept)?, Some(about))
    } else {
        (store.objects.read_table("table", table).map_err(unkept)?, None)
    };
    // Only figures stand in the roll-ups; before them every text may be somebody's own.
    let public = step.stage >= Stage::Estimate;
    let files = record.output.files.iter();
    Ok(Shown {
        step: step.to_string(),
        kind: record.kind.clone(),
        content: record.output.content.0.clone(),
        program: record.program.clone(),
        inputs: record
            .inputs
            .iter()
            .map(|(name, content)| (name.clone(), content.short().to_owned()))
            .collect(),
        why: record.why.iter().map(ToString::to_string).collect(),
        findings: record.summary.findings.clone(),
        warnings: record.summary.warnings.clone(),
        files: files
            .map(|(name, fingerprint)| (name.clone(), store.objects.path(name, fingerprint)))
            .collect(),
        rows: record.summary.rows as usize,
        columns: if is_delivery { Vec::new() } else { columns(&table) },
        first_rows: match &receipt {
            Some(about) => delivered_rows(&table, about),
            None => first_rows(&table, rows, public),
        },
        receipt,
    })
}

fn columns(table: &RecordBatch) -> Vec<ShownColumn> {
    let schema = table.schema();
    let columns = schema.fields().iter().zip(table.columns());
    columns
        .map(|(field, column)| ShownColumn {
            name: field.name().clone(),
            kind: match field.data_type() {
                DataType::Dictionary(_, _) => "category".to_owned(),
                other => other.to_string().to_lowercase(),
            },
            filled: column.len() - column.null_count(),
            counts: counts(field.name(), column),
        })
        .collect()
}

/// Counts by code of a category, by reason of a missing column; nothing for other columns.
fn counts(name: &str, column: &ArrayRef) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    if let Some(category) = column.as_dictionary_opt::<Int16Type>() {
        let values = category.values();
        for key in category.keys().iter().flatten() {
            *counts
                .entry(array_value_to_string(values, key as usize).unwrap_or_default())
                .or_default() += 1;
        }
    } else if columns::is_missing(name)
        && let Some(reasons) = column.as_primitive_opt::<Int8Type>()
    {
        for reason in reasons.iter().flatten() {
            let reason = MissingReason::from_code(reason).map_or("?", MissingReason::name);
            *counts.entry(reason.to_owned()).or_default() += 1;
        }
    } else if let Some(flags) = column.as_boolean_opt() {
        for flag in flags.iter().flatten() {
            *counts.entry(flag.to_string()).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .map(|(value, count)| format!("{value} {count}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn first_rows(table: &RecordBatch, rows: usize, public: bool) -> Vec<Vec<(String, String)>> {
    let schema = table.schema();
    let row = |row: usize| {
        let cells = schema.fields().iter().zip(table.columns());
        let cells = cells.filter(|(field, _)| !columns::is_missing(field.name()));
        cells
            .map(|(field, column)| {
                (field.name().clone(), shown_value(field.name(), column, row, public))
            })
            .collect()
    };
    (0..rows.min(table.num_rows())).map(row).collect()
}

/// Cells of a delivery by header: their class and how long they are.
fn delivered_rows(table: &RecordBatch, about: &RawAbout) -> Vec<Vec<(String, String)>> {
    let place = |name: &str, row: usize| {
        let numbers = table.column_by_name(name)?;
        Some((columns::plain(name).to_owned(), array_value_to_string(numbers, row).ok()?))
    };
    let cell = |column: &RawColumn, row: usize| {
        let part = |name: fn(u32) -> String| table.column_by_name(&name(column.position));
        let text = part(columns::text)?.as_string_opt::<i32>()?.value(row);
        let class = part(columns::class)?.as_primitive_opt::<Int8Type>()?.value(row);
        let class = Class::from_code(class).unwrap_or(Class::Text).name();
        let shown = if text.is_empty() {
            class.to_owned()
        } else {
            format!("{class} of {}", text.chars().count())
        };
        Some((column.header.clone(), shown))
    };
    let row = |row: usize| {
        let places =
            [columns::RECORD, columns::SHEET_ROW].into_iter().filter_map(|name| place(name, row));
        places.chain(about.columns.iter().filter_map(|column| cell(column, row))).collect()
    };
    (0..table.num_rows()).map(row).collect()
}

/// Codes and numbers as they are; ids shortened; texts by their length.
fn shown_value(name: &str, column: &ArrayRef, row: usize, public: bool) -> String {
    if column.is_null(row) {
        return "-".to_owned();
    }
    let value = array_value_to_string(column, row).unwrap_or_default();
    match column.data_type() {
        DataType::Utf8 if name == columns::RESPONDENT => {
            value.chars().take(6).collect::<String>() + "…"
        }
        DataType::Utf8 if !public => format!("text of {}", value.chars().count()),
        DataType::Float64 => value.parse::<f64>().map_or(value, |number| {
            format!("{number:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
        }),
        _ => value,
    }
}

/// All findings of kept hand-offs, and those of steps that were refused since.
#[derive(Debug, Default)]
pub struct AllFindings {
    pub findings: Vec<Finding>,
    /// Steps that would look for findings and have not run, so that nothing is known of theirs.
    pub not_run: Vec<Step>,
}

pub fn findings(project: &Project) -> Result<AllFindings, Error> {
    let store = project.store(false)?;
    let mut all = AllFindings::default();
    for step in page::grid(project).steps() {
        if let Some(refused) = store.refused(step)? {
            all.findings.extend(refused);
        } else if let Some(record) = store.record_to_read(step)? {
            let kept = store.objects.read_findings(&record.output);
            all.findings.extend(kept.map_err(|error| store.unkept(step, error))?);
        } else if step.stage <= Stage::Confront {
            all.not_run.push(step.clone());
        }
    }
    Ok(all)
}

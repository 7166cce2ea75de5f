//! Rules of config/rules: passes, fails, cannot tell and rule broke are four different things.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringArray};
use arrow::compute::filter;
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use config::Rule;
use survey::{Code, Finding, Severity, columns};

use super::Stage;
use crate::capped::Capped;
use crate::error::{BrokenGate, Error};

pub(super) struct Ruled {
    pub outcomes: Result<RecordBatch, ArrowError>,
    pub findings: Vec<Finding>,
    pub broken: Vec<BrokenGate>,
}

/// How one rule came out.
struct Outcome<'a> {
    rule: &'a Rule,
    passes: i64,
    fails: i64,
    cannot_tell: i64,
    broke: i64,
    status: &'static str,
}

pub(super) fn confront(
    stage: &Stage<'_>,
    table: &RecordBatch,
    kept: &BooleanArray,
) -> Result<Ruled, Error> {
    let mut outcomes = Vec::new();
    let mut findings = Vec::new();
    let mut broken = Vec::new();
    for rule in stage.rules() {
        let place = format!("config/rules, rule `{}`", rule.name);
        let (columns, not_asked) =
            stage.reads(&place, &rule.condition, &stage.harmonised.about.asked)?;
        let mut outcome =
            Outcome { rule, passes: 0, fails: 0, cannot_tell: 0, broke: 0, status: "applied" };
        if let Some(concept) = not_asked {
            outcome.status = "not_asked";
            findings.push(never_applied(
                stage,
                rule,
                &format!("`{concept}` was not asked here"),
                Severity::Info,
            ));
            outcomes.push(outcome);
            continue;
        }
        let meets = match stage.expressions.condition(table, &rule.condition) {
            Ok(meets) => meets,
            Err(mistake) => {
                outcome.status = "broke";
                outcome.broke = table.num_rows() as i64;
                findings.push(broke(stage, rule, table.num_rows() as u64, &mistake.message));
                outcomes.push(outcome);
                continue;
            }
        };
        let inputs: Vec<&ArrayRef> =
            columns.iter().filter_map(|column| table.column_by_name(column)).collect();
        let places =
            [delivered(stage, columns::LINE, kept)?, delivered(stage, columns::SHEET_ROW, kept)?];
        let mut failing = Capped::default();
        for row in 0..table.num_rows() {
            if meets.is_valid(row) && meets.value(row) {
                outcome.passes += 1;
            } else if meets.is_valid(row) {
                outcome.fails += 1;
                failing.add(|| failed(stage, rule, &columns, table, &places, row));
            } else if inputs.iter().any(|input| input.is_null(row)) {
                outcome.cannot_tell += 1;
            } else {
                // everything was there, yet the condition has no value: a cast or a division failed
                outcome.broke += 1;
            }
        }
        if outcome.broke > 0 {
            findings.push(broke(
                stage,
                rule,
                outcome.broke as u64,
                "no value though all that it reads is there",
            ));
        }
        if outcome.passes + outcome.fails == 0 && outcome.broke == 0 {
            outcome.status = "matches_nothing";
            findings.push(never_applied(
                stage,
                rule,
                "no row in which it can be told",
                Severity::Warning,
            ));
        }
        broken.extend(gate(rule, &outcome, table.num_rows(), &failing));
        failing.finish(&mut findings);
        outcomes.push(outcome);
    }
    Ok(Ruled { outcomes: outcome_table(&outcomes), findings, broken })
}

fn gate(rule: &Rule, outcome: &Outcome<'_>, rows: usize, failing: &Capped) -> Option<BrokenGate> {
    let allowed_percent = rule.gate_percent?;
    let found_percent = 100.0 * outcome.fails as f64 / rows.max(1) as f64;
    (found_percent > allowed_percent).then(|| BrokenGate {
        gate: rule.name.clone(),
        subject: format!("rule `{}`: {} of {rows} rows fail", rule.name, outcome.fails),
        found_percent,
        allowed_percent,
        places: failing.first(3),
    })
}

/// Where the kept rows stand in the delivery: a column of the table `fate`.
fn delivered(stage: &Stage<'_>, name: &str, kept: &BooleanArray) -> Result<ArrayRef, Error> {
    let fate = stage.harmonised.extra.get("fate");
    let places = fate.and_then(|fate| fate.column_by_name(name));
    let places = places
        .ok_or_else(|| stage.broken_handoff(&format!("no column `{name}` in the table `fate`")))?;
    stage.arrow(filter(places, kept))
}

fn failed(
    stage: &Stage<'_>,
    rule: &Rule,
    columns: &[String],
    table: &RecordBatch,
    [lines, sheet_rows]: &[ArrayRef; 2],
    row: usize,
) -> Finding {
    let about = &stage.harmonised.about;
    let number = |array: Option<&ArrayRef>| {
        array
            .and_then(|array| array.as_primitive_opt::<Int64Type>())
            .map(|array| array.value(row) as u64)
    };
    let line = number(Some(lines));
    let concepts: Vec<&str> = columns
        .iter()
        .filter(|column| stage.settings.codebook.concept(column).is_some())
        .map(String::as_str)
        .collect();
    let sources: Vec<&(u32, String)> =
        concepts.iter().filter_map(|concept| about.sources.get(*concept)).collect();
    let cell = sources.first().zip(number(Some(sheet_rows))).map(|((position, _), row)| {
        survey::Address { row: row.saturating_sub(1) as u32, column: about.first_column + position }
            .to_string()
    });
    Finding {
        rule: Some(rule.name.clone()),
        cell,
        record: number(table.column_by_name(columns::RECORD)),
        line,
        column: sources.first().map(|(_, header)| header.clone()),
        concept: Some(concepts.join(", ")).filter(|concepts| !concepts.is_empty()),
        found: "answers that break the rule".to_owned(),
        expected: rule.condition.clone(),
        action: "kept as answered".to_owned(),
        hint: rule.hint.clone(),
        ..stage.finding(Code::RuleFailed, rule.severity)
    }
}

fn broke(stage: &Stage<'_>, rule: &Rule, count: u64, found: &str) -> Finding {
    Finding {
        rule: Some(rule.name.clone()),
        found: found.to_owned(),
        expected: "true, false or cannot tell in every row".to_owned(),
        action: "rows counted as rule broke, not as passes".to_owned(),
        hint: "look for casts and divisions in the condition".to_owned(),
        count,
        ..stage.finding(Code::RuleBroke, Severity::Error)
    }
}

fn never_applied(stage: &Stage<'_>, rule: &Rule, found: &str, severity: Severity) -> Finding {
    Finding {
        rule: Some(rule.name.clone()),
        found: found.to_owned(),
        expected: rule.condition.clone(),
        action: "rule did not run; it is no pass".to_owned(),
        hint: "limit the rule to the panels and waves that it is for".to_owned(),
        ..stage.finding(Code::RuleNeverApplied, severity)
    }
}

fn outcome_table(outcomes: &[Outcome<'_>]) -> Result<RecordBatch, ArrowError> {
    let text = |of: &dyn Fn(&Outcome<'_>) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(outcomes.iter().map(of)))
    };
    let count = |of: fn(&Outcome<'_>) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(outcomes.iter().map(of)))
    };
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        ("rule", DataType::Utf8, text(&|outcome| outcome.rule.name.clone())),
        ("label", DataType::Utf8, text(&|outcome| outcome.rule.label.plain().to_owned())),
        ("severity", DataType::Utf8, text(&|outcome| outcome.rule.severity.name().to_owned())),
        ("passes", DataType::Int64, count(|outcome| outcome.passes)),
        ("fails", DataType::Int64, count(|outcome| outcome.fails)),
        ("cannot_tell", DataType::Int64, count(|outcome| outcome.cannot_tell)),
        ("broke", DataType::Int64, count(|outcome| outcome.broke)),
        ("status", DataType::Utf8, text(&|outcome| outcome.status.to_owned())),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, kind, _)| Field::new(*name, kind.clone(), false)).collect();
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

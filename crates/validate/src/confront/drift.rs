//! What changed more than expected since the wave before.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int16Type;
use arrow::record_batch::RecordBatch;
use survey::codebook::{Concept, Kind, Role};
use survey::{Code, Finding, Severity, Wave};

use super::Stage;

/// So many answers would be expected before an absent category is worth a word: chance alone gives none in 1 of 150.
const EXPECTED_ANSWERS: f64 = 5.0;

/// Items without a single answer though they were asked.
pub(super) fn wholly_missing(stage: &Stage<'_>, table: &RecordBatch) -> Vec<Finding> {
    let rows = table.num_rows();
    compared(stage)
        .filter(|concept| rows > 0 && missing(table, &concept.concept) == Some(rows))
        .map(|concept| Finding {
            found: format!("no answer in any of {rows} rows"),
            expected: "answers, as the codebook says that it was asked".to_owned(),
            action: "kept: all missing".to_owned(),
            hint:
                "compare the item's column and crosswalk in config/codebook with the questionnaire"
                    .to_owned(),
            count: rows as u64,
            ..stage.concept_finding(Code::ItemWhollyMissing, Severity::Error, &concept.concept)
        })
        .collect()
}

/// Concepts asked in both waves: shares of categories and of missing answers.
pub(super) fn compare(
    stage: &Stage<'_>,
    now: &RecordBatch,
    before: &RecordBatch,
    wave: Wave,
) -> Vec<Finding> {
    let limit = stage.settings.quality.drift_percentage_points;
    let mut findings = Vec::new();
    for concept in compared(stage) {
        let name = concept.concept.as_str();
        let (rows_now, rows_before) = (now.num_rows(), before.num_rows());
        let (Some(missing_now), Some(missing_before)) = (missing(now, name), missing(before, name))
        else {
            continue;
        };
        if missing_before == rows_before || missing_now == rows_now {
            continue; // not asked then, or already said to be wholly missing
        }
        let mut found = |code: Code, found: String, hint: &str| {
            findings.push(Finding {
                found,
                expected: format!("about as in {wave}: at most {limit} percentage points apart"),
                action: "kept as answered".to_owned(),
                hint: hint.to_owned(),
                ..stage.concept_finding(code, Severity::Warning, name)
            });
        };
        let jump = percent(missing_now, rows_now) - percent(missing_before, rows_before);
        if jump.abs() > limit {
            let hint = "compare routing, column and missing codes of the two waves";
            found(
                Code::MissingShareDrift,
                format!("missing answers {jump:+.1} percentage points against {wave}"),
                hint,
            );
        }
        if concept.kind == Kind::Category {
            let (answers_now, answers_before) =
                (rows_now - missing_now, rows_before - missing_before);
            let (counts_now, counts_before) = (categories(now, name), categories(before, name));
            let codes: BTreeSet<&String> = counts_now.keys().chain(counts_before.keys()).collect();
            for code in codes {
                let count =
                    |counts: &BTreeMap<String, usize>| counts.get(code).copied().unwrap_or(0);
                let (share_now, share_before) = (
                    percent(count(&counts_now), answers_now),
                    percent(count(&counts_before), answers_before),
                );
                let jump = share_now - share_before;
                let hint = "compare the question, its answers and its crosswalk in the two waves";
                if count(&counts_now) == 0
                    && share_before * answers_now as f64 >= 100.0 * EXPECTED_ANSWERS
                {
                    found(
                        Code::CategoryVanished,
                        format!("nobody chose `{code}`, unlike in {wave}"),
                        hint,
                    );
                } else if count(&counts_before) == 0
                    && share_now * answers_before as f64 >= 100.0 * EXPECTED_ANSWERS
                {
                    found(
                        Code::CategoryNew,
                        format!("`{code}` was chosen, unlike in {wave}"),
                        hint,
                    );
                } else if jump.abs() > limit {
                    found(
                        Code::CategoryShareDrift,
                        format!("share of `{code}` {jump:+.1} percentage points against {wave}"),
                        hint,
                    );
                }
            }
        }
    }
    findings
}

fn compared<'a>(stage: &'a Stage<'_>) -> impl Iterator<Item = &'a Concept> {
    let asked = &stage.harmonised.about.asked;
    let concepts = stage.settings.codebook.concepts.iter();
    concepts.filter(move |concept| compares(concept) && asked.contains(&concept.concept))
}

/// Whether answers to the concept are held against those of the wave before.
pub(super) fn compares(concept: &Concept) -> bool {
    matches!(concept.role, Role::Answer | Role::Background | Role::Design)
}

fn missing(table: &RecordBatch, concept: &str) -> Option<usize> {
    table.column_by_name(concept).map(Array::null_count)
}

fn categories(table: &RecordBatch, concept: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let column =
        table.column_by_name(concept).and_then(|column| column.as_dictionary_opt::<Int16Type>());
    let Some(column) = column else { return counts };
    let Some(codes) = column.values().as_string_opt::<i32>() else { return counts };
    let mut by_key = vec![0_usize; codes.len()];
    for key in column.keys().iter().flatten() {
        by_key[key as usize] += 1;
    }
    for (code, count) in codes.iter().flatten().zip(by_key).filter(|(_, count)| *count > 0) {
        *counts.entry(code.to_owned()).or_default() += count;
    }
    counts
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

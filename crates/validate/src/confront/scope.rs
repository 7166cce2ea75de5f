//! Who counts: eligibility filters, each with its name.

use std::collections::BTreeMap;

use arrow::array::{Array, BooleanArray};
use survey::{Code, Finding, Harmonised, Severity};

use super::{Stage, mistake_at};
use crate::error::Error;

/// Which rows are in scope, and which filter left out the others.
pub(super) struct Scope {
    pub kept: BooleanArray,
    /// By row: none where it is kept, else a place in `reasons`.
    pub left_out_by: Vec<Option<u16>>,
    /// The filter's name, `:cannot_tell` after it where its condition was null.
    pub reasons: Vec<String>,
    pub dropped: BTreeMap<String, u64>,
    pub findings: Vec<Finding>,
}

/// Applies the filters in their order; a row belongs to the first one that it does not meet.
pub(super) fn eligible(stage: &Stage<'_>, answers: &Harmonised) -> Result<Scope, Error> {
    let rows = answers.table.num_rows();
    let mut left_out_by = vec![None; rows];
    let mut reasons = Vec::new();
    let mut findings = Vec::new();
    for filter in &stage.settings.eligibility {
        let place = stage.filter_place(filter);
        let (_, not_asked) = stage.reads(&place, &filter.condition, &answers.about.asked)?;
        if let Some(concept) = not_asked {
            findings.push(Finding {
                rule: Some(filter.name.clone()),
                found: format!("`{concept}` was not asked in this wave"),
                expected: filter.condition.clone(),
                action: "filter not applied: all rows stay".to_owned(),
                hint: format!("see {place}"),
                ..stage.concept_finding(Code::FilterNotApplied, Severity::Warning, &concept)
            });
            continue;
        }
        let meets = stage
            .expressions
            .condition(&answers.table, &filter.condition)
            .map_err(|mistake| stage.configuration(vec![mistake_at(&place, &mistake)]))?;
        let no = reasons.len() as u16;
        reasons.extend([filter.name.clone(), format!("{}:cannot_tell", filter.name)]);
        for (row, by) in left_out_by.iter_mut().enumerate().filter(|(_, by)| by.is_none()) {
            if meets.is_null(row) {
                *by = Some(no + 1);
            } else if !meets.value(row) {
                *by = Some(no);
            }
        }
    }
    let mut dropped: BTreeMap<String, u64> = BTreeMap::new();
    for by in left_out_by.iter().flatten() {
        *dropped.entry(reasons[*by as usize].clone()).or_default() += 1;
    }
    findings.extend(dropped.iter().map(|(reason, count)| Finding {
        rule: Some(reason.clone()),
        found: format!("{count} rows out of scope"),
        expected: "the filter's condition".to_owned(),
        action: "rows dropped by the filter's name".to_owned(),
        count: *count,
        ..stage.finding(Code::RowOutOfScope, Severity::Info)
    }));
    let kept = left_out_by.iter().map(|by| Some(by.is_none())).collect();
    Ok(Scope { kept, left_out_by, reasons, dropped, findings })
}

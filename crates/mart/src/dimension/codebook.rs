//! The codebook: concepts, their answers, and how each was asked.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use config::Words;
use survey::codebook::{Codebook, Comparability, Item, Kind, Role};
use survey::{Labels, MissingReason, Wave};

use super::known;
use crate::error::Error;
use crate::names::answer;
use crate::table::Columns;

/// The mart `dim_concept`.
pub fn concepts(codebook: &Codebook, languages: &[String]) -> Result<RecordBatch, Error> {
    let rows = &codebook.concepts;
    Columns::default()
        .text("concept", rows.iter().map(|row| row.concept.as_str()))
        .small("sort_order", 1..=rows.len() as i32)
        .maybe_text("theme", rows.iter().map(|row| known(&row.theme)))
        .text("kind", rows.iter().map(|row| concept_kind(row.kind)))
        .text("role", rows.iter().map(|row| role_name(row.role)))
        .maybe_text("unit", rows.iter().map(|row| known(&row.unit)))
        .maybe_text("answers", rows.iter().map(|row| known(&row.answers)))
        .maybe_text("derivation", rows.iter().map(|row| known(&row.derivation)))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .build()
}

struct AnswerRow<'a> {
    concept: &'a str,
    code: &'a str,
    reason: &'static str,
    order: i32,
    in_base: bool,
    label: Labels,
}

/// The mart `dim_answer`: answers of category concepts, and for every concept the nine reasons why an answer may be missing.
pub fn answers(
    codebook: &Codebook,
    languages: &[String],
    words: &Words,
) -> Result<RecordBatch, Error> {
    let mut rows = Vec::new();
    for concept in codebook.concepts.iter().filter(|concept| concept.role != Role::Identifier) {
        let answers = codebook.answers.get(&concept.answers).into_iter().flatten();
        let count = rows.len();
        rows.extend(answers.enumerate().map(|(place, answer)| AnswerRow {
            concept: &concept.concept,
            code: &answer.code,
            reason: "",
            order: place as i32 + 1,
            in_base: true,
            label: answer.label.clone(),
        }));
        let last = (rows.len() - count) as i32;
        rows.extend(MissingReason::ALL.into_iter().enumerate().map(|(place, reason)| AnswerRow {
            concept: &concept.concept,
            code: reason.name(),
            reason: reason.name(),
            order: last + place as i32 + 1,
            in_base: concept.base_includes.contains(&reason),
            label: words.of(reason_label(reason)),
        }));
    }
    Columns::default()
        .text("concept", rows.iter().map(|row| row.concept))
        .text("code", rows.iter().map(|row| row.code))
        .texts("answer", rows.iter().map(|row| answer(row.concept, row.code)))
        .maybe_text("missing_reason", rows.iter().map(|row| known(row.reason)))
        .small("sort_order", rows.iter().map(|row| row.order))
        .truths("in_base", rows.iter().map(|row| row.in_base))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .build()
}

/// The mart `dim_item`: how a panel was asked for an answer or background in a wave.
pub fn items(codebook: &Codebook, languages: &[String]) -> Result<RecordBatch, Error> {
    let is_public = |item: &&Item| {
        let concept = codebook.concept(&item.concept);
        concept.is_some_and(|concept| matches!(concept.role, Role::Answer | Role::Background))
    };
    let mut rows: Vec<&Item> = codebook.items.iter().filter(is_public).collect();
    rows.sort_by_key(|item| (&item.concept, &item.panel, item.wave));
    let mut seen: BTreeMap<(&str, &str, Wave), i32> = BTreeMap::new();
    let mut places: Vec<i32> = Vec::new();
    for &item in &rows {
        let place = seen.entry((&item.concept, &item.panel, item.wave)).or_default();
        *place += 1;
        places.push(*place);
    }
    Columns::default()
        .text("concept", rows.iter().map(|row| row.concept.as_str()))
        .text("panel", rows.iter().map(|row| row.panel.as_str()))
        .small("wave", rows.iter().map(|row| row.wave as i32))
        .small("sort_order", places)
        .text("column", rows.iter().map(|row| row.column.as_str()))
        .maybe_text("option", rows.iter().map(|row| known(&row.option)))
        .maybe_labels("question", languages, rows.iter().map(|row| &row.question))
        .text("comparability", rows.iter().map(|row| comparability_name(row.comparability)))
        .maybe_text("note", rows.iter().map(|row| known(&row.note)))
        .maybe_text("routed_by", rows.iter().map(|row| known(&row.routed_by)))
        .build()
}

fn concept_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Category => "category",
        Kind::Number => "number",
        Kind::Date => "date",
        Kind::Text => "text",
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Identifier => "identifier",
        Role::Background => "background",
        Role::Design => "design",
        Role::Answer => "answer",
        Role::Paradata => "paradata",
        Role::Completed => "completed",
        Role::LastPage => "last_page",
        Role::Duration => "duration",
    }
}

fn reason_label(reason: MissingReason) -> &'static str {
    match reason {
        MissingReason::NotAsked => "Not asked in this wave",
        MissingReason::NotRouted => "Not shown by routing",
        MissingReason::Unanswered => "Shown but unanswered",
        MissingReason::DontKnow => "Don't know",
        MissingReason::NotApplicable => "Not applicable",
        MissingReason::Refused => "Refused",
        MissingReason::BrokeOff => "Broke off",
        MissingReason::Invalid => "Invalid",
        MissingReason::Suppressed => "Suppressed",
    }
}

fn comparability_name(comparability: Comparability) -> &'static str {
    match comparability {
        Comparability::Identical => "identical",
        Comparability::Compatible => "compatible",
        Comparability::Incompatible => "incompatible",
    }
}

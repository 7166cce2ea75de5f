//! Breakdowns and their levels.

use arrow::array::RecordBatch;
use config::{Breakdown, Words};
use survey::codebook::Codebook;

use survey::Labels;

use crate::error::Error;
use crate::names::UNKNOWN;
use crate::names::cell;
use crate::table::Columns;

struct LevelRow<'a> {
    breakdown: &'a str,
    level: &'a str,
    order: i32,
    is_reference: bool,
    concept: Option<&'a str>,
    label: Labels,
    level_label: Labels,
}

/// The mart `dim_breakdown`: the levels, the last answer being that against which the others are set.
pub fn breakdowns(
    codebook: &Codebook,
    breakdowns: &[Breakdown],
    (languages, words): (&[String], &Words),
) -> Result<RecordBatch, Error> {
    let mut rows = vec![LevelRow {
        breakdown: "total",
        level: "total",
        order: 1,
        is_reference: false,
        concept: None,
        label: words.of("Total"),
        level_label: words.of("Total"),
    }];
    for breakdown in breakdowns {
        let answers = codebook
            .concept(&breakdown.concept)
            .and_then(|concept| codebook.answers.get(&concept.answers));
        let last = answers.map_or(0, Vec::len);
        rows.extend(answers.into_iter().flatten().enumerate().map(|(place, answer)| LevelRow {
            breakdown: &breakdown.breakdown,
            level: &answer.code,
            order: place as i32 + 1,
            is_reference: place + 1 == last,
            concept: Some(&breakdown.concept),
            label: breakdown.label.clone(),
            level_label: answer.label.clone(),
        }));
        rows.push(LevelRow {
            breakdown: &breakdown.breakdown,
            level: UNKNOWN,
            order: last as i32 + 1,
            is_reference: false,
            concept: Some(&breakdown.concept),
            label: breakdown.label.clone(),
            level_label: words.of("Background unknown"),
        });
    }
    Columns::default()
        .texts("cell", rows.iter().map(|row| cell(row.breakdown, row.level)))
        .text("breakdown", rows.iter().map(|row| row.breakdown))
        .text("level", rows.iter().map(|row| row.level))
        .small("sort_order", rows.iter().map(|row| row.order))
        .maybe_text("concept", rows.iter().map(|row| row.concept))
        .truths("is_reference", rows.iter().map(|row| row.is_reference))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .labels("level_label", languages, rows.iter().map(|row| &row.level_label))
        .build()
}

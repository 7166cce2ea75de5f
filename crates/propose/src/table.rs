//! The draft as tables that people edit: those of the configuration with a few columns before them.

use config::tables::ITEMS as ITEMS_TABLE;
use survey::codebook::{Comparability, Item};
use survey::spreadsheet::neutral;

use crate::draft::{Draft, DraftRow};

/// Columns of items.csv before those of the codebook's table.
pub const ITEMS: [&str; 5] = ["decision", "score", "runner_up", "runner_up_score", "reason"];
/// Columns of crosswalks.csv and targets.csv before those of the configuration's tables.
pub const CROSSWALKS: [&str; 2] = ["decision", "reason"];
pub const TARGETS: [&str; 3] = ["decision", "reason", "panel"];

pub const CROSSWALK_COLUMNS: [&str; 5] = ["crosswalk", "value", "code", "missing", "note"];
pub const TARGET_COLUMNS: [&str; 6] = ["wave", "margin", "level", "total", "source", "status"];

/// Text of the draft's items.csv.
pub fn items_text(draft: &Draft, languages: &[String]) -> String {
    let own = ITEMS_TABLE.header(languages);
    let header = ITEMS.into_iter().chain(own.iter().map(String::as_str));
    let rows = draft.items.iter().map(|row| {
        let (name, score) = row.runner_up.clone().unwrap_or_default();
        let runner_up = if name.is_empty() { String::new() } else { format!("{score:.2}") };
        let before =
            [row.decision.to_string(), score_text(row), name, runner_up, row.reason.clone()];
        before.into_iter().chain(item_fields(&row.item, languages)).collect()
    });
    text(header, rows)
}

fn score_text(row: &DraftRow) -> String {
    // Never rounded up over a bar.
    format!("{:.2}", (row.score * 100.0).floor() / 100.0)
}

/// An item as a row of config/codebook/items.csv.
pub fn item_fields(item: &Item, languages: &[String]) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let comparability = match item.comparability {
        Comparability::Identical => "identical",
        Comparability::Compatible => "compatible",
        Comparability::Incompatible => "incompatible",
    };
    let mut fields = vec![
        item.panel.clone(),
        item.wave.to_string(),
        item.concept.clone(),
        item.column.clone(),
        item.aliases.join("|"),
        item.occurrence.to_string(),
        item.option.clone(),
        item.crosswalk.clone(),
        number(item.minimum),
        number(item.maximum),
        item.routed_by.clone(),
        item.routed_codes.join("|"),
        comparability.to_owned(),
    ];
    fields.extend(languages.iter().map(|language| item.question.written(language).to_owned()));
    fields.push(item.note.clone());
    fields
}

/// Text of the draft's crosswalks.csv.
pub fn crosswalks_text(draft: &Draft) -> String {
    let rows = draft.crosswalks.iter().map(|row| {
        let own = [&row.reason, &row.crosswalk, &row.value, &row.code, &row.missing];
        let own = own.into_iter().cloned();
        [row.decision.to_string()].into_iter().chain(own).chain([String::new()]).collect()
    });
    text(CROSSWALKS.into_iter().chain(CROSSWALK_COLUMNS), rows)
}

/// Text of the draft's targets.csv.
pub fn targets_text(draft: &Draft) -> String {
    let rows = draft.targets.iter().map(|row| {
        let total = &row.total;
        vec![
            row.decision.to_string(),
            row.reason.clone(),
            total.panel.clone(),
            total.wave.to_string(),
            total.margin.clone(),
            total.level.clone(),
            total.total.to_string(),
            total.source.clone(),
            total.status.clone(),
        ]
    });
    text(TARGETS.into_iter().chain(TARGET_COLUMNS), rows)
}

fn text<'a>(
    header: impl Iterator<Item = &'a str>,
    rows: impl Iterator<Item = Vec<String>>,
) -> String {
    let header: Vec<String> = header.map(str::to_owned).collect();
    let mut text = line(&header, b',');
    for row in rows {
        let row: Vec<String> = row.iter().map(|field| neutral(field).into_owned()).collect();
        text.push_str(&line(&row, b','));
    }
    text
}

/// A line of CSV.
pub fn line(fields: &[String], delimiter: u8) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let written = writer.write_record(fields).is_ok();
    let bytes = writer.into_inner().unwrap_or_default();
    if written { String::from_utf8(bytes).unwrap_or_default() } else { String::new() }
}

/// A field of the draft without the apostrophes that keep a spreadsheet from running it.
pub fn unquoted(field: &str) -> String {
    let signs: Vec<char> = field.chars().collect();
    let is_added = |at: usize| {
        let begins = at == 0 || [';', ',', '\t', '\n', '\r'].contains(&signs[at - 1]);
        signs[at] == '\'' && begins
    };
    let kept = (0..signs.len()).filter(|at| !is_added(*at)).map(|at| signs[at]);
    let plain: String = kept.collect();
    if neutral(&plain) == field { plain } else { field.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_comes_back_as_it_was() {
        for text in ["=1+1", "a,=b", "'t Is zo", "Ja", "-5", "@x", ""] {
            assert_eq!(unquoted(&neutral(text)), text, "{text}");
        }
    }

    #[test]
    fn a_score_is_not_rounded_up_over_a_bar() {
        assert_eq!(format!("{:.2}", (0.7999_f64 * 100.0).floor() / 100.0), "0.79");
    }
}

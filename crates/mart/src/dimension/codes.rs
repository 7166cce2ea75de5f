//! Labels of the codes that columns of the marts hold, a kind of code each.

use arrow::array::RecordBatch;

use config::Words;
use survey::Labels;

use crate::error::Error;
use crate::table::Columns;

/// A code and its label in English.
type Code = [&'static str; 2];

const STATUS: &[Code] = &[
    ["published", "Published"],
    ["withheld", "Withheld"],
    ["counted", "Number only"],
    ["no_answers", "Nobody answered"],
    ["not_asked", "Not asked"],
];

const REASON: &[Code] = &[
    ["caution", "To be used with caution"],
    ["unreliable", "Of low reliability"],
    ["confidential", "Too few answers"],
    ["background_unknown", "Background unknown"],
    ["no_answers", "Nobody answered"],
    ["not_asked", "Not asked"],
];

const CALL: &[Code] = &[
    ["increased", "Increased"],
    ["stable", "Stable"],
    ["decreased", "Decreased"],
    ["no_test", "No test"],
    ["not_comparable", "Not comparable"],
    ["withheld", "Withheld"],
];

const CONTRAST_CALL: &[Code] = &[
    ["higher", "Higher"],
    ["not_different", "No difference shown"],
    ["lower", "Lower"],
    ["no_test", "No test"],
];

const COMPARABILITY: &[Code] = &[
    ["comparable", "Comparable"],
    ["break", "Break in the series"],
    ["first", "First wave"],
    ["not_asked", "Not asked"],
];

const OVERLAP: &[Code] = &[
    ["independent", "Independent samples"],
    ["disjoint", "Different people of one population"],
    ["overlapping", "Partly the same people"],
];

const FORM: &[Code] = &[
    ["lines", "Lines"],
    ["bar_tick", "Bar with tick"],
    ["dumbbell", "Dumbbell"],
    ["dots_bands", "Dots over bands"],
    ["matrix", "Matrix"],
];

const UNIT: &[Code] = &[["percent", "%"], ["score", "score"]];

const KINDS: [(&str, &[Code]); 8] = [
    ("call", CALL),
    ("comparability", COMPARABILITY),
    ("contrast_call", CONTRAST_CALL),
    ("form", FORM),
    ("overlap", OVERLAP),
    ("reason", REASON),
    ("status", STATUS),
    ("unit", UNIT),
];

/// The mart `dim_code`.
pub fn table(languages: &[String], words: &Words) -> Result<RecordBatch, Error> {
    let rows: Vec<(&str, i32, &Code)> = KINDS
        .iter()
        .flat_map(|(kind, codes)| {
            codes.iter().enumerate().map(|(place, code)| (*kind, place as i32 + 1, code))
        })
        .collect();
    let labels: Vec<Labels> = rows.iter().map(|(_, _, [_, label])| words.of(label)).collect();
    Columns::default()
        .text("kind", rows.iter().map(|row| row.0))
        .text("code", rows.iter().map(|row| row.2[0]))
        .small("sort_order", rows.iter().map(|row| row.1))
        .labels("label", languages, &labels)
        .build()
}

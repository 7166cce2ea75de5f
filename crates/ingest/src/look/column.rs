//! What a first look shows of a column: its header and its shapes, never a value.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use survey::Class;
use survey::handoff::{RawAbout, Treatment};

use super::cell_shapes::CellShapes;
use super::known::Known;
use super::options::Options;
use super::personal::is_personal_header;
use super::shapes::Shapes;
use crate::column::filled;

/// A column as it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnLook {
    pub position: u32,
    pub header: String,
    pub occurrence: u32,
    pub treatment: Treatment,
    pub classes: [u64; 7],
    /// The commonest shapes with how often they occur: `9` a digit, `A` and `a` letters, `…` more of the same.
    pub shapes: Vec<(String, u64)>,
    /// Where its cells hold several answers each.
    pub options: Option<Options>,
    /// Different values, counted up to `distinct_up_to`.
    pub distinct: u32,
    /// `number`, `date`, `category` or `text`.
    pub suggested_kind: String,
    /// `id`, `personal` or nothing.
    pub looks_like: String,
    pub concept: Option<ConceptMatch>,
    /// Where its header is known and its values are not.
    pub outside: Option<Outside>,
}

/// The concept that a column seems to be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConceptMatch {
    pub concept: String,
    /// `header`, `alias`, `question` or `new`.
    pub by: String,
    /// How alike header and item or question are, percent.
    pub likeness_percent: u32,
    /// The panel-wave whose item it is like; empty where it is new.
    pub like: String,
}

/// The panel-wave whose items have most of the file's headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    pub panel: String,
    pub wave: survey::Wave,
    /// Items whose column is in the file, by name or alias.
    pub items_found: u32,
    pub items: u32,
    /// Columns of items that are not in the file.
    pub columns_missing: Vec<String>,
}

/// What a known column holds beside its crosswalk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    pub crosswalk: String,
    /// Different values that it does not have.
    pub unknown: u32,
    /// Headers of unread columns whose values it does have.
    pub held_by: Vec<String>,
}

/// Values of a category at most.
const MOST_ANSWERS: usize = 12;

pub(super) fn columns(about: &RawAbout, cells: &CellShapes, known: &Known<'_>) -> Vec<ColumnLook> {
    let personal: BTreeSet<String> = known
        .profiles
        .iter()
        .flat_map(|profile| &profile.personal.columns)
        .map(|column| column.to_lowercase())
        .collect();
    let ids: BTreeSet<&str> =
        known.profiles.iter().flat_map(|profile| &profile.id).map(String::as_str).collect();
    let nothing = Shapes::new(0);
    let mut columns: Vec<ColumnLook> = about
        .columns
        .iter()
        .map(|column| {
            let seen = cells.of(column.position).unwrap_or(&nothing);
            let is_personal = column.treatment == Treatment::DroppedPersonal
                || personal.contains(&column.header.trim().to_lowercase())
                || is_personal_header(&column.header)
                || seen.addresses * 2 > seen.filled;
            let is_id = column.treatment == Treatment::Pseudonymised
                || ids.contains(column.header.as_str());
            let looks_like = match (is_id, is_personal) {
                (true, _) => "id",
                (_, true) => "personal",
                _ => "",
            };
            let hidden = column.treatment != Treatment::Kept;
            let kind = suggested_kind(&column.classes, seen.distinct(), seen.filled);
            ColumnLook {
                position: column.position,
                header: column.header.clone(),
                occurrence: column.occurrence,
                treatment: column.treatment,
                classes: column.classes,
                suggested_kind: kind.to_owned(),
                shapes: if hidden { Vec::new() } else { seen.commonest() },
                options: seen.options().filter(|_| !hidden),
                distinct: seen.distinct() as u32,
                looks_like: looks_like.to_owned(),
                concept: None,
                outside: None,
            }
        })
        .collect();
    guess_id(&mut columns, about.rows_out);
    columns
}

/// Without a known id the first column of as many different values as there are rows.
fn guess_id(columns: &mut [ColumnLook], rows: u64) {
    if columns.iter().any(|column| column.looks_like == "id") || rows < 2 {
        return;
    }
    let unique = columns.iter_mut().find(|column| {
        u64::from(column.distinct) == rows
            && column.classes[Class::Date as usize] == 0
            && column.looks_like.is_empty()
    });
    if let Some(unique) = unique {
        "id".clone_into(&mut unique.looks_like);
    }
}

fn suggested_kind(classes: &[u64; 7], distinct: usize, filled_cells: u64) -> &'static str {
    let all = filled(classes);
    let share = |class: Class| classes[class as usize] * 10 >= all * 9;
    if filled_cells == 0 {
        "text"
    } else if share(Class::Date) {
        "date"
    } else if distinct <= MOST_ANSWERS && (distinct as u64) * 2 <= filled_cells.max(4) {
        "category"
    } else if share(Class::Number) {
        "number"
    } else {
        "text"
    }
}

//! Finds each item's column: by its exact header, then by its aliases, then but for case and spaces.

use std::collections::BTreeSet;

use survey::codebook::{Concept, Item, Role};
use survey::handoff::{RawAbout, RawColumn, Treatment};
use survey::header::plain;
use survey::{Code, Finding, Severity};

use super::words::item_key;
use super::{AdmitSettings, place};
use crate::error::{ColumnNotFound, Error, Mistake};

/// An item with its concept and its column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub item: &'a Item,
    pub concept: &'a Concept,
    pub column: &'a RawColumn,
}

/// The delivery's columns as the codebook sees them.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    /// In file order, then codebook order.
    pub items: Vec<Placed<'a>>,
    pub identifier: &'a RawColumn,
    pub without_item: Vec<&'a RawColumn>,
    pub findings: Vec<Finding>,
}

/// Whether a column is an item's.
type Fits = fn(&RawColumn, &Item) -> bool;

pub(super) fn find<'a>(
    about: &'a RawAbout,
    settings: &'a AdmitSettings,
) -> Result<Columns<'a>, Error> {
    let wanted = wanted(settings)?;
    let kept =
        || about.columns.iter().filter(|column| column.treatment != Treatment::DroppedPersonal);
    let mut claimed: BTreeSet<u32> = BTreeSet::new();
    let mut places: Vec<Option<&RawColumn>> = vec![None; wanted.len()];
    let mut findings = Vec::new();

    for (found, (item, _)) in places.iter_mut().zip(&wanted) {
        *found = kept()
            .find(|column| column.header == item.column && column.occurrence == item.occurrence);
        claimed.extend(found.map(|column| column.position));
    }
    let ways: [(Fits, Code, Severity, &str); 2] = [
        (by_alias, Code::ColumnByAlias, Severity::Info, "read as this item, as its aliases say"),
        (
            but_for_case,
            Code::ColumnSpelledOtherwise,
            Severity::Warning,
            "read as this item: only case or spaces differ",
        ),
    ];
    for (fits, code, severity, action) in ways {
        let taken = claimed.clone();
        for (place, (item, _)) in
            places.iter_mut().zip(&wanted).filter(|(place, _)| place.is_none())
        {
            let mut candidates =
                kept().filter(|column| !taken.contains(&column.position) && fits(column, item));
            if let (Some(column), None) = (candidates.next(), candidates.next()) {
                *place = Some(column);
                claimed.insert(column.position);
                findings.push(Finding {
                    column: Some(column.header.clone()),
                    concept: Some(item.concept.clone()),
                    found: format!("column `{}`", column.header),
                    expected: format!("column `{}`", item.column),
                    action: action.to_owned(),
                    hint: format!("the item stands in {}", item_key(item)),
                    ..finding(code, severity, about, settings)
                });
            }
        }
    }

    let missing: Vec<ColumnNotFound> = wanted
        .iter()
        .zip(&places)
        .filter(|(_, place)| place.is_none())
        .map(|((item, _), _)| not_found(item, about, &claimed))
        .collect();
    if !missing.is_empty() {
        return Err(Error::ColumnsNotFound {
            place: Box::new(place(about, settings)),
            columns: missing,
        });
    }
    let mut items: Vec<Placed<'_>> = wanted
        .into_iter()
        .zip(places)
        .filter_map(|((item, concept), place)| place.map(|column| Placed { item, concept, column }))
        .collect();
    items.sort_by_key(|placed| placed.column.position);
    let identifier = identifier(about, settings, &items)?;
    items.retain(|placed| placed.concept.role != Role::Identifier);
    claimed.insert(identifier.position);
    let without_item: Vec<&RawColumn> =
        kept().filter(|column| !claimed.contains(&column.position)).collect();
    let of_items = codebook_columns(settings);
    findings.extend(without_item.iter().map(|column| Finding {
        column: Some(column.header.clone()),
        found: found_beside(column, &of_items),
        expected: "an item of the codebook".to_owned(),
        action: "not read; its cells count as not in the codebook".to_owned(),
        hint: "add an item to config/codebook/items.csv if the answers matter".to_owned(),
        ..finding(Code::ColumnNotInCodebook, Severity::Info, about, settings)
    }));
    Ok(Columns { items, identifier, without_item, findings })
}

fn finding(code: Code, severity: Severity, about: &RawAbout, settings: &AdmitSettings) -> Finding {
    Finding { sheet: about.sheet.clone(), ..Finding::new(code, severity, &about.delivery) }
        .of(&settings.panel_wave)
}

/// The items with their concepts; all mistakes of the codebook at once.
fn wanted(settings: &AdmitSettings) -> Result<Vec<(&Item, &Concept)>, Error> {
    let codebook = &settings.codebook;
    let mut mistakes = Vec::new();
    let mut seen = BTreeSet::new();
    let mut wanted = Vec::new();
    for item in &codebook.items {
        let mut mistake = |message: String, hint: &str| {
            let place = format!("config/codebook/items.csv, line {}", item.line);
            mistakes.push(Mistake { place, message, hint: hint.to_owned() });
        };
        if !seen.insert(item.concept.as_str()) {
            mistake(
                format!("concept `{}` is asked twice in one panel-wave", item.concept),
                "give the second a concept of its own",
            );
        }
        if !item.crosswalk.is_empty() && !codebook.crosswalks.contains_key(&item.crosswalk) {
            mistake(
                format!("no crosswalk `{}`", item.crosswalk),
                "add it to config/codebook/crosswalks.csv",
            );
        }
        match codebook.concept(&item.concept) {
            Some(concept) => wanted.push((item, concept)),
            None => mistake(
                format!("no concept `{}`", item.concept),
                "add it to config/codebook/concepts.csv",
            ),
        }
    }
    if wanted.is_empty() && mistakes.is_empty() {
        mistakes.push(Mistake {
            place: "config/codebook/items.csv".to_owned(),
            message: "no item of this panel and wave".to_owned(),
            hint: "add a row for each question that was asked".to_owned(),
        });
    }
    if mistakes.is_empty() {
        Ok(wanted)
    } else {
        Err(Error::Configuration { panel_wave: settings.panel_wave.clone(), mistakes })
    }
}

/// The column of the item with the identifier's role, or the only one that came as keyed hashes.
fn identifier<'a>(
    about: &'a RawAbout,
    settings: &AdmitSettings,
    items: &[Placed<'a>],
) -> Result<&'a RawColumn, Error> {
    if let Some(placed) = items.iter().find(|placed| placed.concept.role == Role::Identifier) {
        return Ok(placed.column);
    }
    let mut hashed =
        about.columns.iter().filter(|column| column.treatment == Treatment::Pseudonymised);
    if let (Some(column), None) = (hashed.next(), hashed.next()) {
        return Ok(column);
    }
    let mistake = Mistake {
        place: "config/codebook/items.csv".to_owned(),
        message: format!("`{}`: no item names the column with the respondent ids", about.delivery),
        hint: "add an item for the concept with role identifier".to_owned(),
    };
    Err(Error::Configuration { panel_wave: settings.panel_wave.clone(), mistakes: vec![mistake] })
}

fn by_alias(column: &RawColumn, item: &Item) -> bool {
    column.occurrence == item.occurrence && item.aliases.contains(&column.header)
}

fn but_for_case(column: &RawColumn, item: &Item) -> bool {
    let header = plain(&column.header);
    column.occurrence == item.occurrence
        && (header == plain(&item.column)
            || item.aliases.iter().any(|alias| header == plain(alias)))
}

const SHOWN: usize = 3;
const SIMILAR: f64 = likeness::MAY_BE_MEANT;

/// From 0 to 1, of two plain headers.
fn likeness(one: &str, other: &str) -> f64 {
    let likeness = likeness::likeness(one, other);
    // A word added to the header, or taken away, is the usual change.
    let named = !one.is_empty() && !other.is_empty();
    let longer = named && (other.starts_with(one) || one.starts_with(other));
    if longer { likeness.max(0.9) } else { likeness }
}

/// The columns that items of the panel-wave read, each plain, as written and with its concept.
fn codebook_columns(settings: &AdmitSettings) -> Vec<(String, &str, &str)> {
    let items = settings.codebook.items.iter();
    items.map(|item| (plain(&item.column), item.column.as_str(), item.concept.as_str())).collect()
}

/// A column without an item, beside those of the items that are most like it.
fn found_beside(column: &RawColumn, of_items: &[(String, &str, &str)]) -> String {
    let header = plain(&column.header);
    let near =
        of_items.iter().map(|(plain, name, concept)| (likeness(&header, plain), name, concept));
    let mut near: Vec<_> = near.filter(|(likeness, ..)| *likeness >= SIMILAR).collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    let near: Vec<String> = (near.iter().take(SHOWN))
        .map(|(_, name, concept)| format!("`{name}` (item `{concept}`)"))
        .collect();
    let found = match column.header.as_str() {
        "" => "a column without a header".to_owned(),
        header => format!("column `{header}`"),
    };
    if near.is_empty() { found } else { format!("{found}; like it: {}", near.join(", ")) }
}

fn not_found(item: &Item, about: &RawAbout, claimed: &BTreeSet<u32>) -> ColumnNotFound {
    let wanted = plain(&item.column);
    let mut similar: Vec<(f64, &RawColumn)> = about
        .columns
        .iter()
        .filter(|column| {
            column.treatment != Treatment::DroppedPersonal && !claimed.contains(&column.position)
        })
        .map(|column| (likeness(&wanted, &plain(&column.header)), column))
        .filter(|(likeness, _)| *likeness >= SIMILAR)
        .collect();
    similar.sort_by(|left, right| {
        right.0.total_cmp(&left.0).then(left.1.position.cmp(&right.1.position))
    });
    let same = about.columns.iter().filter(|column| column.header == item.column);
    let personal = same.clone().any(|column| column.treatment == Treatment::DroppedPersonal);
    let note = match same.count() {
        _ if personal => "the export profile drops it as personal".to_owned(),
        0 => String::new(),
        count => format!("the file has {count} of that name"),
    };
    ColumnNotFound {
        concept: item.concept.clone(),
        column: item.column.clone(),
        occurrence: item.occurrence,
        similar: similar.into_iter().take(SHOWN).map(|(_, column)| column.header.clone()).collect(),
        note,
        line: item.line.0,
    }
}

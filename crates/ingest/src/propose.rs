//! What a person may begin with: a profile, and rows of the codebook's tables for the columns of a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use survey::codebook::{Codebook, Item, Kind, Role};
use survey::config::ExportProfile;
use survey::config::export::{Container, DateOrder};
use survey::handoff::{RawAbout, RawColumn, Treatment};

use crate::look::ColumnLook;

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

/// Questions less alike than this are not shown as a match, percent.
const ALIKE_PERCENT: u32 = 65;

pub(crate) fn nearest(about: &RawAbout, codebook: &Codebook) -> Option<Nearest> {
    let headers: BTreeSet<&str> =
        about.columns.iter().map(|column| column.header.as_str()).collect();
    let mut items: BTreeMap<(survey::Wave, &str), Vec<&Item>> = BTreeMap::new();
    for item in &codebook.items {
        items.entry((item.wave, item.panel.as_str())).or_default().push(item);
    }
    let is_there = |item: &&&Item| {
        headers.contains(item.column.as_str())
            || item.aliases.iter().any(|alias| headers.contains(alias.as_str()))
    };
    let found = |items: &[&Item]| items.iter().filter(is_there).count();
    // Of equally good ones the share of its items counts, then the latest wave.
    let ((wave, panel), best) = items.iter().max_by_key(|((wave, _), items)| {
        (found(items), found(items) * 1000 / items.len(), *wave)
    })?;
    let items_found = found(best) as u32;
    let is_like = items_found > 1 && items_found as usize * 5 >= best.len();
    is_like.then(|| Nearest {
        panel: (*panel).to_owned(),
        wave: *wave,
        items_found,
        items: best.len() as u32,
        columns_missing: best
            .iter()
            .filter(|item| !is_there(item))
            .map(|item| item.column.clone())
            .collect(),
    })
}

/// The item that a column is likest to: of the nearest panel-wave by header, else of any by its question.
pub(crate) fn matching<'a>(
    column: &RawColumn,
    codebook: &'a Codebook,
    nearest: Option<&Nearest>,
) -> Option<(&'a Item, ConceptMatch)> {
    let name = |item: &Item| format!("{} {}", item.panel, item.wave);
    let near = |item: &&Item| {
        nearest.is_some_and(|near| near.panel == item.panel && near.wave == item.wave)
    };
    let by = |item: &Item| {
        let same = column.occurrence == item.occurrence;
        if same && item.column == column.header {
            Some("header")
        } else if same && item.aliases.contains(&column.header) {
            Some("alias")
        } else {
            None
        }
    };
    let exact = codebook.items.iter().filter(near).find_map(|item| Some((item, by(item)?)));
    if let Some((item, by)) = exact {
        let found = ConceptMatch {
            concept: item.concept.clone(),
            by: by.to_owned(),
            likeness_percent: 100,
            like: name(item),
        };
        return Some((item, found));
    }
    let texts: Vec<String> = column
        .header_rows
        .iter()
        .chain([&column.header])
        .map(|text| plain(text))
        .filter(|text| text.len() > 4)
        .collect();
    let likeness = |question: &str| {
        let question = plain(question);
        let one = |text: &String| strsim::sorensen_dice(text, &question);
        (texts.iter().map(one).fold(0.0, f64::max) * 100.0) as u32
    };
    let alike = |item: &Item| {
        let labels = codebook.concept(&item.concept);
        let labels = labels.map(|concept| [&concept.label_nl, &concept.label_en, &concept.concept]);
        let all = labels.iter().flatten().map(|text| likeness(text));
        all.chain([likeness(&item.question_nl)]).max().unwrap_or(0)
    };
    // Of equally alike ones the latest wave.
    let is_id = |item: &&Item| {
        codebook.concept(&item.concept).is_some_and(|concept| concept.role == Role::Identifier)
    };
    let others = codebook.items.iter().filter(|item| !is_id(item));
    let best = others.map(|item| (alike(item), item.wave, item));
    let (likeness_percent, _, item) = best.max_by_key(|(alike, wave, _)| (*alike, *wave))?;
    (likeness_percent >= ALIKE_PERCENT).then(|| {
        let found = ConceptMatch {
            concept: item.concept.clone(),
            by: "question".to_owned(),
            likeness_percent,
            like: name(item),
        };
        (item, found)
    })
}

fn plain(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|sign| if sign.is_alphanumeric() { sign } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name for a concept that is not known yet.
pub(crate) fn new_concept(header: &str, position: u32) -> String {
    let signs = header.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { ' ' });
    let words: String = signs.collect::<String>().to_lowercase();
    let mut name = words.split_whitespace().take(5).collect::<Vec<_>>().join("_");
    name.truncate(40);
    if name.is_empty() || name.starts_with(|sign: char| sign.is_ascii_digit()) {
        let placed = format!("column_{}_{name}", position + 1);
        placed.trim_end_matches('_').clone_into(&mut name);
    }
    name
}

/// Rows of items.csv and of concepts.csv, and a name for every column.
pub(crate) struct Proposal {
    pub(crate) items: String,
    pub(crate) concepts: String,
}

const ITEMS_HEADER: [&str; 15] = [
    "panel",
    "wave",
    "concept",
    "column",
    "aliases",
    "occurrence",
    "option",
    "crosswalk",
    "minimum",
    "maximum",
    "routed_by",
    "routed_codes",
    "comparability",
    "question_nl",
    "note",
];

pub(crate) fn codebook_rows(
    about: &RawAbout,
    columns: &mut [ColumnLook],
    codebook: Option<&Codebook>,
    nearest: Option<&Nearest>,
) -> Proposal {
    let none = Codebook::default();
    let codebook = codebook.unwrap_or(&none);
    let panel = nearest.map_or("PANEL", |near| near.panel.as_str());
    let identifier = codebook.concepts.iter().find(|concept| concept.role == Role::Identifier);
    let identifier = identifier.map_or("respondent", |concept| concept.concept.as_str());
    let mut items = line(&ITEMS_HEADER.map(str::to_owned));
    let mut concepts = String::from(
        "concept,theme,kind,role,answers,unit,label_nl,label_en,base_includes,derivation\n",
    );
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut is_identified = false;
    for look in columns.iter_mut().filter(|look| look.treatment != Treatment::DroppedPersonal) {
        let Some(column) = about.columns.iter().find(|column| column.position == look.position)
        else {
            continue;
        };
        let is_id = column.treatment == Treatment::Pseudonymised && !is_identified;
        is_identified |= is_id;
        let found = if is_id { None } else { matching(column, codebook, nearest) };
        let found = found.filter(|(item, _)| !taken.contains(&item.concept));
        let mut row = [const { String::new() }; 15];
        panel.clone_into(&mut row[0]);
        "WAVE".clone_into(&mut row[1]);
        row[3].clone_from(&column.header);
        row[5] = column.occurrence.to_string();
        "identical".clone_into(&mut row[12]);
        row[13] = question(column);
        if is_id {
            identifier.clone_into(&mut row[2]);
            "the column with the ids, which leave ingest as keyed hashes".clone_into(&mut row[14]);
        } else if let Some((item, found)) = found {
            let number =
                |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
            row[2].clone_from(&item.concept);
            row[6].clone_from(&item.option);
            row[7].clone_from(&item.crosswalk);
            row[8] = number(item.minimum);
            row[9] = number(item.maximum);
            row[10].clone_from(&item.routed_by);
            row[11] = item.routed_codes.join("|");
            row[14] = if found.by == "question" {
                format!("proposed: {} % like {}", found.likeness_percent, found.like)
            } else {
                format!("proposed: as in {}", found.like)
            };
            look.concept = Some(found);
        } else {
            let mut name = new_concept(&column.header, column.position);
            if taken.contains(&name) {
                let _ = write!(name, "_{}", column.position + 1);
            }
            concepts.push_str(&new_row(&name, look, column));
            let values = if look.suggested_kind == "category" {
                format!("new concept; a crosswalk for its {} different values", look.distinct)
            } else {
                "new concept".to_owned()
            };
            row[2].clone_from(&name);
            row[14] = format!("proposed: {values}");
            look.concept = Some(ConceptMatch {
                concept: name,
                by: "new".to_owned(),
                likeness_percent: 0,
                like: String::new(),
            });
        }
        taken.insert(row[2].clone());
        items.push_str(&line(&row));
    }
    Proposal { items, concepts }
}

/// The longest of the header rows, where it says more than the name.
fn question(column: &RawColumn) -> String {
    let texts = column
        .header_rows
        .iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty() && !text.starts_with('{') && *text != column.header);
    texts.max_by_key(|text| text.chars().count()).unwrap_or_default().to_owned()
}

fn new_row(name: &str, look: &ColumnLook, column: &RawColumn) -> String {
    let kind = match kind(&look.suggested_kind) {
        Kind::Category => "category",
        Kind::Number => "number",
        Kind::Date => "date",
        Kind::Text => "text",
    };
    let question = question(column);
    let label = if question.is_empty() { column.header.as_str() } else { &question };
    let answers = if kind == "category" { name } else { "" };
    let row = [name, "THEME", kind, "answer", answers, "", label, "LABEL", "", ""];
    line(&row.map(str::to_owned))
}

fn kind(suggested: &str) -> Kind {
    match suggested {
        "category" => Kind::Category,
        "number" => Kind::Number,
        "date" => Kind::Date,
        _ => Kind::Text,
    }
}

fn line(fields: &[String]) -> String {
    let quoted = fields.iter().map(|field| {
        if field.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

/// What a profile is proposed from, beside the columns.
pub(crate) struct Found<'a> {
    pub(crate) profile: &'a ExportProfile,
    pub(crate) header_row: u32,
    pub(crate) header_rows: u32,
    pub(crate) date_orders: Vec<DateOrder>,
    pub(crate) sheets_visible: usize,
    pub(crate) sheet: Option<&'a str>,
}

/// The text of a file of config/exports.
pub(crate) fn profile_text(found: &Found<'_>, columns: &[ColumnLook]) -> String {
    let container = match found.profile.container {
        Container::Csv => "csv",
        Container::Workbook => "workbook",
    };
    let ids: Vec<&str> = columns
        .iter()
        .filter(|column| column.looks_like == "id")
        .map(|column| column.header.as_str())
        .collect();
    let mut text = String::from("# proposed by a first look: read every line before you keep it\n");
    let _ = writeln!(text, "label = \"PRODUCER, and how it was exported\"");
    let _ = writeln!(text, "container = \"{container}\"");
    if let [first, ..] = ids.as_slice() {
        let _ = writeln!(text, "id = {}", quoted([*first]));
    } else {
        let _ = writeln!(text, "id = [\"HEADER OF THE ID COLUMN\"]  # no column looked like one");
    }
    if found.profile.container == Container::Csv {
        let delimiter = found.profile.csv.delimiter.to_string();
        let _ = writeln!(text, "\n[csv]\ndelimiter = {delimiter:?}\nencoding = \"detect\"");
    } else if found.sheets_visible > 1
        && let Some(sheet) = found.sheet
    {
        let _ = writeln!(text, "\n[workbook]\nsheet = {{ named = {sheet:?} }}");
    }
    if found.header_rows > 1 {
        let _ = writeln!(text, "\n[header]\nrows = {}\nname_row = 1", found.header_rows);
    } else if ids.is_empty() {
        let _ = writeln!(text, "\n[header]\nfirst_row = {}", found.header_row);
    }
    let _ = writeln!(text, "\n[values]\ndecimal_comma = {}", found.profile.values.decimal_comma);
    if !found.date_orders.is_empty() {
        let names = found.date_orders.iter().map(|order| match order {
            DateOrder::Ymd => "ymd",
            DateOrder::Dmy => "dmy",
            DateOrder::Mdy => "mdy",
        });
        let _ = writeln!(text, "date_orders = {}", quoted(names));
    }
    let personal: Vec<&str> = columns
        .iter()
        .filter(|column| column.looks_like == "personal")
        .map(|column| column.header.as_str())
        .collect();
    if !personal.is_empty() {
        let _ = writeln!(text, "\n[personal]\ncolumns = {}", quoted(personal));
    }
    text
}

fn quoted<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| format!("{text:?}")).collect();
    format!("[{}]", texts.join(", "))
}

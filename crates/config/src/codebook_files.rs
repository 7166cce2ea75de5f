//! config/codebook/*.csv into the codebook; what they say of each other is checked in `agreement`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::mistake::Mistake;
use super::{name, table_file};
use survey::codebook::{
    Answer, Becomes, Codebook, Comparability, Concept, Crosswalk, Item, Kind, Recode, Role,
    plain_spaces,
};
use survey::{MissingReason, columns};

/// The header of config/codebook/concepts.csv.
pub const CONCEPT_COLUMNS: [&str; 10] = [
    "concept",
    "theme",
    "kind",
    "role",
    "answers",
    "unit",
    "label_nl",
    "label_en",
    "base_includes",
    "derivation",
];
/// The header of config/codebook/answers.csv.
pub const ANSWER_COLUMNS: [&str; 5] = ["answers", "code", "order", "label_nl", "label_en"];
/// The header of config/codebook/items.csv.
pub const ITEM_COLUMNS: [&str; 15] = [
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
/// The header of config/codebook/crosswalks.csv.
pub const CROSSWALK_COLUMNS: [&str; 5] = ["crosswalk", "value", "code", "missing", "note"];

const KINDS: [(&str, Kind); 4] = [
    ("category", Kind::Category),
    ("number", Kind::Number),
    ("date", Kind::Date),
    ("text", Kind::Text),
];
const ROLES: [(&str, Role); 5] = [
    ("answer", Role::Answer),
    ("identifier", Role::Identifier),
    ("background", Role::Background),
    ("design", Role::Design),
    ("paradata", Role::Paradata),
];
const COMPARABILITIES: [(&str, Comparability); 3] = [
    ("identical", Comparability::Identical),
    ("compatible", Comparability::Compatible),
    ("incompatible", Comparability::Incompatible),
];

/// The texts of the four tables, each with its path.
pub struct CodebookTexts<'a> {
    pub concepts: (&'a Path, &'a str),
    pub answers: (&'a Path, &'a str),
    pub items: (&'a Path, &'a str),
    pub crosswalks: (&'a Path, &'a str),
}

/// Reads the four tables.
pub fn parse(texts: &CodebookTexts<'_>, mistakes: &mut Vec<Mistake>) -> Codebook {
    Codebook {
        concepts: concepts(texts.concepts, mistakes),
        answers: answers(texts.answers, mistakes),
        items: items(texts.items, mistakes),
        crosswalks: crosswalks(texts.crosswalks, mistakes),
    }
}

fn concepts((file, text): (&Path, &str), mistakes: &mut Vec<Mistake>) -> Vec<Concept> {
    let table = table_file::parse(file, text, &CONCEPT_COLUMNS, mistakes);
    let mut seen = BTreeMap::new();
    let mut concepts = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let concept = table.required(row, "concept", mistakes).to_owned();
        if let Some(line) = seen.insert(concept.clone(), row.line) {
            mistakes.push(
                table.mistake(row, format!("concept `{concept}` stands on line {line} already")),
            );
        }
        if !name::is_concept(&concept) {
            mistakes.push(
                table.mistake(row, format!("`{concept}` cannot name a concept")).expected(
                    "1 to 64 lower case letters, digits and single `_`, beginning with a letter",
                ),
            );
        }
        let role = table.one_of(row, "role", &ROLES, mistakes);
        // The identifier stands in no mart under its own name.
        if role != Role::Identifier && columns::is_reserved(&concept) {
            mistakes.push(
                table
                    .mistake(row, format!("`{concept}` is a column of the marts or of SQL"))
                    .expected("another name for the concept")
                    .hint(format!(
                        "e.g. `{}`; reserved are {}",
                        columns::unreserved(&concept),
                        columns::reserved().join(", ")
                    )),
            );
        }
        concepts.push(Concept {
            theme: table.text(row, "theme").to_owned(),
            kind: table.one_of(row, "kind", &KINDS, mistakes),
            role,
            answers: table.text(row, "answers").to_owned(),
            unit: table.text(row, "unit").to_owned(),
            label_nl: table.required(row, "label_nl", mistakes).to_owned(),
            label_en: table.required(row, "label_en", mistakes).to_owned(),
            base_includes: base_includes(&table, row, mistakes),
            derivation: table.text(row, "derivation").to_owned(),
            line: row.line,
            concept,
        });
    }
    concepts
}

fn base_includes(
    table: &table_file::Table,
    row: &table_file::Row,
    mistakes: &mut Vec<Mistake>,
) -> BTreeSet<MissingReason> {
    let mut reasons = BTreeSet::new();
    for name in table.list(row, "base_includes") {
        match MissingReason::from_name(&name) {
            Some(reason) => drop(reasons.insert(reason)),
            None => mistakes.push(unknown_reason(table, row, "base_includes", &name)),
        }
    }
    reasons
}

fn unknown_reason(
    table: &table_file::Table,
    row: &table_file::Row,
    column: &str,
    name: &str,
) -> Mistake {
    let names: Vec<&str> = MissingReason::ALL.into_iter().map(MissingReason::name).collect();
    table
        .mistake(row, format!("`{column}` has `{name}`, which is no missing reason"))
        .expected(names.join(", "))
}

/// Names that SQL and Parquet take without quoting.
fn answers(
    (file, text): (&Path, &str),
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<String, Vec<Answer>> {
    let table = table_file::parse(file, text, &ANSWER_COLUMNS, mistakes);
    let mut lists: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for row in &table.rows {
        let answer = Answer {
            answers: table.name(row, "answers", mistakes),
            code: code(&table, row, mistakes),
            order: table.whole(row, "order", 0..=1_000_000, mistakes).unwrap_or(0),
            label_nl: table.required(row, "label_nl", mistakes).to_owned(),
            label_en: table.required(row, "label_en", mistakes).to_owned(),
            line: row.line,
        };
        let list = lists.entry(answer.answers.clone()).or_default();
        if let Some(before) =
            list.iter().find(|before| before.code == answer.code || before.order == answer.order)
        {
            let message = format!(
                "answer `{}` of list `{}` has the code or the order of line {}",
                answer.code, answer.answers, before.line
            );
            mistakes.push(table.mistake(row, message));
        }
        list.push(answer);
    }
    for list in lists.values_mut() {
        list.sort_by_key(|answer| answer.order);
    }
    lists
}

/// A code stands in lists (`|`) and crossed levels (`*`).
fn code(table: &table_file::Table, row: &table_file::Row, mistakes: &mut Vec<Mistake>) -> String {
    let text = table.required(row, "code", mistakes);
    if text.contains(['|', '*']) || text.contains(char::is_control) || text.len() > 200 {
        mistakes.push(
            table
                .mistake(row, format!("{text:?} cannot be a code"))
                .expected("at most 200 bytes without `|`, `*` and line ends"),
        );
    }
    text.to_owned()
}

fn items((file, text): (&Path, &str), mistakes: &mut Vec<Mistake>) -> Vec<Item> {
    let table = table_file::parse(file, text, &ITEM_COLUMNS, mistakes);
    let mut seen = BTreeMap::new();
    let mut items = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let item = Item {
            panel: table.required(row, "panel", mistakes).to_owned(),
            wave: table.parsed(row, "wave", "a year", mistakes).unwrap_or(0),
            concept: table.required(row, "concept", mistakes).to_owned(),
            column: table.required(row, "column", mistakes).to_owned(),
            aliases: table.list(row, "aliases"),
            occurrence: table.whole(row, "occurrence", 1..=100_000, mistakes).unwrap_or(1),
            option: plain_spaces(table.text(row, "option")).into_owned(),
            crosswalk: table.text(row, "crosswalk").to_owned(),
            minimum: table.number(row, "minimum", mistakes),
            maximum: table.number(row, "maximum", mistakes),
            routed_by: table.text(row, "routed_by").to_owned(),
            routed_codes: table.list(row, "routed_codes"),
            comparability: table.one_of(row, "comparability", &COMPARABILITIES, mistakes),
            question_nl: table.text(row, "question_nl").to_owned(),
            note: table.text(row, "note").to_owned(),
            line: row.line,
        };
        if let Some(line) =
            seen.insert((item.panel.clone(), item.wave, item.concept.clone()), row.line)
        {
            let message = format!(
                "{} {}: `{}` has an item on line {line} already",
                item.panel, item.wave, item.concept
            );
            mistakes.push(table.mistake(row, message));
        }
        items.push(item);
    }
    items
}

fn crosswalks(
    (file, text): (&Path, &str),
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<String, Crosswalk> {
    let table = table_file::parse(file, text, &CROSSWALK_COLUMNS, mistakes);
    let mut crosswalks: BTreeMap<String, Crosswalk> = BTreeMap::new();
    for row in &table.rows {
        let name = table.name(row, "crosswalk", mistakes);
        let value = plain_spaces(table.required(row, "value", mistakes)).into_owned();
        let (code, missing) = (table.text(row, "code"), table.text(row, "missing"));
        let becomes = match (code, missing) {
            ("<number>", "") if value == "<number>" => Becomes::Itself,
            ("" | "<number>", "") => {
                mistakes.push(
                    table
                        .mistake(row, "neither `code` nor `missing` says what the value becomes")
                        .expected("one of them"),
                );
                continue;
            }
            (code, "") => Becomes::Code(code.to_owned()),
            ("", reason) => {
                if let Some(reason) = MissingReason::from_name(reason) {
                    Becomes::Missing(reason)
                } else {
                    mistakes.push(unknown_reason(&table, row, "missing", reason));
                    continue;
                }
            }
            _ => {
                mistakes.push(
                    table
                        .mistake(row, "both `code` and `missing` are filled")
                        .expected("one of them"),
                );
                continue;
            }
        };
        let recode =
            Recode { crosswalk: name.clone(), value: value.clone(), becomes, line: row.line };
        if let Some(before) =
            crosswalks.entry(name.clone()).or_default().recodes.insert(value.clone(), recode)
        {
            let message = format!(
                "value `{value}` of crosswalk `{name}` stands on line {} already",
                before.line
            );
            mistakes.push(table.mistake(row, message));
        }
    }
    crosswalks
}

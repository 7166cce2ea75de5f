//! config/codebook/*.csv into the codebook; what they say of each other is checked in `agreement`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::mistake::Mistake;
use super::{name, table_file, tables};
use survey::codebook::{
    Answer, Becomes, Codebook, Comparability, Concept, Crosswalk, Item, Kind, Recode, Role,
    plain_spaces,
};
use survey::{Labels, MissingReason, columns};

const KINDS: [(&str, Kind); 4] = [
    ("category", Kind::Category),
    ("number", Kind::Number),
    ("date", Kind::Date),
    ("text", Kind::Text),
];
/// The first holds where the cell is empty.
const ROLES: [(&str, Role); 8] = [
    ("answer", Role::Answer),
    ("identifier", Role::Identifier),
    ("background", Role::Background),
    ("design", Role::Design),
    ("paradata", Role::Paradata),
    ("completed", Role::Completed),
    ("last_page", Role::LastPage),
    ("duration", Role::Duration),
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
pub fn parse(
    texts: &CodebookTexts<'_>,
    languages: &[String],
    mistakes: &mut Vec<Mistake>,
) -> Codebook {
    Codebook {
        languages: languages.to_vec(),
        concepts: concepts(texts.concepts, languages, mistakes),
        answers: answers(texts.answers, languages, mistakes),
        items: items(texts.items, languages, mistakes),
        crosswalks: crosswalks(texts.crosswalks, mistakes),
    }
}

/// Texts of a row, or its name where the table has none.
fn or_name(labels: Labels, name: &str) -> Labels {
    if labels.is_empty() { Labels::same(name) } else { labels }
}

fn concepts(
    (file, text): (&Path, &str),
    languages: &[String],
    mistakes: &mut Vec<Mistake>,
) -> Vec<Concept> {
    let table = table_file::parse(file, text, &tables::CONCEPTS, languages, mistakes);
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
            kind: match (table.text(row, "kind"), table.text(row, "answers")) {
                ("", "") => Kind::Number,
                _ => table.one_of(row, "kind", &KINDS, mistakes),
            },
            role,
            answers: table.text(row, "answers").to_owned(),
            unit: table.text(row, "unit").to_owned(),
            label: or_name(table.labels(row, "label_", languages, mistakes), &concept),
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
    languages: &[String],
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<String, Vec<Answer>> {
    let table = table_file::parse(file, text, &tables::ANSWERS, languages, mistakes);
    let mut lists: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for row in &table.rows {
        let (name, code) = (table.name(row, "answers", mistakes), code(&table, row, mistakes));
        let given = table.whole(row, "order", 0..=1_000_000, mistakes);
        let list = lists.entry(name.clone()).or_default();
        let next = list.last().map_or(1, |before| before.order + 1);
        let answer = Answer {
            label: or_name(table.labels(row, "label_", languages, mistakes), &code),
            order: given.unwrap_or(next),
            answers: name,
            code,
            line: row.line,
        };
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

fn items(
    (file, text): (&Path, &str),
    languages: &[String],
    mistakes: &mut Vec<Mistake>,
) -> Vec<Item> {
    let table = table_file::parse(file, text, &tables::ITEMS, languages, mistakes);
    let mut seen = BTreeMap::new();
    let mut items = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let item = Item {
            panel: table.required(row, "panel", mistakes).to_owned(),
            wave: table.wave(row, "wave", mistakes).unwrap_or(0),
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
            question: table.texts(row, "question_", languages),
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
    let table = table_file::parse(file, text, &tables::CROSSWALKS, &[], mistakes);
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

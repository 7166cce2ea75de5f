//! Rows of items.csv and of concepts.csv, a column after the other.

use std::collections::BTreeSet;
use std::fmt::Write;

use config::tables::{CONCEPTS, ITEMS};
use survey::Class;
use survey::codebook::{Answer, Codebook, Item, RECORD_NUMBER, Role};
use survey::handoff::{RawAbout, RawColumn, Treatment};
use survey::spreadsheet::neutral;

use super::questions::Questions;
use crate::column::filled;
use crate::look::column::{ColumnLook, ConceptMatch, Nearest};
use crate::look::options::Options;

/// A name for a concept that is not known yet.
pub(in crate::look) fn new_concept(header: &str, position: u32) -> String {
    let signs = header.to_lowercase();
    let signs = signs.chars().map(plain_letter);
    let words: String =
        signs.map(|sign| if sign.is_ascii_alphanumeric() { sign } else { ' ' }).collect();
    let mut name = words.split_whitespace().take(5).collect::<Vec<_>>().join("_");
    name.truncate(40);
    if name.is_empty() || name.starts_with(|sign: char| sign.is_ascii_digit()) {
        let placed = format!("column_{}_{name}", position + 1);
        placed.trim_end_matches('_').clone_into(&mut name);
    }
    name
}

/// The letter without its accent.
pub fn plain_letter(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

/// Rows of items.csv and of concepts.csv, and a name for every column.
pub(in crate::look) struct Proposal {
    pub(in crate::look) items: String,
    pub(in crate::look) concepts: String,
}

/// A row of items.csv by the places of its header, with one question.
type Row = [String; 15];

pub(in crate::look) fn codebook_rows(
    about: &RawAbout,
    columns: &mut [ColumnLook],
    codebook: Option<&Codebook>,
    nearest: Option<&Nearest>,
) -> Proposal {
    let none = Codebook::default();
    let mut rows = Rows {
        codebook: codebook.unwrap_or(&none),
        nearest,
        questions: Questions::of(codebook.unwrap_or(&none), nearest),
        items: Vec::new(),
        concepts: Vec::new(),
        taken: BTreeSet::new(),
        option_separator: about.option_separator,
    };
    let mut is_identified = false;
    for look in columns.iter_mut().filter(|look| look.treatment != Treatment::DroppedPersonal) {
        let Some(column) = about.columns.iter().find(|column| column.position == look.position)
        else {
            continue;
        };
        if look.looks_like == "personal" {
            // Nobody's answer: it belongs in the profile's `[personal]`.
            continue;
        }
        let is_id = column.treatment == Treatment::Pseudonymised || look.looks_like == "id";
        if is_id && !is_identified && !column.header.trim().is_empty() {
            is_identified = true;
            rows.identifier(column);
        } else if !column.header.trim().is_empty() {
            // An item finds its column by the header: without one nothing can be proposed.
            look.concept = Some(rows.column(look, column));
        }
    }
    if !is_identified && !rows.items.is_empty() {
        rows.identifier(&by_record_number());
    }
    rows.proposal()
}

/// Where no column holds ids: what the item of the ids names then.
fn by_record_number() -> RawColumn {
    RawColumn {
        position: 0,
        header: RECORD_NUMBER.to_owned(),
        occurrence: 1,
        header_rows: Vec::new(),
        treatment: Treatment::Pseudonymised,
        classes: [0; 7],
    }
}

/// The rows so far.
struct Rows<'a> {
    codebook: &'a Codebook,
    nearest: Option<&'a Nearest>,
    questions: Questions<'a>,
    items: Vec<Row>,
    concepts: Vec<Vec<String>>,
    /// Concepts that have a row.
    taken: BTreeSet<String>,
    option_separator: char,
}

impl Rows<'_> {
    fn identifier(&mut self, column: &RawColumn) {
        let all = &self.codebook.concepts;
        let identifier = all.iter().find(|concept| concept.role == Role::Identifier);
        let identifier = identifier.map_or("respondent", |concept| concept.concept.as_str());
        let mut row = self.blank(column, identifier.to_owned());
        "the id column; ids leave ingest as keyed hashes".clone_into(&mut row[14]);
        self.add(row);
    }

    /// Rows of the column, and the first concept that they name.
    fn column(&mut self, look: &ColumnLook, column: &RawColumn) -> ConceptMatch {
        let several = look.options;
        let found = self.questions.matching(column, several.is_some());
        match (found.filter(|(item, _)| !self.taken.contains(&item.concept)), several) {
            (Some((item, found)), _) => {
                self.known(item, &found, column);
                found
            }
            (None, Some(options)) => self.options(options, column),
            (None, None) => self.unknown(look, column),
        }
    }

    /// As the item that the column is like; an item about one of several answers brings the others of its column.
    fn known(&mut self, item: &Item, found: &ConceptMatch, column: &RawColumn) {
        let beside = |other: &&Item| {
            !item.option.is_empty()
                && !other.option.is_empty()
                && (other.panel == item.panel && other.wave == item.wave)
                && (other.column == item.column && other.occurrence == item.occurrence)
                && other.concept != item.concept
        };
        let codebook = self.codebook;
        let others = codebook.items.iter().filter(beside);
        for item in [item].into_iter().chain(others) {
            if self.taken.contains(&item.concept) {
                continue;
            }
            let number =
                |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
            let mut row = self.blank(column, item.concept.clone());
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
            self.add(row);
        }
    }

    /// A concept of yes and no for each of several answers: their texts are answers, so they are not shown.
    fn options(&mut self, found: Options, column: &RawColumn) -> ConceptMatch {
        let Options { separator, different, .. } = found;
        let base = new_concept(&column.header, column.position);
        let is_yes_no = |list: &&Vec<Answer>| {
            let codes: BTreeSet<&str> = list.iter().map(|answer| answer.code.as_str()).collect();
            codes == BTreeSet::from(["yes", "no"])
        };
        let lists = self.codebook.answers.iter();
        let yes_no =
            lists.filter(|(_, list)| is_yes_no(list)).map(|(name, _)| name.as_str()).next();
        let first = self.free_name(&format!("{base}_1"), column);
        for number in 1..=different {
            let name = if number == 1 {
                first.clone()
            } else {
                self.free_name(&format!("{base}_{number}"), column)
            };
            let label = format!("{}: OPTION {number}", label(column));
            self.concept(&name, "category", yes_no.unwrap_or("yes_no"), &label);
            let mut row = self.blank(column, name);
            row[6] = format!("OPTION {number}");
            row[14] = format!(
                "proposed: new concept; one of {different} options, to be written as in the cells"
            );
            if separator != self.option_separator {
                let _ = write!(row[14], "; the profile needs option_separator = \"{separator}\"");
            }
            self.add(row);
        }
        new_match(first)
    }

    fn unknown(&mut self, look: &ColumnLook, column: &RawColumn) -> ConceptMatch {
        let name = self.free_name(&new_concept(&column.header, column.position), column);
        let errors = look.classes[Class::Error as usize];
        let is_broken = errors > 0 && errors == filled(&look.classes);
        let kind = match look.suggested_kind.as_str() {
            kind @ ("category" | "number" | "date") if !is_broken => kind,
            _ => "text",
        };
        let answers = if kind == "category" { name.as_str() } else { "" };
        self.concept(&name, kind, answers, label(column).as_str());
        let mut row = self.blank(column, name.clone());
        row[14] = if is_broken {
            "proposed: new concept; only error values: repair the file first".to_owned()
        } else if kind == "category" {
            let values = match look.distinct {
                1 => "one value".to_owned(),
                several => format!("{several} different values"),
            };
            format!("proposed: new concept; a crosswalk for its {values}")
        } else {
            "proposed: new concept".to_owned()
        };
        self.add(row);
        new_match(name)
    }

    /// A name that no other row has.
    fn free_name(&self, name: &str, column: &RawColumn) -> String {
        let name = survey::columns::unreserved(name);
        if self.taken.contains(&name) || self.codebook.concept(&name).is_some() {
            format!("{name}_{}", column.position + 1)
        } else {
            name
        }
    }

    fn blank(&self, column: &RawColumn, concept: String) -> Row {
        let mut row = Row::default();
        self.nearest.map_or("PANEL", |near| near.panel.as_str()).clone_into(&mut row[0]);
        "WAVE".clone_into(&mut row[1]);
        row[2] = concept;
        row[3].clone_from(&column.header);
        row[5] = column.occurrence.to_string();
        "identical".clone_into(&mut row[12]);
        row[13] = question(column);
        row
    }

    fn add(&mut self, row: Row) {
        self.taken.insert(row[2].clone());
        self.items.push(row);
    }

    fn concept(&mut self, name: &str, kind: &str, answers: &str, label: &str) {
        let mut row = vec![name, "THEME", kind, "answer", answers, "", label];
        row.extend(languages(self.codebook).iter().skip(1).map(|_| "LABEL"));
        row.extend(["", ""]);
        self.concepts.push(row.into_iter().map(str::to_owned).collect());
    }

    /// Routing by a concept that no row asks is left out: it would not load.
    fn proposal(mut self) -> Proposal {
        for row in &mut self.items {
            if !self.taken.contains(&row[10]) {
                row[10].clear();
                row[11].clear();
            }
        }
        let asked = asked_in(self.codebook);
        let others = asked.iter().skip(1).map(|_| String::new());
        let with_others = |row: Row| -> Vec<String> {
            let mut row = row.to_vec();
            let notes = row.split_off(QUESTION + 1);
            row.extend(others.clone().chain(notes));
            row
        };
        let items: Vec<Vec<String>> = self.items.into_iter().map(with_others).collect();
        Proposal {
            items: csv_text(&ITEMS.header(&asked), &items),
            concepts: csv_text(&CONCEPTS.header(languages(self.codebook)), &self.concepts),
        }
    }
}

/// The place of the question in a row of items.csv; those in other languages stand behind it.
const QUESTION: usize = 13;

/// The languages of the labels; English where there is no codebook yet.
fn languages(codebook: &Codebook) -> &[String] {
    static ENGLISH: std::sync::LazyLock<[String; 1]> =
        std::sync::LazyLock::new(|| [survey::labels::FALLBACK.to_owned()]);
    let own = codebook.languages.as_slice();
    if own.is_empty() { ENGLISH.as_slice() } else { own }
}

/// The languages in which the codebook writes questions; the first one where it writes none.
fn asked_in(codebook: &Codebook) -> Vec<String> {
    let all = languages(codebook);
    let is_written = |language: &&String| {
        codebook.items.iter().any(|item| item.question.languages().any(|one| one == *language))
    };
    let written: Vec<String> = all.iter().filter(is_written).cloned().collect();
    if written.is_empty() { all[..1].to_vec() } else { written }
}

fn new_match(concept: String) -> ConceptMatch {
    ConceptMatch { concept, by: "new".to_owned(), likeness_percent: 0, like: String::new() }
}

/// The longest of the header rows, where it is longer than the name.
fn question(column: &RawColumn) -> String {
    let length = |text: &&str| text.chars().count();
    let texts =
        column.header_rows.iter().map(|text| text.trim()).filter(|text| {
            !text.starts_with('{') && length(text) > length(&column.header.as_str())
        });
    texts.max_by_key(length).unwrap_or_default().to_owned()
}

fn label(column: &RawColumn) -> String {
    let question = question(column);
    if question.is_empty() { column.header.clone() } else { question }
}

/// A table as CSV; no cell of it is run by a spreadsheet.
fn csv_text(header: &[String], rows: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Nothing that is written into memory fails.
    let _ = writer.write_record(header);
    for row in rows {
        let _ = writer.write_record(row.iter().map(|field| neutral(field).into_owned()));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

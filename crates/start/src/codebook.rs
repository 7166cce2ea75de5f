//! Concepts, answers, items, crosswalks and indicators for the columns of one or several exports.

use std::collections::BTreeMap;

use config::tables::{ANSWERS, CONCEPTS, CROSSWALKS, INDICATORS, ITEMS};
use survey::codebook::{OTHER, RECORD_NUMBER};
use survey::header::plain;

use crate::codes::{Pairs, coded};
use crate::column::{Brought, Role};
use crate::file::Export;
use crate::table::{LANGUAGE, free, header, line, row_of, slug};
use crate::values::Answer;

/// The tables of the codebook, and the indicators, as texts.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) concepts: String,
    pub(crate) answers: String,
    pub(crate) items: String,
    pub(crate) crosswalks: String,
    pub(crate) indicators: String,
    pub(crate) counts: Counts,
}

/// What the tables hold.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) concepts: usize,
    pub(crate) indicators: usize,
}

/// A question of all panels and waves that ask it under one header.
struct Asked {
    header: String,
    question: String,
    /// One of several answers in a cell.
    option: String,
    kind: Kind,
    answers: Vec<Answer>,
    has_rare: bool,
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Category,
    Chosen,
    Option,
    Number,
    Duration,
}

/// Where it stands in a panel-wave's delivery.
struct Place {
    panel: String,
    wave: survey::Wave,
    header: String,
    occurrence: u32,
}

/// Headers that name ids, by panel and wave.
type Ids = Vec<(String, survey::Wave, String, u32)>;

/// In place of a code: the value stands for no answer.
const MISSING: &str = "<missing>";
const RESPONDENT: &str = "respondent";

pub(crate) fn tables(exports: &[Export]) -> Tables {
    let (asked, ids) = gathered(exports);
    let mut book = Book::default();
    book.identifier(&ids);
    for question in &asked {
        book.question(question);
    }
    book.tables()
}

fn gathered(exports: &[Export]) -> (Vec<Asked>, Ids) {
    let (mut asked, mut ids): (Vec<Asked>, Ids) = (Vec::new(), Vec::new());
    let mut places: BTreeMap<(String, u32, String, Kind), usize> = BTreeMap::new();
    for export in exports {
        let mut id = (RECORD_NUMBER.to_owned(), 1);
        for column in &export.columns {
            if column.role == Role::Identifier {
                id = (column.header.clone(), column.occurrence);
            }
            for one in parts(column) {
                let key = (plain(&column.header), column.occurrence, plain(&one.option), one.kind);
                let at = *places.entry(key).or_insert(asked.len());
                let place = Place {
                    panel: export.panel.clone(),
                    wave: export.wave,
                    header: column.header.clone(),
                    occurrence: column.occurrence,
                };
                match asked.get_mut(at) {
                    Some(known) => known.join(one),
                    None => asked.push(one),
                }
                asked[at].places.push(place);
            }
        }
        ids.push((export.panel.clone(), export.wave, id.0, id.1));
    }
    (asked, ids)
}

/// A question a column; of several answers in a cell one an answer.
fn parts(column: &Brought) -> Vec<Asked> {
    let one = |kind, option: &str, answers: &[Answer], has_rare| Asked {
        header: column.header.clone(),
        question: column.question.clone(),
        option: option.to_owned(),
        kind,
        answers: answers.to_vec(),
        has_rare,
        places: Vec::new(),
    };
    match &column.role {
        Role::Category { answers, has_rare } => vec![one(Kind::Category, "", answers, *has_rare)],
        Role::Chosen => vec![one(Kind::Chosen, "", &[], false)],
        Role::Number { missing } => {
            let code = |text: &String| Answer {
                text: text.clone(),
                spellings: vec![text.clone()],
                count: 0,
            };
            let codes: Vec<Answer> = missing.iter().map(code).collect();
            vec![one(Kind::Number, "", &codes, false)]
        }
        Role::Duration => vec![one(Kind::Duration, "", &[], false)],
        Role::Options { options, has_rare } => {
            let others = has_rare.then_some(OTHER);
            let names = options.iter().map(|option| option.text.as_str()).chain(others);
            names.map(|option| one(Kind::Option, option, &[], false)).collect()
        }
        Role::Identifier | Role::LeftOut(_) => Vec::new(),
    }
}

impl Asked {
    /// Answers of one more wave or panel.
    fn join(&mut self, other: Self) {
        self.has_rare |= other.has_rare;
        for answer in other.answers {
            let same = |known: &&mut Answer| plain(&known.text) == plain(&answer.text);
            match self.answers.iter_mut().find(same) {
                Some(known) => {
                    let new = answer.spellings.into_iter();
                    let new: Vec<_> = new.filter(|text| !known.spellings.contains(text)).collect();
                    known.spellings.extend(new);
                }
                None => self.answers.push(answer),
            }
        }
    }

    /// A name for its concept: of the question's first words and the option's.
    fn name(&self) -> String {
        let (question, option) = match self.header.rsplit_once(" - ") {
            _ if !self.option.is_empty() => (self.header.as_str(), self.option.as_str()),
            Some((question, option)) => (question, option),
            None => (self.header.as_str(), ""),
        };
        let (question, option) = (slug(question, 5, 36), slug(option, 3, 22));
        let name = if option.is_empty() { question } else { format!("{question}_{option}") };
        let name = name.trim_matches('_');
        let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
        let name = if starts { name.to_owned() } else { format!("q_{name}") };
        survey::columns::unreserved(name.trim_end_matches('_'))
    }

    fn label(&self) -> String {
        match self.option.as_str() {
            "" => self.question.clone(),
            OTHER => format!("{}: another answer", self.question),
            option => format!("{}: {option}", self.question),
        }
    }
}

/// The rows so far.
#[derive(Default)]
struct Book {
    concepts: Vec<Vec<String>>,
    items: Vec<Vec<String>>,
    /// By their content, so that equal ones are written once: the name.
    lists: Vec<(Pairs, String)>,
    crosswalks: Vec<(Pairs, String)>,
    indicators: Vec<Vec<String>>,
}

impl Book {
    fn identifier(&mut self, ids: &Ids) {
        self.concept(RESPONDENT, "text", "identifier", "", "", "Respondent");
        for (panel, wave, header, occurrence) in ids {
            let place = Place {
                panel: panel.clone(),
                wave: *wave,
                header: header.clone(),
                occurrence: *occurrence,
            };
            self.item(&place, RESPONDENT, "", "", "");
        }
    }

    fn question(&mut self, asked: &Asked) {
        let wanted = match asked.kind {
            Kind::Duration => "duration".to_owned(),
            _ => asked.name(),
        };
        let name = free(&wanted, |name| self.concepts.iter().any(|concept| concept[0] == name));
        let label = asked.label();
        match asked.kind {
            Kind::Category => {
                let coded = coded(&asked.answers, asked.has_rare);
                let list = self.list(&name, coded.codes.clone());
                let crosswalk = self.crosswalk(&name, coded.values);
                self.concept(&name, "category", "answer", &list, "", &label);
                self.items_of(asked, &name, &crosswalk);
                for (code, answer) in &coded.codes {
                    self.indicator(&name, code, &format!("{label}: {answer}"));
                }
            }
            Kind::Chosen | Kind::Option => {
                let yes_no = [("yes", "Yes"), ("no", "No")];
                let yes_no = yes_no.map(|(code, text)| (code.to_owned(), text.to_owned()));
                let list = self.list("yes_no", yes_no.to_vec());
                let crosswalk = if asked.kind == Kind::Chosen {
                    let rows = [(OTHER, "yes"), ("<empty>", "no")];
                    let rows = rows.map(|(value, code)| (value.to_owned(), code.to_owned()));
                    self.crosswalk("chosen", rows.to_vec())
                } else {
                    String::new()
                };
                self.concept(&name, "category", "answer", &list, "", &label);
                self.items_of(asked, &name, &crosswalk);
                self.indicator(&name, "yes", &label);
            }
            Kind::Number => {
                self.concept(&name, "number", "answer", "", "", &label);
                let crosswalk = self.numbers(&name, &asked.answers);
                self.items_of(asked, &name, &crosswalk);
                self.indicator(&name, "", &label);
            }
            Kind::Duration => {
                self.concept(&name, "number", "duration", "", "seconds", &label);
                self.items_of(asked, &name, "");
            }
        }
    }

    /// A crosswalk of the values that stand for no answer, where there are any.
    fn numbers(&mut self, name: &str, missing: &[Answer]) -> String {
        if missing.is_empty() {
            return String::new();
        }
        let code = |answer: &Answer| (answer.text.clone(), MISSING.to_owned());
        let number = "<number>".to_owned();
        let rows = [(number.clone(), number)].into_iter().chain(missing.iter().map(code));
        self.crosswalk(name, rows.collect())
    }

    fn items_of(&mut self, asked: &Asked, concept: &str, crosswalk: &str) {
        for place in &asked.places {
            let question = if asked.question == asked.header { "" } else { &asked.question };
            self.item(place, concept, &asked.option, crosswalk, question);
        }
    }

    fn item(
        &mut self,
        place: &Place,
        concept: &str,
        option: &str,
        crosswalk: &str,
        question: &str,
    ) {
        let Place { panel, wave, header, occurrence } = place;
        let (wave, occurrence) = (wave.to_string(), occurrence.to_string());
        let row = [
            panel,
            &wave,
            concept,
            header,
            "",
            &occurrence,
            option,
            crosswalk,
            "",
            "",
            "",
            "",
            "identical",
            question,
            "draft",
        ];
        self.items.push(owned(&row));
    }

    fn concept(&mut self, name: &str, kind: &str, role: &str, list: &str, unit: &str, label: &str) {
        self.concepts.push(owned(&[name, "survey", kind, role, list, unit, label, "", ""]));
    }

    /// A proportion of a code, or a mean where there is none.
    fn indicator(&mut self, concept: &str, code: &str, label: &str) {
        let (kind, unit, wanted) = if code.is_empty() {
            ("mean", "score", concept.to_owned())
        } else {
            let mut wanted = format!("{concept}_{code}");
            wanted.truncate(58);
            ("proportion", "percent", wanted.trim_end_matches(['_', '-', '.']).to_owned())
        };
        let name = free(&wanted, |name| self.indicators.iter().any(|known| known[0] == name));
        let label_column = format!("label_{LANGUAGE}");
        let cells = [
            ("indicator", name.as_str()),
            ("concept", concept),
            ("kind", kind),
            ("codes", code),
            ("panels", "*"),
            ("unit", unit),
            ("decimals", "1"),
            (label_column.as_str(), label),
        ];
        self.indicators.push(row_of(&INDICATORS, &cells));
    }

    fn list(&mut self, name: &str, rows: Pairs) -> String {
        shared(&mut self.lists, name, rows)
    }

    fn crosswalk(&mut self, name: &str, rows: Pairs) -> String {
        shared(&mut self.crosswalks, name, rows)
    }

    fn tables(self) -> Tables {
        let mut tables = Tables {
            concepts: header(&CONCEPTS),
            answers: header(&ANSWERS),
            items: header(&ITEMS),
            crosswalks: header(&CROSSWALKS),
            indicators: header(&INDICATORS),
            counts: Counts { concepts: self.concepts.len() - 1, indicators: self.indicators.len() },
        };
        tables.concepts.extend(self.concepts.iter().map(|row| line(row)));
        tables.items.extend(self.items.iter().map(|row| line(row)));
        tables.indicators.extend(self.indicators.iter().map(|row| line(row)));
        for (rows, name) in &self.lists {
            for ((code, label), order) in rows.iter().zip(1..) {
                let order = order.to_string();
                tables.answers.push_str(&line(&[name.as_str(), code, &order, label]));
            }
        }
        for (rows, name) in &self.crosswalks {
            for (value, code) in rows {
                let row = match code.as_str() {
                    MISSING => [
                        name.as_str(),
                        value,
                        "",
                        "dont_know",
                        "assumed: looks like a code for no answer",
                    ],
                    code => [name.as_str(), value, code, "", ""],
                };
                tables.crosswalks.push_str(&line(&row));
            }
        }
        tables
    }
}

fn owned(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| (*field).to_owned()).collect()
}

/// The name under which the rows stand already, or a free one.
fn shared(all: &mut Vec<(Pairs, String)>, name: &str, rows: Pairs) -> String {
    if let Some((_, known)) = all.iter().find(|(known, _)| *known == rows) {
        return known.clone();
    }
    let name = free(name, |name| all.iter().any(|(_, known)| known == name));
    all.push((rows, name.clone()));
    name
}

//! The codebook: what all waves share (concepts, answers) and how each panel asked it (items, crosswalks).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Labels, Line, MissingReason, Wave};

/// What kind of value a concept has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One of the concept's answers: Dictionary(Int16, Utf8) whose dictionary is the answer list in its order.
    Category,
    /// A number: Float64.
    Number,
    /// A date: Utf8, `yyyy-mm-dd` or `yyyy-mm-ddThh:mm:ss`.
    Date,
    /// Text: Utf8; not published.
    Text,
}

/// What a concept is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The respondent's pseudonym.
    Identifier,
    /// Age, sex, education: breakdowns and auxiliaries.
    Background,
    /// Base weight, stratum, PSU.
    Design,
    /// What the survey asks.
    Answer,
    /// Start, browser and the like: about the filling in.
    Paradata,
    /// Whether the respondent reached the end: a category with the answer `yes`.
    Completed,
    /// The last page that the respondent saw: a number.
    LastPage,
    /// The time taken: a number in `seconds` or `minutes`.
    Duration,
}

impl Role {
    /// Whether it is about the filling in and not about an answer.
    pub fn is_paradata(self) -> bool {
        matches!(self, Self::Paradata | Self::Completed | Self::LastPage | Self::Duration)
    }
}

/// A variable that all waves share (config/codebook/concepts.csv).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concept {
    pub concept: String,
    pub theme: String,
    pub kind: Kind,
    pub role: Role,
    /// The answer list in answers.csv; empty unless the kind is category.
    pub answers: String,
    pub unit: String,
    pub label: Labels,
    /// Missing reasons that stay in the denominator, e.g. `dont_know`.
    pub base_includes: BTreeSet<MissingReason>,
    /// SQL over concepts for a derived variable; empty for one that is asked.
    #[serde(serialize_with = "crate::sql_text::serialize")]
    pub derivation: String,
    /// Line in concepts.csv.
    pub line: Line,
}

/// One answer of an answer list (config/codebook/answers.csv).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub answers: String,
    pub code: String,
    pub order: u32,
    pub label: Labels,
    pub line: Line,
}

/// How comparable an item is with the concept's other waves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparability {
    Identical,
    Compatible,
    /// A series break: the figure is published, the change against an earlier wave is not called.
    Incompatible,
}

/// How one panel asked a concept in one wave (config/codebook/items.csv); a concept without a row was not asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub panel: String,
    pub wave: Wave,
    pub concept: String,
    /// Header as delivered.
    pub column: String,
    /// Other headers under which it may come.
    pub aliases: Vec<String>,
    /// Which of several columns with this header, from 1.
    pub occurrence: u32,
    /// In a cell with several answers (`a;b;`): the one that this item is about, `<other>` for texts that no item names; empty otherwise.
    pub option: String,
    /// The value map in crosswalks.csv; empty for numbers, dates and text taken as they come.
    pub crosswalk: String,
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    /// The item is asked where this other concept has one of `routed_codes`; empty: asked of all.
    pub routed_by: String,
    pub routed_codes: Vec<String>,
    pub comparability: Comparability,
    /// As it was asked.
    pub question: Labels,
    pub note: String,
    pub line: Line,
}

/// What one delivered value means (config/codebook/crosswalks.csv).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recode {
    pub crosswalk: String,
    /// The delivered text after trimming; `<empty>` for an empty cell, `<number>` for any other number, `<other>` for any other
    /// text of a category.
    pub value: String,
    pub becomes: Becomes,
    pub line: Line,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    Code(String),
    Missing(MissingReason),
    /// The number as delivered (only for `<number>`).
    Itself,
}

/// The column of an item for the ids where the delivery has none and its profile takes the record's number.
pub const RECORD_NUMBER: &str = "<record_number>";

/// The option of an item that is a yes where a cell holds a text that no other item of its column names; in a crosswalk of a
/// category every text that no other row names.
pub const OTHER: &str = "<other>";

/// A text with plain spaces for those that do not break, are narrow or wide; answers are compared so. Line ends and tabs stay.
pub fn plain_spaces(text: &str) -> Cow<'_, str> {
    let is_other_space =
        |letter: char| letter != ' ' && letter.is_whitespace() && !letter.is_control();
    if text.is_ascii() || !text.contains(is_other_space) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(is_other_space, " "))
}

/// A named value map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crosswalk {
    pub recodes: BTreeMap<String, Recode>,
}

/// The whole codebook.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Codebook {
    /// In which its labels and questions are written, the first one first.
    #[serde(skip)]
    pub languages: Vec<String>,
    /// In the order of concepts.csv: derived concepts may read those above them.
    pub concepts: Vec<Concept>,
    /// Answer lists, each in its order.
    pub answers: BTreeMap<String, Vec<Answer>>,
    pub items: Vec<Item>,
    pub crosswalks: BTreeMap<String, Crosswalk>,
}

impl Codebook {
    /// The language in which questions are asked: the first one.
    pub fn language(&self) -> &str {
        self.languages.first().map_or(crate::labels::FALLBACK, String::as_str)
    }

    pub fn concept(&self, name: &str) -> Option<&Concept> {
        self.concepts.iter().find(|concept| concept.concept == name)
    }

    /// The codes of a category concept in their order.
    pub fn codes(&self, concept: &Concept) -> Vec<&str> {
        self.answers
            .get(&concept.answers)
            .into_iter()
            .flatten()
            .map(|answer| answer.code.as_str())
            .collect()
    }

    /// The part that one panel-wave reads: all concepts and answers, its items, their crosswalks.
    #[must_use]
    pub fn of(&self, panel: &str, wave: Wave) -> Self {
        let items: Vec<Item> = self
            .items
            .iter()
            .filter(|item| item.panel == panel && item.wave == wave)
            .cloned()
            .collect();
        let used: BTreeSet<&str> = items.iter().map(|item| item.crosswalk.as_str()).collect();
        let crosswalks = self
            .crosswalks
            .iter()
            .filter(|(name, _)| used.contains(name.as_str()))
            .map(|(name, crosswalk)| (name.clone(), crosswalk.clone()))
            .collect();
        Self {
            languages: self.languages.clone(),
            concepts: self.concepts.clone(),
            answers: self.answers.clone(),
            items,
            crosswalks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_of_another_kind_equals_the_plain_one_and_a_line_end_does_not() {
        for space in ['\u{a0}', '\u{202f}', '\u{2009}', '\u{3000}', '\u{2003}'] {
            assert_eq!(plain_spaces(&format!("in{space}de spreekkamer")), "in de spreekkamer");
        }
        for text in ["in de spreekkamer", "één twee", "a\nb\tc", "", "é\u{85}x"] {
            assert_eq!(plain_spaces(text), text);
        }
    }
}

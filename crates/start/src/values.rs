//! The different texts of each column with how often they occur, held up to a limit.

use std::collections::{BTreeMap, HashMap};
use std::io;

use arrow::array::AsArray;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use ingest::Batches;
use survey::columns;
use survey::header::plain;

/// Beyond so many different texts nobody wants to see them one by one.
const MOST_TEXTS: usize = 500;

/// The texts of all columns, while they pass.
#[derive(Debug, Default)]
pub(crate) struct Values {
    /// By the column's position: the sign between several answers in a cell.
    separators: BTreeMap<u32, char>,
    columns: Vec<(String, Texts)>,
}

/// The texts of a column; of cells with several answers their parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    separator: Option<char>,
    counts: BTreeMap<String, u64>,
    is_full: bool,
}

/// Texts that differ in case and spaces only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The commonest spelling.
    pub(crate) text: String,
    pub(crate) spellings: Vec<String>,
    pub(crate) count: u64,
}

impl Values {
    pub(crate) fn new(separators: BTreeMap<u32, char>) -> Self {
        Self { separators, columns: Vec::new() }
    }

    pub(crate) fn of(&self, position: u32) -> Option<&Texts> {
        let name = columns::text(position);
        self.columns.iter().find(|(column, _)| *column == name).map(|(_, texts)| texts)
    }
}

impl Batches for Values {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        let by_name: HashMap<String, char> =
            self.separators.iter().map(|(at, sign)| (columns::text(*at), *sign)).collect();
        let fields = schema.fields().iter();
        self.columns = fields
            .map(|field| {
                let separator = by_name.get(field.name()).copied();
                (field.name().clone(), Texts { separator, ..Texts::default() })
            })
            .collect();
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        for ((_, texts), cells) in self.columns.iter_mut().zip(batch.columns()) {
            let cells = cells.as_string_opt::<i32>();
            cells.into_iter().flatten().flatten().for_each(|cell| texts.add(cell));
        }
        Ok(())
    }
}

impl Texts {
    fn add(&mut self, cell: &str) {
        match self.separator {
            Some(separator) => cell.split(separator).for_each(|part| self.count(part.trim())),
            None => self.count(cell.trim()),
        }
    }

    fn count(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(count) = self.counts.get_mut(text) {
            *count += 1;
        } else if self.counts.len() < MOST_TEXTS {
            self.counts.insert(text.to_owned(), 1);
        } else {
            self.is_full = true;
        }
    }

    /// In their natural order; none where there are too many.
    pub(crate) fn answers(&self, most: usize) -> Option<Vec<Answer>> {
        if self.is_full {
            return None;
        }
        let mut alike: BTreeMap<String, Vec<(&String, u64)>> = BTreeMap::new();
        for (text, count) in &self.counts {
            alike.entry(plain(text)).or_default().push((text, *count));
        }
        let mut answers: Vec<Answer> = alike.into_values().map(Answer::of).collect();
        answers.sort_by_key(|answer| natural(&answer.text));
        (answers.len() <= most).then_some(answers)
    }
}

impl Answer {
    fn of(mut spellings: Vec<(&String, u64)>) -> Self {
        spellings.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0)));
        Self {
            text: spellings.first().map_or(String::new(), |(text, _)| (*text).clone()),
            count: spellings.iter().map(|(_, count)| count).sum(),
            spellings: spellings.into_iter().map(|(text, _)| text.clone()).collect(),
        }
    }
}

/// `9` before `10`: texts by what stands before, in and behind their first number.
fn natural(text: &str) -> (String, u64, String) {
    let lower = text.to_lowercase();
    let start = lower.find(|sign: char| sign.is_ascii_digit()).unwrap_or(lower.len());
    let digits = &lower[start..];
    let end = digits.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(digits.len());
    let number = digits[..end].parse().unwrap_or(0);
    (lower[..start].to_owned(), number, lower.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn answers_are_counted_but_for_case_and_spaces_and_stand_in_their_natural_order() {
        let mut texts = Texts::default();
        for cell in ["10 uur", "9 uur", "Ja", "ja ", "JA", "Ja", "", " "] {
            texts.add(cell);
        }
        let answers = texts.answers(3).unwrap();
        let told: Vec<(&str, u64)> =
            answers.iter().map(|answer| (answer.text.as_str(), answer.count)).collect();
        assert_eq!(told, [("9 uur", 1), ("10 uur", 1), ("Ja", 4)]);
        assert_eq!(answers[2].spellings, ["Ja", "JA", "ja"]);
        assert_eq!(texts.answers(2), None);
    }

    #[test]
    fn of_cells_with_several_answers_each_part_is_counted() {
        let mut texts = Texts { separator: Some(';'), ..Texts::default() };
        for cell in ["app;portaal;", "app;"] {
            texts.add(cell);
        }
        let answers = texts.answers(5).unwrap();
        assert_eq!(answers.iter().map(|answer| answer.count).collect::<Vec<_>>(), [2, 1]);
    }
}

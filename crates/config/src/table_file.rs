//! A CSV table that people edit in Excel: comma or semicolon, with or without BOM, columns in any order.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::mistake::{Mistake, did_you_mean};
use super::name;
use super::range::is_colour;
use super::tables::{LANGUAGE, TableSpec};
use survey::{Labels, Line, Wave};

/// A table read as text, each row with its line.
pub struct Table {
    pub file: PathBuf,
    columns: BTreeMap<String, usize>,
    pub rows: Vec<Row>,
}

pub struct Row {
    /// From 1, the header being line 1.
    pub line: Line,
    fields: Vec<String>,
}

/// Reads the table; columns that it cannot have and those that it must have and has not are mistakes.
pub fn parse(
    file: &Path,
    text: &str,
    spec: &TableSpec,
    languages: &[String],
    mistakes: &mut Vec<Mistake>,
) -> Table {
    let known = spec.header(languages);
    let expected: Vec<&str> = known.iter().map(String::as_str).collect();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.matches(';').count() > head.matches(',').count() { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let mut table = Table { file: file.to_owned(), columns: BTreeMap::new(), rows: Vec::new() };
    let Ok(header) = reader.headers() else { return table };
    for (position, name) in header.iter().enumerate() {
        if !expected.contains(&name.trim()) {
            let hint = language_hint(spec, name.trim())
                .unwrap_or_else(|| did_you_mean(name.trim(), expected.iter().copied()));
            mistakes.push(
                Mistake::new(file, Some(1), format!("unknown column `{name}`"))
                    .expected(expected.join(", "))
                    .hint(hint),
            );
        } else if table.columns.insert(name.trim().to_owned(), position).is_some() {
            mistakes.push(Mistake::new(file, Some(1), format!("column `{name}` stands twice")));
        }
    }
    let missing: Vec<&str> =
        spec.mandatory().filter(|name| !table.columns.contains_key(*name)).collect();
    if !missing.is_empty() {
        let message = if table.columns.is_empty() {
            "the table has no header".to_owned()
        } else {
            format!("no column `{}`", missing.join("`, `"))
        };
        let hint = format!("the whole header: {}", expected.join(","));
        mistakes.push(
            Mistake::new(file, Some(1), message)
                .expected(format!("`{}`", missing.join("`, `")))
                .hint(hint),
        );
        // Every row would miss it again.
        return table;
    }
    let width = header.len();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, |position| position.line() as u32);
                if record.len() != width {
                    let message = format!("the row has {} fields", record.len());
                    mistakes.push(
                        Mistake::new(file, Some(line), message)
                            .expected(format!("{width}, as in the header"))
                            .hint("put a text that holds the delimiter between double quotes"),
                    );
                }
                if record.iter().any(|field| !field.trim().is_empty()) {
                    table.rows.push(Row {
                        line: Line(line),
                        fields: record.iter().map(|field| field.trim().to_owned()).collect(),
                    });
                }
            }
            Err(error) => {
                let line = error.position().map(|position| position.line() as u32);
                mistakes.push(
                    Mistake::new(file, line, "the row is not UTF-8")
                        .hint("save the table as \"CSV UTF-8\""),
                );
            }
        }
    }
    table
}

/// A label in a language that the survey has not.
fn language_hint(spec: &TableSpec, name: &str) -> Option<String> {
    let mut templates = spec.columns.iter().filter_map(|column| column.name.strip_suffix(LANGUAGE));
    let language = templates.find_map(|start| name.strip_prefix(start))?;
    Some(format!("add \"{language}\" to `languages` of monitor.toml"))
}

impl Table {
    /// The texts of a row in each language; a cell that is empty where the table has its column is a mistake.
    pub fn labels(
        &self,
        row: &Row,
        start: &str,
        languages: &[String],
        mistakes: &mut Vec<Mistake>,
    ) -> Labels {
        let there = languages.iter().filter_map(|language| {
            let column = format!("{start}{language}");
            self.columns.contains_key(&column).then_some((language, column))
        });
        there
            .map(|(language, column)| {
                (language.clone(), self.required(row, &column, mistakes).to_owned())
            })
            .collect()
    }

    /// The texts of a row in each language that has one.
    pub fn texts(&self, row: &Row, start: &str, languages: &[String]) -> Labels {
        let texts = languages.iter().map(|language| {
            (language.clone(), self.text(row, &format!("{start}{language}")).to_owned())
        });
        texts.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// The text of a cell; empty where the column or the field is missing.
    pub fn text<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        self.columns
            .get(column)
            .and_then(|position| row.fields.get(*position))
            .map_or("", String::as_str)
    }

    /// The parts of a cell joined by `|`.
    pub fn list(&self, row: &Row, column: &str) -> Vec<String> {
        self.text(row, column)
            .split('|')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// A cell that must not be empty.
    pub fn required<'a>(&self, row: &'a Row, column: &str, mistakes: &mut Vec<Mistake>) -> &'a str {
        let text = self.text(row, column);
        if text.is_empty() {
            mistakes.push(self.mistake(row, format!("`{column}` is empty")));
        }
        text
    }

    /// A cell parsed; none where it is empty or, after a mistake, where it cannot be read.
    pub fn parsed<T: FromStr>(
        &self,
        row: &Row,
        column: &str,
        what: &str,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<T> {
        let text = self.text(row, column);
        if text.is_empty() {
            return None;
        }
        let value = text.parse().ok();
        if value.is_none() {
            mistakes.push(self.mistake(row, format!("`{column}` is `{text}`")).expected(what));
        }
        value
    }

    /// A cell with a name.
    pub fn name(&self, row: &Row, column: &str, mistakes: &mut Vec<Mistake>) -> String {
        let text = self.required(row, column, mistakes);
        if !text.is_empty() && !name::is_name(text) {
            let message = format!("`{column}` is {text:?}, which is no name");
            mistakes.push(self.mistake(row, message).expected(name::GRAMMAR));
        }
        text.to_owned()
    }

    /// A cell with a number that is one: neither NaN nor infinite; none where it is empty or, after a mistake, wrong.
    pub fn number(&self, row: &Row, column: &str, mistakes: &mut Vec<Mistake>) -> Option<f64> {
        const WHAT: &str = "a number with a decimal point";
        let value: f64 = self.parsed(row, column, WHAT, mistakes)?;
        if value.is_finite() {
            return Some(value);
        }
        mistakes.push(self.mistake(row, format!("`{column}` is {value}")).expected(WHAT));
        None
    }

    /// A cell with a whole number in a range.
    pub fn whole(
        &self,
        row: &Row,
        column: &str,
        range: RangeInclusive<u32>,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<u32> {
        let what = format!("a whole number from {} to {}", range.start(), range.end());
        let value: u32 = self.parsed(row, column, &what, mistakes)?;
        if range.contains(&value) {
            return Some(value);
        }
        mistakes.push(self.mistake(row, format!("`{column}` is {value}")).expected(what));
        None
    }

    /// A cell with a colour; none where it is empty or, after a mistake, wrong.
    pub fn colour(&self, row: &Row, column: &str, mistakes: &mut Vec<Mistake>) -> Option<String> {
        let text = Some(self.text(row, column)).filter(|text| !text.is_empty())?;
        if is_colour(text) {
            return Some(text.to_owned());
        }
        let found = format!("`{column}` is `{text}`");
        mistakes.push(self.mistake(row, found).expected("a colour such as #1f6f8b"));
        None
    }

    /// A cell with the number of a wave; none where it is empty or, after a mistake, wrong.
    pub fn wave(&self, row: &Row, column: &str, mistakes: &mut Vec<Mistake>) -> Option<Wave> {
        self.whole(row, column, 1..=2_147_483_647, mistakes)
    }

    /// One of some words; the first of them where the cell is empty or wrong.
    pub fn one_of<T: Copy>(
        &self,
        row: &Row,
        column: &str,
        words: &[(&str, T)],
        mistakes: &mut Vec<Mistake>,
    ) -> T {
        let text = self.text(row, column);
        // The first is the one that holds where nothing is said.
        if text.is_empty() {
            return words[0].1;
        }
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let mistake =
            self.mistake(row, format!("`{column}` is `{text}`")).expected(names.join(", "));
        mistakes.push(mistake.hint(did_you_mean(text, names.iter().copied())));
        words[0].1
    }

    /// A mistake in a row of this table.
    pub fn mistake(&self, row: &Row, message: impl Into<String>) -> Mistake {
        Mistake::new(&self.file, Some(row.line.0), message)
    }
}

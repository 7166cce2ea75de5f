//! Tables that people edited, and tables to which rows are added: comma or semicolon, with or without BOM, columns in any order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::Mistake;

use crate::table::{line, unquoted};

/// A table of a draft.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub path: PathBuf,
    pub rows: Vec<Row>,
}

#[derive(Debug)]
pub(crate) struct Row {
    /// From 1, the header being line 1.
    pub line: u32,
    fields: BTreeMap<String, String>,
}

impl Row {
    pub fn text(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }

    pub fn fields(&self, columns: &[&str]) -> Vec<String> {
        columns.iter().map(|column| self.text(column).to_owned()).collect()
    }
}

fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    if head.matches(';').count() > head.matches(',').count() { b';' } else { b',' }
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

impl Sheet {
    pub fn read(path: &Path, text: &str, columns: &[&str], mistakes: &mut Vec<Mistake>) -> Self {
        let text = without_mark(text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(text))
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut sheet = Self { path: path.to_owned(), rows: Vec::new() };
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
            Err(_) => Vec::new(),
        };
        let missing = columns.iter().filter(|column| !header.iter().any(|name| name == *column));
        let missing: Vec<&str> = missing.copied().collect();
        if !missing.is_empty() {
            mistakes.push(
                Mistake::new(path, Some(1), format!("no column `{}`", missing.join("`, `")))
                    .expected(columns.join(", ")),
            );
            return sheet;
        }
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, |position| position.line() as u32);
                    let fields = header
                        .iter()
                        .cloned()
                        .zip(record.iter().map(|field| unquoted(field.trim())));
                    let row = Row { line, fields: fields.collect() };
                    if row.fields.values().any(|field| !field.is_empty()) {
                        sheet.rows.push(row);
                    }
                }
                Err(_) => mistakes.push(
                    Mistake::new(path, None, "a row is not UTF-8")
                        .hint("save the table as \"CSV UTF-8\""),
                ),
            }
        }
        sheet
    }
}

/// A table with rows added, in its own columns and form: behind the last row of the same group where `group` names a column,
/// else at the end. An empty text gets a header.
pub(crate) fn with_rows(
    text: &str,
    columns: &[&str],
    rows: &[Vec<String>],
    group: Option<&str>,
) -> String {
    if rows.is_empty() {
        return text.to_owned();
    }
    let headed = if without_mark(text).trim().is_empty() {
        line(&columns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), b',')
    } else {
        text.to_owned()
    };
    let table = Existing::read(&headed);
    let place = group.and_then(|group| columns.iter().position(|column| *column == group));
    let mut added: BTreeMap<usize, String> = BTreeMap::new();
    for row in rows {
        let value = place.map(|place| row[place].as_str());
        let at = value.and_then(|value| table.end_of(group.unwrap_or_default(), value));
        let added = added.entry(at.unwrap_or(headed.len())).or_default();
        added.push_str(&table.line(columns, row));
    }
    let mut whole =
        String::with_capacity(headed.len() + added.values().map(String::len).sum::<usize>());
    let mut from = 0;
    for (at, lines) in added {
        whole.push_str(&headed[from..at]);
        if !whole.ends_with('\n') {
            whole.push_str(table.line_end);
        }
        whole.push_str(&lines);
        from = at;
    }
    whole.push_str(&headed[from..]);
    whole
}

/// The form of a table that is there.
struct Existing {
    header: Vec<String>,
    delimiter: u8,
    line_end: &'static str,
    /// Where each record ends, with its fields.
    records: Vec<(usize, csv::StringRecord)>,
}

impl Existing {
    fn read(text: &str) -> Self {
        let plain = without_mark(text);
        let mark = text.len() - plain.len();
        let delimiter = delimiter(plain);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(plain.as_bytes());
        let header = reader
            .headers()
            .map(|header| header.iter().map(|name| name.trim().to_owned()).collect());
        let mut records = Vec::new();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).is_ok_and(|is_read| is_read) {
            records.push((mark + reader.position().byte() as usize, record.clone()));
        }
        // The reader stands before a line feed that follows a carriage return.
        for (end, _) in &mut records {
            if text[..*end].ends_with('\r') && text[*end..].starts_with('\n') {
                *end += 1;
            }
        }
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { header: header.unwrap_or_default(), delimiter, line_end, records }
    }

    fn end_of(&self, column: &str, value: &str) -> Option<usize> {
        let place = self.header.iter().position(|name| name == column)?;
        let same = self
            .records
            .iter()
            .rev()
            .find(|(_, record)| record.get(place).map(str::trim) == Some(value));
        same.map(|(end, _)| *end)
    }

    fn line(&self, columns: &[&str], row: &[String]) -> String {
        let field = |name: &String| {
            let place = columns.iter().position(|column| column == name);
            place.map_or(String::new(), |place| row[place].clone())
        };
        let fields: Vec<String> = self.header.iter().map(field).collect();
        let text = line(&fields, self.delimiter);
        format!("{}{}", text.trim_end_matches(['\r', '\n']), self.line_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [&str; 3] = ["panel", "wave", "note"];

    fn row(fields: [&str; 3]) -> Vec<String> {
        fields.map(str::to_owned).to_vec()
    }

    #[test]
    fn rows_are_added_behind_those_of_their_group_and_nothing_else_changes() {
        let text = "panel,wave,note\ngp,2024,\"a\nb\"\nnurse,2024,c\n";
        let rows = [row(["gp", "2025", "x,y"]), row(["new", "2025", ""]), row(["gp", "2025", "z"])];
        let expected = "panel,wave,note\ngp,2024,\"a\nb\"\ngp,2025,\"x,y\"\ngp,2025,z\nnurse,2024,c\nnew,2025,\n";
        assert_eq!(with_rows(text, &COLUMNS, &rows, Some("panel")), expected);
        assert_eq!(with_rows(text, &COLUMNS, &[], Some("panel")), text);
    }

    #[test]
    fn rows_take_the_form_of_the_table() {
        let text = "\u{feff}note;panel;wave\r\na;gp;2024\r\nb;nurse;2024";
        let rows = [row(["gp", "2025", "x;y"]), row(["nurse", "2025", ""])];
        let expected = "\u{feff}note;panel;wave\r\na;gp;2024\r\n\"x;y\";gp;2025\r\nb;nurse;2024\r\n;nurse;2025\r\n";
        assert_eq!(with_rows(text, &COLUMNS, &rows, Some("panel")), expected);
        assert_eq!(with_rows("", &COLUMNS, &rows[1..], None), "panel,wave,note\nnurse,2025,\n");
    }

    #[test]
    fn a_table_without_its_columns_is_a_mistake_with_its_place() {
        let mut mistakes = Vec::new();
        Sheet::read(Path::new("items.csv"), "panel,note\n", &COLUMNS, &mut mistakes);
        assert_eq!(
            mistakes[0].render(false),
            "error: items.csv:1: no column `wave`\n  expected: panel, wave, note"
        );
    }
}

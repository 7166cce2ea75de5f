//! What the first rows of an unknown file show: its signs, its encoding, where its header may be.

use std::collections::BTreeSet;

use config::ExportProfile;
use config::export::{Container, Encoding, ValueForms};
use serde::{Deserialize, Serialize};
use survey::Class;
use survey::date::DateOrder;
use survey::date::is_date;
use survey::header::plain;

use super::blank::blank;
use super::delimiter::first_look;
use super::recognise::Evidence;
use crate::classify::Classifier;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::header::{KnownHeaders, is_answer};
use crate::key::Key;
use crate::limits::Limits;
use crate::opened::Opened;
use crate::shape::shape;
use crate::sheets;

const ROWS_SEARCHED: usize = 30;

/// A row that may be the header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderCandidate {
    /// Row of the sheet or record of the file, from 1, blank ones counted.
    pub row: u32,
    pub filled_cells: u32,
    /// Percent of its filled cells that are text and differ from one another.
    pub distinct_text_percent: u32,
}

/// What the start of a file shows to somebody who knows nothing of it.
pub(super) struct FirstRows {
    pub(super) container: Container,
    pub(super) delimiter: Option<char>,
    pub(super) rows: Vec<Vec<String>>,
    encoding: Option<Encoding>,
}

impl FirstRows {
    pub(super) fn of(
        opened: &Opened,
        delivery: &Delivery,
        key: &Key,
        limits: &Limits,
    ) -> Result<Self, Error> {
        if workbook::is_workbook(&opened.start) {
            let mut profile = blank();
            profile.container = Container::Workbook;
            let rows = sheets::first_rows(opened, delivery, &profile, key, limits)?;
            let container = Container::Workbook;
            return Ok(Self { container, delimiter: None, rows, encoding: None });
        }
        let (mut rows, mut delimiter) = first_look(opened, limits)?;
        if let Some(sign) = rows.first().and_then(|row| separator(row, delimiter)) {
            delimiter = sign;
            rows.remove(0);
        }
        let encoding = encoding(&opened.start);
        Ok(Self { container: Container::Csv, delimiter: Some(delimiter), rows, encoding })
    }

    pub(super) fn evidence<'a>(&'a self, known: &'a KnownHeaders) -> Evidence<'a> {
        Evidence {
            known,
            container: self.container,
            delimiter: self.delimiter,
            rows: &self.rows,
            // A number cell of a workbook has a point whatever its language; only a text shows a comma.
            decimal_comma: decimal_comma(&self.rows)
                .filter(|comma| *comma || self.container == Container::Csv),
            encoding: self.encoding,
        }
    }
}

impl FirstRows {
    /// Whether the profile would cut the file as these rows are.
    pub(super) fn is_cut_as(&self, profile: &ExportProfile) -> bool {
        self.container == profile.container
            && self.delimiter.is_none_or(|delimiter| delimiter == profile.csv.delimiter)
    }

    /// Whether the row, from 1, is a header and not the first of the answers.
    pub(super) fn has_header(&self, row: Option<u32>) -> bool {
        let at = row.map_or(0, |row| row.saturating_sub(1) as usize);
        let Some(header) = self.rows.get(at) else { return false };
        heads(header, &self.rows[at + 1..])
    }
}

/// Whether a row heads those below it: none of its texts comes back in its column or looks like an answer, and one of them
/// at least is of another kind than what stands below it, or a word for a column.
fn heads(header: &[String], below: &[Vec<String>]) -> bool {
    let below = &below[..below.len().min(ROWS_SEARCHED)];
    let mut says_so = false;
    for (place, text) in header.iter().enumerate() {
        let text = text.trim();
        let column = below.iter().filter_map(|row| row.get(place)).map(|cell| cell.trim());
        let column: Vec<&str> = column.filter(|cell| !cell.is_empty()).collect();
        if text.is_empty() {
            continue;
        }
        let has_digit = |text: &str| text.contains(|sign: char| sign.is_numeric());
        let alike = column.iter().filter(|cell| shape(cell) == shape(text)).count();
        let comes_back = column.iter().any(|cell| plain(cell) == plain(text));
        if comes_back || is_answer(text, true) || has_digit(text) && alike * 2 > column.len() {
            return false;
        }
        let figures = column.iter().filter(|cell| has_digit(cell) || is_answer(cell, true)).count();
        let is_other_kind =
            !has_digit(text) && !column.is_empty() && figures * 10 >= column.len() * 9;
        // `ID` above `TX` and `OH` is a state.
        let is_word = is_word_for_column(text) && alike * 2 <= column.len();
        says_so |= is_other_kind || is_word;
    }
    says_so
}

/// A question, a name with a number or an underscore in it, or a word that people put above columns.
fn is_word_for_column(text: &str) -> bool {
    const WORDS: [&str; 28] = [
        "id",
        "nr",
        "naam",
        "name",
        "datum",
        "date",
        "vraag",
        "question",
        "antwoord",
        "answer",
        "leeftijd",
        "age",
        "geslacht",
        "gender",
        "sex",
        "plaats",
        "woonplaats",
        "city",
        "regio",
        "region",
        "email",
        "e-mail",
        "oordeel",
        "toelichting",
        "opmerking",
        "opmerkingen",
        "comment",
        "kenmerk",
    ];
    let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    text.ends_with('?') || text.contains('_') || WORDS.contains(&first.trim_end_matches(':'))
}

/// The sign of a line `sep=;`, as it looks when it was cut at `delimiter`.
fn separator(row: &[String], delimiter: char) -> Option<char> {
    let line = row.join(&delimiter.to_string());
    let sign = line.trim().strip_prefix("sep=").or_else(|| line.trim().strip_prefix("SEP="))?;
    let mut signs = sign.chars();
    signs.next().filter(|_| signs.next().is_none())
}

/// Of the first bytes; none where they are plain ASCII.
fn encoding(start: &[u8]) -> Option<Encoding> {
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        return Some(Encoding::Utf16);
    }
    let end = start.iter().rposition(|byte| *byte == b'\n').unwrap_or(start.len());
    match std::str::from_utf8(&start[..end]) {
        Ok(text) if text.is_ascii() => None,
        Ok(_) => Some(Encoding::Utf8),
        Err(_) => Some(Encoding::Windows1252),
    }
}

/// More numbers with a comma than with a point; none where there are neither. Codes with commas between them (`1,2` beside
/// `1,2,3`) and thousands (`25,000`) are no numbers with a fraction.
pub(super) fn decimal_comma(rows: &[Vec<String>]) -> Option<bool> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let lists = |cell: &str, sign: char| {
        cell.matches(sign).count() > 1 && cell.split(sign).all(|part| is_digits(part.trim()))
    };
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let in_column = |place: usize| rows.iter().filter_map(move |row| row.get(place));
    let kept = |sign: char| {
        (0..width).filter(move |place| !in_column(*place).any(|cell| lists(cell.trim(), sign)))
    };
    let fits = |cell: &str, sign: char| {
        cell.split_once(sign).is_some_and(|(whole, fraction)| {
            let whole = whole.trim_start_matches('-');
            let may_be_thousands = fraction.len() == 3 && whole.len() <= 3 && whole != "0";
            is_digits(whole) && is_digits(fraction) && !may_be_thousands
        })
    };
    let count = |sign| {
        let cells = kept(sign).flat_map(in_column);
        cells.filter(|cell| fits(cell.trim(), sign)).count()
    };
    let (commas, points) = (count(','), count('.'));
    (commas + points > 0).then_some(commas > points)
}

/// Orders of day, month and year in which the texts are dates; of two that fit equally the one with the day first.
pub(super) fn date_orders(rows: &[Vec<String>]) -> Vec<DateOrder> {
    let count = |order| {
        let is_date = |cell: &&String| is_date(cell.trim().as_bytes(), &[order]);
        rows.iter().flatten().filter(is_date).count()
    };
    let counts = [DateOrder::Ymd, DateOrder::Dmy, DateOrder::Mdy].map(count);
    let mut orders = Vec::new();
    if counts[0] > 0 {
        orders.push(DateOrder::Ymd);
    }
    if counts[1].max(counts[2]) > 0 {
        orders.push(if counts[2] > counts[1] { DateOrder::Mdy } else { DateOrder::Dmy });
    }
    orders
}

/// The likeliest header rows, best first.
pub(super) fn header_candidates(rows: &[Vec<String>]) -> Vec<HeaderCandidate> {
    let classifier = Classifier::new(&ValueForms::default());
    let mut candidates: Vec<HeaderCandidate> = rows
        .iter()
        .take(ROWS_SEARCHED)
        .zip(1..)
        .filter_map(|(row, number)| {
            let filled: Vec<&str> =
                row.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
            let texts: BTreeSet<&str> = filled
                .iter()
                .copied()
                .filter(|cell| classifier.classify(cell.as_bytes()) == Class::Text)
                .collect();
            let percent = (texts.len() * 100).checked_div(filled.len())?;
            Some(HeaderCandidate {
                row: number,
                filled_cells: filled.len() as u32,
                distinct_text_percent: percent as u32,
            })
        })
        .collect();
    let widest = candidates.iter().map(|candidate| candidate.filled_cells).max().unwrap_or(0);
    let score = |candidate: &HeaderCandidate| {
        let at = candidate.row as usize - 1;
        let is_header = candidate.filled_cells * 2 >= widest && heads(&rows[at], &rows[at + 1..]);
        let cells = u64::from(candidate.filled_cells) * u64::from(candidate.distinct_text_percent);
        (is_header, cells)
    };
    candidates.sort_by(|left, right| score(right).cmp(&score(left)).then(left.row.cmp(&right.row)));
    candidates.truncate(3);
    candidates
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    fn rows(texts: &[&[&str]]) -> Vec<Vec<String>> {
        texts.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn the_likeliest_header_is_the_fullest_row_of_different_texts() {
        let rows =
            rows(&[&["Levering", "", ""], &["id", "leeftijd", "oordeel"], &["1", "44", "goed"]]);
        assert_eq!(header_candidates(&rows)[0].row, 2);
    }

    #[test]
    fn a_decimal_sign_is_decided_by_the_numbers_that_have_one() {
        assert_eq!(decimal_comma(&rows(&[&["1", "a"]])), None);
        assert_eq!(decimal_comma(&rows(&[&["1,5", "2,5", "3.5"]])), Some(true));
        assert_eq!(decimal_comma(&rows(&[&["1.5", "a,b"]])), Some(false));
        let codes = rows(&[&["1,2", "5"], &["2,3", "4"], &["1", "3"], &["1,2,3", "2"]]);
        assert_eq!(decimal_comma(&codes), None);
        assert_eq!(decimal_comma(&rows(&[&["25,000"], &["1,234"]])), None);
        assert_eq!(decimal_comma(&rows(&[&["0,123"]])), Some(true));
    }

    #[test]
    fn dates_are_proposed_in_the_order_in_which_they_are_dates() {
        assert_eq!(date_orders(&rows(&[&["31-12-2025", "x"]])), [DateOrder::Dmy]);
        assert_eq!(
            date_orders(&rows(&[&["12/31/2025"], &["2025-01-01"]])),
            [DateOrder::Ymd, DateOrder::Mdy]
        );
        assert!(date_orders(&rows(&[&["1"]])).is_empty());
    }

    #[test]
    fn a_separator_line_is_known_however_it_was_cut() {
        let check = |row: &[&str], delimiter, expected| {
            let row: Vec<String> = row.iter().map(|cell| (*cell).to_owned()).collect();
            assert_eq!(separator(&row, delimiter), expected);
        };
        check(&["sep=;"], ',', Some(';'));
        check(&["sep=", ""], ';', Some(';'));
        check(&["separator", "x"], ';', None);
    }
}

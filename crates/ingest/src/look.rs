//! A first look at an unknown file: its dialect, where its header may be, and what shapes its columns hold, never values.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use arrow::array::{Array, StringArray};
use serde::{Deserialize, Serialize};
use survey::config::ExportProfile;
use survey::config::export::{
    Container, CsvDialect, DateOrder, Encoding, Footer, HeaderRule, Personal, ValueForms,
    WorkbookChoice,
};
use survey::handoff::RawAbout;
use survey::{Class, Raw};

use crate::classify::Classifier;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::key::Key;
use crate::layout::find_header;
use crate::limits::Limits;
use crate::{csv, read_within, workbook};

/// What a file seems to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Look {
    pub about: RawAbout,
    pub delimiter: Option<char>,
    /// Known profiles whose id column stands in the first rows.
    pub recognised: Vec<String>,
    pub headers: Vec<HeaderCandidate>,
    pub columns: Vec<ColumnLook>,
    /// Text of a profile to begin with.
    pub profile: String,
    /// Rows of config/codebook/items.csv to begin with.
    pub items: String,
}

/// A row that may be the header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderCandidate {
    /// Row of the sheet or record of the file, from 1, blank ones counted.
    pub row: u32,
    pub filled_cells: u32,
    /// Percent of its filled cells that are text and differ from one another.
    pub distinct_text_percent: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnLook {
    pub position: u32,
    pub header: String,
    pub classes: [u64; 7],
    /// The commonest shapes with how often they occur: `9` a digit, `a` a letter, `…` more of the same.
    pub shapes: Vec<(String, u64)>,
    /// Different values, counted up to a hundred.
    pub distinct: u32,
    /// `number`, `date`, `category` or `text`.
    pub suggested_kind: String,
}

const DISTINCT_LIMIT: usize = 100;
const SHAPES_SHOWN: usize = 3;
const ROWS_SEARCHED: usize = 30;

/// Looks at a file without a profile; `known` are the profiles it may fit.
pub fn look(path: &Path, known: &[ExportProfile]) -> Result<Look, Error> {
    let limits = Limits::default();
    let delivery = Delivery::new("look", path);
    let opened = delivery.open(&limits)?;
    // Nothing is published: the key only has to be there.
    let key = Key::new(b"a key that hides nothing, for a first look")
        .map_err(|_| Error::EmptyFile { place: delivery.place() })?;
    let mut profile = blank_profile();
    let (rows, delimiter) = if workbook::is_workbook(&opened.start) {
        profile.container = Container::Workbook;
        (workbook::first_rows(&opened, &delivery, &profile, &key, &limits)?.1, None)
    } else {
        let (rows, dialect) = csv::first_look(&opened, &limits)?;
        profile.csv.delimiter = dialect;
        (rows, Some(dialect))
    };
    profile.values.decimal_comma = has_decimal_commas(&rows);
    let headers = header_candidates(&rows);
    let recognised = recognised(&rows, known, &profile);
    profile.header.first_row = Some(headers.first().map_or(1, |best| best.row));
    let raw = read_within(&delivery, &profile, &key, &limits)?;
    let columns = columns(&raw);
    let items = items(&columns);
    let text = profile_text(&profile, &columns);
    Ok(Look { about: raw.about, delimiter, recognised, headers, columns, profile: text, items })
}

fn blank_profile() -> ExportProfile {
    ExportProfile {
        profile: "look".to_owned(),
        label: String::new(),
        container: Container::Csv,
        id: Vec::new(),
        csv: CsvDialect { encoding: Encoding::Detect, ..CsvDialect::default() },
        workbook: WorkbookChoice::default(),
        header: HeaderRule::default(),
        values: ValueForms {
            date_orders: vec![DateOrder::Ymd, DateOrder::Dmy],
            ..ValueForms::default()
        },
        personal: Personal::default(),
        footer: Footer::default(),
        cut: Vec::new(),
    }
}

/// More numbers with a comma than with a point.
fn has_decimal_commas(rows: &[Vec<String>]) -> bool {
    let fits = |cell: &str, sign: char| {
        cell.split_once(sign).is_some_and(|(whole, fraction)| {
            let digits =
                |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits(whole.trim_start_matches('-')) && digits(fraction)
        })
    };
    let count = |sign| rows.iter().flatten().filter(|cell| fits(cell.trim(), sign)).count();
    count(',') > count('.')
}

/// The likeliest header rows, best first.
fn header_candidates(rows: &[Vec<String>]) -> Vec<HeaderCandidate> {
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
                .filter(|cell| classifier.classify(cell.as_bytes()).0 == Class::Text)
                .collect();
            let percent = (texts.len() * 100).checked_div(filled.len())?;
            Some(HeaderCandidate {
                row: number,
                filled_cells: filled.len() as u32,
                distinct_text_percent: percent as u32,
            })
        })
        .collect();
    let score = |candidate: &HeaderCandidate| {
        u64::from(candidate.filled_cells) * u64::from(candidate.distinct_text_percent)
    };
    candidates.sort_by(|left, right| score(right).cmp(&score(left)).then(left.row.cmp(&right.row)));
    candidates.truncate(3);
    candidates
}

fn recognised(rows: &[Vec<String>], known: &[ExportProfile], found: &ExportProfile) -> Vec<String> {
    let fits = |profile: &&ExportProfile| {
        profile.container == found.container
            && (profile.container == Container::Workbook
                || profile.csv.delimiter == found.csv.delimiter)
            && find_header(rows, profile).is_some()
    };
    known.iter().filter(fits).map(|profile| profile.profile.clone()).collect()
}

fn columns(raw: &Raw) -> Vec<ColumnLook> {
    raw.about
        .columns
        .iter()
        .filter_map(|column| {
            let cells = raw.table.column_by_name(&format!("v{}", column.position))?;
            let cells = cells.as_any().downcast_ref::<StringArray>()?;
            let mut shapes: BTreeMap<String, u64> = BTreeMap::new();
            let mut distinct: BTreeSet<&str> = BTreeSet::new();
            for cell in
                (0..cells.len()).map(|row| cells.value(row)).filter(|cell| !cell.trim().is_empty())
            {
                *shapes.entry(shape(cell)).or_default() += 1;
                if distinct.len() < DISTINCT_LIMIT {
                    distinct.insert(cell);
                }
            }
            let distinct = distinct.len();
            let mut shapes: Vec<(String, u64)> = shapes.into_iter().collect();
            shapes.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
            shapes.truncate(SHAPES_SHOWN);
            let suggested_kind = suggested_kind(&column.classes, distinct).to_owned();
            Some(ColumnLook {
                position: column.position,
                header: column.header.clone(),
                classes: column.classes,
                shapes,
                distinct: distinct as u32,
                suggested_kind,
            })
        })
        .collect()
}

/// `jan.s@example.org` is `aaa.a@a….aaa`.
fn shape(cell: &str) -> String {
    const SHOWN: usize = 4;
    let mut shape = String::new();
    let (mut last, mut run) = ('\0', 0);
    for sign in cell.chars().take(200) {
        let sign = match sign {
            digit if digit.is_numeric() => '9',
            letter if letter.is_alphabetic() => 'a',
            space if space.is_whitespace() => ' ',
            other => other,
        };
        run = if sign == last { run + 1 } else { 1 };
        last = sign;
        match run {
            1..=SHOWN => shape.push(sign),
            5 => shape.push('…'),
            _ => {}
        }
    }
    let shown: String = shape.chars().take(40).collect();
    if shown.len() < shape.len() { format!("{shown}…") } else { shown }
}

fn suggested_kind(classes: &[u64; 7], distinct: usize) -> &'static str {
    let filled: u64 = crate::assemble::filled(classes);
    let share = |class: Class| classes[class as usize] * 10 >= filled * 9;
    if filled == 0 {
        "text"
    } else if share(Class::Date) {
        "date"
    } else if distinct <= 12 {
        "category"
    } else if share(Class::Number) {
        "number"
    } else {
        "text"
    }
}

fn profile_text(profile: &ExportProfile, columns: &[ColumnLook]) -> String {
    let first = columns.first().map_or("", |column| column.header.as_str());
    let mut text = String::from("# a proposal: look at every line\nlabel = \"…\"\n");
    let container = if profile.container == Container::Csv { "csv" } else { "workbook" };
    let _ = write!(text, "container = \"{container}\"\nid = [{first:?}]\n");
    if profile.container == Container::Csv {
        let _ = write!(
            text,
            "\n[csv]\ndelimiter = {:?}\nencoding = \"detect\"\n",
            profile.csv.delimiter.to_string()
        );
    }
    let _ = write!(
        text,
        "\n[values]\ndecimal_comma = {}\ndate_orders = [\"ymd\", \"dmy\"]\n",
        profile.values.decimal_comma
    );
    text
}

fn items(columns: &[ColumnLook]) -> String {
    let mut text = String::from("concept,column,occurrence,kind\n");
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for column in columns {
        let occurrence = seen.entry(&column.header).or_default();
        *occurrence += 1;
        let plain =
            |sign: char| if sign.is_ascii_alphanumeric() { sign.to_ascii_lowercase() } else { '_' };
        let concept: String = column.header.chars().map(plain).take(40).collect();
        let quoted = column.header.replace('"', "\"\"");
        let _ = writeln!(text, "{concept},\"{quoted}\",{occurrence},{}", column.suggested_kind);
    }
    text
}

/// The look as a page to read.
pub fn look_text(look: &Look) -> String {
    let mut page = crate::receipt::receipt_text(&look.about);
    let _ = writeln!(page, "\nA first look: shapes, never values (9 a digit, a a letter)");
    let recognised = if look.recognised.is_empty() {
        "no known profile fits".to_owned()
    } else {
        look.recognised.join(", ")
    };
    let _ = writeln!(page, "  known profiles that fit: {recognised}");
    for candidate in &look.headers {
        let HeaderCandidate { row, filled_cells, distinct_text_percent } = candidate;
        let _ = writeln!(
            page,
            "  header perhaps in row {row}: {filled_cells} cells, {distinct_text_percent} % distinct texts"
        );
    }
    for column in &look.columns {
        let shapes: Vec<String> =
            column.shapes.iter().map(|(shape, count)| format!("{shape} ×{count}")).collect();
        let more = if column.distinct as usize >= DISTINCT_LIMIT { "or more " } else { "" };
        let _ = writeln!(
            page,
            "  {:?}: {}, {} {more}different: {}",
            column.header,
            column.suggested_kind,
            column.distinct,
            shapes.join(" | ")
        );
    }
    let _ = write!(
        page,
        "\nProfile to begin with\n{}\nItems to begin with\n{}",
        look.profile, look.items
    );
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_shows_no_letter_and_no_digit_of_the_value() {
        let check = |cell: &str, expected: &str| assert_eq!(shape(cell), expected);
        check("jan.s@example.org", "aaa.a@aaaa….aaa");
        check("1234 AB", "9999 aa");
        check("0612345678", "9999…");
        check("é٣", "a9");
    }

    #[test]
    fn the_likeliest_header_is_the_fullest_row_of_different_texts() {
        let rows: Vec<Vec<String>> =
            [&["Levering", "", ""][..], &["id", "leeftijd", "oordeel"], &["1", "44", "goed"]]
                .iter()
                .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
                .collect();
        assert_eq!(header_candidates(&rows)[0].row, 2);
    }
}

//! Which producer a file looks like: every known profile is tried on its first rows, with the reasons.

use config::ExportProfile;
use config::export::{Container, Encoding};
use serde::{Deserialize, Serialize};
use survey::Class;
use survey::header::visible;

use crate::classify::Classifier;
use crate::header::{Found, KnownHeaders, Search, Unrecognised};
use crate::layout::{header_text, id_places};
use crate::names::is_like;
use crate::why::Why;

/// A known profile, and what speaks for and against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub profile: String,
    pub label: String,
    /// The file can be read by it; the others are tried in vain.
    pub fits: bool,
    /// Points for less points against; only the order of profiles means anything.
    pub score: i32,
    /// Row of the header's first row, from 1.
    pub header_row: Option<u32>,
    pub reasons_for: Vec<String>,
    pub reasons_against: Vec<String>,
}

/// What is known of a file before anybody says how to read it.
pub(super) struct Evidence<'a> {
    pub(super) container: Container,
    pub(super) delimiter: Option<char>,
    pub(super) rows: &'a [Vec<String>],
    /// None where no number has a fraction.
    pub(super) decimal_comma: Option<bool>,
    /// None where plain ASCII leaves it open.
    pub(super) encoding: Option<Encoding>,
    pub(super) known: &'a KnownHeaders,
}

const A_SIGN: i32 = 12;
const MOST_SIGNS: usize = 4;
const A_MISFIT: i32 = -15;

/// Most points a header that starts in the first row that could be it.
const HEADER_FOUND: i32 = 20;

/// All known profiles, the likeliest first; those that do not fit come last, by name.
pub(super) fn candidates(evidence: &Evidence<'_>, known: &[&ExportProfile]) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> =
        known.iter().map(|profile| Trial::new(evidence, profile).judge()).collect();
    candidates.sort_by(|left, right| {
        (right.fits, right.score)
            .cmp(&(left.fits, left.score))
            .then_with(|| left.profile.cmp(&right.profile))
    });
    candidates
}

struct Trial<'a> {
    evidence: &'a Evidence<'a>,
    profile: &'a ExportProfile,
    score: i32,
    reasons_for: Vec<String>,
    reasons_against: Vec<String>,
}

impl<'a> Trial<'a> {
    fn new(evidence: &'a Evidence<'a>, profile: &'a ExportProfile) -> Self {
        Self { evidence, profile, score: 0, reasons_for: Vec::new(), reasons_against: Vec::new() }
    }

    fn add(&mut self, points: i32, reason: String) {
        self.score += points;
        if points < 0 { &mut self.reasons_against } else { &mut self.reasons_for }.push(reason);
    }

    fn judge(mut self) -> Candidate {
        let header = self.readable();
        if let Some(first) = header {
            self.signs(first);
            self.header_rows(first);
            self.values();
        }
        Candidate {
            profile: self.profile.profile.clone(),
            label: self.profile.label.clone(),
            fits: header.is_some(),
            score: self.score,
            header_row: header.map(|first| first as u32 + 1),
            reasons_for: self.reasons_for,
            reasons_against: self.reasons_against,
        }
    }

    /// Place of the header's first row, where container, delimiter and id column are as the profile says.
    fn readable(&mut self) -> Option<usize> {
        let Evidence { container, delimiter, rows, .. } = *self.evidence;
        let profile = self.profile;
        if profile.container != container {
            let reads = match profile.container {
                Container::Csv => "it reads delimited text, and this is a workbook",
                Container::Workbook => "it reads workbooks, and this is delimited text",
            };
            self.add(A_MISFIT, reads.to_owned());
            return None;
        }
        if let Some(delimiter) = delimiter.filter(|found| *found != profile.csv.delimiter) {
            let (found, expected) =
                (delimiter.escape_default(), profile.csv.delimiter.escape_default());
            self.add(A_MISFIT, format!("its delimiter is `{expected}`, the file's `{found}`"));
            return None;
        }
        if profile.id.is_empty() && !self.has_sign_of_its_own() {
            let reason =
                "it has no id column, and nothing in the first row is specific to its producer";
            self.add(A_MISFIT, reason.to_owned());
            return None;
        }
        let search = Search { profile, known: self.evidence.known };
        let first = match search.among(rows, true) {
            Found::At(first) => first,
            Found::Unrecognised(Unrecognised { first, why }) => {
                self.add(A_MISFIT, against(first, &why, profile));
                return None;
            }
            Found::More | Found::Nowhere => {
                self.add(A_MISFIT, "none of its id columns is in the first rows".to_owned());
                return None;
            }
        };
        let naming = first + profile.header.name_row.max(1) as usize - 1;
        let id = rows.get(naming).and_then(|row| {
            let place = *id_places(row, &[], profile).first()?;
            row.get(place).map(|text| header_text(text, profile))
        });
        if let Some(id) = id {
            let reason = format!("id column `{}` in row {}", visible(id), naming + 1);
            self.add(HEADER_FOUND, reason);
        }
        Some(first)
    }

    /// Whether the row that the profile names as its header holds a text that only its producer writes.
    fn has_sign_of_its_own(&self) -> bool {
        let row = self.profile.header.first_row.map_or(0, |row| row.saturating_sub(1) as usize);
        let row = self.evidence.rows.get(row).into_iter().flatten();
        row.into_iter().any(|text| self.profile.signs.iter().any(|sign| is_like(text.trim(), sign)))
    }

    /// Texts that only this producer writes, its personal columns and those by which it cuts rows.
    fn signs(&mut self, first: usize) {
        let profile = self.profile;
        let header: Vec<&str> = self.evidence.rows[first..]
            .iter()
            .take(profile.header.rows as usize)
            .flatten()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
            .collect();
        // Some tools write the producer's JSON with the other quotation mark.
        let there = |sign: &&String| {
            header
                .iter()
                .any(|text| is_like(text, sign) || is_like(&text.replace('\'', "\""), sign))
        };
        let found: Vec<&String> = profile.signs.iter().filter(there).collect();
        let names: Vec<String> =
            found.iter().take(MOST_SIGNS).map(|sign| format!("`{sign}`")).collect();
        if !found.is_empty() {
            let reason = format!("texts specific to its producer: {}", names.join(", "));
            self.add(A_SIGN * found.len().min(MOST_SIGNS) as i32, reason);
        } else if !profile.signs.is_empty() {
            let reason = "nothing in the header is specific to its producer".to_owned();
            self.add(A_MISFIT, reason);
        }
        if let Some(end) = &profile.header.name_until {
            let with = header.iter().filter(|text| text.contains(end.as_str())).count();
            if with * 2 >= header.len() {
                self.add(2 * A_SIGN, format!("headings are cut at `{end}`"));
            } else {
                self.add(A_MISFIT, format!("headings have no `{end}` after a code"));
            }
        }
        let lower = |text: &str| text.trim().to_lowercase();
        let personal = profile
            .personal
            .columns
            .iter()
            .filter(|column| header.iter().any(|text| lower(text) == lower(column)));
        match personal.count() {
            0 => {}
            1 => self.add(3, "one of its personal columns".to_owned()),
            many => self.add(3 * many.min(4) as i32, format!("{many} of its personal columns")),
        }
    }

    /// Whether there are as many header rows as the profile says.
    fn header_rows(&mut self, first: usize) {
        let rows = self.evidence.rows;
        let stated = self.profile.header.rows as usize;
        let classifier = Classifier::new(&self.profile.values);
        let numbers = |row: &Vec<String>| {
            row.iter()
                .filter(|text| {
                    matches!(classifier.classify(text.as_bytes()), Class::Number | Class::Date)
                })
                .count()
        };
        let filled = |row: &Vec<String>| row.iter().filter(|text| !text.trim().is_empty()).count();
        let header = &rows[first..rows.len().min(first + stated)];
        let as_data = header.iter().filter(|row| numbers(row) * 4 > filled(row)).count();
        let naming = header.get(self.profile.header.name_row.max(1) as usize - 1);
        let width = naming.map_or(0, filled);
        let is_joined = self.profile.header.join_row.is_some();
        let sparse = header.iter().filter(|row| !is_joined && filled(row) * 2 < width).count();
        if as_data > 0 {
            self.add(A_MISFIT, format!("{as_data} of its {stated} header rows hold numbers"));
        } else if sparse > 0 {
            self.add(A_MISFIT, format!("{sparse} of its {stated} header rows are almost empty"));
        } else if stated > 1 {
            self.add(5, format!("{stated} header rows without numbers"));
        }
        let data: Vec<&Vec<String>> = rows[(first + stated).min(rows.len())..]
            .iter()
            .filter(|row| filled(row) > 0)
            .take(5)
            .collect();
        if let [below, rest @ ..] = data.as_slice()
            && !rest.is_empty()
            && numbers(below) == 0
            && rest.iter().all(|row| numbers(row) > 0)
        {
            let reason = "the row below its header looks like another header row".to_owned();
            self.add(A_MISFIT, reason);
        }
        if self.profile.header.fill_right {
            self.filled_to_the_right(header);
        }
    }

    /// A text above its first column only, options below.
    fn filled_to_the_right(&mut self, header: &[Vec<String>]) {
        let rule = &self.profile.header;
        let row = |number: u32| header.get(number.max(1) as usize - 1);
        let (Some(upper), Some(lower)) = (row(rule.name_row), rule.join_row.and_then(row)) else {
            return;
        };
        let text =
            |row: &[String], at: usize| row.get(at).map_or("", |text| text.trim()).to_owned();
        let width = upper.len().max(lower.len());
        let gaps = (0..width)
            .filter(|at| text(upper, *at).is_empty() && !text(lower, *at).is_empty())
            .count();
        if gaps > 0 {
            self.add(A_SIGN, format!("{gaps} options whose question is to their left"));
        }
    }

    fn values(&mut self) {
        let profile = self.profile;
        if let Some(comma) = self.evidence.decimal_comma {
            let sign = |comma: bool| if comma { "comma" } else { "point" };
            let found = sign(comma);
            if comma == profile.values.decimal_comma {
                self.add(4, format!("numbers with a decimal {found}"));
            } else {
                let expected = sign(profile.values.decimal_comma);
                self.add(
                    -8,
                    format!("numbers with a decimal {found}, where it expects a {expected}"),
                );
            }
        }
        let declared = profile.csv.encoding;
        if let Some(found) = self.evidence.encoding
            && profile.container == Container::Csv
            && declared != Encoding::Detect
        {
            if declared == found {
                self.add(4, format!("encoded as {}", encoding_name(found)));
            } else {
                let (found, expected) = (encoding_name(found), encoding_name(declared));
                self.add(A_MISFIT, format!("encoded as {found}, where it expects {expected}"));
            }
        }
    }
}

/// Why rows are not the header of a profile.
fn against(first: usize, why: &Why, profile: &ExportProfile) -> String {
    let row = first + 1;
    match why {
        Why::Rows(rows) => {
            let found = rows.iter().filter(|recognised| **recognised).count();
            format!("{found} of its {} header rows are recognised from row {row} on", rows.len())
        }
        Why::OneMore => format!(
            "the row below its {} header rows looks like another header row",
            profile.header.rows
        ),
        Why::RowAbove(_) => {
            format!("above row {row}, where its header may be, there are rows that are as full")
        }
    }
}

pub(super) fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Detect => "detect",
        Encoding::Utf8 => "utf-8",
        Encoding::Utf16 => "utf-16",
        Encoding::Windows1252 => "windows-1252",
        Encoding::Latin1 => "latin-1",
    }
}

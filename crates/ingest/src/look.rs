//! A first look at an unknown file: its producer, where its header is, what its columns hold in shapes, and what to begin with.

use std::collections::BTreeSet;
use std::io;

use arrow::array::AsArray;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use config::ExportProfile;
use config::export::{
    Container, CsvDialect, Encoding, Footer, HeaderRule, Personal, SheetChoice, ValueForms,
    WorkbookChoice,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use survey::codebook::Codebook;
use survey::handoff::{RawAbout, Treatment};
use survey::{Class, Finding, Raw};

use crate::batches::Batches;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::first_rows::{
    FirstRows, HeaderCandidate, date_orders, decimal_comma, header_candidates,
};
use crate::header::{Found as Header, KnownHeaders, Search};
use crate::key::Key;
use crate::limits::Limits;
use crate::personal::is_personal_header;
use crate::propose::{
    ConceptMatch, Found, Nearest, Outside, codebook_rows, mark_outside, nearest, profile_text,
};
use crate::read_in_batches;
use crate::recognise::{Candidate, candidates};
use crate::second_reader::{SecondReading, read_twice};
use crate::shape::{Options, Shapes, most_distinct};

/// What the file may be held against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    pub profiles: &'a [&'a ExportProfile],
    pub codebook: Option<&'a Codebook>,
    /// Whether a workbook is read by calamine too, which holds all of it.
    pub read_twice: bool,
}

/// What a file seems to be; headers and shapes, never a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Look {
    #[serde(flatten)]
    pub about: RawAbout,
    pub findings: Vec<Finding>,
    pub delimiter: Option<char>,
    pub read_by: ReadBy,
    /// Every known profile, the likeliest first.
    pub candidates: Vec<Candidate>,
    pub headers: Vec<HeaderCandidate>,
    pub looks: Vec<ColumnLook>,
    /// Different values of a column are counted up to this.
    pub distinct_up_to: u32,
    pub nearest: Option<Nearest>,
    /// What a second reader has at its cells, where that was asked for.
    pub second_reading: Option<SecondReading>,
    /// Text of a profile to begin with.
    pub profile_proposal: String,
    /// Rows of config/codebook/items.csv to begin with.
    pub items_proposal: String,
    /// Rows of config/codebook/concepts.csv for the new concepts among them.
    pub concepts_proposal: String,
}

/// How the profile was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadBy {
    AskedFor,
    Recognised,
    /// No profile: by what the file itself shows.
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnLook {
    pub position: u32,
    pub header: String,
    pub occurrence: u32,
    pub treatment: Treatment,
    pub classes: [u64; 7],
    /// The commonest shapes with how often they occur: `9` a digit, `A` and `a` letters, `…` more of the same.
    pub shapes: Vec<(String, u64)>,
    /// Where its cells hold several answers each.
    pub options: Option<Options>,
    /// Different values, counted up to `distinct_up_to`.
    pub distinct: u32,
    /// `number`, `date`, `category` or `text`.
    pub suggested_kind: String,
    /// `id`, `personal` or nothing.
    pub looks_like: String,
    pub concept: Option<ConceptMatch>,
    /// Where its header is known and its values are not.
    pub outside: Option<Outside>,
}

/// Values of a category at most.
const MOST_ANSWERS: usize = 12;

/// Looks at a file by a profile or, without one, by the known profile that fits best, or by what it shows itself.
pub fn look(
    delivery: &Delivery,
    known: &Known<'_>,
    profile: Option<&ExportProfile>,
) -> Result<Look, Error> {
    look_within(delivery, known, profile, &Limits::default())
}

/// The same within limits.
pub fn look_within(
    delivery: &Delivery,
    known: &Known<'_>,
    profile: Option<&ExportProfile>,
    limits: &Limits,
) -> Result<Look, Error> {
    let opened = delivery.open(limits)?;
    let key = look_key(delivery)?;
    let first = FirstRows::of(&opened, delivery, &key, limits)?;
    let nothing = KnownHeaders::nothing();
    let mut candidates = candidates(&first.evidence(&nothing), known.profiles);
    let headers = header_candidates(&first.rows);
    let blank = blank_profile(&first, &headers);
    let trial = Trial { delivery, key: &key, limits, first: &first };
    let (used, read_by, (mut raw, cells)) = if let Some(asked) = profile {
        (asked, ReadBy::AskedFor, trial.read_as_asked(asked)?)
    } else if let Some((used, read)) = trial.read_by_any(&mut candidates, known.profiles) {
        (used, ReadBy::Recognised, read)
    } else {
        (&blank, ReadBy::Nothing, trial.read(&blank, KnownHeaders::any_row())?)
    };
    if read_by == ReadBy::Nothing && !first.has_header(blank.header.first_row) {
        hide_header(&mut raw.about);
    }
    let nearest = known.codebook.and_then(|codebook| nearest(&raw.about, codebook));
    let mut looks = columns(&raw.about, &cells, known);
    let distinct_up_to = most_distinct(raw.table.num_columns() / 2) as u32;
    let rows = codebook_rows(&raw.about, &mut looks, known.codebook, nearest.as_ref());
    if let (Some(codebook), Some(nearest)) = (known.codebook, &nearest) {
        mark_outside(&mut looks, &cells, codebook, nearest);
    }
    let visible = raw.about.sheets.iter().filter(|(_, visibility)| visibility == "visible");
    let found = Found {
        profile: &blank,
        header_row: blank.header.first_row.unwrap_or(1),
        header_rows: 1,
        date_orders: date_orders(&first.rows),
        sheets_visible: visible.count(),
        sheet: raw.about.sheet.as_deref(),
    };
    let profile_proposal = profile_text(&found, &looks);
    let twice = known.read_twice && used.container == Container::Workbook;
    let second_reading = twice.then(|| read_twice(delivery, used, &key, limits)).transpose()?;
    Ok(Look {
        about: raw.about,
        findings: raw.findings,
        delimiter: first.delimiter,
        read_by,
        candidates,
        headers,
        looks,
        distinct_up_to,
        nearest,
        second_reading,
        profile_proposal,
        items_proposal: rows.items,
        concepts_proposal: rows.concepts,
    })
}

/// Readings of a file by one profile or another.
struct Trial<'a> {
    delivery: &'a Delivery,
    key: &'a Key,
    limits: &'a Limits,
    first: &'a FirstRows,
}

impl Trial<'_> {
    fn read(
        &self,
        profile: &ExportProfile,
        headers: KnownHeaders,
    ) -> Result<(Raw, CellShapes), Error> {
        let delivery = Delivery { headers, ..self.delivery.clone() };
        let mut cells = CellShapes::default();
        let raw = read_in_batches(&delivery, profile, self.key, self.limits, &mut cells)?;
        Ok((raw, cells))
    }

    /// A row that is like those below it is no header, whatever the profile says.
    fn read_as_asked(&self, profile: &ExportProfile) -> Result<(Raw, CellShapes), Error> {
        let known = KnownHeaders::nothing();
        let search = Search { profile, known: &known };
        if self.first.is_cut_as(profile)
            && let Header::Unrecognised(found) = search.among(&self.first.rows, true)
        {
            return Err(search.not_recognised(self.delivery.place(), found));
        }
        self.read(profile, known.clone())
    }

    /// By the likeliest profile that can read it; those that cannot say why.
    fn read_by_any<'a>(
        &self,
        candidates: &mut [Candidate],
        profiles: &[&'a ExportProfile],
    ) -> Option<(&'a ExportProfile, (Raw, CellShapes))> {
        for candidate in candidates.iter_mut().filter(|candidate| candidate.fits) {
            let known = profiles.iter().find(|known| known.profile == candidate.profile);
            let Some(profile) = known.filter(|_| candidate.score > 0) else { continue };
            match self.read(profile, KnownHeaders::nothing()) {
                Ok(read) => return Some((profile, read)),
                Err(error) => {
                    let text = error.to_string();
                    let place = format!("{}: ", self.delivery.place());
                    let text = text.strip_prefix(&place).unwrap_or(&text);
                    let reason = text.lines().next().unwrap_or_default();
                    candidate.reasons_against.push(format!("it cannot read the file: {reason}"));
                    candidate.fits = false;
                }
            }
        }
        None
    }
}

/// The first rows of a file as they stand in it, blank ones left out, each with its number: for somebody who may see answers.
pub fn first_rows(
    delivery: &Delivery,
    limits: &Limits,
    most: usize,
) -> Result<Vec<(u32, Vec<String>)>, Error> {
    let opened = delivery.open(limits)?;
    let first = FirstRows::of(&opened, delivery, &look_key(delivery)?, limits)?;
    let rows = (1..).zip(first.rows);
    let is_filled = |row: &[String]| row.iter().any(|text| !text.trim().is_empty());
    Ok(rows.filter(|(_, row)| is_filled(row)).take(most).collect())
}

/// Nothing is published: the key only has to be there.
fn look_key(delivery: &Delivery) -> Result<Key, Error> {
    Key::new(b"a key that hides nothing, for a first look")
        .map_err(|_| Error::EmptyFile { place: delivery.place() })
}

pub(crate) fn blank() -> ExportProfile {
    ExportProfile {
        profile: "none".to_owned(),
        label: String::new(),
        container: Container::Csv,
        id: Vec::new(),
        record_number_as_id: false,
        signs: Vec::new(),
        csv: CsvDialect { encoding: Encoding::Detect, ..CsvDialect::default() },
        workbook: WorkbookChoice { sheet: SheetChoice::FirstVisible },
        header: HeaderRule::default(),
        values: ValueForms::default(),
        personal: Personal::default(),
        footer: Footer::default(),
        cut: Vec::new(),
    }
}

/// A profile of what the file shows.
fn blank_profile(first: &FirstRows, headers: &[HeaderCandidate]) -> ExportProfile {
    let mut profile = blank();
    profile.container = first.container;
    profile.csv.delimiter = first.delimiter.unwrap_or(',');
    profile.values.decimal_comma = decimal_comma(&first.rows).unwrap_or(false);
    profile.values.date_orders = date_orders(&first.rows);
    profile.header.first_row = Some(headers.first().map_or(1, |best| best.row));
    profile
}

/// A row that is not known to be a header may be somebody's answers: none of it is shown.
fn hide_header(about: &mut RawAbout) {
    for (column, occurrence) in about.columns.iter_mut().zip(1..) {
        column.header.clear();
        column.header_rows.clear();
        column.occurrence = occurrence;
    }
    let row = about.header_row;
    about.notes.push(format!("row {row} looks like answers and is not shown: is there a header? `peil ingest FILE --show-header` shows it to somebody who may see it"));
}

/// The shapes of all columns, while their cells pass.
#[derive(Debug, Default)]
pub(crate) struct CellShapes {
    /// By place in the table; none for a column that holds no texts.
    columns: Vec<(String, Shapes)>,
}

impl Batches for CellShapes {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        let most = most_distinct(schema.fields().len() / 2);
        let fields = schema.fields().iter();
        self.columns = fields.map(|field| (field.name().clone(), Shapes::new(most))).collect();
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        self.columns.par_iter_mut().zip(batch.columns()).for_each(|((_, shapes), cells)| {
            let texts = cells.as_string_opt::<i32>();
            texts.into_iter().flatten().flatten().for_each(|text| shapes.add(text));
        });
        Ok(())
    }
}

impl CellShapes {
    pub(crate) fn of(&self, position: u32) -> Option<&Shapes> {
        let name = survey::columns::text(position);
        self.columns.iter().find(|(column, _)| *column == name).map(|(_, shapes)| shapes)
    }
}

fn columns(about: &RawAbout, cells: &CellShapes, known: &Known<'_>) -> Vec<ColumnLook> {
    let personal: BTreeSet<String> = known
        .profiles
        .iter()
        .flat_map(|profile| &profile.personal.columns)
        .map(|column| column.to_lowercase())
        .collect();
    let ids: BTreeSet<&str> =
        known.profiles.iter().flat_map(|profile| &profile.id).map(String::as_str).collect();
    let nothing = Shapes::new(0);
    let mut columns: Vec<ColumnLook> = about
        .columns
        .iter()
        .map(|column| {
            let seen = cells.of(column.position).unwrap_or(&nothing);
            let is_personal = column.treatment == Treatment::DroppedPersonal
                || personal.contains(&column.header.trim().to_lowercase())
                || is_personal_header(&column.header)
                || seen.addresses * 2 > seen.filled;
            let is_id = column.treatment == Treatment::Pseudonymised
                || ids.contains(column.header.as_str());
            let looks_like = match (is_id, is_personal) {
                (true, _) => "id",
                (_, true) => "personal",
                _ => "",
            };
            let hidden = column.treatment != Treatment::Kept;
            let kind = suggested_kind(&column.classes, seen.distinct(), seen.filled);
            ColumnLook {
                position: column.position,
                header: column.header.clone(),
                occurrence: column.occurrence,
                treatment: column.treatment,
                classes: column.classes,
                suggested_kind: kind.to_owned(),
                shapes: if hidden { Vec::new() } else { seen.commonest() },
                options: seen.options().filter(|_| !hidden),
                distinct: seen.distinct() as u32,
                looks_like: looks_like.to_owned(),
                concept: None,
                outside: None,
            }
        })
        .collect();
    guess_id(&mut columns, about.rows_out);
    columns
}

/// Without a known id the first column of as many different values as there are rows.
fn guess_id(columns: &mut [ColumnLook], rows: u64) {
    if columns.iter().any(|column| column.looks_like == "id") || rows < 2 {
        return;
    }
    let unique = columns.iter_mut().find(|column| {
        u64::from(column.distinct) == rows
            && column.classes[Class::Date as usize] == 0
            && column.looks_like.is_empty()
    });
    if let Some(unique) = unique {
        "id".clone_into(&mut unique.looks_like);
    }
}

fn suggested_kind(classes: &[u64; 7], distinct: usize, filled: u64) -> &'static str {
    let all = crate::assemble::filled(classes);
    let share = |class: Class| classes[class as usize] * 10 >= all * 9;
    if filled == 0 {
        "text"
    } else if share(Class::Date) {
        "date"
    } else if distinct <= MOST_ANSWERS && (distinct as u64) * 2 <= filled.max(4) {
        "category"
    } else if share(Class::Number) {
        "number"
    } else {
        "text"
    }
}

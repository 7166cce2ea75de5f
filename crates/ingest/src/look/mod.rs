//! A first look at an unknown file: its producer, where its header is, what its columns hold in shapes, and what to begin with.

mod blank;
mod cell_shapes;
mod column;
mod delimiter;
mod first_rows;
mod known;
mod options;
mod outcome;
mod personal;
mod propose;
mod recognise;
mod report;
mod shapes;
mod trial;

use config::ExportProfile;
use config::export::Container;
use survey::handoff::RawAbout;

use crate::delivery::Delivery;
use crate::error::Error;
use crate::header::KnownHeaders;
use crate::key::Key;
use crate::limits::Limits;
use crate::second_reader::read_twice;
use blank::blank;
pub use column::{ColumnLook, ConceptMatch, Nearest, Outside};
pub use first_rows::HeaderCandidate;
use first_rows::{FirstRows, date_orders, decimal_comma, header_candidates};
pub use known::Known;
pub use options::Options;
pub use outcome::{Look, ReadBy};
pub use propose::plain_letter;
use propose::{Found, codebook_rows, mark_outside, nearest, profile_text};
pub use recognise::Candidate;
use recognise::candidates;
pub use report::look_text;
use shapes::most_distinct;
use trial::Trial;

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
    let mut looks = column::columns(&raw.about, &cells, known);
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
    about.notes.push(format!("row {row} looks like answers and is not shown: is there a header? `peil ingest FILE --show-header` shows it"));
}

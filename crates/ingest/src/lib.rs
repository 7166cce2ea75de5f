//! Reads a delivery as it came: every cell as text with its class and address; nothing guessed, nothing lost.

mod annotate;
mod assemble;
mod batches;
mod chunk;
mod classify;
mod column;
mod csv;
mod date;
mod delivery;
mod error;
mod file;
mod findings;
mod first_rows;
mod header;
mod identifier;
mod key;
mod layout;
mod limits;
mod look;
mod look_text;
mod personal;
mod propose;
mod receipt;
mod recognise;
mod record_ids;
mod second_reader;
mod shape;
mod suggest;
mod table;
mod tally;
mod whole;
mod workbook;

pub use annotate::{Annotated, annotate};
pub use batches::Batches;
pub use delivery::Delivery;
pub use error::{Error, Kind, Place};
pub use file::{MinimumAge, open_file};
pub use first_rows::HeaderCandidate;
pub use header::{KnownHeaders, Why};
pub use key::{Key, SHORTEST_KEY_BYTES, WeakKey};
pub use limits::Limits;
pub use look::{ColumnLook, Known, Look, ReadBy, first_rows, look, look_within};
pub use look_text::look_text;
pub use propose::{ConceptMatch, Nearest, Outside, plain_letter};
pub use receipt::receipt_text;
pub use recognise::Candidate;
pub use second_reader::{Otherwise, SecondReading, read_twice};
pub use shape::Options;

use assemble::{Assembly, too_long};
use batches::Stream;
use config::ExportProfile;
use config::export::Container;
use file::Stamp;
use record_ids::RecordIds;
use survey::Raw;
use whole::AllRows;

/// Reads a delivery by its export profile, within the usual limits.
pub fn read(delivery: &Delivery, profile: &ExportProfile, key: &Key) -> Result<Raw, Error> {
    read_within(delivery, profile, key, &Limits::default())
}

/// Reads a delivery by its export profile, within limits.
pub fn read_within(
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
) -> Result<Raw, Error> {
    let mut rows = AllRows::default();
    match read_in_batches(delivery, profile, key, limits, &mut rows) {
        Err(Error::NotPassedOn { place, .. }) if rows.too_long => Err(too_long(&place)),
        Err(error) => Err(error),
        Ok(raw) => {
            let table = rows.table().ok_or_else(|| too_long(&delivery.place()))?;
            Ok(Raw { table, ..raw })
        }
    }
}

/// Reads a delivery and passes its rows on batch by batch; the hand-off is the one of `read`, its table without rows.
///
/// A file that is another one when it has been read is read once more; where that happens again it is refused.
pub fn read_in_batches(
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
    batches: &mut dyn Batches,
) -> Result<Raw, Error> {
    if !profile.record_number_as_id {
        return read_steady(delivery, profile, key, limits, batches);
    }
    let mut batches = RecordIds::new(key, batches);
    let raw = read_steady(delivery, profile, key, limits, &mut batches)?;
    Ok(batches.told(raw))
}

fn read_steady(
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
    batches: &mut dyn Batches,
) -> Result<Raw, Error> {
    for _ in 0..2 {
        let before = Stamp::of(delivery);
        let raw = read_as_it_lies(delivery, profile, key, limits, batches);
        let hash = raw.as_ref().ok().map(|raw| raw.about.blake3.as_str());
        if before.is_none_or(|before| before.holds(delivery, hash)) {
            let raw = raw?;
            delivery.check_rows(raw.about.rows_out)?;
            return Ok(raw);
        }
    }
    Err(Error::Changed { place: delivery.place() })
}

fn read_as_it_lies(
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
    batches: &mut dyn Batches,
) -> Result<Raw, Error> {
    let mut known = None;
    for _ in 0..2 {
        let mut learnt = None;
        let stream = Stream::new(batches, known, &mut learnt);
        let assembly = Assembly::new(limits, stream);
        let raw = read_into(delivery, profile, key, limits, assembly)?;
        if learnt.is_none() {
            return Ok(raw);
        }
        known = learnt;
    }
    Err(Error::Changed { place: delivery.place() })
}

fn read_into(
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
    assembly: Assembly<'_>,
) -> Result<Raw, Error> {
    let opened = delivery.open(limits)?;
    let rule = &profile.header;
    if rule.rows == 0
        || rule.name_row == 0
        || rule.name_row > rule.rows
        || rule.join_row.is_some_and(|row| row == 0 || row > rule.rows)
    {
        let what = "has no header row, or names one beyond them".to_owned();
        return Err(Error::Profile { place: opened.place, profile: profile.profile.clone(), what });
    }
    let mut raw = match profile.container {
        Container::Csv => csv::read(&opened, profile, key, limits, assembly),
        Container::Workbook => workbook::read(&opened, delivery, profile, key, limits, assembly),
    }?;
    key.id_space().clone_into(&mut raw.about.id_space);
    Ok(raw)
}

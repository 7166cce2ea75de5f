//! Reads a delivery as it came: every cell as text with its class and address; nothing guessed, nothing lost.

mod assemble;
mod chunk;
mod classify;
mod column;
mod csv;
mod date;
mod delivery;
mod error;
mod findings;
mod key;
mod layout;
mod limits;
mod look;
mod look_text;
mod propose;
mod receipt;
mod recognise;
mod shape;
mod suggest;
mod workbook;

pub use delivery::Delivery;
pub use error::{Error, Kind, Place};
pub use key::{Key, KeyTooShort, SHORTEST_KEY_BYTES};
pub use limits::Limits;
pub use look::{ColumnLook, HeaderCandidate, Known, Look, ReadBy, look};
pub use look_text::look_text;
pub use propose::{ConceptMatch, Nearest};
pub use receipt::receipt_text;
pub use recognise::Candidate;

use survey::Raw;
use survey::config::ExportProfile;
use survey::config::export::Container;

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
    match profile.container {
        Container::Csv => csv::read(&opened, profile, key, limits),
        Container::Workbook => workbook::read(&opened, delivery, profile, key, limits),
    }
}

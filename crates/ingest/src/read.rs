//! Reads a delivery by its export profile: whole, or batch by batch.

use config::ExportProfile;
use config::export::Container;
use survey::Raw;

use crate::all_rows::AllRows;
use crate::assemble::Assembly;
use crate::batches::{Batches, Stream};
use crate::delivery::Delivery;
use crate::error::{Error, too_long};
use crate::file::Stamp;
use crate::key::Key;
use crate::limits::Limits;
use crate::record_ids::RecordIds;
use crate::{delimited, sheets};

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
/// A file that changes while it is read is read once more, and refused where it changes again.
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
        let before = Stamp::of(&delivery.path);
        let raw = read_once(delivery, profile, key, limits, batches);
        let hash = raw.as_ref().ok().map(|raw| raw.about.blake3.as_str());
        if before.is_none_or(|before| before.holds(&delivery.path, hash)) {
            let raw = raw?;
            delivery.check_rows(raw.about.rows_out)?;
            return Ok(raw);
        }
    }
    Err(Error::Changed { place: delivery.place() })
}

fn read_once(
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
        let what = "has no header row, or names one that it does not have".to_owned();
        return Err(Error::Profile { place: opened.place, profile: profile.profile.clone(), what });
    }
    let mut raw = match profile.container {
        Container::Csv => delimited::read(&opened, profile, key, limits, assembly),
        Container::Workbook => sheets::read(&opened, delivery, profile, key, limits, assembly),
    }?;
    key.id_space().clone_into(&mut raw.about.id_space);
    Ok(raw)
}

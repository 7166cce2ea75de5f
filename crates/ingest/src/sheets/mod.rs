//! A workbook by its profile: which sheet is read, where its header is, and its rows.

mod choose;
mod merged;
mod open;
mod sink;
mod task;
mod unread;

use config::ExportProfile;
use survey::Raw;

use crate::assemble::Assembly;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::key::Key;
use crate::limits::Limits;
use crate::opened::Opened;
pub(crate) use open::{format_of, workbook};
use task::Task;

pub(crate) fn read(
    opened: &Opened,
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
    mut assembly: Assembly<'_>,
) -> Result<Raw, Error> {
    let task = Task { opened, delivery, profile, key, limits };
    let filled = task.fill(&mut assembly)?;
    task.finish(filled, assembly)
}

/// The first rows of the sheet that the profile chooses, where nothing is known of the header.
pub(crate) fn first_rows(
    opened: &Opened,
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
) -> Result<Vec<Vec<String>>, Error> {
    let headless = ExportProfile { id: Vec::new(), ..profile.clone() };
    let task = Task { opened, delivery, profile: &headless, key, limits };
    let filled = task.fill(&mut Assembly::of_no_rows(limits))?;
    Ok(filled.outcome.err().unwrap_or_default())
}

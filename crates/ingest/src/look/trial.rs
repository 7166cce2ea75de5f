//! Readings of a file by one profile or another.

use config::ExportProfile;
use survey::Raw;

use super::cell_shapes::CellShapes;
use super::first_rows::FirstRows;
use super::recognise::Candidate;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::header::{Found, KnownHeaders, Search};
use crate::key::Key;
use crate::limits::Limits;
use crate::read::read_in_batches;

/// Readings of a file by one profile or another.
pub(super) struct Trial<'a> {
    pub(super) delivery: &'a Delivery,
    pub(super) key: &'a Key,
    pub(super) limits: &'a Limits,
    pub(super) first: &'a FirstRows,
}

impl Trial<'_> {
    pub(super) fn read(
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
    pub(super) fn read_as_asked(
        &self,
        profile: &ExportProfile,
    ) -> Result<(Raw, CellShapes), Error> {
        let known = KnownHeaders::nothing();
        let search = Search { profile, known: &known };
        if self.first.is_cut_as(profile)
            && let Found::Unrecognised(found) = search.among(&self.first.rows, true)
        {
            return Err(search.not_recognised(self.delivery.place(), found));
        }
        self.read(profile, known.clone())
    }

    /// By the likeliest profile that can read it; those that cannot say why.
    pub(super) fn read_by_any<'a>(
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
                    let reason = error.fact();
                    candidate.reasons_against.push(format!("it cannot read the file: {reason}"));
                    candidate.fits = false;
                }
            }
        }
        None
    }
}

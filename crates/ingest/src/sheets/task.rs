//! Reads one sheet of a workbook, and looks at the others.

use config::ExportProfile;
use survey::handoff::RawAbout;
use survey::{Code, Finding, Raw, Severity};
use workbook::{Area, Row, Rows, Sheet, Workbook};

use super::choose::{Choice, Chosen};
use super::open::workbook;
use super::sink::{Full, Header, Sink};
use super::unread::{Others, unread_sheets};
use crate::assemble::{Assembly, Source};
use crate::delivery::Delivery;
use crate::error::{Error, Place};
use crate::findings::finding;
use crate::header::Search;
use crate::key::Key;
use crate::limits::Limits;
use crate::opened::Opened;

/// What reading a sheet needs.
pub(super) struct Task<'a> {
    pub(super) opened: &'a Opened,
    pub(super) delivery: &'a Delivery,
    pub(super) profile: &'a ExportProfile,
    pub(super) key: &'a Key,
    pub(super) limits: &'a Limits,
}

/// What was found in a sheet beside its rows, or those that were looked at in vain.
pub(super) struct Filled {
    place: Place,
    about: RawAbout,
    findings: Vec<Finding>,
    pub(super) outcome: Result<Header, Vec<Vec<String>>>,
    cells: u64,
}

impl Task<'_> {
    pub(super) fn fill(&self, assembly: &mut Assembly<'_>) -> Result<Filled, Error> {
        let mut workbook = workbook(self.opened, self.limits)?;
        let choice = Choice { delivery: self.delivery, profile: self.profile };
        let mut chosen = choice.chosen(self.opened, workbook.sheets(), workbook.notes())?;
        let mut filled = {
            let sheet = workbook.sheet(&chosen.name);
            let sheet = sheet.map_err(|error| self.broken_sheet(&chosen.place, error))?;
            let Sheet { used_range, hidden_columns, mut rows, merged } = sheet;
            chosen.about.used_range = used_range;
            chosen.hides(&hidden_columns);
            self.pour(chosen, &mut *rows, merged, assembly)?
        };
        self.look_at_others(&mut filled, &mut workbook, assembly);
        Ok(filled)
    }

    /// From a sheet to its rows, as far as they are looked at.
    fn pour(
        &self,
        chosen: Chosen,
        rows: &mut dyn Rows,
        find_merged: Box<dyn FnMut() -> Vec<Area> + '_>,
        assembly: &mut Assembly<'_>,
    ) -> Result<Filled, Error> {
        let Chosen { place, about, findings, .. } = chosen;
        let mut sink =
            Sink::new(self.search(), self.key, self.limits, &place, assembly, find_merged);
        let (mut row, mut bytes, limit) = (Row::default(), 0, self.limits.uncompressed_bytes);
        while rows.next(&mut row).map_err(|error| self.broken_sheet(&place, error))? {
            // A text that is held once may stand in every cell.
            bytes += row.bytes() as u64;
            if bytes > limit {
                return Err(self.limit("bytes of text", bytes, limit));
            }
            match sink.take(&row) {
                Ok(()) => {}
                Err(Full::NoHeader) => break,
                Err(full) => return Err(self.full(&place, full)),
            }
        }
        let cells = sink.cells;
        let outcome = sink.finish()?;
        Ok(Filled { place, about, findings, outcome, cells })
    }

    /// Where the delivery names its sheet, others are left alone on purpose.
    fn look_at_others(
        &self,
        filled: &mut Filled,
        workbook: &mut Workbook<'_>,
        assembly: &Assembly<'_>,
    ) {
        let Some(read) = assembly.header_names().filter(|_| self.delivery.sheet.is_none()) else {
            return;
        };
        let others = Others {
            search: self.search(),
            searched_rows: self.limits.header_search_rows,
            place: &filled.place,
            read: &read,
        };
        filled.findings.extend(unread_sheets(&others, workbook));
    }

    /// From the rows to the hand-off.
    pub(super) fn finish(&self, filled: Filled, assembly: Assembly<'_>) -> Result<Raw, Error> {
        let Filled { place, mut about, mut findings, outcome, cells } = filled;
        let Header { row, hidden_rows } = match outcome {
            Ok(done) => done,
            Err(rows) => return Err(self.no_header(place, &rows, cells)),
        };
        if hidden_rows > 0 {
            let words = [
                "hidden rows",
                "all rows visible",
                "kept",
                "unhide them and check whether they belong to the data",
            ];
            let mut hidden = finding(&place, Code::HiddenRows, Severity::Warning, words);
            hidden.count = hidden_rows;
            findings.push(hidden);
        }
        about.header_row = u64::from(row) + 1;
        let header_sheet_row = about.header_row;
        assembly.finish(Source { place, about, findings, header_sheet_row })
    }

    fn no_header(&self, place: Place, rows: &[Vec<String>], cells: u64) -> Error {
        if cells == 0 {
            return Error::NoRows { place, header_row: 0 };
        }
        self.search().refusal(place, rows, "")
    }

    fn search(&self) -> Search<'_> {
        Search { profile: self.profile, known: &self.delivery.headers }
    }

    fn full(&self, place: &Place, full: Full) -> Error {
        match full {
            Full::Cells => self.limit("cells", self.limits.cells + 1, self.limits.cells),
            Full::Rows(error) => *error,
            Full::Order(row) => {
                let what = format!("row {} does not come after the row before it", row + 1);
                Error::Damaged { place: place.clone(), what }
            }
            Full::NoHeader => self.no_header(place.clone(), &[], 1),
        }
    }

    /// A limit concerns the file, what is damaged the sheet.
    fn broken_sheet(&self, place: &Place, error: workbook::Error) -> Error {
        let is_limit = matches!(error, workbook::Error::Limit { .. });
        Error::of_workbook(if is_limit { &self.opened.place } else { place }, error)
    }

    fn limit(&self, what: &str, found: u64, limit: u64) -> Error {
        let what = what.to_owned();
        Error::of_workbook(&self.opened.place, workbook::Error::Limit { what, found, limit })
    }
}

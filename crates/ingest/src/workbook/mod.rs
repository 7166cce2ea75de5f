//! Workbooks: xlsx and xlsm row by row out of their XML, xlsb and xls out of their records, ods out of its content.

mod biff12;
mod biff8;
mod binary;
mod cell;
mod choose;
mod compound;
mod content;
mod copy;
mod file;
mod number;
mod ods;
mod ods_sheet;
pub(crate) mod parts;
mod row;
mod sheet;
mod sink;
mod unread;
mod xls;
mod xls_sheet;
mod xlsb;
mod xlsx;
pub(crate) mod xml;

use config::ExportProfile;
use survey::handoff::RawAbout;
use survey::{Finding, Raw, Severity};

use crate::assemble::{Assembly, Source};
use crate::delivery::{Delivery, Opened};
use crate::error::{Error, Place};
use crate::findings::finding;
use crate::header::Search;
use crate::key::Key;
use crate::limits::Limits;
use choose::Chosen;
pub(crate) use copy::{bytes_of_xlsx, sheets_of};
pub(crate) use file::is_workbook;
use file::{Input, Kind};
use row::Row;
use sheet::Rows;
use sink::{Full, Header, Merged, Sink};

/// What reading a sheet needs besides the file.
pub(crate) struct Task<'a> {
    input: Input<'a>,
    delivery: &'a Delivery,
    profile: &'a ExportProfile,
    key: &'a Key,
}

pub(crate) fn read(
    opened: &Opened,
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
    mut assembly: Assembly<'_>,
) -> Result<Raw, Error> {
    let task = Task { input: Input { opened, limits }, delivery, profile, key };
    let filled = task.fill(&mut assembly)?;
    task.finish(filled, assembly)
}

/// Sheets with their visibility, the chosen one, and its first rows: nothing is known of the header.
pub(crate) fn first_rows(
    opened: &Opened,
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
) -> Result<(RawAbout, Vec<Vec<String>>), Error> {
    let headless = ExportProfile { id: Vec::new(), ..profile.clone() };
    let task = Task { input: Input { opened, limits }, delivery, profile: &headless, key };
    let filled = task.fill(&mut Assembly::of_no_rows(limits))?;
    Ok((filled.about, filled.outcome.err().unwrap_or_default()))
}

/// What was found in a sheet beside its rows, or those that were looked at in vain.
pub(crate) struct Filled {
    place: Place,
    about: RawAbout,
    findings: Vec<Finding>,
    outcome: Result<Header, Vec<Vec<String>>>,
    cells: u64,
}

impl Task<'_> {
    fn fill(&self, assembly: &mut Assembly<'_>) -> Result<Filled, Error> {
        match self.input.kind()? {
            Kind::Xlsx(mut archive) => self.read_xlsx(&mut archive, assembly),
            Kind::Xlsb(mut archive) => self.read_xlsb(&mut archive, assembly),
            Kind::Ods(mut archive) => self.read_ods(&mut archive, assembly),
            Kind::Xls(file) => self.read_xls(file, assembly),
        }
    }

    /// From a sheet to its rows, as far as they are looked at.
    fn pour(
        &self,
        chosen: Chosen,
        rows: &mut dyn Rows,
        find_merged: Box<dyn FnMut() -> Vec<Merged> + '_>,
        assembly: &mut Assembly<'_>,
    ) -> Result<Filled, Error> {
        let Chosen { place, about, findings, .. } = chosen;
        let mut sink =
            Sink::new(self.search(), self.key, self.input.limits, &place, assembly, find_merged);
        let (mut row, mut bytes, limit) = (Row::default(), 0, self.input.limits.uncompressed_bytes);
        while rows.next(&mut row).map_err(|broken| self.input.broken_sheet(&place, broken))? {
            // A text that is held once may stand in every cell.
            bytes += row.bytes() as u64;
            if bytes > limit {
                return Err(self.input.limit("bytes of text", bytes, limit));
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

    /// From the rows to the hand-off.
    fn finish(&self, filled: Filled, assembly: Assembly<'_>) -> Result<Raw, Error> {
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
                "show them, and see whether they belong to the data",
            ];
            let mut hidden = finding(&place, "hidden_rows", Severity::Warning, words);
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
            Full::Cells => {
                self.input.limit("cells", self.input.limits.cells + 1, self.input.limits.cells)
            }
            Full::Rows(error) => *error,
            Full::Order(row) => {
                let what = format!("row {} does not come after the row before it", row + 1);
                Error::Damaged { place: place.clone(), what }
            }
            Full::NoHeader => self.no_header(place.clone(), &[], 1),
        }
    }
}

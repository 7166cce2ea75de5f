//! Workbooks: xlsx and xlsm row by row out of their XML, xlsb and xls out of their records, ods as calamine reads it.

mod biff12;
mod biff8;
mod binary;
mod cell;
mod choose;
mod compound;
mod copy;
mod number;
mod ods;
mod other;
pub(crate) mod parts;
mod row;
mod sheet;
mod sink;
mod xls;
mod xls_sheet;
mod xlsb;
mod xlsx;
pub(crate) mod xml;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::panic::AssertUnwindSafe;

use survey::config::ExportProfile;
use survey::handoff::RawAbout;
use survey::{Finding, Raw, Severity};
use zip::ZipArchive;

use crate::assemble::{Assembly, Source};
use crate::delivery::{Delivery, Opened, Wrapper, check_archive};
use crate::error::{Error, Place};
use crate::findings::finding;
use crate::key::Key;
use crate::limits::Limits;
use crate::suggest::{listed, similar_headers};
use choose::Chosen;
pub(crate) use copy::{bytes_of_xlsx, sheets_of};
use parts::{Room, Wrong};
use row::Row;
use sheet::{Broken, Rows};
use sink::{Full, Header, Merged, Sink};

pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// What reading a sheet needs besides the file.
pub(crate) struct Task<'a> {
    opened: &'a Opened,
    delivery: &'a Delivery,
    profile: &'a ExportProfile,
    key: &'a Key,
    limits: &'a Limits,
}

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

/// Sheets with their visibility, the chosen one, and its first rows: nothing is known of the header.
pub(crate) fn first_rows(
    opened: &Opened,
    delivery: &Delivery,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
) -> Result<(RawAbout, Vec<Vec<String>>), Error> {
    let headless = ExportProfile { id: Vec::new(), ..profile.clone() };
    let task = Task { opened, delivery, profile: &headless, key, limits };
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
        let Task { opened, limits, .. } = *self;
        match kind(&opened.start) {
            Some(Kind::Zip) => {
                let mut archive = self.archive()?;
                check_archive(&mut archive, limits, &opened.place)?;
                let has = |part| parts::path_of(&archive, part).is_some();
                if has("xl/workbook.bin") {
                    self.read_xlsb(&mut archive, assembly)
                } else if has("content.xml") {
                    self.by_library(assembly)
                } else {
                    self.read_xlsx(&mut archive, assembly)
                }
            }
            Some(Kind::Compound) => {
                let limit = self.limits.memory_bytes as u64 / 2;
                let file = compound::open(self.reader()?, limit);
                let file = file.map_err(|what| self.damaged(what))?;
                // An encrypted xlsx stands in a compound file as an old xls does.
                if file.has("EncryptedPackage") {
                    return Err(self.wrong(Wrong::Password));
                }
                self.read_xls(file, assembly)
            }
            None => {
                let html = opened.start.trim_ascii_start().starts_with(b"<");
                Err(Error::WrongContainer {
                    place: opened.place.clone(),
                    found: if html {
                        "a web page or XML"
                    } else {
                        "no workbook, perhaps delimited text"
                    }
                    .to_owned(),
                    expected: "a workbook (xlsx, xlsm, xlsb, xls or ods)",
                    advice: "choose a profile with container `csv`, or ask for a workbook"
                        .to_owned(),
                })
            }
        }
    }
}

enum Kind {
    Zip,
    Compound,
}

fn kind(start: &[u8]) -> Option<Kind> {
    if start.starts_with(b"PK") {
        Some(Kind::Zip)
    } else if start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        Some(Kind::Compound)
    } else {
        None
    }
}

/// Whether the first bytes are those of a workbook.
pub(crate) fn is_workbook(start: &[u8]) -> bool {
    kind(start).is_some()
}

impl Task<'_> {
    /// The workbook's bytes, out of their wrapper.
    fn reader(&self) -> Result<Box<dyn ReadSeek>, Error> {
        if self.opened.wrapper == Wrapper::None {
            let file = File::open(&self.opened.path)
                .map_err(|source| Error::Unopened { place: self.opened.place.clone(), source })?;
            return Ok(Box::new(BufReader::with_capacity(1 << 16, file)));
        }
        // A workbook is read from its end: out of a wrapper it has to be in memory as a whole.
        let (mut bytes, limit) = (Vec::new(), self.limits.memory_bytes as u64 / 2);
        let (content, _) = self.opened.content(self.limits)?;
        content
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| self.opened.broken(source))?;
        if bytes.len() as u64 > limit {
            return Err(self.limit("bytes of a packed workbook", bytes.len() as u64, limit));
        }
        Ok(Box::new(Cursor::new(bytes)))
    }

    fn by_library(&self, assembly: &mut Assembly<'_>) -> Result<Filled, Error> {
        self.guarded(|| other::read(self, assembly))
    }

    /// A library may give up by a panic on a file that is damaged enough.
    fn guarded<T>(&self, reading: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        std::panic::catch_unwind(AssertUnwindSafe(reading))
            .unwrap_or_else(|_| Err(self.damaged("its parts contradict one another".to_owned())))
    }

    fn archive(&self) -> Result<ZipArchive<Box<dyn ReadSeek>>, Error> {
        ZipArchive::new(self.reader()?).map_err(|error| self.damaged(error.to_string()))
    }

    fn damaged(&self, what: String) -> Error {
        Error::Damaged { place: self.opened.place.clone(), what }
    }

    fn limit(&self, what: &str, found: u64, limit: u64) -> Error {
        let advice =
            "a file of answers is far smaller; look into it before you raise the limit".to_owned();
        Error::Limit {
            place: self.opened.place.clone(),
            what: what.to_owned(),
            found,
            limit,
            advice,
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
            Sink::new(self.profile, self.key, self.limits, &place, assembly, find_merged);
        let mut row = Row::default();
        while rows.next(&mut row).map_err(|broken| self.broken_sheet(&place, broken))? {
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

    /// The path of a sheet's part in the archive.
    fn path_of_sheet(
        &self,
        archive: &ZipArchive<Box<dyn ReadSeek>>,
        path: Option<&String>,
        sheet: &str,
    ) -> Result<String, Error> {
        let path =
            path.ok_or_else(|| self.damaged(format!("sheet `{sheet}` has no part in it")))?;
        parts::path_of(archive, path)
            .ok_or_else(|| self.damaged(format!("sheet `{sheet}`: its part is missing")))
    }

    fn rowless(&self, sheet: &str) -> Error {
        self.damaged(format!("sheet `{sheet}` holds no cells but a chart or macro"))
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
        let found = similar_headers(&self.profile.id, rows);
        let advice = if found.is_empty() {
            "the data may stand in another sheet, or the delivery be of another producer".to_owned()
        } else {
            format!(
                "the first rows have {}; add it to `id` in config/exports/{}.toml",
                listed(&found),
                self.profile.profile
            )
        };
        Error::HeaderNotFound {
            place,
            searched: rows.len(),
            expected: self.profile.id.clone(),
            advice,
        }
    }

    fn broken_sheet(&self, place: &Place, broken: Broken) -> Error {
        let place = place.clone();
        match broken {
            Broken::Io(source) => {
                Error::Damaged { place, what: format!("it cannot be unpacked: {source}") }
            }
            Broken::Damaged(what) => Error::Damaged { place, what },
            Broken::TooManyColumns(column) => {
                self.limit("columns", u64::from(column) + 1, self.limits.columns as u64)
            }
            Broken::RowTooLong(row) => {
                let limit = self.row_bytes_limit() as u64;
                self.limit(&format!("bytes in row {}", row + 1), limit + 1, limit)
            }
            Broken::RecordTooLong(found) => {
                self.limit("bytes in a record", found, self.row_bytes_limit() as u64)
            }
        }
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

    /// Of the text of one row.
    fn row_bytes_limit(&self) -> usize {
        self.limits.record_bytes * 8
    }

    fn room(&self) -> Room {
        let bytes = self.limits.memory_bytes as u64 / 2;
        Room { bytes, shared_strings: self.limits.shared_strings }
    }

    fn wrong(&self, wrong: Wrong) -> Error {
        match wrong {
            Wrong::Damaged(what) => self.damaged(what),
            Wrong::Limit { what, found, limit } => self.limit(&what, found, limit),
            Wrong::Password => Error::PasswordProtected { place: self.opened.place.clone() },
        }
    }
}

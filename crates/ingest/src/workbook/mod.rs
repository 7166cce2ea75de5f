//! Workbooks: xlsx and xlsm row by row out of their XML, xlsb, xls and ods as calamine reads them.

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
pub(crate) mod xml;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::panic::AssertUnwindSafe;

use calamine::{Reader, Xlsx, XlsxError};
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
use crate::receipt::about;
use crate::suggest::{listed, similar_headers};
use choose::{hidden_columns, hidden_sheets, sheets};
pub(crate) use copy::{bytes_of_xlsx, sheets_of};
use parts::{Map, Room, SharedStrings, Wrong};
use row::Row;
use sheet::{Broken, Context, Sheet};
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
                    self.by_library(other::Format::Xlsb, assembly)
                } else if has("content.xml") {
                    self.by_library(other::Format::Ods, assembly)
                } else {
                    self.read_xlsx(&mut archive, assembly)
                }
            }
            Some(Kind::Compound) => {
                let limit = self.limits.memory_bytes as u64 / 2;
                compound::check(&mut self.reader()?, limit).map_err(|what| self.damaged(what))?;
                // An encrypted xlsx stands in a compound file as an old xls does.
                let reader = self.reader()?;
                if self.guarded(|| Ok(matches!(Xlsx::new(reader), Err(XlsxError::Password))))? {
                    return Err(Error::PasswordProtected { place: opened.place.clone() });
                }
                self.by_library(other::Format::Xls, assembly)
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

    fn by_library(
        &self,
        format: other::Format,
        assembly: &mut Assembly<'_>,
    ) -> Result<Filled, Error> {
        self.guarded(|| other::read(self, format, assembly))
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

    fn read_xlsx(
        &self,
        archive: &mut ZipArchive<Box<dyn ReadSeek>>,
        assembly: &mut Assembly<'_>,
    ) -> Result<Filled, Error> {
        let room = self.room();
        let map = parts::map(archive, room).map_err(|wrong| self.wrong(wrong))?;
        let chosen = self.choose(&map.sheets)?;
        let place = Place { sheet: Some(chosen.as_str().into()), ..self.opened.place.clone() };
        let mut about = about(self.opened, self.profile, "workbook");
        about.blake3 = self.opened.hash()?;
        about.sheet = Some(chosen.clone());
        about.sheets = sheets(&map.sheets);
        let mut findings = hidden_sheets(&place, &about);
        let shows = map.shows(archive, room).map_err(|wrong| self.wrong(wrong))?;
        let strings = self.shared_strings(archive, &map)?;
        let context = Context {
            strings: &strings,
            shows: &shows,
            is_1904: map.is_1904,
            columns_limit: self.limits.columns,
            row_bytes_limit: self.limits.record_bytes * 8,
        };
        if context.is_1904 {
            about.notes.push("dates are counted from 1904".to_owned());
        }
        let path = map
            .path(&chosen)
            .ok_or_else(|| self.damaged(format!("sheet `{chosen}` has no part in it")))?;
        let path = parts::path_of(archive, path)
            .ok_or_else(|| self.damaged(format!("sheet `{chosen}`: its part is missing")))?;
        let part = archive.by_name(&path).map_err(|error| self.damaged(error.to_string()))?;
        let mut sheet = Sheet::new(part);
        let broken = |broken| self.broken_sheet(&place, broken);
        let preamble = sheet.preamble().map_err(broken)?.ok_or_else(|| {
            self.damaged(format!("sheet `{chosen}` holds no cells but a chart or macro"))
        })?;
        about.used_range.clone_from(&preamble.dimension);
        let find_merged = || self.merged(&path).unwrap_or_default();
        let find_merged = Box::new(find_merged);
        let mut sink =
            Sink::new(self.profile, self.key, self.limits, &place, assembly, find_merged);
        let mut row = Row::default();
        let mut following = 0;
        while sheet.next(&mut row, following, &context).map_err(broken)? {
            following = row.number + 1;
            match sink.take(&row) {
                Ok(()) => {}
                Err(Full::NoHeader) => break,
                Err(full) => return Err(self.full(&place, full)),
            }
        }
        if !preamble.hidden_columns.is_empty() {
            findings.push(hidden_columns(&place, &preamble.hidden_columns));
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
            Broken::Xml(what) => Error::Damaged { place, what },
            Broken::TooManyColumns(column) => {
                self.limit("columns", u64::from(column) + 1, self.limits.columns as u64)
            }
            Broken::RowTooLong(row) => {
                let limit = self.limits.record_bytes as u64 * 8;
                self.limit(&format!("bytes in row {}", row + 1), limit + 1, limit)
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

    /// The sheet's merged cells, read apart: they stand below its rows.
    fn merged(&self, path: &str) -> Option<Vec<Merged>> {
        let mut archive = self.archive().ok()?;
        let part = archive.by_name(path).ok()?;
        Sheet::new(part).merged().ok()
    }

    fn room(&self) -> Room {
        let bytes = self.limits.memory_bytes as u64 / 2;
        Room { bytes, shared_strings: self.limits.shared_strings }
    }

    fn wrong(&self, wrong: Wrong) -> Error {
        match wrong {
            Wrong::Damaged(what) => self.damaged(what),
            Wrong::Limit { what, found, limit } => self.limit(&what, found, limit),
        }
    }

    fn shared_strings(
        &self,
        archive: &mut ZipArchive<Box<dyn ReadSeek>>,
        map: &Map,
    ) -> Result<SharedStrings, Error> {
        let Some(path) = &map.shared_strings else { return Ok(SharedStrings::default()) };
        let xml = parts::part(archive, path, self.room()).map_err(|wrong| self.wrong(wrong))?;
        let xml = xml.unwrap_or_default();
        SharedStrings::parse(&xml, self.room()).map_err(|wrong| self.wrong(wrong))
    }
}

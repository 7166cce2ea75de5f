//! A workbook file: its kind, its bytes out of their wrapper, and how what is wrong with it is said.

use std::io::{BufReader, Cursor, Read, Seek};

use zip::ZipArchive;

use super::compound::{self, Compound};
use super::ods::Around;
use super::parts::{self, Room, Wrong};
use super::sheet::Broken;
use crate::delivery::{Opened, Wrapper, check_archive};
use crate::error::{Error, Place};
use crate::file::open_file;
use crate::limits::Limits;

pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// What a workbook is read from, and how much it may ask for.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) opened: &'a Opened,
    pub(super) limits: &'a Limits,
}

/// What the bytes of a workbook are.
pub(super) enum Kind {
    Xlsx(Archive),
    Xlsb(Archive),
    Ods(Archive),
    Xls(Compound),
}

pub(super) type Archive = ZipArchive<Box<dyn ReadSeek>>;

enum Container {
    Zip,
    Compound,
}

fn container(start: &[u8]) -> Option<Container> {
    if start.starts_with(b"PK") {
        Some(Container::Zip)
    } else if start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        Some(Container::Compound)
    } else {
        None
    }
}

/// Whether the first bytes are those of a workbook.
pub(crate) fn is_workbook(start: &[u8]) -> bool {
    container(start).is_some()
}

impl Input<'_> {
    /// Opens the workbook as what its bytes are, whatever its name.
    pub(super) fn kind(&self) -> Result<Kind, Error> {
        match container(&self.opened.start) {
            Some(Container::Zip) => {
                let mut archive = self.archive()?;
                check_archive(&mut archive, self.limits, &self.opened.place)?;
                let has = |part| parts::path_of(&archive, part).is_some();
                Ok(if has("xl/workbook.bin") {
                    Kind::Xlsb(archive)
                } else if has("content.xml") {
                    Kind::Ods(archive)
                } else {
                    Kind::Xlsx(archive)
                })
            }
            Some(Container::Compound) => {
                let limit = self.limits.memory_bytes as u64 / 2;
                let file = compound::open(self.reader()?, limit);
                let file = file.map_err(|what| self.damaged(what))?;
                // An encrypted xlsx stands in a compound file as an old xls does.
                if file.has("EncryptedPackage") {
                    return Err(self.wrong(Wrong::Password));
                }
                Ok(Kind::Xls(file))
            }
            None => Err(self.none()),
        }
    }

    fn none(&self) -> Error {
        let html = self.opened.start.trim_ascii_start().starts_with(b"<");
        Error::WrongContainer {
            place: self.opened.place.clone(),
            found: if html { "a web page or XML" } else { "no workbook, perhaps delimited text" }
                .to_owned(),
            expected: "a workbook (xlsx, xlsm, xlsb, xls or ods)",
            advice: "choose a profile with container `csv`, or ask for a workbook".to_owned(),
        }
    }

    /// The workbook's bytes, out of their wrapper.
    pub(super) fn reader(&self) -> Result<Box<dyn ReadSeek>, Error> {
        if self.opened.wrapper == Wrapper::None {
            let file = open_file(&self.opened.path)
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

    pub(super) fn archive(&self) -> Result<ZipArchive<Box<dyn ReadSeek>>, Error> {
        ZipArchive::new(self.reader()?).map_err(|error| self.damaged(error.to_string()))
    }

    pub(super) fn damaged(&self, what: String) -> Error {
        Error::Damaged { place: self.opened.place.clone(), what }
    }

    pub(super) fn limit(&self, what: &str, found: u64, limit: u64) -> Error {
        let advice =
            "a file of answers is far smaller; look into it before you raise `[limits]` of the pipeline file".to_owned();
        Error::Limit {
            place: self.opened.place.clone(),
            what: what.to_owned(),
            found,
            limit,
            advice,
        }
    }

    /// The path of a sheet's part in the archive.
    pub(super) fn path_of_sheet(
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

    /// A part that is read bit by bit, no further than the archive's directory says.
    pub(super) fn part<'a>(
        &self,
        archive: &'a mut Archive,
        path: &str,
    ) -> Result<impl Read + use<'a>, Error> {
        let part = archive.by_name(path).map_err(|error| self.damaged(error.to_string()))?;
        let stated = part.size();
        Ok(part.take(stated.saturating_add(1)))
    }

    pub(super) fn rowless(&self, sheet: &str) -> Error {
        self.damaged(format!("sheet `{sheet}` holds no cells but a chart or macro"))
    }

    pub(super) fn broken_sheet(&self, place: &Place, broken: Broken) -> Error {
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

    /// Of the text of one row.
    pub(super) fn row_bytes_limit(&self) -> usize {
        self.limits.record_bytes * 8
    }

    pub(super) fn room(&self) -> Room {
        let bytes = self.limits.memory_bytes as u64 / 2;
        Room { bytes, shared_strings: self.limits.shared_strings }
    }

    pub(super) fn wrong(&self, wrong: Wrong) -> Error {
        match wrong {
            Wrong::Damaged(what) => self.damaged(what),
            Wrong::Limit { what, found, limit } => self.limit(&what, found, limit),
            Wrong::Password => Error::PasswordProtected { place: self.opened.place.clone() },
        }
    }

    /// Cells that are repeated without end would claim more than the file holds.
    pub(super) fn check_repeated(&self, around: &Around) -> Result<(), Error> {
        let limit = MOST_REPEATED.min(self.limits.cells);
        if around.cells > limit {
            return Err(self.limit("cells, repeated ones counted", around.cells, limit));
        }
        let limit = self.limits.uncompressed_bytes;
        if around.bytes > limit {
            return Err(self.limit("bytes of cells, repeated ones counted", around.bytes, limit));
        }
        Ok(())
    }

    /// How wide a row, and how long its text may be.
    pub(super) fn row_limits(&self) -> (usize, usize) {
        (self.limits.columns, self.row_bytes_limit())
    }
}

const MOST_REPEATED: u64 = 100_000_000;

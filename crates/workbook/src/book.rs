//! A workbook of any format: its list of sheets, and one sheet after the other.

use std::io;

use crate::archive::{self, Archive, Open, ReadSeek, check_archive, path_of};
use crate::error::Error;
use crate::limits::Limits;
use crate::row::Row;
use crate::sheet::Sheet;
use crate::sheets::{Container, Format, SheetInfo};
use crate::xls::compound::{self, Compound};
use crate::{ods, xls, xlsb, xlsx};

/// A workbook whose list of sheets was read.
pub struct Workbook<'a> {
    open: Open<'a>,
    limits: Limits,
    book: Book,
}

enum Book {
    Xlsx(Box<xlsx::Book>),
    Xlsb(Box<xlsb::Book>),
    Ods(ods::Book),
    Xls(Box<xls::Book>),
}

/// A workbook's bytes as what they are, whatever the name of the file.
enum Opened {
    Zip(Format, Archive),
    Xls(Compound),
}

impl Opened {
    fn new(open: &Open<'_>, limits: &Limits) -> Result<Self, Error> {
        let mut reader = open().map_err(Error::Unopened)?;
        let mut start = [0; 8];
        let read = read_start(&mut reader, &mut start).map_err(Error::Unread)?;
        match Container::of(&start[..read]).ok_or(Error::NotAWorkbook)? {
            Container::Zip => {
                let mut archive = archive::open(reader)?;
                check_archive(&mut archive, limits)?;
                let has = |part| path_of(&archive, part).is_some();
                let format = if has("xl/workbook.bin") {
                    Format::Xlsb
                } else if has("content.xml") {
                    Format::Ods
                } else {
                    Format::Xlsx
                };
                Ok(Self::Zip(format, archive))
            }
            Container::Compound => {
                let file = compound::open(reader, limits.memory_bytes)?;
                // An encrypted xlsx is a compound file, as an xls is.
                if file.has("EncryptedPackage") {
                    return Err(Error::PasswordProtected);
                }
                Ok(Self::Xls(file))
            }
        }
    }
}

fn read_start(reader: &mut Box<dyn ReadSeek>, start: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < start.len() {
        match reader.read(&mut start[read..])? {
            0 => break,
            more => read += more,
        }
    }
    reader.seek(io::SeekFrom::Start(0))?;
    Ok(read)
}

impl<'a> Workbook<'a> {
    /// Reads all that the sheets share.
    pub fn open(open: Open<'a>, limits: Limits) -> Result<Self, Error> {
        let book = match Opened::new(&open, &limits)? {
            Opened::Zip(Format::Xlsb, archive) => {
                Book::Xlsb(Box::new(xlsb::Book::open(archive, &open, &limits)?))
            }
            Opened::Zip(Format::Ods, mut archive) => {
                Book::Ods(ods::Book::open(&mut archive, &limits)?)
            }
            Opened::Zip(_, archive) => Book::Xlsx(Box::new(xlsx::Book::open(archive, &limits)?)),
            Opened::Xls(file) => Book::Xls(Box::new(xls::Book::open(&file, &limits)?)),
        };
        Ok(Self { open, limits, book })
    }

    /// How the bytes are written, without reading the sheets.
    pub fn format_of(open: &Open<'_>, limits: &Limits) -> Result<Format, Error> {
        Ok(match Opened::new(open, limits)? {
            Opened::Zip(format, _) => format,
            Opened::Xls(_) => Format::Xls,
        })
    }

    pub fn sheets(&self) -> &[SheetInfo] {
        match &self.book {
            Book::Xlsx(book) => book.sheets(),
            Book::Xlsb(book) => book.sheets(),
            Book::Ods(book) => book.sheets(),
            Book::Xls(book) => book.sheets(),
        }
    }

    /// What a person should know of how it is read.
    pub fn notes(&self) -> Vec<String> {
        let (is_1904, note) = match &self.book {
            Book::Xlsx(book) => (book.is_1904(), None),
            Book::Xlsb(book) => (book.is_1904(), Some(xlsb::NOT_READ.to_owned())),
            Book::Ods(_) => (false, None),
            Book::Xls(book) => (book.is_1904(), book.note().map(str::to_owned)),
        };
        let epoch = is_1904.then(|| "dates are counted from 1904".to_owned());
        epoch.into_iter().chain(note).collect()
    }

    /// A sheet by its name; the first of that name.
    pub fn sheet(&mut self, name: &str) -> Result<Sheet<'_>, Error> {
        match &mut self.book {
            Book::Xlsx(book) => book.sheet(name, &self.open),
            Book::Xlsb(book) => book.sheet(name, &self.limits),
            Book::Ods(book) => book.sheet(name, &self.limits),
            Book::Xls(book) => book.sheet(name, &self.limits),
        }
    }

    /// The cells of the sheet as texts, a row a row of the sheet.
    pub fn texts_of(&mut self, sheet: &str) -> Result<Vec<Vec<String>>, Error> {
        let mut sheet = self.sheet(sheet)?;
        let (mut texts, mut row) = (Vec::new(), Row::default());
        while sheet.rows.next(&mut row)? {
            texts.resize(texts.len().max(row.number as usize), Vec::new());
            texts.push(row.texts());
        }
        Ok(texts)
    }
}

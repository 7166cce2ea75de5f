//! What the sheets of an xls share, from the first records of its stream ([MS-XLS] 2.4).

use std::collections::BTreeMap;

use super::bytes::{u16_at, u32_at};
use super::compound::Compound;
use super::formula::{FORMULA, may_be_uncalculated};
use super::records::{BEGIN, Cursor, Record, Records, Texts, encoding_of, record};
use crate::error::Error;
use crate::limits::Limits;
use crate::number_format::{Shows, shown, shown_by};
use crate::shared_strings::SharedStrings;
use crate::sheets::{SheetInfo, SheetKind, Visibility};
use crate::value::Shown;

const IS_1904: u16 = 0x0022;
const ENCRYPTED: u16 = 0x002f;
const CODE_PAGE: u16 = 0x0042;
const SHEET: u16 = 0x0085;
const STYLE: u16 = 0x00e0;
const SHARED_TEXTS: u16 = 0x00fc;
const FORMAT: u16 = 0x041e;
/// Versions of the format: 1995 and before, 1997 and after.
const OF_1995: u16 = 0x0500;
const OF_1997: u16 = 0x0600;

/// What all sheets of a workbook refer to.
#[derive(Debug)]
pub(super) struct Globals {
    pub(super) stream: Vec<u8>,
    pub(super) sheets: Vec<SheetInfo>,
    /// Where the records of each sheet begin.
    pub(super) offsets: Vec<usize>,
    pub(super) strings: SharedStrings,
    /// By style number.
    shows: Vec<Shows>,
    pub(super) is_1904: bool,
    pub(super) texts: Texts,
    /// Whether any formula has a value that shows that somebody calculated.
    pub(super) is_calculated: bool,
    /// Whether an office program saved it: those describe each file, libraries that calculate nothing do not.
    pub(super) is_described: bool,
    pub(super) note: Option<String>,
}

impl Globals {
    pub(super) fn open(file: &Compound, limits: &Limits) -> Result<Self, Error> {
        // Some files hold the same workbook twice, once for releases before 1997.
        let stream = file.stream("Workbook").or_else(|| file.stream("Book"));
        let stream = stream.ok_or_else(|| "there is no workbook in it".to_owned())??;
        let mut globals = Self {
            stream: Vec::new(),
            sheets: Vec::new(),
            offsets: Vec::new(),
            strings: SharedStrings::default(),
            shows: Vec::new(),
            is_1904: false,
            texts: Texts::Units,
            is_calculated: false,
            is_described: file.has("\u{5}SummaryInformation"),
            note: None,
        };
        globals.read(&stream, limits)?;
        globals.stream = stream;
        globals.is_calculated =
            globals.offsets.iter().any(|at| is_calculated(&globals.stream, *at));
        Ok(globals)
    }

    fn read(&mut self, stream: &[u8], limits: &Limits) -> Result<(), Error> {
        let version = record(stream, 0).filter(|first| first.kind == BEGIN);
        let version = version.and_then(|first| u16_at(first.body, 0));
        match version {
            Some(OF_1997) => {}
            Some(OF_1995) => self.texts = Texts::Bytes(encoding_rs::WINDOWS_1252),
            Some(_) => return Err("it was written by Excel 4 or older".to_owned().into()),
            None => return Err("its first record is not that of a workbook".to_owned().into()),
        }
        let (mut formats, mut styles) = (BTreeMap::new(), Vec::new());
        let mut records = Records::new(stream, 0);
        while let Some(found) = records.next() {
            let found = found?;
            let body = found.body;
            match found.kind {
                ENCRYPTED => return Err(Error::PasswordProtected),
                IS_1904 => self.is_1904 = u16_at(body, 0) == Some(1),
                CODE_PAGE => self.code_page(u16_at(body, 0).unwrap_or(0)),
                FORMAT => {
                    let lead = if matches!(self.texts, Texts::Units) { 2 } else { 1 };
                    let mut code = Vec::new();
                    let text = Cursor::new(stream, found, 2).led_text(lead, self.texts, &mut code);
                    if let (Some(id), Some(())) = (u16_at(body, 0), text) {
                        formats.insert(u32::from(id), shown_by(&String::from_utf8_lossy(&code)));
                    }
                }
                STYLE => styles.push(u16_at(body, 2).unwrap_or(0)),
                SHEET => self.add(stream, found),
                SHARED_TEXTS => self.strings = shared(stream, found, limits)?,
                _ => {}
            }
        }
        self.shows = styles.iter().map(|id: &u16| shown(&formats, u32::from(*id))).collect();
        Ok(())
    }

    /// How a number of a style is shown.
    pub(super) fn shown(&self, style: u16) -> Shown {
        let by = self.shows.get(usize::from(style)).copied().unwrap_or(Shows::Number);
        Shown { by, is_1904: self.is_1904 }
    }

    fn code_page(&mut self, code_page: u16) {
        if let Texts::Bytes(encoding) = &mut self.texts {
            if let Some(found) = encoding_of(code_page) {
                *encoding = found;
            } else {
                self.note = Some(format!(
                    "xls: texts are in code page {code_page}, which is unknown; they were read as Windows-1252"
                ));
            }
        }
    }

    fn add(&mut self, stream: &[u8], found: Record<'_>) {
        let mut name = Vec::new();
        let named = Cursor::new(stream, found, 6).led_text(1, self.texts, &mut name);
        let (Some(at), Some(()), [.., state, kind]) =
            (u32_at(found.body, 0), named, found.body.get(..6).unwrap_or_default())
        else {
            return;
        };
        let visibility = match state & 3 {
            1 => Visibility::Hidden,
            2 => Visibility::VeryHidden,
            _ => Visibility::Visible,
        };
        let kind = if *kind == 0 { SheetKind::Worksheet } else { SheetKind::Other };
        let name = String::from_utf8_lossy(&name).replace('\0', "");
        self.offsets.push(at as usize);
        self.sheets.push(SheetInfo { name, kind, visibility });
    }
}

/// The texts that cells refer to, over as many records as they take.
fn shared(stream: &[u8], found: Record<'_>, limits: &Limits) -> Result<SharedStrings, Error> {
    let mut strings = SharedStrings::default();
    let mut cursor = Cursor::new(stream, found, 8);
    let stated = u32_at(found.body, 4).unwrap_or(0);
    // The shortest entry is a length and a byte of flags.
    limits.check_stated(u64::from(stated), stream.len() as u64 / 3 + 1)?;
    let mut found = 0;
    while !cursor.is_at_end() {
        match cursor.led_text(2, Texts::Units, strings.text()) {
            Some(()) => strings.end_text(limits)?,
            // What stands behind the last text is none.
            None if found >= stated => break,
            None => return Err("a shared text that is cut short".to_owned().into()),
        }
        found += 1;
    }
    Ok(strings)
}

/// Whether a formula of the sheet has a value that nobody writes without calculating.
fn is_calculated(stream: &[u8], at: usize) -> bool {
    let mut records = Records::new(stream, at);
    while let Some(Ok(found)) = records.next() {
        if found.kind == FORMULA && !may_be_uncalculated(found.body) {
            return true;
        }
    }
    false
}

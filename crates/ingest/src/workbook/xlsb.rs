//! Streams the rows of an xlsb out of its records; record numbers and layouts are those of [MS-XLSB].

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use zip::ZipArchive;

use super::biff12::{Records, push_wide};
use super::binary::{Formats, Value, f64_at, is_volatile, of_rk, put, range_text, u16_at, u32_at};
use super::choose::{SheetInfo, Visibility};
use super::file::Archive;
use super::parts::{self, Room, SharedStrings, Wrong};
use super::row::Row;
use super::sheet::{Broken, LAST_ROW, Rows};
use super::sink::Merged;
use super::{Filled, Task};
use crate::assemble::Assembly;
use crate::date::{Shows, shown_by};
use crate::error::Error;

const ROW_HEADER: u16 = 0;
const SHARED_TEXT: u16 = 19;
const FORMAT: u16 = 44;
const STYLE: u16 = 47;
const COLUMNS: u16 = 60;
const ROWS_BEGIN: u16 = 145;
const ROWS_END: u16 = 146;
const EXTENT: u16 = 148;
const WORKBOOK: u16 = 153;
const SHEET: u16 = 156;
const SHARED_TEXTS_BEGIN: u16 = 159;
const MERGED: u16 = 176;
const STYLES_BEGIN: u16 = 617;
const STYLES_END: u16 = 618;

impl Task<'_> {
    pub(super) fn read_xlsb(
        &self,
        archive: &mut Archive,
        assembly: &mut Assembly<'_>,
    ) -> Result<Filled, Error> {
        let book =
            Book::open(archive, self.input.room()).map_err(|wrong| self.input.wrong(wrong))?;
        let mut chosen = self.chosen(&book.sheets, book.formats.is_1904)?;
        let path = self.input.path_of_sheet(archive, book.paths.get(&chosen.name), &chosen.name)?;
        let part = self.input.part(archive, &path)?;
        let limits = self.input.row_limits();
        let mut sheet = Sheet::new(part, &book, limits)
            .map_err(|broken| self.input.broken_sheet(&chosen.place, broken))?
            .ok_or_else(|| self.input.rowless(&chosen.name))?;
        chosen.about.used_range = sheet.extent.map(range_text);
        chosen.hides(&sheet.hidden_columns);
        let find_merged = || self.merged_of_xlsb(&path, &book).unwrap_or_default();
        let mut filled = self.pour(chosen, &mut sheet, Box::new(find_merged), assembly)?;
        drop(sheet);
        self.look_at_others(&mut filled, &book.sheets, assembly, &mut |name, look| {
            let path = self.input.path_of_sheet(archive, book.paths.get(name), name).ok()?;
            let part = self.input.part(archive, &path).ok()?;
            look(&mut Sheet::new(part, &book, limits).ok()??);
            Some(())
        });
        Ok(filled)
    }

    /// The merged cells, read apart: they stand below the rows.
    fn merged_of_xlsb(&self, path: &str, book: &Book) -> Option<Vec<Merged>> {
        let mut archive = self.input.archive().ok()?;
        let part = self.input.part(&mut archive, path).ok()?;
        let limits = self.input.row_limits();
        Sheet::new(part, book, limits).ok()??.merged().ok()
    }
}

/// What all sheets of a workbook refer to.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) sheets: Vec<SheetInfo>,
    /// Sheet name → path of its part.
    pub(super) paths: BTreeMap<String, String>,
    strings: SharedStrings,
    pub(super) formats: Formats,
}

impl Book {
    pub(super) fn open<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        room: Room,
    ) -> Result<Self, Wrong> {
        let path = parts::main_part(archive, "xl/workbook.bin", room)?;
        let relations = parts::relations_of(archive, &path, room)?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let bytes = parts::part(archive, &path, room)?
            .ok_or_else(|| "there is no list of sheets in it".to_owned())?;
        let mut book = Self::default();
        let mut records = whole(&bytes);
        while let Some(kind) = records.next()? {
            match kind {
                WORKBOOK => {
                    book.formats.is_1904 =
                        u32_at(&records.body, 0).is_some_and(|bits| bits & 1 != 0);
                }
                SHEET => {
                    if let Some((state, id, name)) = sheet_of(&records.body) {
                        book.add(state, name, relations.get(&id), folder);
                    }
                }
                _ => {}
            }
        }
        let of_kind = |end: &str| parts::target_of_kind(&relations, folder, end);
        if let Some(path) = of_kind("/styles") {
            let bytes = parts::part(archive, &path, room)?.unwrap_or_default();
            book.formats.shows = shows(&bytes)?;
        }
        if let Some(path) = of_kind("/sharedStrings") {
            let bytes = parts::part(archive, &path, room)?.unwrap_or_default();
            book.strings = shared(&bytes, room)?;
        }
        Ok(book)
    }

    fn add(&mut self, state: u32, name: String, relation: Option<&(String, String)>, folder: &str) {
        let visible = match state {
            1 => Visibility::Hidden,
            2 => Visibility::VeryHidden,
            _ => Visibility::Visible,
        };
        let Some((kind, target)) = relation else { return };
        let kind = parts::sheet_kind(kind);
        // Of two sheets of one name the first is read.
        self.paths.entry(name.clone()).or_insert_with(|| parts::joined(folder, target));
        self.sheets.push(SheetInfo { name, kind, visible });
    }
}

/// A part that is held whole: its records are no longer than it is.
fn whole(bytes: &[u8]) -> Records<&[u8]> {
    Records::new(bytes, bytes.len())
}

/// State, relation and name of a sheet.
fn sheet_of(body: &[u8]) -> Option<(u32, String, String)> {
    let (mut id, mut name) = (Vec::new(), Vec::new());
    let end = push_wide(body, 8, &mut id)?;
    push_wide(body, end, &mut name)?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_default();
    Some((u32_at(body, 0)? & 3, text(id), text(name)))
}

/// By style number, out of the part with the styles.
fn shows(bytes: &[u8]) -> Result<Vec<Shows>, Wrong> {
    let (mut formats, mut shows, mut inside) = (BTreeMap::new(), Vec::new(), false);
    let mut records = whole(bytes);
    while let Some(kind) = records.next()? {
        let body = &records.body;
        match kind {
            FORMAT => {
                let mut code = Vec::new();
                if let (Some(id), Some(_)) = (u16_at(body, 0), push_wide(body, 2, &mut code)) {
                    formats.insert(u32::from(id), shown_by(&String::from_utf8_lossy(&code)));
                }
            }
            STYLES_BEGIN => inside = true,
            STYLES_END => inside = false,
            STYLE if inside => {
                let id = u16_at(body, 2).unwrap_or(0);
                shows.push(parts::shown(&formats, u32::from(id)));
            }
            _ => {}
        }
    }
    Ok(shows)
}

fn shared(bytes: &[u8], room: Room) -> Result<SharedStrings, Wrong> {
    let mut strings = SharedStrings::default();
    let mut records = whole(bytes);
    while let Some(kind) = records.next()? {
        match kind {
            SHARED_TEXTS_BEGIN => {
                let stated = u32_at(&records.body, 4).unwrap_or(0);
                // The shortest entry is a head of two bytes, a byte of flags and an empty text.
                parts::check_stated(u64::from(stated), bytes.len() as u64 / 7 + 1, room)?;
            }
            SHARED_TEXT => {
                push_wide(&records.body, 1, strings.text())
                    .ok_or_else(|| "a shared text that is cut short".to_owned())?;
                strings.end_text(room)?;
            }
            _ => {}
        }
    }
    Ok(strings)
}

/// A worksheet's part.
pub(super) struct Sheet<'a, R> {
    records: Records<R>,
    book: &'a Book,
    columns_limit: usize,
    row_bytes_limit: usize,
    pub(super) hidden_columns: Vec<(u32, u32)>,
    /// First and last row, first and last column, as the sheet states them.
    pub(super) extent: Option<[u32; 4]>,
    /// The row whose header was read.
    following: Option<(u32, bool)>,
    text: Vec<u8>,
}

impl<'a, R: Read> Sheet<'a, R> {
    /// Reads up to the first row; none where there are no rows.
    pub(super) fn new(
        reader: R,
        book: &'a Book,
        (columns_limit, row_bytes_limit): (usize, usize),
    ) -> Result<Option<Self>, Broken> {
        let mut sheet = Self {
            records: Records::new(reader, row_bytes_limit),
            book,
            columns_limit,
            row_bytes_limit,
            hidden_columns: Vec::new(),
            extent: None,
            following: None,
            text: Vec::new(),
        };
        while let Some(kind) = sheet.records.next()? {
            let body = &sheet.records.body;
            // No row and no column of a sheet has a greater number.
            let number = |at: usize| u32_at(body, at).unwrap_or(0).min(LAST_ROW);
            let numbers = |places: [usize; 4]| places.map(number);
            match kind {
                EXTENT if body.len() >= 16 => sheet.extent = Some(numbers([0, 4, 8, 12])),
                COLUMNS if body.get(16).is_some_and(|flags| flags & 1 != 0) => {
                    let [first, last, ..] = numbers([0, 4, 8, 12]);
                    sheet.hidden_columns.push((first, last.max(first)));
                }
                ROWS_BEGIN => {
                    sheet.header()?;
                    return Ok(Some(sheet));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Passes over all that stands before the next row's header.
    fn header(&mut self) -> Result<(), Broken> {
        while let Some(kind) = self.records.next()? {
            match kind {
                ROW_HEADER => return self.begin(),
                ROWS_END => return Ok(()),
                _ => {}
            }
        }
        Err(ends_early())
    }

    fn begin(&mut self) -> Result<(), Broken> {
        let body = &self.records.body;
        let number = u32_at(body, 0).filter(|number| *number <= LAST_ROW);
        let number = number
            .ok_or_else(|| Broken::Damaged("a row below the last row of a sheet".to_owned()))?;
        self.following = Some((number, body.get(11).is_some_and(|flags| flags & 0x10 != 0)));
        Ok(())
    }

    /// Puts the cell that was read last; `before` is the column of the cell before it.
    fn cell(
        &mut self,
        kind: u16,
        before: Option<u32>,
        row: &mut Row,
    ) -> Result<Option<u32>, Broken> {
        let body = &self.records.body;
        // Short cells stand to the right of the one before, and do not say where.
        let is_short = matches!(kind, 12..=18 | 61);
        let head = if is_short { 4 } else { 8 };
        let column = if is_short {
            before.map_or(0, |column| column.saturating_add(1))
        } else if matches!(kind, 1..=11 | 62) {
            u32_at(body, 0).ok_or_else(|| broken_cell(row))?
        } else {
            return Ok(before);
        };
        if column as usize >= self.columns_limit {
            return Err(Broken::TooManyColumns(column));
        }
        let style = u32_at(body, head - 4).ok_or_else(|| broken_cell(row))? as usize & 0x00ff_ffff;
        self.text.clear();
        let value = value(kind, &body[head..], &self.book.strings, &mut self.text)
            .ok_or_else(|| broken_cell(row))?;
        put(value, style, column, row, &self.book.formats);
        if row.bytes() > self.row_bytes_limit {
            return Err(Broken::RowTooLong(row.number));
        }
        Ok(Some(column))
    }

    /// The merged cells, which stand below the rows.
    pub(super) fn merged(mut self) -> Result<Vec<Merged>, Broken> {
        let mut merged = Vec::new();
        while let Some(kind) = self.records.next()? {
            let body = &self.records.body;
            if kind == MERGED && body.len() >= 16 {
                let number = |at| u32_at(body, at).unwrap_or(0);
                let area = Merged { first: (number(0), number(8)), last: (number(4), number(12)) };
                if area.first.0 <= area.last.0 && area.first.1 <= area.last.1 {
                    merged.push(area);
                }
            }
        }
        Ok(merged)
    }
}

impl<R: Read> Rows for Sheet<'_, R> {
    fn next(&mut self, row: &mut Row) -> Result<bool, Broken> {
        let Some((number, hidden)) = self.following.take() else { return Ok(false) };
        row.start(number, hidden);
        let mut column = None;
        while let Some(kind) = self.records.next()? {
            match kind {
                ROW_HEADER => {
                    self.begin()?;
                    return Ok(true);
                }
                ROWS_END => return Ok(true),
                kind => column = self.cell(kind, column, row)?,
            }
        }
        Err(ends_early())
    }
}

fn ends_early() -> Broken {
    Broken::Damaged("the rows end before the sheet does".to_owned())
}

fn broken_cell(row: &Row) -> Broken {
    Broken::Damaged(format!("row {}: a cell that is cut short", row.number + 1))
}

/// What stands behind the head of a cell; none where it is cut short.
fn value<'a>(
    kind: u16,
    body: &[u8],
    strings: &'a SharedStrings,
    text: &'a mut Vec<u8>,
) -> Option<Value<'a>> {
    Some(match kind {
        2 | 13 => Value::Number(of_rk(u32_at(body, 0)?)),
        3 | 11 | 14 => Value::Error(*body.first()?),
        4 | 10 | 15 => Value::Bool(*body.first()? != 0),
        5 | 16 => Value::Number(f64_at(body, 0)?),
        // An empty text of a formula was calculated: who calculates nothing writes a zero.
        6 | 8 | 17 => {
            push_wide(body, 0, text)?;
            Value::Text(text)
        }
        61 | 62 => {
            push_wide(body, 1, text)?;
            Value::Text(text)
        }
        7 | 18 => strings.get(u32_at(body, 0)? as usize).map_or(Value::Broken, Value::Text),
        9 => {
            let number = f64_at(body, 0)?;
            if number == 0.0 && awaits(body, 8) {
                Value::Uncalculated
            } else {
                Value::Number(number)
            }
        }
        _ => Value::Blank,
    })
}

/// Whether a formula is marked to be calculated though it need not be each time; its flags stand at `at`.
fn awaits(body: &[u8], at: usize) -> bool {
    let marked = u16_at(body, at).is_some_and(|flags| flags & 2 != 0);
    marked && !body.get(at + 6..).is_some_and(is_volatile)
}

//! Takes the rows of a sheet as they come: finds the header, then fills the columns.

use std::borrow::Cow;

use survey::Class;
use survey::config::ExportProfile;
use survey::handoff::Treatment;

use super::row::Row;
use crate::assemble::Assembly;
use crate::chunk::{Chunk, Event, Met};
use crate::classify::{MissingSigns, trim};
use crate::error::{Error, Place};
use crate::key::Key;
use crate::layout::{Layout, Verdict, find_header};
use crate::limits::Limits;
use crate::tally::Start;

/// Merged cells of a sheet: rows and columns from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) first: (u32, u32),
    pub(crate) last: (u32, u32),
}

pub(crate) struct Sink<'a, 'b> {
    profile: &'a ExportProfile,
    key: &'a Key,
    limits: &'a Limits,
    find_merged: Box<dyn FnMut() -> Vec<Merged> + 'a>,
    merged: Option<Vec<Merged>>,
    /// Rows before the data: number in the sheet, texts.
    seen: Vec<(u32, Vec<String>)>,
    table: Option<Table>,
    assembly: &'a mut Assembly<'b>,
    place: &'a Place,
    pub(crate) hidden_rows: u64,
    pub(crate) cells: u64,
    last_row: Option<u32>,
}

/// The rows below the header.
struct Table {
    layout: Layout,
    chunk: Chunk,
    header_row: u32,
    missing: MissingSigns,
}

/// What is known of the header when all rows were taken.
pub(crate) struct Header {
    /// Row of the first header row, from 0.
    pub(crate) row: u32,
    /// Hidden rows below it.
    pub(crate) hidden_rows: u64,
}

/// Why no more rows are taken.
#[derive(Debug)]
pub(crate) enum Full {
    Cells,
    Rows(Box<Error>),
    /// This row does not come after the one before it.
    Order(u32),
    NoHeader,
}

impl<'a, 'b> Sink<'a, 'b> {
    pub(crate) fn new(
        profile: &'a ExportProfile,
        key: &'a Key,
        limits: &'a Limits,
        place: &'a Place,
        assembly: &'a mut Assembly<'b>,
        find_merged: Box<dyn FnMut() -> Vec<Merged> + 'a>,
    ) -> Self {
        Self {
            profile,
            key,
            limits,
            find_merged,
            merged: None,
            seen: Vec::new(),
            table: None,
            assembly,
            place,
            hidden_rows: 0,
            cells: 0,
            last_row: None,
        }
    }

    pub(crate) fn take(&mut self, row: &Row) -> Result<(), Full> {
        if self.last_row.is_some_and(|last| row.number <= last) {
            return Err(Full::Order(row.number));
        }
        let gap = self.last_row.map_or(row.number, |last| row.number - last - 1);
        self.last_row = Some(row.number);
        self.cells += row.width() as u64;
        if self.cells > self.limits.cells {
            return Err(Full::Cells);
        }
        if self.table.is_none() {
            self.look_at(row, gap)?;
        } else if let Some(table) = &mut self.table {
            for _ in 0..gap {
                table.chunk.blank();
            }
            if row.hidden {
                self.hidden_rows += 1;
            }
            table.take(row, self.key, self.limits);
            if table.chunk.rows().is_multiple_of(64)
                && table.chunk.bytes() >= self.limits.segment_bytes
            {
                let chunk = table.replace_chunk();
                self.assembly.take(chunk)?;
            }
        }
        Ok(())
    }

    /// Where the header is; without one, the rows that were looked at.
    pub(crate) fn finish(mut self) -> Result<Result<Header, Vec<Vec<String>>>, Error> {
        if self.table.is_none() {
            // The header's last rows may be blank, and so not in the file.
            for _ in 1..self.profile.header.rows {
                let number = self.seen.last().map_or(0, |(number, _)| number + 1);
                self.seen.push((number, Vec::new()));
            }
            if let Err(Full::Rows(error)) = self.try_header() {
                return Err(*error);
            }
        }
        let Some(mut table) = self.table else {
            return Ok(Err(self.seen.into_iter().map(|(_, texts)| texts).collect()));
        };
        let chunk = table.replace_chunk();
        self.assembly.take(chunk)?;
        Ok(Ok(Header { row: table.header_row, hidden_rows: self.hidden_rows }))
    }

    fn look_at(&mut self, row: &Row, gap: u32) -> Result<(), Full> {
        for blank in (0..gap.min(self.limits.header_search_rows as u32)).rev() {
            self.seen.push((row.number - 1 - blank, Vec::new()));
        }
        if self.seen.len() <= self.limits.header_search_rows && self.try_header()? {
            if let Some(table) = &mut self.table {
                table.take(row, self.key, self.limits);
            }
            return Ok(());
        }
        let text = |column| String::from_utf8_lossy(row.text(column)).into_owned();
        self.seen.push((row.number, (0..row.width()).map(text).collect()));
        if self.try_header()? {
            return Ok(());
        }
        let looked_at = self.seen.iter().filter(|(_, texts)| !texts.is_empty()).count();
        if looked_at >= self.limits.header_search_rows + self.profile.header.rows as usize {
            return Err(Full::NoHeader);
        }
        Ok(())
    }

    /// Makes the table if all header rows are there.
    fn try_header(&mut self) -> Result<bool, Full> {
        let rows: Vec<Vec<String>> = if let Some(first) = self.profile.header.first_row {
            // By number in the sheet, whatever gaps were left out.
            let last = first - 1 + self.profile.header.rows;
            if self.seen.last().is_none_or(|(number, _)| *number + 1 < last) {
                return Ok(false);
            }
            let row = |number| {
                let found = self.seen.iter().find(|(seen, _)| *seen == number);
                found.map(|(_, texts)| texts.clone()).unwrap_or_default()
            };
            return self.begin(first - 1, (first - 1..last).map(row).collect());
        } else {
            self.seen.iter().map(|(_, texts)| texts.clone()).collect()
        };
        let mut searched = Cow::Borrowed(&rows);
        if self.profile.header.name_row > 1
            && let Some(&(number, _)) = self.seen.first()
        {
            sink_merged(searched.to_mut(), number, self.merged());
        }
        let Some(first) = find_header(&searched, self.profile) else { return Ok(false) };
        let last = first + self.profile.header.rows as usize;
        if last > rows.len() {
            return Ok(false);
        }
        self.begin(self.seen[first].0, rows[first..last].to_vec())
    }

    fn begin(&mut self, header_row: u32, mut rows: Vec<Vec<String>>) -> Result<bool, Full> {
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        if rows.iter().any(|row| row.len() < width || row.iter().any(String::is_empty)) {
            fill_merged(&mut rows, header_row, self.merged());
        }
        let layout = Layout::new(&rows, self.profile);
        let chunk = Chunk::new(layout.width(), layout.rules.len());
        // Rows carry their number in the sheet.
        let start = Start { record: 1, line: 1, sheet_row: 1 };
        self.assembly.begin(self.place, &layout, start, true)?;
        let missing = MissingSigns::new(&self.profile.values);
        self.table = Some(Table { layout, chunk, header_row, missing });
        Ok(true)
    }

    fn merged(&mut self) -> &[Merged] {
        self.merged.get_or_insert_with(&mut self.find_merged)
    }
}

/// A code that is merged with the row above it stands there only: for the search it belongs below.
fn sink_merged(rows: &mut [Vec<String>], first_row: u32, merged: &[Merged]) {
    for area in merged.iter().filter(|area| area.last.0 > area.first.0) {
        let column = area.first.1 as usize;
        let Some(top) = area.first.0.checked_sub(first_row).map(|top| top as usize) else {
            continue;
        };
        let Some(cell) = rows.get_mut(top).and_then(|row| row.get_mut(column)) else { continue };
        let text = std::mem::take(cell);
        if let Some(row) = rows.get_mut(top + (area.last.0 - area.first.0) as usize) {
            row.resize(row.len().max(column + 1), String::new());
            row[column] = text;
        }
    }
}

/// A merged header's text holds for all its cells.
fn fill_merged(rows: &mut [Vec<String>], header_row: u32, merged: &[Merged]) {
    let height = rows.len() as u32;
    for area in merged {
        let Some(from) = area.first.0.checked_sub(header_row).filter(|from| *from < height) else {
            continue;
        };
        let text = rows[from as usize].get(area.first.1 as usize).cloned().unwrap_or_default();
        if text.is_empty() || area.last.1 - area.first.1 > 16_384 {
            continue;
        }
        // Down a column only the first row holds the text: a title beside it is no part of the name.
        for column in area.first.1..=area.last.1 {
            let row = &mut rows[from as usize];
            if row.len() <= column as usize {
                row.resize(column as usize + 1, String::new());
            }
            row[column as usize].clone_from(&text);
        }
        let below = (area.last.0 - header_row).min(height - 1);
        for row in &mut rows[from as usize + 1..=below as usize] {
            if row.len() <= area.first.1 as usize {
                row.resize(area.first.1 as usize + 1, String::new());
            }
            row[area.first.1 as usize].clone_from(&text);
        }
    }
}

impl From<Error> for Full {
    fn from(error: Error) -> Self {
        Self::Rows(Box::new(error))
    }
}

impl Table {
    /// Gives out the rows so far.
    fn replace_chunk(&mut self) -> Chunk {
        let next = Chunk::new(self.layout.width(), self.layout.rules.len());
        std::mem::replace(&mut self.chunk, next)
    }

    fn take(&mut self, row: &Row, key: &Key, limits: &Limits) {
        let line = row.number;
        match self.layout.judge(row.width(), |column| Cow::Borrowed(row.text(column))) {
            // A row of formulas without value has no text, but is not blank.
            Verdict::Blank if (0..row.width()).all(|column| row.class(column) == Class::Empty) => {
                self.chunk.blank();
            }
            Verdict::Blank => self.keep(row, false, key, limits),
            Verdict::Cut(rule) => self.chunk.cut(rule, line, line, limits.findings_per_code),
            Verdict::Keep { has_id } => self.keep(row, has_id, key, limits),
        }
    }

    fn keep(&mut self, row: &Row, has_id: bool, key: &Key, limits: &Limits) {
        let line = row.number;
        let record = self.chunk.records_seen;
        self.chunk.keep(line, line, has_id);
        for column in &row.percents {
            self.chunk.percent(*column, has_id);
        }
        for &(column, event) in &row.events {
            if event == Event::ErrorValue && self.missing.has(row.text(column as usize)) {
                continue;
            }
            let position = Some(column);
            let met = Met { event, record, line, sheet_row: line, position, number: 0 };
            self.chunk.meet(met, limits.findings_per_code);
        }
        for column in 0..row.width() {
            let (class, text) = (row.class(column), row.text(column));
            if class == Class::Empty && text.is_empty() {
                continue;
            }
            if self.missing.has(text) {
                self.chunk.put(column, Class::Empty, b"");
                continue;
            }
            match self.layout.headers.get(column).map_or(Treatment::Kept, |header| header.treatment)
            {
                Treatment::Kept => self.chunk.put(column, class, text),
                Treatment::Pseudonymised if class == Class::Empty || text.is_empty() => {
                    self.chunk.put(column, class, b"");
                }
                Treatment::Pseudonymised => {
                    self.chunk.put(column, class, &key.pseudonym(trim(text)));
                }
                Treatment::DroppedPersonal => self.chunk.put(column, class, b""),
            }
        }
    }
}

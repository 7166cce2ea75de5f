//! Takes the rows of a sheet as they come: finds the header, then fills the columns.

use std::borrow::Cow;

use survey::Class;
use survey::handoff::Treatment;
use workbook::{Area, Kind, Oddity, Row};

use super::merged::{at_the_last_cell, over_all_cells};
use crate::assemble::Assembly;
use crate::chunk::{Chunk, Event, Met};
use crate::classify::MissingSigns;
use crate::error::{Error, Place};
use crate::header::{Found, Search, Unrecognised};
use crate::identifier::Id;
use crate::key::Key;
use crate::layout::{Layout, Verdict};
use crate::limits::Limits;
use crate::tally::Start;
use crate::why::Why;

pub(super) struct Sink<'a, 'b> {
    search: Search<'a>,
    key: &'a Key,
    limits: &'a Limits,
    find_merged: Box<dyn FnMut() -> Vec<Area> + 'a>,
    merged: Option<Vec<Area>>,
    /// Rows before the data: number in the sheet, texts.
    seen: Vec<(u32, Vec<String>)>,
    table: Option<Table>,
    assembly: &'a mut Assembly<'b>,
    place: &'a Place,
    pub(super) hidden_rows: u64,
    pub(super) cells: u64,
    last_row: Option<u32>,
}

/// The rows below the header.
struct Table {
    layout: Layout,
    chunk: Chunk,
    header_row: u32,
    missing: MissingSigns,
    /// The header's rows until the first row below them was seen.
    header: Option<Vec<Vec<String>>>,
}

/// What is known of the header when all rows were taken.
pub(super) struct Header {
    /// Row of the first header row, from 0.
    pub(super) row: u32,
    /// Hidden rows below it.
    pub(super) hidden_rows: u64,
}

/// Why no more rows are taken.
#[derive(Debug)]
pub(super) enum Full {
    Cells,
    Rows(Box<Error>),
    /// This row does not come after the one before it.
    Order(u32),
    NoHeader,
}

impl<'a, 'b> Sink<'a, 'b> {
    pub(super) fn new(
        search: Search<'a>,
        key: &'a Key,
        limits: &'a Limits,
        place: &'a Place,
        assembly: &'a mut Assembly<'b>,
        find_merged: Box<dyn FnMut() -> Vec<Area> + 'a>,
    ) -> Self {
        Self {
            search,
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

    pub(super) fn take(&mut self, row: &Row) -> Result<(), Full> {
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
        } else {
            if let Some(table) = &mut self.table {
                (0..gap).for_each(|_| table.chunk.blank());
            }
            self.hidden_rows += u64::from(row.hidden);
            self.pass(row)?;
        }
        if let Some(table) = &mut self.table
            && table.chunk.rows().is_multiple_of(64)
            && table.chunk.bytes() >= self.limits.segment_bytes
        {
            let chunk = table.replace_chunk();
            self.assembly.take(chunk)?;
        }
        Ok(())
    }

    /// Where the header is; without one, the rows that were looked at.
    pub(super) fn finish(mut self) -> Result<Result<Header, Vec<Vec<String>>>, Error> {
        if self.table.is_none() {
            // The header's last rows may be blank, and so not in the file.
            for _ in 1..self.search.profile.header.rows {
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
            return self.pass(row);
        }
        self.seen.push((row.number, row.texts()));
        if self.try_header()? {
            return Ok(());
        }
        let looked_at = self.seen.iter().filter(|(_, texts)| !texts.is_empty()).count();
        if looked_at >= self.limits.header_search_rows + self.search.profile.header.rows as usize {
            return Err(Full::NoHeader);
        }
        Ok(())
    }

    /// Makes the table if all header rows are there.
    fn try_header(&mut self) -> Result<bool, Full> {
        let rows: Vec<Vec<String>> = if let Some(first) = self.search.profile.header.first_row {
            // By number in the sheet, whatever gaps were left out.
            let last = first - 1 + self.search.profile.header.rows;
            if self.seen.last().is_none_or(|(number, _)| *number + 1 < last) {
                return Ok(false);
            }
            let row = |number| {
                let found = self.seen.iter().find(|(seen, _)| *seen == number);
                found.map(|(_, texts)| texts.clone()).unwrap_or_default()
            };
            let rows: Vec<Vec<String>> = (first - 1..last).map(row).collect();
            if let Some(why) = self.search.doubt(&rows) {
                return Err(self.unrecognised(first - 1, why));
            }
            return self.begin(first - 1, rows);
        } else {
            self.seen.iter().map(|(_, texts)| texts.clone()).collect()
        };
        let mut searched = Cow::Borrowed(&rows);
        if self.search.profile.header.name_row > 1
            && let Some(&(number, _)) = self.seen.first()
        {
            at_the_last_cell(searched.to_mut(), number, self.merged());
        }
        let Found::At(first) = self.search.among(&searched, false) else { return Ok(false) };
        let last = first + self.search.profile.header.rows as usize;
        if last > rows.len() {
            return Ok(false);
        }
        self.begin(self.seen[first].0, rows[first..last].to_vec())
    }

    /// A row below the header.
    fn pass(&mut self, row: &Row) -> Result<(), Full> {
        let Some(table) = &mut self.table else { return Ok(()) };
        if let Some(header) = table.header.take()
            && self.search.is_one_more(&header, &row.texts())
        {
            let first = table.header_row;
            return Err(self.unrecognised(first, Why::OneMore));
        }
        table.take(row, self.key, self.limits);
        Ok(())
    }

    fn unrecognised(&self, first: u32, why: Why) -> Full {
        let found = Unrecognised { first: first as usize, why };
        self.search.not_recognised(self.place.clone(), found).into()
    }

    fn begin(&mut self, header_row: u32, mut rows: Vec<Vec<String>>) -> Result<bool, Full> {
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        if rows.iter().any(|row| row.len() < width || row.iter().any(String::is_empty)) {
            over_all_cells(&mut rows, header_row, self.merged());
        }
        let layout = Layout::new(&rows, self.search.profile);
        let chunk = Chunk::new(layout.width(), layout.rules.len());
        // Rows carry their number in the sheet.
        let start = Start { record: 1, line: 1, sheet_row: 1 };
        self.assembly.begin(self.place, &layout, start, true)?;
        let missing = MissingSigns::new(&self.search.profile.values);
        let header = Some(rows);
        self.table = Some(Table { layout, chunk, header_row, missing, header });
        Ok(true)
    }

    fn merged(&mut self) -> &[Area] {
        self.merged.get_or_insert_with(&mut self.find_merged)
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
            Verdict::Blank if (0..row.width()).all(|column| row.kind(column) == Kind::Empty) => {
                self.chunk.blank();
            }
            Verdict::Blank => self.keep(row, false, key, limits),
            Verdict::Cut(rule) => self.chunk.cut(rule, line, line, limits.findings_per_code),
            Verdict::Keep { has_id } => self.keep(row, has_id, key, limits),
        }
    }

    /// What is wrong with cells of a row before it is kept; an error value in place of an id is a spoilt id, told once.
    fn meet_all(&mut self, row: &Row, limits: &Limits) {
        let is_id = |column: usize| {
            let header = self.layout.headers.get(column);
            header.is_some_and(|header| header.treatment == Treatment::Pseudonymised)
        };
        let said = row
            .oddities
            .iter()
            .map(|(column, oddity)| (*column, event_of(*oddity)))
            .filter(|(column, event)| *event != Event::ErrorValue || !is_id(*column as usize))
            .filter(|(column, event)| {
                *event != Event::ErrorValue || !self.missing.has(row.text(*column as usize))
            });
        let spoilt = (0..row.width())
            .filter(|column| is_id(*column) && !self.missing.has(row.text(*column)))
            .filter(|column| Id::of(class_of(row.kind(*column)), row.text(*column)) == Id::Spoilt);
        let all: Vec<(u32, Event)> =
            said.chain(spoilt.map(|column| (column as u32, Event::SpoiltId))).collect();
        for (column, event) in all {
            let met = Met {
                event,
                record: self.chunk.records_seen,
                line: row.number,
                sheet_row: row.number,
                position: Some(column),
                number: 0,
            };
            self.chunk.meet(met, limits.findings_per_code);
        }
    }

    fn keep(&mut self, row: &Row, has_id: bool, key: &Key, limits: &Limits) {
        let line = row.number;
        self.meet_all(row, limits);
        self.chunk.keep(line, line, has_id);
        for column in &row.percents {
            self.chunk.percent(*column, has_id);
        }
        for column in 0..row.width() {
            let (class, text) = (class_of(row.kind(column)), row.text(column));
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
                Treatment::Pseudonymised => {
                    let pseudonym = Id::of(class, text).hidden(key);
                    self.chunk.put(column, class, pseudonym.as_ref().map_or(b"", |hash| hash));
                }
                Treatment::DroppedPersonal => self.chunk.put(column, class, b""),
            }
        }
    }
}

/// What a cell's kind is called in a survey.
fn class_of(kind: Kind) -> Class {
    match kind {
        Kind::Empty => Class::Empty,
        Kind::Text => Class::Text,
        Kind::Number => Class::Number,
        Kind::Date => Class::Date,
        Kind::Bool => Class::Bool,
        Kind::Error => Class::Error,
        Kind::FormulaWithoutValue => Class::FormulaWithoutValue,
    }
}

fn event_of(oddity: Oddity) -> Event {
    match oddity {
        Oddity::ErrorValue => Event::ErrorValue,
        Oddity::FormulaWithoutValue => Event::FormulaWithoutValue,
        Oddity::ImpossibleDate => Event::ImpossibleDate,
        Oddity::LongNumber => Event::LongNumber,
        Oddity::BrokenCell => Event::BrokenCell,
    }
}

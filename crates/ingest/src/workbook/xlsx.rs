//! An xlsx or xlsm: the chosen sheet's XML, row by row.

use super::file::Archive;
use super::parts::{self, Map, SharedStrings};
use super::sheet::{Context, Rows, Sheet};
use super::sink::Merged;
use super::{Filled, Task};
use crate::assemble::Assembly;
use crate::error::Error;

impl Task<'_> {
    pub(super) fn read_xlsx(
        &self,
        archive: &mut Archive,
        assembly: &mut Assembly<'_>,
    ) -> Result<Filled, Error> {
        let room = self.input.room();
        let map = parts::map(archive, room).map_err(|wrong| self.input.wrong(wrong))?;
        let mut chosen = self.chosen(&map.sheets, map.is_1904)?;
        let shows = map.shows(archive, room).map_err(|wrong| self.input.wrong(wrong))?;
        let strings = self.shared_strings(archive, &map)?;
        let context = Context {
            strings: &strings,
            shows: &shows,
            is_1904: map.is_1904,
            columns_limit: self.input.limits.columns,
            row_bytes_limit: self.input.row_bytes_limit(),
        };
        let path = self.input.path_of_sheet(archive, map.path(&chosen.name), &chosen.name)?;
        let part = self.input.part(archive, &path)?;
        let mut sheet = Sheet::new(part);
        let preamble = sheet
            .preamble()
            .map_err(|broken| self.input.broken_sheet(&chosen.place, broken))?
            .ok_or_else(|| self.input.rowless(&chosen.name))?;
        chosen.about.used_range = preamble.dimension;
        chosen.hides(&preamble.hidden_columns);
        let find_merged = || self.merged(&path).unwrap_or_default();
        let mut rows = Numbered { sheet, context, next: 0 };
        let mut filled = self.pour(chosen, &mut rows, Box::new(find_merged), assembly)?;
        drop(rows);
        self.look_at_others(&mut filled, &map.sheets, assembly, &mut |name, look| {
            let path = self.input.path_of_sheet(archive, map.path(name), name).ok()?;
            let mut sheet = Sheet::new(self.input.part(archive, &path).ok()?);
            sheet.preamble().ok()??;
            look(&mut Numbered { sheet, context, next: 0 });
            Some(())
        });
        Ok(filled)
    }

    /// The sheet's merged cells, read apart: they stand below its rows.
    fn merged(&self, path: &str) -> Option<Vec<Merged>> {
        let mut archive = self.input.archive().ok()?;
        let part = self.input.part(&mut archive, path).ok()?;
        Sheet::new(part).merged().ok()
    }

    fn shared_strings(&self, archive: &mut Archive, map: &Map) -> Result<SharedStrings, Error> {
        let Some(path) = &map.shared_strings else { return Ok(SharedStrings::default()) };
        let xml = parts::part(archive, path, self.input.room())
            .map_err(|wrong| self.input.wrong(wrong))?;
        let xml = xml.unwrap_or_default();
        SharedStrings::parse(&xml, self.input.room()).map_err(|wrong| self.input.wrong(wrong))
    }
}

/// Rows, of which some may have no number of their own.
struct Numbered<'a, R> {
    sheet: Sheet<R>,
    context: Context<'a>,
    /// The number of such a row.
    next: u32,
}

impl<R: std::io::Read> Rows for Numbered<'_, R> {
    fn next(&mut self, row: &mut super::row::Row) -> Result<bool, super::sheet::Broken> {
        let found = self.sheet.next(row, self.next, &self.context)?;
        self.next = row.number + 1;
        Ok(found)
    }
}

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
        let part = archive.by_name(&path).map_err(|error| self.input.damaged(error.to_string()))?;
        let mut sheet = Sheet::new(part);
        let preamble = sheet
            .preamble()
            .map_err(|broken| self.input.broken_sheet(&chosen.place, broken))?
            .ok_or_else(|| self.input.rowless(&chosen.name))?;
        chosen.about.used_range = preamble.dimension;
        chosen.hides(&preamble.hidden_columns);
        let find_merged = || self.merged(&path).unwrap_or_default();
        let mut rows = Following { sheet, context, following: 0 };
        self.pour(chosen, &mut rows, Box::new(find_merged), assembly)
    }

    /// The sheet's merged cells, read apart: they stand below its rows.
    fn merged(&self, path: &str) -> Option<Vec<Merged>> {
        let mut archive = self.input.archive().ok()?;
        let part = archive.by_name(path).ok()?;
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
struct Following<'a, R> {
    sheet: Sheet<R>,
    context: Context<'a>,
    /// The number of such a row.
    following: u32,
}

impl<R: std::io::Read> Rows for Following<'_, R> {
    fn next(&mut self, row: &mut super::row::Row) -> Result<bool, super::sheet::Broken> {
        let found = self.sheet.next(row, self.following, &self.context)?;
        self.following = row.number + 1;
        Ok(found)
    }
}

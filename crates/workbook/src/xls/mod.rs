//! An xls of Excel 5 to 2003: its stream of records, and the cells of each sheet in the order of their rows.

mod bytes;
pub(crate) mod compound;
mod formula;
mod globals;
mod records;
mod sheet;
mod stored;

use crate::error::Error;
use crate::limits::Limits;
use crate::sheet::Sheet;
use crate::sheets::SheetInfo;
use compound::Compound;
use globals::Globals;
use sheet::SheetCells;

pub(crate) struct Book(Globals);

impl Book {
    pub(crate) fn open(file: &Compound, limits: &Limits) -> Result<Self, Error> {
        Globals::open(file, limits).map(Self)
    }

    pub(crate) fn sheets(&self) -> &[SheetInfo] {
        &self.0.sheets
    }

    pub(crate) fn is_1904(&self) -> bool {
        self.0.is_1904
    }

    pub(crate) fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    pub(crate) fn sheet(&self, name: &str, limits: &Limits) -> Result<Sheet<'_>, Error> {
        let mut cells = SheetCells::new(&self.0, name, *limits)?;
        let merged = std::mem::take(&mut cells.merged);
        Ok(Sheet {
            used_range: cells.used_range.take(),
            hidden_columns: std::mem::take(&mut cells.hidden_columns),
            rows: Box::new(cells),
            merged: Box::new(move || merged.clone()),
        })
    }
}

//! An xlsb: calamine reads its values, once its records were looked through.

mod caught;
mod cells;
mod scan;

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use calamine::{Reader, SheetType, SheetVisible, Xlsb};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::archive::{Archive, Open, ReadSeek, part, path_of_sheet, streamed};
use crate::error::Error;
use crate::limits::Limits;
use crate::package::{joined, relations};
use crate::sheet::Sheet;
use crate::sheets::{SheetInfo, SheetKind, Visibility};
use caught::caught;
use cells::Cells;

/// For the receipt.
pub(crate) const NOT_READ: &str = "xlsb: values only; hidden rows and columns, merged cells, percent formats and whether formulas were calculated were not looked at";

pub(crate) struct Book {
    archive: Archive,
    calamine: Xlsb<Box<dyn ReadSeek>>,
    /// The workbook with a sheet as calamine can read it.
    rewritten: Option<Xlsb<Box<dyn ReadSeek>>>,
    sheets: Vec<SheetInfo>,
    /// Sheet name → path of its part.
    paths: BTreeMap<String, String>,
}

impl Book {
    /// `archive` was checked against the limits before.
    pub(crate) fn open(
        mut archive: Archive,
        open: &Open<'_>,
        limits: &Limits,
    ) -> Result<Self, Error> {
        for path in ["xl/workbook.bin", "xl/styles.bin", "xl/sharedStrings.bin"] {
            if let Some(bytes) = part(&mut archive, path, limits)? {
                scan::shared_part(path, &bytes, limits)?;
            }
        }
        let paths = paths(&mut archive, limits)?;
        let calamine = calamine(open().map_err(Error::Unopened)?)?;
        let sheets = calamine.sheets_metadata().iter().map(info).collect();
        Ok(Self { archive, calamine, rewritten: None, sheets, paths })
    }

    pub(crate) fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    pub(crate) fn is_1904(&self) -> bool {
        self.calamine.has_1904_epoch()
    }

    pub(crate) fn sheet(&mut self, name: &str, limits: &Limits) -> Result<Sheet<'_>, Error> {
        let path = path_of_sheet(&self.archive, self.paths.get(name))?;
        let found = scan::sheet(streamed(&mut self.archive, &path)?, limits, None)?;
        let is_1904 = self.calamine.has_1904_epoch();
        let calamine = if found.is_to_be_rewritten {
            let bytes = self.with_rewritten(&path, limits)?;
            self.rewritten.insert(calamine(Box::new(Cursor::new(bytes)))?)
        } else {
            &mut self.calamine
        };
        let mut reader = caught(|| {
            let reader = calamine.worksheet_cells_reader(name);
            reader.map_err(|error| Error::Damaged(error.to_string()))
        })?;
        let next = move || {
            let cell = reader.next_cell().map_err(|error| Error::Damaged(error.to_string()))?;
            Ok(cell.map(|cell| (cell.get_position(), cell.get_value().clone())))
        };
        Ok(Sheet {
            used_range: found.extent.map(|extent| extent.to_string()),
            hidden_columns: Vec::new(),
            rows: Box::new(Cells::new(next, found.newer_errors, is_1904, *limits)),
            merged: Box::new(Vec::new),
        })
    }

    /// The workbook with the sheet's part as calamine can read it; other parts stay as they are.
    fn with_rewritten(&mut self, sheet: &str, limits: &Limits) -> Result<Vec<u8>, Error> {
        let stated = part_bytes(&mut self.archive, sheet)?;
        if stated > limits.memory_bytes {
            let what = format!("bytes in `{sheet}`");
            return Err(Error::limit(what, stated, limits.memory_bytes));
        }
        let mut part = Vec::new();
        scan::sheet(streamed(&mut self.archive, sheet)?, limits, Some(&mut part))?;
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        let written = (|| {
            for index in 0..self.archive.len() {
                let entry = self.archive.by_index_raw(index)?;
                let name = entry.name()?.to_string();
                if name == sheet {
                    drop(entry);
                    let stored = SimpleFileOptions::default()
                        .compression_method(zip::CompressionMethod::Stored);
                    out.start_file(name, stored)?;
                    out.write_all(&part)?;
                } else if is_read(&name) {
                    out.raw_copy_file(entry)?;
                }
            }
            Ok::<_, zip::result::ZipError>(out.finish()?.into_inner())
        })();
        written.map_err(|error| Error::Damaged(error.to_string()))
    }
}

/// Parts that calamine reads besides a sheet's own.
fn is_read(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["workbook.bin", "workbook.bin.rels", "styles.bin", "sharedstrings.bin"]
        .iter()
        .any(|name| path.ends_with(name))
}

fn part_bytes(archive: &mut Archive, path: &str) -> Result<u64, Error> {
    let part = archive.by_name(path).map_err(|error| Error::Damaged(error.to_string()))?;
    Ok(part.size())
}

fn calamine(reader: Box<dyn ReadSeek>) -> Result<Xlsb<Box<dyn ReadSeek>>, Error> {
    caught(|| Xlsb::new(reader).map_err(|error| Error::Damaged(error.to_string())))
}

/// The path of each sheet's part; of two sheets of one name the first.
fn paths(archive: &mut Archive, limits: &Limits) -> Result<BTreeMap<String, String>, Error> {
    let list = part(archive, "xl/_rels/workbook.bin.rels", limits)?.unwrap_or_default();
    let relations = relations(&list)?;
    let bytes = part(archive, "xl/workbook.bin", limits)?.unwrap_or_default();
    let mut paths = BTreeMap::new();
    for (relation, name) in scan::sheets(&bytes)? {
        if let Some((_, target)) = relations.get(&relation) {
            paths.entry(name).or_insert_with(|| joined("xl", target));
        }
    }
    Ok(paths)
}

fn info(sheet: &calamine::Sheet) -> SheetInfo {
    let kind = match sheet.typ {
        SheetType::WorkSheet => SheetKind::Worksheet,
        _ => SheetKind::Other,
    };
    let visibility = match sheet.visible {
        SheetVisible::Visible => Visibility::Visible,
        SheetVisible::Hidden => Visibility::Hidden,
        SheetVisible::VeryHidden => Visibility::VeryHidden,
    };
    SheetInfo { name: sheet.name.clone(), kind, visibility }
}

//! What a copy of a workbook is made from: its package, or its cells as texts.

use calamine::{Data, Reader, Sheets, open_workbook_auto_from_rs};

use std::io::{Cursor, Read};

use super::{Kind, kind, parts};
use crate::date;
use crate::delivery::Opened;
use crate::error::Error;
use crate::limits::Limits;

fn content(opened: &Opened, limits: &Limits) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let (mut content, _) = opened.content(limits)?;
    content.read_to_end(&mut bytes).map_err(|source| opened.broken(source))?;
    Ok(bytes)
}

/// The bytes of an xlsx or xlsm, out of its wrapper; none for other workbooks.
pub(crate) fn bytes_of_xlsx(opened: &Opened, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
    if !matches!(kind(&opened.start), Some(Kind::Zip)) {
        return Ok(None);
    }
    let bytes = content(opened, limits)?;
    let damaged = |error: zip::result::ZipError| Error::Damaged {
        place: opened.place.clone(),
        what: error.to_string(),
    };
    let archive = zip::ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(damaged)?;
    let has = |part| parts::path_of(&archive, part).is_some();
    let is_other = has("xl/workbook.bin") || has("content.xml");
    Ok((!is_other).then_some(bytes))
}

/// A sheet's name and its rows, from the first row and column of the sheet.
pub(crate) type SheetTexts = (String, Vec<Vec<String>>);

/// The visible sheets with their cells as texts.
pub(crate) fn sheets_of(opened: &Opened, limits: &Limits) -> Result<Vec<SheetTexts>, Error> {
    let bytes = content(opened, limits)?;
    let damaged = |error: calamine::Error| Error::Damaged {
        place: opened.place.clone(),
        what: error.to_string(),
    };
    let mut workbook: Sheets<_> =
        open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(damaged)?;
    let visible: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == calamine::SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut sheets = Vec::new();
    for name in visible {
        let range = workbook.worksheet_range(&name).map_err(damaged)?;
        let (row, column) = range.start().unwrap_or((0, 0));
        let mut rows = vec![Vec::new(); row as usize];
        rows.extend(range.rows().map(|cells| {
            let mut texts = vec![String::new(); column as usize];
            texts.extend(cells.iter().map(text));
            texts
        }));
        sheets.push((name, rows));
    }
    Ok(sheets)
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        Data::DateTime(value) => {
            let serial = value.as_f64();
            date::from_serial(serial, false).unwrap_or_else(|| serial.to_string())
        }
        other => other.to_string(),
    }
}

//! What a copy of a workbook is made from: its package, or its cells as texts.

use std::io::Read;

use super::choose::{SheetInfo, SheetKind, Visibility};
use super::file::{Input, Kind};
use super::row::Row;
use super::sheet::{Broken, Rows};
use super::{ods, ods_sheet, xls, xls_sheet, xlsb};
use crate::delivery::Opened;
use crate::error::Error;
use crate::limits::Limits;

/// The bytes of an xlsx or xlsm, out of its wrapper; none for other workbooks.
pub(crate) fn bytes_of_xlsx(opened: &Opened, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
    let Kind::Xlsx(_) = (Input { opened, limits }).kind()? else { return Ok(None) };
    let mut bytes = Vec::new();
    let (mut content, _) = opened.content(limits)?;
    content.read_to_end(&mut bytes).map_err(|source| opened.broken(source))?;
    Ok(Some(bytes))
}

/// A sheet's name and its rows, from the first row and column of the sheet.
pub(crate) type SheetTexts = (String, Vec<Vec<String>>);

/// The visible sheets of an xls, xlsb or ods with their cells as texts.
pub(crate) fn sheets_of(opened: &Opened, limits: &Limits) -> Result<Vec<SheetTexts>, Error> {
    let input = Input { opened, limits };
    let (room, row_limits) = (input.room(), input.row_limits());
    let wrong = |wrong| input.wrong(wrong);
    let broken = |broken| input.broken_sheet(&opened.place, broken);
    match input.kind()? {
        Kind::Xls(file) => {
            let book = xls::Book::open(&file, room).map_err(wrong)?;
            drop(file);
            visible(&book.sheets, |name| {
                texts(&mut xls_sheet::Sheet::new(&book, name, row_limits).map_err(broken)?)
                    .map_err(broken)
            })
        }
        Kind::Xlsb(mut archive) => {
            let book = xlsb::Book::open(&mut archive, room).map_err(wrong)?;
            visible(&book.sheets, |name| {
                let path = input.path_of_sheet(&archive, book.paths.get(name), name)?;
                let part = input.part(&mut archive, &path)?;
                let sheet = xlsb::Sheet::new(part, &book, row_limits).map_err(broken)?;
                sheet.map_or_else(|| Ok(Vec::new()), |mut sheet| texts(&mut sheet).map_err(broken))
            })
        }
        Kind::Ods(mut archive) => {
            let book = ods::Book::open(&mut archive, room).map_err(wrong)?;
            visible(&book.sheets, |name| {
                let around = book.around(name).map_err(|what| input.damaged(what))?;
                input.check_repeated(&around)?;
                texts(&mut ods_sheet::Sheet::new(book.content_of(name), row_limits)).map_err(broken)
            })
        }
        Kind::Xlsx(_) => Ok(Vec::new()),
    }
}

fn visible(
    sheets: &[SheetInfo],
    mut rows: impl FnMut(&str) -> Result<Vec<Vec<String>>, Error>,
) -> Result<Vec<SheetTexts>, Error> {
    let is_shown = |sheet: &&SheetInfo| {
        sheet.kind == SheetKind::Worksheet && sheet.visible == Visibility::Visible
    };
    sheets
        .iter()
        .filter(is_shown)
        .map(|sheet| Ok((sheet.name.clone(), rows(&sheet.name)?)))
        .collect()
}

fn texts(rows: &mut dyn Rows) -> Result<Vec<Vec<String>>, Broken> {
    let (mut texts, mut row) = (Vec::new(), Row::default());
    while rows.next(&mut row)? {
        texts.resize(texts.len().max(row.number as usize), Vec::new());
        let text = |column| String::from_utf8_lossy(row.text(column)).into_owned();
        texts.push((0..row.width()).map(text).collect());
    }
    Ok(texts)
}

//! A figure as a workbook for people.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Table, TableColumn, Workbook, XlsxError,
};

use super::{Field, rows};
use crate::Error;
use crate::figure::Content;
use crate::view::View;

/// One sheet with a table; the notice and the release stand on a sheet before it.
pub fn workbook(view: View<'_>, content: &Content<'_>) -> Result<Vec<u8>, Error> {
    let failed = |problem: XlsxError| Error::Workbook {
        figure: content.figure.key.clone(),
        problem: problem.to_string(),
    };
    made(view, content).map_err(failed)
}

fn made(view: View<'_>, content: &Content<'_>) -> Result<Vec<u8>, XlsxError> {
    let (header, rows) = rows(view, content);
    let mut workbook = Workbook::new();
    // The moment of writing would make other bytes of the same release.
    let moment = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&moment));
    let bold = Format::new().set_bold();
    let cover = workbook.add_worksheet().set_name(view.words.say("workbook.cover"))?;
    cover.set_column_width(0, 100)?;
    let title = view.text(&content.figure.titles, &content.figure.key);
    cover.write_string_with_format(0, 0, title, &bold)?;
    let source = crate::figure::draw::source(view);
    for (row, text) in
        [view.notice(), &source, view.words.say("workbook.how")].into_iter().enumerate()
    {
        cover.write_string(row as u32 + 2, 0, text)?;
    }
    let sheet = workbook.add_worksheet().set_name(view.words.say("workbook.data"))?;
    let columns: Vec<TableColumn> =
        header.iter().map(|name| TableColumn::new().set_header(*name)).collect();
    let last = (rows.len().max(1) as u32, header.len() as u16 - 1);
    for (number, row) in rows.iter().enumerate() {
        for (column, field) in row.iter().enumerate() {
            let (row, column) = (number as u32 + 1, column as u16);
            match field {
                Field::Text(text) => drop(sheet.write_string(row, column, text)?),
                Field::Number(number) => drop(sheet.write_number(row, column, *number)?),
                Field::Empty => {}
            }
        }
    }
    sheet.add_table(0, 0, last.0, last.1, &Table::new().set_columns(&columns))?;
    sheet.set_freeze_panes(1, 0)?;
    workbook.save_to_buffer()
}

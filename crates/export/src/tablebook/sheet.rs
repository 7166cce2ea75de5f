//! A table on a sheet: its title, what a reader must know, and a real table of the spreadsheet.

use rust_xlsxwriter::{Format, Table, TableColumn, TableStyle, Url, Worksheet, XlsxError};

use super::look::{Look, Looks, is_risky};
use super::marks;
use super::names::table_name;
use super::table::{self, Value};

/// What stands above a table.
pub struct Head<'a> {
    pub title: &'a str,
    /// Lines with their look, from the top down.
    pub lines: Vec<(String, Look)>,
    /// The sheet and text of a link back.
    pub back: Option<(&'a str, &'a str)>,
}

/// A header of a column.
pub struct Header {
    pub text: String,
    pub group: usize,
    pub width: f64,
    pub is_number: bool,
}

/// Writes what stands above; returns the row of the table's header.
pub fn head(sheet: &mut Worksheet, looks: &mut Looks, head: &Head<'_>) -> Result<u32, XlsxError> {
    write(sheet, looks, (0, 0), head.title, Look::Title)?;
    sheet.set_row_height(0, 24)?;
    let mut row = 1;
    for (line, look) in &head.lines {
        write(sheet, looks, (row, 0), line, *look)?;
        row += 1;
    }
    if let Some((to, text)) = head.back {
        link(sheet, looks, (row, 0), to, text)?;
        row += 1;
    }
    Ok(row + 1)
}

/// Writes a text as a text, whatever it looks like.
pub fn write(
    sheet: &mut Worksheet,
    looks: &mut Looks,
    (row, column): (u32, u16),
    text: &str,
    look: Look,
) -> Result<(), XlsxError> {
    // No cell of a spreadsheet holds more.
    let short: String = text.chars().take(16_000).collect();
    sheet.write_string_with_format(row, column, short, looks.of(look)).map(|_| ())
}

/// A link to another sheet.
pub fn link(
    sheet: &mut Worksheet,
    looks: &mut Looks,
    (row, column): (u32, u16),
    to: &str,
    text: &str,
) -> Result<(), XlsxError> {
    let url = Url::new(format!("internal:'{}'!A1", to.replace('\'', "''"))).set_text(text);
    sheet.write_url_with_format(row, column, url, looks.of(Look::Link)).map(|_| ())
}

/// Makes a real table of rows that are written; their header stands at `top`.
pub fn real_table(
    sheet: &mut Worksheet,
    looks: &mut Looks,
    top: u32,
    rows: usize,
    headers: &[Header],
    (name, title): (&str, &str),
) -> Result<(), XlsxError> {
    let columns: Vec<TableColumn> = headers
        .iter()
        .map(|header| {
            let look: Format =
                looks.of(Look::Header { group: header.group, is_number: header.is_number }).clone();
            TableColumn::new().set_header(one_line(&header.text)).set_header_format(look)
        })
        .collect();
    let table = Table::new()
        .set_name(table_name(name))
        .set_style(TableStyle::None)
        .set_columns(&columns)
        .set_alt_text_title(one_line(title));
    let last = headers.len() as u16 - 1;
    sheet.add_table(top, 0, top + rows as u32, last, &table)?;
    for (column, header) in headers.iter().enumerate() {
        sheet.set_column_width(column as u16, header.width)?;
    }
    let broken =
        headers.iter().map(|header| lines(&header.text, header.width * 0.95)).max().unwrap_or(1);
    // Below the text is room for the button that filters.
    sheet.set_row_height(top, (broken * 15 + 15) as f64)?;
    sheet.set_repeat_rows(top, top)?;
    sheet.set_landscape().set_paper_size(9).set_footer("&L&A&R&P / &N");
    Ok(())
}

/// Lines that a text takes in a column of a width, broken between words.
fn lines(text: &str, width: f64) -> usize {
    let room = (width as usize).max(1);
    let (mut lines, mut used) = (1, 0);
    for word in text.split_whitespace() {
        let long = word.chars().count();
        if used > 0 && used + 1 + long > room {
            lines += 1;
            used = 0;
        }
        lines += long.saturating_sub(1) / room;
        used += long % room + usize::from(used > 0);
    }
    lines
}

/// Makes a row as high as its texts need.
fn fit_row<'a>(
    sheet: &mut Worksheet,
    row: u32,
    texts: impl Iterator<Item = (&'a str, f64)>,
) -> Result<(), XlsxError> {
    let needed = texts.map(|(text, width)| lines(text, width)).max().unwrap_or(1);
    if needed > 1 {
        sheet.set_row_height(row, (needed * 15) as f64)?;
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(255).collect()
}

/// A table of a panel.
pub fn of_table(
    sheet: &mut Worksheet,
    looks: &mut Looks,
    above: &Head<'_>,
    table: &table::Table,
    (row_word, statistic_word): (&str, &str),
    name: &str,
) -> Result<(), XlsxError> {
    let top = head(sheet, looks, above)?;
    let longest = table.rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let label_width = (longest as f64 * 1.15 + 2.0).clamp(24.0, 60.0);
    let mut headers = vec![
        Header { text: row_word.to_owned(), group: 0, width: label_width, is_number: false },
        Header { text: statistic_word.to_owned(), group: 0, width: 30.0, is_number: false },
    ];
    headers.extend(table.columns.iter().map(|column| Header {
        text: column.header.clone(),
        group: column.group,
        width: if column.group < 2 { 9.5 } else { 17.0 },
        is_number: true,
    }));
    for (number, row) in table.rows.iter().enumerate() {
        let at = top + 1 + number as u32;
        let (part, is_first) = (row.part, row.is_first);
        let look = Look::Label { part, is_first, is_quoted: is_risky(&row.label) };
        fit_row(sheet, at, std::iter::once((row.label.as_str(), label_width)))?;
        write(sheet, looks, (at, 0), &row.label, look)?;
        write(sheet, looks, (at, 1), &row.statistic, Look::Statistic { part, is_first })?;
        for (place, (value, column)) in row.values.iter().zip(&table.columns).enumerate() {
            let (place, is_edge) = (place as u16 + 2, column.is_first || place == 0);
            match value {
                Value::Number(number) => {
                    let decimals = row.decimals;
                    let look = Look::Number { part, is_first, decimals, is_edge };
                    sheet.write_number_with_format(at, place, *number, looks.of(look))?;
                }
                Value::Mark(mark) => {
                    let is_arrow = [marks::UP, marks::DOWN, marks::SAME].contains(mark);
                    let look = Look::Mark { part, is_first, is_edge, is_arrow };
                    write(sheet, looks, (at, place), mark, look)?;
                }
                Value::Text(text) => {
                    let look = Look::Number { part, is_first, decimals: 0, is_edge };
                    write(sheet, looks, (at, place), text, look)?;
                }
            }
        }
    }
    real_table(sheet, looks, top, table.rows.len(), &headers, (name, &table.title))?;
    sheet.set_freeze_panes(top + 1, 2)?;
    // On paper as many pages as it takes, each with its answers: one page would be too small to read.
    sheet.set_repeat_columns(0, 1)?.set_print_scale(65);
    sheet.set_screen_gridlines(false);
    Ok(())
}

/// A table of texts and numbers, one row a thing.
pub fn of_list(
    sheet: &mut Worksheet,
    looks: &mut Looks,
    above: &Head<'_>,
    headers: &[Header],
    rows: &[Vec<Option<Value>>],
    name: &str,
) -> Result<u32, XlsxError> {
    let top = head(sheet, looks, above)?;
    for (number, row) in rows.iter().enumerate() {
        let at = top + 1 + number as u32;
        let texts = row.iter().zip(headers).filter_map(|(value, header)| match value {
            Some(Value::Text(text)) => Some((text.as_str(), header.width)),
            _ => None,
        });
        fit_row(sheet, at, texts)?;
        for (place, value) in row.iter().enumerate() {
            let place = place as u16;
            match value {
                Some(Value::Number(number)) => {
                    sheet.write_number_with_format(at, place, *number, looks.of(Look::Plain))?;
                }
                Some(Value::Mark(text)) => {
                    write(sheet, looks, (at, place), text, Look::Text { is_quoted: false })?;
                }
                Some(Value::Text(text)) => {
                    let look = Look::Text { is_quoted: is_risky(text) };
                    write(sheet, looks, (at, place), text, look)?;
                }
                None => {}
            }
        }
    }
    real_table(sheet, looks, top, rows.len(), headers, (name, above.title))?;
    sheet.set_freeze_panes(top + 1, 0)?;
    sheet.set_print_fit_to_pages(1, 0);
    Ok(top)
}

/// The look of a line that warns.
pub fn warning(is_restricted: bool) -> Look {
    if is_restricted { Look::Alarm } else { Look::Notice }
}

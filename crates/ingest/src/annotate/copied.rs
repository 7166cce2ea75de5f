//! A workbook made anew of a delivery that is no xlsx: all cells as text, with the marks and the list of findings.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, Note, Workbook, Worksheet, XlsxError,
};
use survey::{Finding, Severity};
use workbook::Address;
use workbook::text::TextRow;

use super::mark::{Annotated, FINDINGS_SHEET, Marks, color, marks_of, place_of};
use super::table;
use crate::error::{Error, ONLY_THE_LIST, Place};

/// Rows and columns of a sheet of Excel.
const MOST_ROWS: usize = 1_048_576;
const MOST_COLUMNS: usize = 16_384;
/// Signs that a cell of Excel holds.
const MOST_SIGNS: usize = 32_767;

/// A sheet's name and its cells as texts, from its first row and column.
pub(super) type SheetTexts = (String, Vec<Vec<String>>);

pub(super) fn of_csv(
    place: &Place,
    rows: &[TextRow],
    findings: &[&Finding],
) -> Result<Annotated, Error> {
    // A finding names the physical line; a record may take several of them.
    let row_of_line: BTreeMap<u64, u32> = rows.iter().map(|row| row.line).zip(0..).collect();
    let here = |finding: &Finding| {
        let (row, column) = place_of(finding.cell.as_deref()?)?;
        let line = finding.line.unwrap_or(u64::from(row) + 1);
        Some((*row_of_line.get(&line).unwrap_or(&row), column))
    };
    let texts: Vec<&[String]> = rows.iter().map(|row| row.cells.as_slice()).collect();
    let note = "a workbook made of the CSV: every cell is text, as it stands in the file";
    let listed = Listed { findings, place: &here };
    write(place, &[("Data", None, texts)], &listed, note)
}

pub(super) fn of_sheets(
    place: &Place,
    sheets: &[SheetTexts],
    findings: &[&Finding],
) -> Result<Annotated, Error> {
    let here = |finding: &Finding| place_of(finding.cell.as_deref()?);
    let sheets: Vec<SheetRows<'_>> = sheets
        .iter()
        .map(|(name, rows)| {
            (name.as_str(), Some(name.as_str()), rows.iter().map(Vec::as_slice).collect())
        })
        .collect();
    let note = "a new xlsx with the cells of the visible sheets as text: formats, formulas and other sheets are not in it";
    write(place, &sheets, &Listed { findings, place: &here }, note)
}

struct Listed<'a> {
    findings: &'a [&'a Finding],
    place: &'a dyn Fn(&Finding) -> Option<(u32, u32)>,
}

/// A sheet's name, what findings call it, and its rows.
type SheetRows<'a> = (&'a str, Option<&'a str>, Vec<&'a [String]>);

fn write(
    place: &Place,
    sheets: &[SheetRows<'_>],
    listed: &Listed<'_>,
    note: &str,
) -> Result<Annotated, Error> {
    for (_, _, rows) in sheets {
        let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        for (what, found, limit) in
            [("rows", rows.len(), MOST_ROWS), ("columns", width, MOST_COLUMNS)]
        {
            if found > limit {
                return Err(Error::Limit {
                    place: place.clone(),
                    what: format!("{what} of a sheet of Excel"),
                    found: found as u64,
                    limit: limit as u64,
                    advice: ONLY_THE_LIST.to_owned(),
                });
            }
        }
    }
    let mut cells = 0;
    let mut written = || -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        // The same bytes on any day.
        let day = ExcelDateTime::from_ymd(2000, 1, 1)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&day));
        let mut first = None;
        for (name, key, rows) in sheets {
            let marks = marks_of(listed.findings, *key, listed.place);
            cells += marks.len();
            let sheet = workbook.add_worksheet();
            sheet.set_name(*name)?;
            first.get_or_insert(*name);
            data_sheet(sheet, rows, &marks)?;
        }
        let sheet = workbook.add_worksheet();
        sheet.set_name(FINDINGS_SHEET)?;
        findings_sheet(sheet, listed, first.unwrap_or_default())?;
        workbook.save_to_buffer()
    };
    let bytes = written()
        .map_err(|error| Error::Unmarked { place: place.clone(), what: error.to_string() })?;
    Ok(Annotated {
        bytes,
        extension: "xlsx",
        cells,
        findings: listed.findings.len(),
        note: Some(note.to_owned()),
    })
}

fn fill(severity: Severity) -> Format {
    Format::new()
        .set_background_color(Color::from(format!("#{}", color(severity)).as_str()))
        .set_num_format("@")
}

fn data_sheet(
    sheet: &mut Worksheet,
    rows: &[&[String]],
    marks: &Marks<'_>,
) -> Result<(), XlsxError> {
    let plain = Format::new().set_num_format("@");
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0_u16..).zip(*cells) {
            if cell.is_empty() {
                continue;
            }
            let mark = marks.get(&(row, u32::from(column)));
            let format = mark.map_or_else(|| plain.clone(), |mark| fill(mark.severity()));
            let shown: String = cell.chars().take(MOST_SIGNS).collect();
            sheet.write_string_with_format(row, column, shown, &format)?;
        }
    }
    for ((row, column), mark) in marks {
        let column = u16::try_from(*column).unwrap_or(u16::MAX);
        let is_empty = rows
            .get(*row as usize)
            .and_then(|cells| cells.get(usize::from(column)))
            .is_none_or(String::is_empty);
        if is_empty {
            sheet.write_blank(*row, column, &fill(mark.severity()))?;
        }
        let text = mark.text();
        let lines: usize = text.lines().map(|line| 1 + line.chars().count() / 45).sum();
        let note = Note::new(text)
            .set_author("peil")
            .add_author_prefix(false)
            .set_width(340)
            .set_height(18 * lines.clamp(4, 30) as u32);
        sheet.insert_note(*row, column, &note)?;
    }
    Ok(())
}

fn findings_sheet(sheet: &mut Worksheet, listed: &Listed<'_>, data: &str) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for (column, (name, width)) in (0..).zip(table::COLUMNS) {
        sheet.write_string_with_format(0, column, name, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    for (row, finding) in (1..).zip(listed.findings) {
        let cell = (listed.place)(finding).map(|(row, column)| Address { row, column }.to_string());
        for (column, field) in (0..).zip(table::fields(finding, cell.as_deref())) {
            if column == 2 && field.is_empty() && cell.is_some() {
                sheet.write_string(row, column, data)?;
            } else if column as usize == table::COLUMNS.len() - 1 {
                sheet.write_number(row, column, finding.count as f64)?;
            } else if !field.is_empty() {
                sheet.write_string(row, column, field)?;
            }
        }
    }
    let last = listed.findings.len() as u32;
    sheet.autofilter(0, 0, last, table::COLUMNS.len() as u16 - 1)?;
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

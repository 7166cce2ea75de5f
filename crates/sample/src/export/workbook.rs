//! Workbooks: data that does not start at A1, a hidden sheet, footers, dates as serials.

use std::path::Path;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};

use crate::delivery::{AS_TEXT, Delivery, NOT_AVAILABLE};
use crate::draw::{group_name, is_numeric};
use crate::error::{Error, write_file};
use crate::producer::Producer;
use crate::questionnaire::Content;

pub fn write(delivery: &Delivery, path: &Path) -> Result<(), Error> {
    let bytes =
        build(delivery).map_err(|source| Error::Workbook { path: path.to_owned(), source })?;
    write_file(path, &bytes)
}

fn build(delivery: &Delivery) -> Result<Vec<u8>, XlsxError> {
    let questionnaire = &delivery.questionnaire;
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(questionnaire.wave, 6, 1)?;
    workbook.set_properties(
        &DocProperties::new().set_title("Synthetische gegevens").set_creation_datetime(&created),
    );
    let forms = questionnaire.producer == Producer::MicrosoftForms;
    if !forms {
        let hidden = workbook.add_worksheet();
        hidden.set_name("Toelichting")?.set_hidden(true);
        hidden.write(0, 0, "Synthetische gegevens: geen echte respondenten")?;
        hidden.write(2, 0, "respnr")?;
        hidden.write(2, 1, "oude codering")?;
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name(if forms { "Form1" } else { "Data" })?;
    sheet.set_active(true);
    if !forms {
        sheet.set_first_tab(true);
    }
    fill(sheet, delivery)?;
    workbook.save_to_buffer()
}

/// First row and column of the header: Forms at A1, other workbooks below a title.
fn origin(producer: Producer) -> (u32, u16) {
    match producer {
        Producer::MicrosoftForms => (0, 0),
        Producer::Excel => (2, 1),
        _ => (3, 2),
    }
}

fn fill(sheet: &mut Worksheet, delivery: &Delivery) -> Result<(), XlsxError> {
    let questionnaire = &delivery.questionnaire;
    let (mut row, left) = origin(questionnaire.producer);
    if row > 0 {
        let title = format!(
            "Monitor digitale zorg {}: {} – SYNTHETISCHE GEGEVENS",
            questionnaire.wave,
            group_name(questionnaire.panel)
        );
        sheet.merge_range(0, left, 0, left + 5, &title, &Format::new())?;
    }
    if questionnaire.producer == Producer::ExcelTwoHeaders {
        texts_above(sheet, delivery, row, left)?;
        row += 1;
    }
    for (place, column) in questionnaire.columns.iter().enumerate() {
        sheet.write(row, left + place as u16, &column.header)?;
    }
    row += 1;
    let dates = Format::new().set_num_format("dd-mm-yyyy hh:mm:ss");
    for (number, cells) in delivery.rows.iter().enumerate() {
        if number == 40 && questionnaire.producer != Producer::MicrosoftForms {
            row += 1;
        }
        for (place, (cell, column)) in cells.iter().zip(&questionnaire.columns).enumerate() {
            let at = left + place as u16;
            if matches!(column.content, Content::Start) {
                sheet.write_with_format(row, at, &ExcelDateTime::parse_from_str(cell)?, &dates)?;
            } else {
                write_cell(sheet, row, at, cell, is_numeric(column))?;
            }
        }
        row += 1;
    }
    if questionnaire.producer != Producer::MicrosoftForms {
        sheet.write(row, left, "Totaal")?;
        sheet.write(row, left + 2, delivery.rows.len() as f64)?;
        sheet.write(row + 2, left, "Bron: synthetische gegevens, geen echte respondenten")?;
    }
    Ok(())
}

/// Question texts above the codes; a block's question spans its columns.
fn texts_above(
    sheet: &mut Worksheet,
    delivery: &Delivery,
    row: u32,
    left: u16,
) -> Result<(), XlsxError> {
    for (place, column) in delivery.questionnaire.columns.iter().enumerate() {
        let text = if column.stem.is_empty() {
            column.text.clone()
        } else {
            format!("{}: {}", column.stem, column.text)
        };
        sheet.write(row, left + place as u16, text)?;
    }
    Ok(())
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    at: u16,
    cell: &str,
    numeric: bool,
) -> Result<(), XlsxError> {
    if cell.is_empty() {
        return Ok(());
    }
    if cell == NOT_AVAILABLE {
        sheet.write_formula(row, at, Formula::new("=NA()").set_result(NOT_AVAILABLE))?;
    } else if let Some(number) = cell.strip_prefix(AS_TEXT) {
        sheet.write_string(row, at, number)?;
    } else if let (true, Ok(number)) = (numeric, cell.parse::<f64>()) {
        sheet.write_number(row, at, number)?;
    } else {
        sheet.write_string(row, at, cell)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_delivery_gives_the_same_bytes() -> Result<(), XlsxError> {
        let delivery = Delivery::draw("gp", 2021, 1);
        assert!(build(&delivery)? == build(&delivery)?);
        Ok(())
    }
}

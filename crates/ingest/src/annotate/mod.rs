//! A copy of a delivery with the cells of its findings marked, for the supplier: it holds the raw answers.

mod comments;
mod copied;
mod edits;
mod mark;
mod marked_sheet;
mod package;
mod styles;
mod table;
mod whole_text;

use std::io::Read;

use config::ExportProfile;
use config::export::Container;
use survey::Finding;
use workbook::Format;

use crate::delivery::Delivery;
use crate::error::Error;
use crate::limits::Limits;
use crate::opened::Opened;
use crate::sheets;
pub use mark::Annotated;
use mark::place_of;

/// Marks the cells of the findings in a copy of the delivery.
pub fn annotate(
    delivery: &Delivery,
    profile: &ExportProfile,
    findings: &[Finding],
) -> Result<Annotated, Error> {
    let limits = Limits::default();
    let opened = delivery.open(&limits)?;
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| {
        (std::cmp::Reverse(finding.severity), finding.cell.as_deref().and_then(place_of), *finding)
    });
    sorted.dedup();
    if profile.container == Container::Csv {
        let rows = whole_text::rows_of(&opened, profile, &limits)?;
        return copied::of_csv(&opened.place, &rows, &sorted);
    }
    if sheets::format_of(&opened, &limits)? == Format::Xlsx {
        let mut bytes = Vec::new();
        let (mut content, _) = opened.content(&limits)?;
        content.read_to_end(&mut bytes).map_err(|source| opened.broken(source))?;
        return package::marked(&opened.place, &bytes, &sorted);
    }
    copied::of_sheets(&opened.place, &visible_sheets(&opened, &limits)?, &sorted)
}

/// The visible sheets by name, with their cells as texts.
fn visible_sheets(opened: &Opened, limits: &Limits) -> Result<Vec<copied::SheetTexts>, Error> {
    let mut workbook = sheets::workbook(opened, limits)?;
    let visible = workbook.sheets().iter().filter(|sheet| sheet.is_visible_worksheet());
    let names: Vec<String> = visible.map(|sheet| sheet.name.clone()).collect();
    let mut texts = Vec::new();
    for name in names {
        let rows = workbook.texts_of(&name);
        texts.push((name, rows.map_err(|error| Error::of_workbook(&opened.place, error))?));
    }
    Ok(texts)
}

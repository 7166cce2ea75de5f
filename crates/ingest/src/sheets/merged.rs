//! What merged cells mean for a header: whose text is it?

use workbook::Area;

/// For the search a text stands in the last cell that it is merged over: a code that is merged with the row above it belongs
/// below, and what is merged with the columns to its right is nobody's id.
pub(super) fn at_the_last_cell(rows: &mut [Vec<String>], first_row: u32, merged: &[Area]) {
    for area in merged.iter().filter(|area| area.last != area.first) {
        let (from, column) = (area.first.1 as usize, area.last.1.min(LAST_COLUMN) as usize);
        let Some(top) = area.first.0.checked_sub(first_row).map(|top| top as usize) else {
            continue;
        };
        let Some(cell) = rows.get_mut(top).and_then(|row| row.get_mut(from)) else { continue };
        let text = std::mem::take(cell);
        if let Some(row) = rows.get_mut(top + (area.last.0 - area.first.0) as usize) {
            row.resize(row.len().max(column + 1), String::new());
            row[column] = text;
        }
    }
}

/// Of a sheet, from 0.
const LAST_COLUMN: u32 = 16_383;

/// A merged header's text holds for all its cells.
pub(super) fn over_all_cells(rows: &mut [Vec<String>], header_row: u32, merged: &[Area]) {
    let height = rows.len() as u32;
    for area in merged {
        let Some(from) = area.first.0.checked_sub(header_row).filter(|from| *from < height) else {
            continue;
        };
        let text = rows[from as usize].get(area.first.1 as usize).cloned().unwrap_or_default();
        if text.is_empty() || area.last.1 - area.first.1 > 16_384 {
            continue;
        }
        // Down a column only the first row holds the text: a title beside it is no part of the name.
        for column in area.first.1..=area.last.1 {
            let row = &mut rows[from as usize];
            if row.len() <= column as usize {
                row.resize(column as usize + 1, String::new());
            }
            row[column as usize].clone_from(&text);
        }
        let below = (area.last.0 - header_row).min(height - 1);
        for row in &mut rows[from as usize + 1..=below as usize] {
            if row.len() <= area.first.1 as usize {
                row.resize(area.first.1 as usize + 1, String::new());
            }
            row[area.first.1 as usize].clone_from(&text);
        }
    }
}

//! The XML of a sheet with other styles on the marked cells; all else stays byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use survey::Severity;
use workbook::Address;
use workbook::xml::{Token, Tokens, Unended, attribute};

use super::edits::{Edit, RELATIONSHIPS, edited, number, offset, prefix_of};
use super::mark::{Marks, place_of};

/// A marked cell as it was found: its style, and where the style stands.
struct Styled {
    place: (u32, u32),
    style: u32,
    edit: Place,
}

enum Place {
    /// The value of the attribute.
    Value { at: usize, length: usize },
    /// Behind the tag's name.
    Attribute { at: usize },
    /// No cell: one is put there.
    Cell { at: usize },
}

/// What a marked sheet needs of its package.
pub(super) struct Marked {
    cells: Vec<Styled>,
    prefix: String,
    /// Where `legacyDrawing` goes, and whether there is one already.
    drawing_at: usize,
    pub(super) drawing: Option<String>,
}

/// Elements that come after `legacyDrawing` in a sheet.
const AFTER_DRAWING: [&[u8]; 9] = [
    b"legacyDrawingHF",
    b"drawingHF",
    b"picture",
    b"oleObjects",
    b"controls",
    b"webPublishItems",
    b"tableParts",
    b"extLst",
    b"AlternateContent",
];

impl Marked {
    /// Finds the marked cells.
    pub(super) fn find(xml: &[u8], marks: &Marks<'_>) -> Result<Self, Unended> {
        let mut found =
            Self { cells: Vec::new(), prefix: String::new(), drawing_at: 0, drawing: None };
        let mut pending: BTreeSet<(u32, u32)> = marks.keys().copied().collect();
        let mut tokens = Tokens::new(xml);
        let (mut depth, mut is_below, mut row, mut column) = (0_u32, false, 0_u32, 0_u32);
        while let Some(token) = tokens.next()? {
            let end = xml.len() - tokens.left();
            match token {
                Token::Open { name, attributes: tag, empty } => {
                    let start = xml[..end].iter().rposition(|byte| *byte == b'<').unwrap_or(0);
                    match name {
                        b"worksheet" if depth == 0 => {
                            prefix_of(xml, name).clone_into(&mut found.prefix);
                        }
                        b"row" => {
                            let stated = attribute(tag, b"r").and_then(number);
                            row = stated.map_or(row, |row| row.saturating_sub(1));
                            column = 0;
                            if empty {
                                row += 1;
                            }
                        }
                        b"c" => {
                            let place = attribute(tag, b"r")
                                .and_then(|value| place_of(std::str::from_utf8(value).ok()?));
                            column = place.map_or(column, |(_, column)| column);
                            found.missing(&mut pending, row, column, start);
                            if pending.remove(&(row, column)) {
                                found.cell(xml, tag, (row, column));
                            }
                            column += 1;
                        }
                        b"legacyDrawing" if depth == 1 => {
                            found.drawing = attribute(tag, b"id")
                                .map(|id| String::from_utf8_lossy(id).into_owned());
                        }
                        name if is_below
                            && depth == 1
                            && found.drawing_at == 0
                            && AFTER_DRAWING.contains(&name) =>
                        {
                            found.drawing_at = start;
                        }
                        b"sheetData" if empty => is_below = true,
                        _ => {}
                    }
                    depth += u32::from(!empty);
                }
                Token::Close { name } => {
                    depth = depth.saturating_sub(1);
                    let start = xml[..end].iter().rposition(|byte| *byte == b'<').unwrap_or(0);
                    match name {
                        b"row" => {
                            found.missing(&mut pending, row, u32::MAX, start);
                            row += 1;
                        }
                        b"sheetData" => is_below = true,
                        b"worksheet" if found.drawing_at == 0 => found.drawing_at = start,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }

    fn cell(&mut self, xml: &[u8], tag: &[u8], place: (u32, u32)) {
        let style = attribute(tag, b"s");
        let edit = style.map_or_else(
            || Place::Attribute { at: offset(xml, tag) },
            |value| Place::Value { at: offset(xml, value), length: value.len() },
        );
        let style = style.and_then(number).unwrap_or(0);
        self.cells.push(Styled { place, style, edit });
    }

    /// Marked places of the row before `column` that have no cell.
    fn missing(&mut self, pending: &mut BTreeSet<(u32, u32)>, row: u32, column: u32, at: usize) {
        let gone: Vec<(u32, u32)> = pending.range((row, 0)..(row, column)).copied().collect();
        for place in gone {
            pending.remove(&place);
            self.cells.push(Styled { place, style: 0, edit: Place::Cell { at } });
        }
    }

    /// Styles that need a marked sister, by severity.
    pub(super) fn styles(&self, marks: &Marks<'_>) -> BTreeSet<(u32, Severity)> {
        self.cells.iter().map(|cell| (cell.style, marks[&cell.place].severity())).collect()
    }

    /// The sheet with the styles' sisters on its marked cells, and the drawing that holds the notes.
    pub(super) fn write(
        &self,
        xml: &[u8],
        marks: &Marks<'_>,
        styles: &BTreeMap<(u32, Severity), u32>,
        drawing: Option<&str>,
    ) -> Vec<u8> {
        let mut edits = Vec::new();
        for cell in &self.cells {
            let Some(style) = styles.get(&(cell.style, marks[&cell.place].severity())) else {
                continue;
            };
            edits.push(match cell.edit {
                Place::Value { at, length } => {
                    Edit { at, remove: length, insert: style.to_string() }
                }
                Place::Attribute { at } => {
                    Edit { at, remove: 0, insert: format!(" s=\"{style}\"") }
                }
                Place::Cell { at } => {
                    let (row, column) = cell.place;
                    let (prefix, address) = (&self.prefix, Address { row, column });
                    let insert = format!("<{prefix}c r=\"{address}\" s=\"{style}\"/>");
                    Edit { at, remove: 0, insert }
                }
            });
        }
        if let Some(id) = drawing {
            let prefix = &self.prefix;
            let insert =
                format!("<{prefix}legacyDrawing xmlns:r=\"{RELATIONSHIPS}\" r:id=\"{id}\"/>");
            edits.push(Edit { at: self.drawing_at, remove: 0, insert });
        }
        edited(xml, edits)
    }
}

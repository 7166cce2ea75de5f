//! What stands inside a cell of a worksheet's XML: its formula, its value, its text in place.

use super::cell::{Found, put};
use super::context::{CellTag, Context};
use crate::error::Error;
use crate::row::Row;
use crate::xml::{Token, Tokens, data, resolved};

/// Reads on to the end of a cell and puts it.
pub(super) fn read_cell(
    tokens: &mut Tokens<'_>,
    cell: CellTag<'_>,
    column: u32,
    row: &mut Row,
    text: &mut Vec<u8>,
    context: &Context,
) -> Result<(), Error> {
    text.clear();
    // Most cells hold a value and nothing else.
    if let Some(value) = tokens.between(b"<v>", b"</v></c>") {
        text.extend_from_slice(value);
        return put_value(cell, (false, true), column, text, row, context);
    }
    let (mut formula, mut phonetic, mut inside) = (false, 0, false);
    let mut content = Content::of(cell);
    loop {
        match tokens.next()? {
            None => {
                return Err(Error::damaged(format!(
                    "row {}: a cell that does not end",
                    row.number + 1
                )));
            }
            Some(Token::Open { name, empty, .. }) => match name {
                b"f" => {
                    formula = true;
                    if !empty {
                        skip(tokens, b"f")?;
                    }
                }
                b"is" => content.in_place = !empty,
                // A formula whose kind is text and whose value is there, though empty, was calculated.
                b"v" if empty && cell.kind == b"str" => drop(content.counts(text)),
                b"v" | b"t" if phonetic == 0 && !empty => inside = content.counts(text),
                b"rPh" if !empty => phonetic += 1,
                _ => {}
            },
            Some(Token::Close { name }) => match name {
                b"c" => break,
                b"is" => content.in_place = false,
                b"v" | b"t" => inside = false,
                b"rPh" => phonetic = 0.max(phonetic - 1),
                _ => {}
            },
            Some(Token::Text(piece)) if inside => text.extend_from_slice(&resolved(piece)),
            Some(Token::Cdata(piece)) if inside => text.extend_from_slice(&data(piece)),
            Some(_) => {}
        }
    }
    put_value(cell, (formula, content.from.is_some()), column, text, row, context)
}

/// A cell without kind and text has no value.
fn put_value(
    cell: CellTag<'_>,
    (formula, value): (bool, bool),
    column: u32,
    text: &mut Vec<u8>,
    row: &mut Row,
    context: &Context,
) -> Result<(), Error> {
    let value = value && !(text.is_empty() && cell.kind.is_empty());
    put(Found { cell, formula, value }, column, text, row, context)
}

/// Which text of a cell counts where it has a value and a text in place: the one that its kind names.
struct Content {
    wants_in_place: bool,
    /// Inside a text in place.
    in_place: bool,
    /// Whether the text so far stood in place; none where there is none yet.
    from: Option<bool>,
}

impl Content {
    fn of(cell: CellTag<'_>) -> Self {
        Self { wants_in_place: cell.kind == b"inlineStr", in_place: false, from: None }
    }

    /// Whether the text that begins counts; one that does not gives way to it.
    fn counts(&mut self, text: &mut Vec<u8>) -> bool {
        match self.from {
            Some(from) if from == self.in_place => return true,
            Some(_) if self.in_place != self.wants_in_place => return false,
            Some(_) => text.clear(),
            None => {}
        }
        self.from = Some(self.in_place);
        true
    }
}

fn skip(tokens: &mut Tokens<'_>, wanted: &[u8]) -> Result<(), Error> {
    while let Some(token) = tokens.next()? {
        if matches!(token, Token::Close { name } if name == wanted) {
            return Ok(());
        }
    }
    Err(Error::damaged("a formula that does not end"))
}

//! What stands around the cells of an OpenDocument sheet, and how many cells there are once the repeated ones are counted.

use super::tags::{is_hidden, repeated, skip, unended};
use crate::address::Area;
use crate::error::Error;
use crate::limits::Limits;
use crate::xml::{Token, Tokens, attribute, digits};

const MOST_REPEATED: u64 = 100_000_000;

/// What stands around the cells of a sheet; rows and columns from 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Around {
    pub(super) hidden_columns: Vec<(u32, u32)>,
    pub(super) merged: Vec<Area>,
    /// First and last row, first and last column with something in it.
    pub(super) used: Option<[u32; 4]>,
    /// Cells with something in them, and their bytes, each as often as it is repeated.
    pub(super) cells: u64,
    bytes: u64,
}

fn read(content: &[u8]) -> Result<Around, Error> {
    let mut around = Around::default();
    let (mut row, mut column, mut header_column) = (0_u32, 0_u32, 0_u32);
    let (mut rows_repeated, mut before_row) = (1, (0_usize, 0));
    let mut tokens = Tokens::new(content);
    while let Some(token) = tokens.next().map_err(|_| unended())? {
        let Token::Open { name, attributes: tag, empty } = token else {
            if matches!(token, Token::Close { name: b"table-row" }) {
                row = row.saturating_add(rows_repeated);
                let (left, cells) = before_row;
                if around.cells > cells {
                    let bytes =
                        u64::from(rows_repeated) * left.saturating_sub(tokens.left()) as u64;
                    around.bytes = around.bytes.saturating_add(bytes);
                }
            }
            continue;
        };
        match name {
            b"shapes" if !empty => skip(&mut tokens, name).ok_or_else(unended)?,
            b"table-column" => {
                let many = repeated(tag, b"number-columns-repeated");
                if is_hidden(tag) {
                    let last = header_column.saturating_add(many - 1);
                    around.hidden_columns.push((header_column, last));
                }
                header_column = header_column.saturating_add(many);
            }
            b"table-row" => {
                rows_repeated = repeated(tag, b"number-rows-repeated");
                column = 0;
                before_row = (tokens.left(), around.cells);
                if empty {
                    row = row.saturating_add(rows_repeated);
                }
            }
            b"table-cell" | b"covered-table-cell" => {
                let many = repeated(tag, b"number-columns-repeated");
                let before = tokens.left() + tag.len();
                if !empty {
                    skip(&mut tokens, name).ok_or_else(unended)?;
                }
                let bytes = before - tokens.left();
                around.cell(tag, bytes as u64, (row, column), (rows_repeated, many));
                column = column.saturating_add(many);
            }
            _ => {}
        }
    }
    Ok(around)
}

impl Around {
    /// Of a sheet's content; cells that are repeated without end would claim more than the file holds.
    pub(super) fn of(content: &[u8], limits: &Limits) -> Result<Self, Error> {
        let around = read(content)?;
        let limit = MOST_REPEATED.min(limits.cells);
        if around.cells > limit {
            return Err(Error::limit("cells, repeated ones counted", around.cells, limit));
        }
        let limit = limits.uncompressed_bytes;
        if around.bytes > limit {
            return Err(Error::limit("bytes of cells, repeated ones counted", around.bytes, limit));
        }
        Ok(around)
    }

    fn cell(
        &mut self,
        tag: &[u8],
        bytes: u64,
        (row, column): (u32, u32),
        (rows, columns): (u32, u32),
    ) {
        let spanned = |name| attribute(tag, name).and_then(digits).unwrap_or(1).max(1);
        let (down, right) = (spanned(b"number-rows-spanned"), spanned(b"number-columns-spanned"));
        if down > 1 || right > 1 {
            let last = (row.saturating_add(down - 1), column.saturating_add(right - 1));
            self.merged.push(Area { first: (row, column), last });
        }
        if attribute(tag, b"formula").is_none() && attribute(tag, b"value-type").is_none() {
            return;
        }
        let cells = u64::from(rows) * u64::from(columns);
        self.cells = self.cells.saturating_add(cells);
        self.bytes = self.bytes.saturating_add(cells.saturating_mul(bytes));
        let end = [row.saturating_add(rows - 1), column.saturating_add(columns - 1)];
        let used = self.used.get_or_insert([row, end[0], column, end[1]]);
        *used = [used[0].min(row), used[1].max(end[0]), used[2].min(column), used[3].max(end[1])];
    }
}

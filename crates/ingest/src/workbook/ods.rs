//! An OpenDocument spreadsheet: its sheets, and what stands around the cells of each.

use std::collections::BTreeSet;
use std::io::{Read, Seek};

use zip::ZipArchive;

use super::binary::range_text;
use super::choose::{SheetInfo, SheetKind, Visibility};
use super::file::Archive;
use super::ods_sheet::{Sheet, skip};
use super::parts::{self, Room, Wrong};
use super::sheet::{LAST_ROW, attribute, digits};
use super::sink::Merged;
use super::xml::{Token, Tokens, attribute_value};
use super::{Filled, Task};
use crate::assemble::Assembly;
use crate::error::Error;

impl Task<'_> {
    pub(super) fn read_ods(
        &self,
        archive: &mut Archive,
        assembly: &mut Assembly<'_>,
    ) -> Result<Filled, Error> {
        let book =
            Book::open(archive, self.input.room()).map_err(|wrong| self.input.wrong(wrong))?;
        let mut chosen = self.chosen(&book.sheets, false)?;
        let around = book.around(&chosen.name).map_err(|what| self.input.damaged(what))?;
        self.input.check_repeated(&around)?;
        chosen.about.used_range =
            around.used.map(|used| range_text(used.map(|number| number.min(LAST_ROW))));
        chosen.hides(&around.hidden_columns);
        let limits = self.input.row_limits();
        let mut sheet = Sheet::new(book.content_of(&chosen.name), limits);
        let find_merged = Box::new(|| around.merged.clone());
        let mut filled = self.pour(chosen, &mut sheet, find_merged, assembly)?;
        self.look_at_others(&mut filled, &book.sheets, assembly, &mut |name, look| {
            self.input.check_repeated(&book.around(name).ok()?).ok()?;
            look(&mut Sheet::new(book.content_of(name), limits));
            Some(())
        });
        Ok(filled)
    }
}

/// The part with all sheets, and where each of them is in it.
#[derive(Debug, Default)]
pub(super) struct Book {
    content: Vec<u8>,
    pub(super) sheets: Vec<SheetInfo>,
    places: Vec<(usize, usize)>,
}

impl Book {
    pub(super) fn open<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        room: Room,
    ) -> Result<Self, Wrong> {
        let manifest = parts::part(archive, "META-INF/manifest.xml", room)?.unwrap_or_default();
        if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
            return Err(Wrong::Password);
        }
        let content = parts::part(archive, "content.xml", room)?.unwrap_or_default();
        Ok(Self::of_content(content)?)
    }

    fn of_content(content: Vec<u8>) -> Result<Self, String> {
        let mut book = Self::default();
        let (mut style, mut hidden) = (Vec::new(), BTreeSet::new());
        let mut tokens = Tokens::new(&content);
        while let Some(token) = tokens.next().map_err(|_| unended())? {
            let Token::Open { name, attributes: tag, empty } = token else { continue };
            let text = |name| attribute(tag, name).map(|text| attribute_value(text).into_owned());
            match name {
                b"style" => style = text(b"name").unwrap_or_default(),
                b"table-properties" if attribute(tag, b"display") == Some(b"false") => {
                    hidden.insert(style.clone());
                }
                b"table" => {
                    let from = content.len() - tokens.left();
                    if !empty {
                        skip(&mut tokens, b"table").ok_or_else(unended)?;
                    }
                    let name = String::from_utf8_lossy(&text(b"name").unwrap_or_default()).into();
                    let is_hidden =
                        text(b"style-name").is_some_and(|style| hidden.contains(&style));
                    let visible = if is_hidden { Visibility::Hidden } else { Visibility::Visible };
                    book.places.push((from, content.len() - tokens.left()));
                    book.sheets.push(SheetInfo { name, kind: SheetKind::Worksheet, visible });
                }
                _ => {}
            }
        }
        book.content = content;
        Ok(book)
    }

    /// Of two sheets of one name the first.
    pub(super) fn content_of(&self, sheet: &str) -> &[u8] {
        let place = self.sheets.iter().position(|info| info.name == sheet);
        let (from, to) = place.map_or((0, 0), |place| self.places[place]);
        &self.content[from..to]
    }

    pub(super) fn around(&self, sheet: &str) -> Result<Around, String> {
        around(self.content_of(sheet))
    }
}

/// What stands around the cells of a sheet; rows and columns from 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Around {
    pub(super) hidden_columns: Vec<(u32, u32)>,
    pub(super) merged: Vec<Merged>,
    /// First and last row, first and last column with something in it.
    used: Option<[u32; 4]>,
    /// Cells with something in them, and their bytes, each as often as it is repeated.
    pub(super) cells: u64,
    pub(super) bytes: u64,
}

fn unended() -> String {
    "the content does not end".to_owned()
}

fn around(content: &[u8]) -> Result<Around, String> {
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
            self.merged.push(Merged { first: (row, column), last });
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

pub(super) fn repeated(tag: &[u8], name: &[u8]) -> u32 {
    attribute(tag, name).map_or(1, |text| digits(text).unwrap_or(u32::MAX)).max(1)
}

pub(super) fn is_hidden(tag: &[u8]) -> bool {
    attribute(tag, b"visibility").is_some_and(|value| value != b"visible")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn sheets_are_found_with_what_they_hide_merge_and_repeat() {
        let xml = br#"<s:style s:name="x"><s:table-properties t:display="false"/></s:style>
            <t:table t:name="no" t:style-name="x"><t:table-row/></t:table><t:table t:name="a&amp;b">
            <t:table-column t:number-columns-repeated="2"/><t:table-column t:visibility="collapse"/>
            <t:table-row t:number-rows-repeated="3"/>
            <t:table-row><t:table-cell t:number-columns-spanned="2" o:value-type="string"><t:table><t:table-row/></t:table></t:table-cell><t:covered-table-cell/></t:table-row>
            <t:table-row t:number-rows-repeated="2"><t:table-cell/><t:table-cell t:number-columns-repeated="4" o:value-type="float"/></t:table-row></t:table><t:table t:name="c"/>"#;
        let book = Book::of_content(xml.to_vec()).unwrap();
        let names: Vec<_> =
            book.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.visible)).collect();
        assert_eq!(
            names,
            [("no", Visibility::Hidden), ("a&b", Visibility::Visible), ("c", Visibility::Visible)]
        );
        let around = book.around("a&b").unwrap();
        assert_eq!(around.hidden_columns, [(2, 2)]);
        assert_eq!(around.merged, [Merged { first: (3, 0), last: (3, 1) }]);
        assert_eq!((around.used, around.cells), (Some([3, 5, 0, 4]), 9));
        assert_eq!(book.around("c").unwrap(), Around::default());
        assert!(Book::of_content(b"<t:table t:name=\"a\"><t:table-row>".to_vec()).is_err());
    }
}

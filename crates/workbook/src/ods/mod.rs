//! An OpenDocument spreadsheet: its sheets, and each of them row by row.

mod around;
mod cell;
mod sheet;
mod tags;

use std::collections::BTreeSet;

use crate::address::{Area, LAST_ROW};
use crate::archive::{Archive, part};
use crate::error::Error;
use crate::limits::Limits;
use crate::sheet::Sheet;
use crate::sheets::{SheetInfo, SheetKind, Visibility};
use crate::xml::{Token, Tokens, attribute, attribute_value};
use around::Around;
use sheet::SheetXml;
use tags::{skip, unended};

/// The part with all sheets, and where each of them is in it.
#[derive(Debug, Default)]
pub(crate) struct Book {
    content: Vec<u8>,
    sheets: Vec<SheetInfo>,
    places: Vec<(usize, usize)>,
}

impl Book {
    pub(crate) fn open(archive: &mut Archive, limits: &Limits) -> Result<Self, Error> {
        let manifest = part(archive, "META-INF/manifest.xml", limits)?.unwrap_or_default();
        if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
            return Err(Error::PasswordProtected);
        }
        let content = part(archive, "content.xml", limits)?.unwrap_or_default();
        Self::of_content(content)
    }

    fn of_content(content: Vec<u8>) -> Result<Self, Error> {
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
                    let visibility =
                        if is_hidden { Visibility::Hidden } else { Visibility::Visible };
                    book.places.push((from, content.len() - tokens.left()));
                    book.sheets.push(SheetInfo { name, kind: SheetKind::Worksheet, visibility });
                }
                _ => {}
            }
        }
        book.content = content;
        Ok(book)
    }

    /// Of two sheets of one name the first.
    fn content_of(&self, sheet: &str) -> &[u8] {
        let place = self.sheets.iter().position(|info| info.name == sheet);
        let (from, to) = place.map_or((0, 0), |place| self.places[place]);
        &self.content[from..to]
    }

    pub(crate) fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    pub(crate) fn sheet(&self, name: &str, limits: &Limits) -> Result<Sheet<'_>, Error> {
        let content = self.content_of(name);
        let Around { hidden_columns, merged, used, .. } = Around::of(content, limits)?;
        let used_range = used.map(|[first_row, last_row, first_column, last_column]| {
            let last = (last_row.min(LAST_ROW), last_column.min(LAST_ROW));
            let first = (first_row.min(LAST_ROW), first_column.min(LAST_ROW));
            Area { first, last }.to_string()
        });
        let rows = Box::new(SheetXml::new(content, *limits));
        Ok(Sheet { used_range, hidden_columns, rows, merged: Box::new(move || merged.clone()) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;
    use crate::limits::tests::small;

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
            book.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.visibility)).collect();
        assert_eq!(
            names,
            [("no", Visibility::Hidden), ("a&b", Visibility::Visible), ("c", Visibility::Visible)]
        );
        let around = Around::of(book.content_of("a&b"), &small()).unwrap();
        assert_eq!(around.hidden_columns, [(2, 2)]);
        assert_eq!(around.merged, [Area { first: (3, 0), last: (3, 1) }]);
        assert_eq!((around.used, around.cells), (Some([3, 5, 0, 4]), 9));
        assert_eq!(Around::of(book.content_of("c"), &small()).unwrap(), Around::default());
        assert!(Book::of_content(b"<t:table t:name=\"a\"><t:table-row>".to_vec()).is_err());
    }
}

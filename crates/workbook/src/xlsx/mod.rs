//! An xlsx or xlsm: its parts, and each sheet's XML row by row.

mod cell;
mod content;
mod context;
mod sheet;
mod styles;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use crate::address::Area;
use crate::ahead::RowsAhead;
use crate::archive::{self, Archive, Open, is_long, part, path_of_sheet, streamed, streamed_ahead};
use crate::error::Error;
use crate::limits::Limits;
use crate::package::{Relations, joined, main_part, relations_of, sheet_kind, target_of_kind};
use crate::row::{Row, Rows};
use crate::shared_strings::SharedStrings;
use crate::sheet::Sheet;
use crate::sheets::{SheetInfo, Visibility};
use crate::xml::{Token, Tokens, attribute, attribute_value, is_true};
use context::Context;
use sheet::{Preamble, SheetXml};
use styles::shows;

/// What all sheets refer to, and where each of them is.
pub(crate) struct Book {
    archive: Archive,
    map: Map,
    context: Arc<Context>,
}

/// The list of sheets.
#[derive(Default)]
struct Map {
    sheets: Vec<SheetInfo>,
    /// Sheet name → path of its part.
    paths: BTreeMap<String, String>,
    shared_strings: Option<String>,
    styles: Option<String>,
    is_1904: bool,
}

impl Book {
    pub(crate) fn open(mut archive: Archive, limits: &Limits) -> Result<Self, Error> {
        let map = Map::read(&mut archive, limits)?;
        let mut bytes = |path: &Option<String>| match path {
            Some(path) => Ok(part(&mut archive, path, limits)?.unwrap_or_default()),
            None => Ok::<_, Error>(Vec::new()),
        };
        let shows = shows(&bytes(&map.styles)?)?;
        let strings = SharedStrings::parse(&bytes(&map.shared_strings)?, limits)?;
        let context = Context { strings, shows, is_1904: map.is_1904, limits: *limits };
        Ok(Self { archive, map, context: Arc::new(context) })
    }

    pub(crate) fn sheets(&self) -> &[SheetInfo] {
        &self.map.sheets
    }

    pub(crate) fn is_1904(&self) -> bool {
        self.context.is_1904
    }

    pub(crate) fn sheet<'a>(
        &'a mut self,
        name: &str,
        open: &'a Open<'_>,
    ) -> Result<Sheet<'a>, Error> {
        let path = path_of_sheet(&self.archive, self.map.paths.get(name))?;
        let context = Arc::clone(&self.context);
        // Of a long sheet one thread unpacks, one takes the XML apart, and whoever asked takes the rows.
        let (preamble, rows): (Preamble, Box<dyn Rows>) =
            if context.limits.threads > 1 && is_long(&mut self.archive, &path) {
                let own = archive::open(open().map_err(Error::Unopened)?)?;
                let bytes = streamed_ahead(own, path.clone()).map_err(Error::Unpacked)?;
                let (preamble, rows) = Numbered::new(bytes, context)?;
                (preamble, Box::new(RowsAhead::new(rows).map_err(Error::Unpacked)?))
            } else {
                let bytes = streamed(&mut self.archive, &path)?;
                let (preamble, rows) = Numbered::new(bytes, context)?;
                (preamble, Box::new(rows))
            };
        Ok(Sheet {
            used_range: preamble.dimension,
            hidden_columns: preamble.hidden_columns,
            rows,
            merged: Box::new(move || merged(open, &path).unwrap_or_default()),
        })
    }
}

/// The sheet's merged cells, read separately: they stand below its rows.
fn merged(open: &Open<'_>, path: &str) -> Option<Vec<Area>> {
    let mut archive = archive::open(open().ok()?).ok()?;
    SheetXml::new(streamed(&mut archive, path).ok()?).merged().ok()
}

/// Rows, of which some may have no number of their own.
struct Numbered<R> {
    sheet: SheetXml<R>,
    context: Arc<Context>,
    /// The number of such a row.
    next: u32,
}

impl<R: Read> Numbered<R> {
    /// What stands above the rows, and the rows.
    fn new(bytes: R, context: Arc<Context>) -> Result<(Preamble, Self), Error> {
        let mut sheet = SheetXml::new(bytes);
        let preamble = sheet.preamble()?.ok_or_else(|| {
            Error::damaged("it holds no cells: it is a chart, a dialog or macros")
        })?;
        Ok((preamble, Self { sheet, context, next: 0 }))
    }
}

impl<R: Read> Rows for Numbered<R> {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let found = self.sheet.next(row, self.next, &self.context)?;
        self.next = row.number + 1;
        Ok(found)
    }
}

impl Map {
    fn read(archive: &mut Archive, limits: &Limits) -> Result<Self, Error> {
        let workbook = main_part(archive, "xl/workbook.xml", limits)?;
        let xml = part(archive, &workbook, limits)?
            .ok_or_else(|| "there is no list of sheets in it".to_owned())?;
        let relations = relations_of(archive, &workbook, limits)?;
        let folder = workbook.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut map = Self::default();
        let mut tokens = Tokens::new(&xml);
        while let Some(token) =
            tokens.next().map_err(|_| "the list of sheets does not end".to_owned())?
        {
            match token {
                Token::Open { name: b"sheet", attributes: tag, .. } => {
                    map.add(tag, folder, &relations);
                }
                Token::Open { name: b"workbookPr", attributes: tag, .. } => {
                    if let Some(flag) = attribute(tag, b"date1904") {
                        map.is_1904 = is_true(flag);
                    }
                }
                _ => {}
            }
        }
        map.shared_strings = target_of_kind(&relations, folder, "/sharedStrings");
        map.styles = target_of_kind(&relations, folder, "/styles");
        Ok(map)
    }

    /// A sheet as the list of sheets has it.
    fn add(&mut self, tag: &[u8], folder: &str, relations: &Relations) {
        let text = |name: &[u8]| {
            attribute(tag, name)
                .map(|value| String::from_utf8_lossy(&attribute_value(value)).into_owned())
        };
        let Some(name) = text(b"name") else { return };
        let visibility = match text(b"state").as_deref() {
            Some("hidden") => Visibility::Hidden,
            Some("veryHidden") => Visibility::VeryHidden,
            _ => Visibility::Visible,
        };
        let Some((kind, target)) = text(b"id").and_then(|id| relations.get(&id)) else { return };
        let kind = sheet_kind(kind);
        // Of two sheets of one name the first is read.
        self.paths.entry(name.clone()).or_insert_with(|| joined(folder, target));
        self.sheets.push(SheetInfo { name, kind, visibility });
    }
}

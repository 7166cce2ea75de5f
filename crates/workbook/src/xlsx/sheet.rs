//! Streams the rows of a worksheet's XML; numbers keep the text that stands in the file.

use std::io::Read;

use memchr::memmem::Finder;

use super::content::read_cell;
use super::context::{CellTag, Context};
use crate::address::{Area, LAST_ROW};
use crate::error::Error;
use crate::row::Row;
use crate::xml::{Token, Tokens, attribute, attributes, digits, is_true};

/// What stands above the rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Preamble {
    pub(super) dimension: Option<String>,
    /// First and last hidden column, from 0.
    pub(super) hidden_columns: Vec<(u32, u32)>,
}

const PIECE: usize = 1 << 17;
/// Of what stands below the rows.
const LONGEST_TAIL: usize = 16 << 20;

/// A worksheet's XML, read piece by piece.
pub(super) struct SheetXml<R> {
    reader: R,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    /// `<sheetData/>`: there are no rows.
    rowless: bool,
    row_end: Finder<'static>,
    section: Finder<'static>,
}

impl<R: Read> SheetXml<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            at: 0,
            ended: false,
            rowless: false,
            row_end: Finder::new(b"row>"),
            section: Finder::new(b"<!"),
        }
    }

    fn more(&mut self) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let read = self
            .reader
            .by_ref()
            .take(PIECE as u64)
            .read_to_end(&mut self.buffer)
            .map_err(Error::Unpacked)?;
        self.ended = read == 0;
        Ok(!self.ended)
    }

    /// Reads up to the first row; none where the part is no worksheet.
    pub(super) fn preamble(&mut self) -> Result<Option<Preamble>, Error> {
        loop {
            if let Some(found) = memchr::memmem::find(&self.buffer, b"sheetData")
                && let Some(end) = memchr::memchr(b'>', &self.buffer[found..])
            {
                let head = &self.buffer[..found];
                let start = memchr::memrchr(b'<', head).unwrap_or(found);
                let preamble = preamble(&self.buffer[..start])?;
                self.at = found + end + 1;
                if self.buffer[self.at - 2] == b'/' {
                    self.rowless = true;
                }
                return Ok(Some(preamble));
            }
            if self.buffer.len() > 16 << 20 || !self.more()? {
                return Ok(None);
            }
        }
    }

    /// The merged cells, which stand below the rows: those are passed over.
    pub(super) fn merged(&mut self) -> Result<Vec<Area>, Error> {
        if self.preamble()?.is_none() {
            return Ok(Vec::new());
        }
        while !self.rowless {
            match self.tag()? {
                Tag::Row { attributes_end, .. } => self.at = attributes_end,
                Tag::End => break,
            }
        }
        while self.buffer.len() - self.at < LONGEST_TAIL && self.more()? {}
        let mut merged = Vec::new();
        let mut tokens = Tokens::new(&self.buffer[self.at..]);
        // What comes after the limit is not merged cells of a header.
        while let Ok(Some(token)) = tokens.next() {
            let Token::Open { name: b"mergeCell", attributes: tag, .. } = token else { continue };
            merged.extend(attribute(tag, b"ref").and_then(area));
        }
        Ok(merged)
    }

    /// The next row (`following` where it has no number of its own); false at the end of the rows.
    pub(super) fn next(
        &mut self,
        row: &mut Row,
        following: u32,
        context: &Context,
    ) -> Result<bool, Error> {
        if self.rowless {
            return Ok(false);
        }
        match self.tag()? {
            Tag::Row { start, attributes_end, empty } => {
                let (number, hidden) =
                    row_attributes(&self.buffer[start..attributes_end], following)?;
                row.start(number, hidden);
                if empty {
                    self.at = attributes_end;
                    return Ok(true);
                }
                let tag = attributes_end - self.at;
                // The buffer may have moved since; the row still begins at `self.at`.
                let (close, end) = self.row_end(attributes_end, number, context)?;
                read_row(&self.buffer[self.at + tag..close], row, context)?;
                self.at = end;
                Ok(true)
            }
            Tag::End => Ok(false),
        }
    }

    /// The next row's tag, or the end of the rows.
    fn tag(&mut self) -> Result<Tag, Error> {
        loop {
            let mut tokens_at = self.at;
            while let Some(open) =
                memchr::memchr(b'<', &self.buffer[tokens_at..]).map(|open| tokens_at + open)
            {
                if self.buffer[open..].starts_with(b"<!--") {
                    let Some(end) = memchr::memmem::find(&self.buffer[open..], b"-->") else {
                        break;
                    };
                    tokens_at = open + end + 3;
                    continue;
                }
                let Some(close) =
                    memchr::memchr(b'>', &self.buffer[open..]).map(|close| open + close)
                else {
                    break;
                };
                let inside = &self.buffer[open + 1..close];
                let name_end = inside.iter().position(|byte| {
                    byte.is_ascii_whitespace() || *byte == b'/' && !inside.starts_with(b"/")
                });
                let name = &inside[..name_end.unwrap_or(inside.len())];
                if name == b"row" || name.ends_with(b":row") {
                    self.at = open;
                    let start = open + 1 + name.len();
                    return Ok(Tag::Row {
                        start,
                        attributes_end: close + 1,
                        empty: inside.ends_with(b"/"),
                    });
                }
                if name.ends_with(b"sheetData") {
                    self.at = close + 1;
                    return Ok(Tag::End);
                }
                tokens_at = close + 1;
            }
            self.at = tokens_at.min(self.buffer.len());
            if self.buffer.len() - self.at > LONGEST_TAIL {
                return Err(Error::damaged("a tag that does not end".to_owned()));
            }
            if !self.more()? {
                return Err(Error::damaged("the rows end before the sheet does".to_owned()));
            }
        }
    }

    /// Where the closing tag of the row that begins at `self.at` begins and ends; its content begins at `from` or before.
    fn row_end(
        &mut self,
        mut from: usize,
        number: u32,
        context: &Context,
    ) -> Result<(usize, usize), Error> {
        loop {
            while let Some(found) =
                self.row_end.find(&self.buffer[from..]).map(|found| from + found)
            {
                let before = &self.buffer[self.at..found];
                from = found + 4;
                let open =
                    memchr::memrchr(b'<', before).filter(|open| before[*open..].starts_with(b"</"));
                let Some(open) = open else { continue };
                let section = self.section.find(before);
                let Some(closing) = section.and_then(|_| open_section(before)) else {
                    return Ok((self.at + open, from));
                };
                // Nothing inside a section ends the row: on behind it.
                let Some(end) = memchr::memmem::find(&self.buffer[from..], closing) else {
                    break;
                };
                from += end + closing.len();
            }
            context.limits.check_row_bytes(number, self.buffer.len() - self.at)?;
            // The tail may hold the first bytes of the closing tag.
            from = self.buffer.len().saturating_sub(3).max(from) - self.at;
            if !self.more()? {
                return Err(Error::damaged(format!("row {} does not end", number + 1)));
            }
        }
    }
}

enum Tag {
    Row { start: usize, attributes_end: usize, empty: bool },
    End,
}

/// What closes the data section or comment that is still open at the end of the bytes.
fn open_section(bytes: &[u8]) -> Option<&'static [u8]> {
    let open = memchr::memmem::rfind(bytes, b"<!")?;
    let closing: &[u8] = if bytes[open..].starts_with(b"<![CDATA[") { b"]]>" } else { b"-->" };
    memchr::memmem::find(&bytes[open..], closing).is_none().then_some(closing)
}

fn preamble(bytes: &[u8]) -> Result<Preamble, Error> {
    let mut preamble = Preamble::default();
    let mut tokens = Tokens::new(bytes);
    while let Some(token) = tokens.next()? {
        let Token::Open { name, attributes: tag, .. } = token else { continue };
        if name == b"dimension" {
            preamble.dimension =
                attribute(tag, b"ref").map(|text| String::from_utf8_lossy(text).into_owned());
        } else if name == b"col" && attribute(tag, b"hidden").is_some_and(is_true) {
            let column = |name| {
                attribute(tag, name).and_then(digits).and_then(|column| column.checked_sub(1))
            };
            preamble.hidden_columns.extend(column(b"min").zip(column(b"max")));
        }
    }
    Ok(preamble)
}

/// Number from 0, and whether it is hidden.
fn row_attributes(tag: &[u8], following: u32) -> Result<(u32, bool), Error> {
    let hidden = attribute(tag, b"hidden").is_some_and(is_true);
    let number = match attribute(tag, b"r") {
        None => following,
        Some(text) => digits(text)
            .and_then(|number| number.checked_sub(1))
            .ok_or_else(|| Error::damaged("a row whose number is none".to_owned()))?,
    };
    if number > LAST_ROW {
        return Err(Error::damaged("a row below the last row of a sheet".to_owned()));
    }
    Ok((number, hidden))
}

fn read_row(body: &[u8], row: &mut Row, context: &Context) -> Result<(), Error> {
    let mut tokens = Tokens::new(body);
    let mut column = 0;
    let mut text = Vec::new();
    while let Some(token) = tokens.next()? {
        let Token::Open { name: b"c", attributes: tag, empty } = token else { continue };
        let mut cell = CellTag::default();
        for (name, value) in attributes(tag) {
            match name {
                b"r" => {
                    column = column_of(value).ok_or_else(|| {
                        Error::damaged(format!(
                            "row {}: a cell whose address is none",
                            row.number + 1
                        ))
                    })?;
                }
                b"t" => cell.kind = value,
                b"s" => cell.style = digits(value).unwrap_or(0) as usize,
                _ => {}
            }
        }
        context.limits.check_column(column)?;
        if !empty {
            read_cell(&mut tokens, cell, column, row, &mut text, context)?;
        }
        column += 1;
    }
    Ok(())
}

/// `B2:D3`
fn area(text: &[u8]) -> Option<Area> {
    let mut corners = text.split(|byte| *byte == b':').map(|corner| {
        let letters = corner.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        Some((digits(&corner[letters..])?.checked_sub(1)?, column_of(corner)?))
    });
    let first = corners.next()??;
    let last = corners.next().unwrap_or(Some(first))?;
    Area::new(first, last)
}

/// Column of an address, from 0.
fn column_of(address: &[u8]) -> Option<u32> {
    let letters = address.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if letters == 0 || letters > 3 {
        return None;
    }
    let number = address[..letters]
        .iter()
        .fold(0, |sum, byte| sum * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1);
    Some(number - 1)
}

//! The parts of an xlsx that sheets refer to: where each sheet is, and the list of shared texts.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::io::{Read, Seek};

use zip::ZipArchive;

use super::choose::{SheetInfo, SheetKind, Visibility};
use super::sheet::{Broken, attribute, digits, is_true};
use super::xml::{
    Token, Tokens, attribute_value, attributes, data, resolved, without_excel_escapes,
};
use crate::date::{Shows, shown_by, shown_by_id};

/// All shared texts end to end.
#[derive(Debug, Default)]
pub(crate) struct SharedStrings {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl SharedStrings {
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        Some(&self.text[start..end])
    }

    /// Where the text that is read now is appended.
    pub(super) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// The text that was appended is whole.
    pub(super) fn end_text(&mut self, room: Room) -> Result<(), Wrong> {
        let end = u32::try_from(self.text.len())
            .map_err(|_| "more than 4 GB of shared texts".to_owned())?;
        self.ends.push(end);
        if self.ends.len() as u64 > room.shared_strings {
            let (found, limit) = (self.ends.len() as u64, room.shared_strings);
            return Err(Wrong::Limit { what: "shared texts".to_owned(), found, limit });
        }
        Ok(())
    }

    /// Out of the part's XML; says what is wrong with it.
    pub(crate) fn parse(xml: &[u8], room: Room) -> Result<Self, Wrong> {
        let mut strings = Self::default();
        let (mut inside, mut phonetic) = (false, 0);
        let mut tokens = Tokens::new(xml);
        while let Some(token) =
            tokens.next().map_err(|_| "the shared texts do not end".to_owned())?
        {
            match token {
                Token::Open { name: b"sst", attributes: tag, .. } => stated(tag, xml.len(), room)?,
                Token::Open { name: b"t", empty: false, .. } => inside = phonetic == 0,
                Token::Close { name: b"t" } => inside = false,
                Token::Open { name: b"rPh", empty: false, .. } => phonetic += 1,
                Token::Close { name: b"rPh" } => phonetic = 0.max(phonetic - 1),
                Token::Text(piece) if inside => strings.text.extend_from_slice(&resolved(piece)),
                Token::Cdata(piece) if inside => strings.text.extend_from_slice(&data(piece)),
                Token::Close { name: b"si" } | Token::Open { name: b"si", empty: true, .. } => {
                    let start = strings.ends.last().map_or(0, |end| *end as usize);
                    without_excel_escapes(&mut strings.text, start);
                    strings.end_text(room)?;
                }
                _ => {}
            }
        }
        if std::str::from_utf8(&strings.text).is_err() {
            return Err("shared texts that are not UTF-8".to_owned().into());
        }
        Ok(strings)
    }
}

/// A list that says it is longer than it can be is not read.
fn stated(tag: &[u8], bytes: usize, room: Room) -> Result<(), Wrong> {
    let Some(count) = attribute(tag, b"uniqueCount") else { return Ok(()) };
    let count = std::str::from_utf8(count).ok().and_then(|text| text.trim().parse().ok());
    // The shortest entry is `<si/>`.
    check_stated(count.unwrap_or(u64::MAX), bytes as u64 / 5 + 1, room)
}

/// A number of shared texts, as the workbook states it, against what there is room for.
pub(super) fn check_stated(found: u64, most: u64, room: Room) -> Result<(), Wrong> {
    let limit = room.shared_strings;
    if found > limit {
        let what = "shared texts, as the workbook states them".to_owned();
        return Err(Wrong::Limit { what, found, limit });
    }
    if found > most {
        return Err(format!("it states {found} shared texts where {most} have room").into());
    }
    Ok(())
}

/// The path of a part by its name, whatever its case and kind of slash.
pub(crate) fn path_of<R: Read + Seek>(archive: &ZipArchive<R>, wanted: &str) -> Option<String> {
    let plain = |name: &str| name.replace('\\', "/").trim_start_matches('/').to_lowercase();
    let wanted = plain(wanted);
    archive
        .file_names()
        .flatten()
        .find(|name| plain(name) == wanted)
        .map(std::borrow::Cow::into_owned)
}

/// What a part must not go beyond.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) bytes: u64,
    pub(crate) shared_strings: u64,
}

/// What is wrong with a part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Damaged(String),
    Limit { what: String, found: u64, limit: u64 },
    Password,
}

impl Display for Wrong {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(what) => formatter.write_str(what),
            Self::Limit { what, found, limit } => {
                write!(formatter, "{found} {what}, expected at most {limit}")
            }
            Self::Password => formatter.write_str("it is protected by a password"),
        }
    }
}

impl From<Broken> for Wrong {
    fn from(broken: Broken) -> Self {
        Self::Damaged(match broken {
            Broken::Damaged(what) => what,
            Broken::Io(source) => format!("it cannot be unpacked: {source}"),
            _ => "a record that is longer than its part".to_owned(),
        })
    }
}

impl From<String> for Wrong {
    fn from(what: String) -> Self {
        Self::Damaged(what)
    }
}

/// A part's bytes; none where there is no such part.
pub(crate) fn part<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    wanted: &str,
    room: Room,
) -> Result<Option<Vec<u8>>, Wrong> {
    let Some(path) = path_of(archive, wanted) else { return Ok(None) };
    let entry = archive.by_name(&path).map_err(|error| error.to_string())?;
    let stated = entry.size();
    if stated > room.bytes {
        let what = format!("bytes in `{wanted}`");
        return Err(Wrong::Limit { what, found: stated, limit: room.bytes });
    }
    let mut bytes = Vec::new();
    // A directory that lies about sizes is not followed further than it says.
    entry.take(stated + 1).read_to_end(&mut bytes).map_err(|error| format!("{wanted}: {error}"))?;
    if bytes.len() as u64 > stated {
        return Err(format!("{wanted}: more bytes than its directory says").into());
    }
    Ok(Some(bytes))
}

/// The parts of a workbook that its rows need.
#[derive(Debug, Default)]
pub(crate) struct Map {
    pub(crate) sheets: Vec<SheetInfo>,
    /// Sheet name → path of its part.
    paths: BTreeMap<String, String>,
    pub(crate) shared_strings: Option<String>,
    styles: Option<String>,
    pub(crate) is_1904: bool,
}

impl Map {
    pub(crate) fn path(&self, sheet: &str) -> Option<&String> {
        self.paths.get(sheet)
    }

    /// What a number of each style shows.
    pub(crate) fn shows<R: Read + Seek>(
        &self,
        archive: &mut ZipArchive<R>,
        room: Room,
    ) -> Result<Vec<Shows>, Wrong> {
        let xml = match &self.styles {
            Some(path) => part(archive, path, room)?,
            None => None,
        };
        shows(&xml.unwrap_or_default())
    }
}

pub(crate) fn map<R: Read + Seek>(archive: &mut ZipArchive<R>, room: Room) -> Result<Map, Wrong> {
    let workbook = main_part(archive, "xl/workbook.xml", room)?;
    let xml = part(archive, &workbook, room)?
        .ok_or_else(|| "there is no list of sheets in it".to_owned())?;
    let relations = relations_of(archive, &workbook, room)?;
    let folder = workbook.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut map = Map::default();
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

/// The path of the part with the list of sheets.
pub(super) fn main_part<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    otherwise: &str,
    room: Room,
) -> Result<String, Wrong> {
    let roots = part(archive, "_rels/.rels", room)?
        .map(|xml| relations(&xml))
        .transpose()?
        .unwrap_or_default();
    let found = target_of_kind(&roots, "", "/officeDocument");
    Ok(found.unwrap_or_else(|| otherwise.to_owned()))
}

/// What a part refers to.
pub(super) fn relations_of<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    path: &str,
    room: Room,
) -> Result<Relations, Wrong> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let xml = part(archive, &format!("{folder}/_rels/{file}.rels"), room)?;
    xml.map_or_else(|| Ok(Relations::new()), |xml| relations(&xml))
}

/// The path of the first part of a kind.
pub(super) fn target_of_kind(relations: &Relations, folder: &str, end: &str) -> Option<String> {
    let mut found = relations.values().filter(|(kind, _)| kind.ends_with(end));
    found.next().map(|(_, target)| joined(folder, target))
}

/// By the kind of the relation that leads to a sheet.
pub(super) fn sheet_kind(kind: &str) -> SheetKind {
    match kind.rsplit('/').next() {
        Some("worksheet") => SheetKind::Worksheet,
        _ => SheetKind::Other,
    }
}

impl Map {
    /// A sheet as the list of sheets has it.
    fn add(&mut self, tag: &[u8], folder: &str, relations: &Relations) {
        let text = |name: &[u8]| {
            attribute(tag, name)
                .map(|value| String::from_utf8_lossy(&attribute_value(value)).into_owned())
        };
        let Some(name) = text(b"name") else { return };
        let visible = match text(b"state").as_deref() {
            Some("hidden") => Visibility::Hidden,
            Some("veryHidden") => Visibility::VeryHidden,
            _ => Visibility::Visible,
        };
        let Some((kind, target)) = text(b"id").and_then(|id| relations.get(&id)) else { return };
        let kind = sheet_kind(kind);
        // Of two sheets of one name the first is read.
        self.paths.entry(name.clone()).or_insert_with(|| joined(folder, target));
        self.sheets.push(SheetInfo { name, kind, visible });
    }
}

/// By style number, out of the part with the styles.
fn shows(xml: &[u8]) -> Result<Vec<Shows>, Wrong> {
    let number = |tag, name: &[u8]| attribute(tag, name).and_then(digits);
    let (mut formats, mut shows) = (BTreeMap::new(), Vec::new());
    // Conditional formats have formats of numbers too, with ids of their own.
    let (mut inside_formats, mut inside) = (false, false);
    let mut tokens = Tokens::new(xml);
    while let Some(token) = tokens.next().map_err(|_| "the styles do not end".to_owned())? {
        match token {
            Token::Open { name: b"numFmts", empty, .. } => inside_formats = !empty,
            Token::Close { name: b"numFmts" } => inside_formats = false,
            Token::Open { name: b"numFmt", attributes: tag, .. } if inside_formats => {
                let code = attribute(tag, b"formatCode").unwrap_or_default();
                let shown = shown_by(&String::from_utf8_lossy(&attribute_value(code)));
                formats.extend(number(tag, b"numFmtId").map(|id| (id, shown)));
            }
            Token::Open { name: b"cellXfs", empty, .. } => inside = !empty,
            Token::Close { name: b"cellXfs" } => inside = false,
            Token::Open { name: b"xf", attributes: tag, .. } if inside => {
                let id = number(tag, b"numFmtId").unwrap_or(0);
                shows.push(shown(&formats, id));
            }
            _ => {}
        }
    }
    Ok(shows)
}

/// What a format shows: one of the file's own goes before a built-in one with the same id.
pub(super) fn shown(formats: &BTreeMap<u32, Shows>, id: u32) -> Shows {
    formats.get(&id).copied().or_else(|| shown_by_id(id)).unwrap_or(Shows::Number)
}

pub(crate) type Relations = BTreeMap<String, (String, String)>;

/// Id → kind and target.
pub(crate) fn relations(xml: &[u8]) -> Result<Relations, Wrong> {
    let mut relations = BTreeMap::new();
    let mut tokens = Tokens::new(xml);
    while let Some(token) =
        tokens.next().map_err(|_| "a list of parts that does not end".to_owned())?
    {
        let Token::Open { name: b"Relationship", attributes: tag, .. } = token else { continue };
        let mut fields = [const { String::new() }; 3];
        for (name, value) in attributes(tag) {
            let at = match name {
                b"Id" => 0,
                b"Type" => 1,
                b"Target" => 2,
                _ => continue,
            };
            fields[at] = String::from_utf8_lossy(&attribute_value(value)).into_owned();
        }
        let [id, kind, target] = fields;
        relations.insert(id, (kind, target));
    }
    Ok(relations)
}

/// A target as its path in the archive.
pub(crate) fn joined(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn shared_texts_join_their_runs_and_leave_out_phonetics() {
        let xml = b"<sst><si><t>a&amp;b</t></si><si/><si><r><t>c</t></r><r><t xml:space=\"preserve\"> d</t></r><rPh><t>x</t></rPh></si></sst>";
        let strings = SharedStrings::parse(xml, Room { bytes: 1000, shared_strings: 3 }).unwrap();
        assert_eq!(strings.get(0), Some(&b"a&b"[..]));
        assert_eq!(strings.get(1), Some(&b""[..]));
        assert_eq!(strings.get(2), Some(&b"c d"[..]));
        assert_eq!(strings.get(3), None);
    }

    #[test]
    fn targets_become_paths() {
        assert_eq!(joined("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(joined("xl", "/xl/sheet.xml"), "xl/sheet.xml");
        assert_eq!(joined("xl/a", "../b.xml"), "xl/b.xml");
    }
}

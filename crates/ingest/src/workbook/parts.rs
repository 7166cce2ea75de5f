//! The parts of an xlsx that sheets refer to: where each sheet is, and the list of shared texts.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use zip::ZipArchive;

use super::xml::{Token, Tokens, attributes, resolved, without_excel_escapes};

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

    /// Out of the part's XML; says what is wrong with it.
    pub(crate) fn parse(xml: &[u8]) -> Result<Self, String> {
        let mut strings = Self::default();
        let (mut inside, mut phonetic) = (false, 0);
        let mut tokens = Tokens::new(xml);
        while let Some(token) =
            tokens.next().map_err(|_| "the shared texts do not end".to_owned())?
        {
            match token {
                Token::Open { name: b"t", empty: false, .. } => inside = phonetic == 0,
                Token::Close { name: b"t" } => inside = false,
                Token::Open { name: b"rPh", empty: false, .. } => phonetic += 1,
                Token::Close { name: b"rPh" } => phonetic -= 1,
                Token::Text(piece) if inside => strings.text.extend_from_slice(&resolved(piece)),
                Token::Cdata(piece) if inside => strings.text.extend_from_slice(piece),
                Token::Close { name: b"si" } | Token::Open { name: b"si", empty: true, .. } => {
                    let start = strings.ends.last().map_or(0, |end| *end as usize);
                    without_excel_escapes(&mut strings.text, start);
                    let end = u32::try_from(strings.text.len())
                        .map_err(|_| "more than 4 GB of shared texts".to_owned())?;
                    strings.ends.push(end);
                }
                _ => {}
            }
        }
        if std::str::from_utf8(&strings.text).is_err() {
            return Err("shared texts that are not UTF-8".to_owned());
        }
        Ok(strings)
    }
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

/// A part's bytes; none where there is no such part.
pub(crate) fn part<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    wanted: &str,
) -> Result<Option<Vec<u8>>, String> {
    let Some(path) = path_of(archive, wanted) else { return Ok(None) };
    let entry = archive.by_name(&path).map_err(|error| error.to_string())?;
    let stated = entry.size();
    let mut bytes = Vec::new();
    // A directory that lies about sizes is not followed further than it says.
    entry.take(stated + 1).read_to_end(&mut bytes).map_err(|error| format!("{wanted}: {error}"))?;
    if bytes.len() as u64 > stated {
        return Err(format!("{wanted}: more bytes than its directory says"));
    }
    Ok(Some(bytes))
}

/// The parts of a workbook that its rows need.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Map {
    /// Sheet name → path of its part.
    pub(crate) sheets: BTreeMap<String, String>,
    pub(crate) shared_strings: Option<String>,
}

pub(crate) fn map<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Map, String> {
    let roots =
        part(archive, "_rels/.rels")?.map(|xml| relations(&xml)).transpose()?.unwrap_or_default();
    let workbook = roots
        .iter()
        .find(|(_, (kind, _))| kind.ends_with("/officeDocument"))
        .map_or_else(|| "xl/workbook.xml".to_owned(), |(_, (_, target))| joined("", target));
    let xml =
        part(archive, &workbook)?.ok_or_else(|| "there is no list of sheets in it".to_owned())?;
    let (folder, file) = workbook.rsplit_once('/').unwrap_or(("", &workbook));
    let relations = part(archive, &format!("{folder}/_rels/{file}.rels"))?
        .map(|xml| relations(&xml))
        .transpose()?
        .unwrap_or_default();
    let mut map = Map::default();
    let mut tokens = Tokens::new(&xml);
    while let Some(token) =
        tokens.next().map_err(|_| "the list of sheets does not end".to_owned())?
    {
        let Token::Open { name: b"sheet", attributes: tag, .. } = token else { continue };
        let (mut name, mut id) = (None, None);
        for (attribute, value) in attributes(tag) {
            match attribute {
                b"name" => name = Some(String::from_utf8_lossy(&resolved(value)).into_owned()),
                b"id" => id = Some(String::from_utf8_lossy(value).into_owned()),
                _ => {}
            }
        }
        if let (Some(name), Some((_, target))) = (name, id.and_then(|id| relations.get(&id))) {
            map.sheets.insert(name, joined(folder, target));
        }
    }
    map.shared_strings = relations
        .values()
        .find(|(kind, _)| kind.ends_with("/sharedStrings"))
        .map(|(_, target)| joined(folder, target));
    Ok(map)
}

/// Id → kind and target.
fn relations(xml: &[u8]) -> Result<BTreeMap<String, (String, String)>, String> {
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
            fields[at] = String::from_utf8_lossy(&resolved(value)).into_owned();
        }
        let [id, kind, target] = fields;
        relations.insert(id, (kind, target));
    }
    Ok(relations)
}

/// A target as its path in the archive.
fn joined(folder: &str, target: &str) -> String {
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
        let strings = SharedStrings::parse(xml).unwrap();
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

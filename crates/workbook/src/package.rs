//! How the parts of an Office package refer to one another.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use zip::ZipArchive;

use crate::archive::part;
use crate::error::Error;
use crate::limits::Limits;
use crate::sheets::SheetKind;
use crate::xml::{Token, Tokens, attribute_value, attributes};

pub use crate::archive::path_of;

/// The path of the part with the list of sheets.
pub(crate) fn main_part<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    otherwise: &str,
    limits: &Limits,
) -> Result<String, Error> {
    let roots = part(archive, "_rels/.rels", limits)?
        .map(|xml| relations(&xml))
        .transpose()?
        .unwrap_or_default();
    let found = target_of_kind(&roots, "", "/officeDocument");
    Ok(found.unwrap_or_else(|| otherwise.to_owned()))
}

/// What a part refers to.
pub(crate) fn relations_of<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    path: &str,
    limits: &Limits,
) -> Result<Relations, Error> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let xml = part(archive, &format!("{folder}/_rels/{file}.rels"), limits)?;
    xml.map_or_else(|| Ok(Relations::new()), |xml| relations(&xml))
}

/// The path of the first part of a kind.
pub(crate) fn target_of_kind(relations: &Relations, folder: &str, end: &str) -> Option<String> {
    let mut found = relations.values().filter(|(kind, _)| kind.ends_with(end));
    found.next().map(|(_, target)| joined(folder, target))
}

/// By the kind of the relation that leads to a sheet.
pub(crate) fn sheet_kind(kind: &str) -> SheetKind {
    match kind.rsplit('/').next() {
        Some("worksheet") => SheetKind::Worksheet,
        _ => SheetKind::Other,
    }
}

/// Id → kind and target.
pub type Relations = BTreeMap<String, (String, String)>;

/// The relations in a part that lists them.
pub fn relations(xml: &[u8]) -> Result<Relations, Error> {
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
pub fn joined(folder: &str, target: &str) -> String {
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
    use super::*;

    #[test]
    fn targets_become_paths() {
        assert_eq!(joined("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(joined("xl", "/xl/sheet.xml"), "xl/sheet.xml");
        assert_eq!(joined("xl/a", "../b.xml"), "xl/b.xml");
    }
}

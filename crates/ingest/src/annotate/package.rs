//! The package of an xlsx with marks: parts that do not change are copied as they stand, compressed bytes and all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Read, Write as _};

use survey::Finding;
use workbook::package::{Relations, joined, path_of, relations};
use workbook::xml::{Token, Tokens, attribute, attribute_value};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::edits::{RELATIONSHIPS, before_end, escaped, number};
use super::mark::{Annotated, FINDINGS_SHEET, Marks, marks_of, place_of};
use super::marked_sheet::Marked;
use super::{comments, styles, table};
use crate::error::{Error, Place};

const SHEET_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
const COMMENTS_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
const VML_TYPE: &str = "application/vnd.openxmlformats-officedocument.vmlDrawing";

/// The archive, the parts that have changed so far, and what content types are new.
struct Package<'a> {
    place: &'a Place,
    archive: ZipArchive<Cursor<&'a [u8]>>,
    changed: BTreeMap<String, Vec<u8>>,
    types: Vec<(String, &'static str)>,
    folder: String,
    workbook: String,
}

pub(super) fn marked(
    place: &Place,
    bytes: &[u8],
    findings: &[&Finding],
) -> Result<Annotated, Error> {
    let mut package = Package::open(place, bytes)?;
    let sheets = package.sheets()?;
    let mut cells = 0;
    let mut unstyled = false;
    let mut tasks = Vec::new();
    for (name, path) in &sheets {
        let here = |finding: &Finding| place_of(finding.cell.as_deref()?);
        let marks = marks_of(findings, Some(name), here);
        if marks.is_empty() {
            continue;
        }
        let xml = package.part(path)?;
        let found = Marked::find(&xml, &marks)
            .map_err(|_| package.damaged(format!("sheet `{name}` does not end")))?;
        cells += marks.len();
        tasks.push((path.clone(), xml, found, marks));
    }
    let wanted = tasks.iter().flat_map(|(_, _, found, marks)| found.styles(marks)).collect();
    let mut numbers = BTreeMap::new();
    match package.styles_path()? {
        Some(path) => {
            let xml = package.part(&path)?;
            match styles::with_marks(&xml, &wanted) {
                Some((styles, made)) => {
                    package.changed.insert(path, styles);
                    numbers = made;
                }
                None => unstyled = true,
            }
        }
        None => unstyled = true,
    }
    for (order, (path, xml, found, marks)) in (1..).zip(&tasks) {
        let drawing = package.notes(order, path, found, marks)?;
        let xml = found.write(xml, marks, &numbers, drawing.as_deref());
        package.changed.insert(path.clone(), xml);
    }
    package.list(&sheets, findings)?;
    package.content_types()?;
    let extension = if package.has_macros() { "xlsm" } else { "xlsx" };
    Ok(Annotated {
        bytes: package.write()?,
        extension,
        cells,
        findings: findings.len(),
        note: unstyled
            .then(|| "the workbook has no styles: its cells have notes but no fill".to_owned()),
    })
}

impl<'a> Package<'a> {
    fn open(place: &'a Place, bytes: &'a [u8]) -> Result<Self, Error> {
        let damaged = |what: String| Error::Damaged { place: place.clone(), what };
        let archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
        let mut package = Self {
            place,
            archive,
            changed: BTreeMap::new(),
            types: Vec::new(),
            folder: String::new(),
            workbook: String::new(),
        };
        let roots = package.part("_rels/.rels")?;
        let roots = relations(&roots).map_err(|wrong| damaged(wrong.to_string()))?;
        let workbook = roots
            .values()
            .find(|(kind, _)| kind.ends_with("/officeDocument"))
            .map_or_else(|| "xl/workbook.xml".to_owned(), |(_, target)| joined("", target));
        let (folder, _) = workbook.rsplit_once('/').unwrap_or(("", &workbook));
        folder.clone_into(&mut package.folder);
        package.workbook = package.own_name(&workbook).unwrap_or(workbook);
        Ok(package)
    }

    fn damaged(&self, what: String) -> Error {
        Error::Damaged { place: self.place.clone(), what }
    }

    /// The name of a part as the archive spells it.
    fn own_name(&self, path: &str) -> Option<String> {
        path_of(&self.archive, path)
    }

    fn part(&mut self, path: &str) -> Result<Vec<u8>, Error> {
        if let Some(changed) = self.changed.get(path) {
            return Ok(changed.clone());
        }
        let name = self.own_name(path).ok_or_else(|| self.damaged(format!("no part `{path}`")))?;
        let mut bytes = Vec::new();
        let read =
            self.archive.by_name(&name).map_err(|error| error.to_string()).and_then(|mut part| {
                part.read_to_end(&mut bytes).map_err(|error| error.to_string())
            });
        read.map_err(|what| self.damaged(format!("{path}: {what}")))?;
        Ok(bytes)
    }

    /// The relations of a part: path of the list, and id → (kind, target).
    fn relations_of(&mut self, path: &str) -> Result<(String, Relations), Error> {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let list = format!("{folder}/_rels/{file}.rels");
        let list = self.own_name(&list).unwrap_or(list);
        if self.own_name(&list).is_none() && !self.changed.contains_key(&list) {
            return Ok((list, BTreeMap::new()));
        }
        let xml = self.part(&list)?;
        let relations = relations(&xml).map_err(|wrong| self.damaged(wrong.to_string()))?;
        Ok((list, relations))
    }

    /// Adds a relation; its id.
    fn relate(&mut self, path: &str, kind: &str, target: &str) -> Result<String, Error> {
        let (list, relations) = self.relations_of(path)?;
        let id = (1..=relations.len() + 1)
            .map(|number| format!("rIdPeil{number}"))
            .find(|id| !relations.contains_key(id))
            .unwrap_or_default();
        let relation = format!("Id=\"{id}\" Type=\"{RELATIONSHIPS}/{kind}\" Target=\"{target}\"");
        let xml = if relations.is_empty() && self.own_name(&list).is_none() {
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship {relation}/></Relationships>").into_bytes()
        } else {
            let own = self.part(&list)?;
            before_end(&own, b"Relationships", |prefix| {
                format!("<{prefix}Relationship {relation}/>")
            })
            .ok_or_else(|| self.damaged(format!("{list} does not end")))?
        };
        self.changed.insert(list, xml);
        Ok(id)
    }

    /// Sheets by name with the path of their part, in their order.
    fn sheets(&mut self) -> Result<Vec<(String, String)>, Error> {
        let workbook = self.workbook.clone();
        let xml = self.part(&workbook)?;
        let (_, relations) = self.relations_of(&workbook)?;
        let mut sheets = Vec::new();
        let mut tokens = Tokens::new(&xml);
        while let Ok(Some(token)) = tokens.next() {
            let Token::Open { name: b"sheet", attributes: tag, .. } = token else { continue };
            let text = |wanted: &[u8]| {
                let value = attribute(tag, wanted)?;
                Some(String::from_utf8_lossy(&attribute_value(value)).into_owned())
            };
            if let (Some(name), Some((kind, target))) =
                (text(b"name"), text(b"id").and_then(|id| relations.get(&id)))
                && kind.ends_with("/worksheet")
            {
                let path = joined(&self.folder, target);
                sheets.push((name, self.own_name(&path).unwrap_or(path)));
            }
        }
        Ok(sheets)
    }

    fn styles_path(&mut self) -> Result<Option<String>, Error> {
        let workbook = self.workbook.clone();
        let (_, relations) = self.relations_of(&workbook)?;
        let target = relations.values().find(|(kind, _)| kind.ends_with("/styles"));
        Ok(target.and_then(|(_, target)| self.own_name(&joined(&self.folder, target))))
    }

    /// Adds the notes of a sheet; the id of the drawing that is new to it.
    fn notes(
        &mut self,
        order: usize,
        sheet: &str,
        found: &Marked,
        marks: &Marks<'_>,
    ) -> Result<Option<String>, Error> {
        let (_, relations) = self.relations_of(sheet)?;
        let (folder, _) = sheet.rsplit_once('/').unwrap_or(("", sheet));
        let target = |kind: &str| {
            let mut all = relations.values();
            all.find(|(own, _)| own.ends_with(kind)).map(|(_, target)| joined(folder, target))
        };
        let own_comments = target("/comments").and_then(|path| self.own_name(&path));
        let own_drawing = found
            .drawing
            .as_ref()
            .and_then(|id| relations.get(id))
            .and_then(|(_, target)| self.own_name(&joined(folder, target)));
        let mut new = marks.clone();
        if let Some(path) = own_comments {
            let xml = self.part(&path)?;
            // A supplier's own note stays; what was found stands in the list.
            for place in comments::noted(&xml) {
                new.remove(&place);
            }
            if let Some(added) = comments::added(&xml, &new) {
                self.changed.insert(path, added);
            }
        } else {
            let path = format!("{}/peilComments{order}.xml", self.folder);
            self.relate(sheet, "comments", &format!("/{path}"))?;
            self.changed.insert(path.clone(), comments::part(&new).into_bytes());
            self.types.push((path, COMMENTS_TYPE));
        }
        if let Some(path) = own_drawing {
            let xml = self.part(&path)?;
            if let Some(added) = comments::drawing_added(&xml, &new) {
                self.changed.insert(path, added);
            }
            return Ok(None);
        }
        let path = format!("{}/drawings/peilNotes{order}.vml", self.folder);
        let id = self.relate(sheet, "vmlDrawing", &format!("/{path}"))?;
        self.changed.insert(path, comments::drawing(&new).into_bytes());
        Ok(Some(id))
    }

    /// Adds the sheet with the list.
    fn list(&mut self, sheets: &[(String, String)], findings: &[&Finding]) -> Result<(), Error> {
        let taken = |name: &str| sheets.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        let name = std::iter::once(FINDINGS_SHEET.to_owned())
            .chain((2..=sheets.len() + 2).map(|number| format!("{FINDINGS_SHEET} {number}")))
            .find(|name| !taken(name))
            .unwrap_or_default();
        let path = format!("{}/worksheets/peilFindings.xml", self.folder);
        self.changed.insert(path.clone(), table::sheet(findings).into_bytes());
        let workbook = self.workbook.clone();
        let id = self.relate(&workbook, "worksheet", &format!("/{path}"))?;
        self.types.push((path, SHEET_TYPE));
        let xml = self.part(&workbook)?;
        let mut last = 0;
        let mut tokens = Tokens::new(&xml);
        while let Ok(Some(token)) = tokens.next() {
            let Token::Open { name: b"sheet", attributes: tag, .. } = token else { continue };
            let number = attribute(tag, b"sheetId").and_then(number);
            last = last.max(number.unwrap_or(0));
        }
        let with = before_end(&xml, b"sheets", |prefix| {
            format!(
                "<{prefix}sheet xmlns:r=\"{RELATIONSHIPS}\" name=\"{}\" sheetId=\"{}\" r:id=\"{id}\"/>",
                escaped(&name),
                last + 1
            )
        });
        let with =
            with.ok_or_else(|| self.damaged("the list of sheets does not end".to_owned()))?;
        self.changed.insert(workbook, with);
        Ok(())
    }

    fn content_types(&mut self) -> Result<(), Error> {
        let path = "[Content_Types].xml";
        let xml = self.part(path)?;
        let has_vml = xml.windows(15).any(|bytes| bytes.eq_ignore_ascii_case(b"Extension=\"vml\""));
        let types = std::mem::take(&mut self.types);
        let with = before_end(&xml, b"Types", |prefix| {
            let mut text = if has_vml {
                String::new()
            } else {
                format!("<{prefix}Default Extension=\"vml\" ContentType=\"{VML_TYPE}\"/>")
            };
            for (path, kind) in &types {
                let _ =
                    write!(text, "<{prefix}Override PartName=\"/{path}\" ContentType=\"{kind}\"/>");
            }
            text
        });
        let with =
            with.ok_or_else(|| self.damaged("the list of content types does not end".to_owned()))?;
        let name = self.own_name(path).unwrap_or_else(|| path.to_owned());
        self.changed.remove(path);
        self.changed.insert(name, with);
        Ok(())
    }

    fn has_macros(&self) -> bool {
        self.own_name(&format!("{}/vbaProject.bin", self.folder)).is_some()
    }

    fn write(mut self) -> Result<Vec<u8>, Error> {
        let mut changed = std::mem::take(&mut self.changed);
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        let result = (|| {
            for index in 0..self.archive.len() {
                let part = self.archive.by_index_raw(index)?;
                let name = part.name()?.to_string();
                match changed.remove(&name) {
                    Some(bytes) => {
                        drop(part);
                        out.start_file(name.as_str(), options)?;
                        out.write_all(&bytes)?;
                    }
                    None => out.raw_copy_file(part)?,
                }
            }
            for (name, bytes) in &changed {
                out.start_file(name.as_str(), options)?;
                out.write_all(bytes)?;
            }
            Ok::<_, zip::result::ZipError>(out.finish()?.into_inner())
        })();
        result
            .map_err(|error| Error::Unmarked { place: self.place.clone(), what: error.to_string() })
    }
}

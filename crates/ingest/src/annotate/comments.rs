//! Notes at cells: the part with their texts, and the drawing in which Excel keeps their boxes.

use std::collections::BTreeSet;
use std::fmt::Write;

use workbook::Address;
use workbook::xml::{Token, Tokens, attribute};

use super::edits::{Edit, MAIN, edited, escaped, prefix_of};
use super::mark::{Marks, color, place_of};

const AUTHOR: &str = "peil";

/// Places that have a note already.
pub(super) fn noted(xml: &[u8]) -> BTreeSet<(u32, u32)> {
    let mut places = BTreeSet::new();
    let mut tokens = Tokens::new(xml);
    while let Ok(Some(token)) = tokens.next() {
        let Token::Open { name: b"comment", attributes: tag, .. } = token else { continue };
        let address = attribute(tag, b"ref").and_then(|address| std::str::from_utf8(address).ok());
        places.extend(address.and_then(place_of));
    }
    places
}

/// A part with the notes of all marks.
pub(super) fn part(marks: &Marks<'_>) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<comments xmlns=\"{MAIN}\"><authors><author>{AUTHOR}</author></authors><commentList>"
    );
    for ((row, column), mark) in marks {
        comment(&mut xml, "", Address { row: *row, column: *column }, 0, &mark.text());
    }
    xml.push_str("</commentList></comments>");
    xml
}

fn comment(xml: &mut String, prefix: &str, address: Address, author: u32, text: &str) {
    let _ = write!(
        xml,
        "<{prefix}comment ref=\"{address}\" authorId=\"{author}\"><{prefix}text><{prefix}t xml:space=\"preserve\">{}</{prefix}t></{prefix}text></{prefix}comment>",
        escaped(text)
    );
}

/// A supplier's own part with the notes added to it.
pub(super) fn added(own: &[u8], marks: &Marks<'_>) -> Option<Vec<u8>> {
    let mut tokens = Tokens::new(own);
    let (mut authors, mut authors_end, mut list_end, mut prefix) = (0, None, None, "");
    while let Some(token) = tokens.next().ok()? {
        let end = own.len() - tokens.left();
        let start = || own[..end].iter().rposition(|byte| *byte == b'<');
        match token {
            Token::Open { name: b"author", .. } => authors += 1,
            Token::Close { name: b"authors" } => authors_end = start(),
            Token::Close { name: name @ b"commentList" } => {
                list_end = start();
                prefix = prefix_of(own, name);
            }
            _ => {}
        }
    }
    let mut xml = String::new();
    for ((row, column), mark) in marks {
        comment(&mut xml, prefix, Address { row: *row, column: *column }, authors, &mark.text());
    }
    let author = format!("<{prefix}author>{AUTHOR}</{prefix}author>");
    let edits = vec![
        Edit { at: authors_end?, remove: 0, insert: author },
        Edit { at: list_end?, remove: 0, insert: xml },
    ];
    Some(edited(own, edits))
}

const SHAPE_TYPE: &str = "<v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>";
/// First number of a box; Excel's own begin at 1025.
const FIRST_BOX: usize = 30_001;

/// A drawing with the boxes of all notes.
pub(super) fn drawing(marks: &Marks<'_>) -> String {
    format!(
        "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><o:shapelayout v:ext=\"edit\"><o:idmap v:ext=\"edit\" data=\"1\"/></o:shapelayout>{SHAPE_TYPE}{}</xml>",
        boxes(marks)
    )
}

/// A supplier's own drawing with the boxes added to it.
pub(super) fn drawing_added(own: &[u8], marks: &Marks<'_>) -> Option<Vec<u8>> {
    let at = own.windows(6).rposition(|bytes| bytes == b"</xml>")?;
    let has_type = own.windows(11).any(|bytes| bytes == b"_x0000_t202");
    let insert = if has_type { boxes(marks) } else { SHAPE_TYPE.to_owned() + &boxes(marks) };
    Some(edited(own, vec![Edit { at, remove: 0, insert }]))
}

fn boxes(marks: &Marks<'_>) -> String {
    let mut xml = String::new();
    for (number, ((row, column), mark)) in (FIRST_BOX..).zip(marks) {
        let lines = mark.text().lines().map(|line| 1 + line.chars().count() / 45).sum::<usize>();
        let (left, right, top) = (column + 1, column + 5, row.saturating_sub(1));
        let bottom = *row as usize + lines.clamp(4, 30);
        let _ = write!(
            xml,
            "<v:shape id=\"_x0000_s{number}\" type=\"#_x0000_t202\" style=\"position:absolute;visibility:hidden\" fillcolor=\"#{}\" o:insetmode=\"auto\"><v:fill color2=\"#FFFFFF\"/><v:path o:connecttype=\"none\"/><v:textbox style=\"mso-direction-alt:auto\"><div style=\"text-align:left\"></div></v:textbox><x:ClientData ObjectType=\"Note\"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 15, {top}, 4, {right}, 15, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>",
            color(mark.severity()),
        );
    }
    xml
}

//! Changes to the XML of a part; all else stays byte for byte.

use workbook::xml::{Token, Tokens};

pub(super) const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
pub(super) const RELATIONSHIPS: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// A change to bytes: `remove` of them at `at` give way to `insert`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edit {
    pub(super) at: usize,
    pub(super) remove: usize,
    pub(super) insert: String,
}

pub(super) fn edited(bytes: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| edit.at);
    let mut out = Vec::with_capacity(bytes.len() + edits.len() * 32);
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(&bytes[at..edit.at]);
        out.extend_from_slice(edit.insert.as_bytes());
        at = edit.at + edit.remove;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

/// Where a slice of `bytes` begins in them.
pub(super) fn offset(bytes: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - bytes.as_ptr() as usize
}

/// `x:` where the names of a part have a prefix.
pub(super) fn prefix_of<'a>(bytes: &'a [u8], name: &[u8]) -> &'a str {
    let before = &bytes[..offset(bytes, name)];
    let tag = before.iter().rposition(|byte| *byte == b'<' || *byte == b'/').unwrap_or(0);
    std::str::from_utf8(&before[tag + 1..]).unwrap_or("")
}

pub(super) fn number(value: &[u8]) -> Option<u32> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// Text in XML; signs that XML cannot hold are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(' '),
            control if control.is_control() => {}
            '\u{fffe}' | '\u{ffff}' => {}
            sign => out.push(sign),
        }
    }
    out
}

/// Puts XML before the end tag of an element, given the prefix of its name; opens an element that is empty.
pub(super) fn before_end(
    xml: &[u8],
    wanted: &[u8],
    insert: impl Fn(&str) -> String,
) -> Option<Vec<u8>> {
    let mut tokens = Tokens::new(xml);
    let mut place = None;
    while let Some(token) = tokens.next().ok()? {
        let end = xml.len() - tokens.left();
        match token {
            Token::Close { name } if name == wanted => {
                let at = xml[..end].iter().rposition(|byte| *byte == b'<')?;
                place = Some(Edit { at, remove: 0, insert: insert(prefix_of(xml, name)) });
            }
            Token::Open { name, empty: true, .. } if name == wanted => {
                let prefix = prefix_of(xml, name);
                let element = String::from_utf8_lossy(name);
                let text = format!(">{}</{prefix}{element}>", insert(prefix));
                place = Some(Edit { at: end - 2, remove: 2, insert: text });
            }
            _ => {}
        }
    }
    Some(edited(xml, vec![place?]))
}

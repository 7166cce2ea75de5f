//! Styles with a fill for marked cells; each keeps the number format, font and borders of the one it is made from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use survey::Severity;
use workbook::xml::{Token, Tokens, attribute};

use super::edits::{Edit, edited, offset, prefix_of};
use super::mark::color;

const SEVERITIES: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

/// Style and severity → the marked sister's number.
pub(super) type Numbers = BTreeMap<(u32, Severity), u32>;

/// What of a list a new entry needs to know.
#[derive(Default)]
struct List {
    count: Option<(usize, usize)>,
    entries: u32,
    /// Where its end tag begins.
    end: usize,
}

/// The styles part with the marked sisters of `wanted`, and the number of each.
pub(super) fn with_marks(
    xml: &[u8],
    wanted: &BTreeSet<(u32, Severity)>,
) -> Option<(Vec<u8>, Numbers)> {
    let (mut fills, mut formats) = (List::default(), List::default());
    let mut entries: Vec<&[u8]> = Vec::new();
    let mut prefix = "";
    let mut inside: Option<&[u8]> = None;
    let mut depth = 0_u32;
    let mut entry_start = 0;
    let mut tokens = Tokens::new(xml);
    while let Some(token) = tokens.next().ok()? {
        let end = xml.len() - tokens.left();
        let start = || xml[..end].iter().rposition(|byte| *byte == b'<').unwrap_or(0);
        match token {
            Token::Open { name, attributes: tag, empty } => {
                if depth == 1 && matches!(name, b"fills" | b"cellXfs") {
                    let list = if name == b"fills" { &mut fills } else { &mut formats };
                    list.count =
                        attribute(tag, b"count").map(|value| (offset(xml, value), value.len()));
                    prefix = prefix_of(xml, name);
                    inside = (!empty).then_some(name);
                } else if depth == 2 && inside == Some(b"fills") {
                    fills.entries += 1;
                } else if depth == 2 && inside == Some(b"cellXfs") {
                    entry_start = start();
                    if empty {
                        entries.push(&xml[entry_start..end]);
                    }
                }
                depth += u32::from(!empty);
            }
            Token::Close { name } => {
                depth = depth.saturating_sub(1);
                if depth == 2 && inside == Some(b"cellXfs") {
                    entries.push(&xml[entry_start..end]);
                } else if depth == 1 && inside == Some(name) {
                    let list = if name == b"fills" { &mut fills } else { &mut formats };
                    list.end = start();
                    inside = None;
                }
            }
            _ => {}
        }
    }
    if fills.end == 0 || formats.end == 0 {
        return None;
    }
    formats.entries = entries.len() as u32;
    let mut new_fills = String::new();
    for severity in SEVERITIES {
        let rgb = color(severity);
        let _ = write!(
            new_fills,
            "<{prefix}fill><{prefix}patternFill patternType=\"solid\"><{prefix}fgColor rgb=\"FF{rgb}\"/><{prefix}bgColor indexed=\"64\"/></{prefix}patternFill></{prefix}fill>"
        );
    }
    let mut numbers = BTreeMap::new();
    let mut new_formats = String::new();
    for (added, (style, severity)) in (0..).zip(wanted) {
        let fill = fills.entries + *severity as u32;
        let plain = format!(
            "<{prefix}xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>"
        );
        let entry = entries.get(*style as usize).copied().unwrap_or(plain.as_bytes());
        new_formats.push_str(&filled(entry, fill)?);
        numbers.insert((*style, *severity), formats.entries + added);
    }
    let mut edits = vec![
        Edit { at: fills.end, remove: 0, insert: new_fills },
        Edit { at: formats.end, remove: 0, insert: new_formats },
    ];
    let counts =
        [(fills.count, fills.entries + 3), (formats.count, formats.entries + wanted.len() as u32)];
    for (place, count) in counts {
        if let Some((at, remove)) = place {
            edits.push(Edit { at, remove, insert: count.to_string() });
        }
    }
    Some((edited(xml, edits), numbers))
}

/// A style's entry with another fill.
fn filled(entry: &[u8], fill: u32) -> Option<String> {
    let Ok(Some(Token::Open { attributes: tag, .. })) = Tokens::new(entry).next() else {
        return None;
    };
    let place =
        |wanted: &[u8]| attribute(tag, wanted).map(|value| (offset(entry, value), value.len()));
    let mut edits = Vec::new();
    for (name, value) in [("fillId", fill.to_string()), ("applyFill", "1".to_owned())] {
        edits.push(match place(name.as_bytes()) {
            Some((at, remove)) => Edit { at, remove, insert: value },
            None => {
                Edit { at: offset(entry, tag), remove: 0, insert: format!(" {name}=\"{value}\"") }
            }
        });
    }
    String::from_utf8(edited(entry, edits)).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn a_marked_style_keeps_its_number_format_and_gets_a_fill() {
        let xml = br#"<styleSheet><fills count="2"><fill/><fill/></fills><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" fillId="1"><alignment wrapText="1"/></xf></cellXfs></styleSheet>"#;
        let wanted = [(1, Severity::Error), (0, Severity::Info)].into();
        let (styles, numbers) = with_marks(xml, &wanted).unwrap();
        let styles = String::from_utf8(styles).unwrap();
        assert_eq!(numbers, [((0, Severity::Info), 2), ((1, Severity::Error), 3)].into());
        assert!(
            styles.contains(r#"<fills count="5">"#) && styles.contains(r#"<cellXfs count="4">"#)
        );
        assert!(
            styles.contains(r#"<xf applyFill="1" fillId="2" numFmtId="0"/>"#)
                || styles.contains(r#"<xf fillId="2" applyFill="1" numFmtId="0"/>"#),
            "{styles}"
        );
        assert!(styles.contains(r#"<xf applyFill="1" numFmtId="14" fillId="4"><alignment wrapText="1"/></xf></cellXfs>"#), "{styles}");
    }
}

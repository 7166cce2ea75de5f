//! What the tags of an OpenDocument sheet have in common.

use crate::error::Error;
use crate::xml::{Token, Tokens, attribute, digits};

pub(super) fn unended() -> Error {
    Error::damaged("the content does not end")
}

pub(super) fn repeated(tag: &[u8], name: &[u8]) -> u32 {
    attribute(tag, name).map_or(1, |text| digits(text).unwrap_or(u32::MAX)).max(1)
}

pub(super) fn is_hidden(tag: &[u8]) -> bool {
    attribute(tag, b"visibility").is_some_and(|value| value != b"visible")
}

/// Passes over what is inside a tag that was opened, and over others of its name inside it.
pub(super) fn skip(tokens: &mut Tokens<'_>, wanted: &[u8]) -> Option<()> {
    let mut depth = 1;
    while let Some(token) = tokens.next().ok()? {
        match token {
            Token::Open { name, empty: false, .. } if name == wanted => depth += 1,
            Token::Close { name } if name == wanted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(());
        }
    }
    None
}

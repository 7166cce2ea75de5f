//! How numbers of each style are shown, from the part with the styles.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::number_format::{Shows, shown, shown_by};
use crate::xml::{Token, Tokens, attribute, attribute_value, digits};

/// By style number, out of the part with the styles.
pub(super) fn shows(xml: &[u8]) -> Result<Vec<Shows>, Error> {
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

//! The little of XML that sheets need, on a slice of bytes: tags, text, entities.

use std::borrow::Cow;

use crate::error::Error;

/// What comes next in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// Local name, the attributes as they stand, whether it is closed at once (`<f/>`).
    Open {
        name: &'a [u8],
        attributes: &'a [u8],
        empty: bool,
    },
    Close {
        name: &'a [u8],
    },
    /// With entities still in it.
    Text(&'a [u8]),
    Cdata(&'a [u8]),
}

/// Broken XML: a tag or comment that does not end.
#[derive(Debug, PartialEq, Eq)]
pub struct Unended;

impl From<Unended> for Error {
    fn from(_: Unended) -> Self {
        Self::damaged("a tag that does not end")
    }
}

/// The tokens of some bytes, one by one.
#[derive(Clone)]
pub struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes that are still to come.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// Text that stands between `before` and `after` and has nothing to resolve in it; none leaves the tokens as they are.
    #[inline]
    pub(crate) fn between(&mut self, before: &[u8], after: &[u8]) -> Option<&'a [u8]> {
        let text = self.rest.strip_prefix(before)?;
        let end = text.iter().position(|byte| matches!(byte, b'<' | b'&' | b'\r'))?;
        self.rest = text[end..].strip_prefix(after)?;
        Some(&text[..end])
    }

    /// The next token; none at the end.
    #[allow(clippy::should_implement_trait, reason = "an iterator cannot end in an error")]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Token<'a>>, Unended> {
        loop {
            let Some(first) = self.rest.first() else { return Ok(None) };
            if *first != b'<' {
                let end = memchr::memchr(b'<', self.rest).unwrap_or(self.rest.len());
                let (text, rest) = self.rest.split_at(end);
                self.rest = rest;
                return Ok(Some(Token::Text(text)));
            }
            match self.rest.get(1) {
                Some(b'!') => {
                    if let Some(after) = self.rest.strip_prefix(b"<![CDATA[") {
                        let end = memchr::memmem::find(after, b"]]>").ok_or(Unended)?;
                        self.rest = &after[end + 3..];
                        return Ok(Some(Token::Cdata(&after[..end])));
                    }
                    let closing: &[u8] = if self.rest.starts_with(b"<!--") { b"-->" } else { b">" };
                    let end = memchr::memmem::find(self.rest, closing).ok_or(Unended)?;
                    self.rest = &self.rest[end + closing.len()..];
                }
                Some(b'?') => {
                    let end = memchr::memmem::find(self.rest, b"?>").ok_or(Unended)?;
                    self.rest = &self.rest[end + 2..];
                }
                _ => {
                    let end = memchr::memchr(b'>', self.rest).ok_or(Unended)?;
                    let tag = &self.rest[1..end];
                    self.rest = &self.rest[end + 1..];
                    return Ok(Some(token(tag)));
                }
            }
        }
    }
}

#[inline]
fn token(tag: &[u8]) -> Token<'_> {
    if let Some(name) = tag.strip_prefix(b"/") {
        return Token::Close { name: local(name.trim_ascii_end()) };
    }
    let (tag, empty) = tag.strip_suffix(b"/").map_or((tag, false), |tag| (tag, true));
    let end = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
    Token::Open { name: local(&tag[..end]), attributes: &tag[end..], empty }
}

#[inline]
fn local(name: &[u8]) -> &[u8] {
    if name.len() < 3 {
        return name;
    }
    memchr::memchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

/// The attributes of a tag as they stand: local name and value, entities still in it.
pub fn attributes(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        rest = rest.trim_ascii_start();
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        let name = rest[..equals].trim_ascii_end();
        let value = rest[equals + 1..].trim_ascii_start();
        let quote = *value.first().filter(|quote| matches!(quote, b'"' | b'\''))?;
        let end = value[1..].iter().position(|byte| *byte == quote)?;
        rest = &value[end + 2..];
        Some((local(name), &value[1..=end]))
    })
}

/// The value of one attribute, entities still in it.
pub fn attribute<'a>(tag: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    attributes(tag).find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// Whether a flag is set.
pub(crate) fn is_true(value: &[u8]) -> bool {
    matches!(value, b"1" | b"true")
}

/// A whole number of at most nine digits.
pub(crate) fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter()
        .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

/// Text with its entities resolved and each line end as one newline (XML 1.0, 2.11); an entity that is not known stays as it stands.
pub fn resolved(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'&', b'\r', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'&', b'\r', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        if rest[0] == b'\r' {
            out.push(b'\n');
            rest = rest.strip_prefix(b"\r\n").unwrap_or(&rest[1..]);
            continue;
        }
        let end = rest.iter().take(12).position(|byte| *byte == b';');
        if let Some((sign, end)) = end.and_then(|end| entity(&rest[1..end]).map(|sign| (sign, end)))
        {
            out.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &rest[end + 1..];
        } else {
            out.push(b'&');
            rest = &rest[1..];
        }
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// A section of data, in which nothing is an entity.
pub(crate) fn data(section: &[u8]) -> Cow<'_, [u8]> {
    let mut rest = section;
    let mut out = Vec::new();
    while let Some(at) = memchr::memchr(b'\r', rest) {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\n');
        rest = rest[at..].strip_prefix(b"\r\n").unwrap_or(&rest[at + 1..]);
    }
    if out.is_empty() {
        return Cow::Borrowed(section);
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// The value of an attribute: white space as it stands in the file is a space (XML 1.0, 3.3.3), as an entity it is itself.
pub fn attribute_value(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | b'\t')) {
        return resolved(value);
    }
    let one_line: Vec<u8> = data(value)
        .iter()
        .map(|byte| if matches!(byte, b'\n' | b'\t') { b' ' } else { *byte })
        .collect();
    Cow::Owned(resolved(&one_line).into_owned())
}

fn entity(name: &[u8]) -> Option<char> {
    match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', b'x' | b'X', hex @ ..] => {
            u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok().and_then(char::from_u32)
        }
        [b'#', digits @ ..] => {
            std::str::from_utf8(digits).ok()?.parse().ok().and_then(char::from_u32)
        }
        _ => None,
    }
}

/// Excel's own escape of control signs in texts, `_x000D_`, resolved in place.
pub(crate) fn without_excel_escapes(text: &mut Vec<u8>, from: usize) {
    if memchr::memmem::find(&text[from..], b"_x").is_none() {
        return;
    }
    let source = text.split_off(from);
    let mut rest = source.as_slice();
    while let Some(at) = memchr::memmem::find(rest, b"_x") {
        text.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let sign = rest
            .get(..7)
            .filter(|escape| escape[6] == b'_' && escape[2..6].iter().all(u8::is_ascii_hexdigit))
            .and_then(|escape| std::str::from_utf8(&escape[2..6]).ok())
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        if let Some(sign) = sign {
            text.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &rest[7..];
        } else {
            text.extend_from_slice(b"_x");
            rest = &rest[2..];
        }
    }
    text.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn tags_texts_and_comments_are_told_apart() {
        let mut tokens = Tokens::new(
            b"<?xml?><!-- <c> --><x:c r=\"A1\" t='s'><v>1&amp;2</v><f/><![CDATA[<v>]]></x:c >",
        );
        let mut seen = Vec::new();
        while let Some(token) = tokens.next().unwrap() {
            seen.push(match token {
                Token::Open { name, empty, .. } => {
                    format!("open {} {empty}", String::from_utf8_lossy(name))
                }
                Token::Close { name } => format!("close {}", String::from_utf8_lossy(name)),
                Token::Text(text) => format!("text {}", String::from_utf8_lossy(&resolved(text))),
                Token::Cdata(text) => format!("cdata {}", String::from_utf8_lossy(text)),
            });
        }
        let expected = [
            "open c false",
            "open v false",
            "text 1&2",
            "close v",
            "open f true",
            "cdata <v>",
            "close c",
        ];
        assert_eq!(seen, expected);
        assert_eq!(Tokens::new(b"<c").next(), Err(Unended));
    }

    #[test]
    fn text_between_two_tags_is_taken_whole_or_not_at_all() {
        let between = |source: &'static [u8]| {
            let mut tokens = Tokens::new(source);
            (tokens.between(b"<v>", b"</v></c>"), tokens.left())
        };
        assert_eq!(between(b"<v>12</v></c><c/>"), (Some(&b"12"[..]), 4));
        assert_eq!(between(b"<v></v></c>"), (Some(&b""[..]), 0));
        for other in
            [&b"<v>1&amp;</v></c>"[..], b"<v>1\r</v></c>", b"<v>1</v> </c>", b"<v>1", b"<f/>"]
        {
            assert_eq!(between(other), (None, other.len()));
        }
    }

    #[test]
    fn attributes_come_by_local_name() {
        let found: Vec<(&[u8], &[u8])> = attributes(b" r=\"A1\" x:id = 'b c'").collect();
        assert_eq!(found, [(&b"r"[..], &b"A1"[..]), (b"id", b"b c")]);
    }

    #[test]
    fn entities_and_escapes_become_signs() {
        let text =
            |source: &str| String::from_utf8(resolved(source.as_bytes()).into_owned()).unwrap();
        assert_eq!(text("&lt;a&gt; &#233;&#xe9; & &nope; &amp;lt;"), "<a> éé & &nope; &lt;");
        assert_eq!(text("a\r\nb\rc\nd&#13;\r\ne&#xD;&#10;"), "a\nb\nc\nd\r\ne\r\n");
        let mut escaped = b"ab_x000D_c_x00__x0041_".to_vec();
        without_excel_escapes(&mut escaped, 2);
        assert_eq!(escaped, b"ab\rc_x00_A");
    }

    #[test]
    fn line_ends_of_the_file_are_newlines_in_data_and_spaces_in_attributes() {
        assert_eq!(*data(b"a\r\nb\r\r&amp;"), *b"a\nb\n\n&amp;");
        assert_eq!(*data(b"a\nb"), *b"a\nb");
        assert_eq!(*attribute_value(b"a\r\nb\tc\rd&#10;e&amp;"), *b"a b c d\ne&");
        assert_eq!(*attribute_value(b"a &amp; b"), *b"a & b");
    }
}

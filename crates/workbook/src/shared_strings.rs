//! The texts that cells refer to by number, end to end.

use crate::error::Error;
use crate::limits::Limits;
use crate::xml::{Token, Tokens, attribute, data, resolved, without_excel_escapes};

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
    pub(crate) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// The text that was appended is whole.
    pub(crate) fn end_text(&mut self, limits: &Limits) -> Result<(), Error> {
        let end = u32::try_from(self.text.len())
            .map_err(|_| "more than 4 GB of shared texts".to_owned())?;
        self.ends.push(end);
        let found = self.ends.len() as u64;
        if found > limits.shared_strings {
            return Err(Error::limit("shared texts", found, limits.shared_strings));
        }
        Ok(())
    }

    /// Out of the part's XML; says what is wrong with it.
    pub(crate) fn parse(xml: &[u8], limits: &Limits) -> Result<Self, Error> {
        let mut strings = Self::default();
        let (mut inside, mut phonetic) = (false, 0);
        let mut tokens = Tokens::new(xml);
        while let Some(token) =
            tokens.next().map_err(|_| "the shared texts do not end".to_owned())?
        {
            match token {
                Token::Open { name: b"sst", attributes: tag, .. } => {
                    stated(tag, xml.len(), limits)?;
                }
                Token::Open { name: b"t", empty: false, .. } => inside = phonetic == 0,
                Token::Close { name: b"t" } => inside = false,
                Token::Open { name: b"rPh", empty: false, .. } => phonetic += 1,
                Token::Close { name: b"rPh" } => phonetic = 0.max(phonetic - 1),
                Token::Text(piece) if inside => strings.text.extend_from_slice(&resolved(piece)),
                Token::Cdata(piece) if inside => strings.text.extend_from_slice(&data(piece)),
                Token::Close { name: b"si" } | Token::Open { name: b"si", empty: true, .. } => {
                    let start = strings.ends.last().map_or(0, |end| *end as usize);
                    without_excel_escapes(&mut strings.text, start);
                    strings.end_text(limits)?;
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
fn stated(tag: &[u8], bytes: usize, limits: &Limits) -> Result<(), Error> {
    let Some(count) = attribute(tag, b"uniqueCount") else { return Ok(()) };
    let count = std::str::from_utf8(count).ok().and_then(|text| text.trim().parse().ok());
    // The shortest entry is `<si/>`.
    limits.check_stated(count.unwrap_or(u64::MAX), bytes as u64 / 5 + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn shared_texts_join_their_runs_and_leave_out_phonetics() {
        let xml = b"<sst><si><t>a&amp;b</t></si><si/><si><r><t>c</t></r><r><t xml:space=\"preserve\"> d</t></r><rPh><t>x</t></rPh></si></sst>";
        let limits = Limits { shared_strings: 3, ..crate::limits::tests::small() };
        let strings = SharedStrings::parse(xml, &limits).unwrap();
        assert_eq!(strings.get(0), Some(&b"a&b"[..]));
        assert_eq!(strings.get(1), Some(&b""[..]));
        assert_eq!(strings.get(2), Some(&b"c d"[..]));
        assert_eq!(strings.get(3), None);
    }
}

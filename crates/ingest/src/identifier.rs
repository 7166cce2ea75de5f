//! What stands in a cell with a respondent's id: the same id has one form before it is hashed, and what is none is told.

use std::borrow::Cow;

use survey::Class;
use workbook::text::trim;

use crate::key::Key;

/// A cell of a column of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Id<'a> {
    Nothing,
    /// What a spreadsheet or a statistics program made of an id, or wrote where there was none.
    Spoilt,
    Is(Cow<'a, [u8]>),
}

/// Where programs write that there is nothing, in small letters.
const NO_ID: [&str; 17] = [
    "na",
    "n/a",
    "#n/a",
    "#n/b",
    "#n/d",
    "nan",
    "null",
    "none",
    "nil",
    "#null!",
    "<na>",
    "missing",
    "nvt",
    "n.v.t.",
    "onbekend",
    "unknown",
    "undefined",
];

impl<'a> Id<'a> {
    pub(crate) fn of(class: Class, text: &'a [u8]) -> Self {
        let text = trim(text);
        match class {
            Class::Error | Class::Date => Self::Spoilt,
            Class::Empty => Self::Nothing,
            _ if text.is_empty() => Self::Nothing,
            _ => std::str::from_utf8(text).map_or(Self::Is(Cow::Borrowed(text)), Self::of_text),
        }
    }

    fn of_text(text: &'a str) -> Self {
        let is_word = NO_ID.contains(&text.to_lowercase().as_str());
        if is_word || !text.contains(char::is_alphanumeric) {
            return Self::Spoilt;
        }
        match Power::of(text) {
            Some(power) => {
                power.whole().map_or(Self::Spoilt, |whole| Self::Is(Cow::Owned(whole.into_bytes())))
            }
            None => Self::Is(Cow::Borrowed(whole_number(text).as_bytes())),
        }
    }

    /// What leaves ingest of a cell: its class, and the id's pseudonym or nothing.
    pub(crate) fn hidden(&self, key: &Key) -> Option<[u8; 32]> {
        match self {
            Self::Is(id) => Some(key.pseudonym(id)),
            Self::Nothing | Self::Spoilt => None,
        }
    }
}

/// `1001.0` and `1001,00` are the number 1001; `1.000` may be a thousand and stays, as do leading zeros.
fn whole_number(text: &str) -> &str {
    let Some((whole, fraction)) = text.split_once(['.', ',']) else { return text };
    let is_number = !whole.is_empty()
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && (whole == "0" || !whole.starts_with('0'));
    let is_nothing = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    let may_be_thousands = fraction.len() == 3 && whole.len() <= 3;
    if is_number && is_nothing && !may_be_thousands { whole } else { text }
}

/// A number written as a power of ten: `1,23457E+12` of Excel, `1.2345678E7` of Java; `12E5` is a text.
struct Power<'a> {
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
    /// Excel and R write the sign and round; Java writes none and keeps all digits.
    has_sign: bool,
}

impl<'a> Power<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (mantissa, power) = text.split_once(['E', 'e'])?;
        let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let has_sign = power.starts_with(['+', '-']);
        let is_power = whole.len() == 1
            && digits(whole)
            && digits(fraction)
            && (has_sign || !fraction.is_empty())
            && (1..=3).contains(&power.trim_start_matches(['+', '-']).len())
            && digits(power.trim_start_matches(['+', '-']));
        is_power.then(|| Self { whole, fraction, exponent: power.parse().unwrap_or(-1), has_sign })
    }

    /// The whole number, where no digit of it is lost.
    fn whole(&self) -> Option<String> {
        let exponent = usize::try_from(self.exponent).ok().filter(|exponent| *exponent < 16)?;
        let fraction = self.fraction.trim_end_matches('0');
        if fraction.len() > exponent || self.has_sign && self.fraction.len() < exponent {
            return None;
        }
        Some(format!("{}{fraction:0<exponent$}", self.whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str, expected: &str) {
        let expected = Id::Is(Cow::Owned(expected.as_bytes().to_vec()));
        for class in [Class::Text, Class::Number] {
            assert_eq!(Id::of(class, text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn the_same_number_is_the_same_id_however_it_is_written() {
        for text in ["1001", "1001.0", "1001,0", " 1001 ", "1001.00", "\u{a0}1001", "1.001E3"] {
            is(text, "1001");
        }
        is("1.2345678E7", "12345678");
        is("1.0E7", "10000000");
        is("1.23456E+5", "123456");
        is("0.0", "0");
    }

    #[test]
    fn an_id_that_is_a_text_stays_as_it_is() {
        for text in
            ["0012", "0012.0", "G21-00001", "12E5", "1.000", "a.0", "1001.5", "R_3x", "1e", "E5"]
        {
            is(text, text);
        }
    }

    #[test]
    fn what_a_program_made_of_an_id_or_wrote_in_its_place_is_none() {
        for text in [
            "1,23457E+12",
            "1.23457E+12",
            "1E+12",
            "1e-5",
            "NA",
            "n/a",
            "#N/B",
            "NULL",
            "NaN",
            "-",
            "?",
            "...",
            "#NULL!",
            "1.5E-7",
        ] {
            for class in [Class::Text, Class::Number] {
                assert_eq!(Id::of(class, text.as_bytes()), Id::Spoilt, "{text}");
            }
        }
        assert_eq!(Id::of(Class::Date, b"2025-03-01"), Id::Spoilt);
        assert_eq!(Id::of(Class::Error, b""), Id::Spoilt);
        assert_eq!(Id::of(Class::Text, b" "), Id::Nothing);
    }
}

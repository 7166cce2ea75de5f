//! What a text cell is, by its content and the profile's forms of numbers and dates.

use config::export::ValueForms;
use survey::Class;
use survey::date::DateOrder;
use survey::date::is_date;
use workbook::text::trim;

/// Error values as Excel writes them into a CSV, English and Dutch.
const ERROR_VALUES: [&[u8]; 18] = [
    b"#N/A",
    b"#N/B",
    b"#DIV/0!",
    b"#DEEL/0!",
    b"#VALUE!",
    b"#WAARDE!",
    b"#REF!",
    b"#VERW!",
    b"#NAME?",
    b"#NAAM?",
    b"#NUM!",
    b"#GETAL!",
    b"#NULL!",
    b"#LEEG!",
    b"#SPILL!",
    b"#OVERLOOP!",
    b"#CALC!",
    b"#BEREKENEN!",
];

/// Tells classes apart by the declared forms; nothing else counts as a number or date.
#[derive(Debug, Clone)]
pub(crate) struct Classifier {
    decimal: u8,
    thousands: Option<u8>,
    date_orders: Vec<DateOrder>,
    missing: MissingSigns,
}

/// What the producer writes where there is no value.
#[derive(Debug, Clone, Default)]
pub(crate) struct MissingSigns(Vec<String>);

impl MissingSigns {
    pub(crate) fn new(forms: &ValueForms) -> Self {
        Self(forms.missing_signs.iter().map(|sign| sign.trim().to_owned()).collect())
    }

    #[inline]
    pub(crate) fn has(&self, cell: &[u8]) -> bool {
        !self.0.is_empty() && self.0.iter().any(|sign| sign.as_bytes() == trim(cell))
    }
}

impl Classifier {
    pub(crate) fn new(forms: &ValueForms) -> Self {
        let (decimal, separator) = if forms.decimal_comma { (b',', b'.') } else { (b'.', b',') };
        Self {
            decimal,
            thousands: forms.thousands.then_some(separator),
            date_orders: forms.date_orders.clone(),
            missing: MissingSigns::new(forms),
        }
    }

    /// Whether letters alone make a text, and digits alone a number: no sign of missing begins with one.
    pub(crate) fn tells_by_form(&self) -> bool {
        let plain = |sign: &String| sign.starts_with(|first: char| first.is_ascii_alphanumeric());
        !self.missing.0.iter().any(plain)
    }

    pub(crate) fn decimal(&self) -> u8 {
        self.decimal
    }

    /// The class of a text cell; a sign of missing is empty.
    #[inline]
    pub(crate) fn classify(&self, cell: &[u8]) -> Class {
        if self.missing.has(cell) {
            return Class::Empty;
        }
        match *cell {
            [] => Class::Empty,
            [digit] if digit.is_ascii_digit() => Class::Number,
            [first, ..] if first.is_ascii_alphabetic() => Class::Text,
            _ => self.classify_slowly(cell),
        }
    }

    fn classify_slowly(&self, cell: &[u8]) -> Class {
        let whole = cell.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let fraction = |rest: &[u8]| {
            rest[0] == self.decimal && rest.len() > 1 && rest[1..].iter().all(u8::is_ascii_digit)
        };
        if whole == cell.len() || whole > 0 && fraction(&cell[whole..]) {
            return Class::Number;
        }
        let trimmed = trim(cell);
        if trimmed.is_empty() {
            return Class::Empty;
        }
        if self.is_number(trimmed) {
            return Class::Number;
        }
        if trimmed[0].is_ascii_digit()
            && !self.date_orders.is_empty()
            && is_date(trimmed, &self.date_orders)
        {
            return Class::Date;
        }
        if trimmed[0] == b'#' && ERROR_VALUES.contains(&trimmed) {
            return Class::Error;
        }
        Class::Text
    }

    /// Sign, digits, decimal sign and digits, exponent; digits in threes where there is a thousands sign.
    fn is_number(&self, text: &[u8]) -> bool {
        let text = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
        let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let exponent_fits = exponent.is_none_or(|exponent| {
            let digits = exponent
                .strip_prefix(b"-")
                .or_else(|| exponent.strip_prefix(b"+"))
                .unwrap_or(exponent);
            !digits.is_empty() && digits.len() <= 3 && digits.iter().all(u8::is_ascii_digit)
        });
        let (whole, fraction) = match mantissa.iter().position(|byte| *byte == self.decimal) {
            Some(at) => (&mantissa[..at], Some(&mantissa[at + 1..])),
            None => (mantissa, None),
        };
        let fraction_fits = fraction
            .is_none_or(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit));
        exponent_fits && fraction_fits && self.is_whole(whole, fraction.is_some())
    }

    fn is_whole(&self, whole: &[u8], may_be_empty: bool) -> bool {
        if whole.iter().all(u8::is_ascii_digit) {
            return may_be_empty || !whole.is_empty();
        }
        let Some(separator) = self.thousands else { return false };
        let mut groups = whole.split(|byte| *byte == separator);
        let digits = |group: &[u8]| group.iter().all(u8::is_ascii_digit);
        groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && digits(first))
            && groups.all(|group| group.len() == 3 && digits(group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(forms: &ValueForms, cell: &str, expected: Class) {
        assert_eq!(Classifier::new(forms).classify(cell.as_bytes()), expected, "{cell:?}");
    }

    #[test]
    fn a_number_is_what_the_declared_decimal_sign_makes_one() {
        let dutch = ValueForms { decimal_comma: true, thousands: true, ..ValueForms::default() };
        let english = ValueForms::default();
        for number in ["7", "0001", "-3", "+4", " 12 ", "1e5"] {
            check(&dutch, number, Class::Number);
            check(&english, number, Class::Number);
        }
        check(&dutch, "3,5", Class::Number);
        check(&english, "3,5", Class::Text);
        check(&dutch, "3.5", Class::Text);
        check(&english, "3.5", Class::Number);
        check(&dutch, "1.234.567,89", Class::Number);
        check(&english, "1.234.567", Class::Text);
        for text in [
            "1,2,3", "1-2", "-", "+", ".", ",", "e5", "1e", "12a", "NULL", "N/A", "inf", "NaN",
            "1 2",
        ] {
            check(&dutch, text, Class::Text);
            check(&english, text, Class::Text);
        }
    }

    #[test]
    fn empty_is_nothing_or_only_white_space() {
        for empty in ["", " ", "\t \u{a0}", "\n"] {
            check(&ValueForms::default(), empty, Class::Empty);
        }
    }

    #[test]
    fn error_values_are_known_by_name_and_all_else_with_a_hash_sign_is_text() {
        for error in ["#N/A", "#N/B", "#DEEL/0!"] {
            check(&ValueForms::default(), error, Class::Error);
        }
        check(&ValueForms::default(), "#1 in care", Class::Text);
    }

    #[test]
    fn a_declared_sign_of_missing_is_empty_and_another_is_not() {
        let signs = |signs: &[&str]| ValueForms {
            missing_signs: signs.iter().map(|sign| (*sign).to_owned()).collect(),
            ..ValueForms::default()
        };
        let spss = signs(&["#NULL!"]);
        check(&spss, "#NULL!", Class::Empty);
        check(&spss, " #NULL!\u{a0}", Class::Empty);
        check(&spss, "#N/A", Class::Error);
        check(&spss, "NULL", Class::Text);
        check(&ValueForms::default(), "#NULL!", Class::Error);
        let plain = signs(&["NA", "-", "99"]);
        for missing in ["NA", "-", "99", " NA "] {
            check(&plain, missing, Class::Empty);
        }
        check(&plain, "NAP", Class::Text);
        check(&plain, "9", Class::Number);
        assert!(Classifier::new(&spss).tells_by_form() && !Classifier::new(&plain).tells_by_form());
    }

    #[test]
    fn a_date_counts_only_in_a_declared_order() {
        let forms = |orders: &[DateOrder]| ValueForms {
            date_orders: orders.to_vec(),
            ..ValueForms::default()
        };
        check(&forms(&[]), "2025-03-01", Class::Text);
        check(&forms(&[DateOrder::Ymd]), "2025-03-01", Class::Date);
        check(&forms(&[DateOrder::Ymd]), "01-03-2025", Class::Text);
        check(&forms(&[DateOrder::Dmy]), "31-12-2025", Class::Date);
        check(&forms(&[DateOrder::Mdy]), "31-12-2025", Class::Text);
    }
}

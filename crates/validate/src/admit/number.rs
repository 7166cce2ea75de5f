//! Numbers as people and programs write them, and what their text tells of its decimal sign.

/// Between whole and fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Point,
    Comma,
}

impl Sign {
    pub fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "decimal point",
            Self::Comma => "decimal comma",
        }
    }

    fn character(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// What the text of one number tells of the decimal sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// `1234`: nothing.
    Neither,
    /// `1.5`, `0.873`, `1.2345`, `1,234.5` and `1,234,567` have one reading: a decimal point.
    Decimal(Sign),
    /// `1.234`: this sign stands before the decimals or between thousands.
    Either(Sign),
}

/// None where the text is no number in any form: units, infinity, groups that are not of three.
pub(super) fn shown(text: &str) -> Option<Shown> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, is_scientific) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, is_exponent(exponent).then_some(true)?),
        None => (unsigned, false),
    };
    let (points, commas) = (mantissa.matches('.').count(), mantissa.matches(',').count());
    let shown = match (points, commas) {
        (0, 0) => only_digits(mantissa).then_some(Shown::Neither),
        (1, 0) => one_sign(mantissa, Sign::Point, is_scientific),
        (0, 1) => one_sign(mantissa, Sign::Comma, is_scientific),
        (_, 0) => in_threes(mantissa, Sign::Point).then_some(Shown::Decimal(Sign::Comma)),
        (0, _) => in_threes(mantissa, Sign::Comma).then_some(Shown::Decimal(Sign::Point)),
        (_, 1) => both_signs(mantissa, Sign::Comma).or_else(|| both_signs(mantissa, Sign::Point)),
        _ => both_signs(mantissa, Sign::Point),
    };
    // Nobody writes groups of thousands before an exponent.
    shown.filter(|_| !is_scientific || points + commas < 2)
}

/// The number, where the text shows no other decimal sign than this; the other sign stands between thousands, if it may.
pub(super) fn read(text: &str, decimal: Sign, thousands: bool) -> Option<f64> {
    let between = decimal.other().character();
    if text.contains(between) && !thousands {
        return None;
    }
    exact(&text.replace(between, "").replace(decimal.character(), "."))
}

/// As programs write it, by point and digits only.
pub(super) fn exact(text: &str) -> Option<f64> {
    let known =
        text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    known.then(|| text.parse::<f64>().ok()).flatten().filter(|number| number.is_finite())
}

/// A number's one spelling in hand-offs and crosswalks: point, no trailing zeros.
pub(super) fn canonical(number: f64) -> String {
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

/// `1.0` and `1,0` are the code `1`; `1.000` is not, as it may be a thousand.
pub(super) fn whole_code(text: &str) -> Option<&str> {
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_whole = only_digits(digits) && decimals.bytes().all(|byte| byte == b'0');
    let may_be_thousands = decimals.len() == 3 && is_first_group(digits);
    (is_whole && !decimals.is_empty() && !may_be_thousands).then_some(whole)
}

/// `1.5`, where the sign occurs once.
fn one_sign(mantissa: &str, sign: Sign, is_scientific: bool) -> Option<Shown> {
    let (whole, fraction) = mantissa.split_once(sign.character())?;
    let is_number = (whole.is_empty() || only_digits(whole)) && only_digits(fraction);
    let may_be_thousands = !is_scientific && fraction.len() == 3 && is_first_group(whole);
    let shown = if may_be_thousands { Shown::Either(sign) } else { Shown::Decimal(sign) };
    is_number.then_some(shown)
}

/// `1.234,5`, where this sign comes last and once.
fn both_signs(mantissa: &str, decimal: Sign) -> Option<Shown> {
    let (whole, fraction) = mantissa.split_once(decimal.character())?;
    (in_threes(whole, decimal.other()) && only_digits(fraction)).then_some(Shown::Decimal(decimal))
}

/// Digits in groups of three, the first of up to three.
fn in_threes(text: &str, between: Sign) -> bool {
    let mut groups = text.split(between.character());
    groups.next().is_some_and(is_first_group)
        && groups.all(|group| group.len() == 3 && only_digits(group))
}

/// What may stand before the first sign between thousands.
fn is_first_group(text: &str) -> bool {
    (1..=3).contains(&text.len()) && only_digits(text) && !text.starts_with('0')
}

fn is_exponent(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    only_digits(digits) && digits.len() <= 3
}

fn only_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use Shown::{Decimal, Either, Neither};
    use Sign::{Comma, Point};

    use super::*;

    #[test]
    fn a_text_shows_its_decimal_sign_or_that_it_has_two_readings() {
        let check = |texts: &[&str], expected: Option<Shown>| {
            for text in texts {
                assert_eq!(shown(text), expected, "{text}");
                let mirrored = text.replace('.', "#").replace(',', ".").replace('#', ",");
                let expected = expected.map(|shown| match shown {
                    Neither => Neither,
                    Decimal(sign) => Decimal(sign.other()),
                    Either(sign) => Either(sign.other()),
                });
                assert_eq!(shown(&mirrored), expected, "{mirrored}");
            }
        };
        check(&["7", "0001", "-3", "+4", "1e5", "1E-5", "12345", "1e999"], Some(Neither));
        check(
            &["1.5", "-0.98", "1.2345", "0.873", "01.234", "1234.567", ".5", ".125", "1.234e5"],
            Some(Decimal(Point)),
        );
        check(&["1,234.5", "1,234.567", "1,234,567", "12,345,678.9"], Some(Decimal(Point)));
        check(&["1.234", "-12.345", "+999.000", "123.456"], Some(Either(Point)));
        check(
            &[
                "",
                "-",
                "+",
                ".",
                "1.",
                "e5",
                "1e",
                "1e+",
                "1e1234",
                "12a",
                "inf",
                "NaN",
                "1-2",
                "1 2",
                "1.2.3",
                "1234.567.890",
                "0.123.456",
                "1.234.56",
                "1.234.5678",
                "12 min",
                "0x1f",
                "1.5,5",
                "1,23.5",
                "1,2345.6",
                "1,234.5.6",
                "1,234,567e3",
                "1,234.5e3",
                "--1",
                "a.5",
                "1.a",
                "a.b,c",
                "1,,234",
                "€ 5",
            ],
            None,
        );
    }

    #[test]
    fn a_number_is_read_by_its_decimal_sign() {
        assert_eq!(read("1.234,5", Comma, true), Some(1234.5));
        assert_eq!(read("1.234,5", Comma, false), None);
        assert_eq!(read("1.234", Comma, true), Some(1234.0));
        assert_eq!(read("1.234", Point, true), Some(1.234));
        assert_eq!(read("-3,5", Comma, false), Some(-3.5));
        assert_eq!(read("1e3", Point, false), Some(1000.0));
        assert_eq!(exact("1e999"), None);
        assert_eq!(exact("inf"), None);
        assert_eq!((canonical(-0.0), canonical(2.50)), ("0".to_owned(), "2.5".to_owned()));
    }

    #[test]
    fn a_code_with_zero_decimals_is_the_code_unless_it_may_be_a_thousand() {
        for (text, code) in [
            ("1", Some("1")),
            ("-7", Some("-7")),
            ("1.0", Some("1")),
            ("1,00", Some("1")),
            ("1.0000", Some("1")),
            ("1234.000", Some("1234")),
            ("0.000", Some("0")),
            ("1.000", None),
            ("999,000", None),
            ("1,5", None),
            ("1.", None),
            (".0", None),
            ("a", None),
            ("1.000.000", None),
            ("", None),
        ] {
            assert_eq!(whole_code(text), code, "{text}");
        }
    }
}

//! The text of a number cell: its digits as they stand in the file, without the noise of binary fractions.

use std::borrow::Cow;

/// A number cell's text with a plain decimal point; none where it is no number.
pub(crate) fn plain(raw: &str) -> Option<Cow<'_, str>> {
    let unsigned = raw.strip_prefix('-').or_else(|| raw.strip_prefix('+')).unwrap_or(raw);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Cow::Borrowed(raw));
    }
    let value: f64 = raw.parse().ok()?;
    if !value.is_finite()
        || unsigned.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E'))
    {
        return None;
    }
    let exponent = unsigned.bytes().any(|byte| matches!(byte, b'e' | b'E'));
    // Excel writes 17 digits where 15 were typed: the shortest text of the same double is what was typed.
    // More digits than a double holds were not written by Excel and are kept.
    match significant_digits(unsigned) {
        ..=15 | 18.. if !exponent => Some(Cow::Borrowed(raw)),
        _ => Some(Cow::Owned(format!("{value}"))),
    }
}

fn significant_digits(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count()
}

/// A whole number of more than 15 digits: Excel itself no longer tells such numbers apart.
pub(crate) fn is_long(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() > 15 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: Option<&str>) {
        assert_eq!(plain(raw).as_deref(), expected, "{raw}");
    }

    #[test]
    fn digits_are_kept_and_binary_noise_is_not() {
        check("7", Some("7"));
        check("-12", Some("-12"));
        check("12345678901234567890", Some("12345678901234567890"));
        check("0.10000000000000001", Some("0.1"));
        check("3.5", Some("3.5"));
        check("3.50", Some("3.50"));
        check("2.2999999999999998", Some("2.3"));
        check("3.14159265358979323846", Some("3.14159265358979323846"));
        check("1E+20", Some("100000000000000000000"));
        check("1.5E-3", Some("0.0015"));
        check("1.2345678901234567E+19", Some("12345678901234567000"));
        for wrong in ["1E400", "NaN", "inf", "infinity", "12a", "", "-", "1,5"] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_long_number_is_one_of_sixteen_digits_or_more() {
        assert!(is_long("1234567890123456"));
        assert!(!is_long("123456789012345"));
        assert!(!is_long("0.1234567890123456"));
    }
}

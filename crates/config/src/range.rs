//! Ranges of the numbers in settings: a value outside is refused where it is read, with what was found and what was expected.

use std::fmt::Display;

use serde::de::{Deserialize, Deserializer, Error};
use survey::date::{DateOrder, iso_date};

/// The value, where it is in the range.
fn within<'de, D, T>(from: D, is_in: fn(&T) -> bool, expected: &str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Display,
{
    let value = T::deserialize(from)?;
    if is_in(&value) {
        return Ok(value);
    }
    Err(D::Error::custom(format!("found {value}, expected {expected}")))
}

/// For each range a function that reads a value in it; NaN and infinities are in none.
macro_rules! ranges {
    ($($name:ident, $kind:ty, $is_in:expr, $expected:literal;)+) => {
        $(pub fn $name<'de, D: Deserializer<'de>>(from: D) -> Result<$kind, D::Error> {
            within(from, $is_in, $expected)
        })+
    };
}

/// The same for settings that may be left out.
pub mod maybe {
    use serde::de::Deserializer;

    macro_rules! maybe {
        ($($name:ident, $kind:ty;)+) => {
            $(pub fn $name<'de, D: Deserializer<'de>>(from: D) -> Result<Option<$kind>, D::Error> {
                super::$name(from).map(Some)
            })+
        };
    }

    maybe! {
        day, String;
        fay_factor, f64;
        header_rows, u32;
        percent, f64;
        row, u32;
    }
}

ranges! {
    percent, f64, |value| (0.0..=100.0).contains(value), "a percentage from 0 to 100";
    percentage_points, f64, |value| *value > 0.0 && *value <= 100.0, "percentage points above 0, at most 100";
    share, f64, |value| *value > 0.0 && *value < 1.0, "a number between 0 and 1";
    significance, f64, |value| *value > 0.0 && *value <= 0.5, "a level above 0, at most 0.5, e.g. 0.05";
    confidence, f64, |value| *value >= 0.5 && *value < 1.0, "a level from 0.5 to below 1, e.g. 0.95";
    tolerance, f64, |value| *value > 0.0 && *value <= 0.01, "a relative distance above 0, at most 0.01, e.g. 1e-9";
    fay_factor, f64, |value| (0.0..1.0).contains(value), "from 0 to below 1, e.g. 0.3";
    threshold, u64, |value| (1..=1_000_000).contains(value), "1 or more (1 protects nobody), at most 1000000";
    items, u32, |value| (1..=1_000).contains(value), "1 to 1000";
    several_items, u32, |value| (2..=1_000).contains(value), "2 to 1000";
    rounds, u32, |value| (1..=1_000_000).contains(value), "1 to 1000000";
    replicates, u32, |value| (2..=10_000).contains(value), "2 or more, with errors of use from some 200, at most 10000";
    releases, u32, |value| *value <= 10_000, "0 to 10000";
    header_rows, u32, |value| (1..=100).contains(value), "1 to 100";
    row, u32, |value| (1..=1_048_576).contains(value), "a row from 1 to 1048576";
    wave, survey::Wave, |value| (1..=2_147_483_647).contains(value), "the number of a wave from 1 to 2147483647, e.g. 2024 or 202411";
}

/// Lower and upper bound of a weight that is 1 before.
pub fn bounds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<[f64; 2]>, D::Error> {
    const MOST: f64 = 1e6;
    let [lower, upper] = <[f64; 2]>::deserialize(from)?;
    if (0.0..1.0).contains(&lower) && upper > 1.0 && upper <= MOST {
        return Ok(Some([lower, upper]));
    }
    Err(D::Error::custom(format!(
        "found [{lower}, {upper}], expected 0 ≤ lower < 1 < upper ≤ 1000000, as in [0.2, 5.0]"
    )))
}

/// Languages: each a code in lower case, as it stands behind `label_`.
pub fn languages<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let languages = Vec::<String>::deserialize(from)?;
    let is_code = |text: &String| {
        (2..=12).contains(&text.len())
            && text.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_')
    };
    for (place, language) in languages.iter().enumerate() {
        if !is_code(language) || languages[..place].contains(language) {
            return Err(D::Error::custom(format!(
                "found {language:?}, expected different codes in lower case, as in [\"nl\", \"en\"]"
            )));
        }
    }
    Ok(languages)
}

/// A calendar day.
pub fn day<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let day = iso_date(text.as_bytes(), &[DateOrder::Ymd]);
    if day.as_ref() == Some(&text) {
        return Ok(text);
    }
    Err(D::Error::custom(format!("found {text:?}, expected a day such as \"2024-11-04\"")))
}

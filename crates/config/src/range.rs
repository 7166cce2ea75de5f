//! Ranges of the numbers in settings: a value outside is refused where it is read, with what was found and what was expected.

use std::fmt::Display;
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::ops::RangeBounds;

use schemars::{Schema, json_schema};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error};
use survey::date::{DateOrder, iso_date};

/// The value, where it is in the range.
fn within<'de, D, T>(from: D, range: &impl RangeBounds<T>, expected: &str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Display + PartialOrd,
{
    let value = T::deserialize(from)?;
    if range.contains(&value) {
        return Ok(value);
    }
    Err(D::Error::custom(format!("found {value}, expected {expected}")))
}

/// For each range a function that reads a value in it, and its schema; NaN and infinities are in none.
macro_rules! ranges {
    ($($name:ident, $kind:ty, $range:expr, $expected:literal;)+) => {
        $(pub fn $name<'de, D: Deserializer<'de>>(from: D) -> Result<$kind, D::Error> {
            within(from, &$range, $expected)
        })+

        /// What an editor is told of the ranges.
        pub mod schema {
            use schemars::{Schema, SchemaGenerator, json_schema};

            use super::*;

            $(pub fn $name(_: &mut SchemaGenerator) -> Schema {
                of_range(<$kind as Numeric>::TYPE, &$range, $expected)
            })+

            pub fn bounds(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 })
            }

            pub fn languages(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "array",
                    "items": { "type": "string", "pattern": "^[a-z_]{2,12}$" },
                    "uniqueItems": true
                })
            }

            pub fn day(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
            }

            pub fn name(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "maxLength": 64,
                    "pattern": "^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$"
                })
            }
        }
    };
}

/// The name that JSON Schema gives to a number.
trait Numeric {
    const TYPE: &'static str;
}

impl Numeric for f64 {
    const TYPE: &'static str = "number";
}

impl Numeric for u32 {
    const TYPE: &'static str = "integer";
}

impl Numeric for u64 {
    const TYPE: &'static str = "integer";
}

fn of_range<T: Serialize + Copy>(
    kind: &str,
    range: &(Bound<T>, Bound<T>),
    expected: &str,
) -> Schema {
    let mut schema = json_schema!({ "type": kind, "description": expected });
    for (bound, included, excluded) in
        [(range.0, "minimum", "exclusiveMinimum"), (range.1, "maximum", "exclusiveMaximum")]
    {
        let (key, value) = match bound {
            Included(value) => (included, value),
            Excluded(value) => (excluded, value),
            Unbounded => continue,
        };
        schema.insert(key.to_owned(), serde_json::json!(value));
    }
    schema
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
    percent, f64, (Included(0.0), Included(100.0)), "a percentage from 0 to 100";
    percentage_points, f64, (Excluded(0.0), Included(100.0)), "percentage points above 0, at most 100";
    share, f64, (Excluded(0.0), Excluded(1.0)), "a number between 0 and 1";
    significance, f64, (Excluded(0.0), Included(0.5)), "a level above 0, at most 0.5, e.g. 0.05";
    confidence, f64, (Included(0.5), Excluded(1.0)), "a level from 0.5 to below 1, e.g. 0.95";
    tolerance, f64, (Excluded(0.0), Included(0.01)), "a relative distance above 0, at most 0.01, e.g. 1e-9";
    fay_factor, f64, (Included(0.0), Excluded(1.0)), "from 0 to below 1, e.g. 0.3";
    threshold, u64, (Included(1), Included(1_000_000)), "1 or more (1 protects nobody), at most 1000000";
    items, u32, (Included(1), Included(1_000)), "1 to 1000";
    several_items, u32, (Included(2), Included(1_000)), "2 to 1000";
    rounds, u32, (Included(1), Included(1_000_000)), "1 to 1000000";
    replicates, u32, (Included(2), Included(10_000)), "2 or more, with errors of use from some 200, at most 10000";
    releases, u32, (Included(0), Included(10_000)), "0 to 10000";
    header_rows, u32, (Included(1), Included(100)), "1 to 100";
    row, u32, (Included(1), Included(1_048_576)), "a row from 1 to 1048576";
    wave, survey::Wave, (Included(1), Included(2_147_483_647)), "the number of a wave from 1 to 2147483647, e.g. 2024 or 202411";
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

pub fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
    digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// `#rrggbb`.
pub fn colour<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    if is_colour(&text) {
        return Ok(Some(text));
    }
    Err(D::Error::custom(format!("found `{text}`, expected a colour as #1f6f8b")))
}

/// A day and time with its zone.
pub fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    let moment = text.parse::<toml::value::Datetime>().ok();
    if moment.is_some_and(|at| at.date.is_some() && at.time.is_some() && at.offset.is_some()) {
        return Ok(Some(text));
    }
    Err(D::Error::custom(format!(
        "found {text:?}, expected a moment with its zone such as \"2026-01-15T07:00:00+01:00\""
    )))
}

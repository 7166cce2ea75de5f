//! Names in settings: they name files and columns, so that they all follow one grammar.

use serde::de::{Deserialize, Deserializer, Error};

/// What a name looks like.
pub const GRAMMAR: &str = "1 to 64 letters (a–z, A–Z), digits, `_`, `-` and single `.`, beginning and ending with a letter or digit; \
                           no device name such as `con`, `nul`, `com1`";

const LONGEST: usize = 64;
/// Windows opens a device under these names, whatever stands behind a point.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Whether a text can name a panel, delivery, mart, concept, breakdown, indicator, rule, …
pub fn is_name(text: &str) -> bool {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric();
    text.len() <= LONGEST
        && text.starts_with(is_plain)
        && text.ends_with(is_plain)
        && text.chars().all(|sign| is_plain(sign) || matches!(sign, '_' | '-' | '.'))
        && !text.contains("..")
        && !is_device(text)
}

fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = ["com", "lpt"].iter().any(|port| {
        stem.strip_prefix(port).is_some_and(|number| {
            number.len() == 1 && number.chars().all(|sign| sign.is_ascii_digit())
        })
    });
    numbered || DEVICES.contains(&stem.as_str())
}

/// Whether a text can name a concept: a name that SQL reads without quotes, and that no engine column has.
pub fn is_concept(text: &str) -> bool {
    is_name(text)
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.contains("__")
        && text
            .chars()
            .all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_')
}

/// Reads a name.
pub fn name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if is_name(&text) {
        return Ok(text);
    }
    Err(D::Error::custom(format!("{text:?} is no name, expected {GRAMMAR}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_neither_leave_its_folder_nor_open_a_device() {
        let names = [
            "gp_2024",
            "algemene_bevolking_2024_v1.1",
            "a",
            "GP-1",
            "contact",
            "com10",
            "nullable",
        ];
        assert!(names.iter().all(|name| is_name(name)));
        let long = "a".repeat(65);
        let others = [
            "",
            ".",
            "..",
            "../../../escaped",
            "a/b",
            "a\\b",
            "/a",
            "a..b",
            ".a",
            "a.",
            "a ",
            " a",
            "a b",
            "con",
            "NUL",
            "nul.csv",
            "com1",
            "Lpt9.x",
            "a:b",
            "a\0",
            "a\n",
            "é",
            "-a",
            "a*",
            "~a",
            long.as_str(),
        ];
        assert!(others.iter().all(|name| !is_name(name)), "{others:?}");
    }

    #[test]
    fn a_concept_is_a_name_that_sql_reads_as_it_is() {
        assert!(["age", "use_2", "sex_register"].iter().all(|name| is_concept(name)));
        assert!(
            ["Age", "2use", "a-b", "a.b", "a__missing", "@a", "nul"]
                .iter()
                .all(|name| !is_concept(name))
        );
    }
}

//! The words of an export in each language: one table a language, English where there is none.

use serde::Deserialize;
use std::collections::BTreeMap;

const TABLES: [(&str, &str); 2] =
    [("en", include_str!("../words/en.toml")), ("nl", include_str!("../words/nl.toml"))];

/// Everything that an export says of its own accord.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Language and country as BI tools name them.
    pub culture: String,
    pub book: Book,
    pub statistic: Statistic,
    pub sheet: Sheet,
    pub column: Column,
    pub mark: Mark,
    pub version: Version,
    /// By code: how a figure compares with the wave before.
    pub comparability: BTreeMap<String, String>,
    /// Names of tables, columns and measures of the model.
    pub caption: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    pub title: String,
    pub population: String,
    pub monitor: String,
    pub release: String,
    pub published: String,
    pub status: String,
    pub embargo: String,
    pub version: String,
    pub tables: String,
    pub reading: String,
    pub back: String,
    pub question: String,
    pub interval: String,
    pub series: String,
    pub columns_of: String,
    pub start: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistic {
    pub percent: String,
    pub mean: String,
    pub low: String,
    pub high: String,
    pub n: String,
    pub n_rounded: String,
    pub weighted: String,
    pub effective: String,
    pub higher: String,
    pub change: String,
    pub net: String,
    pub base: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    pub cover: String,
    pub contents: String,
    pub notes: String,
    pub columns: String,
    pub series: String,
    pub long: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub row: String,
    pub statistic: String,
    pub total: String,
    pub number: String,
    pub sheet: String,
    pub table: String,
    pub theme: String,
    pub wave: String,
    pub symbol: String,
    pub meaning: String,
    pub letter: String,
    pub breakdown: String,
    pub level: String,
    pub comparability: String,
    pub note: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    pub withheld: String,
    pub not_asked: String,
    pub series_break: String,
    pub not_applicable: String,
    pub up: String,
    pub down: String,
    pub same: String,
    pub letters: String,
    pub none_lower: String,
    pub zero: String,
    pub rounding: String,
    pub base: String,
    pub bold: String,
    pub only_counted: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    pub public: String,
    pub restricted: String,
    pub banner: String,
}

impl Words {
    pub fn of(language: &str) -> Self {
        let table = TABLES.iter().find(|(name, _)| *name == language).unwrap_or(&TABLES[0]);
        let mut words: Self = toml::from_str(table.1).unwrap_or_else(|error| {
            unreachable!("words/{}.toml is read by a test: {error}", table.0)
        });
        if table.0 != language {
            // The likely name of a language in its own country.
            words.culture = format!("{language}-{}", language.to_uppercase());
        }
        words
    }

    pub fn comparability<'a>(&'a self, code: &'a str) -> &'a str {
        self.comparability.get(code).map_or(code, String::as_str)
    }

    /// The name of a table, column or measure; where there is none, its own.
    pub fn caption<'a>(&'a self, name: &'a str) -> &'a str {
        self.caption.get(name).map_or(name, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_word() {
        let names = |words: &Words| words.caption.keys().cloned().collect::<Vec<_>>();
        let english = Words::of("en");
        for (language, _) in TABLES {
            assert_eq!(names(&Words::of(language)), names(&english), "{language}");
        }
    }

    #[test]
    fn a_language_without_words_speaks_english_under_its_own_name() {
        let words = Words::of("fr");
        assert_eq!(words.culture, "fr-FR");
        assert_eq!(words.sheet.cover, Words::of("en").sheet.cover);
    }
}

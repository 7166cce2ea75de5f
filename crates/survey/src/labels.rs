//! Texts for people, one for each language.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The language that stands in where another has no text.
pub const FALLBACK: &str = "en";

/// One text in some languages; under the empty language one that holds for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// The same text in every language.
    pub fn same(text: impl Into<String>) -> Self {
        Self::from([("", text.into())])
    }

    /// The text in a language, else the one for all languages, else the English one, else the first one.
    pub fn of(&self, language: &str) -> &str {
        let texts = [language, "", FALLBACK].into_iter().filter_map(|name| self.0.get(name));
        texts.chain(self.0.values()).find(|text| !text.is_empty()).map_or("", String::as_str)
    }

    /// As messages of the program show it.
    pub fn plain(&self) -> &str {
        self.of(FALLBACK)
    }

    /// Whether there is no text in any language.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(String::is_empty)
    }

    /// Forgets all texts.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Sets the text in a language.
    pub fn set(&mut self, language: &str, text: impl Into<String>) {
        self.0.insert(language.to_owned(), text.into());
    }

    /// The languages that have a text, the one for all left out.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|language| !language.is_empty())
    }

    /// The different texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The text that stands under a language, and no other in its place.
    pub fn written(&self, language: &str) -> &str {
        self.0.get(language).or_else(|| self.0.get("")).map_or("", String::as_str)
    }

    /// Each text with another one behind it.
    #[must_use]
    pub fn followed_by(&self, other: &Self) -> Self {
        let languages: Vec<&str> = self.languages().chain(other.languages()).collect();
        if languages.is_empty() {
            return Self::same(format!("{}{}", self.of(""), other.of("")));
        }
        let both = |language| (language, format!("{}{}", self.of(language), other.of(language)));
        languages.into_iter().map(both).collect()
    }
}

impl<L: Into<String>, T: Into<String>> FromIterator<(L, T)> for Labels {
    fn from_iter<I: IntoIterator<Item = (L, T)>>(texts: I) -> Self {
        Self(texts.into_iter().map(|(language, text)| (language.into(), text.into())).collect())
    }
}

impl<L: Into<String>, T: Into<String>, const N: usize> From<[(L, T); N]> for Labels {
    fn from(texts: [(L, T); N]) -> Self {
        texts.into_iter().collect()
    }
}

impl JsonSchema for Labels {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Labels".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "propertyNames": { "pattern": "^[a-z_]{2,12}$" },
                    "additionalProperties": { "type": "string" }
                }
            ]
        })
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Texts;

        impl<'de> Visitor<'de> for Texts {
            type Value = Labels;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(
                    "a text, or a text for each language as in { nl = \"Huisartsen\", en = \"GPs\" }",
                )
            }

            fn visit_str<E>(self, text: &str) -> Result<Labels, E> {
                Ok(Labels::same(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Labels, A::Error> {
                let mut labels = Labels::default();
                while let Some((language, text)) = entries.next_entry::<String, String>()? {
                    labels.set(&language, text);
                }
                Ok(labels)
            }
        }

        from.deserialize_any(Texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_without_a_text_reads_the_one_for_all_then_the_english_one_then_any() {
        let labels = Labels::from([("nl", "Huisartsen"), ("en", "GPs")]);
        assert_eq!(
            ["nl", "en", "fr"].map(|language| labels.of(language)),
            ["Huisartsen", "GPs", "GPs"]
        );
        assert_eq!(Labels::from([("nl", "Huisartsen")]).of("fr"), "Huisartsen");
        assert_eq!(Labels::same("GPs").of("nl"), "GPs");
        assert_eq!(Labels::default().of("nl"), "");
    }

    #[test]
    fn texts_follow_each_other_in_every_language() {
        let group = Labels::from([("nl", "Zorgverleners"), ("en", "Care providers")]);
        let pooled = Labels::from([("nl", ", samengevoegd"), ("en", ", pooled")]);
        assert_eq!(group.followed_by(&pooled).of("nl"), "Zorgverleners, samengevoegd");
        assert_eq!(Labels::same("All").followed_by(&pooled).of("en"), "All, pooled");
    }
}

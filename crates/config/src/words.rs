//! The program's own words, as marts show them: in English, and in the languages that have a table.

use std::collections::BTreeMap;

use serde::Serialize;
use survey::Labels;
use survey::labels::FALLBACK;

/// The tables that are shipped.
const SHIPPED: [(&str, &str); 1] = [("nl", include_str!("../words/nl.toml"))];

/// Language → English text → its text in that language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Words(BTreeMap<String, BTreeMap<String, String>>);

impl Words {
    /// The words of the languages that are shipped.
    pub fn shipped() -> Self {
        let tables = SHIPPED
            .into_iter()
            .filter_map(|(language, text)| Some((language.to_owned(), toml::from_str(text).ok()?)));
        Self(tables.collect())
    }

    /// A survey's own words go before those that are shipped.
    pub(crate) fn add(&mut self, language: &str, own: BTreeMap<String, String>) {
        self.0.entry(language.to_owned()).or_default().extend(own);
    }

    /// A text in all languages that have it.
    pub fn of(&self, english: &str) -> Labels {
        let told =
            self.0.iter().filter_map(|(language, words)| Some((language, words.get(english)?)));
        let others = told.map(|(language, text)| (language.as_str(), text.as_str()));
        others.chain([(FALLBACK, english)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_table_is_read_and_a_survey_may_add_a_language() {
        let mut words = Words::shipped();
        assert_eq!(words.0.len(), SHIPPED.len());
        assert_eq!(words.of("Total").of("nl"), "Totaal");
        words.add("fr", BTreeMap::from([("Total".to_owned(), "Ensemble".to_owned())]));
        assert_eq!(
            ["fr", "nl", "en", "de"].map(|one| words.of("Total").of(one).to_owned()),
            ["Ensemble", "Totaal", "Total", "Total"]
        );
    }
}

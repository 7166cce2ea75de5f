//! The site's own words: one embedded table a language, and numbers as that language writes them.

use std::collections::BTreeMap;

use crate::Error;

/// Embedded tables; each says its language. The last one helps out where a release has labels in a language without a table.
const TABLES: [&str; 2] = [include_str!("../words/nl.toml"), include_str!("../words/en.toml")];

/// U+2212, as wide as a plus.
const MINUS: char = '−';

pub struct Words {
    /// The language of labels.
    pub language: String,
    /// The language of these words: another one where the labels' language has no table.
    pub spoken: String,
    table: BTreeMap<String, String>,
}

impl Words {
    pub fn of(language: &str) -> Result<Self, Error> {
        let mut last = BTreeMap::new();
        for text in TABLES {
            last = flat(text)?;
            if last.get("language").is_some_and(|of| of == language) {
                break;
            }
        }
        let spoken = last.get("language").cloned().unwrap_or_default();
        Ok(Self { language: language.to_owned(), spoken, table: last })
    }

    /// A word or a sentence; a name that no table has is said as it is.
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.table.get(key).map_or(key, String::as_str)
    }

    /// The same, where it exists.
    pub fn find(&self, key: &str) -> Option<&str> {
        self.table.get(key).map(String::as_str)
    }

    /// A sentence with its `{names}` filled in.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = String::new();
        let mut rest = self.say(key);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, behind)) = after.split_once('}') else { break };
            let value = values.iter().find(|(of, _)| *of == name).map_or(name, |(_, value)| value);
            text.push_str(value);
            rest = behind;
        }
        text + rest
    }

    /// `1035` as `1.035` or `1,035`.
    pub fn count(&self, number: f64) -> String {
        let digits = format!("{:.0}", number.abs());
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push_str(self.say("number.thousands"));
            }
            text.push(digit);
        }
        if number < -0.5 { format!("{MINUS}{text}") } else { text }
    }

    /// A number with so many decimals.
    pub fn number(&self, number: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", number.abs()).replace('.', self.say("number.decimal"));
        let is_negative = number < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        if is_negative { format!("{MINUS}{text}") } else { text }
    }

    /// A difference: with its sign, zero without one.
    pub fn signed(&self, number: f64, decimals: usize) -> String {
        let text = self.number(number, decimals);
        let is_zero = !text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        if number > 0.0 && !is_zero { format!("+{text}") } else { text }
    }

    /// A figure with its unit.
    pub fn figure(&self, number: f64, decimals: usize, unit: &str) -> String {
        let text = self.number(number, decimals);
        if unit == "percent" { text + "%" } else { text }
    }

    /// A share or a quantity of something: the word for one, or for more.
    pub fn counted(&self, key: &str, number: usize) -> String {
        let form = if number == 1 { "one" } else { "many" };
        let count = self.count(number as f64);
        self.fill(&format!("{key}.{form}"), &[("n", &count)])
    }
}

/// `[start] title = …` as `start.title`.
fn flat(text: &str) -> Result<BTreeMap<String, String>, Error> {
    let table: toml::Table = toml::from_str(text).map_err(|problem| Error::Words {
        name: "words".to_owned(),
        problem: problem.to_string(),
    })?;
    let mut words = BTreeMap::new();
    add(&mut words, "", &table);
    Ok(words)
}

fn add(words: &mut BTreeMap<String, String>, before: &str, table: &toml::Table) {
    for (name, value) in table {
        let key = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        match value {
            toml::Value::Table(table) => add(words, &key, table),
            toml::Value::String(text) => drop(words.insert(key, text.clone())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn every_table_has_the_same_words_with_the_same_gaps() {
        let gaps = |text: &str| -> Vec<String> {
            let mut gaps: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned()))
                .collect();
            gaps.sort();
            gaps.dedup();
            gaps
        };
        let tables: Vec<_> = TABLES.iter().map(|text| flat(text).unwrap()).collect();
        for table in &tables[1..] {
            let keys = |table: &BTreeMap<String, String>| table.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(&tables[0]), keys(table));
            for (key, text) in table.iter().filter(|(key, _)| *key != "language") {
                assert_eq!(gaps(&tables[0][key]), gaps(text), "{key}");
            }
        }
    }

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        let (dutch, english) = (Words::of("nl").unwrap(), Words::of("en").unwrap());
        assert_eq!(dutch.count(1035.0), "1.035");
        assert_eq!(english.count(1_234_567.0), "1,234,567");
        assert_eq!(dutch.number(6.1, 1), "6,1");
        assert_eq!(english.signed(-3.0, 0), "−3");
        assert_eq!(english.signed(7.0, 0), "+7");
        assert_eq!(english.signed(-0.01, 1), "0.0");
        assert_eq!(dutch.figure(41.0, 0, "percent"), "41%");
    }

    #[test]
    fn a_language_without_a_table_is_told_in_the_last_one() {
        let words = Words::of("fy").unwrap();
        assert_eq!((words.language.as_str(), words.spoken.as_str()), ("fy", "en"));
    }

    #[test]
    fn a_value_with_braces_is_not_filled_again() {
        let words =
            Words { language: String::new(), spoken: String::new(), table: BTreeMap::new() };
        assert_eq!(words.fill("{a} and {b}", &[("a", "{b}"), ("b", "c")]), "{b} and c");
    }
}

//! A TOML file into its settings struct, with all of its mistakes and not just the first.

use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::mistake::{Mistake, did_you_mean};

/// Mistakes in one file beyond which nobody reads on.
const MOST_MISTAKES: usize = 100;

/// Reads the settings; each mistake is taken out of the document and the rest is tried again.
pub fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let settings = parse_or_collect(file, text, &mut mistakes);
    mistakes.sort_by_key(|mistake| mistake.line);
    settings.ok_or(mistakes)
}

fn parse_or_collect<T: DeserializeOwned>(
    file: &Path,
    text: &str,
    mistakes: &mut Vec<Mistake>,
) -> Option<T> {
    let mut removed: Vec<Removed> = Vec::new();
    while mistakes.len() < MOST_MISTAKES {
        let mut document = match DeTable::parse(text) {
            Ok(document) => document,
            Err(error) => {
                mistakes.push(as_mistake(file, text, &error));
                return None;
            }
        };
        for entry in &removed {
            remove(document.get_mut(), &entry.span);
        }
        let error = match T::deserialize(Deserializer::from(document)) {
            Ok(value) if mistakes.is_empty() => return Some(value),
            Ok(_) => return None,
            Err(error) => error,
        };
        // A key that was taken out is not missing.
        let follows = removed
            .iter()
            .any(|entry| error.message().contains(&format!("missing field `{}`", entry.key)));
        if follows {
            return None;
        }
        mistakes.push(as_mistake(file, text, &error));
        match error.span().and_then(|span| entry_at(text, &span)) {
            Some(entry) if !removed.iter().any(|before| before.span == entry.span) => {
                removed.push(entry);
            }
            _ => return None,
        }
    }
    None
}

/// An entry that was taken out: its key and the bytes of the key.
struct Removed {
    key: String,
    span: Range<usize>,
}

fn as_mistake(file: &Path, text: &str, error: &toml::de::Error) -> Mistake {
    let message = error.message();
    let (found, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    let mut mistake = Mistake::new(file, None, found);
    if !expected.is_empty() {
        mistake = mistake.expected(expected);
        let mut names =
            found.split('`').skip(1).step_by(2).chain(expected.split('`').skip(1).step_by(2));
        if let (true, Some(name)) = (found.starts_with("unknown"), names.next()) {
            let candidates: Vec<&str> = names.collect();
            mistake = mistake.hint(did_you_mean(name, candidates.iter().copied()));
        }
    }
    match error.span() {
        Some(span) => mistake.at(text, span),
        None => mistake,
    }
}

/// The innermost entry whose key or value holds the span.
fn entry_at(text: &str, span: &Range<usize>) -> Option<Removed> {
    fn within(table: &DeTable<'_>, span: &Range<usize>) -> Option<Removed> {
        for (key, value) in table {
            if key.span() == *span {
                return Some(Removed { key: key.get_ref().to_string(), span: key.span() });
            }
            if let Some(inner) = within_value(value, span) {
                return Some(inner);
            }
            if value.span() == *span {
                return Some(Removed { key: key.get_ref().to_string(), span: key.span() });
            }
        }
        None
    }
    fn within_value(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Removed> {
        match value.get_ref() {
            DeValue::Table(table) => within(table, span),
            DeValue::Array(values) => values.iter().find_map(|value| within_value(value, span)),
            _ => None,
        }
    }
    let document = DeTable::parse(text).ok()?;
    within(document.get_ref(), span)
}

fn remove(table: &mut DeTable<'_>, key_span: &Range<usize>) -> bool {
    let own = table.keys().find(|key| key.span() == *key_span).cloned();
    if let Some(key) = own {
        return table.remove(&key).is_some();
    }
    table.iter_mut().any(|(_, value)| remove_in_value(value, key_span))
}

fn remove_in_value(value: &mut Spanned<DeValue<'_>>, key_span: &Range<usize>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => remove(table, key_span),
        DeValue::Array(values) => values.iter_mut().any(|value| remove_in_value(value, key_span)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a panic is the test's failure
    use super::*;
    use crate::Rule;

    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[allow(dead_code)] // read by the derive only
        rule: Vec<Rule>,
    }

    #[test]
    fn all_mistakes_of_a_file_are_reported_at_once() {
        let text = "[[rule]]\nname = \"a\"\nlabl = 1\nlabel = { nl = \"\", en = \"\" }\ncondition = 3\nseverity = \"eror\"\n";
        let mistakes = parse::<File>(Path::new("rules/a.toml"), text).unwrap_err();
        let lines: Vec<Option<u32>> = mistakes.iter().map(|mistake| mistake.line).collect();
        let rendered: Vec<String> = mistakes.iter().map(|mistake| mistake.render(false)).collect();
        assert_eq!(lines, [Some(3), Some(5), Some(6)], "{rendered:#?}");
        assert!(rendered[0].contains("did you mean `label`?"), "{}", rendered[0]);
        assert!(rendered[2].contains("rules/a.toml:6"), "{}", rendered[2]);
    }
}

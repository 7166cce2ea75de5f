//! The export profile of a draft: one that comes with peil or a proposed one, with more columns to drop.

use std::fmt::Write;

use config::ExportProfile;

/// A profile as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Profile {
    pub(crate) fn parsed(&self) -> Result<ExportProfile, String> {
        ExportProfile::parse(&self.name, &self.text).map_err(|mistakes| {
            mistakes.first().map_or(String::new(), |mistake| mistake.message.clone())
        })
    }

    /// Cuts cells with several answers at another sign.
    #[must_use]
    pub(crate) fn separating(&self, sign: char) -> Self {
        let row = format!("option_separator = {}", quoted(&sign.to_string()));
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        let known = lines.iter().position(|line| line.starts_with("option_separator"));
        let header = lines.iter().position(|line| line.trim() == "[values]");
        match (known, header) {
            (Some(at), _) => lines[at] = row,
            (None, Some(at)) => lines.insert(at + 1, row),
            (None, None) => lines.extend([String::new(), "[values]".to_owned(), row]),
        }
        Self { name: self.name.clone(), text: lines.join("\n") + "\n" }
    }

    /// Names further columns under `[personal]`, where it is not named already.
    #[must_use]
    pub(crate) fn dropping(&self, columns: &[String]) -> Self {
        let known = self.parsed().map(|profile| profile.personal.columns).unwrap_or_default();
        let new: Vec<String> = columns
            .iter()
            .filter(|column| !known.contains(column))
            .map(|text| quoted(text))
            .collect();
        if new.is_empty() {
            return self.clone();
        }
        let new = new.join(", ");
        let mut is_personal = false;
        let mut is_named = false;
        let mut lines: Vec<String> = Vec::new();
        for line in self.text.lines() {
            if line.starts_with('[') {
                is_personal = line.trim() == "[personal]";
            }
            match line.strip_prefix("columns = [").filter(|_| is_personal && !is_named) {
                Some(rest) => {
                    let comma = if rest.trim_start().starts_with(']') { "" } else { ", " };
                    lines.push(format!("columns = [{new}{comma}{rest}"));
                    is_named = true;
                }
                None => lines.push(line.to_owned()),
            }
        }
        if !is_named {
            let header = lines.iter().position(|line| line.trim() == "[personal]");
            let row = format!("columns = [{new}]");
            match header {
                Some(at) => lines.insert(at + 1, row),
                None => lines.extend([String::new(), "[personal]".to_owned(), row]),
            }
        }
        Self { name: self.name.clone(), text: lines.join("\n") + "\n" }
    }
}

/// A text of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            sign if sign.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(sign));
            }
            sign => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn every_profile_that_comes_with_peil_takes_further_columns_to_drop() {
        for profile in pipeline::first_look::shipped_profiles() {
            let name = profile.profile;
            let text = pipeline::first_look::shipped_text(&name).unwrap().to_owned();
            let more = Profile { name, text }
                .dropping(&["Wat \"vindt\" u?".to_owned(), "b\\n".to_owned()]);
            let columns = more.parsed().unwrap().personal.columns;
            assert!(columns.contains(&"Wat \"vindt\" u?".to_owned()), "{}", more.text);
            assert!(columns.len() >= profile.personal.columns.len() + 2, "{}", more.name);
            assert_eq!(more.dropping(&["b\\n".to_owned()]), more);
            assert_eq!(more.separating('|').parsed().unwrap().values.option_separator, '|');
        }
    }
}

//! What the configuration files say of each other must agree.

mod codebook;
mod disclosure;
mod figures;
mod panels;
mod pipeline;
mod places;
mod publication;
mod sampling;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::configuration::Configuration;
use super::mistake::{Mistake, did_you_mean};
use super::name::{GRAMMAR, is_name};
use survey::codebook::{Concept, Kind};
use survey::{Line, Wave};

pub use pipeline::check_pipeline;
pub use places::{check_places, line_of};

/// `*` and the names of groups become lists of panels.
pub fn expand_panels(configuration: &mut Configuration) {
    let all: Vec<String> = configuration.panels.keys().cloned().collect();
    let groups = configuration.monitor.groups.clone();
    let asking = Asking::of(configuration);
    let expand = |panels: &mut Vec<String>| {
        let names = std::mem::take(panels);
        for name in names {
            let members = match groups.get(&name) {
                _ if name == "*" => all.clone(),
                Some(group) => group.panels.clone(),
                None => vec![name],
            };
            for member in members {
                if !panels.contains(&member) {
                    panels.push(member);
                }
            }
        }
    };
    for indicator in &mut configuration.indicators {
        if indicator.panels.is_empty() || indicator.panels == ["*"] {
            indicator.panels = asking.panels(&indicator.concept);
        } else {
            expand(&mut indicator.panels);
        }
    }
    configuration.breakdowns.iter_mut().for_each(|breakdown| expand(&mut breakdown.panels));
    configuration.rules.iter_mut().for_each(|rule| expand(&mut rule.panels));
}

/// Which panels ask which concepts, in any wave.
struct Asking {
    panels: BTreeMap<String, BTreeSet<String>>,
    /// Derived concept → the concepts that its SQL names.
    derived: BTreeMap<String, Vec<String>>,
}

impl Asking {
    fn of(configuration: &Configuration) -> Self {
        let codebook = &configuration.codebook;
        let mut panels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for item in &codebook.items {
            panels.entry(item.concept.clone()).or_default().insert(item.panel.clone());
        }
        let names: BTreeSet<&str> =
            codebook.concepts.iter().map(|concept| concept.concept.as_str()).collect();
        let derived = codebook.concepts.iter().filter(|concept| !concept.derivation.is_empty());
        let derived = derived.map(|concept| {
            let is_sign = |sign: char| !sign.is_ascii_alphanumeric() && sign != '_';
            let words = concept.derivation.split(is_sign).filter(|word| names.contains(word));
            let read = words.filter(|word| *word != concept.concept).map(str::to_owned);
            (concept.concept.clone(), read.collect())
        });
        Self { panels, derived: derived.collect() }
    }

    /// Panels that ask the concept, or one that it is derived from.
    fn panels(&self, concept: &str) -> Vec<String> {
        let (mut open, mut seen) = (vec![concept], BTreeSet::new());
        let mut panels = BTreeSet::new();
        while let Some(concept) = open.pop() {
            if seen.insert(concept) {
                panels.extend(self.panels.get(concept).into_iter().flatten().cloned());
                open.extend(self.derived.get(concept).into_iter().flatten().map(String::as_str));
            }
        }
        panels.into_iter().collect()
    }
}

/// All disagreements between the files.
pub fn check(configuration: &Configuration, unread: &Unread) -> Vec<Mistake> {
    let mut checker = Checker { configuration, unread, mistakes: Vec::new() };
    if !unread.monitor {
        checker.monitor();
    }
    checker.exports();
    checker.panels();
    checker.targets();
    checker.concepts();
    checker.items();
    checker.crosswalks();
    checker.indicators();
    checker.breakdowns();
    checker.publication();
    checker.rules();
    checker.mistakes
}

/// Files with mistakes of their own: what they hold is not missing.
pub struct Unread {
    pub monitor: bool,
    pub panels: Vec<String>,
}

struct Checker<'a> {
    configuration: &'a Configuration,
    unread: &'a Unread,
    mistakes: Vec<Mistake>,
}

impl<'a> Checker<'a> {
    fn file(&self, name: &str) -> PathBuf {
        self.configuration.folder.join(name)
    }

    fn add(&mut self, file: &str, line: Line, message: String) -> &mut Mistake {
        let line = (line.0 > 0).then_some(line.0);
        self.mistakes.push(Mistake::new(&self.file(file), line, message));
        self.mistakes.last_mut().expect("was pushed just now")
    }

    fn concept_names(&self) -> Vec<&'a str> {
        self.configuration
            .codebook
            .concepts
            .iter()
            .map(|concept| concept.concept.as_str())
            .collect()
    }

    /// The concept, or a mistake at that place.
    fn concept(&mut self, name: &str, file: &str, line: Line) -> Option<&'a Concept> {
        let found = self.configuration.codebook.concept(name);
        if found.is_none() {
            let hint = did_you_mean(name, self.concept_names());
            self.add(
                file,
                line,
                format!("there is no concept `{name}` in codebook/concepts.csv"),
            )
            .hint = Some(hint);
        }
        found
    }

    fn category(&mut self, name: &str, file: &str, line: Line) -> Option<&'a Concept> {
        let concept = self.concept(name, file, line)?;
        if concept.kind != Kind::Category {
            self.add(file, line, format!("concept `{name}` is no category"));
            return None;
        }
        Some(concept)
    }

    /// Codes that the concept's answer list does not have.
    fn codes<'b>(
        &mut self,
        concept: &Concept,
        codes: impl IntoIterator<Item = &'b String>,
        file: &str,
        line: Line,
    ) {
        let known = self.configuration.codebook.codes(concept);
        for code in codes {
            if !known.contains(&code.as_str()) {
                let hint = did_you_mean(code, known.iter().copied());
                let message = format!(
                    "`{code}` is no answer of `{}` (list `{}`)",
                    concept.concept, concept.answers
                );
                self.add(file, line, message).hint = Some(hint);
            }
        }
    }

    fn known_panels(&mut self, panels: &[String], file: &str, line: Line) {
        if self.unread.monitor {
            // The name may be that of a group, and groups stand in monitor.toml.
            return;
        }
        let unread = self.unread.panels.iter();
        let known: Vec<&str> =
            self.configuration.panels.keys().chain(unread).map(String::as_str).collect();
        for panel in panels.iter().filter(|panel| !known.contains(&panel.as_str())) {
            let hint = did_you_mean(panel, known.iter().copied());
            self.add(file, line, format!("there is no panel `{panel}` in config/panels")).hint =
                Some(hint);
        }
    }

    fn known_wave(&mut self, wave: Wave, file: &str, line: Line) {
        let waves: Vec<Wave> = self.configuration.monitor.waves().collect();
        if !waves.contains(&wave) {
            let expected = format!("one of {waves:?}, from monitor.toml");
            self.add(file, line, format!("wave {wave} is not in the monitor")).expected =
                Some(expected);
        }
    }

    /// The first and the last wave of something; either may be open.
    fn span(&mut self, (first, last): (Option<Wave>, Option<Wave>), file: &str, line: Line) {
        if let (Some(first), Some(last)) = (first, last)
            && first > last
        {
            self.add(file, line, format!("first wave {first} is after the last, {last}"));
        }
    }

    fn monitor(&mut self) {
        let monitor = &self.configuration.monitor;
        if monitor.waves.is_empty() || !monitor.waves().is_sorted_by(|a, b| a < b) {
            self.add(
                "monitor.toml",
                Line::NONE,
                "waves must be numbers in rising order, at least one".to_owned(),
            );
        }
        self.disclosure();
        for (name, group) in &monitor.groups {
            if !is_name(name) || self.configuration.panels.contains_key(name) {
                self.add("monitor.toml", Line::NONE, format!("{name:?} cannot name a group"))
                    .expected = Some(format!("a name that no panel has: {GRAMMAR}"));
            }
            self.known_panels(&group.panels, "monitor.toml", Line::NONE);
        }
        for concepts in monitor.quality.straightliner_blocks.values() {
            for concept in concepts {
                self.concept(concept, "monitor.toml", Line::NONE);
            }
        }
    }

    fn exports(&mut self) {
        for (name, profile) in &self.configuration.exports {
            let file = format!("exports/{name}.toml");
            let header = &profile.header;
            let rows = [("name_row", Some(header.name_row)), ("join_row", header.join_row)];
            for (key, row) in rows {
                if let Some(row) = row.filter(|row| *row > header.rows) {
                    let message = format!("`header.{key}` is {row} of {} header rows", header.rows);
                    self.add(&file, Line::NONE, message).expected =
                        Some(format!("a row from 1 to {}", header.rows));
                }
            }
            if header.join_row == Some(header.name_row) {
                let message = format!("`header.join_row` is {}, as `name_row`", header.name_row);
                self.add(&file, Line::NONE, message).expected =
                    Some("another header row".to_owned());
            }
            let names_no_id = profile.id.iter().all(|header| header.trim().is_empty());
            if names_no_id && !profile.record_number_as_id {
                let mistake = self.add(&file, Line::NONE, "`id` names no column".to_owned());
                mistake.expected =
                    Some("the headers that the column of the respondents' ids may have".to_owned());
                mistake.hint =
                    Some("without such a column: `record_number_as_id = true`".to_owned());
            }
            let (delimiter, quote) = (profile.csv.delimiter, profile.csv.quote);
            let is_sign = |sign: char| sign.is_ascii() && !matches!(sign, '\n' | '\r' | '\0');
            if !is_sign(delimiter) || !is_sign(quote) || delimiter == quote {
                let message = format!("`csv.delimiter` {delimiter:?} and `quote` {quote:?}");
                self.add(&file, Line::NONE, message).expected =
                    Some("two different ASCII characters, no line ends".to_owned());
            }
        }
    }

    fn rules(&mut self) {
        for rule in &self.configuration.rules {
            let path = &self.configuration.rule_files[&rule.name];
            let file =
                path.strip_prefix(&self.configuration.folder).unwrap_or(path).display().to_string();
            self.known_panels(&rule.panels, &file, Line::NONE);
            for wave in &rule.waves {
                self.known_wave(*wave, &file, Line::NONE);
            }
            let span = (rule.first_wave, rule.last_wave);
            self.span(span, &file, Line::NONE);
            if !rule.waves.is_empty() && span != (None, None) {
                let message = format!("rule `{}` has `waves` and a first or last wave", rule.name);
                self.add(&file, Line::NONE, message).expected =
                    Some("either of the two".to_owned());
            }
        }
    }
}

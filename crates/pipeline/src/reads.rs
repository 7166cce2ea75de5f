//! The configuration as the stages read it.

use std::collections::{BTreeMap, BTreeSet};

use config::Configuration;
use survey::codebook::Codebook;
use survey::{Expressions, PanelWave, columns};

/// The configuration as the stages get it: without the labels and questions that only people read.
#[derive(Debug, Clone)]
pub struct Reads {
    codebook: Codebook,
    /// Derived concept → the concepts that its SQL reads.
    derived_from: BTreeMap<String, Vec<String>>,
}

impl Reads {
    pub fn new(configuration: &Configuration, expressions: &dyn Expressions) -> Self {
        let codebook = without_labels(&configuration.codebook);
        let derived = codebook.concepts.iter().filter(|concept| !concept.derivation.is_empty());
        let derived_from = derived
            .map(|concept| {
                let read = expressions.columns(&concept.derivation).unwrap_or_default();
                let read = read.iter().map(|column| columns::concept_of(column).to_owned());
                (concept.concept.clone(), read.collect())
            })
            .collect();
        Self { codebook, derived_from }
    }

    /// Derived concepts.
    pub fn derived(&self) -> impl Iterator<Item = &str> {
        self.derived_from.keys().map(String::as_str)
    }

    /// Derived concept → the concepts that its SQL reads.
    pub fn derivations(&self) -> &BTreeMap<String, Vec<String>> {
        &self.derived_from
    }

    /// What the SQL of a derived concept reads.
    pub fn derived_from(&self, concept: &str) -> &[String] {
        self.derived_from.get(concept).map_or(&[], Vec::as_slice)
    }

    /// The concepts that a panel-wave asks or derives from what it asks, and those that the derivations read.
    pub(crate) fn needed(&self, of: &PanelWave) -> BTreeSet<String> {
        let items = self.codebook.items.iter();
        let items = items.filter(|item| item.panel == of.panel && item.wave == of.wave);
        let mut needed: BTreeSet<String> = items.map(|item| item.concept.clone()).collect();
        // A derivation reads what is asked and the derived concepts above it.
        for concept in self.codebook.concepts.iter().filter(|one| !one.derivation.is_empty()) {
            let mut read = self.read_by(&concept.concept).peekable();
            if read.peek().is_none() || read.any(|name| needed.contains(name)) {
                needed.insert(concept.concept.clone());
            }
        }
        let mut open: Vec<String> = needed.iter().cloned().collect();
        while let Some(concept) = open.pop() {
            for name in self.read_by(&concept) {
                if needed.insert(name.to_owned()) {
                    open.push(name.to_owned());
                }
            }
        }
        needed
    }

    /// Concepts that a derivation reads, also by their missing reasons.
    fn read_by(&self, concept: &str) -> impl Iterator<Item = &str> {
        let names = self.derived_from(concept).iter().map(|column| columns::concept_of(column));
        names.filter(|name| self.codebook.concept(name).is_some())
    }

    /// The codebook's part about some concepts in one panel-wave.
    pub(crate) fn part(&self, of: &PanelWave, concepts: &BTreeSet<String>) -> Codebook {
        let mut codebook = self.codebook.of(&of.panel, of.wave);
        codebook.concepts.retain(|concept| concepts.contains(&concept.concept));
        let used: BTreeSet<&str> =
            codebook.concepts.iter().map(|concept| concept.answers.as_str()).collect();
        codebook.answers.retain(|answers, _| used.contains(answers.as_str()));
        codebook
    }

    /// All concepts, with whose types a wave that was not asked one of them is read.
    pub fn codebook(&self) -> &Codebook {
        &self.codebook
    }
}

fn without_labels(codebook: &Codebook) -> Codebook {
    let mut codebook = codebook.clone();
    for concept in &mut codebook.concepts {
        concept.label.clear();
        concept.theme.clear();
    }
    for answer in codebook.answers.values_mut().flatten() {
        answer.label.clear();
    }
    for item in &mut codebook.items {
        item.question.clear();
    }
    codebook
}

//! What each stage reads of the configuration, and nothing else: that is what its fingerprint covers.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use survey::codebook::{Codebook, Comparability, Concept, Item};
use survey::config::{
    Breakdown, Configuration, DeliverySpec, ExportProfile, Indicator, Monitor, Panel,
    PopulationTotal, Rule,
};
use survey::{Expressions, PanelWave, Wave};

use crate::fingerprint::Fingerprint;
use crate::project::Project;

/// What ingest reads beside the file.
#[derive(Debug, Clone, Serialize)]
pub struct IngestSettings<'a> {
    pub delivery: &'a str,
    /// Without folders: a moved folder changes nothing.
    pub file: String,
    pub sheet: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_rows: Option<u64>,
    pub profile: &'a ExportProfile,
    pub pseudonym_key: &'a Fingerprint,
}

/// What publish reads beside the hand-offs.
#[derive(Debug, Clone, Serialize)]
pub struct PublishSettings<'a> {
    pub monitor: &'a Monitor,
    pub panels: &'a BTreeMap<String, Panel>,
    pub codebook: &'a Codebook,
    pub indicators: &'a [Indicator],
    pub breakdowns: &'a [Breakdown],
    pub rules: &'a [Rule],
    pub totals: &'a [PopulationTotal],
    /// Mart → what its SQL and its contract say, however they are laid out.
    pub marts: BTreeMap<&'a str, (String, Contract<'a>)>,
    pub deliveries: Vec<PublishedDelivery<'a>>,
}

/// A contract without its comments; one that cannot be read as it stands.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Contract<'a> {
    Read(toml::Table),
    Text(&'a str),
}

impl<'a> Contract<'a> {
    fn of(text: &'a str) -> Self {
        toml::from_str(text).map_or(Self::Text(text), Self::Read)
    }
}

/// What the mart `delivery` says of a pipeline file's entry.
#[derive(Debug, Clone, Serialize)]
pub struct PublishedDelivery<'a> {
    pub name: &'a str,
    pub wave: Wave,
    pub panels: &'a [String],
    pub release: &'a Option<String>,
    pub replaces: &'a Option<String>,
}

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
                (concept.concept.clone(), read)
            })
            .collect();
        Self { codebook, derived_from }
    }
}

impl Reads {
    /// Derived concepts.
    pub fn derived(&self) -> impl Iterator<Item = &str> {
        self.derived_from.keys().map(String::as_str)
    }

    /// What the SQL of a derived concept reads.
    pub fn derived_from(&self, concept: &str) -> &[String] {
        self.derived_from.get(concept).map_or(&[], Vec::as_slice)
    }
}

fn without_labels(codebook: &Codebook) -> Codebook {
    let mut codebook = codebook.clone();
    for concept in &mut codebook.concepts {
        concept.label_nl.clear();
        concept.label_en.clear();
        concept.theme.clear();
    }
    for answer in codebook.answers.values_mut().flatten() {
        answer.label_nl.clear();
        answer.label_en.clear();
    }
    for item in &mut codebook.items {
        item.question_nl.clear();
    }
    codebook
}

fn unlabelled(indicators: &[Indicator]) -> Vec<Indicator> {
    let mut indicators = indicators.to_vec();
    for indicator in &mut indicators {
        indicator.label_nl.clear();
        indicator.label_en.clear();
        indicator.figures.clear();
    }
    indicators
}

fn unlabelled_breakdowns(breakdowns: &[Breakdown]) -> Vec<Breakdown> {
    let mut breakdowns = breakdowns.to_vec();
    for breakdown in &mut breakdowns {
        breakdown.label_nl.clear();
        breakdown.label_en.clear();
    }
    breakdowns
}

impl Project {
    pub fn ingest_settings<'a>(&'a self, delivery: &'a DeliverySpec) -> IngestSettings<'a> {
        IngestSettings {
            delivery: &delivery.name,
            file: delivery
                .file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            sheet: &delivery.sheet,
            expected_rows: delivery.expected_rows,
            profile: &self.configuration.exports[&delivery.profile],
            pseudonym_key: &self.key_fingerprint,
        }
    }

    pub fn admit_settings(
        &self,
        of: &PanelWave,
        delivery: &DeliverySpec,
    ) -> validate::AdmitSettings {
        let mut codebook = self.asked(of);
        for item in &mut codebook.items {
            item.note.clear();
            item.comparability = Comparability::Identical;
        }
        let split = |panel: &String| {
            self.configuration.panels.get(panel).and_then(|panel| panel.split.clone())
        };
        let others = delivery.panels.iter().filter(|panel| **panel != of.panel);
        validate::AdmitSettings {
            panel_wave: of.clone(),
            completion: validate::Completion::of(&codebook),
            split: split(&of.panel),
            delivered_panels: delivery.panels.clone(),
            other_splits: others.filter_map(split).map(|split| split.code).collect(),
            gates: self.configuration.monitor.gates.clone(),
            broke_off_minimum_items: self.configuration.monitor.quality.broke_off_minimum_items,
            codebook,
        }
    }

    /// Concepts that the panel-wave was asked, with their answers, items and crosswalks.
    fn asked(&self, of: &PanelWave) -> Codebook {
        let mut codebook = self.reads.codebook.of(&of.panel, of.wave);
        let asked: BTreeSet<&str> =
            codebook.items.iter().map(|item: &Item| item.concept.as_str()).collect();
        codebook.concepts.retain(|concept: &Concept| asked.contains(concept.concept.as_str()));
        let used: BTreeSet<&str> =
            codebook.concepts.iter().map(|concept| concept.answers.as_str()).collect();
        codebook.answers.retain(|answers, _| used.contains(answers.as_str()));
        codebook
    }

    pub fn harmonise_settings(&self, of: &PanelWave) -> harmonise::Settings {
        let mut codebook = self.reads.codebook.of(&of.panel, of.wave);
        for item in &mut codebook.items {
            item.note.clear();
            item.comparability = Comparability::Identical;
        }
        harmonise::Settings { panel_wave: of.clone(), codebook }
    }

    pub fn confront_settings(&self, of: &PanelWave) -> validate::ConfrontSettings {
        let monitor = &self.configuration.monitor;
        let holds = |rule: &&Rule| {
            (rule.panels.is_empty() || rule.panels.contains(&of.panel))
                && (rule.waves.is_empty() || rule.waves.contains(&of.wave))
        };
        let mut rules: Vec<Rule> = self.configuration.rules.iter().filter(holds).cloned().collect();
        for rule in &mut rules {
            // Which panels and waves it holds for is settled: another wave in its list changes nothing here.
            rule.panels.clear();
            rule.waves.clear();
        }
        let codebook = Codebook {
            concepts: self.reads.codebook.concepts.clone(),
            answers: self.reads.codebook.answers.clone(),
            ..Codebook::default()
        };
        validate::ConfrontSettings {
            panel_wave: of.clone(),
            rules,
            eligibility: self.configuration.panels[&of.panel].eligibility.clone(),
            quality: monitor.quality.clone(),
            duration: validate::ConfrontSettings::duration_of(&codebook),
            codebook,
        }
    }

    pub fn weight_settings(&self, of: &PanelWave) -> weight::Settings {
        let configuration = &self.configuration;
        let panel = &configuration.panels[&of.panel];
        weight::Settings::of(panel, of.wave, &configuration.targets, &self.reads.codebook)
    }

    pub fn estimate_settings(&self, panel: &str) -> estimate::Settings {
        let configuration = &self.configuration;
        let figures = (
            unlabelled(&configuration.indicators),
            unlabelled_breakdowns(&configuration.breakdowns),
        );
        let Reads { codebook, derived_from } = &self.reads;
        let figures = (figures.0.as_slice(), figures.1.as_slice());
        estimate::Settings::of(
            &configuration.panels[panel],
            &configuration.monitor,
            codebook,
            figures,
            derived_from,
        )
    }

    pub fn publish_settings(&self) -> PublishSettings<'_> {
        let configuration = &self.configuration;
        let marts = configuration.marts.iter();
        let deliveries = self.pipeline.deliveries.iter();
        PublishSettings {
            monitor: &configuration.monitor,
            panels: &configuration.panels,
            codebook: &configuration.codebook,
            indicators: &configuration.indicators,
            breakdowns: &configuration.breakdowns,
            rules: &configuration.rules,
            totals: &configuration.targets,
            marts: marts
                .map(|mart| {
                    let contract = Contract::of(&mart.contract);
                    (mart.name.as_str(), (survey::sql_text::bare(&mart.sql), contract))
                })
                .collect(),
            deliveries: deliveries
                .map(|delivery| PublishedDelivery {
                    name: &delivery.name,
                    wave: delivery.wave,
                    panels: &delivery.panels,
                    release: &delivery.release,
                    replaces: &delivery.replaces,
                })
                .collect(),
        }
    }
}

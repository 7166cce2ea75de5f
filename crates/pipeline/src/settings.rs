//! What each stage reads of the configuration, and nothing else: that is what its fingerprint covers.

use std::collections::BTreeMap;

use config::{
    Breakdown, DeliverySpec, ExportProfile, Figure, Indicator, Monitor, Panel, PopulationTotal,
    Rule, Words,
};
use ingest::KnownHeaders;
use serde::Serialize;
use store::Fingerprint;
use survey::codebook::{Codebook, Comparability};
use survey::{PanelWave, Wave, columns};

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
    /// What the codebook's items call its columns: by these its header is recognised.
    pub headers: KnownHeaders,
    pub id_space: &'a str,
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
    pub figures: &'a [Figure],
    pub rules: &'a [Rule],
    pub totals: &'a [PopulationTotal],
    pub words: &'a Words,
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
    pub id_space: &'a str,
    pub release: &'a Option<String>,
    pub replaces: &'a Option<String>,
}

fn unlabelled(indicators: &[Indicator]) -> Vec<Indicator> {
    let mut indicators = indicators.to_vec();
    for indicator in &mut indicators {
        indicator.label.clear();
        indicator.figures.clear();
        indicator.colour = None;
    }
    indicators
}

fn unlabelled_breakdowns(breakdowns: &[Breakdown]) -> Vec<Breakdown> {
    let mut breakdowns = breakdowns.to_vec();
    for breakdown in &mut breakdowns {
        breakdown.label.clear();
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
            headers: self.known_headers(delivery),
            id_space: delivery.id_space(),
            pseudonym_key: self.key_check(),
        }
    }

    /// Headers under which the items of a delivery may come.
    pub fn known_headers(&self, delivery: &DeliverySpec) -> KnownHeaders {
        let items = self.configuration.codebook.items.iter();
        let fed = items
            .filter(|item| item.wave == delivery.wave && delivery.panels.contains(&item.panel));
        KnownHeaders::of(
            fed.flat_map(|item| [&item.column].into_iter().chain(&item.aliases))
                .map(String::as_str),
        )
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
        let items = self.reads.codebook().items.iter();
        let items = items.filter(|item| item.panel == of.panel && item.wave == of.wave);
        self.reads.part(of, &items.map(|item| item.concept.clone()).collect())
    }

    pub fn harmonise_settings(&self, of: &PanelWave) -> harmonise::Settings {
        let needed = self.reads.part(of, &self.reads.needed(of));
        let Codebook { concepts, answers, .. } = needed;
        let codebook = Codebook { concepts, answers, ..Codebook::default() };
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
        let eligibility = self.configuration.panels[&of.panel].eligibility.clone();
        // Beside what is asked here, what is read though it is not: then a rule says so.
        let mut concepts = self.reads.needed(of);
        let conditions = rules.iter().map(|rule| &rule.condition);
        for condition in conditions.chain(eligibility.iter().map(|filter| &filter.condition)) {
            let read = self.expressions().columns(condition).unwrap_or_default();
            concepts.extend(read.iter().map(|column| columns::concept_of(column).to_owned()));
        }
        concepts.extend(monitor.quality.straightliner_blocks.values().flatten().cloned());
        let Codebook { concepts, answers, .. } = self.reads.part(of, &concepts);
        validate::ConfrontSettings {
            panel_wave: of.clone(),
            rules,
            eligibility,
            quality: monitor.quality.clone(),
            duration: validate::ConfrontSettings::duration_of(self.reads.codebook()),
            codebook: Codebook { concepts, answers, ..Codebook::default() },
        }
    }

    pub fn weight_settings(&self, of: &PanelWave) -> weight::Settings {
        let configuration = &self.configuration;
        let panel = &configuration.panels[&of.panel];
        weight::Settings::of(panel, of.wave, &configuration.targets, self.reads.codebook())
    }

    pub fn estimate_settings(&self, panel: &str) -> estimate::Settings {
        let configuration = &self.configuration;
        let figures = (
            unlabelled(&configuration.indicators),
            unlabelled_breakdowns(&configuration.breakdowns),
        );
        let codebook = self.reads.codebook();
        let figures = (figures.0.as_slice(), figures.1.as_slice());
        estimate::Settings::of(
            &configuration.panels[panel],
            &configuration.monitor,
            codebook,
            figures,
            self.reads.derivations(),
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
            figures: &configuration.figures,
            rules: &configuration.rules,
            totals: &configuration.targets,
            words: &configuration.words,
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
                    id_space: delivery.id_space(),
                    release: &delivery.release,
                    replaces: &delivery.replaces,
                })
                .collect(),
        }
    }
}

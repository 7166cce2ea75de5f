//! A pipeline file with its configuration: which deliveries, panel-waves and steps there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use config::{Configuration, DeliverySpec, PipelineFile, PseudonymKey};
use expression::QueryLimits;
use store::Fingerprint;
use store::fingerprint::canonical;
use survey::{Expressions, PanelWave, Wave};

use crate::connections::{Connect, Connections};
use crate::error::Error;
use crate::permissions;
use crate::program::PROGRAM;
use crate::pseudonym_key;
use crate::reading::Reading;
use crate::reads::Reads;

/// Everything that a run needs to know before it starts.
pub struct Project {
    pub pipeline: PipelineFile,
    pub configuration: Configuration,
    pub reads: Reads,
    pub key: ingest::Key,
    key_check: OnceLock<Fingerprint>,
    pub engine: expression::Engine,
    /// Who reads the store and what is not public of a release.
    pub access: mart::Access,
    /// To a store and marts that lie elsewhere.
    pub(crate) connections: Connections,
}

impl Project {
    /// Reads pipeline file and configuration; every mistake at once.
    pub fn open(
        file: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
        connect: Box<Connect>,
    ) -> Result<Self, Error> {
        let folder = PipelineFile::config_folder(file).map_err(Error::Configuration)?;
        let configuration = Configuration::load(&folder).map_err(Error::Configuration)?;
        let pipeline = PipelineFile::load(file, &configuration).map_err(Error::Configuration)?;
        let key = pseudonym_key::read(file, &pipeline.pseudonym_key, environment)?;
        let access = permissions::access(file, pipeline.permissions.group.as_ref())?;
        let usual = QueryLimits::default();
        let engine = expression::Engine::within(QueryLimits {
            seconds: pipeline.limits.mart_seconds.unwrap_or(usual.seconds),
            memory_mib: pipeline.limits.mart_memory_mib.unwrap_or(usual.memory_mib),
        });
        let reads = Reads::new(&configuration, &engine);
        Ok(Self {
            pipeline,
            configuration,
            reads,
            key,
            key_check: OnceLock::new(),
            engine,
            access,
            connections: Connections::by(connect),
        })
    }

    /// Tells whether the key is the same as before, without telling the key: slow, and over the salt of the store.
    pub fn key_check(&self) -> &Fingerprint {
        self.key_check.get_or_init(|| pseudonym_key::check(&self.key, &self.pipeline.store))
    }

    /// Whether the pseudonyms hide nobody.
    pub fn is_demonstration(&self) -> bool {
        matches!(self.pipeline.pseudonym_key, PseudonymKey::Demonstration(_))
    }

    /// The state of everything from which settings are made, the program included.
    pub fn state(&self) -> String {
        let exports = (&self.configuration.exports, &self.pipeline.deliveries, self.key_check());
        let parts = [serde_json::to_vec(&self.publish_settings()), serde_json::to_vec(&exports)];
        let bytes: Vec<u8> = parts.into_iter().flat_map(Result::unwrap_or_default).collect();
        format!("{PROGRAM} {}", Fingerprint::of_bytes(&bytes).0)
    }

    /// Looks at all SQL of the configuration, once for each state that it is in.
    pub fn check_sql_once(&self, store: &Path, state: &str) -> Result<(), Error> {
        let path = store.join("sql_checked");
        if fs::read_to_string(&path).is_ok_and(|checked| checked == state) {
            return Ok(());
        }
        let mistakes = self.sql_mistakes();
        if !mistakes.is_empty() {
            return Err(Error::Configuration(mistakes));
        }
        let written = store::files::replace(&path, state.as_bytes());
        Ok(written.map_err(|error| store::Error::Unwritable { path, error })?)
    }

    /// Of everything that is true.
    pub fn settings_fingerprint(&self) -> String {
        let settings = canonical(&self.publish_settings()).unwrap_or_default().to_string();
        Fingerprint::of_bytes(settings.as_bytes()).0
    }

    pub fn expressions(&self) -> &dyn Expressions {
        &self.engine
    }

    /// How deliveries are read on the threads of this run.
    pub fn reading(&self) -> Reading {
        Reading::of(&self.pipeline.limits, rayon::current_num_threads())
    }

    /// Deliveries that no other one replaces.
    pub fn used(&self) -> Vec<&DeliverySpec> {
        let replaced = self.replaced_names();
        self.pipeline
            .deliveries
            .iter()
            .filter(|delivery| !replaced.contains(delivery.name.as_str()))
            .collect()
    }

    /// Deliveries that another one replaces, each with that one's name: recorded, not read.
    pub fn replaced(&self) -> Vec<(&DeliverySpec, &str)> {
        let deliveries = &self.pipeline.deliveries;
        let by = |name: &str| {
            deliveries.iter().find(|delivery| delivery.replaces.as_deref() == Some(name))
        };
        deliveries
            .iter()
            .filter_map(|delivery| Some((delivery, by(&delivery.name)?.name.as_str())))
            .collect()
    }

    fn replaced_names(&self) -> BTreeSet<&str> {
        self.pipeline
            .deliveries
            .iter()
            .filter_map(|delivery| delivery.replaces.as_deref())
            .collect()
    }

    /// Panel → its waves, over the deliveries that are used.
    pub fn panel_waves(&self) -> BTreeMap<String, BTreeSet<Wave>> {
        let mut panels: BTreeMap<String, BTreeSet<Wave>> = BTreeMap::new();
        for delivery in self.used() {
            for panel in &delivery.panels {
                panels.entry(panel.clone()).or_default().insert(delivery.wave);
            }
        }
        panels
    }

    /// Groups of panels of which every panel delivers: name → panels.
    pub fn groups(&self) -> BTreeMap<String, Vec<String>> {
        let delivered = self.panel_waves();
        let groups = self.configuration.monitor.groups.iter();
        groups
            .filter(|(_, group)| group.panels.iter().all(|panel| delivered.contains_key(panel)))
            .map(|(name, group)| (name.clone(), group.panels.clone()))
            .collect()
    }

    /// The wave before, where the panel has one.
    pub fn previous(&self, of: &PanelWave) -> Option<PanelWave> {
        let waves = self.panel_waves();
        let before = waves.get(&of.panel)?.range(..of.wave).next_back()?;
        Some(PanelWave::new(of.panel.clone(), *before))
    }
}

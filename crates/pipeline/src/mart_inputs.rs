//! What the marts are made of: kept hand-offs, deliveries and the facts of the run.

use std::collections::BTreeSet;
use std::sync::Arc;

use config::monitor::{Protection, Significance};
use config::{DeliverySpec, PseudonymKey};
use mart::{Inputs, RunFacts, Said, Source, SourceError};
use store::{Content, Kept, Store};
use survey::handoff::{
    About, AdmittedAbout, CheckedAbout, HarmonisedAbout, RawAbout, WeightedAbout,
};
use survey::{Estimates, Handoff, Message, PanelWave, Weighted};

use crate::audit;
use crate::delivery_file::DeliveryFile;
use crate::error::Error;
use crate::handoffs::Handoffs;
use crate::program::PROGRAM;
use crate::project::Project;
use crate::run::Run;
use crate::stage_errors::PublishError;

/// Hands everything that was kept to the marts, with what the releases before tell but for a damaged one.
pub fn with_inputs<T>(
    project: &Project,
    run: &Run<'_>,
    handoffs: &Handoffs,
    damaged: Option<&str>,
    work: impl FnOnce(&Inputs<'_>) -> Result<T, PublishError>,
) -> Result<T, PublishError> {
    let estimates = handoffs.estimates.values().map(|kept| kept.load(run.store).map(unshared));
    let estimates: Vec<Estimates> = estimates.collect::<Result<_, _>>()?;
    let deliveries: Vec<_> = project.used().into_iter().map(delivery_input).collect();
    let replaced: Vec<_> = project
        .replaced()
        .into_iter()
        .map(|(delivery, by)| replaced_delivery(run.store, delivery, by))
        .collect::<Result<_, _>>()?;
    let panel_waves: Vec<PanelWave> = handoffs.weighted.keys().cloned().collect();
    let facts = run_facts(project, run);
    let kept = KeptHandoffs { store: run.store, handoffs };
    let mut before = mart::Before::default();
    if project.configuration.monitor.disclosure.protects(Protection::EarlierReleases) {
        for folder in audit::sound(&project.pipeline.marts, damaged)? {
            before.read(&folder, &project.configuration.monitor.gaps)?;
        }
    }
    work(&Inputs {
        configuration: &project.configuration,
        deliveries: &deliveries,
        replaced: &replaced,
        panel_waves: &panel_waves,
        source: &kept,
        estimates: &estimates,
        tables: &project.engine,
        families: &Decided { significance: &project.configuration.monitor.significance },
        before: &before,
        run: &facts,
    })
}

fn delivery_input(delivery: &DeliverySpec) -> mart::DeliveryInput {
    mart::DeliveryInput {
        name: delivery.name.clone(),
        wave: delivery.wave,
        panels: delivery.panels.clone(),
        id_space: delivery.id_space().to_owned(),
        release: delivery.release.clone(),
        replaces: delivery.replaces.clone(),
    }
}

fn replaced_delivery(
    store: &Store,
    delivery: &DeliverySpec,
    by: &str,
) -> Result<mart::ReplacedDelivery, Error> {
    let file = DeliveryFile::of(delivery);
    let (blake3, bytes) = file.stamp(store)?;
    Ok(mart::ReplacedDelivery {
        given: delivery_input(delivery),
        replaced_by: by.to_owned(),
        file: file.name(),
        profile: delivery.profile.clone(),
        blake3: blake3.0,
        bytes,
    })
}

fn unshared<K: About + Clone>(handoff: Arc<Handoff<K>>) -> Handoff<K> {
    Arc::try_unwrap(handoff).unwrap_or_else(|shared| (*shared).clone())
}

fn run_facts(project: &Project, run: &Run<'_>) -> RunFacts {
    RunFacts {
        started: run.started.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sources: PROGRAM.to_owned(),
        settings_fingerprint: project.settings_fingerprint(),
        pseudonym_key: match project.pipeline.pseudonym_key {
            PseudonymKey::Environment(_) => "environment",
            PseudonymKey::File(_) => "file",
            PseudonymKey::Demonstration(_) => "demonstration",
        }
        .to_owned(),
    }
}

/// The tests of a family, decided by the methods of the estimates.
struct Decided<'a> {
    significance: &'a Significance,
}

impl mart::Families for Decided<'_> {
    fn between_panels(&self, figures: [&mart::PanelFigure; 2]) -> Option<mart::PanelContrast> {
        let figure = |of: &mart::PanelFigure| estimate::PanelFigure {
            n: of.n,
            n_yes: of.n_yes,
            estimate: of.estimate,
            standard_error: of.standard_error,
            interval: of.interval,
            degrees_of_freedom: of.degrees_of_freedom,
        };
        let [first, second] = figures.map(figure);
        let found = estimate::between_panels([&first, &second], self.significance.confidence)?;
        Some(mart::PanelContrast {
            standard_error: found.standard_error,
            interval: found.interval,
            statistic: found.statistic,
            degrees_of_freedom: found.degrees_of_freedom,
            p: found.p,
            tested: found.kept,
        })
    }

    fn decide(&self, family: &[mart::Tested]) -> Vec<mart::Decision> {
        let tests: Vec<(&[f64], bool)> =
            family.iter().map(|test| (test.numbers.as_slice(), test.stays)).collect();
        let decided = estimate::decide_kept(&tests, self.significance)
            .expect("the numbers of a test are those that it was kept as");
        let decision = |of: estimate::Decision| mart::Decision {
            p_adjusted: of.p_adjusted,
            is_called: of.is_called,
            interval: of.interval,
            detectable: of.detectable,
        };
        decided.into_iter().map(decision).collect()
    }
}

/// Loads hand-offs for the marts, one at a time.
struct KeptHandoffs<'a> {
    store: &'a Store,
    handoffs: &'a Handoffs,
}

fn not_weighted() -> Message {
    Message::plain("this panel-wave was not weighted")
}

impl KeptHandoffs<'_> {
    fn said<K: About>(
        &self,
        kept: Option<&Kept<K>>,
        extra: &[&str],
    ) -> Result<Said<K>, SourceError> {
        let kept = kept.ok_or_else(|| Message::plain("this hand-off was not made"))?;
        let (about, findings, warnings, extra) = kept.said(self.store, extra)?;
        Ok(Said { about, findings, warnings, extra })
    }
}

impl Source for KeptHandoffs<'_> {
    fn raw(&self, delivery: &str) -> Result<Said<RawAbout>, SourceError> {
        self.said(self.handoffs.raw.get(delivery), &[])
    }

    fn admitted(&self, of: &PanelWave) -> Result<Said<AdmittedAbout>, SourceError> {
        self.said(self.handoffs.admitted.get(of), &[])
    }

    fn harmonised(&self, of: &PanelWave) -> Result<Said<HarmonisedAbout>, SourceError> {
        self.said(self.handoffs.harmonised.get(of), &[])
    }

    fn checked(&self, of: &PanelWave) -> Result<Said<CheckedAbout>, SourceError> {
        self.said(self.handoffs.checked.get(of), &["rule_outcome"])
    }

    fn weighted(&self, of: &PanelWave) -> Result<Weighted, SourceError> {
        let kept = self.handoffs.weighted.get(of).ok_or_else(not_weighted)?;
        Ok(unshared(kept.load(self.store)?))
    }

    fn weighted_columns(
        &self,
        of: &PanelWave,
        columns: &BTreeSet<String>,
    ) -> Result<Weighted, SourceError> {
        let kept = self.handoffs.weighted.get(of).ok_or_else(not_weighted)?;
        Ok(kept.load_columns(self.store, columns, &[])?)
    }

    fn weighted_said(&self, of: &PanelWave) -> Result<Said<WeightedAbout>, SourceError> {
        self.said(self.handoffs.weighted.get(of), &["diagnostic", "replicate_scale"])
    }

    fn weighted_fingerprint(&self, of: &PanelWave) -> Result<String, SourceError> {
        let kept = self.handoffs.weighted.get(of).ok_or_else(not_weighted)?;
        match &kept.content {
            Content::Known(content) => Ok(content.0.clone()),
            Content::Open | Content::Absent => Err(not_weighted().into()),
        }
    }
}

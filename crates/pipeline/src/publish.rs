//! The last line of the page: everything goes to the marts, and the release becomes the current one.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;
use config::monitor::{Protection, Significance};
use config::{DeliverySpec, PseudonymKey};
use mart::{Inputs, RunFacts, Said, Source, SourceError, Target};
use serde::{Deserialize, Serialize};
use survey::handoff::{
    About, AdmittedAbout, CheckedAbout, HarmonisedAbout, RawAbout, WeightedAbout,
};
use survey::{Estimates, Handoff, PanelWave, Warning, Weighted};

use crate::audit;
use crate::diff;
use crate::error::{Error, StageError};
use crate::fingerprint::Fingerprint;
use crate::kept::{Content, DeliveryFile, Input, Kept, Origin};
use crate::page::Handoffs;
use crate::project::Project;
use crate::release;
use crate::rerun::Rerun;
use crate::run::{Apart, Run};
use crate::step::{PROGRAM, Step};
use crate::store::{Found, Store};
use crate::switch::{step, target, warning};

/// What was published; the step's hand-off, so that the store treats it like any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedAbout {
    pub release: String,
    /// `new`, `unchanged` or `switched_back`.
    pub outcome: String,
    /// Of the release's manifest, but for the facts of the run.
    #[serde(default)]
    pub seal: String,
}

impl About for PublishedAbout {
    const NAME: &'static str = "published";
}

/// All hand-offs of the walk as one input.
pub struct Everything<'a> {
    handoffs: &'a Handoffs,
    origins: Vec<Origin>,
}

impl<'a> Everything<'a> {
    /// Marts of old and new hand-offs would be a mixture: refused.
    pub fn new(project: &Project, run: &Run<'_>, handoffs: &'a Handoffs) -> Result<Self, Error> {
        let mut origins = Vec::new();
        for (delivery, _) in project.replaced() {
            origins.extend((&DeliveryFile::of(delivery)).origins(run.store)?);
        }
        // The marts tell of the receipt too: a file with the same cells and other bytes is published anew.
        for raw in handoffs.raw.values() {
            let whole = if raw.content == Content::Open { None } else { raw.whole() };
            origins.push(Origin {
                content: whole.map_or(raw.content.clone(), Content::Known),
                ..raw.origin()
            });
        }
        origins.extend(handoffs.admitted.values().map(Kept::origin));
        origins.extend(handoffs.harmonised.values().map(Kept::origin));
        origins.extend(handoffs.checked.values().map(Kept::origin));
        origins.extend(handoffs.weighted.values().map(Kept::origin));
        origins.extend(handoffs.estimates.values().map(Kept::origin));
        let selected = run.selected.contains(&Step::publish());
        if let (true, Some(stale)) = (selected, origins.iter().find(|origin| origin.stale)) {
            return Err(Error::Mixture { input: stale.name.clone() });
        }
        Ok(Self { handoffs, origins })
    }

    /// Whether readers still see, whole and by link and pointer, a release that was published or switched back to. A file is
    /// read only where its size or times changed.
    pub fn apart(&self, project: &Project, store: &Store) -> Apart {
        let Found::Record(record) = store.record(&Step::publish()) else { return Apart::default() };
        let Some(release) = record.summary.fact_text("release") else { return Apart::default() };
        let marts = &project.pipeline.marts;
        let hash = |path: &Path| store.hashes.of(path).map(|found| found.0);
        let damages = mart::damages(marts, &hash).unwrap_or_else(|error| {
            vec![mart::Damage {
                file: mart::LINK.to_owned(),
                found: error.to_string(),
                expected: "a release".to_owned(),
            }]
        });
        let mut reasons: Vec<Rerun> = damages.into_iter().map(Rerun::from).collect();
        if mart::unswitched(marts).is_ok_and(|built| built.as_deref() == Some(&release)) {
            reasons.push(Rerun::NotSwitched { release: release.clone() });
        }
        // Whoever edits a file with its manifest and its checksums does not edit the store.
        let folder = marts.join("releases").join(&release);
        if let (true, Some(expected)) = (reasons.is_empty(), record.summary.fact_text("seal"))
            && let Ok(found) = mart::Manifest::read(&folder).and_then(|manifest| manifest.seal())
            && found != expected
        {
            let file = format!("releases/{release}/{}", mart::MANIFEST);
            reasons.push(Rerun::ReleaseDamaged { file, found, expected });
        }
        Apart { reasons }
    }
}

impl<'a> Input for &'a Everything<'a> {
    type Loaded = &'a Handoffs;

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok(self.origins.clone())
    }

    fn load(self, _: &Store) -> Result<Self::Loaded, Error> {
        Ok(self.handoffs)
    }
}

impl From<mart::Damage> for Rerun {
    fn from(damage: mart::Damage) -> Self {
        Self::ReleaseDamaged { file: damage.file, found: damage.found, expected: damage.expected }
    }
}

/// The current release where it is another than the last one published, e.g. after a rollback.
pub fn switched_away(project: &Project, published: Option<&str>) -> Option<String> {
    let current = mart::current(&project.pipeline.marts).ok().flatten()?;
    (Some(current.release.as_str()) != published).then_some(current.release)
}

/// Builds in `folder` what would be published now; nothing is switched. None where the current release is just that.
pub fn preview(
    project: &Project,
    run: &Run<'_>,
    handoffs: &Handoffs,
    folder: &Path,
) -> Result<Option<mart::ReleaseInfo>, PublishError> {
    let step = |_: &str| match run.check_interrupt() {
        Ok(()) => Ok(()),
        Err(_) => Err(io::Error::from(io::ErrorKind::Interrupted)),
    };
    let current = mart::current(&project.pipeline.marts)?;
    with_inputs(project, run, handoffs, None, |inputs| {
        let prepared = mart::prepare(inputs)?;
        if current.is_some_and(|current| current.release == prepared.release) {
            return Ok(None);
        }
        let (access, rebuild) = (mart::Access::default(), false);
        let target = Target { marts: folder, keep: 0, access, rebuild, step: &step, audit: None };
        let built = mart::publish_prepared(inputs, prepared, &target)?;
        mart::switch_to(&target, &built.release)?;
        Ok(mart::current(folder)?)
    })
}

/// Publishes what the walk has made, one run at a time in a folder of marts; a damaged release is built again.
pub fn publish(
    project: &Project,
    run: &Run<'_>,
    handoffs: &Handoffs,
    damaged: bool,
) -> Result<Handoff<PublishedAbout>, PublishError> {
    run.hold_marts(|| release::marts_lock(project, run.outside))?;
    let step = |name: &str| step(run, name);
    let marts = &project.pipeline.marts;
    let attack = |folder: &Path, release: &str| audit::gate(folder, release, marts);
    let is_audited = project.configuration.monitor.disclosure.protects(Protection::Audit);
    let target = Target { audit: is_audited.then_some(&attack), ..target(project, damaged, &step) };
    // What is damaged tells nothing of what was published.
    let current = mart::current(marts)?.filter(|_| damaged).map(|current| current.release);
    let published = with_inputs(project, run, handoffs, current.as_deref(), |inputs| {
        let prepared = mart::prepare(inputs)?;
        if let Some(points) = run.threshold {
            let estimates =
                prepared.tables.get(&(mart::Folder::Restricted, "estimate_exact".to_owned()));
            diff::against_current(project, estimates)?
                .iter()
                .try_for_each(|moves| diff::check(moves, points))?;
        }
        Ok(mart::publish_prepared(inputs, prepared, &target)?)
    })?;
    let (hashes, folder) = (&run.store.hashes, &published.folder);
    let known = |error| Error::Store { path: folder.clone(), error };
    for file in &published.files {
        let hash = Fingerprint(file.blake3.clone());
        hashes.learn(&folder.join(&file.path), &hash).map_err(known)?;
    }
    let seal = mart::Manifest::read(folder)?.seal()?;
    let tables =
        published.files.iter().filter_map(|file| Some((file.path.clone(), file.rows? as i64)));
    let (files, rows): (Vec<String>, Vec<i64>) = tables.unzip();
    let columns: [(&str, ArrayRef); 2] =
        [("file", Arc::new(StringArray::from(files))), ("rows", Arc::new(Int64Array::from(rows)))];
    let unprotected = project.configuration.monitor.disclosure.notice().map(|notice| Warning {
        code: "protection_off".to_owned(),
        panel: None,
        wave: None,
        message: notice.en,
    });
    Ok(Handoff {
        table: RecordBatch::try_from_iter(columns).map_err(mart::Error::from)?,
        extra: BTreeMap::new(),
        findings: Vec::new(),
        warnings: published.notes.iter().map(warning).chain(unprotected).collect(),
        about: PublishedAbout {
            release: published.release,
            outcome: match published.outcome {
                mart::Outcome::New => "new",
                mart::Outcome::Unchanged => "unchanged",
                mart::Outcome::SwitchedBack => "switched_back",
            }
            .to_owned(),
            seal,
        },
    })
}

/// Why nothing is published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Mart(#[from] mart::Error),
    #[error(transparent)]
    Store(#[from] Error),
}

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

impl KeptHandoffs<'_> {
    fn said<K: About>(
        &self,
        kept: Option<&Kept<K>>,
        extra: &[&str],
    ) -> Result<Said<K>, SourceError> {
        let kept = kept.ok_or("this hand-off was not made")?;
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
        let kept = self.handoffs.weighted.get(of).ok_or("this panel-wave was not weighted")?;
        Ok(unshared(kept.load(self.store)?))
    }

    fn weighted_said(&self, of: &PanelWave) -> Result<Said<WeightedAbout>, SourceError> {
        self.said(self.handoffs.weighted.get(of), &["diagnostic", "replicate_scale"])
    }

    fn weighted_fingerprint(&self, of: &PanelWave) -> Result<String, SourceError> {
        let kept = self.handoffs.weighted.get(of).ok_or("this panel-wave was not weighted")?;
        match &kept.content {
            Content::Known(content) => Ok(content.0.clone()),
            Content::Open | Content::Absent => Err("this panel-wave was not weighted".into()),
        }
    }
}

impl From<PublishError> for StageError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Mart(error) => error.into(),
            PublishError::Store(error) => error.into(),
        }
    }
}

impl From<Error> for StageError {
    fn from(error: Error) -> Self {
        Self { end: error.end(), findings: Vec::new(), error: Box::new(error) }
    }
}

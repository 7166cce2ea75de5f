//! The last line of the page: everything goes to the marts, and the release becomes the current one.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;
use config::monitor::Protection;
use mart::{EarlierRelease, Target};
use store::{Content, Fingerprint, Found, Input, Kept, Origin, Rerun, Step, Store};
use survey::{Code, Handoff, Warning};

use crate::audit;
use crate::delivery_file::DeliveryFile;
use crate::error::Error;
use crate::handoffs::{Handoffs, PublishedAbout};
use crate::mart_inputs::with_inputs;
use crate::project::Project;
use crate::release;
use crate::remote_marts;
use crate::run::{Apart, Run};
use crate::stage_errors::PublishError;
use crate::switch::{step, target, warning};
use crate::threshold;

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
    pub fn apart(&self, project: &Project, store: &Store) -> Apart<'static> {
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
        let mut reasons: Vec<Rerun> = damages.into_iter().map(damaged).collect();
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
        Apart { reasons, ..Apart::default() }
    }
}

impl<'a> Input for &'a Everything<'a> {
    type Loaded = &'a Handoffs;
    type Error = Error;

    fn reads(&self) -> Vec<Step> {
        self.handoffs.steps()
    }

    fn origins(&self, _: &Store) -> Result<Vec<Origin>, Error> {
        Ok(self.origins.clone())
    }

    fn load(self, _: &Store) -> Result<Self::Loaded, Error> {
        Ok(self.handoffs)
    }
}

fn damaged(damage: mart::Damage) -> Rerun {
    Rerun::ReleaseDamaged { file: damage.file, found: damage.found, expected: damage.expected }
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
        let (marts, audit, earlier) = (folder, None, None);
        let target = Target { marts, keep: 0, access, rebuild, step: &step, audit, earlier };
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
    remote_marts::mirror(project)?;
    let step = |name: &str| step(run, name);
    let marts = &project.pipeline.marts;
    let attack = |folder: &Path, release: &str| audit::gate(folder, release, marts);
    let is_audited = project.configuration.monitor.disclosure.protects(Protection::Audit);
    let current = mart::current(marts)?;
    let hash = |path: &Path| run.store.hashes.of(path).map(|found| found.0);
    let earlier =
        current.as_ref().map(|current| EarlierRelease { folder: &current.folder, hash: &hash });
    let audit: Option<mart::Audit<'_>> = if is_audited { Some(&attack) } else { None };
    let target = Target { audit, earlier, ..target(project, damaged, &step) };
    // What is damaged tells nothing of what was published.
    let current = current.as_ref().filter(|_| damaged).map(|current| current.release.clone());
    let published = with_inputs(project, run, handoffs, current.as_deref(), |inputs| {
        let prepared = mart::prepare(inputs)?;
        if let Some(points) = run.threshold {
            let estimates =
                prepared.tables.get(&(mart::Folder::Restricted, "estimate_exact".to_owned()));
            threshold::against_current(project, estimates)?
                .iter()
                .try_for_each(|moves| threshold::check(moves, points))?;
        }
        Ok(mart::publish_prepared(inputs, prepared, &target)?)
    })?;
    let (hashes, folder) = (&run.store.hashes, &published.folder);
    let known = |error| store::Error::Unwritable { path: folder.clone(), error };
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
        code: Code::ProtectionOff,
        panel: None,
        wave: None,
        message: notice.plain().to_owned(),
        hint: None,
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

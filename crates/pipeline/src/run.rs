//! One step at a time: decides whether it runs and why, runs it, keeps what it gives.

mod notes;
mod points;
mod shared;
mod why;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde::Serialize;
use store::ledger::{Ended, Ledger};
use store::lock::Lock;
use store::memo::Memo;
use store::spool::{Made, Spool, Written};
use store::{Content, Fingerprint, Input, Kept, Record, Rerun, Stage, Step, Store, Summary};
use survey::Handoff;
use survey::handoff::About;

use crate::error::{Error, StageError};
use crate::lineage::Lineage;
use crate::outcome::{Decision, Event, Mode, Outcome, Outside};
use crate::program::PROGRAM;
use crate::run::shared::is_shared;
use crate::run::why::{Now, check_read};

/// What sets one step apart from the others.
#[derive(Default)]
pub struct Apart<'a> {
    /// Reasons that only the caller knows, e.g. that a release is gone.
    pub reasons: Vec<Rerun>,
    /// What decides it beside inputs, settings and program, where workers share what they make.
    pub also: String,
    /// Called where another worker has made it.
    pub adopted: Option<&'a dyn Fn()>,
}

/// A step that has to run, and all that was found out about it.
struct Due {
    step: Step,
    record: Option<Record>,
    why: Vec<Rerun>,
    now: Now,
    also: String,
    stale: bool,
}

/// A walk over the page.
pub struct Run<'a> {
    pub store: &'a Store,
    pub mode: Mode,
    pub outside: &'a Outside,
    pub id: String,
    pub started: Timestamp,
    /// The chosen steps.
    pub selected: &'a BTreeSet<Step>,
    pub force: bool,
    /// Points by which an estimate may move before publishing is refused.
    pub threshold: Option<f64>,
    pub ledger: Option<&'a Ledger>,
    pub(crate) lineage: Option<&'a Lineage>,
    pub memo: Option<&'a Memo>,
    /// Set when something failed and the rest is not to go on.
    pub stop: AtomicBool,
    outcomes: Mutex<BTreeMap<Step, Outcome>>,
    /// Held from the moment at which a release is built until readers are switched to it.
    marts: Mutex<Option<Lock>>,
    /// What somebody has to know and no step says.
    remarks: Mutex<Vec<String>>,
    /// In mode `Grid`: each step with those that it reads.
    reads: Mutex<BTreeMap<Step, BTreeSet<Step>>>,
}

impl<'a> Run<'a> {
    pub fn new(
        store: &'a Store,
        mode: Mode,
        outside: &'a Outside,
        selected: &'a BTreeSet<Step>,
        id: String,
    ) -> Self {
        let started = (outside.now)();
        let (stop, outcomes) = (AtomicBool::new(false), Mutex::new(BTreeMap::new()));
        Self {
            store,
            mode,
            outside,
            id,
            started,
            selected,
            force: false,
            threshold: None,
            ledger: None,
            lineage: None,
            memo: None,
            stop,
            outcomes,
            marts: Mutex::default(),
            remarks: Mutex::default(),
            reads: Mutex::default(),
        }
    }

    /// Returns the kept hand-off of a step, or runs its function because something that it reads changed.
    pub fn step<I, S, M, E>(
        &self,
        step: Step,
        input: I,
        settings: impl Fn() -> S,
        function: impl FnOnce(I::Loaded, &S) -> Result<M, E>,
    ) -> Result<Kept<M::About>, Error>
    where
        I: Input<Error: Into<Error>>,
        S: Serialize,
        M: Made,
        E: Into<StageError>,
    {
        self.step_apart(step, Apart::default(), input, settings, function)
    }

    /// As `step`, with what sets it apart.
    pub fn step_apart<I, S, M, E>(
        &self,
        step: Step,
        apart: Apart<'_>,
        input: I,
        settings: impl Fn() -> S,
        function: impl FnOnce(I::Loaded, &S) -> Result<M, E>,
    ) -> Result<Kept<M::About>, Error>
    where
        I: Input<Error: Into<Error>>,
        S: Serialize,
        M: Made,
        E: Into<StageError>,
    {
        if self.mode == Mode::Grid {
            self.read_by(step.clone(), input.reads());
            return Ok(Kept::open(step));
        }
        self.check_interrupt()?;
        let origins = match input.origins(self.store) {
            Ok(origins) => origins,
            Err(_) if !self.selected.contains(&step) => Vec::new(),
            Err(error) => return Err(self.failed(&step, &[], None, error.into())),
        };
        let known = self.memo.and_then(|memo| memo.get(&step));
        let fingerprint = known.map_or_else(|| self.fingerprint_of(&step, &settings()), Ok)?;
        let now = Now { program: PROGRAM.to_owned(), settings: fingerprint, origins };
        let (mut record, mut why) = self.reasons(&step, &now, &settings);
        why.extend(apart.reasons.iter().cloned());
        if let Some(shared) = self.adopted(&step, &now, &why, &apart)? {
            record = Some(shared);
            why.clear();
        }
        let open: Vec<String> = now.names_of(&Content::Open);
        let stale = now.origins.iter().any(|origin| origin.stale);
        if !self.selected.contains(&step) {
            return Ok(self.not_selected(step, record, why, stale || !open.is_empty()));
        }
        if let Some(input) = now.names_of(&Content::Absent).into_iter().next() {
            let error = Error::InputMissing { step: step.to_string(), input };
            return Err(self.failed(&step, &why, None, error));
        }
        if self.force && !self.lock().contains_key(&step) {
            why.push(Rerun::Forced);
        }
        if why.is_empty() && open.is_empty() {
            return Ok(self.up_to_date(step, record, stale));
        }
        let due = Due { step, record, why, now, also: apart.also, stale };
        match self.mode {
            Mode::Plan => Ok(self.planned(due, open, input, &settings(), function)),
            Mode::Run | Mode::Grid => self.run(due, input, &settings(), function),
        }
    }

    fn not_selected<K>(
        &self,
        step: Step,
        record: Option<Record>,
        why: Vec<Rerun>,
        stale: bool,
    ) -> Kept<K> {
        let lost = why.iter().any(|reason| {
            matches!(reason, Rerun::OutputMissing { .. } | Rerun::OutputDamaged { .. })
        });
        let output = record.as_ref().filter(|_| !lost).map(|record| record.output.clone());
        let content = output
            .as_ref()
            .map_or(Content::Absent, |output| Content::Known(output.content.clone()));
        let stale = stale || !why.is_empty();
        self.note(Outcome {
            step: step.clone(),
            decision: if stale { Decision::NotSelected { why } } else { Decision::UpToDate },
            ended: None,
            seconds: 0.0,
            summary: record.map(|record| record.summary).unwrap_or_default(),
            problem: None,
        });
        Kept { step, content, output, value: None, stale }
    }

    fn up_to_date<K>(&self, step: Step, record: Option<Record>, stale: bool) -> Kept<K> {
        let record = record.map(|record| (record.output, record.summary));
        let (output, summary) =
            record.map_or((None, Summary::default()), |(output, summary)| (Some(output), summary));
        self.note(Outcome {
            step: step.clone(),
            decision: Decision::UpToDate,
            ended: None,
            seconds: 0.0,
            summary,
            problem: None,
        });
        let content = output
            .as_ref()
            .map_or(Content::Absent, |output| Content::Known(output.content.clone()));
        Kept { step, content, output, value: None, stale }
    }

    /// Says what would be done. A changed delivery is read, not kept, to say what changed in it.
    fn planned<I, S, M, E>(
        &self,
        due: Due,
        open: Vec<String>,
        input: I,
        settings: &S,
        function: impl FnOnce(I::Loaded, &S) -> Result<M, E>,
    ) -> Kept<M::About>
    where
        I: Input<Error: Into<Error>>,
        M: Made,
        E: Into<StageError>,
    {
        let Due { step, record, mut why, stale, .. } = due;
        let mut content = Content::Open;
        let mut output = None;
        let looks = step.stage == Stage::Ingest
            && why.iter().any(|reason| matches!(reason, Rerun::DeliveryChanged { .. }));
        if let (true, Some(record)) = (looks, &record)
            && let Ok(loaded) = input.load(self.store)
            && let Ok(made) = function(loaded, settings)
            && let (handoff, rows) = made.parts()
            && let Ok(table) = rows.map(Spool::written).transpose()
        {
            self.explain(&mut why, record, &handoff, table.as_ref());
            let measured = self.store.objects.measure(&handoff, table.as_ref());
            if measured.is_ok_and(|measured| measured.content == record.output.content) {
                content = Content::Known(record.output.content.clone());
                output = Some(record.output.clone());
            }
        }
        let decision = if why.is_empty() {
            Decision::MayRun { depends_on: open }
        } else {
            Decision::Run { why }
        };
        let summary = record.map(|record| record.summary).unwrap_or_default();
        self.note(Outcome {
            step: step.clone(),
            decision,
            ended: None,
            seconds: 0.0,
            summary,
            problem: None,
        });
        Kept { step, content, output, value: None, stale }
    }

    fn run<I, S, M, E>(
        &self,
        due: Due,
        input: I,
        settings: &S,
        function: impl FnOnce(I::Loaded, &S) -> Result<M, E>,
    ) -> Result<Kept<M::About>, Error>
    where
        I: Input<Error: Into<Error>>,
        M: Made,
        S: Serialize,
        E: Into<StageError>,
    {
        let Due { step, record, mut why, now, also, stale } = due;
        let _span = step.span().entered();
        self.observe(&Event::Started(step.clone()));
        let started = (self.outside.now)();
        tracing::info!(event = "step_started", why = %joined(&why));
        let said = self
            .lineage
            .map_or(Ok(()), |lineage| lineage.step_begins(&step, &now.origins, started));
        let computed = said.and_then(|()| self.point(&step, "begin")).and_then(|()| {
            let loaded = input.load(self.store).map_err(Into::into)?;
            let done = function(loaded, settings);
            done.map_err(|error| Error::Stage { step: step.clone(), error: error.into() })
        });
        let kept = computed.and_then(|made| {
            self.check_interrupt()?;
            self.point(&step, "computed")?;
            let (handoff, rows) = made.parts();
            check_read(&now, &handoff.about)?;
            let spooled = rows.is_some();
            let table = rows.map(Spool::written).transpose();
            let table = table.map_err(|error| self.store.unkept(&step, error.into()))?;
            if let Some(record) = &record {
                self.explain(&mut why, record, &handoff, table.as_ref());
            }
            let key = shared::key(&step, &now, &also);
            let fresh = self.write(&step, &why, (&now, &key), settings, (&handoff, table))?;
            Ok((handoff, fresh, spooled))
        });
        let (handoff, fresh, spooled) = match kept {
            Ok(kept) => kept,
            Err(error) => return Err(self.failed(&step, &why, Some(started), error)),
        };
        if let Some(lineage) = self.lineage {
            let times = (started, (self.outside.now)());
            lineage.step_ends(&step, &now.origins, times, (&handoff, &fresh))?;
        }
        let same = record.is_some_and(|record| record.output.content == fresh.output.content);
        let outcome = Outcome {
            step: step.clone(),
            decision: Decision::Run { why },
            ended: Some(if same { Ended::Unchanged } else { Ended::Changed }),
            seconds: self.seconds_since(started),
            summary: fresh.summary,
            problem: None,
        };
        tracing::info!(
            event = "step_finished",
            rows = outcome.summary.rows,
            unchanged = same,
            seconds = outcome.seconds
        );
        self.write_line(&outcome, started)?;
        self.note(outcome);
        let content = Content::Known(fresh.output.content.clone());
        Ok(Kept {
            step,
            content,
            output: Some(fresh.output),
            value: Some(handoff).filter(|_| !spooled).map(Arc::new),
            stale,
        })
    }

    /// Objects first, the record last: a crash between leaves the former record with its objects.
    fn write<K: About>(
        &self,
        step: &Step,
        why: &[Rerun],
        (now, key): (&Now, &Fingerprint),
        settings: &impl Serialize,
        (handoff, table): (&Handoff<K>, Option<Written>),
    ) -> Result<Record, Error> {
        let objects = &self.store.objects;
        let unkept = |error| self.store.unkept(step, error);
        let rows = table.as_ref().map(|table| table.rows);
        let output = objects.write(handoff, table, &self.store.hashes).map_err(unkept)?;
        objects.write_settings(&now.settings, &self.canonical(settings)?).map_err(unkept)?;
        self.point(step, "written")?;
        let record = Record {
            step: step.clone(),
            program: now.program.clone(),
            inputs: now.inputs(),
            settings: now.settings.clone(),
            output,
            kind: K::NAME.to_owned(),
            summary: Summary::of(handoff, rows),
            why: why.to_vec(),
        };
        if is_shared(step) {
            self.store.share(&record, key)?;
            self.point(step, "shared")?;
        }
        self.store.write_record(&record)?;
        self.store.forget_refused(step);
        self.point(step, "recorded")?;
        Ok(record)
    }
}

fn joined(why: &[Rerun]) -> String {
    why.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

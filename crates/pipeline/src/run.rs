//! One step at a time: decides whether it runs and why, runs it, keeps what it gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use survey::Handoff;
use survey::handoff::About;

use crate::difference;
use crate::error::{End, Error, StageError};
use crate::fingerprint::{Fingerprint, canonical};
use crate::kept::{Content, Input, Kept, Origin};
use crate::ledger::{Ended, Ledger, Line};
use crate::memo::Memo;
use crate::outcome::{Decision, Event, Mode, Outcome, Outside};
use crate::record::{Record, Summary, counts};
use crate::rerun::Rerun;
use crate::step::{Stage, Step};
use crate::store::{Found, Store};

/// What sets one step apart from the others.
#[derive(Debug, Default)]
pub struct Apart {
    /// Reasons that only the caller knows, e.g. that a release is gone.
    pub reasons: Vec<Rerun>,
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
    pub memo: Option<&'a Memo>,
    /// Set when something failed and the rest is not to go on.
    pub stop: AtomicBool,
    outcomes: Mutex<BTreeMap<Step, Outcome>>,
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
            memo: None,
            stop,
            outcomes,
        }
    }

    /// What became of every step, in the order of the grid.
    pub fn outcomes(&self) -> BTreeMap<Step, Outcome> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Step, Outcome>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the kept hand-off of a step, or runs its function because something that it reads changed.
    pub fn step<I, S, K, E>(
        &self,
        step: Step,
        input: I,
        settings: impl Fn() -> S,
        function: impl FnOnce(I::Loaded, &S) -> Result<Handoff<K>, E>,
    ) -> Result<Kept<K>, Error>
    where
        I: Input,
        S: Serialize,
        K: About,
        E: Into<StageError>,
    {
        self.step_apart(step, Apart::default(), input, settings, function)
    }

    /// As `step`, with what sets it apart.
    pub fn step_apart<I, S, K, E>(
        &self,
        step: Step,
        apart: Apart,
        input: I,
        settings: impl Fn() -> S,
        function: impl FnOnce(I::Loaded, &S) -> Result<Handoff<K>, E>,
    ) -> Result<Kept<K>, Error>
    where
        I: Input,
        S: Serialize,
        K: About,
        E: Into<StageError>,
    {
        self.check_interrupt()?;
        let origins = match input.origins(self.store) {
            Ok(origins) => origins,
            Err(_) if !self.selected.contains(&step) => Vec::new(),
            Err(error) => return Err(self.failed(&step, &[], None, error)),
        };
        let known = self.memo.and_then(|memo| memo.get(&step));
        let fingerprint = known.map_or_else(|| self.fingerprint_of(&step, &settings()), Ok)?;
        let now = Now { version: step.stage.version().to_string(), settings: fingerprint, origins };
        let (record, mut why) = self.reasons(&step, &now, &settings);
        why.extend(apart.reasons);
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
        let settings = settings();
        if self.mode == Mode::Plan {
            return self.planned(step, record, why, open, stale, input, &settings, function);
        }
        self.run(step, record, why, &now, stale, input, &settings, function)
    }

    fn fingerprint_of(&self, step: &Step, settings: &impl Serialize) -> Result<Fingerprint, Error> {
        let fingerprint = Fingerprint::of_bytes(self.canonical(settings)?.to_string().as_bytes());
        if let Some(memo) = self.memo {
            memo.learn(step, &fingerprint);
        }
        Ok(fingerprint)
    }

    fn canonical(&self, settings: &impl Serialize) -> Result<Value, Error> {
        canonical(settings)
            .map_err(|error| self.store.unwritable(self.store.folder(), error.into()))
    }

    /// Why the kept hand-off is not what would come out now.
    fn reasons<S: Serialize>(
        &self,
        step: &Step,
        now: &Now,
        settings: &impl Fn() -> S,
    ) -> (Option<Record>, Vec<Rerun>) {
        let record = match self.store.record(step) {
            Found::Nothing => return (None, vec![Rerun::FirstTime]),
            Found::Damaged(reason) => return (None, vec![reason]),
            Found::Record(record) => *record,
        };
        let mut why = now.input_reasons(&record);
        if record.settings != now.settings {
            why.extend(self.settings_reasons(&record, &settings()));
        }
        if record.version != now.version {
            why.push(Rerun::StageVersion { from: record.version.clone(), to: now.version.clone() });
        }
        why.extend(self.store.faults(&record.output));
        (Some(record), why)
    }

    fn settings_reasons(&self, record: &Record, settings: &impl Serialize) -> Vec<Rerun> {
        match (self.store.keep.read_json("settings", &record.settings), self.canonical(settings)) {
            (Ok(former), Ok(now)) => difference::reasons(&former, &now),
            _ => vec![Rerun::SettingsUnknown],
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
    #[expect(clippy::too_many_arguments, reason = "the state of one decision, passed once")]
    fn planned<I, S, K, E>(
        &self,
        step: Step,
        record: Option<Record>,
        mut why: Vec<Rerun>,
        open: Vec<String>,
        stale: bool,
        input: I,
        settings: &S,
        function: impl FnOnce(I::Loaded, &S) -> Result<Handoff<K>, E>,
    ) -> Result<Kept<K>, Error>
    where
        I: Input,
        K: About,
        E: Into<StageError>,
    {
        let mut content = Content::Open;
        let mut output = None;
        let looks = why.iter().any(|reason| matches!(reason, Rerun::DeliveryChanged { .. }));
        if let (true, Some(record)) = (looks, &record)
            && let Ok(handoff) = function(input.load(self.store)?, settings)
        {
            self.explain(&mut why, record, &handoff);
            let measured = self.store.keep.measure(&handoff);
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
        Ok(Kept { step, content, output, value: None, stale })
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one decision, passed once")]
    fn run<I, S, K, E>(
        &self,
        step: Step,
        record: Option<Record>,
        mut why: Vec<Rerun>,
        now: &Now,
        stale: bool,
        input: I,
        settings: &S,
        function: impl FnOnce(I::Loaded, &S) -> Result<Handoff<K>, E>,
    ) -> Result<Kept<K>, Error>
    where
        I: Input,
        K: About,
        S: Serialize,
        E: Into<StageError>,
    {
        let _span = span(&step).entered();
        self.observe(&Event::Started(step.clone()));
        let started = (self.outside.now)();
        tracing::info!(event = "step_started", why = %joined(&why));
        let computed = self.point(&step, "begin").and_then(|()| {
            let loaded = input.load(self.store)?;
            let done = function(loaded, settings);
            done.map_err(|error| Error::Stage { step: step.clone(), error: error.into() })
        });
        let kept = computed.and_then(|handoff| {
            self.check_interrupt()?;
            self.point(&step, "computed")?;
            if let Some(record) = &record {
                self.explain(&mut why, record, &handoff);
            }
            let fresh = self.write(&step, &why, now, settings, &handoff)?;
            Ok((handoff, fresh))
        });
        let (handoff, fresh) = match kept {
            Ok(kept) => kept,
            Err(error) => return Err(self.failed(&step, &why, Some(started), error)),
        };
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
            value: Some(Arc::new(handoff)),
            stale,
        })
    }

    /// Objects first, the record last: a crash between leaves the former record with its objects.
    fn write<K: About>(
        &self,
        step: &Step,
        why: &[Rerun],
        now: &Now,
        settings: &impl Serialize,
        handoff: &Handoff<K>,
    ) -> Result<Record, Error> {
        let keep = &self.store.keep;
        let unkept = |error| self.store.unkept(step, error);
        let output = keep.write(handoff, &self.store.hashes).map_err(unkept)?;
        keep.write_settings(&now.settings, &self.canonical(settings)?).map_err(unkept)?;
        self.point(step, "written")?;
        let record = Record {
            step: step.clone(),
            version: now.version.clone(),
            inputs: now.inputs(),
            settings: now.settings.clone(),
            output,
            kind: K::NAME.to_owned(),
            summary: Summary::of(handoff),
            why: why.to_vec(),
        };
        self.store.write_record(&record)?;
        self.store.forget_refused(step);
        self.point(step, "recorded")?;
        Ok(record)
    }

    /// Puts into the reasons what the changed delivery means in cells.
    fn explain<K: About>(&self, why: &mut [Rerun], record: &Record, handoff: &Handoff<K>) {
        for reason in why {
            if let Rerun::DeliveryChanged { change: change @ None, .. } = reason
                && let Ok(former) =
                    self.store.keep.read::<survey::handoff::RawAbout>(&record.output)
                && let Some(about) = raw_about(&handoff.about)
            {
                let fresh = Handoff {
                    table: handoff.table.clone(),
                    extra: BTreeMap::new(),
                    findings: Vec::new(),
                    warnings: Vec::new(),
                    about,
                };
                *change = Some(crate::delivery_change::delivery_change(&former, &fresh));
            }
        }
    }

    /// Notes a step that could not be done and hands its error on.
    fn failed(
        &self,
        step: &Step,
        why: &[Rerun],
        started: Option<Timestamp>,
        error: Error,
    ) -> Error {
        let ended = match error.end() {
            End::Refused => Ended::Refused,
            End::Interrupted => Ended::Interrupted,
            _ => Ended::Failed,
        };
        let started = started.unwrap_or_else(|| (self.outside.now)());
        let outcome = Outcome {
            step: step.clone(),
            decision: Decision::Run { why: why.to_vec() },
            ended: Some(ended),
            seconds: self.seconds_since(started),
            summary: match &error {
                Error::Stage { error, .. } => {
                    Summary { findings: counts(&error.findings), ..Summary::default() }
                }
                _ => Summary::default(),
            },
            problem: Some(error.to_string()),
        };
        if self.mode == Mode::Run {
            if let Error::Stage { error, .. } = &error {
                let _ = self.store.note_refused(step, &error.findings);
            }
            tracing::error!(event = "step_failed", step = %step, problem = %error);
            let _ = self.write_line(&outcome, started);
        }
        self.note(outcome);
        error
    }

    /// A step that is refused before it begins.
    pub fn refused(&self, step: &Step, error: Error) -> Error {
        self.failed(step, &[], None, error)
    }

    /// A step that is not reached because what it needs failed.
    pub fn blocked(&self, step: &Step, by: &str) {
        if self.lock().contains_key(step) {
            return;
        }
        self.note(Outcome {
            step: step.clone(),
            decision: Decision::Blocked { by: by.to_owned() },
            ended: None,
            seconds: 0.0,
            summary: Summary::default(),
            problem: None,
        });
    }

    fn write_line(&self, outcome: &Outcome, started: Timestamp) -> Result<(), Error> {
        let Some(ledger) = self.ledger else { return Ok(()) };
        let why =
            if let Decision::Run { why } = &outcome.decision { why.clone() } else { Vec::new() };
        let line = Line::Step {
            run: self.id.clone(),
            step: outcome.step.to_string(),
            stage: outcome.step.stage.name().to_owned(),
            panel: outcome.step.panel().map(str::to_owned),
            wave: outcome.step.wave(),
            started,
            seconds: outcome.seconds,
            why,
            rows: outcome.summary.rows,
            findings: outcome.summary.findings.clone(),
            ended: outcome.ended.unwrap_or(Ended::Failed),
            problem: outcome.problem.clone(),
        };
        ledger.append(&line).map_err(|error| self.store.unwritable(self.store.folder(), error))
    }

    /// A step that ran stays one when the page is walked again.
    fn note(&self, outcome: Outcome) {
        let mut outcomes = self.lock();
        let ran =
            |outcome: &Outcome| matches!(outcome.ended, Some(Ended::Changed | Ended::Unchanged));
        if outcome.ended.is_none() && outcomes.get(&outcome.step).is_some_and(ran) {
            return;
        }
        self.observe(&Event::Finished(Box::new(outcome.clone())));
        outcomes.insert(outcome.step.clone(), outcome);
    }

    fn observe(&self, event: &Event) {
        if let Some(observe) = &self.outside.observe {
            observe(event);
        }
    }

    pub fn check_interrupt(&self) -> Result<(), Error> {
        if self.outside.interrupted.load(Ordering::Relaxed) {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }

    /// A named point at which a test may let the disk fail.
    fn point(&self, step: &Step, point: &str) -> Result<(), Error> {
        let Some(fault) = &self.outside.fault else { return Ok(()) };
        fault(&format!("{step}/{point}"))
            .map_err(|error| self.store.unwritable(self.store.folder(), error))
    }

    fn seconds_since(&self, started: Timestamp) -> f64 {
        ((self.outside.now)().as_microsecond() - started.as_microsecond()) as f64 / 1e6
    }
}

/// What a step would be made of now.
struct Now {
    version: String,
    settings: Fingerprint,
    origins: Vec<Origin>,
}

impl Now {
    fn names_of(&self, content: &Content) -> Vec<String> {
        self.origins
            .iter()
            .filter(|origin| origin.content == *content)
            .map(|origin| origin.name.clone())
            .collect()
    }

    fn inputs(&self) -> BTreeMap<String, Fingerprint> {
        let known = self.origins.iter().filter_map(|origin| match &origin.content {
            Content::Known(fingerprint) => Some((origin.name.clone(), fingerprint.clone())),
            Content::Open | Content::Absent => None,
        });
        known.collect()
    }

    fn input_reasons(&self, record: &Record) -> Vec<Rerun> {
        let mut why = Vec::new();
        for origin in &self.origins {
            match (record.inputs.get(&origin.name), &origin.content) {
                (None, _) => why.push(Rerun::InputAdded { input: origin.name.clone() }),
                (Some(former), Content::Known(content)) if former != content => {
                    why.push(origin.changed(former, content));
                }
                _ => {}
            }
        }
        let gone = record
            .inputs
            .keys()
            .filter(|name| !self.origins.iter().any(|origin| origin.name == **name));
        why.extend(gone.map(|name| Rerun::InputRemoved { input: name.clone() }));
        why
    }
}

impl Origin {
    fn changed(&self, from: &Fingerprint, to: &Fingerprint) -> Rerun {
        match &self.file {
            Some(file) => Rerun::DeliveryChanged {
                delivery: self.name.trim_start_matches("delivery:").to_owned(),
                file: file.clone(),
                change: None,
            },
            None => Rerun::InputChanged {
                input: self.name.clone(),
                from: from.short().to_owned(),
                to: to.short().to_owned(),
            },
        }
    }
}

fn raw_about<K: About>(about: &K) -> Option<survey::handoff::RawAbout> {
    serde_json::from_value(serde_json::to_value(about).ok()?).ok()
}

fn joined(why: &[Rerun]) -> String {
    why.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Spans are named after the stages.
fn span(step: &Step) -> tracing::Span {
    let (panel, wave) = (step.panel(), step.wave());
    let place = step.place();
    macro_rules! stage_span {
        ($name:literal) => {
            tracing::info_span!($name, place, panel, wave)
        };
    }
    match step.stage {
        Stage::Ingest => stage_span!("ingest"),
        Stage::Admit => stage_span!("admit"),
        Stage::Harmonise => stage_span!("harmonise"),
        Stage::Confront => stage_span!("confront"),
        Stage::Weight => stage_span!("weight"),
        Stage::Estimate => stage_span!("estimate"),
        Stage::Publish => stage_span!("publish"),
    }
}

//! What became of the steps: outcomes for the report, lines of the ledger, events for an observer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{MutexGuard, PoisonError};

use jiff::Timestamp;
use store::ledger::{Ended, Line};
use store::lock::Lock;
use store::record::counts;
use store::{Rerun, Step, Summary};
use survey::Hinted;

use crate::error::{End, Error};
use crate::outcome::{Decision, Event, Mode, Outcome};
use crate::run::Run;

impl Run<'_> {
    /// What became of every step, in the order of the grid.
    pub fn outcomes(&self) -> BTreeMap<Step, Outcome> {
        self.lock().clone()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<Step, Outcome>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the step ran, perhaps on an earlier walk over the page.
    pub(super) fn ran(&self, step: &Step) -> bool {
        self.lock().get(step).is_some_and(ran)
    }

    /// Takes the lock of the marts until the end of the run, where it is not held already.
    pub fn hold_marts(&self, take: impl FnOnce() -> Result<Lock, Error>) -> Result<(), Error> {
        let mut held = self.marts.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            *held = Some(take()?);
        }
        Ok(())
    }

    pub fn holds_marts(&self) -> bool {
        self.marts.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Notes what a step reads.
    pub(super) fn read_by(&self, step: Step, reads: Vec<Step>) {
        let mut all = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(step, reads.into_iter().collect());
    }

    /// Each step that the page named, with those that it reads.
    pub fn reads(&self) -> BTreeMap<Step, BTreeSet<Step>> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something that somebody has to know.
    pub fn remark(&self, text: String) {
        self.remarks.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    pub fn remarks(&self) -> Vec<String> {
        self.remarks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A step that ran stays one when the page is walked again.
    pub(super) fn note(&self, outcome: Outcome) {
        let mut outcomes = self.lock();
        if outcome.ended.is_none() && outcomes.get(&outcome.step).is_some_and(ran) {
            return;
        }
        self.observe(&Event::Finished(Box::new(outcome.clone())));
        outcomes.insert(outcome.step.clone(), outcome);
    }

    /// Notes a step that could not be done and hands its error on.
    pub(super) fn failed(
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
        let began = started.is_some();
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
            problem: Some(error.with_hints()),
        };
        if self.mode == Mode::Run {
            if let Error::Stage { error, .. } = &error {
                let _ = self.store.note_refused(step, &error.findings);
            }
            tracing::error!(event = "step_failed", step = %step, problem = %error.with_hints());
            let _ = self.write_line(&outcome, started);
            if let Some(lineage) = self.lineage {
                let times = (started, (self.outside.now)());
                let _ = lineage.step_fails(step, began, times, &error);
            }
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

    pub(super) fn write_line(&self, outcome: &Outcome, started: Timestamp) -> Result<(), Error> {
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
        let written = ledger.append(&line);
        Ok(written.map_err(|error| self.store.unwritable(self.store.folder(), error))?)
    }

    pub(super) fn observe(&self, event: &Event) {
        if let Some(observe) = &self.outside.observe {
            observe(event);
        }
    }

    pub(super) fn seconds_since(&self, started: Timestamp) -> f64 {
        ((self.outside.now)().as_microsecond() - started.as_microsecond()) as f64 / 1e6
    }
}

fn ran(outcome: &Outcome) -> bool {
    matches!(outcome.ended, Some(Ended::Changed | Ended::Unchanged))
}

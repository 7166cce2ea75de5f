//! Starts a run or a plan: takes the lock, walks the page, writes the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use store::ledger::{Ended, Ledger, Line};
use store::lock::{Lock, Owner};
use store::memo::Memo;
use store::{Stage, Step};
use survey::Hinted;

use crate::diff::{self, Difference};
use crate::error::{End, Error};
use crate::lineage::Lineage;
use crate::outcome::{Decision, Event, Mode, Outcome, Outside};
use crate::page;
use crate::project::Project;
use crate::pseudonym_key;
use crate::release;
use crate::run::Run;
use crate::select::{Grid, Selection};

/// Times that the page is walked again because a kept hand-off turned out to be damaged.
const MOST_WALKS: usize = 20;

/// What a caller asks for.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command, each by its name")]
pub struct Request {
    pub selection: Selection,
    /// Runs the selected steps even where they are up to date.
    pub force: bool,
    /// The other panel-waves go on where one fails.
    pub keep_going: bool,
    /// Believes no size and time of a file.
    pub rehash: bool,
    /// Refuses to publish where an estimate moved by more points than this.
    pub threshold: Option<f64>,
    /// 0: as many as the machine has.
    pub threads: usize,
    /// A store that lies elsewhere and is of another program version is of this one from here on.
    pub upgrade_store: bool,
    /// Where OpenLineage events go, in place of what the pipeline file says.
    pub lineage: Option<PathBuf>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    pub run: String,
    pub ended: Ended,
    pub seconds: f64,
    pub outcomes: BTreeMap<Step, Outcome>,
    /// The release that was published.
    pub release: Option<String>,
    /// The run that exited without releasing its lock.
    pub stale_lock: Option<Owner>,
    /// What somebody has to know and no step says.
    pub remarks: Vec<String>,
    pub error: Option<Error>,
}

impl Report {
    pub fn ran(&self) -> usize {
        self.outcomes.values().filter(|outcome| outcome.ended.is_some()).count()
    }
}

/// Runs what has to run, and publishes.
pub fn run(project: &Project, request: &Request, outside: &Outside) -> Result<Report, Error> {
    begin(project, request, outside, |run| {
        again(run, || page::walk(project, run, request.keep_going))
    })
}

/// Runs all that a release is made of, keeps it, and says what publishing would change; nothing is published.
pub fn pending(
    project: &Project,
    request: &Request,
    outside: &Outside,
) -> Result<(Report, Option<Difference>), Error> {
    let mut request = request.clone();
    request.selection.exclude.push(Stage::Publish.name().to_owned());
    let mut difference = None;
    let report = begin(project, &request, outside, |run| {
        again(run, || {
            let all = page::handoffs(project, run, request.keep_going)?;
            difference = Some(diff::pending(project, run, &all)?);
            Ok(())
        })
    })?;
    Ok((report, difference))
}

/// Takes the lock, opens store and ledger, does the work, and writes down what came of it.
fn begin(
    project: &Project,
    request: &Request,
    outside: &Outside,
    work: impl FnOnce(&Run<'_>) -> Result<(), Error> + Send,
) -> Result<Report, Error> {
    let grid = page::grid(project);
    let selected = request.selection.steps(&grid)?;
    let started = (outside.now)();
    let folder = &project.pipeline.store;
    let lock = Lock::take(folder, &Owner { pid: outside.pid, since: started })?;
    project.ready_elsewhere(&*outside.random, request.upgrade_store)?;
    let store = project.store(request.rehash)?;
    let mut remarks = Vec::new();
    if let Some(release) = release::recover(project, outside)? {
        remarks.push(format!("a run was cut off while it switched to release {release}; link and pointer name the release before again"));
    }
    release::refresh_for(project, &store, outside)?;
    let exposed = project.access.close(folder).and_then(|mut exposed| {
        exposed.extend(mart::close(&project.pipeline.marts, project.access)?);
        Ok(exposed)
    });
    remarks.extend(exposed.map_err(release::failed)?.iter().map(|path| exposed_to_others(path)));
    let ledger =
        Ledger::open(folder).map_err(|error| store.unwritable(&Ledger::path(folder), error))?;
    pseudonym_key::salted(folder, &*outside.random)?;
    let state = project.state();
    project.check_sql_once(folder, &state)?;
    let broken = project.broken_promises();
    if !broken.is_empty() {
        return Err(Error::Configuration(broken));
    }
    let memo = Memo::open(folder.join("settings.json"), state);
    observe(outside, &Event::Grid(grid.reads.len()));

    let id = format!("{}-{}", started.strftime("%Y%m%dT%H%M%SZ"), outside.pid);
    let named = project.pipeline.lineage.as_ref().map(|lineage| &lineage.file);
    let lineage = match request.lineage.as_ref().or(named) {
        Some(file) => Some(Lineage::open(file, project, &id, started)?),
        None => None,
    };
    if let Some(lineage) = &lineage {
        lineage.run_begins(started)?;
    }
    let mut run = Run::new(&store, Mode::Run, outside, &selected, id.clone());
    run.lineage = lineage.as_ref();
    run.force = request.force;
    run.threshold = request.threshold;
    run.ledger = Some(&ledger);
    run.memo = Some(&memo);
    for remark in remarks {
        run.remark(remark);
    }
    tracing::info!(event = "run_started", run = %id, pipeline = %project.pipeline.name);
    let walked = with_threads(request.threads, || work(&run));

    mark_blocked(&run, &grid);
    let outcomes = run.outcomes();
    let release =
        outcomes.get(&Step::publish()).and_then(|outcome| outcome.summary.fact_text("release"));
    let mut report = Report {
        run: id,
        ended: ended(&walked, &outcomes),
        seconds: seconds(started, (outside.now)()),
        outcomes,
        release,
        stale_lock: lock.stale.clone(),
        remarks: run.remarks(),
        error: walked.err(),
    };
    if report.error.is_none() && report.ran() > 0 {
        match store.sweep() {
            Err(error) if report.ended != Ended::Published => report.error = Some(error.into()),
            Err(error) => report.remarks.push(error.with_hints()),
            Ok(_) => {}
        }
    }
    tracing::info!(
        event = "run_finished",
        run = %report.run,
        ended = report.ended.name(),
        steps = report.ran(),
        release = report.release.as_deref().unwrap_or_default(),
        seconds = report.seconds
    );
    let told =
        lineage.map_or(Ok(()), |lineage| lineage.run_ends((outside.now)(), report.error.as_ref()));
    let closed = store
        .hashes
        .save()
        .and_then(|()| memo.save())
        .and_then(|()| ledger.append(&line(&report, project, outside, started)))
        .map_err(|error| Error::from(store.unwritable(folder, error)));
    // What ended the run says more than that its end could not be written down; a release that readers see is published.
    if let Some(error) = told.and(closed).err() {
        if report.error.is_some() || report.ended == Ended::Published {
            report.remarks.push(unwritten(&error));
        } else {
            report.error = Some(error);
        }
    }
    if report.ran() > 0 && project.access.group.is_some() {
        report.remarks.extend(closed_to_others(project));
    }
    Ok(report)
}

/// Gives the store to those who may read it, and nobody else; what somebody has to know of it.
fn closed_to_others(project: &Project) -> Vec<String> {
    let folder = &project.pipeline.store;
    let closed = project.access.close_all(folder, &Lock::path(folder));
    closed.map_or_else(
        |error| vec![error.with_hints()],
        |exposed| exposed.iter().map(|path| exposed_to_others(path)).collect(),
    )
}

/// What would run, and why; nothing runs and nothing is written.
pub fn plan(
    project: &Project,
    request: &Request,
    outside: &Outside,
) -> Result<BTreeMap<Step, Outcome>, Error> {
    let grid = page::grid(project);
    let selected = request.selection.steps(&grid)?;
    project.fetch_salt()?;
    let store = project.store(request.rehash)?;
    release::refresh_for(project, &store, outside)?;
    let memo = Memo::open(store.folder().join("settings.json"), project.state());
    let mut run = Run::new(&store, Mode::Plan, outside, &selected, "plan".to_owned());
    run.memo = Some(&memo);
    run.force = request.force;
    let walked = with_threads(request.threads, || page::walk(project, &run, true));
    mark_blocked(&run, &grid);
    let interrupted = matches!(&walked, Err(error) if error.end() == End::Interrupted);
    if interrupted { Err(Error::Interrupted) } else { Ok(run.outcomes()) }
}

/// Walks, and again where a hand-off that was believed whole was not, since then its step has to run, or where another worker
/// published first.
fn again(run: &Run<'_>, mut walk: impl FnMut() -> Result<(), Error>) -> Result<(), Error> {
    let mut walked = Ok(());
    for _ in 0..MOST_WALKS {
        run.stop.store(false, Ordering::Relaxed);
        walked = walk();
        let Err(error) = &walked else { break };
        if error.is_overtaken() {
            // What this worker was about to publish knows nothing of what is published now.
            run.store.forget_record(&Step::publish());
        } else if !error.is_damage() {
            break;
        }
    }
    walked
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

fn unwritten(error: &Error) -> String {
    format!("the end of the run is not written down: {}", error.with_hints())
}

/// Steps that the walk did not reach, each with the failure above it.
fn mark_blocked(run: &Run<'_>, grid: &Grid) {
    let outcomes = run.outcomes();
    let failed: BTreeSet<&Step> = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.problem.is_some())
        .map(|(step, _)| step)
        .collect();
    for (step, reads) in &grid.reads {
        if outcomes.contains_key(step) || !run.selected.contains(step) {
            continue;
        }
        let mut open: Vec<&Step> = reads.iter().collect();
        let mut seen = BTreeSet::new();
        let mut by = None;
        while let Some(next) = open.pop() {
            if failed.contains(next) {
                by = by.max(Some(next));
            } else if seen.insert(next) {
                open.extend(grid.reads.get(next).into_iter().flatten());
            }
        }
        run.blocked(step, &by.map_or("the run stopped before it".to_owned(), ToString::to_string));
    }
}

fn ended(walked: &Result<(), Error>, outcomes: &BTreeMap<Step, Outcome>) -> Ended {
    let ran = |outcome: &Outcome| outcome.ended.is_some();
    match walked {
        Err(error) => match error.end() {
            End::Refused => Ended::Refused,
            End::Interrupted => Ended::Interrupted,
            _ => Ended::Failed,
        },
        Ok(()) if outcomes.get(&Step::publish()).is_some_and(ran) => Ended::Published,
        Ok(()) if outcomes.values().any(ran) => Ended::Done,
        Ok(()) => Ended::NothingToDo,
    }
}

fn line(report: &Report, project: &Project, outside: &Outside, started: Timestamp) -> Line {
    let count = |wanted: fn(&Outcome) -> bool| {
        report.outcomes.values().filter(|outcome| wanted(outcome)).count() as u64
    };
    Line::Run {
        run: report.run.clone(),
        pipeline: project.pipeline.name.clone(),
        pid: outside.pid,
        started,
        seconds: report.seconds,
        steps_run: count(|outcome| {
            matches!(outcome.ended, Some(Ended::Changed | Ended::Unchanged))
        }),
        steps_up_to_date: count(|outcome| outcome.decision == Decision::UpToDate),
        steps_failed: count(|outcome| outcome.problem.is_some()),
        findings: findings(&report.outcomes),
        release: report.release.clone(),
        ended: report.ended,
        problem: report.error.as_ref().map(Hinted::with_hints),
    }
}

/// Findings by severity over all stages.
pub fn findings(outcomes: &BTreeMap<Step, Outcome>) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for outcome in outcomes.values().filter(|outcome| outcome.step.stage != Stage::Publish) {
        for (severity, count) in &outcome.summary.findings {
            *sums.entry(severity.clone()).or_default() += count;
        }
    }
    sums
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    (to.as_microsecond() - from.as_microsecond()) as f64 / 1e6
}

fn exposed_to_others(path: &Path) -> String {
    let path = path.display();
    format!(
        "`{path}` is not for everyone and can be read by others: its file system knows no owners, or it belongs to another user"
    )
}

fn observe(outside: &Outside, event: &Event) {
    if let Some(observe) = &outside.observe {
        observe(event);
    }
}

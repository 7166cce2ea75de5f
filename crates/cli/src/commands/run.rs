//! `peil run`: run what has to run, and say what came of it.

use std::collections::BTreeMap;

use pipeline::Error;
use pipeline::outcome::{Decision, Outcome};
use pipeline::project::Project;
use pipeline::publish::switched_away;
use pipeline::start::{self, Report, Request};
use store::ledger::Ended;
use store::{Stage, Step};

use crate::arguments::RunArguments;
use crate::print::{grouped, message};
use crate::{commands, outside, print, progress};

pub fn run(arguments: &RunArguments) -> Result<u8, Error> {
    let project = commands::open(arguments.of.path())?;
    let request = Request {
        keep_going: arguments.keep_going,
        threshold: arguments.threshold,
        upgrade_store: arguments.upgrade_store,
        lineage: arguments.openlineage.clone(),
        ..commands::request(&arguments.selection)
    };
    let mut outside = outside::outside(arguments.fail_at.as_deref());
    if let Some(instant) = arguments.at {
        outside.now = outside::clock_from(instant);
    }
    let (bar, observe) = progress::observer();
    outside.observe = observe;
    let report = start::run(&project, &request, &outside);
    bar.finish_and_clear();
    let report = report?;
    for line in summary(&project, &report) {
        message(&line);
    }
    match report.error {
        None => Ok(0),
        Some(error) => {
            let code = error.end().exit_code();
            let receipts = receipts(&report.outcomes);
            print::error(&error);
            for line in &receipts {
                message(line);
            }
            Ok(code)
        }
    }
}

/// Where a person reads on who has to know what became of a delivery that was refused.
fn receipts(outcomes: &BTreeMap<Step, Outcome>) -> Vec<String> {
    const SHOWN: usize = 3;
    let failed = outcomes.values().filter(|outcome| outcome.problem.is_some());
    let failed =
        failed.filter(|outcome| (Stage::Admit..=Stage::Confront).contains(&outcome.step.stage));
    let read = failed.filter_map(|outcome| outcome.step.panel().zip(outcome.step.wave()));
    let mut lines: Vec<String> = read
        .take(SHOWN)
        .map(|(panel, wave)| {
            format!("  `peil show ingest:{panel}:{wave}` is the receipt of its delivery")
        })
        .collect();
    if !lines.is_empty() {
        lines.insert(0, "to read on:".to_owned());
        lines.push(
            "  `peil findings --severity error` lists what was found, cell by cell".to_owned(),
        );
    }
    lines
}

fn summary(project: &Project, report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(owner) = &report.stale_lock {
        lines.push(format!("note: the run of process {} since {} exited without releasing the lock, which was taken over, what it kept is used", owner.pid, owner.since));
    }
    lines.extend(report.remarks.iter().map(|remark| format!("note: {remark}")));
    if project.is_demonstration() {
        lines.push("warning: the pseudonyms are made with the demonstration key of the pipeline file: they hide nobody; `peil key new FILE` makes a key".to_owned());
    }
    if report.ended == Ended::NothingToDo {
        let stale = report
            .outcomes
            .values()
            .filter(|outcome| matches!(outcome.decision, Decision::NotSelected { .. }))
            .count();
        lines.push(if stale == 0 {
            format!("nothing to do: all {} steps are up to date", report.outcomes.len())
        } else {
            format!("nothing to do: what is selected is up to date; {stale} other steps are not, `peil plan` says why")
        });
        lines.extend(marts(project, report));
        return lines;
    }
    lines.push(headline(project, report));
    lines.extend(made_again(report));
    lines.extend(rows(report));
    lines.push(counts("findings", &start::findings(&report.outcomes)));
    lines.extend(design_effects(report));
    lines.extend(warnings(report));
    lines.extend(times(report));
    lines.extend(marts(project, report));
    lines
}

fn headline(project: &Project, report: &Report) -> String {
    let panel_waves: usize =
        project.panel_waves().values().map(std::collections::BTreeSet::len).sum();
    let unchanged =
        report.outcomes.values().filter(|outcome| outcome.ended == Some(Ended::Unchanged)).count();
    let same =
        if unchanged > 0 { format!(" ({unchanged} came out as before)") } else { String::new() };
    let what = match report.ended {
        Ended::Published => "published",
        Ended::Refused => "refused, nothing published",
        Ended::Failed => "failed, nothing published",
        Ended::Interrupted => "interrupted, nothing published",
        _ => "done, nothing published",
    };
    format!(
        "{what}: {panel_waves} panel-waves, {} of {} steps ran{same} in {:.1} s",
        report.ran(),
        report.outcomes.len(),
        report.seconds
    )
}

/// Kept hand-offs that were lost or damaged.
fn made_again(report: &Report) -> Vec<String> {
    let ran = report.outcomes.values().filter(|outcome| outcome.ended.is_some());
    ran.flat_map(|outcome| {
        let why = if let Decision::Run { why } = &outcome.decision { why.as_slice() } else { &[] };
        let lost = why.iter().filter(|reason| reason.is_loss());
        lost.map(|reason| format!("note: {}: {reason}; made again", outcome.step))
    })
    .collect()
}

/// Where every delivered row ended: the parts of each line add up.
fn rows(report: &Report) -> Vec<String> {
    let sum = |stage: Stage, fact: &str| -> u64 {
        let of_stage = of_stage(report, stage);
        of_stage.filter_map(|outcome| outcome.summary.number(fact)).sum::<f64>() as u64
    };
    let mut lines = vec![format!(
        "rows: {} in deliveries: {} cut, {} of no panel, {} quarantined, {} out of scope, {} kept",
        grouped(sum(Stage::Ingest, "rows_in")),
        grouped(sum(Stage::Ingest, "rows_cut")),
        grouped(sum(Stage::Admit, "rows_unassigned")),
        grouped(sum(Stage::Admit, "rows_quarantined")),
        grouped(sum(Stage::Confront, "rows_dropped")),
        grouped(sum(Stage::Confront, "rows_kept")),
    )];
    if of_stage(report, Stage::Weight).any(|outcome| outcome.summary.number("rows_in").is_some()) {
        lines.push(format!(
            "weights: {} of these rows have one{}",
            grouped(sum(Stage::Weight, "rows_weighted")),
            without_weight(report)
        ));
    }
    lines
}

/// Rows with weight 0, by reason.
fn without_weight(report: &Report) -> String {
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, count) in of_stage(report, Stage::Weight).flat_map(|outcome| &outcome.summary.facts)
    {
        if let Some(reason) = name.strip_prefix("rows_without_weight:") {
            *reasons.entry(reason).or_default() += count.as_u64().unwrap_or_default();
        }
    }
    let all: u64 = reasons.values().sum();
    let each: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| format!("{} {}", grouped(*count), reason.replace('_', " ")))
        .collect();
    if all == 0 { String::new() } else { format!(", {} do not: {}", grouped(all), each.join(", ")) }
}

fn counts(what: &str, counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return format!("{what}: none");
    }
    let parts: Vec<String> =
        counts.iter().map(|(name, count)| format!("{} {name}", grouped(*count))).collect();
    format!("{what}: {}", parts.join(", "))
}

/// Kish's design effect of the weights: range over the waves of each panel.
fn design_effects(report: &Report) -> Vec<String> {
    let mut ranges: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for outcome in of_stage(report, Stage::Weight) {
        if let (Some(panel), Some(deff)) =
            (outcome.step.panel(), outcome.summary.number("deff_kish"))
        {
            let range = ranges.entry(panel).or_insert((deff, deff));
            *range = (range.0.min(deff), range.1.max(deff));
        }
    }
    if ranges.is_empty() {
        return Vec::new();
    }
    let parts: Vec<String> =
        ranges.iter().map(|(panel, (low, high))| format!("{panel} {low:.2}–{high:.2}")).collect();
    vec![format!("design effect of the weights: {}", parts.join(", "))]
}

fn of_stage(report: &Report, stage: Stage) -> impl Iterator<Item = &Outcome> {
    report.outcomes.values().filter(move |outcome| outcome.step.stage == stage)
}

/// Reservations, the first few of each step.
fn warnings(report: &Report) -> Vec<String> {
    const SHOWN: usize = 10;
    let all: Vec<String> = report
        .outcomes
        .values()
        .flat_map(|outcome| {
            let place = outcome.step.place();
            outcome.summary.warnings.iter().map(move |warning| {
                if warning.starts_with(&place) {
                    format!("warning: {warning}")
                } else {
                    format!("warning: {place}: {warning}")
                }
            })
        })
        .collect();
    let mut lines: Vec<String> = all.iter().take(SHOWN).map(|text| print::below(text)).collect();
    if all.len() > SHOWN {
        lines.push(format!(
            "warnings: {} more; `peil show STEP` lists those of a step",
            all.len() - SHOWN
        ));
    }
    lines
}

/// How long each stage took, added up over its steps.
fn times(report: &Report) -> Vec<String> {
    let parts: Vec<String> = Stage::ALL
        .iter()
        .filter_map(|&stage| {
            let ran: Vec<f64> = of_stage(report, stage)
                .filter(|outcome| outcome.ended.is_some())
                .map(|outcome| outcome.seconds)
                .collect();
            (!ran.is_empty())
                .then(|| format!("{stage} {:.1} s ({})", ran.iter().sum::<f64>(), ran.len()))
        })
        .collect();
    if parts.is_empty() {
        Vec::new()
    } else {
        vec![format!("time by stage, all threads (steps): {}", parts.join(", "))]
    }
}

fn marts(project: &Project, report: &Report) -> Vec<String> {
    let publish = report.outcomes.get(&Step::publish());
    let release = publish.and_then(|outcome| outcome.summary.fact_text("release"));
    let Some(release) = release else { return Vec::new() };
    let folder = match &project.pipeline.elsewhere.marts {
        Some(address) => format!("{}/current.json", address.trim_end_matches('/')),
        None => project.pipeline.marts.join("current").display().to_string(),
    };
    if let Some(current) = switched_away(project, Some(&release)) {
        return vec![format!(
            "note: {folder} is release {current}, not {release} which was published last; `peil run --force --select publish` switches to it again"
        )];
    }
    vec![format!("marts: {folder} (release {release})")]
}

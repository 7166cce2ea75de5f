//! The plan as a grid of panel-waves × stages: for people as a table, for machines as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use store::{Stage, Step};

use crate::outcome::{Decision, Outcome};
use crate::page;
use crate::project::Project;

/// What would run; the order is that of the grid.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// Whether anything would run at all.
    pub anything: bool,
    pub would_run: usize,
    pub may_run: usize,
    pub up_to_date: usize,
    pub not_selected: usize,
    /// Steps that cannot be done, e.g. because a delivery is not there.
    pub cannot: usize,
    pub steps: Vec<PlannedStep>,
}

#[derive(Debug, Serialize)]
pub struct PlannedStep {
    pub name: String,
    pub stage: Stage,
    pub panels: Vec<String>,
    pub wave: Option<u32>,
    #[serde(flatten)]
    pub decision: Decision,
    /// The reasons as sentences.
    pub because: Vec<String>,
    pub problem: Option<String>,
}

/// A row of the grid: its name and what each stage would do.
pub struct Row {
    pub place: String,
    pub squares: Vec<&'static str>,
}

impl Plan {
    pub fn new(project: &Project, outcomes: &BTreeMap<Step, Outcome>) -> Self {
        let grid = page::grid(project);
        let count = |wanted: fn(&Outcome) -> bool| {
            outcomes.values().filter(|outcome| wanted(outcome)).count()
        };
        let steps = outcomes.values().map(|outcome| {
            let (panels, wave) = match &outcome.step.of {
                store::step::Subject::Delivery(delivery) => grid
                    .feeds
                    .get(delivery)
                    .map_or((Vec::new(), None), |(panels, wave)| (panels.clone(), Some(*wave))),
                _ => (
                    outcome.step.panel().map(str::to_owned).into_iter().collect(),
                    outcome.step.wave(),
                ),
            };
            PlannedStep {
                name: outcome.step.to_string(),
                stage: outcome.step.stage,
                panels,
                wave,
                because: because(&outcome.decision),
                decision: outcome.decision.clone(),
                problem: outcome.problem.clone(),
            }
        });
        let would_run = count(|outcome| {
            matches!(outcome.decision, Decision::Run { .. }) && outcome.problem.is_none()
        });
        let may_run = count(|outcome| matches!(outcome.decision, Decision::MayRun { .. }));
        Self {
            anything: would_run + may_run > 0,
            would_run,
            may_run,
            up_to_date: count(|outcome| outcome.decision == Decision::UpToDate),
            not_selected: count(|outcome| matches!(outcome.decision, Decision::NotSelected { .. })),
            cannot: count(|outcome| outcome.problem.is_some()),
            steps: steps.collect(),
        }
    }

    /// Rows of panel-waves with a square a stage, then the roll-ups.
    pub fn rows(&self) -> Vec<Row> {
        let mut places: BTreeSet<(String, Option<u32>)> = BTreeSet::new();
        for step in &self.steps {
            for panel in &step.panels {
                places.insert((panel.clone(), step.wave));
            }
        }
        let mut rows: Vec<Row> = places
            .into_iter()
            .map(|(panel, wave)| Row {
                squares: Stage::ALL.iter().map(|stage| self.square(*stage, &panel, wave)).collect(),
                place: wave.map_or(panel.clone(), |wave| format!("{panel} {wave}")),
            })
            .collect();
        if let Some(publish) = self.steps.iter().find(|step| step.stage == Stage::Publish) {
            let squares = Stage::ALL
                .iter()
                .map(|stage| if *stage == Stage::Publish { publish.word() } else { "" });
            rows.push(Row { place: "all".to_owned(), squares: squares.collect() });
        }
        rows
    }

    fn square(&self, stage: Stage, panel: &str, wave: Option<u32>) -> &'static str {
        let here = |step: &&PlannedStep| {
            step.stage == stage && step.wave == wave && step.panels.iter().any(|of| of == panel)
        };
        self.steps.iter().find(here).map_or("", PlannedStep::word)
    }
}

impl PlannedStep {
    /// One word for the grid.
    pub fn word(&self) -> &'static str {
        if self.problem.is_some() {
            return "cannot";
        }
        match self.decision {
            Decision::UpToDate => "ok",
            Decision::Run { .. } => "run",
            Decision::MayRun { .. } => "may run",
            Decision::NotSelected { .. } => "(stale)",
            Decision::Blocked { .. } => "blocked",
        }
    }
}

fn because(decision: &Decision) -> Vec<String> {
    match decision {
        Decision::UpToDate => Vec::new(),
        Decision::Run { why } | Decision::NotSelected { why } => {
            why.iter().map(ToString::to_string).collect()
        }
        Decision::MayRun { depends_on } => vec![format!("depends on {}", depends_on.join(", "))],
        Decision::Blocked { by } => vec![format!("blocked by {by}")],
    }
}

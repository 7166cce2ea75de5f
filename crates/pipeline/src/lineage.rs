//! OpenLineage: what ran, of what and into what, as events for a data catalogue; off unless a file is named.

mod columns;
mod event;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};
use store::json_lines::JsonLines;
use store::parquet_file;
use store::{Content, Origin, Record, Stage, Step};
use survey::handoff::About;
use survey::{Handoff, Hinted};

use crate::error::{End, Error};
use crate::lineage::columns::{Sources, sources};
use crate::lineage::event::{Dataset, JobRun, RunEvent, facet, schema};
use crate::project::Project;

/// The events of one run.
#[derive(Debug)]
pub struct Lineage {
    path: PathBuf,
    lines: JsonLines,
    names: Names,
    /// The run that all its steps have as parent.
    run: JobRun,
    sources: BTreeMap<Step, Sources>,
}

/// How the events speak of data: hand-offs by pipeline and step, files by their path.
#[derive(Debug)]
struct Names {
    namespace: String,
    deliveries: BTreeMap<String, String>,
    marts: PathBuf,
}

impl Lineage {
    pub fn open(
        path: &Path,
        project: &Project,
        run: &str,
        started: Timestamp,
    ) -> Result<Self, Error> {
        let failed = |error| Error::Lineage { path: path.to_owned(), error };
        let names = Names::of(project);
        Ok(Self {
            lines: JsonLines::open(path).map_err(failed)?,
            path: path.to_owned(),
            run: JobRun::new(&names.namespace, &project.pipeline.name, run, started),
            sources: sources(project, &names),
            names,
        })
    }

    pub fn run_begins(&self, at: Timestamp) -> Result<(), Error> {
        self.write(&RunEvent::new("START", at, &self.run))
    }

    pub fn run_ends(&self, at: Timestamp, error: Option<&Error>) -> Result<(), Error> {
        let event = RunEvent::new(end(error), at, &self.run);
        self.write(&with_error(event, error))
    }

    pub fn step_begins(
        &self,
        step: &Step,
        origins: &[Origin],
        started: Timestamp,
    ) -> Result<(), Error> {
        let event = self.step_event("START", step, started, started);
        self.write(&RunEvent { inputs: self.inputs(origins), ..event })
    }

    pub fn step_ends<K: About>(
        &self,
        step: &Step,
        origins: &[Origin],
        (started, at): (Timestamp, Timestamp),
        (handoff, record): (&Handoff<K>, &Record),
    ) -> Result<(), Error> {
        let mut inputs = self.inputs(origins);
        if let (Some(input), Some(assertions)) = (inputs.first_mut(), assertions(handoff)) {
            input.input_facets.insert("dataQualityAssertions", assertions);
        }
        let outputs = if step.stage == Stage::Publish {
            self.marts(handoff, record)
        } else {
            vec![self.output(step, handoff, record)]
        };
        let event = self.step_event("COMPLETE", step, started, at);
        self.write(&RunEvent { inputs, outputs, ..event })
    }

    /// A step that could not be done; `began` tells whether its start was said.
    pub fn step_fails(
        &self,
        step: &Step,
        began: bool,
        (started, at): (Timestamp, Timestamp),
        error: &Error,
    ) -> Result<(), Error> {
        if !began {
            self.step_begins(step, &[], started)?;
        }
        let event = self.step_event(end(Some(error)), step, started, at);
        self.write(&with_error(event, Some(error)))
    }

    fn write(&self, event: &RunEvent) -> Result<(), Error> {
        let failed = |error: io::Error| Error::Lineage { path: self.path.clone(), error };
        self.lines.append(event).map_err(failed)
    }

    fn step_event(
        &self,
        kind: &'static str,
        step: &Step,
        started: Timestamp,
        at: Timestamp,
    ) -> RunEvent {
        let run = JobRun::new(&self.names.namespace, &dotted(step), &self.run.id, started);
        let mut event = RunEvent::new(kind, at, &run);
        event.run.facets.insert("parent", self.run.as_parent());
        event
    }

    fn inputs(&self, origins: &[Origin]) -> Vec<Dataset> {
        let input = |origin: &Origin| {
            let mut dataset = self.names.of_origin(origin);
            if let Content::Known(content) = &origin.content {
                dataset.facets.insert("version", event::version(&content.0));
            }
            dataset
        };
        origins.iter().map(input).collect()
    }

    fn output<K>(&self, step: &Step, handoff: &Handoff<K>, record: &Record) -> Dataset {
        let mut dataset = self.names.of_step(step);
        let fields = handoff.table.schema();
        dataset.facets.insert("schema", schema(&fields));
        dataset.facets.insert("version", event::version(&record.output.content.0));
        let sources = self.sources.get(step);
        if let Some(lineage) = sources.and_then(|sources| columns::facet_of(sources, &fields)) {
            dataset.facets.insert("columnLineage", lineage);
        }
        dataset.output_facets.insert("outputStatistics", event::statistics(record.summary.rows));
        dataset
    }

    /// The tables of the release: the hand-off of `publish` lists them.
    fn marts<K>(&self, handoff: &Handoff<K>, record: &Record) -> Vec<Dataset> {
        let release = record.summary.fact_text("release").unwrap_or_default();
        let folder = self.names.marts.join("releases").join(&release);
        let mart = |(file, rows): (String, u64)| {
            let path = self.names.marts.join("current").join(&file);
            let mut dataset = Dataset::file(&path.to_string_lossy());
            if let Ok(fields) = parquet_file::schema(&folder.join(&file)) {
                dataset.facets.insert("schema", schema(&fields));
            }
            dataset.facets.insert("version", event::version(&release));
            dataset.output_facets.insert("outputStatistics", event::statistics(rows));
            dataset
        };
        event::texts_and_counts(&handoff.table, "file", "rows").into_iter().map(mart).collect()
    }
}

impl Names {
    fn of(project: &Project) -> Self {
        // Absolute, as the convention for files asks, where the file is there.
        let absolute = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let deliveries = project.pipeline.deliveries.iter().map(|delivery| {
            (delivery.name.clone(), absolute(&delivery.file).to_string_lossy().into_owned())
        });
        Self {
            namespace: format!("peil://{}", project.pipeline.name),
            deliveries: deliveries.collect(),
            marts: absolute(&project.pipeline.marts),
        }
    }

    fn of_step(&self, step: &Step) -> Dataset {
        Dataset::new(&self.namespace, &dotted(step))
    }

    fn of_delivery(&self, delivery: &str) -> Dataset {
        Dataset::file(self.deliveries.get(delivery).map_or(delivery, String::as_str))
    }

    fn of_origin(&self, origin: &Origin) -> Dataset {
        match origin.name.strip_prefix("delivery:") {
            Some(delivery) => self.of_delivery(delivery),
            None => Dataset::new(&self.namespace, &origin.name.replace(':', ".")),
        }
    }
}

/// `harmonise.gp.2025`.
fn dotted(step: &Step) -> String {
    step.to_string().replace(':', ".")
}

fn end(error: Option<&Error>) -> &'static str {
    match error.map(Error::end) {
        None => "COMPLETE",
        Some(End::Interrupted) => "ABORT",
        Some(_) => "FAIL",
    }
}

fn with_error(mut event: RunEvent, error: Option<&Error>) -> RunEvent {
    if let Some(error) = error {
        let facts = json!({"message": error.with_hints(), "programmingLanguage": "Rust"});
        let url = "1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet";
        event.run.facets.insert("errorMessage", facet(url, facts));
    }
    event
}

/// The outcomes of the rules, as assertions about what was confronted with them.
fn assertions<K>(handoff: &Handoff<K>) -> Option<Value> {
    let outcomes = handoff.extra.get("rule_outcome")?;
    let fails = event::texts_and_counts(outcomes, "rule", "fails");
    let broke = event::texts_and_counts(outcomes, "rule", "broke");
    let assertions = fails.into_iter().zip(broke).map(|((rule, fails), (_, broke))| {
        json!({"assertion": rule, "success": fails == 0 && broke == 0})
    });
    let url =
        "1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet";
    Some(facet(url, json!({"assertions": assertions.collect::<Vec<Value>>()})))
}

impl JobRun {
    fn as_parent(&self) -> Value {
        let facts = json!({"run": {"runId": self.id}, "job": {"namespace": self.namespace, "name": self.job}});
        facet("1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet", facts)
    }
}

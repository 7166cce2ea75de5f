//! Harmonised answers against what should hold: eligibility, rules, response quality, the wave before.

mod drift;
mod fates;
mod quality;
mod rules;
mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use config::monitor::Quality;
use config::panel::Filter;
use config::{Rule, harmonised_schema};
use serde::Serialize;
use survey::codebook::{Codebook, Kind, Role};
use survey::condition::SqlMistake;
use survey::handoff::CheckedAbout;
use survey::{Checked, Code, Expressions, Finding, Harmonised, PanelWave, Severity, columns};

use crate::error::{BrokenGate, Error, Mistake, Place};

/// What confront reads beside the answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConfrontSettings {
    pub panel_wave: PanelWave,
    /// All rules; those of other panels and waves are passed over.
    pub rules: Vec<Rule>,
    pub eligibility: Vec<Filter>,
    pub quality: Quality,
    /// Concepts and answers; its items are not read.
    pub codebook: Codebook,
    /// The paradata concept with the time taken; none where no export has it.
    pub duration: Option<String>,
}

impl ConfrontSettings {
    /// The concept with the role `duration`, else the first paradata number in seconds or minutes.
    pub fn duration_of(codebook: &Codebook) -> Option<String> {
        let timed = |unit: &str| unit.starts_with("second") || unit.starts_with("minute");
        let named = codebook.concepts.iter().find(|concept| concept.role == Role::Duration);
        let by_unit = || {
            codebook.concepts.iter().find(|concept| {
                concept.role == Role::Paradata
                    && concept.kind == Kind::Number
                    && timed(&concept.unit)
            })
        };
        named.or_else(by_unit).map(|concept| concept.concept.clone())
    }
}

/// The columns that are read of the wave before: what is compared, and what says who counts.
pub fn columns_before(
    settings: &ConfrontSettings,
    expressions: &dyn Expressions,
) -> BTreeSet<String> {
    let concepts = settings.codebook.concepts.iter().filter(|concept| drift::compares(concept));
    let concepts = concepts.map(|concept| concept.concept.clone());
    // A condition that cannot be read is refused before any column is.
    let read = |filter: &Filter| expressions.columns(&filter.condition).unwrap_or_default();
    let of_filters = settings.eligibility.iter().flat_map(read);
    concepts.chain(of_filters.map(|name| columns::of_sql(&name).to_owned())).collect()
}

/// Confronts harmonised answers with eligibility, rules, quality marks and the wave before.
pub fn confront(
    harmonised: &Harmonised,
    previous: Option<&Harmonised>,
    settings: &ConfrontSettings,
    expressions: &dyn Expressions,
) -> Result<Checked, Error> {
    let stage = Stage { harmonised, settings, expressions };
    stage.check_settings()?;
    let scope = scope::eligible(&stage, harmonised)?;
    let table = stage.arrow(within(&harmonised.table, &scope))?;
    let before = previous.map(|previous| stage.before(previous)).transpose()?;

    let ruled = rules::confront(&stage, &table, &scope.kept)?;
    let flags = quality::flags(&stage, &table);
    let mut findings = scope.findings.clone();
    findings.extend(ruled.findings);
    findings.extend(flags.findings.clone());
    findings.extend(drift::wholly_missing(&stage, &table));
    if let Some((wave, before)) = &before {
        findings.extend(drift::compare(&stage, &table, before, *wave));
    }
    let mut gates = ruled.broken;
    gates.extend((table.num_rows() == 0).then(|| BrokenGate {
        gate: "rows".to_owned(),
        subject: "no row is left in scope".to_owned(),
        found_percent: 0.0,
        allowed_percent: 0.0,
        places: scope.findings.clone(),
    }));
    if !gates.is_empty() {
        let (delivery, sheet) = (harmonised.about.delivery.clone(), harmonised.about.sheet.clone());
        let place = Box::new(Place { panel_wave: settings.panel_wave.clone(), delivery, sheet });
        return Err(Error::Gate { place, gates, findings });
    }
    let about = CheckedAbout {
        panel_wave: settings.panel_wave.clone(),
        delivery: harmonised.about.delivery.clone(),
        asked: harmonised.about.asked.clone(),
        rows_in: harmonised.table.num_rows() as u64,
        rows_kept: table.num_rows() as u64,
        rows_dropped: scope.dropped.clone(),
        flagged: flags.counts(),
        fates: fates::sum(&stage, &scope)?,
    };
    let table = stage.arrow(with_flags(&table, &flags))?;
    let extra = BTreeMap::from([("rule_outcome".to_owned(), stage.arrow(ruled.outcomes)?)]);
    Ok(Checked { table, extra, findings, warnings: Vec::new(), about })
}

/// The rows in scope.
fn within(table: &RecordBatch, scope: &scope::Scope) -> Result<RecordBatch, ArrowError> {
    if scope.dropped.is_empty() {
        Ok(table.clone())
    } else {
        filter_record_batch(table, &scope.kept)
    }
}

fn with_flags(table: &RecordBatch, flags: &quality::Flags) -> Result<RecordBatch, ArrowError> {
    let mut fields: Vec<Field> =
        table.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    let mut columns: Vec<ArrayRef> = table.columns().to_vec();
    for (name, flag) in flags.columns() {
        fields.push(Field::new(name, DataType::Boolean, true));
        columns.push(Arc::new(flag.clone()));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// What every part of the stage reads.
struct Stage<'a> {
    harmonised: &'a Harmonised,
    settings: &'a ConfrontSettings,
    expressions: &'a dyn Expressions,
}

impl Stage<'_> {
    fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.settings.rules.iter().filter(|rule| rule.holds_for(&self.settings.panel_wave))
    }

    /// What a condition may read: the columns of the answers, and concepts that were not asked here.
    fn readable(&self) -> Schema {
        let codebook = &self.settings.codebook;
        let mut fields = self.harmonised.table.schema().fields().to_vec();
        for field in harmonised_schema(codebook, &codebook.concepts).fields() {
            if fields.iter().all(|known| known.name() != field.name()) {
                fields.push(Arc::clone(field));
            }
        }
        Schema::new(fields)
    }

    /// All settings that cannot work, at once.
    fn check_settings(&self) -> Result<(), Error> {
        let schema = self.readable();
        let mut mistakes = Vec::new();
        let mut check = |place: String, sql: &str| {
            if let Err(found) = self.expressions.check(&schema, sql) {
                mistakes.extend(found.iter().map(|mistake| mistake_at(&place, mistake)));
            }
        };
        for filter in &self.settings.eligibility {
            check(self.filter_place(filter), &filter.condition);
        }
        for rule in self.rules() {
            check(format!("config/rules, rule `{}`", rule.name), &rule.condition);
        }
        for (block, concepts) in &self.settings.quality.straightliner_blocks {
            for concept in
                concepts.iter().filter(|concept| schema.column_with_name(concept).is_none())
            {
                mistakes.push(Mistake {
                    place: format!("config/monitor.toml, quality.straightliner_blocks.{block}"),
                    message: format!("no concept `{concept}`"),
                    hint: "concepts stand in config/codebook/concepts.csv".to_owned(),
                });
            }
        }
        if mistakes.is_empty() { Ok(()) } else { Err(self.configuration(mistakes)) }
    }

    fn filter_place(&self, filter: &Filter) -> String {
        format!(
            "config/panels/{}.toml, eligibility `{}`",
            self.settings.panel_wave.panel, filter.name
        )
    }

    /// The columns that a condition reads, and the first concept among them that was not asked.
    fn reads(
        &self,
        place: &str,
        sql: &str,
        asked: &BTreeSet<String>,
    ) -> Result<(Vec<String>, Option<String>), Error> {
        let columns = self
            .expressions
            .columns(sql)
            .map_err(|mistake| self.configuration(vec![mistake_at(place, &mistake)]))?;
        let is_concept = |name: &str| {
            self.settings
                .codebook
                .concept(name)
                .is_some_and(|concept| concept.role != Role::Identifier)
        };
        let not_asked = columns
            .iter()
            .map(|column| columns::concept_of(column))
            .find(|name| is_concept(name) && !asked.contains(*name))
            .map(str::to_owned);
        Ok((columns, not_asked))
    }

    /// The wave before, cut to the rows that would be in scope there.
    fn before(&self, previous: &Harmonised) -> Result<(survey::Wave, RecordBatch), Error> {
        let scope = scope::eligible(self, previous)?;
        let table = self.arrow(within(&previous.table, &scope))?;
        Ok((previous.about.panel_wave.wave, table))
    }

    fn finding(&self, code: Code, severity: Severity) -> Finding {
        let about = &self.harmonised.about;
        Finding { sheet: about.sheet.clone(), ..Finding::new(code, severity, &about.delivery) }
            .of(&self.settings.panel_wave)
    }

    /// A finding about one concept, with its column where it has one.
    fn concept_finding(&self, code: Code, severity: Severity, concept: &str) -> Finding {
        Finding {
            concept: Some(concept.to_owned()),
            column: self.harmonised.about.sources.get(concept).map(|(_, header)| header.clone()),
            ..self.finding(code, severity)
        }
    }

    fn configuration(&self, mistakes: Vec<Mistake>) -> Error {
        Error::Configuration { panel_wave: self.settings.panel_wave.clone(), mistakes }
    }

    fn broken_handoff(&self, what: &str) -> Error {
        Error::Handoff { panel_wave: self.settings.panel_wave.clone(), what: what.to_owned() }
    }

    fn arrow<T>(&self, result: Result<T, ArrowError>) -> Result<T, Error> {
        result.map_err(|error| self.broken_handoff(&error.to_string()))
    }
}

fn mistake_at(place: &str, mistake: &SqlMistake) -> Mistake {
    let position =
        mistake.position.map(|(line, column)| format!(", SQL line {line}, column {column}"));
    Mistake {
        place: format!("{place}{}", position.unwrap_or_default()),
        message: mistake.message.clone(),
        hint: mistake.hint.clone().unwrap_or_default(),
    }
}

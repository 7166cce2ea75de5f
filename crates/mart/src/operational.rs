//! The operational marts: findings, deliveries, weights' diagnostics, rules' outcomes, the run.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use survey::handoff::{AdmittedAbout, CheckedAbout, RawAbout, Treatment, WeightedAbout};
use survey::{Finding, PanelWave, Warning};

use crate::conservation;
use crate::error::Error;
use crate::inputs::{DeliveryInput, Inputs, Said};
use crate::table::{Columns, count, numbers, text};

/// What the stages said, without their tables.
#[derive(Default)]
pub struct Reports {
    pub raw: BTreeMap<String, RawAbout>,
    pub admitted: BTreeMap<PanelWave, AdmittedAbout>,
    pub checked: BTreeMap<PanelWave, CheckedAbout>,
    pub weighted: BTreeMap<PanelWave, WeightedAbout>,
    outcomes: Vec<(PanelWave, RecordBatch)>,
    diagnostics: Vec<(PanelWave, RecordBatch)>,
    findings: Vec<(&'static str, Finding)>,
    warnings: Vec<(&'static str, Warning)>,
}

impl Reports {
    pub fn load(inputs: &Inputs<'_>) -> Result<Self, Error> {
        let mut reports = Self::default();
        for delivery in inputs.deliveries {
            let said = inputs.source.raw(&delivery.name).map_err(Error::source(&delivery.name))?;
            let about = reports.hear("ingest", said).0;
            reports.raw.insert(delivery.name.clone(), about);
        }
        for of in inputs.panel_waves {
            let admitted = inputs.source.admitted(of).map_err(Error::source(of))?;
            let harmonised = inputs.source.harmonised(of).map_err(Error::source(of))?;
            let checked = inputs.source.checked(of).map_err(Error::source(of))?;
            let weighted = inputs.source.weighted_said(of).map_err(Error::source(of))?;
            let admitted = reports.hear("admit", admitted).0;
            reports.admitted.insert(of.clone(), admitted);
            reports.hear("harmonise", harmonised);
            let (checked, mut extra) = reports.hear("confront", checked);
            reports.checked.insert(of.clone(), checked);
            reports.outcomes.extend(extra.remove("rule_outcome").map(|table| (of.clone(), table)));
            let (weighted, mut extra) = reports.hear("weight", weighted);
            reports.weighted.insert(of.clone(), weighted);
            reports.diagnostics.extend(extra.remove("diagnostic").map(|table| (of.clone(), table)));
        }
        for estimates in inputs.estimates {
            reports
                .findings
                .extend(estimates.findings.iter().map(|finding| ("estimate", finding.clone())));
            reports
                .warnings
                .extend(estimates.warnings.iter().map(|warning| ("estimate", warning.clone())));
        }
        Ok(reports)
    }

    fn hear<K>(
        &mut self,
        stage: &'static str,
        said: Said<K>,
    ) -> (K, BTreeMap<String, RecordBatch>) {
        self.findings.extend(said.findings.into_iter().map(|finding| (stage, finding)));
        self.warnings.extend(said.warnings.into_iter().map(|warning| (stage, warning)));
        (said.about, said.extra)
    }

    /// All operational tables but `meta_run`, by name.
    pub fn tables(
        &self,
        deliveries: &[DeliveryInput],
    ) -> Result<BTreeMap<String, RecordBatch>, Error> {
        let tables = [
            ("finding", self.findings()?),
            ("delivery", self.deliveries(deliveries)?),
            ("conservation", conservation::table(self)?),
            ("weight_diagnostic", self.diagnostics()?),
            ("rule_outcome", self.outcomes()?),
        ];
        Ok(tables.into_iter().map(|(name, table)| (name.to_owned(), table)).collect())
    }

    /// One row about the release.
    pub fn meta_run(&self, inputs: &Inputs<'_>) -> Result<RecordBatch, Error> {
        let monitor = &inputs.configuration.monitor;
        let run = inputs.run;
        let respondents: u64 = self.checked.values().map(|about| about.rows_kept).sum();
        Columns::default()
            .text("monitor", [monitor.name.as_str()])
            .text("notice_nl", [monitor.notice.nl.as_str()])
            .text("notice_en", [monitor.notice.en.as_str()])
            .text("started", [run.started.as_str()])
            .text("version", [run.version.as_str()])
            .text("settings_fingerprint", [run.settings_fingerprint.as_str()])
            .text("pseudonym_key", [run.pseudonym_key.as_str()])
            .count("panel_waves", [inputs.panel_waves.len() as u64])
            .count("deliveries", [inputs.deliveries.len() as u64])
            .count("respondents", [respondents])
            .count("findings", [self.findings.len() as u64])
            .count("warnings", [self.warnings.len() as u64])
            .count("minimum_base", [monitor.disclosure.minimum_base])
            .count("minimum_cell", [monitor.disclosure.minimum_cell])
            .numbers("significance_level", [Some(monitor.significance.level)])
            .numbers("confidence", [Some(monitor.significance.confidence)])
            .build()
    }

    fn findings(&self) -> Result<RecordBatch, Error> {
        let reserved: Vec<(&str, Finding)> =
            self.warnings.iter().map(|(stage, warning)| (*stage, as_finding(warning))).collect();
        let of_kind = |kind: &'static str| move |(stage, finding)| (kind, stage, finding);
        let findings =
            self.findings.iter().map(|(stage, finding)| (*stage, finding)).map(of_kind("finding"));
        let warnings =
            reserved.iter().map(|(stage, finding)| (*stage, finding)).map(of_kind("warning"));
        let rows: Vec<(&str, &str, &Finding)> = findings.chain(warnings).collect();
        let each =
            |of: fn(&Finding) -> &str| rows.iter().map(move |row| of(row.2)).collect::<Vec<_>>();
        let maybe = |of: fn(&Finding) -> Option<&str>| {
            rows.iter().map(move |row| of(row.2)).collect::<Vec<_>>()
        };
        Columns::default()
            .count("place", 1..=rows.len() as u64)
            .text("kind", rows.iter().map(|row| row.0))
            .text("stage", rows.iter().map(|row| row.1))
            .text("code", each(|finding| &finding.code))
            .text("severity", each(|finding| finding.severity.name()))
            .maybe_text("rule", maybe(|finding| finding.rule.as_deref()))
            .maybe_text("panel", maybe(|finding| finding.panel.as_deref()))
            .maybe_small("wave", rows.iter().map(|row| row.2.wave.map(i32::from)))
            .text("delivery", each(|finding| &finding.delivery))
            .maybe_text("sheet", maybe(|finding| finding.sheet.as_deref()))
            .maybe_text("cell", maybe(|finding| finding.cell.as_deref()))
            .maybe_count("record", rows.iter().map(|row| row.2.record))
            .maybe_count("line", rows.iter().map(|row| row.2.line))
            .maybe_text("header", maybe(|finding| finding.column.as_deref()))
            .maybe_text("concept", maybe(|finding| finding.concept.as_deref()))
            .text("found", each(|finding| &finding.found))
            .text("expected", each(|finding| &finding.expected))
            .text("action", each(|finding| &finding.action))
            .text("hint", each(|finding| &finding.hint))
            .count("count", rows.iter().map(|row| row.2.count))
            .build()
    }

    fn deliveries(&self, deliveries: &[DeliveryInput]) -> Result<RecordBatch, Error> {
        let rows: Vec<(&DeliveryInput, &RawAbout)> = deliveries
            .iter()
            .filter_map(|given| Some((given, self.raw.get(&given.name)?)))
            .collect();
        let personal = |raw: &RawAbout| {
            raw.columns
                .iter()
                .filter(|column| column.treatment == Treatment::DroppedPersonal)
                .count() as u64
        };
        let admitted = |name: &str, of: fn(&AdmittedAbout) -> u64| -> u64 {
            self.admitted.values().filter(|about| about.delivery == name).map(of).sum()
        };
        let checked = |name: &str, of: fn(&CheckedAbout) -> u64| -> u64 {
            self.checked.values().filter(|about| about.delivery == name).map(of).sum()
        };
        let unassigned = |name: &str| conservation::unassigned(self, name);
        let quarantined =
            |name: &str| admitted(name, |about| about.rows_quarantined.values().sum());
        let out_of_scope = |name: &str| checked(name, |about| about.rows_dropped.values().sum());
        Columns::default()
            .text("delivery", rows.iter().map(|row| row.0.name.as_str()))
            .text("file", rows.iter().map(|row| row.1.file.as_str()))
            .small("wave", rows.iter().map(|row| i32::from(row.0.wave)))
            .texts("panels", rows.iter().map(|row| row.0.panels.join("|")))
            .text("profile", rows.iter().map(|row| row.1.profile.as_str()))
            .text("container", rows.iter().map(|row| row.1.container.as_str()))
            .maybe_text("encoding", rows.iter().map(|row| row.1.encoding.as_deref()))
            .maybe_text("sheet", rows.iter().map(|row| row.1.sheet.as_deref()))
            .maybe_text("release", rows.iter().map(|row| row.0.release.as_deref()))
            .maybe_text("replaces", rows.iter().map(|row| row.0.replaces.as_deref()))
            .count("bytes", rows.iter().map(|row| row.1.bytes))
            .text("blake3", rows.iter().map(|row| row.1.blake3.as_str()))
            .count("rows_in", rows.iter().map(|row| row.1.rows_in))
            .count("rows_cut", rows.iter().map(|row| row.1.rows_cut.values().sum()))
            .count("rows_out", rows.iter().map(|row| row.1.rows_out))
            .count("blank_rows", rows.iter().map(|row| row.1.blank_rows))
            .count("columns", rows.iter().map(|row| row.1.columns.len() as u64))
            .count("columns_personal", rows.iter().map(|row| personal(row.1)))
            .count("rows_unassigned", rows.iter().map(|row| unassigned(&row.0.name)))
            .count("rows_quarantined", rows.iter().map(|row| quarantined(&row.0.name)))
            .count("rows_out_of_scope", rows.iter().map(|row| out_of_scope(&row.0.name)))
            .count(
                "rows_weighted",
                rows.iter().map(|row| checked(&row.0.name, |about| about.rows_kept)),
            )
            .build()
    }

    fn diagnostics(&self) -> Result<RecordBatch, Error> {
        let mut rows: Vec<(&PanelWave, String, String, String, Option<f64>)> = Vec::new();
        for (of, about) in &self.weighted {
            let whole = [
                ("rounds", f64::from(about.rounds)),
                ("converged", f64::from(u8::from(about.converged))),
                ("largest_distance", about.largest_distance),
                ("deff_kish", about.deff_kish),
                ("n_eff", about.n_eff),
                ("population", about.population),
            ];
            rows.extend(whole.map(|(measure, value)| {
                (of, measure.to_owned(), String::new(), String::new(), Some(value))
            }));
        }
        for (of, table) in &self.diagnostics {
            let (measure, margin, level) =
                (text(table, "measure")?, text(table, "margin")?, text(table, "level")?);
            let value = numbers(table, "value")?;
            for (row, number) in value.iter().enumerate() {
                let whole = margin.value(row).is_empty() && level.value(row).is_empty();
                let said = rows.iter().any(|known| {
                    known.0 == of && known.1 == measure.value(row) && known.2.is_empty()
                });
                if !(whole && said) {
                    let [measure, margin, level] =
                        [measure, margin, level].map(|column| column.value(row).to_owned());
                    rows.push((of, measure, margin, level, number));
                }
            }
        }
        rows.sort_by(|left, right| left.0.cmp(right.0));
        let method =
            |of: &PanelWave| self.weighted.get(of).map_or("", |about| about.method.as_str());
        Columns::default()
            .text("panel", rows.iter().map(|row| row.0.panel.as_str()))
            .small("wave", rows.iter().map(|row| i32::from(row.0.wave)))
            .text("method", rows.iter().map(|row| method(row.0)))
            .text("measure", rows.iter().map(|row| row.1.as_str()))
            .text("margin", rows.iter().map(|row| row.2.as_str()))
            .text("level", rows.iter().map(|row| row.3.as_str()))
            .numbers("value", rows.iter().map(|row| row.4))
            .build()
    }

    fn outcomes(&self) -> Result<RecordBatch, Error> {
        let mut tables = Vec::new();
        for (of, table) in &self.outcomes {
            let rows = table.num_rows();
            let mut columns = Columns::default()
                .text("panel", std::iter::repeat_n(of.panel.as_str(), rows))
                .small("wave", std::iter::repeat_n(i32::from(of.wave), rows));
            for name in ["rule", "label", "severity"] {
                columns = columns.maybe_text(name, text(table, name)?);
            }
            for name in ["passes", "fails", "cannot_tell", "broke"] {
                let counts = count(table, name)?.iter().map(|value| value.map(i64::cast_unsigned));
                columns = columns.maybe_count(name, counts);
            }
            tables.push(columns.build()?);
        }
        match tables.first() {
            Some(first) => Ok(concat_batches(first.schema_ref(), &tables)?),
            None => no_outcomes(),
        }
    }
}

fn no_outcomes() -> Result<RecordBatch, Error> {
    let columns = Columns::default().text("panel", []).small("wave", []);
    let columns = ["rule", "label", "severity"]
        .into_iter()
        .fold(columns, |columns, name| columns.text(name, []));
    let counts = ["passes", "fails", "cannot_tell", "broke"];
    counts.into_iter().fold(columns, |columns, name| columns.count(name, [])).build()
}

fn as_finding(warning: &Warning) -> Finding {
    Finding {
        panel: warning.panel.clone(),
        wave: warning.wave,
        found: warning.message.clone(),
        ..Finding::new(&warning.code, survey::Severity::Warning, "")
    }
}

//! The operational marts: findings, deliveries, weights' diagnostics, rules' outcomes, the run.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use survey::handoff::{AdmittedAbout, CheckedAbout, RawAbout, RawColumn, Treatment, WeightedAbout};
use survey::{Finding, PanelWave, Severity, Warning};

use crate::conservation;
use crate::error::Error;
use crate::inputs::{DeliveryInput, Inputs, ReplacedDelivery};
use crate::replicate;
use crate::reports::Reports;
use crate::table::{Columns, count, numbers, text};

impl Reports {
    /// What was found in the file of one delivery, in the order of the stages: what is said of its columns, rows and
    /// cells, and nothing of shares of answers.
    pub fn findings_of(&self, delivery: &str) -> impl Iterator<Item = &Finding> {
        let of_the_file = |stage: &str, finding: &Finding| {
            matches!(stage, "ingest" | "admit") || finding.cell.is_some()
        };
        let findings = self.findings.iter();
        findings
            .filter(move |(stage, finding)| {
                finding.delivery == delivery && of_the_file(stage, finding)
            })
            .map(|(_, finding)| finding)
    }

    /// How often something of a severity was found in a panel-wave.
    pub fn found(&self, of: &PanelWave, severity: Severity) -> u64 {
        let own = self.findings.iter().map(|(_, finding)| finding).filter(|finding| {
            finding.severity == severity
                && finding.panel.as_deref() == Some(&of.panel)
                && finding.wave == Some(of.wave)
        });
        own.map(|finding| finding.count).sum()
    }

    /// All operational tables but `meta_run`, by name.
    pub fn tables(&self, inputs: &Inputs<'_>) -> Result<BTreeMap<String, RecordBatch>, Error> {
        let panels = &inputs.configuration.panels;
        let tables = [
            ("finding", self.findings()?),
            ("delivery", self.deliveries(inputs)?),
            ("conservation", conservation::table(self)?),
            ("weight_diagnostic", self.diagnostics()?),
            (
                "replicate_design",
                replicate::designs(&self.replicate_scales, |name| panels.get(name))?,
            ),
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
            .labels("notice", &monitor.languages, [&monitor.notice])
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
            .text("code", each(|finding| finding.code.name()))
            .text("severity", each(|finding| finding.severity.name()))
            .maybe_text("rule", maybe(|finding| finding.rule.as_deref()))
            .maybe_text("panel", maybe(|finding| finding.panel.as_deref()))
            .maybe_small("wave", rows.iter().map(|row| row.2.wave.map(|wave| wave as i32)))
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

    /// Those that were read, then those that later ones replace: of these nothing was counted.
    fn deliveries(&self, inputs: &Inputs<'_>) -> Result<RecordBatch, Error> {
        let read = inputs.deliveries.iter().filter_map(|given| {
            Some(DeliveryRow { given, read: self.raw.get(&given.name), replaced: None })
                .filter(|row| row.read.is_some())
        });
        let replaced = inputs.replaced.iter().map(|replaced| DeliveryRow {
            given: &replaced.given,
            read: None,
            replaced: Some(replaced),
        });
        let rows: Vec<DeliveryRow<'_>> = read.chain(replaced).collect();
        let text = |of: fn(&RawAbout) -> &str, or: fn(&ReplacedDelivery) -> &str| {
            rows.iter().map(move |row| row.either(of, or).unwrap_or_default()).collect::<Vec<_>>()
        };
        let maybe = |of: fn(&RawAbout) -> Option<&str>| {
            rows.iter().map(move |row| row.read.and_then(of)).collect::<Vec<_>>()
        };
        let counted = |of: fn(&RawAbout) -> u64| {
            rows.iter().map(move |row| row.read.map(of)).collect::<Vec<_>>()
        };
        let admitted = |of: fn(&AdmittedAbout) -> u64| {
            let of_row = |row: &DeliveryRow<'_>| {
                let fed = self.admitted.values().filter(|about| about.delivery == row.given.name);
                row.read.map(|_| fed.map(of).sum())
            };
            rows.iter().map(of_row).collect::<Vec<Option<u64>>>()
        };
        let checked = |of: fn(&CheckedAbout) -> u64| {
            let of_row = |row: &DeliveryRow<'_>| {
                let fed = self.checked.values().filter(|about| about.delivery == row.given.name);
                row.read.map(|_| fed.map(of).sum())
            };
            rows.iter().map(of_row).collect::<Vec<Option<u64>>>()
        };
        let weighted = |of: fn(&WeightedAbout) -> u64| {
            let of_row = |row: &DeliveryRow<'_>| {
                let fed = self.weighted.values().filter(|about| about.delivery == row.given.name);
                row.read.map(|_| fed.map(of).sum())
            };
            rows.iter().map(of_row).collect::<Vec<Option<u64>>>()
        };
        let unassigned = |row: &DeliveryRow<'_>| {
            row.read.map(|_| conservation::unassigned(self, &row.given.name))
        };
        let bytes = |row: &DeliveryRow<'_>| row.either(|raw| raw.bytes, |replaced| replaced.bytes);
        let given = |of: fn(&DeliveryInput) -> Option<&str>| {
            rows.iter().map(move |row| of(row.given)).collect::<Vec<_>>()
        };
        let by = rows.iter().map(|row| Some(row.replaced?.replaced_by.as_str()));
        Columns::default()
            .text("delivery", rows.iter().map(|row| row.given.name.as_str()))
            .text("file", text(|raw| &raw.file, |replaced| &replaced.file))
            .small("wave", rows.iter().map(|row| row.given.wave as i32))
            .texts("panels", rows.iter().map(|row| row.given.panels.join("|")))
            .text("profile", text(|raw| &raw.profile, |replaced| &replaced.profile))
            .maybe_text("container", maybe(|raw| Some(&raw.container)))
            .maybe_text("encoding", maybe(|raw| raw.encoding.as_deref()))
            .maybe_text("sheet", maybe(|raw| raw.sheet.as_deref()))
            .maybe_text("release", given(|given| given.release.as_deref()))
            .maybe_text("replaces", given(|given| given.replaces.as_deref()))
            .maybe_text("replaced_by", by)
            .count("bytes", rows.iter().map(|row| bytes(row).unwrap_or_default()))
            .text("blake3", text(|raw| &raw.blake3, |replaced| &replaced.blake3))
            .maybe_count("rows_in", counted(|raw| raw.rows_in))
            .maybe_count("rows_cut", counted(|raw| raw.rows_cut.values().sum()))
            .maybe_count("rows_out", counted(|raw| raw.rows_out))
            .maybe_count("blank_rows", counted(|raw| raw.blank_rows))
            .maybe_count("columns", counted(|raw| raw.columns.len() as u64))
            .maybe_count("columns_personal", counted(personal))
            .maybe_count("rows_unassigned", rows.iter().map(unassigned))
            .maybe_count(
                "rows_quarantined",
                admitted(|about| about.rows_quarantined.values().sum()),
            )
            .maybe_count("rows_out_of_scope", checked(|about| about.rows_dropped.values().sum()))
            .maybe_count("rows_weighted", weighted(|about| about.rows_weighted))
            .maybe_count(
                "rows_without_weight",
                weighted(|about| about.rows_without_weight.values().sum()),
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
            .small("wave", rows.iter().map(|row| row.0.wave as i32))
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
                .small("wave", std::iter::repeat_n(of.wave as i32, rows));
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

/// A delivery of the mart `delivery`: read, or replaced by a later one.
struct DeliveryRow<'a> {
    given: &'a DeliveryInput,
    read: Option<&'a RawAbout>,
    replaced: Option<&'a ReplacedDelivery>,
}

impl<'a> DeliveryRow<'a> {
    fn either<T>(
        &self,
        of: impl Fn(&'a RawAbout) -> T,
        or: impl Fn(&'a ReplacedDelivery) -> T,
    ) -> Option<T> {
        self.read.map(of).or_else(|| self.replaced.map(or))
    }
}

fn personal(raw: &RawAbout) -> u64 {
    let dropped = |column: &&RawColumn| column.treatment == Treatment::DroppedPersonal;
    raw.columns.iter().filter(dropped).count() as u64
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
        hint: warning.hint.clone().unwrap_or_default(),
        ..Finding::new(warning.code, survey::Severity::Warning, "")
    }
}

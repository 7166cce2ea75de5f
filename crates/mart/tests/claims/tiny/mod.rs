//! A tiny survey made by hand: one panel, two waves, two questions; synthetic.

mod estimates;
pub mod settings;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int8Array, Int16Array, Int32Array,
    Int64Array, StringArray,
};
use arrow::record_batch::RecordBatch;
use config::Configuration;
use mart::{
    Before, Decision, DeliveryInput, Families, Inputs, PanelContrast, PanelFigure, RunFacts, Said,
    Source, SourceError, Tested,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use survey::condition::SqlMistake;
use survey::handoff::{AdmittedAbout, CheckedAbout, HarmonisedAbout, RawAbout};
use survey::{
    Code, Estimates, Finding, Handoff, Message, PanelWave, Severity, SqlTables, Weighted, columns,
};

use estimates::estimates;
use settings::configuration;

/// The figure of a cell with too few answers; it may stand in no public file.
pub const SECRET: f64 = 0.123_456_789;

pub struct Tiny {
    pub configuration: Configuration,
    pub deliveries: Vec<DeliveryInput>,
    pub panel_waves: Vec<PanelWave>,
    pub estimates: Vec<Estimates>,
    pub run: RunFacts,
    pub hands: Hands,
    pub before: Before,
}

impl Tiny {
    pub fn new() -> Self {
        let panel_waves = vec![PanelWave::new("gp", 2024), PanelWave::new("gp", 2025)];
        let delivery = |of: &PanelWave| DeliveryInput {
            name: name_of(of),
            wave: of.wave,
            panels: vec![of.panel.clone()],
            id_space: of.panel.clone(),
            release: None,
            replaces: None,
        };
        Self {
            configuration: configuration(),
            deliveries: panel_waves.iter().map(delivery).collect(),
            panel_waves,
            estimates: vec![estimates()],
            run: RunFacts {
                started: "2026-01-01T00:00:00Z".to_owned(),
                version: "0".to_owned(),
                ..RunFacts::default()
            },
            hands: Hands { rows: 4, double: false, found: vec![] },
            before: Before::default(),
        }
    }

    pub fn inputs(&self) -> Inputs<'_> {
        Inputs {
            configuration: &self.configuration,
            deliveries: &self.deliveries,
            replaced: &[],
            panel_waves: &self.panel_waves,
            source: &self.hands,
            estimates: &self.estimates,
            tables: &Copies,
            families: &AsTheyAre,
            before: &self.before,
            run: &self.run,
        }
    }
}

fn name_of(of: &PanelWave) -> String {
    format!("{}_{}", of.panel, of.wave)
}

/// Hand-offs made on request.
pub struct Hands {
    pub rows: usize,
    /// One pseudonym twice.
    pub double: bool,
    /// Found when the deliveries were read.
    pub found: Vec<Finding>,
}

impl Source for Hands {
    fn raw(&self, delivery: &str) -> Result<Said<RawAbout>, SourceError> {
        let column = |position: u32, header: &str, treatment: &str| {
            json!({"position": position, "header": header, "occurrence": 1, "header_rows": [header],
                   "treatment": treatment, "classes": [0, 4, 0, 0, 0, 0, 0]})
        };
        let rows = self.rows as u64;
        let mut said: Said<RawAbout> = said(
            json!({"delivery": delivery, "file": format!("{delivery}.csv"), "profile": "csv", "bytes": 10, "blake3": "00",
            "container": "csv", "encoding": "UTF-8", "encoding_reason": null, "decimal_comma": false, "thousands": false,
            "sheet": null, "sheets": [], "used_range": null, "header_row": 1, "first_column": 0,
            "columns": [column(0, "video", "kept"), column(1, "mail", "dropped_personal")],
            "rows_in": rows + 1, "rows_out": rows, "blank_rows": 0, "rows_cut": {"footer": 1}, "notes": []}),
        )?;
        let own = self.found.iter().filter(|finding| finding.delivery == delivery);
        said.findings.extend(own.cloned());
        Ok(said)
    }

    fn admitted(&self, of: &PanelWave) -> Result<Said<AdmittedAbout>, SourceError> {
        said(
            json!({"panel_wave": of, "delivery": name_of(of), "sheet": null, "first_column": 0, "sources": {},
            "identifier": [0, "id", true], "rows_in": self.rows, "rows_kept": self.rows, "rows_quarantined": {},
            "rows_unassigned": {}, "fates": []}),
        )
    }

    fn harmonised(&self, of: &PanelWave) -> Result<Said<HarmonisedAbout>, SourceError> {
        let mut said: Said<HarmonisedAbout> = said(
            json!({"panel_wave": of, "delivery": name_of(of), "sheet": null,
            "first_column": 0, "asked": ["sex", "video"], "missing": {}, "unused_recodes": [], "sources": {}, "headers": {}}),
        )?;
        said.findings.push(Finding::new(Code::RecodeUnused, Severity::Info, &name_of(of)).of(of));
        Ok(said)
    }

    fn checked(&self, of: &PanelWave) -> Result<Said<CheckedAbout>, SourceError> {
        let fate = |fate: Value, cells: u64| json!({"delivery": name_of(of), "column": 0, "header": "video", "panel": of.panel, "fate": fate, "reason": "", "cells": cells});
        let kept = self.rows as u64 - 1;
        let mut said: Said<CheckedAbout> =
            said(json!({"panel_wave": of, "delivery": name_of(of), "asked": ["sex", "video"],
            "rows_in": self.rows, "rows_kept": self.rows, "rows_dropped": {}, "flagged": {},
            "fates": [fate(json!("kept"), kept), fate(json!({"missing": "dont_know"}), 1)]}))?;
        let text = |value: &str| -> ArrayRef { Arc::new(StringArray::from(vec![value])) };
        let count = |value: i64| -> ArrayRef { Arc::new(Int64Array::from(vec![value])) };
        let outcome = RecordBatch::try_from_iter([
            ("rule", text("r")),
            ("label", text("R")),
            ("severity", text("warning")),
            ("passes", count(3)),
            ("fails", count(1)),
            ("cannot_tell", count(0)),
            ("broke", count(0)),
        ])
        .map_err(mart::Error::from)?;
        said.extra.insert("rule_outcome".to_owned(), outcome);
        Ok(said)
    }

    fn weighted(&self, of: &PanelWave) -> Result<Weighted, SourceError> {
        let rows = self.rows;
        let name = |row: usize| format!("{:032x}", if self.double { row / 2 } else { row });
        let category = |keys: Vec<Option<i16>>, codes: Vec<&str>| -> ArrayRef {
            Arc::new(DictionaryArray::new(
                Int16Array::from(keys),
                Arc::new(StringArray::from(codes)),
            ))
        };
        let video = (0..rows).map(|row| (row % 4 != 3).then_some((row % 2) as i16)).collect();
        let missing = (0..rows).map(|row| (row % 4 == 3).then_some(4)).collect::<Vec<Option<i8>>>();
        let columns: Vec<(&str, ArrayRef)> = vec![
            (
                columns::RESPONDENT,
                Arc::new((0..rows).map(|row| Some(name(row))).collect::<StringArray>()),
            ),
            (columns::WAVE, Arc::new(Int32Array::from(vec![of.wave as i32; rows]))),
            (columns::RECORD, Arc::new(Int64Array::from_iter_values(1..=rows as i64))),
            (
                "sex",
                category((0..rows).map(|row| Some((row % 2) as i16)).collect(), vec!["f", "m"]),
            ),
            ("sex__missing", Arc::new(Int8Array::from(vec![None; rows]))),
            ("video", category(video, vec!["yes", "no"])),
            ("video__missing", Arc::new(Int8Array::from(missing))),
            ("age", Arc::new(Float64Array::from(vec![Some(40.0); rows]))),
            ("age__missing", Arc::new(Int8Array::from(vec![None; rows]))),
            ("remark", Arc::new(StringArray::from(vec!["my mail is x@example.org"; rows]))),
            (columns::FLAG_SPEEDER, Arc::new(BooleanArray::from(vec![false; rows]))),
            (columns::FLAG_STRAIGHTLINER, Arc::new(BooleanArray::from(vec![false; rows]))),
            (columns::FLAG_DUPLICATE, Arc::new(BooleanArray::from(vec![false; rows]))),
            (columns::BASE_WEIGHT, Arc::new(Float64Array::from(vec![1.0; rows]))),
            (columns::WEIGHT, Arc::new(Float64Array::from(vec![1.5; rows]))),
        ];
        let table = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        )
        .map_err(mart::Error::from)?;
        let about = read(
            json!({"panel_wave": of, "delivery": name_of(of), "asked": ["sex", "video", "age"],
            "method": "raking", "margins": ["sex"], "rounds": 3, "converged": true, "largest_distance": 0.0,
            "deff_kish": 1.0, "n_eff": rows, "population": 100.0, "sum_of_weights": 100.0}),
        )?;
        Ok(Handoff { table, extra: BTreeMap::new(), findings: vec![], warnings: vec![], about })
    }

    fn weighted_fingerprint(&self, of: &PanelWave) -> Result<String, SourceError> {
        Ok(format!("{of} {}", self.rows))
    }
}

fn read<K: DeserializeOwned>(about: Value) -> Result<K, Message> {
    serde_json::from_value(about).map_err(|error| Message::plain(error.to_string()))
}

fn said<K: DeserializeOwned>(about: Value) -> Result<Said<K>, SourceError> {
    let about = read(about)?;
    Ok(Said { about, findings: vec![], warnings: vec![], extra: BTreeMap::new() })
}

/// Each test by itself; what is kept of it is its p.
struct AsTheyAre;

impl Families for AsTheyAre {
    fn between_panels(&self, _: [&PanelFigure; 2]) -> Option<PanelContrast> {
        None
    }

    fn decide(&self, family: &[Tested]) -> Vec<Decision> {
        let decision = |test: &Tested| {
            let p = test.numbers[0];
            let is_called = p < 0.05 && !test.stays;
            Decision { p_adjusted: p, is_called, interval: (p - 0.01, p + 0.01), detectable: 0.02 }
        };
        family.iter().map(decision).collect()
    }
}

/// Instead of an engine: the SQL is the name of a table, and the answer is that table's first columns.
struct Copies;

impl SqlTables for Copies {
    fn query(
        &self,
        tables: &BTreeMap<String, Vec<RecordBatch>>,
        sql: &str,
    ) -> Result<RecordBatch, SqlMistake> {
        let missing = || SqlMistake {
            message: format!("no table `{sql}`"),
            position: Some((1, 1)),
            hint: None,
        };
        let table = tables.get(sql).and_then(|batches| batches.first()).ok_or_else(missing)?;
        let wanted = ["indicator", "panel", "wave", "breakdown", "level", "estimate"];
        let places: Vec<usize> =
            wanted.iter().filter_map(|name| table.schema().index_of(name).ok()).collect();
        table.project(&places).map_err(|_| missing())
    }
}

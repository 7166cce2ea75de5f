//! A tiny survey made by hand: one panel, two waves, two questions; synthetic.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, DictionaryArray, Float64Array, Int8Array, Int16Array,
    Int32Array, Int64Array, ListArray, StringArray,
};
use arrow::datatypes::Float64Type;
use arrow::record_batch::RecordBatch;
use config::{Breakdown, Configuration, Indicator, IndicatorKind, MartFile};
use mart::{
    Before, Decision, DeliveryInput, Families, Inputs, PanelContrast, PanelFigure, RunFacts, Said,
    Source, SourceError, Tested,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use survey::codebook::{Answer, Codebook, Concept, Kind, Role};
use survey::condition::SqlMistake;
use survey::handoff::{AdmittedAbout, CheckedAbout, EstimatesAbout, HarmonisedAbout, RawAbout};
use survey::{
    Code, Estimates, Finding, Handoff, PanelWave, Severity, SqlTables, Weighted, columns,
};

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
        ])?;
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
        )?;
        let about = serde_json::from_value(
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

fn said<K: DeserializeOwned>(about: Value) -> Result<Said<K>, SourceError> {
    let about = serde_json::from_value(about)?;
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

/// Wave, breakdown, level, n, yes, estimate.
type Row = (i32, &'static str, &'static str, i64, i64, f64);

/// Indicator video by sex; the women of 2025 are too few.
fn estimates() -> Estimates {
    let cells: Vec<Row> = vec![
        (2024, "total", "total", 200, 80, 0.4),
        (2024, "sex", "f", 100, 30, 0.3),
        (2024, "sex", "m", 100, 50, 0.5),
        (2025, "total", "total", 190, 104, total()),
        (2025, "sex", "f", 8, 1, SECRET),
        (2025, "sex", "m", 100, 55, 0.55),
        (2025, "sex", "x", 82, 49, 0.6),
    ];
    let text = |value: &str| -> ArrayRef { Arc::new(StringArray::from(vec![value; cells.len()])) };
    let of = |pick: fn(&Row) -> &'static str| -> ArrayRef {
        Arc::new(StringArray::from(cells.iter().map(pick).collect::<Vec<_>>()))
    };
    let count = |pick: fn(i64) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from(cells.iter().map(|cell| pick(cell.3)).collect::<Vec<_>>()))
    };
    let figure = |pick: fn(f64) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from(cells.iter().map(|cell| pick(cell.5)).collect::<Vec<_>>()))
    };
    let yes: ArrayRef = Arc::new(cells.iter().map(|cell| Some(cell.4)).collect::<Int64Array>());
    let weights: ArrayRef =
        Arc::new(cells.iter().map(|cell| Some(cell.3 as f64 * 1.5)).collect::<Float64Array>());
    let table = RecordBatch::try_from_iter([
        ("indicator", text("video")),
        ("panel", text("gp")),
        (
            "wave",
            Arc::new(Int32Array::from(cells.iter().map(|cell| cell.0).collect::<Vec<_>>()))
                as ArrayRef,
        ),
        ("breakdown", of(|cell| cell.1)),
        ("level", of(|cell| cell.2)),
        ("n", count(|n| n)),
        ("n_yes", yes),
        ("n_sample", count(|n| n + 1)),
        ("sum_of_weights", weights),
        ("n_eff", figure(|value| value * 20.0)),
        ("deff", figure(|value| value * 30.0)),
        ("estimate", figure(|value| value)),
        ("standard_error", figure(|value| value / 10.0)),
        ("ci_lower", figure(|value| value - 0.01)),
        ("ci_upper", figure(|value| value + 0.01)),
        ("degrees_of_freedom", figure(|_| 100.0)),
        ("status", text("published")),
        ("reason", text("")),
        ("comparability", text("comparable")),
        ("comparability_note", text("")),
    ])
    .unwrap();
    let about = EstimatesAbout { panel: "gp".to_owned(), waves: vec![2024, 2025] };
    let extra =
        BTreeMap::from([("change".to_owned(), change()), ("contrast".to_owned(), contrast())]);
    Handoff { table, extra, findings: vec![], warnings: vec![], about }
}

/// The proportion of everybody in 2025.
fn total() -> f64 {
    (8.0 * SECRET + 55.0 + 49.2) / 190.0
}

/// One number a test.
fn kept(figures: &ArrayRef) -> ArrayRef {
    let numbers = figures.as_primitive::<Float64Type>().values().iter();
    let rows = numbers.map(|number| Some([Some(*number)]));
    Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(rows))
}

fn change() -> RecordBatch {
    let text = |values: [&str; 2]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let difference = Arc::new(Float64Array::from(vec![SECRET - 0.3, total() - 0.4]));
    let figures: ArrayRef = Arc::new(Float64Array::from(vec![SECRET - 0.3, 0.01]));
    let mut all: Vec<(&str, ArrayRef)> = vec![
        ("indicator", text(["video", "video"])),
        ("panel", text(["gp", "gp"])),
        ("wave", Arc::new(Int32Array::from(vec![2025, 2025]))),
        ("breakdown", text(["sex", "total"])),
        ("level", text(["f", "total"])),
        ("against", text(["previous_wave", "previous_wave"])),
        ("reference_wave", Arc::new(Int32Array::from(vec![2024, 2024]))),
        ("call", text(["decreased", "increased"])),
        ("overlap", text(["independent", "independent"])),
        ("duplicate_of", text(["", ""])),
        ("difference", difference),
    ];
    let names = [
        "standard_error",
        "ci_lower",
        "ci_upper",
        "ci_adjusted_lower",
        "ci_adjusted_upper",
        "detectable_difference",
        "statistic",
        "degrees_of_freedom",
        "p",
        "p_adjusted",
    ];
    all.extend(names.map(|name| (name, Arc::clone(&figures))));
    all.push((columns::TEST, kept(&figures)));
    RecordBatch::try_from_iter(all).unwrap()
}

/// Women, who are too few, against men; and two levels of 2024 that are shown.
fn contrast() -> RecordBatch {
    let text = |values: [&str; 2]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let figures: ArrayRef = Arc::new(Float64Array::from(vec![SECRET - 0.3, 0.2]));
    let mut all: Vec<(&str, ArrayRef)> = vec![
        ("indicator", text(["video", "video"])),
        ("panel", text(["gp", "gp"])),
        ("wave", Arc::new(Int32Array::from(vec![2025, 2024]))),
        ("breakdown", text(["sex", "sex"])),
        ("level_a", text(["f", "f"])),
        ("level_b", text(["m", "m"])),
        ("call", text(["lower", "higher"])),
    ];
    let names = [
        "difference",
        "standard_error",
        "ci_lower",
        "ci_upper",
        "ci_adjusted_lower",
        "ci_adjusted_upper",
        "detectable_difference",
        "statistic",
        "degrees_of_freedom",
        "p",
        "p_adjusted",
    ];
    all.extend(names.map(|name| (name, Arc::clone(&figures))));
    all.push((columns::TEST, kept(&figures)));
    RecordBatch::try_from_iter(all).unwrap()
}

fn configuration() -> Configuration {
    let monitor = toml::from_str(
        r#"
        name = "tiny"
        label = { nl = "Klein", en = "Tiny" }
        notice = { nl = "Synthetisch", en = "Synthetic" }
        languages = ["nl", "en"]
        waves = [2024, 2025]
        significance = { level = 0.05, confidence = 0.95, adjustment = "none", equal_when_rounded_is_stable = true }
        disclosure = { minimum_base = 30, minimum_cell = 5, status = "assumed" }
        gates = { unknown_answer_percent = 1, invalid_cell_percent = 1, quarantined_row_percent = 1 }
        quality = { speeder_share_of_median = 0.3, straightliner_blocks = {}, straightliner_minimum_items = 3, drift_percentage_points = 10 }
        "#,
    )
    .unwrap();
    let panel = toml::from_str(
        r#"
        label = { nl = "Huisartsen", en = "GPs" }
        kind = "provider"
        population = { nl = "Huisartsen", en = "GPs" }
        unit = "person"
        weighting = { method = "none", missing_auxiliary = "stop", note = "" }
        "#,
    )
    .unwrap();
    let indicator = Indicator {
        indicator: "video".to_owned(),
        figures: vec!["F1".to_owned()],
        concept: "video".to_owned(),
        kind: IndicatorKind::Proportion,
        codes: vec!["yes".to_owned()],
        base: String::new(),
        panels: vec!["gp".to_owned()],
        first_wave: None,
        last_wave: Some(2025),
        unit: "percent".to_owned(),
        decimals: 0,
        colour: None,
        label: survey::Labels::from([("nl", "Beeldbellen"), ("en", "Video calls")]),
        line: survey::Line(2),
    };
    let breakdown = Breakdown {
        breakdown: "sex".to_owned(),
        concept: "sex".to_owned(),
        panels: vec!["gp".to_owned()],
        indicators: vec![],
        followed: vec![],
        label: survey::Labels::from([("nl", "Geslacht"), ("en", "Sex")]),
        line: survey::Line(2),
    };
    Configuration {
        words: config::Words::shipped(),
        folder: "config".into(),
        monitor,
        panels: BTreeMap::from([("gp".to_owned(), panel)]),
        targets: vec![],
        exports: BTreeMap::new(),
        codebook: codebook(),
        indicators: vec![indicator],
        breakdowns: vec![breakdown],
        figures: vec![],
        rules: vec![],
        rule_files: BTreeMap::new(),
        marts: vec![MartFile {
            name: "shown".to_owned(),
            sql: "estimate".to_owned(),
            contract: shown("float64", 1),
        }],
        warnings: vec![],
    }
}

/// The contract of the mart `shown`.
pub fn shown(kind: &str, minimum_rows: u32) -> String {
    let text = |name: &str| format!("{{ name = \"{name}\", type = \"text\", meaning = \"\" }}");
    let columns = ["indicator", "panel", "breakdown", "level"].map(text).join(", ");
    format!(
        "grain = \"a cell\"\nkey = [\"indicator\", \"panel\", \"wave\", \"breakdown\", \"level\"]\nminimum_rows = {minimum_rows}\n\
         columns = [{columns}, {{ name = \"wave\", type = \"int32\", meaning = \"\" }}, \
         {{ name = \"estimate\", type = \"{kind}\", nullable = true, meaning = \"\" }}]"
    )
}

fn codebook() -> Codebook {
    let concept = |name: &str, kind: Kind, role: Role, answers: &str| Concept {
        concept: name.to_owned(),
        theme: String::new(),
        kind,
        role,
        answers: answers.to_owned(),
        unit: String::new(),
        label: survey::Labels::same(name),
        base_includes: std::collections::BTreeSet::new(),
        derivation: String::new(),
        line: survey::Line(2),
    };
    let answer = |answers: &str, code: &str, order: u32| Answer {
        answers: answers.to_owned(),
        code: code.to_owned(),
        order,
        label: survey::Labels::same(code),
        line: survey::Line(2),
    };
    Codebook {
        languages: vec!["nl".to_owned(), "en".to_owned()],
        concepts: vec![
            concept("sex", Kind::Category, Role::Background, "sex"),
            concept("age", Kind::Number, Role::Background, ""),
            concept("video", Kind::Category, Role::Answer, "yes_no"),
            concept("robot", Kind::Category, Role::Answer, "yes_no"),
            concept("remark", Kind::Text, Role::Answer, ""),
        ],
        answers: BTreeMap::from([
            (
                "sex".to_owned(),
                vec![answer("sex", "f", 1), answer("sex", "m", 2), answer("sex", "x", 3)],
            ),
            ("yes_no".to_owned(), vec![answer("yes_no", "yes", 1), answer("yes_no", "no", 2)]),
        ]),
        items: vec![],
        crosswalks: BTreeMap::new(),
    }
}

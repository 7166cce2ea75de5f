#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod change;
mod errors;
mod figures;
mod group;
mod pairs;
mod refusal;
mod replicates;
mod waves;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float64Array, Int8Array, Int16Array, Int32Array,
    RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::datatypes::{Float64Type, Int16Type, Int32Type, Int64Type, Schema};
use config::monitor::{Adjustment, Significance};
use config::sampling::{SampleDesign, VarianceMethod};
use config::{Breakdown, Indicator, IndicatorKind};
use survey::codebook::{Comparability, Kind};
use survey::handoff::WeightedAbout;
use survey::{Estimates, MissingReason, PanelWave, Wave, Weighted, columns};

use crate::sample::Sample;
use crate::settings::{Asked, Bases, ConceptFacts, Settings};
use crate::tabulate;

/// The samples as the linearisation takes them, also where sums by cell suffice.
fn linearised<'a>(plan: &crate::tabulate::Plan<'a>, handoffs: &'a [Weighted]) -> Vec<Sample<'a>> {
    static NO_BASES: Bases = Bases::new();
    let waves = crate::stage::by_wave(plan, &[handoffs], &[&NO_BASES]).unwrap();
    let sample = |(parts, &wave)| Sample::new(wave, parts, false).unwrap();
    waves.into_iter().zip(plan.waves).map(sample).collect()
}

const NONE: MissingReason = MissingReason::Unanswered;

/// An answer to `use`: yes, no, or why not.
#[derive(Clone, Copy)]
enum Use {
    Yes,
    No,
    Missing(MissingReason),
}
use Use::{Missing, No, Yes};

/// One respondent: pseudonym, weight, base weight, sex (0, 1 or -1), use, score.
#[derive(Clone, Copy)]
struct Respondent {
    id: usize,
    weight: f64,
    base: f64,
    sex: i16,
    uses: Use,
    score: f64,
}

fn respondent(id: usize, weight: f64, sex: i16, uses: Use) -> Respondent {
    Respondent { id, weight, base: 1.0, sex, uses, score: id as f64 }
}

fn category(codes: &[&str], keys: &[Option<i16>]) -> ArrayRef {
    let values = Arc::new(StringArray::from(codes.to_vec()));
    Arc::new(
        DictionaryArray::<Int16Type>::try_new(Int16Array::from(keys.to_vec()), values).unwrap(),
    )
}

const CONCEPTS: [&str; 3] = ["sex", "use", "score"];

/// A wave calibrated on sex, or with `margins` empty on nothing.
fn weighted(panel: &str, wave: Wave, margins: &[&str], rows: &[Respondent]) -> Weighted {
    let reasons = |of: &dyn Fn(&Respondent) -> Option<MissingReason>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| of(row).map(|reason| reason as i8)).collect::<Int8Array>())
    };
    let uses: Vec<Option<i16>> = rows
        .iter()
        .map(|row| match row.uses {
            Yes => Some(0),
            No => Some(1),
            Missing(_) => None,
        })
        .collect();
    let sex: Vec<Option<i16>> = rows.iter().map(|row| (row.sex >= 0).then_some(row.sex)).collect();
    let number = |of: &dyn Fn(&Respondent) -> f64| -> ArrayRef {
        Arc::new(
            rows.iter()
                .map(|row| Some(of(row)).filter(|value| !value.is_nan()))
                .collect::<Float64Array>(),
        )
    };
    let reason_of_use = |row: &Respondent| match row.uses {
        Missing(reason) => Some(reason),
        Yes | No => None,
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            columns::RESPONDENT,
            Arc::new(rows.iter().map(|row| Some(format!("r{}", row.id))).collect::<StringArray>()),
        ),
        ("sex", category(&["female", "male"], &sex)),
        ("sex__missing", reasons(&|row| (row.sex < 0).then_some(NONE))),
        ("use", category(&["yes", "no"], &uses)),
        ("use__missing", reasons(&reason_of_use)),
        ("score", number(&|row| row.score)),
        ("score__missing", reasons(&|row| row.score.is_nan().then_some(NONE))),
        (columns::BASE_WEIGHT, number(&|row| row.base)),
        (columns::WEIGHT, number(&|row| row.weight)),
    ];
    let codes: Int32Array = rows.iter().map(|row| Some(i32::from(row.sex))).collect();
    let calibration = if margins.is_empty() {
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options).unwrap()
    } else {
        RecordBatch::try_from_iter([(columns::margin(0), Arc::new(codes) as ArrayRef)]).unwrap()
    };
    Weighted {
        table: RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, column)| (name, column, true)),
        )
        .unwrap(),
        extra: BTreeMap::from([("calibration".to_owned(), calibration)]),
        findings: Vec::new(),
        warnings: Vec::new(),
        about: WeightedAbout {
            panel_wave: PanelWave::new(panel, wave),
            delivery: "delivery".to_owned(),
            asked: CONCEPTS.map(str::to_owned).into(),
            rows_in: rows.len() as u64,
            rows_weighted: rows.len() as u64,
            rows_without_weight: BTreeMap::new(),
            method: "post_stratification".to_owned(),
            margins: margins.iter().map(|&margin| margin.to_owned()).collect(),
            rounds: 1,
            converged: true,
            largest_distance: 0.0,
            deff_kish: 1.0,
            n_eff: 1.0,
            population: 1.0,
            sum_of_weights: rows.iter().map(|row| row.weight).sum(),
        },
    }
}

/// The respondents of each wave of one panel.
fn samples_of<'a>(
    plan: &crate::tabulate::Plan<'a>,
    handoffs: &'a [Weighted],
    bases: &'a Bases,
) -> Vec<Option<crate::sample::Sample<'a>>> {
    let waves = crate::stage::by_wave(plan, &[handoffs], &[bases]).unwrap();
    crate::computed::samples(plan, waves).unwrap()
}

fn indicator(name: &str, concept: &str, kind: IndicatorKind, codes: &[&str]) -> Indicator {
    Indicator {
        indicator: name.to_owned(),
        figures: Vec::new(),
        concept: concept.to_owned(),
        kind,
        codes: codes.iter().map(|&code| code.to_owned()).collect(),
        base: String::new(),
        panels: Vec::new(),
        first_wave: Some(2021),
        last_wave: None,
        unit: if kind == IndicatorKind::Mean { "score" } else { "percent" }.to_owned(),
        decimals: 0,
        colour: None,
        label: survey::Labels::default(),
        line: survey::Line(1),
    }
}

/// Share of users and mean score, for all and by sex, without thresholds.
fn settings(panel: &str, waves: &[Wave]) -> Settings {
    let facts = |kind| ConceptFacts { kind, base_includes: BTreeSet::new() };
    let codes = |codes: [&str; 2]| codes.map(str::to_owned).to_vec();
    Settings {
        panel: panel.to_owned(),
        panel_kind: "provider".to_owned(),
        waves: waves.to_vec(),
        indicators: vec![
            indicator("users", "use", IndicatorKind::Proportion, &["yes"]),
            indicator("score", "score", IndicatorKind::Mean, &[]),
        ],
        shares: Vec::new(),
        pairs: Vec::new(),
        followed: Vec::new(),
        breakdowns: vec![Breakdown {
            breakdown: "sex".to_owned(),
            concept: "sex".to_owned(),
            panels: Vec::new(),
            indicators: Vec::new(),
            followed: Vec::new(),
            label: survey::Labels::default(),
            line: survey::Line(1),
        }],
        concepts: BTreeMap::from([
            ("sex".to_owned(), facts(Kind::Category)),
            ("use".to_owned(), facts(Kind::Category)),
            ("score".to_owned(), facts(Kind::Number)),
        ]),
        answers: BTreeMap::from([
            ("sex".to_owned(), codes(["female", "male"])),
            ("use".to_owned(), codes(["yes", "no"])),
            ("score".to_owned(), Vec::new()),
        ]),
        significance: Significance {
            level: 0.05,
            confidence: 0.95,
            adjustment: Adjustment::None,
            equal_when_rounded_is_stable: false,
        },
        design: SampleDesign::default(),
        variance: VarianceMethod::default(),
        comparability: BTreeMap::new(),
    }
}

fn asked(
    settings: &mut Settings,
    concept: &str,
    wave: Wave,
    comparability: Comparability,
    note: &str,
) {
    let asked = Asked { comparability, note: note.to_owned(), offered: None };
    settings.comparability.entry(concept.to_owned()).or_default().insert(wave, asked);
}

/// A table with rows found by their key columns.
struct Found<'a>(&'a RecordBatch);

impl Found<'_> {
    fn text(&self, column: &str) -> Vec<String> {
        let column: &StringArray = self.0.column_by_name(column).unwrap().as_string();
        column.iter().map(|value| value.unwrap().to_owned()).collect()
    }

    fn waves(&self, column: &str) -> Vec<i32> {
        self.0.column_by_name(column).unwrap().as_primitive::<Int32Type>().values().to_vec()
    }

    /// Row of `indicator wave breakdown level` (and `against`).
    fn row(&self, key: &str) -> usize {
        let keys: Vec<&str> = key.split(' ').collect();
        let columns = ["indicator", "panel", "breakdown", "level"].map(|name| self.text(name));
        let waves = self.waves("wave");
        let against = self.0.column_by_name("against").map(|_| self.text("against"));
        let matches = |row: &usize| {
            let own = [
                &columns[0][*row],
                &columns[1][*row],
                &waves[*row].to_string(),
                &columns[2][*row],
                &columns[3][*row],
            ];
            own.iter().zip(&keys).all(|(own, key)| own.as_str() == *key)
                && against.as_ref().is_none_or(|against| against[*row] == keys[5])
        };
        let rows: Vec<usize> = (0..self.0.num_rows()).filter(matches).collect();
        assert_eq!(rows.len(), 1, "{key}: {} rows", rows.len());
        rows[0]
    }

    /// NaN where null.
    fn number(&self, key: &str, column: &str) -> f64 {
        let (row, column) = (self.row(key), self.0.column_by_name(column).unwrap());
        if column.is_null(row) {
            return f64::NAN;
        }
        match column.as_primitive_opt::<Float64Type>() {
            Some(numbers) => numbers.value(row),
            None => column.as_primitive::<Int64Type>().value(row) as f64,
        }
    }

    /// The numbers of a row in a column of lists.
    fn numbers(&self, key: &str, column: &str) -> Vec<f64> {
        let list = self.0.column_by_name(column).unwrap().as_list::<i32>().value(self.row(key));
        list.as_primitive::<Float64Type>().values().to_vec()
    }

    fn word(&self, key: &str, column: &str) -> String {
        self.text(column)[self.row(key)].clone()
    }

    fn check(&self, key: &str, expected: &[(&str, f64)]) {
        for &(column, expected) in expected {
            let found = self.number(key, column);
            let same = (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
                || (found.is_nan() && expected.is_nan());
            assert!(same, "{key}: {column} is {found}, expected {expected}");
        }
    }

    fn check_words(&self, key: &str, expected: &[(&str, &str)]) {
        for &(column, expected) in expected {
            assert_eq!(self.word(key, column), expected, "{key}: {column}");
        }
    }
}

fn figures(estimates: &Estimates) -> Found<'_> {
    Found(&estimates.table)
}

fn changes(estimates: &Estimates) -> Found<'_> {
    Found(&estimates.extra["change"])
}

fn made(weighted: &[Weighted], settings: &Settings) -> Estimates {
    tabulate(weighted, &Bases::new(), settings).unwrap()
}

/// √(n/(n-1) Σ (w (y - mean) / W - explained)²) over all rows; `cells`: what a post-stratification on them explains.
fn standard_error(rows: &[(f64, Option<f64>)], cells: Option<&[i16]>) -> f64 {
    let size: f64 = rows.iter().filter(|row| row.1.is_some()).map(|row| row.0).sum();
    let mean = rows.iter().filter_map(|row| row.1.map(|y| row.0 * y)).sum::<f64>() / size;
    let influence: Vec<f64> =
        rows.iter().map(|row| row.1.map_or(0.0, |y| (y - mean) / size)).collect();
    let n = rows.len() as f64;
    let explained = |row: usize| {
        let Some(cells) = cells else { return 0.0 };
        let same: Vec<f64> = (0..rows.len())
            .filter(|&other| cells[other] == cells[row])
            .map(|other| influence[other])
            .collect();
        same.iter().sum::<f64>() / same.len() as f64
    };
    let scores: Vec<f64> =
        (0..rows.len()).map(|row| rows[row].0 * (influence[row] - explained(row))).collect();
    let centre = scores.iter().sum::<f64>() / n;
    (n / (n - 1.0) * scores.iter().map(|score| (score - centre).powi(2)).sum::<f64>()).sqrt()
}

//! A sample as the stages take it, and their settings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int8Array, Int16Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow::datatypes::Int16Type;
use config::monitor::{Adjustment, Significance};
use config::panel::{MissingAuxiliary, RakingErrors, Redistribute, Split, Trim, WeightingMethod};
use config::sampling::{Nonresponse, SampleDesign, Variance, VarianceMethod};
use config::{Breakdown, Indicator, IndicatorKind, PopulationTotal, Weighting};
use rand_chacha::ChaCha8Rng;
use survey::codebook::Kind;
use survey::handoff::CheckedAbout;
use survey::{Checked, PanelWave, columns};

use super::answers::{CLUSTER, Waves};
use super::{FIGURES, Scenario, Second, Treatment, WAVES};
use crate::population::uniform;

const PANEL: &str = "people";
const YES_NO: [&str; 2] = ["no", "yes"];
const SEX: [&str; 2] = ["man", "woman"];
const AGE: [&str; 2] = ["young", "old"];
const EDUCATION: [&str; 3] = ["low", "middle", "high"];
/// Reason of a missing education: not answered.
const UNANSWERED: i8 = survey::MissingReason::Unanswered as i8;

/// Name of the indicator and its concept.
pub fn indicator(figure: usize) -> String {
    format!("figure_{figure}")
}

fn category(codes: &[&str], keys: impl Iterator<Item = Option<i16>>) -> ArrayRef {
    let values = Arc::new(StringArray::from(codes.to_vec()));
    let keys: Int16Array = keys.collect();
    Arc::new(DictionaryArray::<Int16Type>::try_new(keys, values).unwrap())
}

/// The sample of one wave; who does not answer stays in it without answers.
pub fn checked(
    waves: &Waves,
    scenario: &Scenario,
    at: usize,
    people: &[usize],
    random: &mut ChaCha8Rng,
) -> Checked {
    let answers_too = |person: usize, chance: f64| {
        let rate = 0.55 + 0.25 * f64::from(waves.sex[person]) - 0.15 * f64::from(waves.age[person]);
        chance < rate
    };
    let has_classes = has_nonresponse(scenario);
    let responded: Vec<bool> = people
        .iter()
        .map(|&person| {
            let chance = uniform(random);
            !has_classes || answers_too(person, chance)
        })
        .collect();
    let unknown: Vec<bool> = people
        .iter()
        .map(|_| uniform(random) < 0.1 && scenario.treatment == Treatment::OwnCategory)
        .collect();
    let rows = people.len();
    let none = || -> ArrayRef { Arc::new(Int8Array::from(vec![None::<i8>; rows])) };
    let reasons = |missing: &[bool]| -> ArrayRef {
        Arc::new(missing.iter().map(|&is| is.then_some(UNANSWERED)).collect::<Int8Array>())
    };
    let of = |values: &[i16], codes: &[&str]| {
        category(codes, people.iter().map(|&person| Some(values[person])))
    };
    let education = people.iter().zip(&unknown);
    let education = education.map(|(&person, &is)| (!is).then_some(waves.education[person]));
    // Samples that are drawn anew from a population of any size share nobody.
    let is_apart = scenario.second == Second::Anew && !scenario.is_finite;
    let name = |&person: &usize| Some(format!("p{person}.{}", if is_apart { at } else { 0 }));
    let clusters = people.iter().map(|person| Some(format!("c{}", person / CLUSTER)));
    let mut table: Vec<(String, ArrayRef)> = vec![
        (columns::RESPONDENT.into(), Arc::new(people.iter().map(name).collect::<StringArray>())),
        (columns::RECORD.into(), Arc::new(Int64Array::from_iter_values(0..rows as i64))),
        ("cluster".into(), Arc::new(clusters.collect::<StringArray>())),
        ("sex".into(), of(&waves.sex, &SEX)),
        (columns::missing("sex"), none()),
        ("age".into(), of(&waves.age, &AGE)),
        (columns::missing("age"), none()),
        ("education".into(), category(&EDUCATION, education)),
        (columns::missing("education"), reasons(&unknown)),
        ("responded".into(), category(&YES_NO, responded.iter().map(|&is| Some(i16::from(is))))),
        (columns::missing("responded"), none()),
    ];
    for figure in 0..FIGURES.len() {
        let answer = |&person: &usize| Some(waves.answer(at, figure, person));
        let column: ArrayRef = if figure + 1 == FIGURES.len() {
            Arc::new(people.iter().map(answer).collect::<Float64Array>())
        } else {
            category(&YES_NO, people.iter().map(|person| answer(person).map(|yes| yes as i16)))
        };
        table.push((indicator(figure), column));
        table.push((columns::missing(&indicator(figure)), none()));
    }
    let asked = ["cluster", "sex", "age", "education", "responded"].map(str::to_owned);
    Checked {
        table: RecordBatch::try_from_iter_with_nullable(
            table.into_iter().map(|(name, column)| (name, column, true)),
        )
        .unwrap(),
        extra: BTreeMap::new(),
        findings: Vec::new(),
        warnings: Vec::new(),
        about: CheckedAbout {
            panel_wave: PanelWave::new(PANEL, WAVES[at]),
            delivery: "simulated".to_owned(),
            asked: asked.into_iter().chain((0..FIGURES.len()).map(indicator)).collect(),
            rows_in: rows as u64,
            rows_kept: rows as u64,
            rows_dropped: BTreeMap::new(),
            flagged: BTreeMap::new(),
            fates: Vec::new(),
        },
    }
}

fn has_nonresponse(scenario: &Scenario) -> bool {
    matches!(scenario.treatment, Treatment::Nonresponse | Treatment::Trimmed)
}

fn design(scenario: &Scenario) -> SampleDesign {
    let is_clustered = scenario.second == Second::SameClusters;
    SampleDesign {
        clusters: is_clustered.then(|| "cluster".to_owned()),
        clusters_persist: is_clustered.then_some(true),
        population: scenario.is_finite.then(|| "people".to_owned()),
        ..SampleDesign::default()
    }
}

pub fn weight_settings(
    waves: &Waves,
    scenario: &Scenario,
    at: usize,
    seed: u64,
) -> weight::Settings {
    let names = |codes: &[&str]| codes.iter().map(|&code| code.to_owned()).collect();
    let is_raked = !matches!(scenario.treatment, Treatment::None | Treatment::Nonresponse);
    let is_trimmed = scenario.treatment == Treatment::Trimmed;
    let margins: Vec<Vec<String>> =
        if is_raked { vec![names(&["sex", "age"]), names(&["education"])] } else { Vec::new() };
    weight::Settings {
        panel_wave: PanelWave::new(PANEL, WAVES[at]),
        design: design(scenario),
        nonresponse: has_nonresponse(scenario).then(|| Nonresponse {
            classes: names(&["sex", "age"]),
            responded: Split { concept: "responded".to_owned(), code: "yes".to_owned() },
        }),
        weighting: Weighting {
            method: if is_raked { WeightingMethod::Raking } else { WeightingMethod::None },
            margins,
            numeric: Vec::new(),
            variance_of: None,
            equal_within_clusters: false,
            base_weight: None,
            bounds: is_trimmed.then_some([0.6, 1.7]),
            trim: if is_trimmed { Trim::ToStable } else { Trim::None },
            redistribute: Redistribute::default(),
            errors: RakingErrors::default(),
            missing_auxiliary: MissingAuxiliary::OwnCategory,
            maximum_rounds: 500,
            tolerance: 1e-9,
            note: String::new(),
        },
        variance: Variance {
            method: method(scenario),
            replicates: 100,
            seed,
            ..Variance::default()
        },
        totals: totals(waves, at),
        codes: BTreeMap::from([
            ("sex".to_owned(), names(&SEX)),
            ("age".to_owned(), names(&AGE)),
            ("education".to_owned(), names(&EDUCATION)),
            ("responded".to_owned(), names(&YES_NO)),
        ]),
        exclude_flagged: BTreeSet::new(),
        refused_distance: weight::REFUSED_DISTANCE,
    }
}

fn method(scenario: &Scenario) -> VarianceMethod {
    let is_replicated = scenario.treatment == Treatment::Replicated;
    if is_replicated { VarianceMethod::RaoWu } else { VarianceMethod::Linearisation }
}

/// Sex × age, education and the number of people.
fn totals(waves: &Waves, at: usize) -> Vec<PopulationTotal> {
    let mut counts: BTreeMap<(&str, String), f64> = BTreeMap::new();
    for person in 0..waves.people() {
        let of = |values: &[i16]| values[person] as usize;
        let cell = format!("{}*{}", SEX[of(&waves.sex)], AGE[of(&waves.age)]);
        let levels = [
            ("sex*age", cell),
            ("education", EDUCATION[of(&waves.education)].to_owned()),
            ("people", "total".to_owned()),
        ];
        for level in levels {
            *counts.entry(level).or_default() += 1.0;
        }
    }
    let total = |((margin, level), total): ((&str, String), f64)| PopulationTotal {
        panel: PANEL.to_owned(),
        wave: WAVES[at],
        margin: margin.to_owned(),
        level,
        total,
        source: String::new(),
        status: "illustrative".to_owned(),
        line: survey::Line(1),
    };
    counts.into_iter().map(total).collect()
}

/// Everything is published, nothing adjusted: the intervals are those of one difference alone.
pub fn estimate_settings(scenario: &Scenario) -> estimate::Settings {
    let facts = |kind| estimate::settings::ConceptFacts { kind, base_includes: BTreeSet::new() };
    let is_mean = |figure: usize| figure + 1 == FIGURES.len();
    let kind = |figure| if is_mean(figure) { Kind::Number } else { Kind::Category };
    let names =
        |codes: &[&str]| -> Vec<String> { codes.iter().map(|&code| code.to_owned()).collect() };
    let answers = |figure| if is_mean(figure) { Vec::new() } else { names(&YES_NO) };
    let figures = 0..FIGURES.len();
    estimate::Settings {
        panel: PANEL.to_owned(),
        panel_kind: "user".to_owned(),
        waves: WAVES.to_vec(),
        indicators: figures
            .clone()
            .map(|figure| Indicator {
                indicator: indicator(figure),
                figures: Vec::new(),
                concept: indicator(figure),
                kind: if is_mean(figure) { IndicatorKind::Mean } else { IndicatorKind::Proportion },
                codes: if is_mean(figure) { Vec::new() } else { names(&["yes"]) },
                base: String::new(),
                panels: Vec::new(),
                first_wave: Some(WAVES[0]),
                last_wave: Some(WAVES[1]),
                unit: String::new(),
                decimals: 1,
                colour: None,
                label: survey::Labels::default(),
                line: survey::Line(1),
            })
            .collect(),
        shares: Vec::new(),
        pairs: Vec::new(),
        followed: Vec::new(),
        breakdowns: vec![Breakdown {
            breakdown: "age".to_owned(),
            concept: "age".to_owned(),
            panels: Vec::new(),
            indicators: Vec::new(),
            followed: Vec::new(),
            label: survey::Labels::default(),
            line: survey::Line(1),
        }],
        concepts: figures
            .clone()
            .map(|figure| (indicator(figure), facts(kind(figure))))
            .chain([("age".to_owned(), facts(Kind::Category))])
            .collect(),
        answers: figures
            .map(|figure| (indicator(figure), answers(figure)))
            .chain([("age".to_owned(), names(&AGE))])
            .collect(),
        significance: Significance {
            level: 0.05,
            confidence: 0.95,
            adjustment: Adjustment::None,
            equal_when_rounded_is_stable: false,
        },
        design: design(scenario),
        variance: method(scenario),
        comparability: BTreeMap::new(),
    }
}

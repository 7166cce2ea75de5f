//! Changes between two waves and contrasts between two levels, from samples that go through the stages themselves.

mod answers;
mod handoff;
mod report;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type};
use estimate::{Bases, tabulate};
use rayon::prelude::*;
use survey::Wave;
use weight::calibrate_panel_wave;

use crate::draw::without_replacement;
use crate::population::uniform;
use answers::Waves;
use handoff::{checked, estimate_settings, weight_settings};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
pub use report::markdown;

/// Samples of each row.
pub const DRAWS: u64 = 1000;
/// Waves and figures: three shares and a mean.
pub const WAVES: [Wave; 2] = [2024, 2025];
pub const FIGURES: [&str; 4] = ["2 %", "10 %", "50 %", "mean"];

/// Who is drawn in the second wave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Second {
    /// Others, by chance some of the same.
    Anew,
    /// This share of the first wave's sample, and others.
    Returning(f64),
    /// Nobody of the first wave's sample.
    Others,
    /// Other people of the same clusters.
    SameClusters,
}

/// One row of the tables.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    /// People, or clusters of 20, in the population.
    pub people: usize,
    pub sizes: [usize; 2],
    pub second: Second,
    /// The population's size is told.
    pub is_finite: bool,
    pub treatment: Treatment,
}

/// What the weighting does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    None,
    Raked,
    /// One person in ten has no education: a category of its own.
    OwnCategory,
    /// Women and the young answer more often; classes of sex and age.
    Nonresponse,
    /// The same, raked and trimmed to 0.6 to 1.7 times the mean.
    Trimmed,
    /// Raked, with 100 Rao–Wu replicates.
    Replicated,
}

const fn scenario(name: &'static str, second: Second, treatment: Treatment) -> Scenario {
    Scenario { name, people: 20_000, sizes: [400, 400], second, is_finite: false, treatment }
}

const fn finite(name: &'static str, second: Second) -> Scenario {
    let treatment = Treatment::None;
    Scenario { name, people: 1000, sizes: [400, 400], second, is_finite: true, treatment }
}

const fn rare(name: &'static str, sizes: [usize; 2]) -> Scenario {
    Scenario { sizes, ..scenario(name, Second::Anew, Treatment::None) }
}

pub const SCENARIOS: [Scenario; 16] = [
    scenario("independent", Second::Anew, Treatment::None),
    scenario("independent, raked", Second::Anew, Treatment::Raked),
    scenario("60 % return", Second::Returning(0.6), Treatment::None),
    scenario("60 % return, raked", Second::Returning(0.6), Treatment::Raked),
    scenario("everyone returns", Second::Returning(1.0), Treatment::None),
    rare("60 against 1,000", [60, 1000]),
    rare("60 against 60", [60, 60]),
    finite("40 % of 1,000 people, disjoint", Second::Others),
    finite("40 % of 1,000 people, drawn anew", Second::Anew),
    finite("40 % of 1,000 people, 60 % return", Second::Returning(0.6)),
    finite("40 % of 1,000 people, everyone returns", Second::Returning(1.0)),
    scenario("40 clusters of 10 that persist", Second::SameClusters, Treatment::None),
    scenario("60 % return, nonresponse", Second::Returning(0.6), Treatment::Nonresponse),
    scenario("60 % return, trimmed", Second::Returning(0.6), Treatment::Trimmed),
    scenario("60 % return, own category", Second::Returning(0.6), Treatment::OwnCategory),
    scenario("60 % return, bootstrap", Second::Returning(0.6), Treatment::Replicated),
];

/// Per figure: samples with an interval, and those in which it held the truth.
pub type Counts = [(u64, u64); FIGURES.len()];

pub struct Row {
    pub scenario: Scenario,
    pub changes: Counts,
    pub contrasts: Counts,
}

pub fn simulate(seed: u64) -> Vec<Row> {
    let row = |(at, scenario): (usize, &Scenario)| {
        let waves = Waves::new(scenario.people, seed);
        let of_draw = |index: u64| held(&waves, scenario, (seed, at as u64, index));
        let all: Vec<[[Option<bool>; FIGURES.len()]; 2]> =
            (0..DRAWS).into_par_iter().map(of_draw).collect();
        let count = |kind: usize| {
            std::array::from_fn(|figure| {
                let found = all.iter().filter_map(|held| held[kind][figure]);
                found.fold((0, 0), |(n, yes), held| (n + 1, yes + u64::from(held)))
            })
        };
        Row { scenario: *scenario, changes: count(0), contrasts: count(1) }
    };
    SCENARIOS.iter().enumerate().map(row).collect()
}

/// Whether the intervals of the change and of the contrast of each figure hold the truth; none without interval.
fn held(
    waves: &Waves,
    scenario: &Scenario,
    (seed, row, index): (u64, u64, u64),
) -> [[Option<bool>; FIGURES.len()]; 2] {
    let mut random = ChaCha8Rng::seed_from_u64(seed + 1 + row);
    random.set_stream(index);
    let samples = draw(waves, scenario, &mut random);
    let none = [[None; FIGURES.len()]; 2];
    let mut handoffs = Vec::new();
    for (at, people) in samples.iter().enumerate() {
        let checked = checked(waves, scenario, at, people, &mut random);
        let settings = weight_settings(waves, scenario, at, index);
        // Totals that such a sample cannot meet give no weights and no interval.
        let Ok(weighted) = calibrate_panel_wave(&checked, &settings) else { return none };
        handoffs.push(weighted);
    }
    let made = tabulate(&handoffs, &Bases::new(), &estimate_settings(scenario)).unwrap();
    let (change, contrast) = (&made.extra["change"], &made.extra["contrast"]);
    [
        std::array::from_fn(|figure| {
            let row =
                row_of(change, figure, &[("breakdown", "total"), ("against", "previous_wave")]);
            holds(change, row, waves.change(figure))
        }),
        std::array::from_fn(|figure| {
            holds(
                contrast,
                row_of(contrast, figure, &[("breakdown", "age")]),
                waves.contrast(figure),
            )
        }),
    ]
}

/// Row of a figure in the second wave.
fn row_of(table: &RecordBatch, figure: usize, keys: &[(&str, &str)]) -> Option<usize> {
    let text = |name: &str| table.column_by_name(name).unwrap().as_string::<i32>();
    let wave = table.column_by_name("wave").unwrap().as_primitive::<Int32Type>();
    (0..table.num_rows()).find(|&row| {
        text("indicator").value(row) == handoff::indicator(figure)
            && wave.value(row) == WAVES[1] as i32
            && keys.iter().all(|(name, value)| text(name).value(row) == *value)
    })
}

fn holds(table: &RecordBatch, row: Option<usize>, truth: f64) -> Option<bool> {
    let row = row?;
    let end = |name: &str| {
        let column = table.column_by_name(name).unwrap().as_primitive::<Float64Type>();
        column.is_valid(row).then(|| column.value(row))
    };
    Some((end("ci_lower")?..=end("ci_upper")?).contains(&truth))
}

/// The people of both samples.
fn draw(waves: &Waves, scenario: &Scenario, random: &mut ChaCha8Rng) -> [Vec<usize>; 2] {
    let [first, second] = scenario.sizes;
    if scenario.second == Second::SameClusters {
        let clusters = without_replacement(waves.people() / answers::CLUSTER, first / 10, random);
        let half = |from: usize, random: &mut ChaCha8Rng| -> Vec<usize> {
            let mut people = Vec::new();
            for cluster in &clusters {
                let members = without_replacement(answers::CLUSTER / 2, 10, random);
                people.extend(members.iter().map(|at| cluster * answers::CLUSTER + from + at));
            }
            people
        };
        return [half(0, random), half(answers::CLUSTER / 2, random)];
    }
    let before = without_replacement(waves.people(), first, random);
    let kept = match scenario.second {
        Second::Returning(share) => (share * first as f64).round() as usize,
        _ => 0,
    };
    let mut is_taken = vec![false; waves.people()];
    if scenario.second != Second::Anew {
        for &person in &before {
            is_taken[person] = true;
        }
    }
    let mut after: Vec<usize> = before[..kept].to_vec();
    while after.len() < second {
        let person = (uniform(random) * waves.people() as f64) as usize;
        if !std::mem::replace(&mut is_taken[person], true) {
            after.push(person);
        }
    }
    [before, after]
}

//! The intervals of one sample: every estimator by every method of error.

use estimate::interval::{ProportionFacts, ProportionMethod, proportion, student};
use estimate::kernel::{Breakdown, Values, means};
use estimate::quantile::{QuantileInterval, QuantileOptions, Rule, quantile};
use estimate::{Influence, Linearisation, point, replicate};
use survey::design::{Adjustment, Design, Replicates};
use weight::rake::{RakeOptions, Raking, rake};
use weight::replicate::{Method, ReplicatePlan, Reweighted};
use weight::{Level, Margin};

use crate::draw::Sample;
use crate::population::{PEOPLE, Population};

/// Whether an interval holds the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Yes,
    No,
    NoInterval,
}

/// Ways to get an error.
pub const ERRORS: [&str; 3] = ["linearised", "bootstrap", "jackknife"];
pub const METHODS: [(&str, ProportionMethod); 4] = [
    ("logit", ProportionMethod::Logit),
    ("Korn–Graubard", ProportionMethod::KornGraubard),
    ("Wilson", ProportionMethod::Wilson),
    ("t", ProportionMethod::Mean),
];
/// Figures besides shares.
pub const FIGURES: [&str; 4] = ["mean", "total", "ratio", "median"];
/// Columns of one way: a share of each prevalence by each method, then the other figures.
pub const COLUMNS_A_WAY: usize = 3 * METHODS.len() + FIGURES.len();
pub const COLUMNS: usize = ERRORS.len() * COLUMNS_A_WAY;
pub const REPLICATES: usize = 200;
/// Above this many PSUs the jackknife (a replicate a PSU) is left out.
pub const MOST_JACKKNIFED: usize = 1000;
const CONFIDENCE: f64 = 0.95;

/// What the estimators read of the sample.
struct Answers {
    shares: [Vec<u8>; 3],
    amount: Vec<f64>,
    hours: Vec<f64>,
    /// Rows by amount.
    order: Vec<usize>,
}

pub fn held(
    population: &Population,
    sample: &Sample,
    is_calibrated: bool,
    index: u64,
) -> Vec<Held> {
    let none = vec![Held::NoInterval; COLUMNS];
    let answers = Answers::of(population, sample);
    let margins = margins(population, sample);
    let base = sample.design.weights.clone();
    let mut design = sample.design.clone();
    if is_calibrated {
        // A level that nobody in a small sample has cannot be met: no interval of any kind.
        let Ok(raked) = rake(&base, &margins, &RakeOptions::default()) else { return none };
        design.weights = raked.weights;
        design.adjustments = vec![raked.regression];
    }
    let weights = design.weights.clone();
    let mut all = linearised(population, &answers, design);
    let replicated = |method: Method| -> Option<Vec<Held>> {
        let plan = ReplicatePlan::new(&sample.design, method, REPLICATES, index).ok()?;
        if is_calibrated {
            let raking = Raking::new(&base, &margins, RakeOptions::default()).ok()?;
            let again = Reweighted::raked(plan, raking).ok()?;
            Some(by_replicates(population, &answers, sample, &weights, &again))
        } else {
            Some(by_replicates(population, &answers, sample, &weights, &plan))
        }
    };
    let psus = sample.design.stages[0].units.iter().max().map_or(0, |_| units(&sample.design));
    all.extend(replicated(Method::RaoWu).unwrap_or_else(|| none[..COLUMNS_A_WAY].to_vec()));
    let jackknife = (psus <= MOST_JACKKNIFED).then(|| replicated(Method::Jkn)).flatten();
    all.extend(jackknife.unwrap_or_else(|| none[..COLUMNS_A_WAY].to_vec()));
    all
}

fn units(design: &Design) -> usize {
    let mut units = design.stages[0].units.clone();
    units.sort_unstable();
    units.dedup();
    units.len()
}

fn linearised(population: &Population, answers: &Answers, design: Design) -> Vec<Held> {
    let linearisation = Linearisation::new(design).unwrap();
    let rows = vec![true; answers.amount.len()];
    let everyone = vec![0; rows.len()];
    let values: Vec<Values<'_>> =
        answers.shares.iter().map(|share| Values::Binary(share)).collect();
    let cells =
        means(&linearisation, &values, &[Breakdown { codes: &everyone, levels: 1 }]).unwrap();
    let df = linearisation.degrees_of_freedom(None) as f64;
    let truth = &population.truth;
    let mut found = Vec::new();
    for (cell, truth) in cells.iter().zip(truth.shares) {
        let cell = &cell[0][0];
        found.extend(shares(cell.mean, cell.standard_error.powi(2), cell.respondents, df, truth));
    }
    let weights = linearisation.weights();
    let error = |influence: &Influence| linearisation.variance(influence).unwrap().max(0.0).sqrt();
    let figures = [
        (point::mean(weights, &answers.amount, &rows), truth.mean),
        (point::total(weights, &answers.amount, &rows), truth.total),
        (point::ratio(weights, &answers.amount, &answers.hours, &rows), truth.ratio),
    ];
    for (influence, truth) in figures {
        let influence = influence.unwrap();
        found.push(holds(student(influence.estimate, error(&influence), df, CONFIDENCE), truth));
    }
    let options = QuantileOptions {
        probability: 0.5,
        rule: Rule::Inverse,
        interval: QuantileInterval::Mean,
        degrees_of_freedom: df,
        confidence: CONFIDENCE,
        rows: None,
    };
    let median = quantile(&linearisation, &answers.amount, &rows, options).unwrap();
    found.push(holds(median.interval, truth.median));
    found
}

fn by_replicates(
    population: &Population,
    answers: &Answers,
    sample: &Sample,
    weights: &[f64],
    replicates: &dyn Replicates,
) -> Vec<Held> {
    let estimates =
        replicate::estimate(replicates, weights, 7, |_| Ok(()), |w, out| answers.figures(w, out))
            .unwrap();
    let none = vec![Held::NoInterval; COLUMNS_A_WAY];
    // A replicate that cannot be raked would make the error too small.
    if estimates.used < replicates.count() {
        return none;
    }
    let linearisation = Linearisation::new(Design {
        adjustments: Vec::<Adjustment>::new(),
        ..sample.design.clone()
    })
    .unwrap();
    let df = linearisation.degrees_of_freedom(None) as f64;
    let truth = &population.truth;
    let variance = |figure: usize| estimates.covariance[(figure, figure)].max(0.0);
    let mut found = Vec::new();
    for (figure, truth) in truth.shares.into_iter().enumerate() {
        found.extend(shares(
            estimates.estimates[figure],
            variance(figure),
            weights.len(),
            df,
            truth,
        ));
    }
    for (figure, truth) in
        [truth.mean, truth.total, truth.ratio, truth.median].into_iter().enumerate()
    {
        let ends =
            student(estimates.estimates[3 + figure], variance(3 + figure).sqrt(), df, CONFIDENCE);
        found.push(holds(ends, truth));
    }
    found
}

fn shares(estimate: f64, variance: f64, rows: usize, df: f64, truth: f64) -> Vec<Held> {
    let facts = ProportionFacts {
        proportion: estimate.clamp(0.0, 1.0),
        variance,
        rows,
        degrees_of_freedom: df,
    };
    let of_method = |method: &(&str, ProportionMethod)| {
        proportion(facts, method.1, CONFIDENCE).map_or(Held::NoInterval, |ends| holds(ends, truth))
    };
    METHODS.iter().map(of_method).collect()
}

fn holds((low, high): (f64, f64), truth: f64) -> Held {
    if low.is_nan() || high.is_nan() {
        Held::NoInterval
    } else if (low..=high).contains(&truth) {
        Held::Yes
    } else {
        Held::No
    }
}

impl Answers {
    fn of(population: &Population, sample: &Sample) -> Self {
        let numbers = |values: &[f64]| sample.people.iter().map(|&person| values[person]).collect();
        let amount: Vec<f64> = numbers(&population.amount);
        let mut order: Vec<usize> = (0..amount.len()).collect();
        order.sort_by(|&a, &b| amount[a].total_cmp(&amount[b]));
        let share = |index: usize| {
            sample.people.iter().map(|&person| population.answers[index][person]).collect()
        };
        Self {
            shares: std::array::from_fn(share),
            hours: numbers(&population.hours),
            amount,
            order,
        }
    }

    /// Three shares, mean, total, ratio and median under `weights`.
    fn figures(&self, weights: &[f64], out: &mut [f64]) {
        let size: f64 = weights.iter().sum();
        for (share, out) in self.shares.iter().zip(out.iter_mut()) {
            let yes = share.iter().zip(weights).filter(|row| *row.0 == 1);
            *out = yes.map(|row| row.1).sum::<f64>() / size;
        }
        let total: f64 =
            self.amount.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        let hours: f64 = self.hours.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        let mut reached = 0.0;
        let median = self.order.iter().find(|&&row| {
            reached += weights[row];
            reached >= 0.5 * size * (1.0 - 1e-14)
        });
        out[3..].copy_from_slice(&[
            total / size,
            total,
            total / hours,
            median.map_or(f64::NAN, |&row| self.amount[row]),
        ]);
    }
}

/// Age × sex and education, with the totals of the population.
fn margins(population: &Population, sample: &Sample) -> [Margin; 2] {
    let crossed = |person: usize| 2 * population.age[person] + population.sex[person];
    let level_of = |person: usize| population.education[person];
    let make = |name: &str, code: &dyn Fn(usize) -> u32, levels: usize| {
        let mut totals = vec![0.0; levels];
        (0..PEOPLE).for_each(|person| totals[code(person) as usize] += 1.0);
        let level =
            |(level, total): (usize, f64)| Level { name: level.to_string(), total: Some(total) };
        Margin {
            name: name.into(),
            codes: sample.people.iter().map(|&person| code(person)).collect(),
            levels: totals.into_iter().enumerate().map(level).collect(),
        }
    };
    [make("age × sex", &crossed, 10), make("education", &level_of, 3)]
}

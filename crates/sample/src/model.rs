//! How answers depend on who answers: one probability table a concept, set so that the population value is the planted one.

use crate::planted;
use crate::population::{Cell, Population, is_provider};
use crate::vocabulary::{Answer, CONCEPTS, DONT_KNOW, concept};

/// How one concept is answered.
pub enum Outcome {
    /// Probability of each answer, by cell of the population; what is left is "don't know".
    Choice { answers: Vec<Answer>, shares: Vec<Vec<f64>>, needs_internet: bool },
    /// Mean on the scale 0–10 by cell, for those who use none of the linked applications.
    Score { means: Vec<f64> },
}

pub struct Model {
    pub population: Population,
    /// By place in `CONCEPTS`.
    pub outcomes: Vec<(usize, Outcome)>,
    /// Cells' share without internet.
    pub offline: Vec<f64>,
}

/// What use of an application adds to the expected impact.
pub const LINKS: [(&str, f64); 2] = [("video_use", 0.4), ("telemonitoring_use", 0.5)];

impl Model {
    pub fn of(panel: &'static str, wave: u16) -> Self {
        let population = Population::of(panel, wave);
        let offline = population.cells.iter().map(|cell| offline(panel, cell)).collect();
        let mut model = Self { population, outcomes: Vec::new(), offline };
        for (place, concept) in CONCEPTS.iter().enumerate() {
            if concept.name == "computer_alone" && (panel, wave) == ("population", 2024) {
                let outcome = model.computer_alone();
                model.outcomes.push((place, outcome));
            } else if let Some(value) = planted::value(concept.name, panel, wave) {
                let outcome = match concept.list {
                    "" => model.score(concept.name, value),
                    "agreement" => model.agreement(concept.name, value),
                    _ => model.yes_no(concept.name, value),
                };
                model.outcomes.push((place, outcome));
            }
        }
        model
    }

    pub fn outcome(&self, place: usize) -> Option<&Outcome> {
        self.outcomes.iter().find(|(of, _)| *of == place).map(|(_, outcome)| outcome)
    }

    /// Share of a cell that gives one of the answers.
    pub fn share(&self, place: usize, wanted: &[Answer], cell: usize) -> f64 {
        match self.outcome(place) {
            Some(Outcome::Choice { answers, shares, .. }) => {
                let pairs = answers.iter().zip(&shares[cell]);
                pairs.filter(|(answer, _)| wanted.contains(answer)).map(|(_, share)| share).sum()
            }
            _ => 0.0,
        }
    }

    /// Expected score of a cell; `known` fixes whether a linked application is used.
    pub fn expected_score(&self, place: usize, cell: usize, known: Option<(usize, bool)>) -> f64 {
        let Some(Outcome::Score { means }) = self.outcome(place) else { return 0.0 };
        let gains = LINKS.iter().map(|(link, gain)| match known {
            Some((at, uses)) if at == concept(link) => gain * f64::from(u8::from(uses)),
            _ => gain * self.share(concept(link), &[0], cell),
        });
        means[cell] + gains.sum::<f64>()
    }

    fn population_mean(&self, of_cell: impl Fn(usize) -> f64) -> f64 {
        let people: f64 = self.population.people.iter().sum();
        self.population
            .people
            .iter()
            .enumerate()
            .map(|(cell, count)| count * of_cell(cell))
            .sum::<f64>()
            / people
    }

    fn effect(&self, name: &str, cell: usize) -> f64 {
        effect(self.population.panel, name, &self.population.cells[cell])
    }

    fn yes_no(&self, name: &str, value: f64) -> Outcome {
        let needs_internet = !is_provider(self.population.panel) && name.ends_with("_use");
        let reach = |cell: usize| if needs_internet { 1.0 - self.offline[cell] } else { 1.0 };
        // of routed concepts the planted value is that of those who are asked
        let asked: Vec<f64> =
            (0..self.population.cells.len()).map(|cell| self.routed(name, cell)).collect();
        let base = self.population_mean(|cell| asked[cell]);
        let intercept = solve(|intercept| {
            let yes =
                |cell| asked[cell] * reach(cell) * logistic(intercept + self.effect(name, cell));
            self.population_mean(yes) / base - value
        });
        let unsure = unsure(name);
        let row = |cell| {
            let yes = reach(cell) * logistic(intercept + self.effect(name, cell));
            vec![yes, (reach(cell) - yes) * (1.0 - unsure), (reach(cell) - yes) * unsure]
        };
        let shares = (0..self.population.cells.len()).map(row).collect();
        Outcome::Choice { answers: vec![0, 1, DONT_KNOW], shares, needs_internet }
    }

    /// Share of a cell that is asked: contact with the setting that the question is about.
    pub fn routed(&self, name: &str, cell: usize) -> f64 {
        route(name).map_or(1.0, |setting| self.share(concept(setting), &[0], cell))
    }

    fn agreement(&self, name: &str, value: f64) -> Outcome {
        let four_point = (self.population.panel, self.population.wave) == ("chronic", 2022);
        let rest = if four_point { [0.0, 0.65, 0.35] } else { [0.5, 0.33, 0.17] };
        let intercept = solve(|intercept| {
            self.population_mean(|cell| logistic(intercept + self.effect(name, cell))) - value
        });
        let row = |cell| {
            let agrees = logistic(intercept + self.effect(name, cell));
            let mut row = vec![agrees * 0.28, agrees * 0.72];
            row.extend(rest.map(|part| part * (1.0 - agrees)));
            row
        };
        let shares = (0..self.population.cells.len()).map(row).collect();
        Outcome::Choice { answers: vec![0, 1, 2, 3, 4], shares, needs_internet: false }
    }

    fn score(&self, name: &str, value: f64) -> Outcome {
        let gain = |cell| {
            LINKS
                .iter()
                .map(|(link, gain)| gain * self.share(concept(link), &[0], cell))
                .sum::<f64>()
        };
        let centre =
            value - self.population_mean(|cell| 0.6 * self.effect(name, cell) + gain(cell));
        let means = (0..self.population.cells.len())
            .map(|cell| centre + 0.6 * self.effect(name, cell))
            .collect();
        Outcome::Score { means }
    }

    /// Two planted values at once: those of 65 and over, and those with no or only primary education.
    fn computer_alone(&self) -> Outcome {
        let cells = &self.population.cells;
        let (mut older, mut primary) = (0.0, 0.0);
        let centre = -3.0;
        let not_alone = |older: f64, primary: f64, cell: usize| {
            let of = &cells[cell];
            let shift = if of.age >= 3 { older } else { 0.0 }
                + if of.education == 0 { primary } else { 0.0 };
            logistic(centre + shift - self.effect("computer", cell))
        };
        let mean_where = |test: &dyn Fn(&Cell) -> bool, older: f64, primary: f64| {
            let inside = |cell: usize| f64::from(u8::from(test(&cells[cell])));
            self.population_mean(|cell| inside(cell) * not_alone(older, primary, cell))
                / self.population_mean(inside)
        };
        for _ in 0..60 {
            older = solve(|older| {
                mean_where(&|cell| cell.age >= 3, older, primary) - planted::NOT_ALONE_65_PLUS
            });
            primary = solve(|primary| {
                mean_where(&|cell| cell.education == 0, older, primary) - planted::NOT_ALONE_PRIMARY
            });
        }
        let row = |cell| {
            let share = not_alone(older, primary, cell);
            vec![1.0 - share, share * 0.7, share * 0.3]
        };
        Outcome::Choice {
            answers: vec![0, 1, 2],
            shares: (0..cells.len()).map(row).collect(),
            needs_internet: false,
        }
    }
}

/// The contact that a question is about.
pub fn route(name: &str) -> Option<&'static str> {
    if !(name.ends_with("_wanted") || name.ends_with("_received")) {
        return None;
    }
    ["gp", "hospital", "home_care"]
        .iter()
        .position(|setting| name.starts_with(setting))
        .map(|place| ["gp_contact", "hospital_contact", "home_care_contact"][place])
}

/// Of those who do not say yes: the share that does not know.
fn unsure(name: &str) -> f64 {
    match name {
        "ai_use" => 0.11,
        "consent_recorded" => 0.4,
        _ if name.ends_with("_contact") => 0.0,
        _ if name.starts_with("process_") || name.ends_with("_wanted") => 0.12,
        _ => 0.05,
    }
}

fn offline(panel: &str, cell: &Cell) -> f64 {
    if is_provider(panel) { 0.0 } else { [0.002, 0.004, 0.01, 0.04, 0.12][cell.age] }
}

/// What a person's attributes add on the logit scale.
fn effect(panel: &str, name: &str, cell: &Cell) -> f64 {
    let women = [0.06, -0.06][cell.sex];
    if is_provider(panel) {
        let stratum =
            if panel == "nurse" { [0.35, 0.1, -0.45, -0.1] } else { [0.1, 0.0, -0.05, 0.05] };
        let organisation =
            if matches!(panel, "gp" | "specialist") { [-0.25, 0.0, 0.15] } else { [0.0; 3] };
        let age = [0.25, 0.1, -0.05, -0.25][cell.age];
        return age
            + women
            + [-0.5, 0.0, 0.35][cell.skill]
            + stratum[cell.stratum]
            + organisation[cell.organisation];
    }
    let young = [0.45, 0.3, 0.05, -0.25, -0.75][cell.age];
    let schooled = [-0.6, -0.3, -0.25, 0.0, 0.4][cell.education];
    let skilled = [-0.45, 0.0, 0.3][cell.skill];
    match name {
        "gp_contact" | "hospital_contact" => [-0.4, -0.2, 0.05, 0.35, 0.55][cell.age] + women,
        "home_care_contact" => [-1.6, -1.2, -0.5, 0.4, 1.6][cell.age] - 0.3 * schooled,
        "telemonitoring_use" => {
            [-0.3, -0.1, 0.1, 0.3, 0.1][cell.age] + 0.3 * schooled + 0.5 * skilled
        }
        _ if name.ends_with("_negative") => -0.4 * (young + schooled + skilled),
        _ if name.ends_with("_positive") => 0.4 * (young + schooled + skilled) + women,
        _ if name.ends_with("_received") => 0.5 * (young + schooled + skilled),
        _ => young + schooled + skilled + women,
    }
}

pub fn logistic(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// Root of a function that rises, by bisection.
fn solve(function: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-20.0, 20.0);
    for _ in 0..90 {
        let middle = f64::midpoint(low, high);
        if function(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_population_value_is_the_planted_one() {
        let model = Model::of("population", 2021);
        let value = model.population_mean(|cell| model.share(concept("written_use"), &[0], cell));
        assert!((value - 0.20).abs() < 1e-9, "{value}");
        let model = Model::of("gp", 2024);
        let value = model.population_mean(|cell| {
            model.expected_score(concept("impact_labour_market"), cell, None)
        });
        assert!((value - 5.2).abs() < 1e-9, "{value}");
    }

    #[test]
    fn shares_of_a_cell_are_probabilities() {
        for (panel, wave) in [("population", 2024), ("chronic", 2022), ("nurse", 2025)] {
            for (place, outcome) in &Model::of(panel, wave).outcomes {
                if let Outcome::Choice { shares, needs_internet, .. } = outcome {
                    for row in shares {
                        let total: f64 = row.iter().sum();
                        assert!(row.iter().all(|share| (0.0..=1.0).contains(share)));
                        assert!(*needs_internet || (total - 1.0).abs() < 1e-9, "{place} {total}");
                    }
                }
            }
        }
    }
}

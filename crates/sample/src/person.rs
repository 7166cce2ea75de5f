//! One synthetic respondent: a cell of the population and the answers drawn for it.

use crate::chance::Chance;
use crate::model::{LINKS, Model, Outcome};
use crate::population::ages;
use crate::questionnaire::{Content, Questionnaire, Route};
use crate::vocabulary::{
    Answer, BROKE_OFF, CONCEPTS, NOT_APPLICABLE, NOT_ROUTED, REFUSED, UNANSWERED, code, concept,
};

#[derive(Debug, Clone)]
pub struct Person {
    /// Place in the population's cells; not delivered.
    pub cell: usize,
    pub answers: Vec<Answer>,
}

/// What is looked up once a panel-wave, so that drawing is fast.
pub struct Drawing<'a> {
    model: &'a Model,
    panel: &'static str,
    /// Asked concepts with their route, in the order of the questionnaire.
    asked: Vec<(usize, Option<Route>)>,
    /// Background questions stand before this place in `asked`.
    background: usize,
    /// Tick boxes in `asked`: an empty one is a "no", so none is left open and nobody breaks off before the last.
    ticks: Vec<bool>,
    in_practice: bool,
    places: Places,
}

struct Places {
    in_practice: usize,
    birth_year: usize,
    age_reported: usize,
    sex: usize,
    education: usize,
    skill: usize,
    stratum: usize,
    region: usize,
    organisation: Option<usize>,
    version: usize,
    duration: usize,
    function: usize,
    links: [(usize, f64); 2],
    first_impact: usize,
    last_impact: usize,
    first_statement: usize,
    last_statement: usize,
}

impl Places {
    fn of(panel: &str) -> Self {
        let stratum = match panel {
            "nurse" => "sector",
            "social_physician" => "discipline",
            _ => "region",
        };
        let organisation = match panel {
            "gp" => Some(concept("practice_type")),
            "specialist" => Some(concept("hospital_type")),
            _ => None,
        };
        Self {
            in_practice: concept("in_practice"),
            birth_year: concept("birth_year"),
            age_reported: concept("age_reported"),
            sex: concept("sex"),
            education: concept("education_detail"),
            skill: concept("digital_skill"),
            stratum: concept(stratum),
            region: concept("region"),
            organisation,
            version: concept("questionnaire_version"),
            duration: concept("duration_seconds"),
            function: concept("care_function"),
            links: LINKS.map(|(link, gain)| (concept(link), gain)),
            first_impact: concept("impact_control"),
            last_impact: concept("impact_attitude"),
            first_statement: concept("statement_quality_positive"),
            last_statement: concept("statement_impersonal_negative"),
        }
    }
}

impl<'a> Drawing<'a> {
    pub fn new(model: &'a Model, panel: &'static str, questionnaire: &Questionnaire) -> Self {
        let (mut asked, mut ticks) = (Vec::new(), Vec::new());
        for column in &questionnaire.columns {
            if let Content::Answers(parts) = &column.content {
                asked.extend(parts.iter().map(|part| (part.concept, column.route.clone())));
                ticks.extend(parts.iter().map(|part| part.coding.is_tick()));
            }
        }
        let places = Places::of(panel);
        let background = asked.iter().take_while(|(place, _)| *place < places.duration).count();
        let in_practice = asked.iter().any(|(place, _)| *place == places.in_practice);
        Self { model, panel, asked, background, ticks, in_practice, places }
    }

    /// Draws a respondent into `person`.
    pub fn draw(&self, chance: &mut Chance, person: &mut Person) {
        let population = &self.model.population;
        let point = chance.uniform();
        person.cell = population
            .answering
            .partition_point(|below| *below <= point)
            .min(population.cells.len() - 1);
        person.answers.clear();
        person.answers.resize(CONCEPTS.len(), UNANSWERED);
        self.background(chance, person);
        let online = !chance.hit(self.model.offline[person.cell]);
        for (place, outcome) in &self.model.outcomes {
            person.answers[*place] = match outcome {
                Outcome::Choice { answers, shares, needs_internet } => {
                    if *needs_internet && !online {
                        NOT_APPLICABLE
                    } else {
                        let scale = if *needs_internet {
                            1.0 - self.model.offline[person.cell]
                        } else {
                            1.0
                        };
                        choose(answers, &shares[person.cell], chance.uniform() * scale)
                    }
                }
                Outcome::Score { means } => self.score(means[person.cell], chance, person),
            };
        }
        self.leave_out(chance, person);
    }

    fn background(&self, chance: &mut Chance, person: &mut Person) {
        let (places, cell) = (&self.places, self.model.population.cells[person.cell]);
        let wave = self.model.population.wave;
        let (youngest, oldest) = ages(self.panel, cell.age);
        let age = youngest + chance.below((oldest - youngest + 1) as usize) as i16;
        let answers = &mut person.answers;
        answers[places.birth_year] = wave as i16 - age;
        answers[places.age_reported] = age;
        answers[places.sex] =
            if wave >= 2022 && chance.hit(0.005) { 2 } else { cell.sex as Answer };
        answers[places.education] = cell.education as Answer;
        answers[places.skill] = cell.skill as Answer;
        answers[places.region] = chance.below(4) as Answer;
        answers[places.stratum] = cell.stratum as Answer;
        if let Some(organisation) = places.organisation {
            answers[organisation] = cell.organisation as Answer;
        }
        if let Some(function) =
            ["gp", "specialist", "social_physician"].iter().position(|of| *of == self.panel)
        {
            answers[places.function] = function as Answer;
        }
        // a split ballot: one in five of the chronically ill got the other version in 2021
        let other_version = (self.panel, wave) == ("chronic", 2021) && chance.hit(0.2);
        answers[places.version] =
            code("questionnaire_version", if other_version { "B" } else { "A" });
        answers[places.in_practice] = Answer::from(self.in_practice && chance.hit(0.035));
        answers[places.duration] = (620.0 * (0.35 * chance.normal()).exp()) as Answer;
    }

    /// A whole number from 0 to 10 whose expectation is exactly the cell's mean plus what the applications add.
    fn score(&self, mean: f64, chance: &mut Chance, person: &Person) -> Answer {
        let gain: f64 = self
            .places
            .links
            .iter()
            .filter(|(link, _)| person.answers[*link] == 0)
            .map(|(_, gain)| gain)
            .sum();
        let spread = if chance.hit(0.5) { 0.08 } else { -0.08 };
        let share = (mean + gain) / 10.0 + spread;
        (0..10).map(|_| Answer::from(chance.hit(share))).sum()
    }

    /// Routing, questions left open, refusals, and who breaks off: all by chance alone.
    fn leave_out(&self, chance: &mut Chance, person: &mut Person) {
        let places = &self.places;
        for (row, (place, _)) in self.asked.iter().enumerate() {
            let background = row < self.background;
            let kept = [places.function, places.version, places.in_practice].contains(place);
            let draw = chance.uniform();
            if kept || self.ticks[row] {
                continue;
            }
            if *place == places.birth_year || *place == places.age_reported {
                if draw < 0.004 {
                    person.answers[*place] = UNANSWERED;
                }
            } else if background && (*place == places.sex || *place == places.education) {
                if draw < 0.006 {
                    person.answers[*place] = REFUSED;
                }
            } else if !background && draw < 0.007 {
                person.answers[*place] = UNANSWERED;
            } else if !background && draw < 0.009 {
                person.answers[*place] = REFUSED;
            } else if !background && draw < 0.03 && self.opinion(*place) {
                person.answers[*place] = crate::vocabulary::DONT_KNOW;
            }
        }
        for (place, route) in &self.asked {
            if let Some((by, codes)) = route
                && !codes.contains(&person.answers[*by])
            {
                person.answers[*place] = NOT_ROUTED;
            }
        }
        if chance.hit(0.015) {
            let first = self.ticks.iter().rposition(|tick| *tick).unwrap_or(self.background) + 1;
            let from = first + chance.below(self.asked.len() - first);
            for (place, _) in &self.asked[from..] {
                person.answers[*place] = BROKE_OFF;
            }
        }
    }

    /// Scores and statements: "don't know" is a missing answer there.
    fn opinion(&self, place: usize) -> bool {
        (self.places.first_impact..=self.places.last_impact).contains(&place)
            || (self.places.first_statement..=self.places.last_statement).contains(&place)
    }
}

fn choose(answers: &[Answer], shares: &[f64], point: f64) -> Answer {
    let mut below = 0.0;
    for (answer, share) in answers.iter().zip(shares) {
        below += share;
        if point < below {
            return *answer;
        }
    }
    answers[answers.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_scores_have_the_mean_of_their_cell() {
        let model = Model::of("nurse", 2025);
        let questionnaire = Questionnaire::of("nurse", 2025);
        let drawing = Drawing::new(&model, "nurse", &questionnaire);
        let (mut chance, mut person) =
            (Chance::new(1, "test"), Person { cell: 0, answers: Vec::new() });
        let place = concept("impact_quality");
        let (mut total, mut expected, mut count) = (0.0, 0.0, 0.0);
        for _ in 0..40_000 {
            drawing.draw(&mut chance, &mut person);
            if person.answers[place] >= 0 {
                total += f64::from(person.answers[place]);
                expected += model.expected_score(place, person.cell, None);
                count += 1.0;
            }
        }
        assert!(
            ((total - expected) / count).abs() < 0.04,
            "{} {}",
            total / count,
            expected / count
        );
    }
}

//! One synthetic respondent: a cell of the population and the answers drawn for it.

use crate::chance::Chance;
use crate::model::{LINKS, Model, Outcome};
use crate::population::ages;
use crate::questionnaire::{Content, Questionnaire, Route};
use crate::vocabulary::{
    Answer, BROKE_OFF, CONCEPTS, NOT_APPLICABLE, NOT_ROUTED, REFUSED, UNANSWERED, code, concept,
};

#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Place in the population's cells; not delivered.
    pub cell: usize,
    pub answers: Vec<Answer>,
    /// Number in the access panel; empty: the producer's own number.
    pub number: String,
    pub birth_year: i16,
    /// Answers neither female nor male where that can be answered.
    third_sex: bool,
    region: Answer,
    /// Place of each answer in its distribution, from 0 to 1, by concept; behind them that of being online. NaN: never asked.
    points: Vec<f64>,
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

    /// Draws a respondent who was not there before into `person`.
    pub fn draw(&self, chance: &mut Chance, person: &mut Person) {
        self.recruit(self.cell(chance), chance, person);
    }

    /// Place of a respondent in the population's cells, by who answers.
    pub fn cell(&self, chance: &mut Chance) -> usize {
        let population = &self.model.population;
        let point = chance.uniform();
        let place = population.answering.partition_point(|below| *below <= point);
        place.min(population.cells.len() - 1)
    }

    /// A new respondent of a cell.
    pub fn recruit(&self, place: usize, chance: &mut Chance, person: &mut Person) {
        let cell = self.model.population.cells[place];
        let (youngest, oldest) = ages(self.panel, cell.age);
        let age = youngest + chance.below((oldest - youngest + 1) as usize) as i16;
        person.birth_year = self.model.population.wave as i16 - age;
        person.third_sex = chance.hit(0.005);
        person.region = chance.below(4) as Answer;
        person.points.clear();
        person.points.resize(CONCEPTS.len() + 1, f64::NAN);
        self.answer(place, 0.0, chance, person);
    }

    /// The answers of a respondent who is in a cell now; each keeps its place in the distribution with probability `kept`.
    pub fn answer(&self, cell: usize, kept: f64, chance: &mut Chance, person: &mut Person) {
        person.cell = cell;
        person.answers.clear();
        person.answers.resize(CONCEPTS.len(), UNANSWERED);
        self.background(chance, person);
        let online = person.point(CONCEPTS.len(), kept, chance) >= self.model.offline[cell];
        for (place, outcome) in &self.model.outcomes {
            let point = person.point(*place, kept, chance);
            person.answers[*place] = match outcome {
                Outcome::Choice { needs_internet: true, .. } if !online => NOT_APPLICABLE,
                Outcome::Choice { answers, shares, needs_internet } => {
                    let offline = if *needs_internet { self.model.offline[cell] } else { 0.0 };
                    choose(answers, &shares[cell], point * (1.0 - offline))
                }
                Outcome::Score { means } => score(means[cell] + self.gain(person), point),
            };
        }
        self.leave_out(chance, person);
    }

    fn background(&self, chance: &mut Chance, person: &mut Person) {
        let (places, cell) = (&self.places, self.model.population.cells[person.cell]);
        let wave = self.model.population.wave;
        let answers = &mut person.answers;
        answers[places.birth_year] = person.birth_year;
        answers[places.age_reported] = wave as i16 - person.birth_year;
        answers[places.sex] = if wave >= 2022 && person.third_sex { 2 } else { cell.sex as Answer };
        answers[places.education] = cell.education as Answer;
        answers[places.skill] = cell.skill as Answer;
        answers[places.region] = person.region;
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

    /// What the applications in use add to a score.
    fn gain(&self, person: &Person) -> f64 {
        let uses = |link: &usize| person.answers[*link] == 0;
        self.places.links.iter().filter(|(link, _)| uses(link)).map(|(_, gain)| gain).sum()
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

impl Person {
    /// Where in a distribution this respondent is: as before with probability `kept`.
    fn point(&mut self, place: usize, kept: f64, chance: &mut Chance) -> f64 {
        if self.points[place].is_nan() || !chance.hit(kept) {
            self.points[place] = chance.uniform();
        }
        self.points[place]
    }
}

/// The whole number from 0 to 10 at a point of its distribution, whose expectation is exactly `mean`: ten trials around it.
fn score(mean: f64, point: f64) -> Answer {
    /// How far the two halves of the respondents are from the mean, as a share.
    const SPREAD: f64 = 0.08;
    let trials = |share: f64| {
        let share = share.clamp(0.0, 1.0 - 1e-12);
        (share / (1.0 - share), (1.0 - share).powi(10))
    };
    let (mut low, mut high) = (trials(mean / 10.0 - SPREAD), trials(mean / 10.0 + SPREAD));
    let mut below = 0.0;
    for value in 0..10_i16 {
        below += f64::midpoint(low.1, high.1);
        if point < below {
            return value;
        }
        let next = f64::from(10 - value) / f64::from(value + 1);
        low.1 *= low.0 * next;
        high.1 *= high.0 * next;
    }
    10
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
        let (mut chance, mut person) = (Chance::new(1, "test"), Person::default());
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

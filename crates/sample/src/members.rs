//! Access panels: most respondents of a wave answered the wave before, with the same number, the same background and much
//! the same answers. Doctors are drawn from a register, so that fewer come back.

use crate::chance::Chance;
use crate::model::Model;
use crate::person::{Drawing, Person};
use crate::population::size;
use crate::population::{Cell, Population, WAVES, ages};
use crate::questionnaire::Questionnaire;

/// Probability that an answer keeps its place in the distribution of its cell, which is the correlation between waves: a place
/// is drawn anew otherwise. What is planted in a wave does not depend on it.
const KEPT: f64 = 0.6;
/// Age until which an education may rise.
const STUDIES_UNTIL: i16 = 45;

/// Share of a wave's respondents who answered the wave before.
pub fn returning(panel: &str) -> f64 {
    if is_doctor(panel) { 0.25 } else { 0.6 }
}

fn is_doctor(panel: &str) -> bool {
    matches!(panel, "gp" | "specialist" | "social_physician")
}

/// A respondent's number: the panel's letter and a number that tells nothing of the order.
pub fn number(panel: &str, recruited: usize) -> String {
    let letter = match panel {
        "gp" => 'H',
        "specialist" => 'M',
        "social_physician" => 'S',
        "nurse" => 'V',
        "population" => 'B',
        "chronic" => 'C',
        _ => 'A',
    };
    format!("{letter}{}", 100_000 + recruited * 7_919 % 900_000)
}

/// The respondents of a panel-wave, in the order of their interviews.
pub fn respondents(panel: &'static str, wave: u16, seed: u64) -> Vec<Person> {
    let (mut present, mut recruited) = (Vec::new(), 0);
    for wave in WAVES.into_iter().filter(|earlier| *earlier <= wave) {
        present = next(panel, wave, seed, present, &mut recruited);
    }
    present
}

/// The respondents of a wave, given those of the wave before.
///
/// Who answers is drawn first, as if nobody returned; then those of the wave before take the places that fit them. So the sample
/// of every wave is what the planted response makes it.
fn next(
    panel: &'static str,
    wave: u16,
    seed: u64,
    before: Vec<Person>,
    recruited: &mut usize,
) -> Vec<Person> {
    let file = if is_doctor(panel) && wave >= 2024 { "doctors" } else { panel };
    let (model, questionnaire) = (Model::of(panel, wave), Questionnaire::of(file, wave));
    let drawing = Drawing::new(&model, panel, &questionnaire);
    let mut chance = Chance::new(seed, &format!("respondents {panel} {wave}"));
    let places: Vec<usize> = (0..size(panel, wave)).map(|_| drawing.cell(&mut chance)).collect();
    let returned = fill(&model.population, &places, before);
    let person = |(place, returned): (usize, Option<Person>)| {
        let mut person = returned.unwrap_or_default();
        if person.number.is_empty() {
            person.number = number(panel, *recruited);
            *recruited += 1;
            drawing.recruit(place, &mut chance, &mut person);
        } else {
            drawing.answer(place, KEPT, &mut chance, &mut person);
        }
        person
    };
    places.into_iter().zip(returned).map(person).collect()
}

/// Who of the wave before takes which place, until the planted share has returned; first those in whom nothing changed.
fn fill(population: &Population, places: &[usize], before: Vec<Person>) -> Vec<Option<Person>> {
    let wanted = (returning(population.panel) * places.len() as f64).round() as usize;
    let mut waiting: Vec<Option<Person>> = before.into_iter().map(Some).collect();
    let mut filled: Vec<Option<Person>> = places.iter().map(|_| None).collect();
    let mut count = 0;
    for change in [Change::Nothing, Change::Education, Change::Skill] {
        for (place, filled) in places.iter().zip(&mut filled) {
            if count == wanted || filled.is_some() {
                continue;
            }
            let fits = |person: &&mut Option<Person>| {
                person.as_ref().is_some_and(|person| change.allows(population, person, *place))
            };
            *filled = waiting.iter_mut().find(fits).and_then(Option::take);
            count += usize::from(filled.is_some());
        }
    }
    filled
}

/// What may have changed in somebody since the wave before.
#[derive(Clone, Copy)]
enum Change {
    Nothing,
    /// A higher education.
    Education,
    /// One step of digital skill, too.
    Skill,
}

impl Change {
    /// Whether somebody of the wave before can be in a cell now.
    fn allows(self, population: &Population, person: &Person, place: usize) -> bool {
        let (was, is) = (population.cells[person.cell], population.cells[place]);
        let age = population.wave as i16 - person.birth_year;
        let (youngest, oldest) = ages(population.panel, is.age);
        let settled = |cell: Cell| (cell.sex, cell.stratum, cell.organisation);
        if !(youngest..=oldest).contains(&age) || settled(was) != settled(is) {
            return false;
        }
        let rose = was.education < is.education && age <= STUDIES_UNTIL;
        match self {
            Self::Nothing => was.education == is.education && was.skill == is.skill,
            Self::Education => (was.education == is.education || rose) && was.skill == is.skill,
            Self::Skill => {
                (was.education == is.education || rose) && was.skill.abs_diff(is.skill) <= 1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::population::PANELS;
    use crate::vocabulary::concept;

    /// Respondents of two waves by number.
    fn both(panel: &'static str, wave: u16) -> (Vec<(Person, Person)>, usize) {
        let before: BTreeMap<String, Person> = respondents(panel, wave - 1, 20_251)
            .into_iter()
            .map(|person| (person.number.clone(), person))
            .collect();
        let present = respondents(panel, wave, 20_251);
        let count = present.len();
        let pair = |person: Person| Some((before.get(&person.number)?.clone(), person));
        (present.into_iter().filter_map(pair).collect(), count)
    }

    #[test]
    fn the_planted_share_returns_with_the_same_background() {
        for panel in PANELS {
            let numbers: Vec<String> =
                respondents(panel, 2025, 1).into_iter().map(|person| person.number).collect();
            let distinct: std::collections::BTreeSet<&String> = numbers.iter().collect();
            assert_eq!(distinct.len(), numbers.len(), "{panel}: a number is one respondent's");
            for wave in [2022, 2024] {
                let (pairs, count) = both(panel, wave);
                let share = pairs.len() as f64 / count as f64;
                assert!((share - returning(panel)).abs() < 0.002, "{panel} {wave}: {share}");
                let cells = Population::of(panel, wave).cells;
                for (before, after) in pairs {
                    assert_eq!(before.birth_year, after.birth_year);
                    assert_eq!(cells[before.cell].sex, cells[after.cell].sex);
                    assert!(cells[before.cell].education <= cells[after.cell].education);
                }
            }
        }
    }

    #[test]
    fn answers_of_those_who_return_correlate() {
        let (pairs, _) = both("nurse", 2025);
        let place = concept("written_use");
        let yes: Vec<(f64, f64)> = pairs
            .iter()
            .map(|(before, after)| (before.answers[place], after.answers[place]))
            .filter(|(before, after)| *before >= 0 && *after >= 0)
            .map(|(before, after)| (f64::from(1 - before), f64::from(1 - after)))
            .collect();
        let mean =
            |of: &dyn Fn(&(f64, f64)) -> f64| yes.iter().map(of).sum::<f64>() / yes.len() as f64;
        let (first, second) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
        let covariance = mean(&|pair| pair.0 * pair.1) - first * second;
        let correlation = covariance / (first * (1.0 - first) * second * (1.0 - second)).sqrt();
        assert!((0.4..0.8).contains(&correlation), "{correlation}");
    }
}

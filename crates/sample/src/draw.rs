//! The respondents of a file, drawn and written out as rows of text with the dirt that real files have.

use crate::chance::Chance;
use crate::delivery::Delivery;
use crate::dirt;
use crate::members;
use crate::model::Model;
use crate::person::Person;
use crate::producer::Producer;
use crate::questionnaire::{Column, Content, Questionnaire, panels_of};
use crate::vocabulary::{Answer, BROKE_OFF, CONCEPTS, NOT_ROUTED, concept};

impl Delivery {
    pub fn draw(panel: &'static str, wave: u16, seed: u64) -> Self {
        let questionnaire = Questionnaire::of(panel, wave);
        let mut chance = Chance::new(seed, &format!("{panel} {wave}"));
        let mut people = Vec::new();
        for group in panels_of(panel) {
            let mut drawn = members::respondents(group, wave, seed);
            if (group, wave) == ("chronic", 2021) {
                split_ballot(&Model::of(group, wave), &mut drawn);
            }
            straightliners(&mut drawn, &mut chance);
            people.extend(drawn);
        }
        if panel == "doctors" {
            other_functions(&mut people);
            shuffle(&mut people, &mut chance);
        }
        speeders(&mut people, &mut chance);
        let rows = people
            .iter()
            .enumerate()
            .map(|(number, person)| row(&questionnaire, person, number, &mut chance));
        let mut delivery = Self { rows: rows.collect(), questionnaire, dirt: Vec::new() };
        dirt::plant(&mut delivery, &mut chance);
        delivery
    }
}

/// The version with the question on written digital communication goes to every fifth respondent along age and
/// education, so that all age groups stay below thirty answers.
fn split_ballot(model: &Model, people: &mut [Person]) {
    let (version, written) = (concept("questionnaire_version"), concept("written_use"));
    let mut order: Vec<usize> = (0..people.len()).collect();
    let key = |place: &usize| {
        let cell = model.population.cells[people[*place].cell];
        (cell.age, cell.education, cell.sex, *place)
    };
    order.sort_by_key(key);
    let mut chance = Chance::new(7, "split ballot");
    for (rank, place) in order.into_iter().enumerate() {
        let (person, asked) = (&mut people[place], rank % 5 == 2);
        person.answers[version] = Answer::from(asked);
        if person.answers[written] == BROKE_OFF {
            continue;
        }
        let yes = chance.hit(model.share(written, &[0], person.cell));
        person.answers[written] = if asked { Answer::from(!yes) } else { NOT_ROUTED };
    }
}

/// The same answer to the whole block.
fn straightliners(people: &mut [Person], chance: &mut Chance) {
    let blocks = [
        ("impact_control", "impact_attitude"),
        ("statement_quality_positive", "statement_impersonal_negative"),
    ];
    let count = people.len() / 150;
    for _ in 0..count {
        let place = chance.below(people.len());
        for (first, last) in blocks {
            let block = concept(first)..=concept(last);
            let answer = people[place].answers[concept(first)];
            if block.clone().all(|of| people[place].answers[of] >= 0) {
                block.for_each(|of| people[place].answers[of] = answer);
            }
        }
    }
}

fn speeders(people: &mut [Person], chance: &mut Chance) {
    for _ in 0..people.len() / 90 {
        let place = chance.below(people.len());
        people[place].answers[concept("duration_seconds")] = 60 + chance.below(60) as Answer;
    }
}

/// Doctors whose function belongs to none of the three panels.
fn other_functions(people: &mut Vec<Person>) {
    let mut others: Vec<Person> = people.iter().take(12).cloned().collect();
    for (place, person) in others.iter_mut().enumerate() {
        person.number = members::number("other_function", place);
        person.answers[concept("care_function")] = 3;
        for name in ["practice_type", "hospital_type", "discipline", "region", "exchange_home_care"]
        {
            person.answers[concept(name)] = NOT_ROUTED;
        }
    }
    people.extend(others);
}

fn shuffle(people: &mut [Person], chance: &mut Chance) {
    for place in (1..people.len()).rev() {
        people.swap(place, chance.below(place + 1));
    }
}

/// One row of a file.
pub fn row(
    questionnaire: &Questionnaire,
    person: &Person,
    number: usize,
    chance: &mut Chance,
) -> Vec<String> {
    let mut row = Vec::with_capacity(questionnaire.columns.len());
    for column in &questionnaire.columns {
        let mut cell = String::new();
        cell_text(questionnaire, column, person, number, chance, &mut cell);
        row.push(cell);
    }
    row
}

/// The text of one cell, appended to `text`.
pub fn cell_text(
    questionnaire: &Questionnaire,
    column: &Column,
    person: &Person,
    number: usize,
    chance: &mut Chance,
    text: &mut String,
) {
    use std::fmt::Write as _;
    let (panel, wave, producer) = (questionnaire.panel, questionnaire.wave, questionnaire.producer);
    let year = wave % 100;
    let written = match &column.content {
        Content::Id if !person.number.is_empty() => write!(text, "{}", person.number),
        Content::Id => match producer {
            Producer::Qualtrics => write!(text, "R_{year}{}{number:07}", &panel[..3]),
            Producer::Spss | Producer::Excel => write!(text, "{year}{:06}", number + 100_000),
            Producer::ExcelTwoHeaders => {
                write!(text, "{}{year}-{:05}", panel[..1].to_uppercase(), number + 1)
            }
            Producer::SurveyMonkey => write!(text, "11{year}{:07}", number + 1),
            _ => write!(text, "{year}{:06}", number + 1),
        },
        Content::Duration => {
            let seconds = person.answers[concept_duration()];
            match producer {
                Producer::Spss => write!(text, "{seconds},{}", number % 10),
                Producer::LimeSurvey | Producer::LimeSurveyLabels => {
                    write!(text, "{seconds}.{:02}", number % 100)
                }
                _ => write!(text, "{seconds}"),
            }
        }
        Content::Submitted if broke_off(person) => Ok(()),
        Content::Start | Content::Submitted => start(producer, wave, number, text),
        Content::Finished => write!(text, "{}", if broke_off(person) { "False" } else { "True" }),
        Content::LastPage => write!(text, "{}", if broke_off(person) { 3 } else { 6 }),
        Content::Progress => write!(text, "{}", if broke_off(person) { 61 } else { 100 }),
        Content::Fixed(fixed) => write!(text, "{fixed}"),
        Content::Email => write!(text, "synthetisch{number}@example.org"),
        Content::Name => write!(text, "Synthetisch {number}"),
        Content::Address => write!(text, "192.0.2.{}", number % 250 + 1),
        Content::Remark => {
            if chance.hit(0.01) {
                write!(text, "Synthetische opmerking: \"geen\"; zie vraag {}", number % 9 + 1)
            } else {
                Ok(())
            }
        }
        Content::Noise => write!(text, "{}", if chance.hit(0.6) { "Y" } else { "" }),
        Content::Answers(parts) if parts.len() > 1 => {
            for part in parts {
                if person.answers[part.concept] == 0 {
                    let _ = write!(text, "{};", part.option);
                }
            }
            Ok(())
        }
        Content::Answers(parts) => {
            let answer = person.answers[parts[0].concept];
            match parts[0].coding.text(answer, chance.below(60)) {
                Some(known) => write!(text, "{known}"),
                None => write!(text, "{answer}"),
            }
        }
    };
    // writing to a String cannot fail
    let _ = written;
}

fn broke_off(person: &Person) -> bool {
    person.answers.contains(&BROKE_OFF)
}

fn concept_duration() -> usize {
    const { duration_place() }
}

const fn duration_place() -> usize {
    let mut place = 0;
    while place < CONCEPTS.len() {
        if matches!(CONCEPTS[place].name.as_bytes(), b"duration_seconds") {
            return place;
        }
        place += 1;
    }
    0
}

/// Start of the interview: fieldwork is in March and April of the wave.
fn start(producer: Producer, wave: u16, number: usize, text: &mut String) -> std::fmt::Result {
    use std::fmt::Write as _;
    let (month, day) = (3 + (number / 28) % 2, 1 + number % 28);
    let (hour, minute, second) = (8 + number % 12, number * 7 % 60, number * 13 % 60);
    match producer {
        Producer::Spss => {
            write!(text, "{day:02}-{month:02}-{wave} {hour:02}:{minute:02}:{second:02}")
        }
        Producer::SurveyMonkey => {
            write!(text, "{month:02}/{day:02}/{wave} {hour:02}:{minute:02}:{second:02}")
        }
        _ => write!(text, "{wave}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
    }
}

/// True for a column that a workbook holds as numbers.
pub fn is_numeric(column: &Column) -> bool {
    match &column.content {
        Content::Duration => true,
        Content::Answers(parts) => {
            parts.len() == 1 && (parts[0].coding.number || parts[0].coding.name.ends_with("recode"))
        }
        _ => false,
    }
}

/// For the README: who delivered.
pub fn group_name(panel: &str) -> &'static str {
    match panel {
        "doctors" => "artsen (huisartsen, medisch specialisten, sociaal geneeskundigen)",
        "gp" => "huisartsen",
        "specialist" => "medisch specialisten",
        "social_physician" => "sociaal geneeskundigen",
        "nurse" => "verpleegkundigen",
        "population" => "algemene bevolking",
        _ => "mensen met een chronische ziekte",
    }
}

#[cfg(test)]
mod tests {
    use crate::population::size;

    use super::*;
    use crate::population::{PANELS, WAVES, is_provider};

    #[test]
    fn sizes_are_those_of_the_monitor() {
        for panel in PANELS {
            for wave in WAVES {
                let range = match panel {
                    "nurse" => 300..=700,
                    _ if is_provider(panel) => 150..=350,
                    _ => 450..=1100,
                };
                assert!(range.contains(&size(panel, wave)), "{panel} {wave}");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_rows() {
        let one = Delivery::draw("doctors", 2025, 5);
        let two = Delivery::draw("doctors", 2025, 5);
        let other = Delivery::draw("doctors", 2025, 6);
        assert!(one.rows == two.rows && one.rows != other.rows);
    }
}

//! The dirt that real files have: few cells, each kind in files named here, listed in the README.

use crate::chance::Chance;
use crate::delivery::{AS_TEXT, Delivery, NOT_AVAILABLE};
use crate::producer::Producer;

/// Plants what this file has, and says so in `dirt`.
pub fn plant(delivery: &mut Delivery, chance: &mut Chance) {
    let (panel, wave, producer) = (
        delivery.questionnaire.panel,
        delivery.questionnaire.wave,
        delivery.questionnaire.producer,
    );
    match (panel, wave) {
        ("gp", 2021) => {
            overwrite(delivery, chance, "impact_quality", NOT_AVAILABLE, 2);
            text_numbers(delivery, chance, "birth_year", 9);
        }
        ("specialist", 2021) => {
            overwrite(delivery, chance, "impact_accessibility", "weet niet", 1);
            overwrite(delivery, chance, "impact_control", "11", 1);
        }
        ("specialist", 2022) => {
            overwrite(delivery, chance, "impact_control", NOT_AVAILABLE, 1);
            text_numbers(delivery, chance, "impact_quality", 6);
        }
        ("nurse", 2021) => overwrite(delivery, chance, "birth_year", "1890", 1),
        ("nurse", 2022) => duplicates(delivery, chance, 3),
        ("nurse", 2024) => trailing_spaces(delivery, chance),
        ("population", 2021) => {
            duplicates(delivery, chance, 4);
            overwrite(delivery, chance, "birth_year", "weet niet", 1);
        }
        ("population", 2023) => overwrite(delivery, chance, "portal_use", "A7", 1),
        ("chronic", 2021) => {
            overwrite(delivery, chance, "age_reported", "99", 1);
            delivery.dirt.push("where 99 is a true age, not a missing code".to_owned());
        }
        ("chronic", 2022) => {
            overwrite_text(delivery, chance, "statement_quality_positive", "Een beetje eens", 1);
            let last = delivery.rows.len() - 1;
            delivery.rows[last][0].clear();
            delivery.dirt.push("one row without a respondent number".to_owned());
        }
        ("population", 2025) => answered_though_not_shown(delivery),
        ("doctors", 2024) => {
            overwrite_text(delivery, chance, "portal_use", "Jaa", 1);
            overwrite(delivery, chance, "impact_prevention", NOT_AVAILABLE, 2);
            text_numbers(delivery, chance, "birth_year", 14);
        }
        ("doctors", 2025) => {
            duplicates(delivery, chance, 2);
            text_numbers(delivery, chance, "impact_control", 8);
        }
        _ => {}
    }
    let general = match producer {
        Producer::LimeSurvey => {
            "duplicate headers `Toelichting - comment`, IP addresses, a blank last line"
        }
        Producer::LimeSurveyLabels => "headings of code and text, IP addresses, a blank last line",
        Producer::Qualtrics => "three header rows, IP and e-mail addresses, two preview rows",
        Producer::SurveyMonkey => {
            "two header rows, IP and e-mail addresses; a checkbox holds its own label"
        }
        Producer::MicrosoftForms => {
            "e-mail addresses and names, several answers in one cell (`a;b;`)"
        }
        Producer::Spss => {
            "Windows-1252, decimal comma, numeric codes, missing codes as ordinary numbers"
        }
        Producer::ExcelTwoHeaders | Producer::Excel => {
            "data that does not start at A1, a hidden sheet, a blank row, a row `Totaal` and a source line at the end"
        }
    };
    delivery.dirt.push(general.to_owned());
}

fn overwrite(
    delivery: &mut Delivery,
    chance: &mut Chance,
    concept: &str,
    text: &str,
    cells: usize,
) {
    let Some(column) = delivery.column(concept) else { return };
    let mut left = cells;
    while left > 0 {
        let row = chance.below(delivery.rows.len());
        if delivery.rows[row][column].parse::<f64>().is_ok()
            || delivery.rows[row][column].starts_with('A')
        {
            text.clone_into(&mut delivery.rows[row][column]);
            left -= 1;
        }
    }
    let header = &delivery.questionnaire.columns[column].header;
    delivery.dirt.push(format!("`{text}` in {cells} cell(s) of `{header}`"));
}

fn overwrite_text(
    delivery: &mut Delivery,
    chance: &mut Chance,
    concept: &str,
    text: &str,
    cells: usize,
) {
    let Some(column) = delivery.column(concept) else { return };
    let mut left = cells;
    while left > 0 {
        let row = chance.below(delivery.rows.len());
        if !delivery.rows[row][column].is_empty() {
            text.clone_into(&mut delivery.rows[row][column]);
            left -= 1;
        }
    }
    let header = &delivery.questionnaire.columns[column].header;
    delivery.dirt.push(format!(
        "`{text}`, which the codebook does not know, in {cells} cell(s) of `{header}`"
    ));
}

/// Numbers that are stored as text.
fn text_numbers(delivery: &mut Delivery, chance: &mut Chance, concept: &str, cells: usize) {
    let Some(column) = delivery.column(concept) else { return };
    for _ in 0..cells {
        let row = chance.below(delivery.rows.len());
        let cell = &mut delivery.rows[row][column];
        if cell.parse::<f64>().is_ok() {
            cell.insert(0, AS_TEXT);
        }
    }
    let header = &delivery.questionnaire.columns[column].header;
    delivery.dirt.push(format!("numbers stored as text in up to {cells} cells of `{header}`"));
}

/// The same respondent twice, with the same answers.
fn duplicates(delivery: &mut Delivery, chance: &mut Chance, rows: usize) {
    for _ in 0..rows {
        let row = chance.below(delivery.rows.len());
        let copy = delivery.rows[row].clone();
        delivery.rows.push(copy);
    }
    delivery.dirt.push(format!("{rows} respondents delivered twice"));
}

/// Somebody without hospital contact who answers a hospital question.
fn answered_though_not_shown(delivery: &mut Delivery) {
    let places =
        (delivery.column("hospital_contact"), delivery.column("hospital_appointment_received"));
    let (Some(contact), Some(question)) = places else { return };
    if let Some(row) =
        delivery.rows.iter_mut().find(|row| row[contact] == "Nee" && row[question].is_empty())
    {
        "Ja".clone_into(&mut row[question]);
        delivery.dirt.push("one answer to a question that was not shown".to_owned());
    }
}

fn trailing_spaces(delivery: &mut Delivery, chance: &mut Chance) {
    for row in &mut delivery.rows {
        for cell in row.iter_mut() {
            if *cell == "Nee" && chance.hit(0.05) {
                cell.push(' ');
            }
        }
    }
    delivery.dirt.push("labels with a trailing space".to_owned());
}
